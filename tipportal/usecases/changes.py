"""Changes by two administrators: one proposes and signs, another approves and signs; nothing else changes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tipportal.domain.accounts import Account
from tipportal.domain.approvals import VALID_DAYS, ProposalState
from tipportal.domain.changes.change import (
    STALE,
    Change,
    ChangeKind,
    check_entitled,
    check_open,
    check_together,
    is_entitled,
    state_at,
    why_not_approve,
)
from tipportal.domain.changes.faults import ChangeFault, FaultyChange, StaleChange
from tipportal.domain.errors import BadSignature, Invalid, NotEntitled, Refusal
from tipportal.domain.handlinglog import Entry, EntryKind, Json, instant
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError
from tipportal.envelope.canonical import canonical
from tipportal.envelope.changes import ChangeAct, check_change_payload, parse_change, verify_change
from tipportal.envelope.keys import VerificationKey

from . import proving
from .changing import EFFECTS
from .changing.effect import Effect, Payload
from .consents import ApprovingTrustee, consents_of
from .context import Context
from .entries import account_entry
from .handle import refused

_DAY = 24 * 3600
SHOWN_DAYS = 30
_NO_CASE = "-"


@dataclass(frozen=True, slots=True)
class OfferedChange:
    """A change as a client hands it in: ``act`` and ``payload`` as parsed JSON, the signature of 64 bytes."""

    act: dict[str, Json]
    payload: dict[str, Json]
    signature: bytes


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change as an administrator sees it.

    ``lines``: what it does, or did when it was decided; ``why_not``: why they may not approve, a msgid. The keys
    are the accounts' present ones. ``trustees``: who approved it in a second administrator's place.
    """

    change: Change
    payload: Payload
    state: ProposalState
    proposer_name: str
    proposer_key: bytes
    approver_name: str | None
    approver_key: bytes
    trustees: tuple[ApprovingTrustee, ...]
    lines: tuple[Sentence, ...]
    stale: bool
    why_not: str | None
    may_decline: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All that waits and what was decided lately. ``bases``: what a change proposed now builds on."""

    installation_id: bytes
    bases: Mapping[ChangeKind, int]
    changes: tuple[ShownChange, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do, in sentences, or everything that is wrong with it."""

    lines: tuple[Sentence, ...]
    faults: tuple[ChangeFault, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """A change that took effect. ``answer``: what only the approver gets to see."""

    change: Change
    answer: Mapping[str, Json] = field(repr=False)


def overview(ctx: Context, account: Account) -> Overview:
    """What waits, and what was decided in the last thirty days. Raises NotEntitled, NotFound."""
    now = ctx.clock()
    with ctx.storage.read() as uow:
        found = [*uow.changes.waiting(now), *uow.changes.decided_since(now - SHOWN_DAYS * _DAY)]
        return Overview(
            installation_id=_installation(uow),
            bases={kind: effect.base(uow) for kind, effect in EFFECTS.items()},
            changes=tuple(
                _shown(ctx, uow, account, change) for change in found if not _is_hidden(uow, account, change)
            ),
        )


def waiting(ctx: Context) -> tuple[Change, ...]:
    """The changes that wait for a second administrator, newest first."""
    with ctx.storage.read() as uow:
        return tuple(uow.changes.waiting(ctx.clock()))


def preview(ctx: Context, account: Account, kind: ChangeKind, payload: dict[str, Json]) -> Preview:
    """Try a change without proposing it. Raises NotEntitled, and Invalid for a payload of another shape."""
    with ctx.storage.read() as uow:
        check_entitled(uow.accounts.by_id(account.id))
        effect = _effect(kind)
        payload = _as_known(uow, account, effect, payload)
        try:
            effect.check(ctx, uow, payload)
        except FaultyChange as fault:
            return Preview((), fault.faults)
        except Refusal as refusal:
            return Preview((), (ChangeFault(Sentence(refusal.reason)),))
        return Preview(tuple(effect.tell(ctx, uow, payload)), ())


def propose(ctx: Context, account: Account, offered: OfferedChange) -> Change:
    """Propose a change. Nothing changes until another administrator approves.

    Raises NotEntitled, Invalid, FaultyChange, BadSignature, StaleChange, Conflict. A refusal is logged.
    """
    kind = str(offered.act.get("kind"))
    if kind in set(ChangeKind):
        effect = EFFECTS[ChangeKind(kind)]
        with ctx.storage.read() as uow:
            # As at approving: what its words need is found before anybody waits for the turn to write.
            _told_now(ctx, uow, effect, _as_known(uow, account, effect, offered.payload))
    try:
        with ctx.storage.write() as uow:
            return _propose(ctx, uow, account, offered)
    except Refusal as refusal:
        log_refusal(ctx, account, None, str(offered.act.get("kind"))[:32], refusal)
        raise


def approve(ctx: Context, account: Account, change_id: str, signature: bytes, said: Payload | None = None) -> Approved:
    """Approve another administrator's change; it takes effect in the same transaction.

    ``said``: what the approver states beside the signature, where the kind asks for it. Raises NotFound, NotEntitled,
    AlreadyDecided, StaleChange, BadSignature, Invalid, FaultyChange. A refusal is logged.
    """
    with ctx.storage.read() as uow:
        known = uow.changes.by_id(change_id)
        if known is not None and _is_hidden(uow, account, known):
            known = None
        if known is not None:
            # Proofs take their time and are kept for a while: found here, nobody waits for them in the turn to write.
            _told_now(ctx, uow, EFFECTS[known.kind], json.loads(known.payload))
    if known is None:
        raise refused(ctx, account)
    try:
        with ctx.storage.write() as uow:
            return _approve(ctx, uow, account, change_id, signature, said or {})
    except Refusal as refusal:
        log_refusal(ctx, account, known.id, known.kind.value, refusal)
        raise


def decline(ctx: Context, account: Account, change_id: str) -> Change:
    """Decline another administrator's change, or take back one's own. Raises NotFound, NotEntitled, AlreadyDecided."""
    with ctx.storage.write() as uow:
        change = uow.changes.by_id(change_id)
        if change is not None and not _is_hidden(uow, account, change):
            check_entitled(uow.accounts.by_id(account.id))
            uow.changes.decide(change.id, ProposalState.DECLINED, approver=account.id, signature=None, now=ctx.clock())
            facts: dict[str, Json] = {"change": change.id, "kind": change.kind.value}
            case = _reference(uow, change, json.loads(change.payload))
            uow.log.append(_entry(ctx, account, change, EntryKind.CHANGE_DECLINED, facts, case=case))
            return replace(change, state=ProposalState.DECLINED, approver=account.id, decided_at=ctx.clock())
    raise refused(ctx, account)


def _propose(ctx: Context, uow: UnitOfWork, account: Account, offered: OfferedChange) -> Change:
    me = uow.accounts.by_id(account.id)
    check_entitled(me)
    now = ctx.clock()
    act = _parsed_act(offered.act, offered.payload)
    expires_at = int(act.expires.timestamp())
    if not now < expires_at <= now + VALID_DAYS * _DAY + _DAY // 24:
        raise Invalid(N_("Ett förslag gäller i högst fjorton dagar. Kontrollera datorns klocka."), field="act")
    _must_be_ours(uow, act)
    kind = ChangeKind(act.kind.value)
    effect = _effect(kind)
    if act.base != effect.base(uow):
        raise StaleChange(STALE)
    _verify(me, act, offered.signature)
    effect.check(ctx, uow, _as_known(uow, account, effect, offered.payload))
    change = Change(
        id=ctx.new_id(),
        organisation_id=decided_by(offered.payload),
        kind=kind,
        act=canonical(act.to_json()),
        payload=canonical(offered.payload),
        base=act.base,
        nonce=act.nonce.hex(),
        proposer=account.id,
        proposer_signature=offered.signature,
        proposed_at=now,
        expires_at=expires_at,
        state=ProposalState.OPEN,
    )
    uow.changes.add(change)
    uow.changes.tell(change.id, _told_now(ctx, uow, effect, offered.payload))
    facts: dict[str, Json] = {"change": change.id, "kind": kind.value, "act": act.to_json()}
    signed: Mapping[str, Json] = {"signer": account.id, "signature": offered.signature.hex()}
    case = _reference(uow, change, offered.payload)
    uow.log.append(_entry(ctx, account, change, EntryKind.CHANGE_PROPOSED, facts, [signed], case=case))
    return change


def _approve(
    ctx: Context, uow: UnitOfWork, account: Account, change_id: str, signature: bytes, said: Payload
) -> Approved:
    change = uow.changes.by_id(change_id)
    if change is None:
        raise refused(ctx, account)
    now = ctx.clock()
    check_open(change, now)
    me, proposer = uow.accounts.by_id(account.id), uow.accounts.by_id(change.proposer)
    check_entitled(me)
    check_together(uow.register.snapshot(), change.proposer, account.id)
    act, payload = signed_content(uow, change, proposer)
    _verify(me, act, signature)
    if me is not None and proposer is not None and me.verification_key == proposer.verification_key:
        raise BadSignature(N_("Signaturen stämmer inte. Lås upp igen och försök på nytt."))
    check_effect(ctx, uow, change, payload, said)
    uow.changes.decide(change.id, ProposalState.APPROVED, approver=account.id, signature=signature, now=now)
    decided = replace(
        change, state=ProposalState.APPROVED, approver=account.id, approver_signature=signature, decided_at=now
    )
    return take_effect(ctx, uow, account, decided, payload, {account.id: signature})


def signed_content(uow: UnitOfWork, change: Change, proposer: Account | None) -> tuple[ChangeAct, Payload]:
    """What an open change's proposer signed: the act and its payload, by somebody who is still entitled.

    Raises NotEntitled, BadSignature, Invalid where the row says something else than what was signed.
    """
    if not is_entitled(proposer):
        # Both are entitled when the change takes effect, not only when it was proposed.
        raise NotEntitled(N_("Den som lade förslaget är inte längre administratör. Lägg ett nytt förslag."))
    payload: dict[str, Json] = json.loads(change.payload)
    act = _parsed_act(json.loads(change.act), payload)
    _must_be_ours(uow, act)
    # What was signed decides, not the columns beside it: a row that was edited does nothing.
    if (act.kind.value, act.base, int(act.expires.timestamp())) != (change.kind.value, change.base, change.expires_at):
        raise Invalid(N_("Förslaget har ändrats efter underskriften. Lägg ett nytt förslag."), field="act")
    _verify(proposer, act, change.proposer_signature)
    return act, payload


def check_effect(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload, said: Payload) -> None:
    """Raise StaleChange, Invalid or FaultyChange unless a change can be made now with what its approver has said."""
    effect = EFFECTS[change.kind]
    if effect.base(uow) != change.base:
        raise StaleChange(STALE)
    effect.check(ctx, uow, payload)
    _confirm(ctx, uow, effect, payload, said)


def take_effect(
    ctx: Context,
    uow: UnitOfWork,
    account: Account,
    change: Change,
    payload: Payload,
    approved_by: Mapping[str, bytes],
    **facts: Json,
) -> Approved:
    """Make an approved change: it and its effect stand in the log. ``approved_by``: signatures by who gave them."""
    stated: dict[str, Json] = {"change": change.id, "kind": change.kind.value, "act": json.loads(change.act), **facts}
    signatures: list[Mapping[str, Json]] = [
        {"signer": signer, "signature": signature.hex()}
        for signer, signature in ((change.proposer, change.proposer_signature), *approved_by.items())
    ]
    case = _reference(uow, change, payload)
    uow.log.append(_entry(ctx, account, change, EntryKind.CHANGE_APPROVED, stated, signatures, case=case))
    # Told once more, right before: what holds from now on can no longer tell what was changed.
    uow.changes.tell(change.id, _told_now(ctx, uow, EFFECTS[change.kind], payload))
    applied = EFFECTS[change.kind].apply(ctx, uow, change, payload)
    uow.log.append(_entry(ctx, account, change, applied.kind, {**applied.facts, "change": change.id}, case=case))
    if uow.register.is_changed:
        proving.renew(ctx, uow)
    return Approved(change, applied.answer)


def _is_hidden(uow: UnitOfWork, account: Account, change: Change) -> bool:
    """Whether a change is about a case that is hidden from the account: for them it is not there either."""
    case = EFFECTS[change.kind].case(uow, json.loads(change.payload))
    return case is not None and uow.separations.is_hidden(case.id, account.id)


def _as_known(uow: UnitOfWork, account: Account, effect: Effect, payload: dict[str, Json]) -> dict[str, Json]:
    """A payload as the account may know it: instead of a case that is hidden from them it names none at all."""
    case = effect.case(uow, payload)
    hidden = case is not None and uow.separations.is_hidden(case.id, account.id)
    return {**payload, "reference": _NO_CASE} if hidden else payload


def _reference(uow: UnitOfWork, change: Change, payload: Payload) -> str | None:
    """The case that the entries of a change belong to: whoever sees nothing of the case sees nothing of them."""
    case = EFFECTS[change.kind].case(uow, payload)
    return None if case is None else case.reference


def _effect(kind: ChangeKind) -> Effect:
    effect = EFFECTS.get(kind)
    if effect is None:
        raise Invalid(N_("Den sortens ändring går inte att göra här."), field="kind")
    return effect


def _confirm(ctx: Context, uow: UnitOfWork, effect: Effect, payload: Payload, said: Payload) -> None:
    if effect.confirm is not None:
        effect.confirm(ctx, uow, payload, said)
    elif said:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="said")


def decided_by(payload: Payload) -> str | None:
    """The organisation whose decision a payload carries: its own ``decision``, or the payload's ``organisation``."""
    decision = payload.get("decision")
    named = decision.get("organisation") if isinstance(decision, Mapping) else payload.get("organisation")
    return named if isinstance(named, str) else None


def _shown(ctx: Context, uow: UnitOfWork, account: Account, change: Change) -> ShownChange:
    now = ctx.clock()
    effect = EFFECTS[change.kind]
    payload: dict[str, Json] = json.loads(change.payload)
    base = effect.base(uow)
    state = state_at(change, now)
    me = uow.accounts.by_id(account.id) or account
    people = {each.id: each for each in uow.accounts.by_ids([change.proposer, change.approver or change.proposer])}
    proposer = people.get(change.proposer)
    approver = None if change.approver is None else people.get(change.approver)
    return ShownChange(
        change=change,
        payload=payload,
        state=state,
        proposer_name="" if proposer is None else proposer.name,
        proposer_key=b"" if proposer is None else proposer.verification_key or b"",
        approver_name=None if approver is None else approver.name,
        approver_key=b"" if approver is None else approver.verification_key or b"",
        trustees=() if change.approver is not None else consents_of(uow, change),
        lines=_told_now(ctx, uow, effect, payload)
        if state is ProposalState.OPEN and base == change.base
        else tuple(uow.changes.told(change.id)),
        stale=state is ProposalState.OPEN and base != change.base,
        why_not=why_not_approve(change, me, uow.register.snapshot(), base=base, now=now),
        may_decline=state is ProposalState.OPEN and is_entitled(me),
    )


def _told_now(ctx: Context, uow: UnitOfWork, effect: Effect, payload: Payload) -> tuple[Sentence, ...]:
    try:
        return tuple(effect.tell(ctx, uow, payload))
    except Refusal as refusal:
        return (Sentence(refusal.reason),)


def _parsed_act(raw: Mapping[str, Json], payload: Payload) -> ChangeAct:
    try:
        act = parse_change(dict(raw))  # type: ignore[arg-type] # the parser refuses whatever is not an act
        check_change_payload(act, dict(payload))  # type: ignore[arg-type] # as above
    except EnvelopeError:
        raise Invalid(N_("Förslaget har fel form."), field="act") from None
    return act


def _must_be_ours(uow: UnitOfWork, act: ChangeAct) -> None:
    if act.installation != _installation(uow).hex():
        raise Invalid(N_("Förslaget gäller en annan installation."), field="act")


def _installation(uow: UnitOfWork) -> bytes:
    installation_id = uow.installation_id()
    if installation_id is None:
        raise NotEntitled(N_("Installationen är inte grundad. Kör först: tipportal found"))
    return installation_id


def _verify(account: Account | None, act: ChangeAct, signature: bytes) -> None:
    try:
        verify_change(act, signature, VerificationKey((account and account.verification_key) or b""))
    except EnvelopeError:
        raise BadSignature(N_("Signaturen stämmer inte. Lås upp igen och försök på nytt.")) from None


def _entry(
    ctx: Context,
    account: Account,
    change: Change,
    kind: EntryKind,
    facts: Mapping[str, Json],
    signatures: Sequence[Mapping[str, Json]] = (),
    *,
    case: str | None = None,
) -> Entry:
    return Entry(
        kind=kind,
        time=ctx.clock(),
        actor=account.id,
        organisation_id=change.organisation_id,
        case=case,
        facts=facts,
        signatures=tuple(signatures),
    )


def log_refusal(ctx: Context, account: Account, change_id: str | None, kind: str, refusal: Refusal) -> None:
    """Leave that somebody tried, with the refusal's code and nothing of what was proposed."""
    known = kind if kind in set(ChangeKind) else None
    with ctx.storage.write() as uow:
        uow.log.append(
            account_entry(
                ctx,
                account,
                EntryKind.CHANGE_REFUSED,
                {"change": change_id, "kind": known, "code": refusal.code},
            )
        )


def latest_expiry(now: int) -> str:
    """The latest instant until which a change proposed at ``now`` (UTC seconds) can wait."""
    return instant(now + VALID_DAYS * _DAY)
