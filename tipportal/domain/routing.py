"""Who receives a case: policy, routing facts and the draw of a panel (04).

The draw is deterministic in its seed, so that asking again with the same form and facts gives the same panel,
and it is weighted by nothing that a hidden case changes.
"""

from __future__ import annotations

import enum
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import Invalid, NoPanel
from .organisations import Channel
from .texts import N_

PANEL_SIZE = 2
MIN_UNITS = 2
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
    """A version of an organisation's routing policy: per channel the default function and the receiving authority."""

    organisation_id: str
    version: int
    default_function: Mapping[Channel, str]
    authority: Mapping[Channel, str]
    panel_size: int = PANEL_SIZE


@dataclass(frozen=True, slots=True)
class HandlerKeys:
    """What is sealed to, and what a handler's records are verified with."""

    account_id: str
    recipient: bytes
    verification_key: bytes


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
            for number, (role, candidate) in enumerate(zip(roles, self.panel + self.standby, strict=True), start=1)
        )


def staffing_faults(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Why a function cannot carry a channel (invariant 1: two people from two units at least); empty when it can.

    Asked at set-up, so that a channel which cannot form a panel is refused there and never at the citizen.
    """
    faults = []
    if len({candidate.account_id for candidate in candidates}) < PANEL_SIZE:
        faults.append(N_("Funktionen behöver minst två handläggare som är utsedda i dag och har skapat sina nycklar."))
    if len({_unit(candidate) for candidate in candidates}) < MIN_UNITS:
        faults.append(N_("Handläggarna behöver komma från minst två enheter."))
    return tuple(faults)


def draw(candidates: Sequence[Candidate], facts: RoutingFacts, seed: bytes) -> Drawn:
    """Draw a panel of two from two units, and the rest as standby, from those whom the facts do not concern.

    ``seed``: 32 bytes bound to the form token and the facts. Order: rank, then the draw; the second member comes from
    another organisation if one can, else from another unit, and an external party is asked only where no other can be.
    Somebody who is designated for several units is one person: concerned in all as soon as in one, drawn once. Raises
    NoPanel when no two unconcerned people from two units remain.
    """
    concerned = {candidate.account_id for candidate in candidates if _concerned(candidate, facts)}
    unconcerned = [candidate for candidate in candidates if candidate.account_id not in concerned]
    if staffing_faults(unconcerned):
        raise NoPanel(
            N_(
                "Det går inte att lämna ärendet här, eftersom alla som skulle kunna ta emot det berörs. "
                "Du kan i stället vända dig till en extern myndighet, polisen eller medier."
            )
        )
    # The unit last, so that two designations of one person have an order of their own whatever order they come in.
    ordered = sorted(unconcerned, key=lambda c: (c.rank, _ticket(seed, c.account_id), c.unit_id))
    # Two people and two units always hold such a pair: were there none, everybody would be in the same single unit.
    first, others = next((first, others) for first in ordered if (others := _partners(first, ordered)))
    second = next(
        (c for c in others if c.party != first.party and not c.external),
        next((c for c in others if not c.external), others[0]),
    )
    standby: dict[str, Candidate] = {}
    for candidate in ordered:
        if candidate.account_id not in {first.account_id, second.account_id}:
            standby.setdefault(candidate.account_id, candidate)
    return Drawn(panel=(first, second), standby=tuple(standby.values()))


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


def _concerned(candidate: Candidate, facts: RoutingFacts) -> bool:
    return not facts.concerns.isdisjoint({f"unit:{candidate.unit_id}", f"function:{candidate.function_id}"})


def _unit(candidate: Candidate) -> str:
    """The unit that counts for invariant 1: an external party is a single unit, however it has been divided."""
    return f"party:{candidate.party}" if candidate.external else f"unit:{candidate.unit_id}"


def _partners(first: Candidate, ordered: Sequence[Candidate]) -> list[Candidate]:
    return [c for c in ordered if c.account_id != first.account_id and _unit(c) != _unit(first)]


def _ticket(seed: bytes, account_id: str) -> bytes:
    return hmac.digest(seed, b"draw\0" + account_id.encode(), "sha256")
