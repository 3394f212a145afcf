"""Swedish public holidays: lag (1989:253) om allmänna helgdagar, with the eves of lag (1930:173), 2 §.

Computed here, since a calendar of the whole world takes ten megabytes of each worker's memory; tests hold it against
such a calendar.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_FIXED = ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31))
"""Nyårsdagen, trettondedag jul, första maj, nationaldagen, julafton, juldagen, annandag jul, nyårsafton."""
_FROM_EASTER = (-2, 0, 1, 39, 49)
"""Långfredagen, påskdagen, annandag påsk, Kristi himmelsfärdsdag, pingstdagen: days after Easter Sunday."""


@lru_cache(maxsize=64)
def days_off(year: int) -> frozenset[date]:
    """The holidays and eves of a year from 2005 on, when the law got its present days; without plain Sundays."""
    easter, midsummer = _easter(year), _saturday_from(date(year, 6, 20))
    return frozenset({
        *(date(year, month, day) for month, day in _FIXED),
        *(easter + days * _DAY for days in _FROM_EASTER),
        # Midsommarafton and midsommardagen, alla helgons dag.
        midsummer - _DAY,
        midsummer,
        _saturday_from(date(year, 10, 31)),
    })  # fmt: skip


def _easter(year: int) -> date:
    """Easter Sunday, by the rule of Meeus, Jones and Butcher for the Gregorian calendar."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, odd = divmod(century, 4)
    moon = (19 * golden + century - leaps - (8 * century + 13) // 25 + 15) % 30
    fours, left = divmod(rest, 4)
    weekday = (32 + 2 * odd + 2 * fours - moon - left) % 7
    shift = (golden + 11 * moon + 19 * weekday) // 433
    month = (moon + weekday - 7 * shift + 90) // 25
    return date(year, month, (moon + weekday - 7 * shift + 33 * month + 19) % 32)


def _saturday_from(start: date) -> date:
    return start + _DAY * ((calendar.SATURDAY - start.weekday()) % 7)
