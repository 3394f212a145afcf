"""Whether the statutory dates were kept, by their strict reading, and how soon a human looked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeAlias

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from .breakdowns import ACKNOWLEDGED, FED_BACK
from .counting import BOTH, Breakdown, Span
from .facts import CaseFacts
from .grids import Line, Words, grid, keyed_lines, period_title, period_words, years_of
from .phrases import Noun, is_shown, percent, stated
from .receiving import TOTAL
from .report import Column, Figure, Head, Mark, Paragraph, Section, Table, Unit
from .view import View

Days: TypeAlias = Callable[[CaseFacts], "int | None"]
_BANDS: tuple[tuple[int, str], ...] = (
    (7, N_("högst 7 dagar")),
    (14, N_("8 till 14 dagar")),
    (30, N_("15 till 30 dagar")),
    (92, N_("31 till 92 dagar")),
    (183, N_("93 till 183 dagar")),
)
_LONGEST = N_("över 183 dagar")


def deadlines(view: View) -> Section:
    """Acknowledged and given feedback in time, with median and worst, and the first human opening."""
    acknowledged = Words(
        "acknowledged",
        Sentence(N_("Bekräftelse av mottagandet")),
        Sentence(N_("Läge")),
        Sentence(
            N_(
                "Rapporter som kom in under perioden. I tid: bekräftade inom sju dagar från den dag då de kom in (5 "
                "kap. 8 § 2 visselblåsarlagen). Datumet flyttas inte för helger. Undantag: rapportören avstod, "
                "eller bekräftelsen kunde avslöja den, eller ingen hade rapporterat."
            )
        ),
    )
    fed_back = Words(
        "feedback",
        Sentence(N_("Återkoppling")),
        Sentence(N_("Läge")),
        Sentence(
            N_(
                "Rapporter som kom in under perioden. I tid: återkoppling inom tre månader från bekräftelsen, eller "
                "det datum som lagen annars ger (5 kap. 8 § 3 visselblåsarlagen). Datumet flyttas inte för "
                "helger."
            )
        ),
    )
    tables = (
        times(view),
        *(
            grid(view, words, of, [*keyed_lines(of), Line(TOTAL)], years_of(view))
            for words, of in ((acknowledged, view.seen(ACKNOWLEDGED)), (fed_back, view.seen(FED_BACK)))
        ),
    )
    return Section("deadlines", Sentence(N_("Lagens tider")), tuple(words_of(view)), tables)


def words_of(view: View) -> list[Paragraph]:
    """The shares in time and the days to the first opening, in sentences."""
    found = []
    if view.received(Channel.REPORT).value == 0:
        values = {"period": period_words(view.span)}
        return [
            Paragraph(
                "no_reports", Sentence(N_("Under %(period)s kom ingen rapport in som lagens tider gäller."), values)
            )
        ]
    acknowledged, fed_back = in_time(view, ACKNOWLEDGED, view.span), in_time(view, FED_BACK, view.span)
    if is_shown(acknowledged):
        text = N_("Mottagandet bekräftades i tid för %(share)s.")
        found.append(Paragraph("acknowledged", Sentence(text, {"share": percent(acknowledged, Channel.REPORT)})))
    if is_shown(fed_back):
        text = N_("Återkoppling gavs i tid för %(share)s.")
        found.append(Paragraph("feedback", Sentence(text, {"share": percent(fed_back, Channel.REPORT)})))
    opening = median_of(view, to_opening, view.span, BOTH)
    if is_shown(opening):
        none = N_("Minst hälften av de ärenden som har öppnats öppnades av en människa samma dag som de kom in.")
        some = N_("Minst hälften av de ärenden som har öppnats öppnades av en människa inom %(number)s.")
        found.append(Paragraph("opening", stated(opening, none, some, {}, Noun.DAYS)))
    return found


def times(view: View) -> Table:
    """The share in time, the median and the worst, of acknowledgements, feedback and first openings."""
    rows: list[tuple[Head, Figure, Figure, Figure, Figure]] = []
    for key, words, breakdown, days in (
        ("acknowledged", N_("Bekräftelse av mottagandet"), ACKNOWLEDGED, to_acknowledgement),
        ("feedback", N_("Återkoppling"), FED_BACK, to_feedback),
    ):
        only = (Channel.REPORT,)
        rows.append((
            Head(key, Sentence(words)),
            in_time(view, breakdown, view.span),
            in_time(view, breakdown, view.before),
            median_of(view, days, view.span, only),
            worst_of(view, days, view.span, only),
        ))  # fmt: skip
    opening = Head("opening", Sentence(N_("Första gången en människa öppnar ärendet")))
    none = Figure(mark=Mark.NO_BASE)
    rows.append((
        opening, none, none, median_of(view, to_opening, view.span, BOTH), worst_of(view, to_opening, view.span, BOTH),
    ))  # fmt: skip
    return Table(
        "times",
        Sentence(N_("Tider")),
        Sentence(N_("Vad")),
        (
            Column("share", Sentence(N_("I tid, %(period)s"), {"period": period_title(view.span)}), Unit.SHARE),
            Column("before", Sentence(N_("I tid, %(period)s"), {"period": period_title(view.before)}), Unit.SHARE),
            Column("median", Sentence(N_("Median, dagar")), Unit.DAYS),
            Column("worst", Sentence(N_("Längst, dagar")), Unit.DAYS),
        ),
        tuple(head for head, *_ in rows),
        tuple(tuple(figures) for _, *figures in rows),
        Sentence(
            N_(
                "Andelen är de rapporter som var i tid av alla som kom in under perioden, också dem vars tid inte har "
                "gått ut och dem som lagen undantar. Dagarna räknas från den dag då ärendet kom in, för dem där det "
                "har skett. Bekräftelse och återkoppling gäller rapporter, första öppnandet alla ärenden."
            )
            if view.is_public
            else N_(
                "Andelen är de som var i tid av dem vars tid har gått ut. Undantag i lagen räknas inte. Dagarna räknas "
                "från den dag då ärendet kom in, för dem där det har skett. Bekräftelse och återkoppling gäller "
                "rapporter, första öppnandet alla ärenden."
            )
        ),
    )


def in_time(view: View, breakdown: Breakdown, span: Span) -> Figure:
    """The share in time of those whose time has run out, exceptions apart; in public of all reports."""
    breakdown = view.seen(breakdown)
    part, other = (view.ref(breakdown, key, span=span) for key in ("in_time", "other" if view.is_public else "late"))
    return view.share(part, (part, other))


def median_of(view: View, days: Days, span: Span, channels: Sequence[Channel]) -> Figure:
    """The middle of the days that something took."""
    values, known = _days(view, days, span, channels)
    return view.median(values, known)


def worst_of(view: View, days: Days, span: Span, channels: Sequence[Channel]) -> Figure:
    """The longest that something took; in public the band that it lies in."""
    values, known = _days(view, days, span, channels)
    if not values:
        return Figure(mark=Mark.NO_BASE)
    if not view.is_public:
        return Figure(max(values))
    if not view.is_wide(values, known):
        return Figure(mark=Mark.NO_BASE)
    words = next((band for most, band in _BANDS if max(values) <= most), _LONGEST)
    return Figure(mark=Mark.BAND, text=Sentence(words))


def to_acknowledgement(case: CaseFacts) -> int | None:
    """Days from receipt to the acknowledgement."""
    return _between(case.received, case.acknowledged)


def to_feedback(case: CaseFacts) -> int | None:
    """Days from receipt to the first feedback."""
    return _between(case.received, case.feedback)


def to_opening(case: CaseFacts) -> int | None:
    """Days from receipt until a human first opened the case."""
    return _between(case.received, case.first_opened)


def _days(view: View, days: Days, span: Span, channels: Sequence[Channel]) -> tuple[list[int], int]:
    cases = [case for case in view.cases(span) if case.channel in channels]
    return [found for case in cases if (found := days(case)) is not None], len(cases)


def _between(first: date, second: date | None) -> int | None:
    return None if second is None else max(0, (second - first).days)
