"""Preserving or disposing of a closed case, by two (01; arkivlagen 10 §): what is disposed of leaves a stub."""

from __future__ import annotations

from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case, Stream
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.registration import must_be_registered
from tipportal.domain.retention import Keeping, Kept, Stub, may_dispose, may_keep, rule_of
from tipportal.usecases.context import Context
from tipportal.usecases.handle import case_entry
from tipportal.usecases.logged_disposals import stub_facts

from .effect import Decided, Effect, Payload


def _check(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    if payload["decision"] == Keeping.DISPOSE.value:
        number = str(payload["decision_number"])
        rule = rule_of(uow.retention.rules(), case.organisation_id, case.channel, number)
        may_dispose(case, rule, ctx.today())
        newest = uow.cases.last_record(case.id, Stream.DIALOGUE)
        must_be_registered(None if newest is None else newest.written_on, uow.diary.fed_upto())
    else:
        may_keep(case)


def _apply(act: Decided) -> Case:
    ctx, uow, case = act.ctx, act.uow, act.case
    kept = Kept(
        case_id=case.id,
        organisation_id=case.organisation_id,
        decision=Keeping(str(act.payload["decision"])),
        decision_number=str(act.payload["decision_number"]),
        decided_on=ctx.today(),
        proposal_id=act.proposal.id,
    )
    if kept.decision is Keeping.PRESERVE or case.closed_on is None:
        uow.retention.keep(kept)
        return case
    stub = Stub(
        reference=case.reference,
        organisation_id=case.organisation_id,
        authority_id=case.authority_id,
        channel=case.channel,
        received_on=case.received_on,
        closed_on=case.closed_on,
        disposed_on=kept.decided_on,
        decision_number=kept.decision_number,
        proposal_id=kept.proposal_id,
    )
    # Its entries that wait for their index join the tree with this one: nothing of the case is left to wait for.
    uow.log.append(case_entry(ctx, act.account, case, EntryKind.CASE_DISPOSED, stub_facts(stub)))
    uow.retention.dispose(case, stub)
    return case


EFFECTS = (Effect(kind=ActKind.RETAIN, check=_check, apply=_apply),)
