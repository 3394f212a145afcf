"""Alarms before a date is missed, as pure functions: who is alarmed on which day, and from when a case is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage import samples
from tipportal.domain.alarms import QUIET_DAYS, AlarmStep, Watch, clock_of, reached
from tipportal.domain.cases import AckException, Case, CaseState
from tipportal.domain.deadlines import feedback_by, feedback_start
from tipportal.domain.organisations import Channel

DAY = timedelta(days=1)
# Acknowledged on Monday 30 November 2026: feedback by Sunday 28 February, so by Friday 26 February 2027.
CASE = replace(
    samples.case(), channel=Channel.REPORT, received_on=date(2026, 11, 30), acknowledged_on=date(2026, 11, 30)
)
TARGET = date(2027, 2, 26)


def _steps(case: Case, today: date) -> list[str]:
    return [alarm.step.value for alarm in reached(case, today)]


@pytest.mark.parametrize(
    ("before", "steps"),
    [
        (15, []),
        (14, ["panel_early"]),
        (6, ["panel_early"]),
        (5, ["panel_early", "panel"]),
        (2, ["panel_early", "panel", "standby"]),
        (1, ["panel_early", "panel", "standby"]),
        (0, ["panel_early", "panel", "standby", "ladder"]),
        (-40, ["panel_early", "panel", "standby", "ladder"]),
    ],
)
def test_steps_before_feedback_is_due(before: int, steps: list[str]) -> None:
    assert _steps(CASE, TARGET - before * DAY) == steps
    assert all(alarm.due == TARGET and alarm.watch is Watch.FEEDBACK for alarm in reached(CASE, TARGET))


def test_a_missing_acknowledgement_alarms_two_days_before_its_target() -> None:
    # Received on 24 April 2026: the seventh day is the first of May, so the target is the day before.
    case = replace(CASE, received_on=date(2026, 4, 24), acknowledged_on=None)
    assert [_steps(case, date(2026, 4, day)) for day in (27, 28, 30)] == [[], ["panel"], ["panel", "ladder"]]


@pytest.mark.parametrize("left_out", [AckException.WAIVED, AckException.REVEALS])
def test_without_an_acknowledgement_by_choice_the_time_counts_from_receipt(left_out: AckException) -> None:
    case = replace(CASE, acknowledged_on=None, ack_left_out=left_out)
    clock = clock_of(case)
    assert clock is not None
    assert clock[0] is Watch.FEEDBACK
    assert clock[1] == feedback_by(case.received_on, None, waived=True)


@pytest.mark.parametrize(
    "done",
    [
        {"feedback_on": date(2027, 2, 1)},
        {"state": CaseState.CLOSED},
        {"state": CaseState.LOCKED},
        {"acknowledged_on": None, "ack_left_out": AckException.NO_REPORTER},
    ],
)
def test_nothing_is_due_where_it_is_done_or_nobody_reported(done: dict[str, object]) -> None:
    case = replace(CASE, **done)  # type: ignore[arg-type] # the test names real fields
    assert clock_of(case) is None
    assert not _steps(case, TARGET + 100 * DAY)


@settings(derandomize=True, deadline=None)
@given(st.dates(date(2022, 7, 17), date(2100, 1, 1)), st.integers(0, 30))
def test_no_step_is_reached_in_the_quiet_days(received: date, later: int) -> None:
    case = replace(CASE, received_on=received, acknowledged_on=received + later * DAY)
    assert not _steps(case, received + (QUIET_DAYS - 1) * DAY)
    left_out = replace(case, acknowledged_on=None, ack_left_out=AckException.WAIVED)
    assert not _steps(left_out, received + (QUIET_DAYS - 1) * DAY)


@settings(derandomize=True, deadline=None)
@given(st.dates(date(2022, 7, 17), date(2100, 1, 1)), st.integers(0, 120))
def test_steps_are_only_ever_added(received: date, days: int) -> None:
    case = replace(CASE, received_on=received, acknowledged_on=received)
    today, tomorrow = _steps(case, received + days * DAY), _steps(case, received + (days + 1) * DAY)
    assert tomorrow[: len(today)] == today
    assert [step for step in AlarmStep if step.value in tomorrow] == [AlarmStep(step) for step in tomorrow]


def test_what_the_time_is_counted_from_is_the_day_that_decides_it() -> None:
    received = date(2026, 4, 24)
    for acknowledged, waived in ((date(2026, 4, 27), False), (None, False), (None, True)):
        _, day = feedback_start(received, acknowledged, waived=waived)
        again = feedback_by(day, day)
        assert feedback_by(received, acknowledged, waived=waived) == again
