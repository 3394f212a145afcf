"""The dependence figure (04): the smallest number of people whose absence breaks a function."""

from __future__ import annotations

from tipportal.domain.policies.policy import PANEL_SIZE, Policy, PolicyFunction

from .board import Board
from .findings import Dependence
from .staffing import bits


def dependence(policy: Policy, board: Board, function: PolicyFunction) -> Dependence:
    """Who at the least has to be away for the function to have no valid panel of its own; nobody when it has none.

    The size is the largest panel that a route asks of the function. The largest set without a panel is either smaller
    than a panel, or a single unit (of a firm that may stand alone: with too few of those whom its contract names).
    """
    routes = [*policy.defaults.values(), *(rule.route for rule in policy.rules)]
    size = max((route.panel_size for route in routes if function.id in route.to), default=PANEL_SIZE)
    members = board.members[function.id]
    alone = board.alone([function.id], function.authority, function.authority)
    kept = _some(members, size - 1)
    for unit in {board.unit_of[bit.bit_length() - 1] & members for bit in bits(members)}:
        whole = unit
        for firm in alone:
            if firm & unit:
                whole = unit & ~firm | _some(unit & firm, size - 1)
        kept = max(kept, whole, key=int.bit_count)
    return Dependence(function.id, board.people(members & ~kept))


def _some(people: int, count: int) -> int:
    out = 0
    for bit in bits(people):
        if out.bit_count() == count:
            break
        out |= bit
    return out
