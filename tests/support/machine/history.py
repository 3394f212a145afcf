"""Random histories: what happens next is drawn by weights, so that everything does happen, and a seed tells all of it.

The weights are what a long run needs to have several of each kind of event. What one alone can do at any time is light:
where everybody has left, nothing happens any more.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from tipportal.domain.duties import DutyKind
from tipportal.domain.organisations import Channel
from tipportal.domain.separations import Ground

from .administering import Machine

Move: TypeAlias = Callable[[Machine, Random], None]
AREAS = ("", "hemtjanst", "fakturahantering", "upphandling")
ROLES = ("unknown", "manager", "elected_official")
CONFLICTS = ("area:hemtjanst", "area:upphandling", "unit")
LATELY = 40


def _n(chance: Random) -> int:
    return chance.randrange(64)


def _yes(chance: Random, often: float = 0.5) -> bool:
    return chance.random() < often


def _submit(machine: Machine, chance: Random) -> None:
    concerned = chance.choice((0, 0, 1, 2))
    picks = [_n(chance) for _ in range(concerned)]
    machine.submit(chance.choice(list(Channel)), chance.choice(AREAS), chance.choice(ROLES), picks)


MOVES: dict[str, tuple[int, Move]] = {
    "submit": (5, _submit),
    "answer": (5, lambda m, r: m.answer(_n(r))),
    "open_and_write": (8, lambda m, r: m.open_and_write(_n(r), _n(r))),
    "begin_epoch": (6, lambda m, r: m.begin_epoch(_n(r), _n(r), by_source=_yes(r))),
    "recuse": (3, lambda m, r: m.recuse(_n(r), _n(r), r.choice(list(Ground)))),
    "propose_excluding": (5, lambda m, r: m.propose_excluding(_n(r), _n(r), _n(r), then=_yes(r))),
    "propose_assessing": (3, lambda m, r: m.propose(_n(r), _n(r), "assess", then=_yes(r))),
    "propose_closing": (3, lambda m, r: m.propose(_n(r), _n(r), "close", then=_yes(r))),
    "propose_ending": (3, lambda m, r: m.propose(_n(r), _n(r), "end_exclusion", then=_yes(r))),
    "propose_adding": (6, lambda m, r: m.propose_adding(_n(r), _n(r), _n(r), then=_yes(r))),
    "approve_proposal": (9, lambda m, r: m.approve_proposal(_n(r), _n(r), right=_yes(r, 0.8))),
    "decline_proposal": (2, lambda m, r: m.decline_proposal(_n(r), _n(r))),
    "do_at_once": (2, lambda m, r: m.do_at_once(_n(r), _n(r), r.choice((DutyKind.ACUTE_DANGER, DutyKind.LEX_SARAH)))),
    "review": (3, lambda m, r: m.review(_n(r), _n(r))),
    "go_away": (3, lambda m, r: m.go_away(_n(r), r.choice((0, 3, 10, 45, None)), by_other=_yes(r))),
    "come_back": (4, lambda m, r: m.come_back(_n(r))),
    "end_designation": (2, lambda m, r: m.end_designation(_n(r), r.choice((0, 1, 5)))),
    "designate": (5, lambda m, r: m.designate(_n(r))),
    "lead": (2, lambda m, r: m.lead(_n(r), _n(r))),
    "declare_conflict": (2, lambda m, r: m.declare_conflict(_n(r), r.choice(CONFLICTS), _n(r))),
    "end_conflict": (2, lambda m, r: m.end_conflict(_n(r))),
    "propose_unit": (1, lambda m, r: m.propose_change("unit", _n(r), then=_yes(r))),
    "propose_policy": (5, lambda m, r: m.propose_change("policy", _n(r), then=_yes(r))),
    "propose_suspending": (1, lambda m, r: m.propose_change("suspend", _n(r), then=_yes(r))),
    "propose_account": (2, lambda m, r: m.propose_change(r.choice(("reactivate", "close")), _n(r), then=_yes(r))),
    "approve_change": (4, lambda m, r: m.approve_change(_n(r), _n(r))),
    "decline_change": (1, lambda m, r: m.decline_change(_n(r))),
    "suspend": (4, lambda m, r: m.suspend(_n(r))),
    "look_again": (4, lambda m, r: m.look_again(_n(r), _n(r), upheld=_yes(r))),
    "decide_about_account": (
        5,
        lambda m, r: m.decide_about_account(_n(r), r.choice(("reactivate", "reactivate", "close"))),
    ),
    "days_pass": (6, lambda m, r: m.days_pass(r.choice((1, 1, 2, 3, 4, 9)))),
    "clock_leaps": (2, lambda m, r: m.clock_leaps(r.choice((3, 20, -2)), seen=_yes(r, 0.7))),
    "confirm_clock": (3, lambda m, _: m.confirm_clock()),
}


def play(machine: Machine, seed: int, steps: int) -> None:
    """Let so many things happen, each judged. What raises says which history it was and what happened last."""
    chance, happened = Random(f"history {seed}"), ["two_cases"]  # noqa: S311 - a test's dice
    names, weights = [*MOVES], [weight for weight, _ in MOVES.values()]
    try:
        machine.two_cases()
        machine.world.judge()
        while len(happened) <= steps:
            name = chance.choices(names, weights)[0]
            if not machine.may(name):
                continue
            happened.append(name)
            MOVES[name][1](machine, chance)
            machine.world.judge()
    except BaseException as error:
        error.add_note(f"History {seed}, step {len(happened) - 1}, after: {', '.join(happened[-LATELY:])}")
        raise
