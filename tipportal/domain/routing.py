"""What decides who receives a case, and who was drawn (04). The draw itself is ``independence/drawing.py``."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import Invalid
from .texts import N_

UNKNOWN = "unknown"
"""The answer "vet inte", in every routing fact."""
NO_PARTY = "none"
"""The answer that nobody is concerned."""


class SubjectRole(enum.StrEnum):
    """Whom the report concerns, as a role: the source picks it, "vet inte" is always possible."""

    UNKNOWN = "unknown"
    EMPLOYEE = "employee"
    MANAGER = "manager"
    SENIOR_POSITION = "senior_position"
    ELECTED_OFFICIAL = "elected_official"
    SUPPLIER = "supplier"
    PRIVATE_PERSON = "private_person"


@dataclass(frozen=True, slots=True)
class RoutingFacts:
    """What the server sees about a report, and only while it chooses (04, Words).

    ``area`` is empty when it is unknown. ``concerns`` holds ``unit:<id>``, ``function:<id>`` and ``organisation:<id>``:
    parties that the source names as concerned.
    """

    area: str
    subject_role: SubjectRole
    concerns: frozenset[str]

    def as_json(self) -> dict[str, object]:
        """The canonical value that the ticket and the sealed ``facts`` record hold."""
        return {
            "area": self.area,
            "concerns": sorted(self.concerns),
            "subject_role": self.subject_role.value,
        }


@dataclass(frozen=True, slots=True)
class HandlerKeys:
    """What is sealed to, and what a handler's records are verified with."""

    account_id: str
    recipient: bytes
    verification_key: bytes


@dataclass(frozen=True, slots=True)
class Candidate:
    """A handler who was drawn, with keys, and the function for which. ``party`` is the whole that employs them."""

    account_id: str
    function_id: str
    unit_id: str
    party: str
    external: bool
    rank: int
    recipient: bytes
    verification_key: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """The members in the order of the draw: panel first. Pseudonyms are ``h1``, ``h2``, … in this order."""

    panel: tuple[Candidate, ...]
    standby: tuple[Candidate, ...]

    def members(self) -> tuple[tuple[str, str, Candidate], ...]:
        """All members as (pseudonym, role, candidate), role being ``panel`` or ``standby``."""
        roles = ["panel"] * len(self.panel) + ["standby"] * len(self.standby)
        return tuple(
            (f"h{number}", role, candidate)
            for number, (role, candidate) in enumerate(zip(roles, self.panel + self.standby, strict=True), start=1)
        )


def parse_facts(
    area: str,
    subject_role: str,
    concerns: Sequence[str],
    *,
    areas: frozenset[str],
    parties: frozenset[str],
) -> RoutingFacts:
    """Check routing facts against what the organisation offers, an unknown area being the empty text.

    Raises Invalid naming the field.
    """
    area = "" if area == UNKNOWN else area
    if area and area not in areas:
        raise Invalid(N_("Välj ett område i listan."), field="area")
    try:
        role = SubjectRole(subject_role or UNKNOWN)
    except ValueError:
        raise Invalid(N_("Välj ett av alternativen."), field="subject_role") from None
    chosen = frozenset(concerns) - {UNKNOWN, NO_PARTY}
    if not chosen <= parties:
        raise Invalid(N_("Välj bland alternativen i listan."), field="concerns")
    return RoutingFacts(area=area, subject_role=role, concerns=chosen)
