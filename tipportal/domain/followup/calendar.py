"""When the follow-up is due, and when to remind of it: half-year, year-end accounts, internal control and local BRÅ."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tipportal.domain.deadlines import target_of
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from .counting import Span
from .grids import period_words
from .periods import Period
from .report import ReportKind

REMIND_DAYS = 42
"""How long before the day an occasion is reminded of: meetings are called, and papers sent out, weeks ahead."""


class Occasion(enum.StrEnum):
    """What the follow-up is made for."""

    HALF_YEAR = "half_year"
    ANNUAL = "annual"
    BRA = "bra"
    SITUATION = "situation"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Term:
    """When an occasion is due: a day of the year after the period (``later`` 1) or of the same year (0)."""

    kind: ReportKind
    half: Literal[0, 1, 2]
    later: int
    month: int
    day: int
    words: str


_HALF = N_("Underlag till nämndernas rapport om %(period)s ska vara klart %(day)s.")
_ANNUAL = N_("Den årliga uppföljningen av %(period)s ska vara klar till årsbokslutet %(day)s.")
_SAMPLE = N_("Stickprovet för internkontrollen av %(period)s ska vara draget %(day)s.")
_BRA = N_("Sammanfattningen av %(period)s till lokala brottsförebyggande rådet ska vara klar %(day)s.")
_SITUATION = N_("Underlaget om %(period)s till lägesbilden och nästa internkontrollplan ska vara klart %(day)s.")
TERMS: tuple[tuple[Occasion, Term], ...] = (
    (
        Occasion.HALF_YEAR,
        Term(ReportKind.HALF_YEAR, 1, 0, 9, 15, _HALF),
    ),
    (
        Occasion.HALF_YEAR,
        Term(ReportKind.HALF_YEAR, 2, 1, 2, 28, _HALF),
    ),
    (
        Occasion.ANNUAL,
        Term(ReportKind.ANNUAL, 0, 1, 2, 15, _ANNUAL),
    ),
    (
        Occasion.SAMPLE,
        Term(ReportKind.SAMPLE, 0, 1, 1, 31, _SAMPLE),
    ),
    (
        Occasion.BRA,
        Term(ReportKind.BRA, 0, 1, 3, 31, _BRA),
    ),
    (
        Occasion.SITUATION,
        Term(ReportKind.SITUATION, 0, 1, 9, 30, _SITUATION),
    ),
)
"""The usual days of a Swedish municipality's year. ``due`` takes the last working day on or before each."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A report that is due: for which occasion, of which period, on which day, and since when it is reminded of."""

    occasion: Occasion
    kind: ReportKind
    period: Period
    due: date
    since: date
    words: Sentence

    def is_late(self, today: date) -> bool:
        """The day has passed."""
        return today > self.due


def reminders(
    today: date, begun: date | None, published: Collection[tuple[ReportKind, Period]]
) -> tuple[Reminder, ...]:
    """What is due now, soonest first: not yet published, of periods with figures, for up to a year after the day.

    ``begun``: the first day that there are figures of. ``published``: what has been published of the same scope.
    """
    found = [
        each
        for year in (today.year - 2, today.year - 1, today.year)
        for each in due(year)
        if each.since <= today <= each.due + timedelta(days=365)
        and begun is not None
        and begun <= each.period.last
        and (each.kind, each.period) not in published
    ]
    return tuple(sorted(found, key=lambda one: (one.due, one.occasion.value)))


def due(year: int) -> Iterator[Reminder]:
    """The occasions that speak of a year or its halves. Reminding never begins before the period has ended."""
    for occasion, term in TERMS:
        period = Period(year, term.half)
        day = target_of(date(year + term.later, term.month, term.day))
        since = max(day - timedelta(days=REMIND_DAYS), period.last + timedelta(days=1))
        values = {"period": period_words(Span(period)), "day": day}
        yield Reminder(occasion, term.kind, period, day, since, Sentence(term.words, values))
