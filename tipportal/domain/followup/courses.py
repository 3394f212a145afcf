"""What became of cases: assessed or set aside, and why, how they ended, and which are open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from tipportal.domain.deadlines import add_months
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import ALL
from tipportal.domain.texts import N_

from . import labels
from .breakdowns import AREAS, COURSE, STANDING, SUBJECT, TYPES, UNDUE, standing
from .counting import LONGEST_SUM, Span
from .facts import CaseFacts
from .grids import Line, Spot, Words, grid, keyed_lines, lines_of, period_title, period_words, sparse_grid, years_of
from .phrases import Noun, is_shown, said, stated
from .receiving import TOTAL
from .report import Column, Figure, Head, Mark, Paragraph, Section, Table, Unit
from .view import View

_AGES: tuple[tuple[str, str, int], ...] = (
    ("under_3", N_("Under 3 månader"), 0),
    ("from_3", N_("3 till 6 månader"), 3),
    ("from_6", N_("6 till 12 månader"), 6),
    ("from_12", N_("Över 12 månader"), 12),
)
_AS_OF = N_("Ärenden som kom in under perioden, efter hur de stod %(day)s. Senare händelser räknas inte.")


def assessment(view: View) -> Section:
    """Which were taken up, which were not, and why not."""
    title = Sentence(N_("Bedömning av ärendena"))
    words = Words("assessment", Sentence(N_("Bedömning")), Sentence(N_("Läge")), as_of(view))
    if view.is_public:
        of = view.seen(STANDING)
        public = [_grouped(labels.ASIDE), Line(TOTAL)]
        return Section(
            "assessment", title, tuple(_assessment_words(view)), (grid(view, words, of, public, years_of(view)),)
        )
    lines = [
        _grouped(labels.ASSESSED),
        _grouped(labels.ASIDE),
        Line(Head(labels.AWAITING, Sentence(labels.STANDINGS[labels.AWAITING])), (labels.AWAITING,)),
        Line(TOTAL),
    ]
    reasons = Words(
        "reasons",
        Sentence(N_("Varför ärenden inte togs upp")),
        Sentence(N_("Skäl")),
        Sentence(
            N_(
                "Rapporter som två har bedömt inte omfattas av lagen, och tips som två har avslutat som uppenbart "
                "skräp. Varje ärende räknas under sitt första skäl."
            )
        ),
    )
    spots = [*_by_channel(view), Spot("before", period_title(view.before), view.before, main=False)]
    tables = (
        grid(view, words, STANDING, lines, spots),
        sparse_grid(view, reasons, STANDING, lines_of(labels.ASIDE_REASONS), years_of(view)),
    )
    return Section("assessment", title, tuple(_assessment_words(view)), tables)


def irregularities(view: View) -> Section:
    """What it was about: types, undue influence, and risk areas by how the cases ended."""
    return Section(
        "irregularities",
        Sentence(N_("Vad ärendena handlade om")),
        tuple(undue_words(view)),
        (types(view), areas(view)),
    )


def types(view: View) -> Table:
    """Types of irregularities, with undue influence taken together as well."""
    words = Words(
        "types",
        Sentence(N_("Typer av oegentligheter")),
        Sentence(N_("Typ")),
        Sentence(
            N_(
                "Ärenden som kom in under perioden, efter vad handläggarna har antecknat att de handlar om. Ett ärende "
                "kan höra till flera typer, så raderna kan tillsammans bli fler än ärendena."
            )
        ),
    )
    undue = Line(Head("undue_influence", Sentence(N_("Otillåten påverkan, alla former"))), (ALL, "undue_influence"))
    lines = [line for line in lines_of(TYPES, 1) if line.head.key not in UNDUE]
    forms = [line for line in lines_of(TYPES, 1, level=1) if line.head.key in UNDUE]
    return sparse_grid(view, words, SUBJECT, [*lines, undue, *forms], years_of(view))


def areas(view: View) -> Table:
    """Risk areas, by how the cases ended."""
    words = Words(
        "areas",
        # How cases of an area ended stays inside: see COURSE.
        Sentence(N_("Riskområden") if view.is_public else N_("Riskområden och utfall")),
        Sentence(N_("Riskområde")),
        Sentence(
            N_(
                "Ärenden som kom in under perioden, efter de riskområden som handläggarna har antecknat, eller innan "
                "dess det som angavs i formuläret. Ett ärende kan höra till flera områden."
            )
        ),
    )
    if view.is_public:
        return sparse_grid(view, words, SUBJECT, lines_of(AREAS), years_of(view))
    return sparse_grid(view, words, COURSE, lines_of(AREAS), _by_ending(view))


def outcomes(view: View) -> Section:
    """How the cases of the period ended, and which of all cases are open."""
    words = Words("outcomes", Sentence(N_("Utfall")), Sentence(N_("Läge")), as_of(view))
    # A tip is never outside the act: by channel the public's table would have a row that is always empty.
    spots = years_of(view) if view.is_public else [*_by_channel(view), *years_of(view)[1:]]
    tables = [
        grid(view, words, view.seen(STANDING), outcome_lines(view), spots),
    ]
    # How many are open is soon close to none, which would hide how the others ended.
    if not view.is_public:
        tables += [open_by_year(view), open_by_age(view)]
    return Section("outcomes", Sentence(N_("Hur det gick")), tuple(_outcome_words(view)), tuple(tables))


def outcome_lines(view: View) -> list[Line]:
    """A line for each way in which a case stands, those set aside taken together, and their sum."""
    if view.is_public:
        return [*keyed_lines(view.seen(STANDING)), Line(TOTAL)]
    keys = [labels.AWAITING, labels.FOLLOWED_UP, *labels.ENDED]
    lines = [Line(Head(key, Sentence(labels.STANDINGS[key])), (key,)) for key in keys]
    return [*lines, _grouped(labels.ASIDE), Line(TOTAL)]


def open_by_year(view: View) -> Table:
    """Open cases, by the year in which they came in."""
    words = Words(
        "open",
        Sentence(N_("Öppna ärenden efter när de kom in")),
        Sentence(N_("Läge")),
        Sentence(
            N_("Ärenden som inte var avslutade %(day)s, efter den dag då de kom in."), {"day": view.request.as_of}
        ),
    )
    periods = [view.request.period.before(back) for back in range(LONGEST_SUM - 1, -1, -1)]
    spots = [Spot(str(one), period_title(Span(one)), Span(one), main=one == view.request.period) for one in periods]
    return grid(view, words, STANDING, [_grouped(labels.OPEN)], spots)


def open_by_age(view: View) -> Table:
    """Open cases by their age, for those who read the log anyway."""
    found = {
        channel: [case for case in open_cases(view) if case.channel is channel]
        for channel in (Channel.TIP, Channel.REPORT)
    }
    rows = []
    for place, (key, words, months) in enumerate(_AGES):
        until = _AGES[place + 1][2] if place + 1 < len(_AGES) else None
        counts = [_aged(view, cases, months, until) for cases in found.values()]
        rows.append((Head(key, Sentence(words)), (*counts, sum(counts))))
    totals = [len(cases) for cases in found.values()]
    rows.append((TOTAL, (*totals, sum(totals))))
    return Table(
        "open_by_age",
        Sentence(N_("Öppna ärenden efter ålder")),
        Sentence(N_("Ålder")),
        (
            Column("tip", Sentence(N_("Tips, antal")), Unit.CASES),
            Column("report", Sentence(N_("Rapporter")), Unit.CASES),
            Column("all", Sentence(N_("Alla")), Unit.CASES, bars=True),
        ),
        tuple(head for head, _ in rows),
        tuple(tuple(Figure(count) for count in counts) for _, counts in rows),
        Sentence(N_("Ärenden som inte var avslutade %(day)s, efter tiden sedan de kom in."), _day(view)),
    )


def open_cases(view: View) -> list[CaseFacts]:
    """The cases in scope that are not closed, nor set aside."""
    return [
        case
        for case in view.cube.folded.cases.values()
        if view.scope in (None, case.organisation) and standing(case) in labels.STANDING_GROUPS[labels.OPEN]
    ]


def as_of(view: View) -> Sentence:
    """What a table of the period's cases counts."""
    return Sentence(_AS_OF, _day(view))


def undue_words(view: View) -> list[Paragraph]:
    """How many were about undue influence."""
    figure = view.told(view.ref(SUBJECT, ALL, "undue_influence"))
    if not is_shown(figure):
        return []
    none = N_("Inget av det som kom in under %(period)s är antecknat som otillåten påverkan.")
    some = N_("Av det som kom in under %(period)s handlar %(number)s om otillåten påverkan.")
    values = {"period": period_words(view.span)}
    return [Paragraph("undue_influence", stated(figure, none, some, values, Noun.CASES))]


def _day(view: View) -> dict[str, object]:
    return {"day": view.request.as_of}


def _aged(view: View, cases: Iterable[CaseFacts], months: int, until: int | None) -> int:
    newest = view.request.as_of if months == 0 else add_months(view.request.as_of, -months)
    oldest = date.min if until is None else add_months(view.request.as_of, -until) + timedelta(days=1)
    return sum(oldest <= case.received <= newest for case in cases)


def _grouped(group: str) -> Line:
    return Line(Head(group, Sentence(labels.GROUPED[group])), (group,))


def _by_channel(view: View) -> list[Spot]:
    return [
        Spot("report", Sentence(N_("Rapporter")), view.span, channel=Channel.REPORT, main=False),
        Spot("tip", Sentence(N_("Tips, antal")), view.span, channel=Channel.TIP, main=False),
        Spot("now", period_title(view.span), view.span),
    ]


def _by_ending(view: View) -> list[Spot]:
    groups = (labels.CONFIRMED, labels.NOT_CONFIRMED, labels.OPEN)
    return [
        Spot("now", period_title(view.span), view.span),
        *(Spot(one, Sentence(labels.GROUPED[one]), view.span, (ALL, one), main=False) for one in groups),
        Spot("before", period_title(view.before), view.before, main=False),
    ]


def _assessment_words(view: View) -> list[Paragraph]:
    total = view.received(Channel.REPORT)
    aside = assessed = waiting = Figure(mark=Mark.HIDDEN)
    if not view.is_public:
        aside = view.told(view.ref(STANDING, labels.ASIDE, channel=Channel.REPORT))
        assessed = view.told(view.ref(STANDING, labels.ASSESSED, channel=Channel.REPORT))
        waiting = view.told(view.ref(STANDING, labels.AWAITING, channel=Channel.REPORT))
    if not is_shown(total) or total.value == 0:
        return []
    found = []
    if is_shown(assessed):
        text = N_("För %(assessed)s kom bedömningen fram till att visselblåsarlagen gäller.")
        found.append(Paragraph("assessed", Sentence(text, {"assessed": said(Noun.REPORTS, assessed)})))
    if is_shown(aside):
        text = N_("För %(aside)s kom bedömningen fram till att lagen inte gäller.")
        found.append(Paragraph("set_aside", Sentence(text, {"aside": said(Noun.REPORTS, aside)})))
    if is_shown(waiting) and waiting.value:
        text = N_("När siffrorna räknades väntade %(waiting)s på bedömning.")
        found.append(Paragraph("awaiting", Sentence(text, {"waiting": said(Noun.REPORTS, waiting)})))
    return found


def _outcome_words(view: View) -> list[Paragraph]:
    found = []
    confirmed = view.told(view.ref(view.seen(STANDING), labels.CONFIRMED))
    if is_shown(confirmed):
        none = N_("Inget av det som kom in under %(period)s har bekräftats.")
        some = N_("Av det som kom in under %(period)s har %(number)s bekräftats helt eller delvis.")
        values = {"period": period_words(view.span)}
        found.append(Paragraph("confirmed", stated(confirmed, none, some, values, Noun.CASES)))
    if view.is_public:
        return found
    still = view.told(view.ref(STANDING, labels.OPEN))
    if is_shown(still):
        none = N_("Den %(day)s var allt som kom in under perioden avslutat.")
        some = N_("Den %(day)s fanns %(number)s kvar av det som kom in under perioden.")
        found.append(Paragraph("open", stated(still, none, some, _day(view), Noun.CASES_OPEN)))
    return found
