"""The periods that the follow-up speaks of: years and halves of years, in Swedish dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_

_WRITTEN = re.compile(r"(?P<year>\d{4})(?:-(?P<half>[12]))?\Z")
FIRST_YEAR, LAST_YEAR = 2000, 2199
JULY = 7


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar year, or its half 1 or 2 (``half`` 0: the whole year)."""

    year: int
    half: Literal[0, 1, 2] = 0

    @classmethod
    def read(cls, written: str) -> Period:
        """``2026`` or ``2026-1``. Raises Invalid with the field ``period``."""
        found = _WRITTEN.match(written)
        if found is None or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
            raise Invalid(N_("Skriv ett år (2026) eller ett halvår (2026-1)."), field="period")
        half: dict[str | None, Literal[0, 1, 2]] = {None: 0, "1": 1, "2": 2}
        return cls(int(found["year"]), half[found["half"]])

    def __str__(self) -> str:
        return f"{self.year}-{self.half}" if self.half else str(self.year)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, JULY if self.half == 2 else 1, 1)  # noqa: PLR2004 - the second half

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, JULY, 1) - timedelta(days=1) if self.half == 1 else date(self.year, 12, 31)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def before(self, years: int = 1) -> Period:
        """The same period some years earlier."""
        return Period(self.year - years, self.half)

    def halves(self) -> Iterator[Period]:
        """The halves of the year that it covers: two, or itself."""
        if self.half:
            yield self
        else:
            yield Period(self.year, 1)
            yield Period(self.year, 2)

    def is_running(self, today: date) -> bool:
        """It has not ended: its figures will still change."""
        return today <= self.last

    def is_ahead(self, today: date) -> bool:
        """It has not begun."""
        return today < self.first


def half_of(day: date) -> Period:
    """The half-year that a day lies in."""
    return Period(day.year, 1 if day.month < JULY else 2)
