"""Boards of the present register, kept between requests: laying one out takes longer than a draw."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tipportal.domain.directory import DirectoryHead
from tipportal.domain.independence.board import Board
from tipportal.domain.independence.choosing import Chooser
from tipportal.domain.organisations import Organisation
from tipportal.domain.policies.policy import PolicyInForce
from tipportal.domain.ports import UnitOfWork, Versions
from tipportal.domain.routing import HandlerKeys
from tipportal.domain.trustees import TrusteeSet

from . import listed

MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A policy in force with the register of today, ready for draws, and all else that an offer says.

    ``keys`` are by person, ``organisations`` by id. ``directory`` and ``trustees`` are None before the first.
    """

    in_force: PolicyInForce
    register_version: int
    chooser: Chooser
    keys: Mapping[str, HandlerKeys]
    organisations: Mapping[str, Organisation]
    installation_id: bytes | None
    directory: DirectoryHead | None
    trustees: TrusteeSet | None
    parents: Mapping[str, str | None]
    """Each unit's parent."""
    employers: Mapping[str, str]
    """Each unit's organisation."""

    @property
    def board(self) -> Board:
        """Who there is, and what keeps out whom."""
        return self.chooser.board


class Boards:
    """A cache for one application, safe to share between threads.

    What is laid out holds for one policy, one version of everything that a draw depends on, and one day. Nothing is
    kept of a unit of work that has itself changed any of it: if it is rolled back, another change gets the same number.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Versions, date, int], LaidOut] = OrderedDict()
        self._policies: tuple[Versions, dict[str, PolicyInForce]] = (Versions(-1, -1, -1), {})

    def of(self, uow: UnitOfWork, organisation_id: str, today: date) -> LaidOut | None:
        """The organisation's policy laid out for the Stockholm date ``today``, None when it has none."""
        versions = uow.versions()
        if versions is None:
            in_force = uow.register.policy(organisation_id)
            return None if in_force is None else _laid_out(uow, in_force, today)
        with self._lock:
            in_force = self._in_force(uow, organisation_id, versions)
            if in_force is None:
                return None
            # What is kept holds the policy, so that no other comes to have its identity.
            key = (versions, today, id(in_force.policy))
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = _laid_out(uow, in_force, today)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def recent(self, organisation_id: str, today: date) -> LaidOut | None:
        """What was laid out last for the organisation and day, without asking: right only if ``of`` gives the same."""
        with self._lock:
            versions, policies = self._policies
            in_force = policies.get(organisation_id)
            return None if in_force is None else self._kept.get((versions, today, id(in_force.policy)))

    def _in_force(self, uow: UnitOfWork, organisation_id: str, versions: Versions) -> PolicyInForce | None:
        if self._policies[0] != versions:
            self._policies = (versions, {})
        kept = self._policies[1]
        if organisation_id not in kept:
            found = uow.register.policy(organisation_id)
            if found is None:
                return None
            kept[organisation_id] = found
        return kept[organisation_id]


def _laid_out(uow: UnitOfWork, in_force: PolicyInForce, today: date) -> LaidOut:
    register = uow.register.snapshot()
    known = uow.register.handler_keys([person.id for person in register.people if person.ready])
    board = Board(in_force.policy, listed.only_listed(uow, register, known, today), today)
    return LaidOut(
        in_force=in_force,
        register_version=uow.register.version(),
        chooser=Chooser(in_force.policy, board),
        keys={each.account_id: each for each in known},
        organisations={each.id: each for each in uow.register.organisations()},
        installation_id=uow.installation_id(),
        directory=uow.directory.head(),
        trustees=listed.trustees(uow),
        parents={unit.id: unit.parent for unit in register.units},
        employers={unit.id: unit.organisation for unit in register.units},
    )
