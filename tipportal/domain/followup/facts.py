"""What the handling log says of each case and of the installation: the cube that every figure is counted from.

``fold`` makes it from entries, in their order. Nothing here knows more than the log: no text, no name, and of acts of a
source the date alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from tipportal.domain.cases import AckException, Outcome, SealedBy
from tipportal.domain.handovers import Recipient
from tipportal.domain.independence.listing import ListedPlace
from tipportal.domain.listed import Listed
from tipportal.domain.measures import Amount, MeasureKind, NoMeasureReason, SanctionStep
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.changed import Changed
from tipportal.domain.triage import CoveredGround, Facts, Origin, Reason

_NONE: Mapping[str, Any] = MappingProxyType({})


def _none() -> Mapping[str, Any]:
    """Nothing by id, the same for all: of tens of thousands of cases most have no measure and no handover."""
    return _NONE


@dataclass(slots=True)
class Measured:
    """A measure as it stands after corrections. ``recorded`` is the Swedish date of the entry that counts."""

    id: str
    kind: MeasureKind
    taken_on: date
    recorded: date
    amounts: Mapping[Amount, int]
    step: SanctionStep | None = None
    reason: NoMeasureReason | None = None
    after_closing: bool = False
    withdrawn: bool = False


@dataclass(slots=True)
class HandedOver:
    """A handover and what its recipient has told since: the newest answer, and after how many months it was asked."""

    proposal: str
    recipient: Recipient
    basis: str
    on: date
    asked: dict[int, date] = field(default_factory=dict)
    answers: dict[int, tuple[date, str]] = field(default_factory=dict)
    kronor: dict[int, int] = field(default_factory=dict)
    """Whole kronor of the answers that named an amount."""


@dataclass(slots=True)
class Spell:
    """One closing of a case: a reopened one has several."""

    closed: date
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    reopened: date | None = None


@dataclass(slots=True)
class CaseFacts:
    """What the log says of one case. Dates are Swedish; None is: not (yet).

    Folding replaces the sequences and mappings of a case as wholes: those who read them never change them.
    """

    reference: str
    organisation: str
    authority: str
    channel: Channel
    area: str
    received: date
    sealed_by: SealedBy | None = None
    origin: Origin | None = None
    came_as: Channel | None = None
    """The channel that it came by, where it was changed afterwards (``reclassified``)."""
    reclassified: date | None = None
    acknowledged: date | None = None
    not_acknowledged: AckException | None = None
    first_opened: date | None = None
    second_opened: date | None = None
    """When a second person opened it for the first time."""
    triaged: date | None = None
    triage: Facts | None = None
    assessed: date | None = None
    covered: bool | None = None
    ground: CoveredGround | None = None
    not_covered_reason: str | None = None
    feedback: date | None = None
    feedback_read: date | None = None
    messages_in: int = 0
    """What the source wrote after the first: messages, answered minutes and chosen times for a meeting."""
    messages_out: int = 0
    spells: Sequence[Spell] = ()
    measures: Mapping[str, Measured] = field(default_factory=_none)
    """By the id of the entry that counts: what was corrected is not here, what was withdrawn says so."""
    handovers: Mapping[str, HandedOver] = field(default_factory=_none)
    recusals: Sequence[date] = ()
    """Own recusals and exclusions raised by others."""
    standby: Sequence[date] = ()
    reprisals: Sequence[date] = ()
    """Concerns of reprisals that were noted."""
    after_care: Sequence[date] = ()
    """After-care that was done, by the day that its entry counts."""
    identity_opened: Sequence[date] = ()
    identity_disclosed: Sequence[date] = ()
    junk: bool = False
    locked: date | None = None
    disposed: date | None = None
    first_opener: str | None = None
    """The account that opened it first, for telling a second one apart. No report says it."""

    @property
    def closed(self) -> date | None:
        """When it was closed and not reopened since."""
        return self.spells[-1].closed if self.spells and self.spells[-1].reopened is None else None

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, if it has."""
        return self.spells[-1].outcome if self.closed else None


@dataclass(slots=True)
class OrganisationFacts:
    """An organisation in the log: founded, and what took it over."""

    id: str
    slug: str
    kind: str
    added: date
    ended: date | None = None
    succeeded_by: str | None = None


@dataclass(slots=True)
class Proved:
    """A proof of independence: how many weak places, and per function the fewest whose absence breaks it.

    ``places``: the weak places one by one, or where it does not hold; None where the log does not say.
    """

    organisation: str
    on: date
    held: bool
    weak_places: int
    firm_alone: int
    dependence: Mapping[str, int] = field(default_factory=dict)
    places: Listed[ListedPlace] | None = None


@dataclass(slots=True)
class PolicyChange:
    """What an activation changed for organisations that had version ``since`` before (None: none, as far as is told).

    ``changes``: None where the log says no more than that there was one.
    """

    on: date
    version: int
    organisations: tuple[str, ...]
    since: int | None = None
    changes: Listed[Changed] | None = None


@dataclass(slots=True)
class RegisterChange:
    """A change of the register: how many operations, and of each kind; None where the log does not say which."""

    on: date
    operations: int
    kinds: Mapping[str, int] | None = None


@dataclass(slots=True)
class Publication:
    """A published report, as the log says it: enough to compute it again. ``together``: with its whole set."""

    id: str
    kind: str
    period: str
    scope: str | None
    size: int
    as_of: date
    on: date
    digest: str
    together: bool = False


@dataclass(slots=True)
class Folded:
    """All that the follow-up knows after ``size`` entries. ``as_of``: the Swedish date of the newest of them."""

    size: int = 0
    as_of: date | None = None
    cases: dict[str, CaseFacts] = field(default_factory=dict)
    organisations: dict[str, OrganisationFacts] = field(default_factory=dict)
    acts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """Handlers' acts on cases by (organisation, half-year as ``2026-1``), a counter by actor."""
    proofs: list[Proved] = field(default_factory=list)
    policies: list[tuple[date, str | None, int]] = field(default_factory=list)
    """When, for which organisation, which version of a policy was activated."""
    policy_changes: list[PolicyChange] = field(default_factory=list)
    register_changes: list[RegisterChange] = field(default_factory=list)
    trustees: list[tuple[date, int, int]] = field(default_factory=list)
    """When new trustees were decided on, how many of them it takes, and how many they are."""
    channels: list[tuple[date, str, str, bool]] = field(default_factory=list)
    """When, where, which channel was opened (True) or closed."""
    functions: dict[str, str] = field(default_factory=dict)
    """Each function's organisation."""
    designations: dict[str, tuple[str, str, date, date | None]] = field(default_factory=dict)
    """Function, person, from and to, by id."""
    publications: list[Publication] = field(default_factory=list)
