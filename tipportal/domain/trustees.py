"""Trustees: who can together open one case when its handlers cannot (04). Recovery that is nobody's: k of n."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

LEAST_THRESHOLD: Final = 2
DEFAULT_THRESHOLD: Final = 2
MOST_TRUSTEES: Final = 20
UNIT: Final = "unit:"
ORGANISATION: Final = "organisation:"


@dataclass(frozen=True, slots=True)
class Trustee:
    """A trustee with public keys. ``id`` follows from the keys; ``unit_id`` where their unit is in the register."""

    id: str
    name: str
    organisation: str
    unit: str
    unit_id: str | None
    recipient: bytes
    verification_key: bytes


@dataclass(frozen=True, slots=True)
class TrusteeSet:
    """Trustees as two administrators named them. In force from the day when all have acknowledged the ceremony.

    ``organisation_id``: whose decision it is.
    """

    organisation_id: str
    version: int
    threshold: int
    change_id: str
    acknowledged_on: date | None
    trustees: tuple[Trustee, ...]


@dataclass(frozen=True, slots=True)
class CaseTrustee:
    """A trustee of a case in one epoch, as its chain names them: under a pseudonym, of a set."""

    organisation_id: str
    case_id: str
    epoch: int
    member: str
    trustee_id: str
    set_version: int


class RecoveryState(StrEnum):
    """How far a recovery has come."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Recovery:
    """The recovery of one case, as two administrators agreed. ``epoch``: the one that it made."""

    id: str
    organisation_id: str
    case_id: str
    change_id: str
    why: str
    begun_on: date
    state: RecoveryState
    epoch: int | None


@dataclass(frozen=True, slots=True)
class Drill:
    """A rehearsal: as many trustees as it takes have opened a drill secret together, and signed that they have."""

    organisation_id: str
    id: str
    set_version: int
    done_on: date
    trustees: str


def trustee_id(recipient: bytes, verification_key: bytes) -> str:
    """The id of a trustee with these keys: 32 hex digits."""
    return hashlib.sha256(recipient + verification_key).hexdigest()[:32]


def is_concerned(unit_id: str | None, concerns: Collection[str], parents: Mapping[str, str | None], of: str) -> bool:
    """Whether a concerned ``unit:`` or ``organisation:`` is a trustee's own, or in its line of command.

    ``parents``: each unit's parent; ``of``: the organisation of the trustee's unit.
    """
    if unit_id is None:
        return False
    if f"{ORGANISATION}{of}" in concerns:
        return True
    named = {concern.removeprefix(UNIT) for concern in concerns if concern.startswith(UNIT)}
    return any(unit_id in _line(unit, parents) or unit in _line(unit_id, parents) for unit in named)


def without_concerned(trustees: Sequence[Trustee], concerned: Collection[str], threshold: int) -> tuple[Trustee, ...]:
    """Those who get shares: the concerned get none, as long as ``threshold`` others remain."""
    left = tuple(trustee for trustee in trustees if trustee.id not in concerned)
    return left if len(left) >= threshold else tuple(trustees)


def next_pseudonyms(taken: Collection[str], count: int) -> tuple[str, ...]:
    """Pseudonyms that nobody in a case has had, such as ``t4`` and ``t5``."""
    highest = max((int(member.removeprefix("t")) for member in taken), default=0)
    return tuple(f"t{number}" for number in range(highest + 1, highest + 1 + count))


def _line(unit: str, parents: Mapping[str, str | None]) -> list[str]:
    found: list[str] = []
    at: str | None = unit
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found
