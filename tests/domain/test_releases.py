"""When a standby steps in: each condition of invariant 6 by itself, and all of them on random cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.deadlines import is_working_day, working_days_after
from tipportal.domain.releases import (
    ANSWER_WORKING_DAYS,
    IDLE_WORKING_DAYS,
    NEAR_WORKING_DAYS,
    OPENING_WORKING_DAYS,
    ReleaseReason,
    Situation,
    release_reason,
)
from tipportal.domain.separations import Seat, suffices

QUIET = settings(derandomize=True, deadline=None, max_examples=400)
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def _seat(member: str, unit: str, *, panel: bool = True, present: bool = True, opened: bool = True) -> Seat:
    return Seat(
        holder=member,
        member=member,
        unit_id=unit,
        function_id="f",
        panel=panel,
        released=panel,
        first_standby=not panel,
        present=present,
        opened=opened,
    )


SEATS = (_seat("h1", "a"), _seat("h2", "b"), _seat("h3", "c", panel=False, opened=False))
UNSEEN = replace(SEATS[1], opened=False)
CALM = Situation(today=MONDAY, seats=SEATS, since=MONDAY, done_on=MONDAY)


def test_nothing_calls_for_anybody_in_a_case_that_moves() -> None:
    assert release_reason(CALM) is None


def test_when_one_of_two_is_absent_a_standby_steps_in_the_same_day() -> None:
    away = replace(SEATS[1], present=False)
    assert release_reason(replace(CALM, seats=(SEATS[0], away, SEATS[2]))) is ReleaseReason.TOO_FEW_PRESENT
    same_unit = replace(SEATS[1], unit_id="a")
    assert release_reason(replace(CALM, seats=(SEATS[0], same_unit, SEATS[2]))) is ReleaseReason.TOO_FEW_PRESENT


@pytest.mark.parametrize(
    ("change", "days", "reason"),
    [
        (
            {"seats": (SEATS[0], replace(SEATS[1], opened=False), SEATS[2])},
            OPENING_WORKING_DAYS,
            ReleaseReason.NOT_OPENED,
        ),
        ({"unanswered_since": MONDAY}, ANSWER_WORKING_DAYS, ReleaseReason.UNANSWERED),
        ({}, IDLE_WORKING_DAYS, ReleaseReason.IDLE),
    ],
)
def test_the_day_after_the_last_working_day_a_standby_steps_in(
    change: dict[str, object], days: int, reason: ReleaseReason
) -> None:
    case = replace(CALM, **change)  # type: ignore[arg-type] # the fields are named above
    last = working_days_after(MONDAY, days)

    assert release_reason(replace(case, today=last)) is None
    assert release_reason(replace(case, today=last + DAY)) is reason


def test_each_release_begins_the_waiting_anew() -> None:
    first = working_days_after(MONDAY, ANSWER_WORKING_DAYS) + DAY
    waiting = replace(CALM, unanswered_since=MONDAY, today=first, done_on=first)
    assert release_reason(waiting) is ReleaseReason.UNANSWERED
    assert release_reason(replace(waiting, since=first)) is None
    again = working_days_after(first, ANSWER_WORKING_DAYS) + DAY
    assert release_reason(replace(waiting, since=first, today=again)) is ReleaseReason.UNANSWERED


def test_a_statutory_date_is_near_five_working_days_before_and_once() -> None:
    due = working_days_after(MONDAY, NEAR_WORKING_DAYS)
    assert release_reason(replace(CALM, due=due)) is ReleaseReason.DATE_NEAR
    assert release_reason(replace(CALM, due=due + DAY)) is None
    assert release_reason(replace(CALM, due=MONDAY - 30 * DAY)) is ReleaseReason.DATE_NEAR
    assert release_reason(replace(CALM, due=due, near_released=True)) is None


_DAYS = st.integers(0, 60).map(lambda days: MONDAY - days * DAY)


@QUIET
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans(), st.booleans()), min_size=2, max_size=5),
    _DAYS,
    _DAYS,
    st.none() | _DAYS,
    st.none() | st.integers(-30, 60).map(lambda days: MONDAY + days * DAY),
)
def test_a_standby_steps_in_exactly_when_a_condition_holds(
    people: list[tuple[str, bool, bool, bool]], since: date, done: date, unanswered: date | None, due: date | None
) -> None:
    seats = tuple(
        _seat(f"h{number}", unit, panel=number <= 2 or panel, present=present, opened=opened)
        for number, (unit, panel, present, opened) in enumerate(people, 1)
    )
    now = Situation(MONDAY, seats, since, done, unanswered, due)
    acting = [seat for seat in seats if seat.acts]
    conditions = {
        ReleaseReason.TOO_FEW_PRESENT: not suffices([seat for seat in acting if seat.present]),
        ReleaseReason.NOT_OPENED: sum(seat.opened for seat in acting) < 2 and _between(since) >= 2,
        ReleaseReason.UNANSWERED: unanswered is not None and _between(max(unanswered, since)) >= 2,
        ReleaseReason.IDLE: _between(max(done, since)) >= 15,
        ReleaseReason.DATE_NEAR: due is not None and _left(due) <= 5,
    }
    called = {reason for reason, holds in conditions.items() if holds}
    nobody = all(seat.acts for seat in seats)

    reason = release_reason(now)

    assert (reason is None) == (nobody or not called)
    assert reason is None or reason in called


def _between(start: date) -> int:
    """Working days after a day and before today: those that have gone by whole."""
    return sum(is_working_day(start + n * DAY) for n in range(1, (MONDAY - start).days))


def _left(due: date) -> int:
    return sum(is_working_day(MONDAY + n * DAY) for n in range(1, (due - MONDAY).days + 1))
