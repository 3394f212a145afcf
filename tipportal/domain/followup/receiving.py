"""What came in: by channel, half-year and organisation, how it was found, and who told."""

from __future__ import annotations

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from .breakdowns import DIALOGUE, NAMED, ORIGIN, RECEIVED, RELATION
from .counting import LONGEST_SUM, Breakdown, Span
from .facts import OrganisationFacts
from .grids import Line, Spot, Words, grid, halves_of, keyed_lines, period_title, period_words, years_of
from .phrases import Noun, difference, is_shown, percent, said
from .report import Column, Figure, Head, Paragraph, Section, Table, Unit
from .view import View

TOTAL = Head("total", Sentence(N_("Summa")), total=True)
_CATEGORY = Sentence(N_("Kanal"))
_RECEIVED = N_("Antal ärenden efter den dag då de kom in, ur loggens poster om inkomna ärenden.")
_PLURAL = {Channel.TIP: N_("Tips, antal"), Channel.REPORT: N_("Rapporter, antal")}


def received(view: View) -> Section:
    """What came in, over the years and from where."""
    tables = [received_table(view)]
    if view.scope is None and len(organisations(view)) > 1:
        tables.append(by_organisation(view))
    tables += [series(view), origin(view)]
    return Section("received", Sentence(N_("Inkomna ärenden")), tuple(received_words(view)), tuple(tables))


def told_by(view: View) -> Section:
    """Who told, as far as the function has noted it: relation, anonymity, and whether a dialogue came of it."""
    words = Words(
        "relation",
        Sentence(N_("Vem som har rapporterat")),
        Sentence(N_("Grupp")),
        Sentence(N_("Rapporter efter rapportörens koppling till verksamheten, som handläggarna har antecknat den.")),
    )
    of = view.seen(RELATION)
    lines = [*keyed_lines(of), Line(TOTAL)]
    return Section(
        "told_by",
        Sentence(N_("De som hörde av sig")),
        tuple(_told_by_words(view)),
        (grid(view, words, of, lines, years_of(view)), shares(view)),
    )


def received_words(view: View) -> list[Paragraph]:
    """How many came in, and how many the year before."""
    tips, reports = view.received(Channel.TIP), view.received(Channel.REPORT)
    if not is_shown(tips, reports):
        return []
    values = {
        "period": period_words(view.span),
        "tips": said(Noun.TIPS, tips),
        "reports": said(Noun.REPORTS, reports),
    }
    found = [Paragraph("received", Sentence(N_("Under %(period)s kom %(tips)s och %(reports)s in."), values))]
    running = view.request.period.is_running(view.request.as_of)
    compared = None if running else difference(view.received(), view.received(span=view.before), view.before.period)
    if compared is not None:
        found.append(Paragraph("received_change", compared))
    return found


def received_table(view: View) -> Table:
    """Tips and reports by half-year."""
    words = Words("received", Sentence(N_("Inkomna tips och rapporter")), _CATEGORY, Sentence(_RECEIVED))
    return grid(view, words, RECEIVED, [*_channels(), Line(TOTAL)], halves_of(view))


def series(view: View) -> Table:
    """Tips and reports of five years."""
    words = Words("series", Sentence(N_("Inkomna ärenden över tid")), _CATEGORY, Sentence(_RECEIVED))
    spans = [Span(view.request.period.before(back)) for back in range(LONGEST_SUM - 1, -1, -1)]
    spots = [Spot(str(one.period), period_title(one), one) for one in spans]
    return grid(view, words, RECEIVED, [*_channels(), Line(TOTAL)], spots)


def by_organisation(view: View) -> Table:
    """Tips and reports by organisation: totals that stand in the public register."""
    lines = [Line(Head(one.id, name=view.name(one.id)), scope=one.id) for one in organisations(view)]
    words = Words(
        "received_by_organisation",
        Sentence(N_("Inkomna ärenden per organisation")),
        Sentence(N_("Organisation")),
        Sentence(_RECEIVED),
    )
    spots = [
        *(Spot(one.value, Sentence(_PLURAL[one]), view.span, channel=one) for one in (Channel.TIP, Channel.REPORT)),
        Spot("now", period_title(view.span), view.span),
        Spot("before", period_title(view.before), view.before),
    ]
    return grid(view, words, RECEIVED, [*lines, Line(TOTAL)], spots)


def organisations(view: View) -> list[OrganisationFacts]:
    """The organisations that cases can be about, or were, by the name that they have now."""
    counted = {case.organisation for case in view.cube.folded.cases.values()}
    known = view.cube.folded.organisations.values()
    return sorted(
        (one for one in known if one.id in counted or one.kind != "external"), key=lambda one: view.name(one.id)
    )


def origin(view: View) -> Table:
    """How the irregularities were found: by report or tip, in the own control, or by another authority."""
    of = view.seen(ORIGIN)
    words = Words(
        "origin",
        Sentence(N_("Hur saken kom fram")),
        Sentence(N_("Ursprung")),
        Sentence(
            N_(
                "Ärenden efter hur funktionen fick veta saken: handläggarnas uppgift, eller formuläret som ärendet kom "
                "in genom."
            )
        ),
    )
    return grid(view, words, of, [*keyed_lines(of), Line(TOTAL)], years_of(view))


def shares(view: View) -> Table:
    """The shares that came anonymously, and that led to a dialogue."""
    rows = [("anonymous", N_("Anonyma ärenden")), ("dialogue", N_("Ärenden med dialog"))]
    figures = []
    for key, _ in rows:
        of = anonymous if key == "anonymous" else dialogue
        figures.append((of(view, view.span), of(view, view.before)))
    return Table(
        "shares",
        Sentence(N_("Anonyma ärenden och dialog")),
        Sentence(N_("Andel")),
        (
            Column("now", period_title(view.span), Unit.SHARE),
            Column("before", period_title(view.before), Unit.SHARE),
        ),
        tuple(Head(key, Sentence(words)) for key, words in rows),
        tuple(figures),
        Sentence(
            N_(
                "Av alla inkomna ärenden. Anonyma är de där handläggarna har antecknat att de inte vet vem som hörde "
                "av sig. Dialog är det där både den som hörde av sig och funktionen har skrivit efter det första."
            )
        ),
    )


def anonymous(view: View, span: Span) -> Figure:
    """The share of cases that are noted as anonymous."""
    return _share(view, NAMED, span, ("anonymous", "other"))


def dialogue(view: View, span: Span) -> Figure:
    """The share of cases in which both have written after the first message."""
    return _share(view, DIALOGUE, span, ("dialogue", "silent"))


def _share(view: View, breakdown: Breakdown, span: Span, labels_: tuple[str, str]) -> Figure:
    both = [view.ref(breakdown, label, span=span) for label in labels_]
    return view.share(both[0], both)


def _told_by_words(view: View) -> list[Paragraph]:
    found = []
    unknown = anonymous(view, view.span)
    if is_shown(unknown):
        text = N_("Anonyma är %(share)s.")
        found.append(Paragraph("anonymous", Sentence(text, {"share": percent(unknown)})))
    talked = dialogue(view, view.span)
    if is_shown(talked):
        text = N_("Det blev en dialog i %(share)s.")
        found.append(Paragraph("dialogue", Sentence(text, {"share": percent(talked)})))
    return found


def _channels() -> list[Line]:
    return [
        Line(Head(channel.value, Sentence(_PLURAL[channel])), channel=channel)
        for channel in (Channel.TIP, Channel.REPORT)
    ]
