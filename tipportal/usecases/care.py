"""Concerns for reprisals with their after-care, and the rights of whoever a case is about."""

from __future__ import annotations

from datetime import date

from tipportal.domain.accounts import Account
from tipportal.domain.aftercare import AfterCare, Found, Phase, Reprisal, check_after_care
from tipportal.domain.errors import Invalid
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.retention import may_write
from tipportal.domain.subjectrights import Decision, HandledRight, Right, check_right
from tipportal.domain.texts import N_

from .context import Context
from .forms import check_form
from .handle import case_entry, keep_record, member_of, refused
from .sealedfiles import SealedFile


def note_reprisal(ctx: Context, account: Account, reference: str, phase: Phase) -> Reprisal:
    """Note that the source fears or meets reprisals: after-care begins when the case closes. Raises NotFound."""
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            noted = Reprisal(
                id=ctx.new_id(),
                organisation_id=case.organisation_id,
                case_id=case.id,
                phase=phase,
                noted_on=ctx.today(),
                member=member_of(uow, case, account),
            )
            uow.care.add_reprisal(noted)
            uow.log.append(case_entry(ctx, account, case, EntryKind.REPRISAL_REPORTED, {"phase": phase.value}))
            return noted
    raise refused(ctx, account)


def do_after_care(ctx: Context, account: Account, reference: str, months: int, found: Found) -> AfterCare:
    """Note that after-care of so many months after closing has been done. Raises NotFound, IllegalTransition."""
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            done = [one.months for one in uow.care.after_cares(case.id)]
            check_after_care(case.closed_on, months, done, ctx.today())
            cared = AfterCare(
                organisation_id=case.organisation_id,
                case_id=case.id,
                months=months,
                done_on=ctx.today(),
                found=found,
                member=member_of(uow, case, account),
            )
            uow.care.add_after_care(cared)
            facts: dict[str, Json] = {"months": months, "found": found.value}
            uow.log.append(case_entry(ctx, account, case, EntryKind.AFTER_CARE_DONE, facts))
            return cared
    raise refused(ctx, account)


def handle_right(
    ctx: Context,
    account: Account,
    reference: str,
    record: SealedFile,
    *,
    right: Right,
    decision: Decision,
    review_on: date | None,
) -> HandledRight:
    """Keep how a right of whoever the case is about was handled, with the sealed form that says why.

    Raises NotFound, Invalid, CaseLocked, EpochClosed, SequenceConflict, MalformedAgeFile.
    """
    check_form(record)
    if record.files:
        raise Invalid(N_("Posten hör inte hemma här."), field="record")
    check_right(right, decision, review_on, ctx.today())
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            may_write(case, ctx.today())
            keep_record(ctx, uow, account, case, record)
            handled = HandledRight(
                id=ctx.new_id(),
                organisation_id=case.organisation_id,
                case_id=case.id,
                kind=right,
                decision=decision,
                handled_on=ctx.today(),
                review_on=review_on,
                member=member_of(uow, case, account),
                record=record.digest,
            )
            uow.care.add_right(handled)
            facts: dict[str, Json] = {
                "right": right.value,
                "decision": decision.value,
                "review_on": None if review_on is None else review_on.isoformat(),
                "record": record.digest.hex(),
            }
            uow.log.append(case_entry(ctx, account, case, EntryKind.SUBJECT_RIGHT_HANDLED, facts))
            return handled
    raise refused(ctx, account)
