"""Consequential acts: one member of the panel proposes and signs, another approves and signs (04, invariant 3)."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tipportal.domain import cases
from tipportal.domain.accounts import Account
from tipportal.domain.approvals import VALID_DAYS, ActKind, Proposal, ProposalState, check_approval
from tipportal.domain.cases import Case, Outcome, RecordKind, Stream
from tipportal.domain.errors import BadSignature, Invalid, NotEntitled, NotFound, Refusal
from tipportal.domain.handlinglog import EntryKind, Json, instant
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError
from tipportal.envelope.acts import parse_act, verify_act
from tipportal.envelope.canonical import canonical
from tipportal.envelope.keys import VerificationKey

from .context import Context
from .handle import case_entry, keep_record, member_of, on_panel, refused
from .sealedfiles import SealedFile, check_record

_NONCE = re.compile(r"[0-9a-f]{32}\Z")
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class OfferedProposal:
    """A proposal as a client hands it in: ``act`` and ``payload`` as parsed JSON, and the sealed reasons."""

    act: dict[str, Json]
    payload: dict[str, Json]
    signature: bytes
    reasons: SealedFile


@dataclass(frozen=True, slots=True)
class WaitingProposal:
    """A proposal of somebody else that waits for this handler's decision."""

    case: Case
    proposal: Proposal


def waiting(ctx: Context, account: Account) -> tuple[WaitingProposal, ...]:
    """Proposals of others on cases where the handler is on the panel."""
    with ctx.storage.read() as uow:
        now = ctx.clock()
        return tuple(
            WaitingProposal(case, proposal)
            for case, proposal in uow.proposals.open_for(account.id)
            if proposal.expires_at > now
        )


def propose(ctx: Context, account: Account, reference: str, offered: OfferedProposal) -> Proposal:
    """Propose an act. Nothing changes until another member approves.

    Raises NotFound, NotEntitled, Invalid, BadSignature, IllegalTransition, ProposalOpen, EpochClosed, SequenceConflict.
    """
    check_record(offered.reasons)
    if offered.reasons.kind is not RecordKind.ASSESSMENT or offered.reasons.stream is not Stream.WORK:
        raise Invalid(N_("Skälen ska vara en bedömningspost."), field="record")
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id)
        if case is not None:
            _must_be_on_panel(uow, case, account)
            proposal = _proposal(ctx, uow, case, account, offered)
            _effect(case, proposal.kind, offered.payload)
            keep_record(ctx, uow, account, case, offered.reasons)
            uow.proposals.add(proposal)
            facts: dict[str, Json] = {"proposal": proposal.id, "act": proposal.kind.value}
            signed: dict[str, Json] = {"signer": account.id, "signature": proposal.proposer_signature.hex()}
            uow.log.append(case_entry(ctx, account, case, EntryKind.PROPOSED, facts, [signed]))
            return proposal
    raise refused(ctx, account)


def approve(ctx: Context, account: Account, proposal_id: str, signature: bytes) -> Case:
    """Approve a proposal of another member; the act takes effect in the same transaction.

    Raises NotFound, NotEntitled, AlreadyDecided, BadSignature, IllegalTransition. A refusal is logged on the case.
    """
    try:
        with ctx.storage.write() as uow:
            found = _find(uow, account, proposal_id)
            if found is not None:
                return _approve(ctx, uow, account, *found, signature)
    except Refusal as refusal:
        _log_refusal(ctx, account, proposal_id, refusal)
        raise
    raise refused(ctx, account)


def decline(ctx: Context, account: Account, proposal_id: str) -> Case:
    """Decline a proposal of another member, or withdraw one's own. Raises NotFound, NotEntitled, AlreadyDecided."""
    with ctx.storage.write() as uow:
        found = _find(uow, account, proposal_id)
        if found is not None:
            case, proposal = found
            _must_be_on_panel(uow, case, account)
            uow.proposals.decide(
                proposal.id,
                ProposalState.DECLINED,
                approver=None,
                approver_member=None,
                signature=None,
                now=ctx.clock(),
            )
            facts: dict[str, Json] = {"proposal": proposal.id, "act": proposal.kind.value}
            uow.log.append(case_entry(ctx, account, case, EntryKind.DECLINED, facts))
            return case
    raise refused(ctx, account)


def _approve(ctx: Context, uow: UnitOfWork, account: Account, case: Case, proposal: Proposal, signature: bytes) -> Case:
    now = ctx.clock()
    check_approval(proposal, account.id, on_panel=on_panel(uow, case, account.id), epoch=case.epoch, now=now)
    if not on_panel(uow, case, proposal.proposer):
        # Both are entitled when the act takes effect, not only when it was proposed.
        raise NotEntitled(N_("Den som lade förslaget ingår inte längre i ärendegruppen. Lägg ett nytt förslag."))
    act, payload = _parsed(proposal.act), _parsed(proposal.payload)
    # What was signed decides, not the columns beside it: a row that was edited or moved to another case does nothing.
    _must_be_about(case, act, proposal.kind, payload)
    if act["expires"] != instant(proposal.expires_at):
        raise Invalid(N_("Förslaget stämmer inte med ärendet. Hämta ärendet igen."), field="act")
    proposer = uow.accounts.by_id(proposal.proposer)
    _verify(proposer, proposal.act, proposal.proposer_signature)
    _verify(account, proposal.act, signature)
    uow.proposals.decide(
        proposal.id,
        ProposalState.APPROVED,
        approver=account.id,
        approver_member=member_of(uow, case, account),
        signature=signature,
        now=now,
    )
    advanced, kind, facts = _take_effect(ctx, uow, case, proposal.kind, payload)
    approved: dict[str, Json] = {"proposal": proposal.id, "act": act, "payload": payload}
    signatures: list[dict[str, Json]] = [
        {"signer": proposal.proposer, "signature": proposal.proposer_signature.hex()},
        {"signer": account.id, "signature": signature.hex()},
    ]
    uow.log.append(case_entry(ctx, account, case, EntryKind.APPROVED, approved, signatures))
    uow.log.append(case_entry(ctx, account, case, kind, {**facts, "proposal": proposal.id}))
    return advanced


def _find(uow: UnitOfWork, account: Account, proposal_id: str) -> tuple[Case, Proposal] | None:
    proposal = uow.proposals.by_id(proposal_id)
    case = None if proposal is None else uow.cases.by_id_for_holder(proposal.case_id, account.id)
    return None if proposal is None or case is None else (case, proposal)


def _must_be_on_panel(uow: UnitOfWork, case: Case, account: Account) -> None:
    if not on_panel(uow, case, account.id):
        raise NotEntitled(N_("Bara den som ingår i ärendegruppen kan föreslå och avgöra."))


def _proposal(ctx: Context, uow: UnitOfWork, case: Case, account: Account, offered: OfferedProposal) -> Proposal:
    now = ctx.clock()
    kind, nonce, expires_at = _read_act(offered.act, now)
    _must_be_about(case, offered.act, kind, offered.payload)
    if offered.payload.get("reasons") != offered.reasons.digest.hex():
        raise Invalid(N_("Förslaget hänvisar till andra skäl än de som skickades."), field="payload")
    act = canonical(offered.act)
    _verify(account, act, offered.signature)
    return Proposal(
        id=ctx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        epoch=case.epoch,
        kind=kind,
        act=act,
        payload=canonical(offered.payload),
        nonce=nonce,
        proposer=account.id,
        proposer_member=member_of(uow, case, account),
        proposer_signature=offered.signature,
        proposed_at=now,
        expires_at=expires_at,
        state=ProposalState.OPEN,
    )


def _must_be_about(case: Case, act: dict[str, Json], kind: ActKind, payload: dict[str, Json]) -> None:
    expected: dict[str, Json] = {
        "case": case.reference,
        "genesis": case.genesis_hash,
        "epoch": case.epoch,
        "kind": kind.value,
        "payload": _digest(payload),
        "policy": case.policy_version,
        "directory": case.directory_version,
        "expires": act.get("expires"),
        "nonce": act.get("nonce"),
    }
    if act != expected:
        raise Invalid(N_("Förslaget stämmer inte med ärendet. Hämta ärendet igen."), field="act")


def _read_act(act: dict[str, Json], now: int) -> tuple[ActKind, str, int]:
    nonce, expires = act.get("nonce"), act.get("expires")
    try:
        kind = ActKind(str(act.get("kind")))
        expires_at = int(datetime.strptime(str(expires), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise Invalid(N_("Förslaget har fel form."), field="act") from None
    if not isinstance(nonce, str) or not _NONCE.match(nonce):
        raise Invalid(N_("Förslaget saknar engångstal."), field="act")
    if not now < expires_at <= now + VALID_DAYS * _DAY + _DAY // 24:
        raise Invalid(N_("Ett förslag gäller i högst fjorton dagar. Kontrollera datorns klocka."), field="act")
    return kind, nonce, expires_at


def _effect(case: Case, kind: ActKind, payload: dict[str, Json]) -> tuple[cases.CaseState, bool | None, Outcome | None]:
    """What the act would change; raises IllegalTransition or Invalid, at proposing and again at approving."""
    if set(payload) != {"reasons", "covered" if kind is ActKind.ASSESS else "outcome"}:
        raise Invalid(N_("Förslaget har fel innehåll."), field="payload")
    if kind is ActKind.ASSESS:
        covered = payload["covered"]
        if not isinstance(covered, bool):
            raise Invalid(N_("Välj om rapporten omfattas av lagen eller inte."), field="payload")
        return cases.after_assessment(case, covered=covered), covered, None
    try:
        outcome = Outcome(str(payload["outcome"]))
    except ValueError:
        raise Invalid(N_("Välj ett utfall."), field="payload") from None
    return cases.after_closing(case, outcome), None, outcome


def _take_effect(
    ctx: Context, uow: UnitOfWork, case: Case, kind: ActKind, payload: dict[str, Json]
) -> tuple[Case, EntryKind, dict[str, Json]]:
    state, covered, outcome = _effect(case, kind, payload)
    if kind is ActKind.ASSESS:
        return uow.cases.advance(case, state=state, covered=covered), EntryKind.CASE_ASSESSED, {"covered": covered}
    closed = uow.cases.advance(case, state=state, outcome=outcome, closed_on=ctx.today())
    return closed, EntryKind.CASE_CLOSED, {"outcome": payload["outcome"]}


def _verify(account: Account | None, act: bytes, signature: bytes) -> None:
    if account is None or account.verification_key is None:
        raise NotFound(N_("Sidan finns inte."))
    try:
        verify_act(parse_act(json.loads(act)), signature, VerificationKey(account.verification_key))
    except EnvelopeError:
        raise BadSignature(N_("Signaturen stämmer inte. Lås upp igen och försök på nytt.")) from None


def _log_refusal(ctx: Context, account: Account, proposal_id: str, refusal: Refusal) -> None:
    with ctx.storage.write() as uow:
        found = _find(uow, account, proposal_id)
        if found is not None:
            facts: dict[str, Json] = {"proposal": found[1].id, "code": refusal.code}
            uow.log.append(case_entry(ctx, account, found[0], EntryKind.APPROVAL_REFUSED, facts))


def _digest(payload: dict[str, Json]) -> str:
    return hashlib.sha256(canonical(payload)).hexdigest()


def _parsed(data: bytes) -> dict[str, Json]:
    value: dict[str, Json] = json.loads(data)
    return value
