"""The draw of a panel: by the rules that the proof is about, at random where they leave a choice (04).

The draw is deterministic in its seed, so that asking again with the same form and facts gives the same panel, and it
is weighted by nothing that a hidden case changes: cases do not enter it at all.
"""

from __future__ import annotations

import enum
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tipportal.domain.errors import NoPanel
from tipportal.domain.policies.policy import Facts, Route
from tipportal.domain.texts import N_

from .board import Board, Place
from .choosing import Chooser, Pool
from .staffing import LEAST_UNITS, Staffing


class Why(enum.StrEnum):
    """Why somebody whom the route could have asked was not asked."""

    NOT_SERVING = "not_serving"
    """No decision in force, an absence of more than thirty days, an account without keys, elected, or an auditor."""
    CONFLICT = "conflict"
    """A declared conflict of interest with the organisation or the area."""
    RULE = "rule"
    """The rule holds their organisation to be concerned."""
    CONCERNED = "concerned"
    """The source named them, their unit or function, or somebody above or below them; or a conflict with any of it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who was drawn: for which function, and whether they are away today."""

    person: str
    function: str
    place: Place
    rank: int
    away: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """Who was drawn and why: the panel and the standby, each in the order of the draw.

    ``rule``: the number (from 0) of the rule that decided, None for the default. ``rungs``: how many of the ladder's
    had to join. ``firm_alone``: one external firm is the whole panel, which reports must say (invariant 1).
    """

    panel: tuple[Seat, ...]
    standby: tuple[Seat, ...]
    rule: int | None
    route: Route
    authority: str
    rungs: int
    firm_alone: bool
    passed_over: tuple[tuple[str, Why], ...]


def draw(chooser: Chooser, facts: Facts, seed: bytes) -> Draw:
    """Draw a panel and standby from those whom neither the facts nor the policy keep out.

    ``seed``: 32 bytes bound to the form token and the facts. Those whom the route names come first, then one rung of
    the ladder after the other where they do not suffice; within a function rank decides, then chance. The members come
    from different parties where they can, and an external party is asked only where no other can be. Whoever is away
    today is not on the panel, and the last to stand by. Raises NoPanel when no valid panel remains.
    """
    board = chooser.board
    rule = chooser.deciding(facts)
    pool, eligible = chooser.eligible(facts)
    ordered = []
    rest = eligible
    for functions in _levels(chooser, pool):
        level = []
        for function in functions:
            level += _ordered(board, function, rest, seed)
            rest &= ~board.members[function]
        ordered.append(level)
    reach, firm_alone = _reach(board, pool.staffing, ordered)
    present = [seat for level in ordered[: reach + 1] for seat in level if not seat.away]
    panel = _panel(board, pool.staffing, present, firm=firm_alone)
    on_panel = {seat.person for seat in panel}
    others = [seat for level in ordered for seat in level if seat.person not in on_panel]
    return Draw(
        panel=tuple(panel),
        standby=tuple(sorted(others, key=lambda seat: seat.away)),
        rule=rule,
        route=pool.route,
        authority=chooser.authority(facts),
        rungs=reach,
        firm_alone=firm_alone,
        passed_over=tuple(_passed_over(chooser, pool, facts, eligible)),
    )


def _levels(chooser: Chooser, pool: Pool) -> list[list[str]]:
    """The functions to ask: the route's together, then each rung; those that receive for the authority alone."""
    return [
        [function for function in functions if function in pool.functions]
        for functions in (pool.route.to, *chooser.policy.ladder)
    ]


def _ordered(board: Board, function: str, among: int, seed: bytes) -> list[Seat]:
    seats = [
        Seat(person, function, board.place(person), board.rank(person, function), bool(board.bit[person] & board.away))
        for person in board.people(board.members[function] & among)
    ]
    return sorted(seats, key=lambda seat: (seat.rank, _ticket(seed, seat.person)))


def _reach(board: Board, staffing: Staffing, ordered: Sequence[Sequence[Seat]]) -> tuple[int, bool]:
    """How many rungs must join for a panel; and whether it is a firm alone, which is so only where no other can be."""
    reached = []
    people = 0
    for level in ordered:
        for seat in level:
            people |= 0 if seat.away else board.bit[seat.person]
        reached.append(people)
    for rungs, there in enumerate(reached):
        if staffing.mixed(there, staffing.size, LEAST_UNITS):
            return rungs, False
    for rungs, there in enumerate(reached):
        if staffing.firm(there):
            return rungs, True
    raise NoPanel(
        N_(
            "Det går inte att lämna ärendet här, eftersom alla som skulle kunna ta emot det berörs. "
            "Du kan i stället vända dig till en extern myndighet, polisen eller medier."
        )
    )


def _panel(board: Board, staffing: Staffing, present: Sequence[Seat], *, firm: bool) -> list[Seat]:
    """The first in order with whom a valid panel can be made, and so on until it is whole."""
    panel: list[Seat] = []
    taken = 0
    everybody = sum(board.bit[seat.person] for seat in present)
    while len(panel) < staffing.size:
        parties = {seat.place.party for seat in panel}
        for seat in sorted(present, key=lambda seat: _after(seat, parties) if panel else 0):
            with_them = taken | board.bit[seat.person]
            if with_them != taken and _can_be_made_whole(staffing, with_them, everybody, firm=firm):
                panel.append(seat)
                taken = with_them
                break
        else:  # pragma: no cover - somebody always remains, since ``_reach`` found a panel among them
            raise AssertionError(panel)
    return panel


def _after(seat: Seat, parties: set[str]) -> int:
    """First those of another party, then those of the same, last the external."""
    return 2 if seat.place.external else int(seat.place.party in parties)


def _can_be_made_whole(staffing: Staffing, panel: int, everybody: int, *, firm: bool) -> bool:
    if firm:
        return any(not panel & ~each and (everybody & each).bit_count() >= staffing.size for each in staffing.alone)
    if staffing.mixed(panel, 1, LEAST_UNITS):
        return True
    return panel.bit_count() < staffing.size and staffing.mixed(everybody, staffing.size, LEAST_UNITS)


def _passed_over(chooser: Chooser, pool: Pool, facts: Facts, eligible: int) -> Iterator[tuple[str, Why]]:
    board = chooser.board
    listed = dict.fromkeys(
        person for function in chooser.policy.functions if function.id in pool.functions for person in function.members
    )
    serving = 0
    for function in pool.functions:
        serving |= board.members[function]
    conflicts = board.kept_out(facts.organisation, facts.area)
    for person in sorted(listed):
        bit = board.bit.get(person, 0) & serving
        if not bit:
            yield person, Why.NOT_SERVING
        elif bit & conflicts:
            yield person, Why.CONFLICT
        elif bit & pool.passed_over:
            yield person, Why.RULE
        elif bit & ~eligible:
            yield person, Why.CONCERNED


def _ticket(seed: bytes, person: str) -> bytes:
    return hmac.digest(seed, b"draw\0" + person.encode(), "sha256")
