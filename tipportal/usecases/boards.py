"""Boards of the present register, kept between requests: laying one out takes longer than a draw."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tipportal.domain.independence.board import Board
from tipportal.domain.independence.choosing import Chooser
from tipportal.domain.policies.policy import PolicyInForce
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import HandlerKeys

from . import listed

MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A policy in force with the register of today, ready for draws. ``keys`` are by person."""

    in_force: PolicyInForce
    register_version: int
    chooser: Chooser
    keys: Mapping[str, HandlerKeys]

    @property
    def board(self) -> Board:
        """Who there is, and what keeps out whom."""
        return self.chooser.board


class Boards:
    """A cache for one application, safe to share between threads.

    A board holds for one policy, one version of the register and of the directory, and one day. Nothing is kept of a
    unit of work that has itself changed the register: if it is rolled back, another change gets the same number.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int, date, int], LaidOut] = OrderedDict()

    def of(self, uow: UnitOfWork, organisation_id: str, today: date) -> LaidOut | None:
        """The organisation's policy laid out for the Stockholm date ``today``, None when it has none."""
        in_force = uow.register.policy(organisation_id)
        if in_force is None:
            return None
        version = uow.register.version()
        if uow.register.is_changed:
            return _laid_out(uow, in_force, version, today)
        # What is kept holds the policy, so that no other comes to have its identity.
        key = (version, listed.version(uow), today, id(in_force.policy))
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = _laid_out(uow, in_force, version, today)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def _laid_out(uow: UnitOfWork, in_force: PolicyInForce, version: int, today: date) -> LaidOut:
    register = uow.register.snapshot()
    known = uow.register.handler_keys([person.id for person in register.people if person.ready])
    board = Board(in_force.policy, listed.only_listed(uow, register, known, today), today)
    keys = {each.account_id: each for each in known}
    return LaidOut(in_force, version, Chooser(in_force.policy, board), keys)
