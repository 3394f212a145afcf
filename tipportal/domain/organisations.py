"""Organisations, units, functions and designations (04)."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import date

RESERVED_SLUGS = frozenset({
    "", "api", "ar", "arende", "en", "favicon", "fi", "handlaggare", "healthz", "lamna", "metrics", "om", "readyz",
    "robots", "static", "sv",
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


@dataclass(frozen=True, slots=True)
class Organisation:
    """A municipality, committee, company, federation or external party. ``authority_id`` is who receives its cases."""

    id: str
    slug: str
    name: str
    kind: OrganisationKind
    listed: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of an organisation; an external party is a unit of its own (invariant 1)."""

    id: str
    organisation_id: str
    name: str
    external: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A group that may receive cases of one receiving authority."""

    id: str
    organisation_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Designation:
    """A decision that makes a handler a member of a function.

    ``valid_to`` is the last day, None until further notice. ``rank`` orders the choice: lower is asked first (04,
    smallest honest staffing: the external lawyer last).
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


def valid_slug(slug: str) -> bool:
    """Whether ``slug`` may name an organisation in an address: it never equals a route or a language (08)."""
    return bool(_SLUG.match(slug)) and slug not in RESERVED_SLUGS
