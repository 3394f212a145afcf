"""The register that a policy is judged against: organisations, lines of command, people, decisions about them (04)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tipportal.domain.organisations import Ground, OrganisationKind, SharingBasis
from tipportal.domain.riskareas import KEYS

PAUSE_AFTER = timedelta(days=30)
"""An absence that is longer pauses the designation (04, absence register)."""


@dataclass(frozen=True, slots=True)
class RegisteredOrganisation:
    """An organisation; ``part_of`` is the one that it is a part of or owned by. A whole such tree is one party."""

    id: str
    name: str
    kind: OrganisationKind
    part_of: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredUnit:
    """A unit; ``parent`` is the unit above it, ``head`` the person who leads it: together the lines of command."""

    id: str
    name: str
    organisation: str
    parent: str | None = None
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person. The elected and auditors are never on a panel and never standby (04, Words).

    ``ready``: their account is active and has keys, so that something can be sealed to them. No file says so: whoever
    proves a policy before anybody has an account takes it as given.
    """

    id: str
    name: str
    unit: str
    elected: bool = False
    auditor: bool = False
    ready: bool = True


@dataclass(frozen=True, slots=True)
class RegisteredDesignation:
    """The decision that makes a person a member of a function, from the first to the last day.

    ``rank``: who is lower is asked before others of the function; equals are drawn.
    """

    person: str
    function: str
    ground: Ground
    decision: str
    valid_from: date
    valid_to: date | None = None
    rank: int = 1

    def active(self, today: date) -> bool:
        """Whether it gives access on the Stockholm date ``today``."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away from the first day to the last, or until further notice."""

    person: str
    first: date
    last: date | None = None

    def away(self, today: date) -> bool:
        """Whether it is going on."""
        return self.first <= today and (self.last is None or today <= self.last)

    def pauses(self, today: date) -> bool:
        """Whether it is going on and longer than thirty days, so that designations rest."""
        if self.last is None:
            return self.first <= today
        return self.first <= today <= self.last and self.last - self.first >= PAUSE_AFTER


@dataclass(frozen=True, slots=True)
class DeclaredConflict:
    """A person has declared a conflict of interest with ``person:``, ``unit:``, ``organisation:`` or ``area:`` ids."""

    person: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """What an external firm's contract says: the function that is its client, and the people whom it names.

    ``other_mandates``: organisations for which the firm has other assignments.
    """

    organisation: str
    client: str
    named_persons: tuple[str, ...]
    other_mandates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sharing:
    """The decision by which an organisation lets a function of another organisation receive its cases."""

    organisation: str
    function: str
    basis: SharingBasis
    decision: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """A snapshot of everything that decides who can be asked."""

    organisations: tuple[RegisteredOrganisation, ...]
    units: tuple[RegisteredUnit, ...]
    people: tuple[Person, ...]
    designations: tuple[RegisteredDesignation, ...]
    absences: tuple[Absence, ...] = ()
    conflicts: tuple[DeclaredConflict, ...] = ()
    firms: tuple[Firm, ...] = ()
    sharings: tuple[Sharing, ...] = ()


def subjects(organisations: Iterable[str], units: Iterable[str], people: Iterable[str]) -> frozenset[str]:
    """Everything that a conflict can be declared with, as it is written, from the ids of what there is."""
    return frozenset({
        *(f"organisation:{each}" for each in organisations),
        *(f"unit:{each}" for each in units),
        *(f"person:{each}" for each in people),
        *(f"area:{each}" for each in KEYS),
    })  # fmt: skip
