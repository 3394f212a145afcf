"""What every kind of act by two says about itself: who decides it, what it needs, and what it does."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tipportal.domain.accounts import Account
from tipportal.domain.approvals import ActKind, Proposal
from tipportal.domain.cases import Case, RecordKind, Stream
from tipportal.domain.handlinglog import Json
from tipportal.domain.ports import UnitOfWork
from tipportal.usecases.context import Context
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.submit import OfferedGrant

Payload: TypeAlias = Mapping[str, Json]
Landing: TypeAlias = tuple[tuple[Stream, RecordKind], ...]


class Reasons(enum.Enum):
    """Where the reasons of an act are kept (protocol, section 5)."""

    RECORD = "record"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class OlderGrant:
    """A grant of an earlier epoch for somebody who is let in, by pseudonym; none where only one comes."""

    epoch: int
    file: bytes
    holder: str = ""


@dataclass(frozen=True, slots=True)
class OfferedEpoch:
    """The next epoch as whoever proposes it has made it; ``older`` are the earlier epochs' keys for the new member."""

    epoch: int
    work: bytes
    dialogue: bytes
    signature: bytes
    grants: tuple[OfferedGrant, ...]
    older: tuple[OlderGrant, ...]


@dataclass(frozen=True, slots=True)
class RawFacts:
    """A case's routing facts as a member's browser has read them in its sealed record."""

    area: str
    subject_role: str
    concerns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferedProposal:
    """A proposal as a client hands it in: ``act`` and ``payload`` as parsed JSON, the sealed reasons, the next epoch.

    ``reasons`` is a record, or for an act whose reasons are kept apart the age file itself. ``content``: the form that
    says what would be handed over, right after the reasons in its stream. ``facts``: the case's own routing facts,
    where a panel is drawn by them once more.
    """

    act: dict[str, Json]
    payload: dict[str, Json]
    signature: bytes
    reasons: SealedFile | bytes
    epoch: OfferedEpoch | None = None
    content: SealedFile | None = None
    facts: RawFacts | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """An act that has just been proposed, in the transaction that keeps it."""

    ctx: Context
    uow: UnitOfWork
    case: Case
    account: Account
    proposal: Proposal
    offered: OfferedProposal


@dataclass(frozen=True, slots=True)
class Decided:
    """An act that takes effect, in the transaction that approves it. ``account`` approves, ``records`` land with it."""

    ctx: Context
    uow: UnitOfWork
    case: Case
    account: Account
    proposal: Proposal
    payload: Payload
    records: tuple[SealedFile, ...]


def nothing_lands(payload: Payload) -> Landing:
    """Of an act that comes without records of its own."""
    del payload
    return ()


def source_is_told(payload: Payload) -> Landing:
    """Of an act that the source learns of, and why: a notice in the dialogue."""
    del payload
    return ((Stream.DIALOGUE, RecordKind.NOTICE),)


def nothing_to_keep(proposed: Proposed) -> None:
    """Of an act that is kept when its proposal is."""
    del proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One kind of act.

    ``check`` raises why the act cannot be done: when it is proposed and again when it takes effect. ``apply`` does it,
    after its entry (``approvals.ENTRY_OF``, with exactly the payload without its reasons) stands in the log.
    ``lands`` says which records come with the approval; they are kept before ``apply`` unless ``keeps_records`` says
    that it keeps them itself. ``keep`` keeps what else came with the proposal.
    """

    kind: ActKind
    check: Callable[[Context, UnitOfWork, Case, Payload], None]
    apply: Callable[[Decided], Case]
    reasons: Reasons = Reasons.RECORD
    lands: Callable[[Payload], Landing] = nothing_lands
    keeps_records: bool = False
    keep: Callable[[Proposed], None] = nothing_to_keep
