"""The dates that the law sets, as pure functions of dates (design 06; lag 2021:890, 5 kap. 8 §)."""

from __future__ import annotations

import calendar
import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .public_holidays import days_off

ACKNOWLEDGE_DAYS = 7
FEEDBACK_MONTHS = 3
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_DAY = timedelta(days=1)
_MONDAY_TO_FRIDAY = range(5)


class Start(enum.StrEnum):
    """What the time for feedback is counted from: one for each reading of lag 2021:890, 5 kap. 8 § p. 3."""

    ACKNOWLEDGEMENT = "acknowledgement"
    SEVEN_DAYS = "seven_days"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A statutory date in its three readings.

    ``strict`` is the calendar date of the law, never extended: punctuality is judged by it. ``target`` is the last
    working day on or before it: alarms and colours follow it. ``law1930`` is the first working day on or after it (lag
    1930:173 om beräkning av lagstadgad tid, 2 §): shown for information only, since no source settles whether that law
    extends these times.
    """

    strict: date
    target: date
    law1930: date


def acknowledge_by(received: date) -> Deadline:
    """When receipt must be acknowledged: within seven days of receipt (lag 2021:890, 5 kap. 8 § p. 2).

    ``received`` is the Stockholm date of receipt. The day of receipt is not counted.
    """
    return _deadline(received + timedelta(days=ACKNOWLEDGE_DAYS))


def feedback_by(received: date, acknowledged: date | None, *, waived: bool = False) -> Deadline:
    """When feedback must be given (lag 2021:890, 5 kap. 8 § p. 3).

    Three months from the acknowledgement. When none was given and the reporter was not the cause: three months from
    the end of the seven days. When it was ``waived`` by the reporter or withheld because it could reveal them, the
    law is silent, and the earliest reading is taken: three months from receipt. Raises ValueError when
    ``acknowledged`` is before ``received``.
    """
    _, start = feedback_start(received, acknowledged, waived=waived)
    return _deadline(add_months(start, FEEDBACK_MONTHS))


def feedback_start(received: date, acknowledged: date | None, *, waived: bool = False) -> tuple[Start, date]:
    """What the three months of ``feedback_by`` are counted from, and which day that is. Raises as it does."""
    if acknowledged is not None:
        if acknowledged < received:
            raise ValueError("acknowledged before received")
        return Start.ACKNOWLEDGEMENT, acknowledged
    if waived:
        return Start.RECEIPT, received
    return Start.SEVEN_DAYS, received + timedelta(days=ACKNOWLEDGE_DAYS)


def target_of(strict: date) -> date:
    """The last working day on or before ``strict``: whoever keeps it has kept every reading of the law (design 06)."""
    while not is_working_day(strict):
        strict -= _DAY
    return strict


def law1930_of(strict: date) -> date:
    """The first working day on or after ``strict``: what lag 1930:173, 2 §, would allow."""
    while not is_working_day(strict):
        strict += _DAY
    return strict


def add_months(start: date, months: int) -> date:
    """``start`` plus whole months: the same day number, else the last day of the month (lag 1930:173, 1 §).

    Raises ValueError beyond the year 9999.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def is_working_day(day: date) -> bool:
    """Whether ``day`` is neither Saturday, Sunday, public holiday nor midsommarafton, julafton or nyårsafton.

    Lag (1989:253) om allmänna helgdagar, 1 §, and the days that lag 1930:173, 2 §, puts beside them.
    """
    return day.weekday() in _MONDAY_TO_FRIDAY and day not in days_off(day.year)


def working_days_after(start: date, days: int) -> date:
    """The ``days``-th working day after ``start``, which is not counted itself."""
    day = start
    for _ in range(days):
        day += _DAY
        while not is_working_day(day):
            day += _DAY
    return day


def stockholm_date(utc_seconds: int) -> date:
    """The date in Sweden at an instant in UTC seconds since 1970: it decides every date that is kept or shown."""
    return datetime.fromtimestamp(utc_seconds, tz=UTC).astimezone(_STOCKHOLM).date()


def _deadline(strict: date) -> Deadline:
    return Deadline(strict=strict, target=target_of(strict), law1930=law1930_of(strict))
