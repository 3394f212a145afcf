"""Consequential acts: one member of the panel proposes and signs, another approves and signs (04, invariant 3)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account, AccountState
from tipportal.domain.approvals import ENTRY_OF, VALID_DAYS, ActKind, Proposal, ProposalState, check_approval
from tipportal.domain.cases import Case, RecordKind, Stream
from tipportal.domain.errors import BadSignature, Invalid, NotEntitled, NotFound, Refusal
from tipportal.domain.handlinglog import EntryKind, Json, instant
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import may_act
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError
from tipportal.envelope.acts import parse_act, verify_act
from tipportal.envelope.canonical import canonical, parse_canonical, read_instant
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.payloads import ActKind as SignedKind
from tipportal.envelope.payloads import parse_payload

from .context import Context
from .effects import effect_of
from .effects.effect import Decided, OfferedProposal, Proposed, Reasons
from .handle import case_entry, keep_record, member_of, on_panel, refused
from .locking import must_be_readable
from .sealedfiles import SealedFile, check_record

_NONCE = re.compile(r"[0-9a-f]{32}\Z")
_DAY = 24 * 3600


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
            for case, proposal in uow.proposals.open_for(account.id, now)
            if proposal.expires_at > now
        )


def propose(ctx: Context, account: Account, reference: str, offered: OfferedProposal) -> Proposal:
    """Propose an act. Nothing changes until another member approves.

    Raises NotFound, NotEntitled, Invalid, BadSignature, IllegalTransition, ProposalOpen, EpochClosed, SequenceConflict,
    and what the act's effect raises.
    """
    if isinstance(offered.reasons, SealedFile):
        check_record(offered.reasons)
        if offered.reasons.kind is not RecordKind.ASSESSMENT or offered.reasons.stream is not Stream.WORK:
            raise Invalid(N_("Skälen ska vara en bedömningspost."), field="record")
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            _must_be_on_panel(ctx, uow, case, account)
            proposal = _proposal(ctx, uow, case, account, offered)
            effect = effect_of(proposal.kind)
            if isinstance(offered.reasons, SealedFile) is not (effect.reasons is Reasons.RECORD):
                raise Invalid(N_("Skälen ska vara en bedömningspost."), field="record")
            if offered.content is not None and effect.kind is not ActKind.HAND_OVER:
                raise Invalid(N_("Posten hör inte hemma här."), field="content")
            effect.check(ctx, uow, case, offered.payload)
            may_act(case, proposal.kind, ctx.today())
            if isinstance(offered.reasons, SealedFile):
                keep_record(ctx, uow, account, case, offered.reasons)
            uow.proposals.add(proposal)
            effect.keep(Proposed(ctx, uow, case, account, proposal, offered))
            facts: dict[str, Json] = {"proposal": proposal.id, "act": proposal.kind.value}
            signed: dict[str, Json] = {"signer": account.id, "signature": proposal.proposer_signature.hex()}
            uow.log.append(case_entry(ctx, account, case, EntryKind.PROPOSED, facts, [signed]))
            return proposal
    raise refused(ctx, account)


def approve(
    ctx: Context, account: Account, proposal_id: str, signature: bytes, records: Sequence[SealedFile] = ()
) -> Case:
    """Approve a proposal of another member; the act takes effect in the same transaction, with what lands with it.

    Raises NotFound, NotEntitled, AlreadyDecided, BadSignature, Invalid, IllegalTransition, EpochClosed,
    SequenceConflict, and what the act's effect raises. A refusal is logged on the case.
    """
    for record in records:
        check_record(record)
    try:
        with ctx.storage.write() as uow:
            found = _find(ctx, uow, account, proposal_id)
            if found is not None:
                case, proposal = found
                return _approve(ctx, uow, account, case, proposal, signature=signature, records=tuple(records))
    except Refusal as refusal:
        _log_refusal(ctx, account, proposal_id, refusal)
        raise
    raise refused(ctx, account)


def decline(ctx: Context, account: Account, proposal_id: str) -> Case:
    """Decline a proposal of another member, or withdraw one's own. Raises NotFound, NotEntitled, AlreadyDecided."""
    with ctx.storage.write() as uow:
        found = _find(ctx, uow, account, proposal_id)
        if found is not None:
            case, proposal = found
            if proposal.kind is not ActKind.EXCLUDE_MEMBER:
                _must_be_on_panel(ctx, uow, case, account)
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


def _approve(
    ctx: Context,
    uow: UnitOfWork,
    account: Account,
    case: Case,
    proposal: Proposal,
    *,
    signature: bytes,
    records: tuple[SealedFile, ...],
) -> Case:
    now = ctx.clock()
    # Found by the one query that asks whether the person decides it: on the panel, or about a colleague a decider.
    entitled = proposal.kind is ActKind.EXCLUDE_MEMBER or on_panel(ctx, uow, case, account.id)
    check_approval(proposal, account.id, on_panel=entitled, epoch=case.epoch, now=now)
    proposer = uow.accounts.by_id(proposal.proposer)
    active = proposer is not None and proposer.state is AccountState.ACTIVE
    if not active or not on_panel(ctx, uow, case, proposal.proposer):
        # Both are entitled when the act takes effect, not only when it was proposed. One administrator's suspension
        # leaves the seat until another has looked.
        raise NotEntitled(N_("Den som lade förslaget ingår inte längre i ärendegruppen. Lägg ett nytt förslag."))
    act, payload = _parsed(proposal.act), _parsed(proposal.payload)
    # What was signed decides, not the columns beside it: a row that was edited or moved to another case does nothing.
    _must_be_about(case, act, proposal.kind, payload)
    if act["expires"] != instant(proposal.expires_at):
        raise Invalid(N_("Förslaget stämmer inte med ärendet. Hämta ärendet igen."), field="act")
    _verify(proposer, proposal.act, proposal.proposer_signature)
    _verify(account, proposal.act, signature)
    effect = effect_of(proposal.kind)
    effect.check(ctx, uow, case, payload)
    may_act(case, proposal.kind, ctx.today())
    if effect.reasons is Reasons.RECORD:
        # Nobody signs reasons that they cannot read; whoever proposes cannot even keep any (``keep_record``).
        must_be_readable(uow, case, ctx.today())
    if tuple((record.stream, record.kind) for record in records) != effect.lands(payload):
        raise Invalid(N_("Godkännandet kommer med andra poster än det ska."), field="records")
    uow.proposals.decide(
        proposal.id,
        ProposalState.APPROVED,
        approver=account.id,
        approver_member=_member(uow, case, account),
        signature=signature,
        now=now,
    )
    approved: dict[str, Json] = {"proposal": proposal.id, "act": act, "payload": payload}
    signatures: list[dict[str, Json]] = [
        {"signer": proposal.proposer, "signature": proposal.proposer_signature.hex()},
        {"signer": account.id, "signature": signature.hex()},
    ]
    uow.log.append(case_entry(ctx, account, case, EntryKind.APPROVED, approved, signatures))
    content = {name: value for name, value in payload.items() if name != "reasons"}
    uow.log.append(case_entry(ctx, account, case, ENTRY_OF[proposal.kind], {**content, "proposal": proposal.id}))
    if not effect.keeps_records:
        for record in records:
            keep_record(ctx, uow, account, case, record)
            written: dict[str, Json] = {"seq": record.seq, "epoch": record.epoch, "record": record.digest.hex()}
            uow.log.append(case_entry(ctx, account, case, EntryKind.MESSAGE_SENT, written))
    return effect.apply(Decided(ctx, uow, case, account, proposal, payload, records))


def _find(ctx: Context, uow: UnitOfWork, account: Account, proposal_id: str) -> tuple[Case, Proposal] | None:
    proposal = uow.proposals.by_id(proposal_id)
    if proposal is None:
        return None
    if proposal.kind is ActKind.EXCLUDE_MEMBER:
        case = uow.separations.case_to_decide(proposal.id, account.id, ctx.today())
    else:
        case = uow.cases.by_id_for_holder(proposal.case_id, account.id, ctx.today())
    return None if case is None else (case, proposal)


def _member(uow: UnitOfWork, case: Case, account: Account) -> str:
    """The pseudonym of whoever decides, of a standby who has not stepped in too."""
    for seat in uow.separations.seats(case.id):
        if seat.holder == account.id:
            return seat.member
    raise NotFound(N_("Sidan finns inte."))


def _must_be_on_panel(ctx: Context, uow: UnitOfWork, case: Case, account: Account) -> None:
    if not on_panel(ctx, uow, case, account.id):
        raise NotEntitled(N_("Bara den som ingår i ärendegruppen kan föreslå och avgöra."))


def _proposal(ctx: Context, uow: UnitOfWork, case: Case, account: Account, offered: OfferedProposal) -> Proposal:
    now = ctx.clock()
    kind, nonce, expires_at = _read_act(offered.act, now)
    _must_be_about(case, offered.act, kind, offered.payload)
    _must_have_shape(kind, offered.payload)
    reasons = offered.reasons.digest if isinstance(offered.reasons, SealedFile) else _sha256(offered.reasons)
    if offered.payload.get("reasons") != reasons.hex():
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
        expires_at = int(read_instant(str(expires)).timestamp())
    except (ValueError, EnvelopeError):
        raise Invalid(N_("Förslaget har fel form."), field="act") from None
    if not isinstance(nonce, str) or not _NONCE.match(nonce):
        raise Invalid(N_("Förslaget saknar engångstal."), field="act")
    if not now < expires_at <= now + VALID_DAYS * _DAY + _DAY // 24:
        raise Invalid(N_("Ett förslag gäller i högst fjorton dagar. Kontrollera datorns klocka."), field="act")
    return kind, nonce, expires_at


def _must_have_shape(kind: ActKind, payload: dict[str, Json]) -> None:
    try:
        parse_payload(SignedKind(kind.value), parse_canonical(canonical(payload)))
    except EnvelopeError:
        raise Invalid(N_("Förslaget har fel innehåll."), field="payload") from None


def _verify(account: Account | None, act: bytes, signature: bytes) -> None:
    if account is None or account.verification_key is None:
        raise NotFound(N_("Sidan finns inte."))
    try:
        verify_act(parse_act(json.loads(act)), signature, VerificationKey(account.verification_key))
    except EnvelopeError:
        raise BadSignature(N_("Signaturen stämmer inte. Lås upp igen och försök på nytt.")) from None


def _log_refusal(ctx: Context, account: Account, proposal_id: str, refusal: Refusal) -> None:
    with ctx.storage.write() as uow:
        found = _find(ctx, uow, account, proposal_id)
        if found is not None:
            facts: dict[str, Json] = {"proposal": found[1].id, "code": refusal.code}
            uow.log.append(case_entry(ctx, account, found[0], EntryKind.APPROVAL_REFUSED, facts))


def _digest(payload: dict[str, Json]) -> str:
    return hashlib.sha256(canonical(payload)).hexdigest()


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _parsed(data: bytes) -> dict[str, Json]:
    value: dict[str, Json] = json.loads(data)
    return value
