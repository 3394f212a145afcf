"""Organisations, lines of command, people, functions, and the decisions about them (04): the rows of the register.

Nothing is taken out of the register, since cases and decisions point to it: what has ended carries the day.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import date

RESERVED_SLUGS = frozenset({
    "", "api", "ar", "arende", "aterrapport", "en", "favicon", "fi", "handlaggare", "healthz", "lamna", "metrics", "om",
    "readyz", "robots", "static", "sv",
})  # fmt: skip
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}\Z")


class OrganisationKind(enum.StrEnum):
    """What an organisation is in law: it decides secrecy, register and controller."""

    MUNICIPALITY = "municipality"
    COMMITTEE = "committee"
    DEPARTMENT = "department"
    COMPANY = "company"
    FEDERATION = "federation"
    EXTERNAL = "external"


class Channel(enum.StrEnum):
    """The two legal regimes (01): never one form with a flag."""

    TIP = "tip"
    REPORT = "report"


class Ground(enum.StrEnum):
    """Why a person may be designated (04, Words)."""

    EMPLOYMENT = "employment"
    CONTRACT_5_5 = "contract_5_5"
    ASSIGNMENT_OSL_2_1 = "assignment_osl_2_1"


class SharingBasis(enum.StrEnum):
    """By what an organisation shares a function with another (lagen om visselblåsning)."""

    CH5_S3 = "5:3"
    """5 kap. 3 §: private companies of 50 to 249 employees."""
    CH5_S4 = "5:4"
    """5 kap. 4 §: municipalities, with their companies, foundations and federations."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A municipality, committee, company, federation or external party.

    ``part_of`` is the organisation that it is a part of or owned by: a whole such tree is one party.
    ``succeeded_by`` took over what it did, after a reorganisation.
    """

    id: str
    slug: str
    name: str
    kind: OrganisationKind
    listed: bool
    part_of: str | None = None
    succeeded_by: str | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of an organisation; an external party is a unit of its own (invariant 1).

    ``parent_id`` is the unit above it, ``head_id`` the person who leads it: together the lines of command.
    """

    id: str
    organisation_id: str
    name: str
    external: bool
    parent_id: str | None = None
    head_id: str | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A group that may receive cases of one receiving authority."""

    id: str
    organisation_id: str
    name: str
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the register knows, with an account or without; with one, by the account's id.

    The elected and auditors are never on a panel and never standby (04, Words).
    """

    id: str
    organisation_id: str
    name: str
    unit_id: str
    elected: bool = False
    auditor: bool = False
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Designation:
    """A decision that makes a person a member of a function.

    ``account_id`` is the person's id, whether they have their account yet or not. ``valid_to`` is the last day, None
    until further notice. ``rank`` orders the choice: lower is asked first (04, smallest honest staffing: the external
    lawyer last).
    """

    id: str
    organisation_id: str
    function_id: str
    account_id: str
    unit_id: str
    ground: Ground
    decision_number: str
    decided_on: date
    valid_from: date
    valid_to: date | None
    rank: int

    def active(self, today: date) -> bool:
        """Whether the designation gives access on the Stockholm date ``today``."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away from the first day to the last, or until further notice."""

    id: str
    organisation_id: str
    person_id: str
    first: date
    last: date | None = None


@dataclass(frozen=True, slots=True)
class DeclaredConflict:
    """A person has declared a conflict of interest with one ``person:``, ``unit:``, ``organisation:`` or ``area:``."""

    id: str
    organisation_id: str
    person_id: str
    subject: str
    declared_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Firm:
    """What an external firm's contract says. ``organisation_id`` is the firm's own.

    ``client_function_id`` is the function that is its client, ``named_persons`` the ids of those whom the contract
    names, ``other_mandates`` the organisations for which the firm has other assignments.
    """

    organisation_id: str
    client_function_id: str
    named_persons: tuple[str, ...]
    other_mandates: tuple[str, ...] = ()
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class SharingAgreement:
    """The decision by which an organisation lets a function of another organisation receive its cases."""

    id: str
    organisation_id: str
    function_id: str
    basis: SharingBasis
    decision_number: str
    decided_on: date
    valid_from: date
    valid_to: date | None = None

    def active(self, today: date) -> bool:
        """Whether it holds on the Stockholm date ``today``."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


def valid_slug(slug: str) -> bool:
    """Whether ``slug`` may name an organisation in an address: it never equals a route or a language (08)."""
    return bool(_SLUG.match(slug)) and slug not in RESERVED_SLUGS
