"""Consequential acts by two different people, both signed (04, invariant 3): one generic mechanism for all of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .errors import AlreadyDecided, NotEntitled
from .handlinglog import EntryKind
from .texts import N_

VALID_DAYS = 14


class ActKind(enum.StrEnum):
    """The acts that this version knows. The enumeration only grows."""

    ASSESS = "assess"
    CLOSE = "close"
    EXCLUDE_MEMBER = "exclude_member"
    ADD_MEMBER = "add_member"
    END_EXCLUSION = "end_exclusion"
    OPEN_IDENTITY = "open_identity"
    DISCLOSE_IDENTITY = "disclose_identity"
    RESTRICT_DIALOGUE = "restrict_dialogue"
    LIFT_RESTRICTION = "lift_restriction"
    LIFT_QUARANTINE = "lift_quarantine"
    RECLASSIFY = "reclassify"
    HAND_OVER = "hand_over"
    EXPORT = "export"
    RETAIN = "retain"
    REOPEN = "reopen"


ENTRY_OF = {
    ActKind.ASSESS: EntryKind.CASE_ASSESSED,
    ActKind.CLOSE: EntryKind.CASE_CLOSED,
    ActKind.EXCLUDE_MEMBER: EntryKind.MEMBER_EXCLUDED,
    ActKind.ADD_MEMBER: EntryKind.MEMBER_ADDED,
    ActKind.END_EXCLUSION: EntryKind.EXCLUSION_ENDING,
    ActKind.OPEN_IDENTITY: EntryKind.IDENTITY_OPENED,
    ActKind.DISCLOSE_IDENTITY: EntryKind.IDENTITY_DISCLOSED,
    ActKind.RESTRICT_DIALOGUE: EntryKind.DIALOGUE_RESTRICTED,
    ActKind.LIFT_RESTRICTION: EntryKind.RESTRICTION_LIFTED,
    ActKind.LIFT_QUARANTINE: EntryKind.QUARANTINE_LIFTED,
    ActKind.RECLASSIFY: EntryKind.CASE_RECLASSIFIED,
    ActKind.HAND_OVER: EntryKind.HANDED_OVER,
    ActKind.EXPORT: EntryKind.CASE_EXPORTED,
    ActKind.RETAIN: EntryKind.RETENTION_DECIDED,
    ActKind.REOPEN: EntryKind.CASE_REOPENED,
}
"""What an act leaves in the log when it takes effect. None of these stands there without two signatures."""


class ProposalState(enum.StrEnum):
    """A proposal is decided once."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A signed proposal on a case. ``act`` and ``payload`` are canonical JSON bytes; instants are UTC seconds.

    ``proposer`` and ``approver`` are account ids, ``proposer_member`` and ``approver_member`` their pseudonyms in the
    case.
    """

    id: str
    organisation_id: str
    case_id: str
    epoch: int
    kind: ActKind
    act: bytes
    payload: bytes
    nonce: str
    proposer: str
    proposer_member: str
    proposer_signature: bytes
    proposed_at: int
    expires_at: int
    state: ProposalState
    approver: str | None = None
    approver_member: str | None = None
    approver_signature: bytes | None = None
    decided_at: int | None = None


def current_state(proposal: Proposal, now: int) -> ProposalState:
    """The state at ``now`` (UTC seconds): an open proposal past its date has expired without anybody writing so."""
    if proposal.state is ProposalState.OPEN and now >= proposal.expires_at:
        return ProposalState.EXPIRED
    return proposal.state


def why_not_approve(proposal: Proposal, account_id: str, *, on_panel: bool, epoch: int, now: int) -> str | None:
    """Why this person may not approve, in plain words; None when they may.

    Entitlement is judged when the act takes effect: an unknown or empty panel means no.
    """
    if current_state(proposal, now) is not ProposalState.OPEN:
        return N_("Förslaget är redan avgjort eller har gått ut.")
    if not on_panel:
        return N_("Bara den som ingår i ärendegruppen kan godkänna.")
    if proposal.proposer == account_id:
        return N_("Du har själv lagt förslaget. Någon annan i ärendegruppen behöver godkänna.")
    if proposal.epoch != epoch:
        return N_("Ärendegruppen har ändrats sedan förslaget lades. Lägg ett nytt förslag.")
    return None


def check_approval(proposal: Proposal, account_id: str, *, on_panel: bool, epoch: int, now: int) -> None:
    """Raise unless this person may approve now (AlreadyDecided, NotEntitled)."""
    reason = why_not_approve(proposal, account_id, on_panel=on_panel, epoch=epoch, now=now)
    if reason is None:
        return
    if current_state(proposal, now) is not ProposalState.OPEN:
        raise AlreadyDecided(reason)
    raise NotEntitled(reason)
