"""Alarms before a date is missed: which case reaches which step when, as pure functions of dates (design 06)."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from . import retention
from .cases import AckException, Case, CaseState
from .deadlines import Deadline, acknowledge_by, feedback_by

_DAY = timedelta(days=1)


class Watch(enum.StrEnum):
    """The clock that an alarm is for. For a tip the first two are aims, not duties."""

    ACKNOWLEDGE = "acknowledge"
    FEEDBACK = "feedback"
    RETENTION = "retention"
    """The two years after closing: the panel is alarmed twice, and then the case is locked."""


class AlarmStep(enum.StrEnum):
    """Who is to act, in the order of the alarms: the panel twice, the standby, then others up the ladder."""

    PANEL_EARLY = "panel_early"
    PANEL = "panel"
    STANDBY = "standby"
    LADDER = "ladder"


DAYS_BEFORE = {
    Watch.ACKNOWLEDGE: {AlarmStep.PANEL: 2, AlarmStep.LADDER: 0},
    Watch.FEEDBACK: {
        AlarmStep.PANEL_EARLY: 14,
        AlarmStep.PANEL: 5,
        AlarmStep.STANDBY: 2,
        AlarmStep.LADDER: 0,
    },
}
"""How many days before the target each step is reached. The ladder joins on the target itself, and stays joined."""
QUIET_DAYS = 68
"""No step of a case whose receipt is acknowledged is reached within so many days of receipt: the shortest three months
have 89 days, the panel is alarmed 14 days before the target, and a target is never more than 7 days before its date."""
_DONE = (CaseState.CLOSED, CaseState.LOCKED)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A step that a case has reached. ``due`` is the target that it was reached for."""

    watch: Watch
    step: AlarmStep
    due: date


def clock_of(case: Case) -> tuple[Watch, Deadline] | None:
    """The clock that runs in a case, with its dates; None when nothing more is asked for, or nobody has reported."""
    left_out = case.ack_left_out
    if case.state in _DONE or case.feedback_on is not None or left_out is AckException.NO_REPORTER:
        return None
    if case.acknowledged_on is None and left_out is None:
        return Watch.ACKNOWLEDGE, acknowledge_by(case.received_on)
    return Watch.FEEDBACK, feedback_by(case.received_on, case.acknowledged_on, waived=left_out is not None)


def reached(case: Case, today: date) -> Iterator[Alarm]:
    """Every step that the case has reached on the Stockholm date ``today``, the earliest first."""
    clock = clock_of(case)
    if clock is None:
        return
    watch, deadline = clock
    for step, days in DAYS_BEFORE[watch].items():
        if today >= deadline.target - days * _DAY:
            yield Alarm(watch, step, deadline.target)


def ending(case: Case, today: date) -> Iterator[Alarm]:
    """The same of a closed case that nobody has decided about: ``due`` is the day on which it is locked."""
    if case.state is not CaseState.CLOSED or case.closed_on is None:
        return
    clock = retention.clock_of(case.closed_on)
    for step, first in ((AlarmStep.PANEL_EARLY, clock.first_alarm), (AlarmStep.PANEL, clock.second_alarm)):
        if first <= today < clock.ends:
            yield Alarm(Watch.RETENTION, step, clock.ends)
