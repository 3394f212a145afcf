"""A lost administrator is replaced by the other one and as many trustees as it takes (04, invariant 5).

The one who is left proposes as always. The trustees sign the same act with the keys of their papers, in the place of
a second administrator, and only where there is none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tipportal.domain.accounts import Account, Role
from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.by_trustees import why_not_by_trustees
from tipportal.domain.changes.change import Change, ChangeKind, check_entitled, check_open
from tipportal.domain.errors import BadSignature, Invalid, NotEntitled, NotFound, Refusal
from tipportal.domain.handlinglog import Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.trustees import TrusteeSet
from tipportal.envelope import EnvelopeError
from tipportal.envelope.changes import ChangeAct, verify_change
from tipportal.envelope.keys import VerificationKey

from .changes import Approved, check_effect, log_refusal, signed_content, take_effect
from .changing.effect import Payload
from .context import Context
from .handle import refused


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that trustees may approve: who they are, and how many it takes."""

    change: Change
    trustees: TrusteeSet


def asked(ctx: Context, account: Account, change_id: str) -> Asked:
    """The trustees who can approve one's own proposal in a second administrator's place.

    Raises NotFound, AlreadyDecided, and NotEntitled, with the reason, for whatever they have nothing to do with.
    """
    with ctx.storage.read() as uow:
        change = uow.changes.by_id(change_id)
        if change is None:
            raise NotFound(N_("Sidan finns inte."))
        check_open(change, ctx.clock())
        return Asked(change, _must_be_theirs(uow, account, change))


def may_ask(ctx: Context, account: Account, change_id: str) -> bool:
    """Whether the reader can have trustees approve a change, so that its page shows the way."""
    try:
        asked(ctx, account, change_id)
    except Refusal:
        return False
    return True


def approve(
    ctx: Context, account: Account, change_id: str, signatures: Mapping[str, bytes], said: Payload | None = None
) -> Approved:
    """Approve one's own proposal with trustees' signatures (64 bytes) by their ids; it takes effect at once.

    ``said``, for new keys: ``{"check_phrases": {trustee's id: six words}}``, of each who signs. Raises NotFound,
    NotEntitled, AlreadyDecided, StaleChange, BadSignature for too few or foreign ones, Invalid, FaultyChange. A
    refusal is logged.
    """
    try:
        with ctx.storage.write() as uow:
            change = uow.changes.by_id(change_id)
            if change is not None:
                return _approve(ctx, uow, account, change, signatures, said or {})
    except Refusal as refusal:
        log_refusal(ctx, account, change_id, "", refusal)
        raise
    raise refused(ctx, account)


def _approve(
    ctx: Context,
    uow: UnitOfWork,
    account: Account,
    change: Change,
    signatures: Mapping[str, bytes],
    said: Payload,
) -> Approved:
    now = ctx.clock()
    check_open(change, now)
    trustees = _must_be_theirs(uow, account, change)
    act, payload = signed_content(uow, change, uow.accounts.by_id(account.id))
    _must_have_signed(trustees, act, signatures)
    for each in _said_by_each(change, signatures, said):
        check_effect(ctx, uow, change, payload, each)
    ordered = dict(sorted(signatures.items()))
    uow.changes.approve_by_trustees(change.id, trustees.version, ordered, now=now)
    decided = replace(change, state=ProposalState.APPROVED, decided_at=now)
    facts: dict[str, Json] = {"set": trustees.version}
    return take_effect(ctx, uow, account, decided, payload, ordered, **facts)


def _said_by_each(change: Change, signatures: Mapping[str, bytes], said: Payload) -> list[Payload]:
    """What each trustee has said. The six words of new keys come from every one of them.

    The proposer has had the person's link, and could stand in their place: whoever confirms the keys has heard the
    words without the proposer between.
    """
    if change.kind is not ChangeKind.KEYS:
        return [said]
    phrases = said.get("check_phrases")
    if {*said} != {"check_phrases"} or not isinstance(phrases, Mapping) or {*phrases} != {*signatures}:
        raise Invalid(N_("Var och en av nyckelförvaltarna skriver de sex ord som personen läser upp."), field="said")
    return [{"check_phrase": phrase} for phrase in phrases.values()]


def _must_be_theirs(uow: UnitOfWork, account: Account, change: Change) -> TrusteeSet:
    me = uow.accounts.by_id(account.id)
    check_entitled(me)
    if change.proposer != account.id:
        raise NotEntitled(N_("Den som har lagt förslaget låter nyckelförvaltarna skriva under."))
    payload: Payload = json.loads(change.payload)
    subject = str(payload.get("account"))
    reason = why_not_by_trustees(change.kind, _role(uow, change, payload), subject, account.id, uow.accounts.all())
    if reason is not None:
        raise NotEntitled(reason)
    trustees = uow.trustees.current()
    if trustees is None:
        raise NotEntitled(N_("Det finns inga nyckelförvaltare ännu."))
    return trustees


def _role(uow: UnitOfWork, change: Change, payload: Payload) -> Role | None:
    if change.kind is ChangeKind.INVITE:
        # Nobody has the account yet: the proposal says what it will be.
        return Role.ADMINISTRATOR if payload.get("role") == Role.ADMINISTRATOR.value else None
    about = uow.accounts.by_id(str(payload.get("account")))
    return None if about is None else about.role


def _must_have_signed(trustees: TrusteeSet, act: ChangeAct, signatures: Mapping[str, bytes]) -> None:
    keys = {each.id: each.verification_key for each in trustees.trustees}
    if len(signatures) < trustees.threshold or not signatures.keys() <= keys.keys():
        raise BadSignature(N_("För få nyckelförvaltare har skrivit under."))
    for trustee, signature in signatures.items():
        try:
            verify_change(act, signature, VerificationKey(keys[trustee]))
        except EnvelopeError:
            raise BadSignature(N_("En nyckelförvaltares underskrift stämmer inte. Inget har ändrats.")) from None
