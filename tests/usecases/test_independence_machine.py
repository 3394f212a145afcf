"""Random histories of both sides and their administrators: after every step the invariants of 04 hold."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from tests.support.machine.administering import Machine
from tests.support.machine.history import play
from tipportal.domain.duties import DutyKind
from tipportal.domain.organisations import Channel
from tipportal.domain.separations import Ground

pytestmark = pytest.mark.each_database

LONG = int(os.environ.get("TIPPORTAL_TEST_MACHINE", "0"))
"""How many histories a longer run goes through; 0 is the short run that every test run has."""
FIRST = int(os.environ.get("TIPPORTAL_TEST_MACHINE_SEED", "0"))
"""The seed of the first; the others follow."""
HAPPENED = frozenset({
    "submit", "recused", "member_excluded", "epoch_begun", "standby_released", "case_assessed", "case_closed",
    "change_approved", "change_declined", "change_refused", "approval_refused", "absence_recorded", "absence_ended",
    "designation_ended", "designation_made", "account_suspended", "clock_doubted",
    "clock_confirmed", "duty_done", "duty_reviewed", "policy_activated", "conflict_declared",
})  # fmt: skip
OFTEN = frozenset({
    "submit", "recused", "epoch_begun", "approved", "change_approved", "approval_refused", "standby_released",
})  # fmt: skip
"""What the short run has too, but for a few."""
FEW = 4
EVERYTHING = HAPPENED | OFTEN | {
    "member_added", "exclusion_ending", "declined", "seat_vacated", "account_restored",
    "conflict_ended",
    "suspension_lifted", "absence_withdrawn", "directory_published", "message_sent", "source_message_received",
}  # fmt: skip


GATE = (1, 30)
"""Histories of every test run, and steps in each."""
LONG_STEPS = 300
SEVERAL = 4
"""So many long histories have everything in them."""


def test_invariants_hold_after_every_step_of_random_histories(database_kind: str) -> None:
    counted: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + (LONG or GATE[0])):
        machine = Machine(database_kind)
        try:
            play(machine, seed, LONG_STEPS if LONG else GATE[1])
        finally:
            machine.teardown()
            counted.update(machine.world.counted)

    if LONG:
        sys.stdout.writelines(f"{often:6} {what}\n" for what, often in sorted(counted.items()))
    # Histories in which nothing happens prove nothing.
    missing = {what for what in (EVERYTHING if LONG >= SEVERAL else OFTEN) if not counted[what]}
    assert len(missing) <= (0 if LONG >= SEVERAL else FEW), counted


def test_invariants_hold_after_every_step_of_a_history_in_which_everything_happens(database_kind: str) -> None:
    machine = Machine(database_kind)
    world = machine.world
    steps: tuple[Callable[[], None], ...] = (
        machine.two_cases,
        lambda: machine.propose_excluding(0, 0, 0, then=False),
        *[partial(machine.approve_proposal, 0, who, right=False) for who in range(5)],
        *[partial(machine.approve_proposal, 0, who, right=True) for who in range(3)],
        lambda: machine.begin_epoch(0, 0, by_source=True),
        lambda: machine.propose(1, 0, "close", then=True),
        lambda: machine.submit(Channel.REPORT, "fakturahantering", "manager", [0]),
        lambda: machine.propose(2, 0, "assess", then=True),
        *[partial(machine.recuse, 2, who, Ground.THREAT) for who in range(2)],
        lambda: machine.begin_epoch(2, 0, by_source=False),
        lambda: machine.answer(2),
        lambda: machine.do_at_once(0, 0, DutyKind.ACUTE_DANGER),
        *[partial(machine.review, 0, who) for who in range(5)],
        *[partial(machine.propose_change, what, 0) for what in ("unit", "policy")],
        *[partial(machine.approve_change, number, who) for number in range(2) for who in (0, 2, 1)],
        lambda: machine.decline_change(0),
        lambda: machine.propose_change("policy", 0),
        lambda: machine.approve_change(0, 1),
        lambda: machine.go_away(1, 3),
        lambda: machine.declare_conflict(2, "area:hemtjanst", 0),
        lambda: machine.days_pass(1),
        lambda: machine.come_back(0),
        lambda: machine.end_designation(2, 0),
        lambda: machine.days_pass(2),
        lambda: machine.designate(2),
        lambda: machine.suspend(3),
        *[partial(machine.look_again, number, who, upheld=True) for number in range(2) for who in range(2)],
        lambda: machine.days_pass(1),
        lambda: machine.decide_about_account(3, "reactivate"),
        lambda: machine.lead(0, 1),
        lambda: machine.submit(Channel.TIP, "upphandling", "unknown", [1]),
        lambda: machine.clock_leaps(3),
        lambda: machine.days_pass(1),
        machine.confirm_clock,
        lambda: machine.days_pass(4),
    )
    try:
        for step in steps:
            step()
            world.judge()
    finally:
        machine.teardown()

    assert {what for what in HAPPENED if not world.counted[what]} == set(), world.counted
