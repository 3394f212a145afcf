"""What the newest proof of a policy found, as it is kept between proofs: whether it holds, or what to add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tipportal.domain.handlinglog import Json
from tipportal.domain.policies.explaining import Sentence


@dataclass(frozen=True, slots=True)
class KeptProof:
    """The newest proof of an organisation's policy.

    ``reasons``: each counterexample as sentences (the situation, what is missing, what to add), none when it holds.
    ``weak_places``: where a panel is left but no standby. ``firm_alone``: how many situations rely on one firm
    (invariant 1). ``dependence``: each function's figure (04) in words, ``figures`` the figures alone, by function.
    ``places``: the weak places, or the counterexamples, as the log lists them; empty of a proof from before it did.
    """

    organisation_id: str
    policy_version: int
    register_version: int
    proven_on: date
    holds: bool
    reasons: tuple[tuple[Sentence, ...], ...] = ()
    weak_places: tuple[tuple[Sentence, ...], ...] = ()
    firm_alone: int = 0
    dependence: tuple[Sentence, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, Json] = field(default_factory=dict)

    def counts(self) -> tuple[object, ...]:
        """What the follow-up tells of a proof: an entry of the log is due when any of it has changed."""
        return (self.holds, len(self.weak_places), self.firm_alone, dict(self.figures), dict(self.places))
