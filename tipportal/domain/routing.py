"""Who receives a case: policy, routing facts and the draw of a panel (04).

The draw is deterministic in its seed, so that asking again with the same form and facts gives the same panel,
and it is weighted by nothing that a hidden case changes.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import Invalid, NoPanel
from .organisations import Channel

PANEL_SIZE = 2
MIN_UNITS = 2


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

    ``concerns`` holds ``unit:<id>`` and ``function:<id>``: parties that the source names as concerned.
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
class Policy:
    """A version of an organisation's routing policy: per channel the default function, and who the receiving authority is."""

    organisation_id: str
    version: int
    default_function: Mapping[Channel, str]
    authority: Mapping[Channel, str]
    panel_size: int = PANEL_SIZE


@dataclass(frozen=True, slots=True)
class Candidate:
    """A handler who is designated today, with a key. ``party`` is the organisation that employs them."""

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
            for number, (role, candidate) in enumerate(
                zip(roles, self.panel + self.standby, strict=True), start=1
            )
        )


def staffing_faults(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Why a function cannot carry a channel; empty when it can (invariant 1: at least two people from at least two units).

    Asked at set-up, so that a channel which cannot form a panel is refused there and never at the citizen.
    """
    faults = []
    if len({candidate.account_id for candidate in candidates}) < PANEL_SIZE:
        faults.append(
            "Funktionen behöver minst två handläggare som är utsedda i dag och har skapat sina nycklar."
        )
    if len({candidate.unit_id for candidate in candidates}) < MIN_UNITS:
        faults.append("Handläggarna behöver komma från minst två enheter.")
    return tuple(faults)


def draw(candidates: Sequence[Candidate], facts: RoutingFacts, seed: bytes) -> Drawn:
    """Draw a panel of two from two units, and the rest as standby, from those whom the facts do not concern.

    ``seed``: 32 bytes bound to the form token and the facts. Order: rank, then the draw; the second member comes from
    another organisation if one can, else from another unit. Raises NoPanel when no two unconcerned people from two
    units remain.
    """
    unconcerned = [
        candidate
        for candidate in candidates
        if f"unit:{candidate.unit_id}" not in facts.concerns
        and f"function:{candidate.function_id}" not in facts.concerns
    ]
    if staffing_faults(unconcerned):
        raise NoPanel(
            "Det går inte att lämna ärendet här, eftersom alla som skulle kunna ta emot det berörs. "
            "Du kan i stället vända dig till en extern myndighet, polisen eller medier."
        )
    ordered = sorted(
        unconcerned,
        key=lambda candidate: (candidate.rank, _ticket(seed, candidate.account_id)),
    )
    first = ordered[0]
    others = [
        candidate for candidate in ordered[1:] if candidate.unit_id != first.unit_id
    ]
    second = next(
        (c for c in others if c.party != first.party and not c.external),
        next((c for c in others if not c.external), others[0]),
    )
    standby = tuple(
        candidate for candidate in ordered if candidate not in (first, second)
    )
    return Drawn(panel=(first, second), standby=standby)


def parse_facts(
    area: str,
    subject_role: str,
    concerns: Sequence[str],
    *,
    areas: frozenset[str],
    parties: frozenset[str],
) -> RoutingFacts:
    """Check routing facts against what the organisation offers. Raises Invalid naming the field."""
    if area and area not in areas:
        raise Invalid("Välj ett område i listan.", field="area")
    try:
        role = SubjectRole(subject_role or SubjectRole.UNKNOWN.value)
    except ValueError:
        raise Invalid("Välj ett av alternativen.", field="subject_role") from None
    chosen = frozenset(concerns) - {"unknown", "none"}
    if not chosen <= parties:
        raise Invalid("Välj bland alternativen i listan.", field="concerns")
    return RoutingFacts(area=area, subject_role=role, concerns=chosen)


def _ticket(seed: bytes, account_id: str) -> bytes:
    return hmac.new(seed, b"draw\0" + account_id.encode(), hashlib.sha256).digest()
