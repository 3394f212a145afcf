"""Promise 8: a statutory date is never shown later than the law sets it, on any day that a report can come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tipportal.domain import deadlines

DAYS = st.dates(date(2022, 7, 17), date(2060, 12, 31))
LONGEST_ACKNOWLEDGEMENT = timedelta(days=7)


def three_months_after(day: date) -> date:
    """The law's own count, by hand (lag 1930:173, 1 §): the same day number, else the month's last day."""
    year, month = (day.year, day.month + 3) if day.month <= 9 else (day.year + 1, day.month - 9)
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


@given(received=DAYS, waited=st.integers(0, 7))
def test_no_date_is_later_than_the_law_sets_it(received: date, waited: int) -> None:
    acknowledged = received + timedelta(days=waited)
    acknowledge, feedback = deadlines.acknowledge_by(received), deadlines.feedback_by(received, acknowledged)
    without = deadlines.feedback_by(received, None)

    assert acknowledge.strict == received + LONGEST_ACKNOWLEDGEMENT
    assert feedback.strict == three_months_after(acknowledged)
    assert without.strict == three_months_after(received + LONGEST_ACKNOWLEDGEMENT)
    # What colours and alarms go by is earlier still, never later.
    for shown in (acknowledge, feedback, without):
        assert shown.target <= shown.strict


@given(received=DAYS, second=st.integers(0, 24 * 3600 - 1))
def test_the_date_is_the_one_in_stockholm(received: date, second: int) -> None:
    midnight = datetime(received.year, received.month, received.day, tzinfo=UTC)
    shown = deadlines.stockholm_date(int(midnight.timestamp()) + second)
    # Stockholm is one or two hours ahead of UTC: never a day behind, and a day ahead only late in the evening.
    assert shown in (received, received + timedelta(days=1))
    assert shown == received or second >= 22 * 3600
