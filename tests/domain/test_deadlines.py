"""The statutory dates: the vectors of the design, the calendar by an independent account, and what must always hold."""

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest
from holidays import DE_FACTO, PUBLIC
from holidays.countries.sweden import Sweden
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.deadlines import (
    Deadline,
    acknowledge_by,
    add_months,
    feedback_by,
    is_working_day,
    law1930_of,
    stockholm_date,
    target_of,
)

QUIET = settings(derandomize=True, deadline=None)
DAY = timedelta(days=1)
DATES = st.dates(date(2022, 7, 17), date(2120, 12, 31))


def _days_off(year: int) -> set[date]:
    """The same days by a calendar of the whole world."""
    return set(Sweden(years=year, expand=False, categories=(PUBLIC, DE_FACTO)))


def _utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("received", "strict", "target", "law1930"),
    [
        (date(2026, 4, 24), date(2026, 5, 1), date(2026, 4, 30), date(2026, 5, 4)),
        (date(2026, 12, 17), date(2026, 12, 24), date(2026, 12, 23), date(2026, 12, 28)),
        # Over the turn of the year: nyårsdagen on a Friday, nyårsafton before it.
        (date(2026, 12, 25), date(2027, 1, 1), date(2026, 12, 30), date(2027, 1, 4)),
        # Midsummer: eve on a Friday, then a weekend.
        (date(2026, 6, 12), date(2026, 6, 19), date(2026, 6, 18), date(2026, 6, 22)),
        # Onto a leap day, which is a working day.
        (date(2028, 2, 22), date(2028, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
        # From långfredag to annandag påsk there is no working day.
        (date(2026, 3, 30), date(2026, 4, 6), date(2026, 4, 2), date(2026, 4, 7)),
    ],
)
def test_acknowledge_within_seven_days(received: date, strict: date, target: date, law1930: date) -> None:
    assert acknowledge_by(received) == Deadline(strict, target, law1930)


@pytest.mark.parametrize(
    ("acknowledged", "strict", "target", "law1930"),
    [
        (date(2026, 11, 30), date(2027, 2, 28), date(2027, 2, 26), date(2027, 3, 1)),
        (date(2027, 11, 30), date(2028, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
        (date(2026, 10, 1), date(2027, 1, 1), date(2026, 12, 30), date(2027, 1, 4)),
        (date(2026, 1, 31), date(2026, 4, 30), date(2026, 4, 30), date(2026, 4, 30)),
    ],
)
def test_feedback_within_three_months_of_acknowledgement(
    acknowledged: date, strict: date, target: date, law1930: date
) -> None:
    assert feedback_by(acknowledged - DAY, acknowledged) == Deadline(strict, target, law1930)


def test_feedback_without_acknowledgement_counts_from_the_end_of_the_seven_days() -> None:
    assert feedback_by(date(2026, 4, 24), None).strict == date(2026, 8, 1)
    # The seven days first, then the months: 28 November and a week is 5 December, not 28 February and a week.
    assert feedback_by(date(2026, 11, 28), None).strict == date(2027, 3, 5)


def test_feedback_after_a_waived_acknowledgement_counts_from_receipt() -> None:
    assert feedback_by(date(2026, 4, 24), None, waived=True).strict == date(2026, 7, 24)


def test_an_acknowledgement_counts_although_the_reporter_had_waived_it() -> None:
    received, acknowledged = date(2026, 4, 24), date(2026, 4, 27)
    assert feedback_by(received, acknowledged, waived=True) == feedback_by(received, acknowledged)


def test_nothing_is_acknowledged_before_it_is_received() -> None:
    with pytest.raises(ValueError, match="before received"):
        feedback_by(date(2026, 4, 24), date(2026, 4, 23))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)),
        (date(2026, 9, 30), 3, date(2026, 12, 30)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_end_on_the_same_day_number_or_the_last_day(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_months_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="year"):
        add_months(date(9999, 12, 1), 1)


@pytest.mark.parametrize("year", [*range(2022, 2060), 2076, 2100])
def test_working_days_of_whole_years(year: int) -> None:
    off = _days_off(year)
    days = [date(year, 1, 1) + DAY * number for number in range(365 + calendar.isleap(year))]
    assert [day for day in days if is_working_day(day)] == [
        day for day in days if day.weekday() < calendar.SATURDAY and day not in off
    ]


def test_the_eves_that_are_working_days_stay_so() -> None:
    assert is_working_day(date(2027, 1, 5))  # trettondagsafton
    assert is_working_day(date(2026, 4, 2))  # skärtorsdagen
    assert is_working_day(date(2026, 4, 30))  # valborgsmässoafton


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-01-31 22:59:59", date(2026, 1, 31)),
        ("2026-01-31 23:00:00", date(2026, 2, 1)),
        ("2026-07-31 21:59:59", date(2026, 7, 31)),
        ("2026-07-31 22:00:00", date(2026, 8, 1)),
        ("2025-12-31 23:00:00", date(2026, 1, 1)),
        # The night to summer time has 23 hours.
        ("2026-03-28 23:00:00", date(2026, 3, 29)),
        ("2026-03-29 21:59:59", date(2026, 3, 29)),
        ("2026-03-29 22:00:00", date(2026, 3, 30)),
        # The night to winter time has 25: two and three o'clock come twice, midnight once.
        ("2026-10-24 21:59:59", date(2026, 10, 24)),
        ("2026-10-24 22:00:00", date(2026, 10, 25)),
        ("2026-10-25 00:30:00", date(2026, 10, 25)),
        ("2026-10-25 01:30:00", date(2026, 10, 25)),
        ("2026-10-25 22:59:59", date(2026, 10, 25)),
        ("2026-10-25 23:00:00", date(2026, 10, 26)),
        ("2028-02-28 23:00:00", date(2028, 2, 29)),
    ],
)
def test_stockholm_decides_the_date(instant: str, expected: date) -> None:
    assert stockholm_date(_utc(instant)) == expected


@QUIET
@given(DATES)
def test_target_is_the_last_working_day_not_after_strict(strict: date) -> None:
    target = target_of(strict)
    assert target <= strict
    assert is_working_day(target)
    assert not any(is_working_day(target + DAY * n) for n in range(1, (strict - target).days + 1))


@QUIET
@given(DATES)
def test_the_date_of_1930_is_the_first_working_day_not_before_strict(strict: date) -> None:
    extended = law1930_of(strict)
    assert extended >= strict
    assert is_working_day(extended)
    assert not any(is_working_day(strict + DAY * n) for n in range((extended - strict).days))


@QUIET
@given(DATES, st.integers(0, 60))
def test_strict_dates_are_never_later_than_the_law(received: date, days: int) -> None:
    """Promise 8: the words of the law, counted in another way."""
    acknowledged = received + DAY * days
    for start, deadline in (
        (acknowledged, feedback_by(received, acknowledged)),
        (received + 7 * DAY, feedback_by(received, None)),
        (received, feedback_by(received, None, waived=True)),
    ):
        month = start.replace(day=1)
        for _ in range(3):
            month = (month + 31 * DAY).replace(day=1)
        last = ((month + 31 * DAY).replace(day=1) - DAY).day
        assert deadline.strict == month.replace(day=min(start.day, last))
        assert deadline.target <= deadline.strict <= deadline.law1930
    assert (acknowledge_by(received).strict - received).days == 7


@QUIET
@given(DATES)
def test_whoever_caused_the_missing_acknowledgement_never_makes_feedback_later(received: date) -> None:
    assert feedback_by(received, None, waived=True).strict <= feedback_by(received, None).strict
    assert feedback_by(received, received).strict <= feedback_by(received, None).strict


@QUIET
@given(DATES, st.integers(0, 300), st.integers(0, 300))
def test_months_add_up_in_order(start: date, fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    assert add_months(start, fewer) <= add_months(start, more)


@QUIET
@given(st.integers(0, 4_000_000_000))
def test_dates_never_run_backwards(instant: int) -> None:
    assert stockholm_date(instant) <= stockholm_date(instant + 1)
    assert stockholm_date(instant + 86_400) - stockholm_date(instant) <= 2 * DAY
    assert stockholm_date(instant) in {
        datetime.fromtimestamp(instant + 3600 * hours, tz=UTC).date() for hours in (1, 2)
    }
