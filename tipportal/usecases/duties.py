"""What one member must do at once, and its review by another within two working days (04, invariant 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, RecordKind
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.duties import (
    Duty,
    DutyKind,
    Restriction,
    RestrictionKind,
    Verdict,
    check_review,
    review_by,
)
from tipportal.domain.errors import Invalid, NotEntitled
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import may_write
from tipportal.domain.texts import N_

from .context import Context
from .handle import case_entry, keep_record, member_of, on_panel, refused
from .sealedfiles import SealedFile, check_record

SOON = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for this handler: duties of others to review, and restrictions to look at again."""

    reviews: tuple[tuple[Case, Duty], ...]
    restrictions: tuple[tuple[Case, Restriction], ...]


def do_at_once(ctx: Context, account: Account, reference: str, kind: DutyKind, note: SealedFile | None = None) -> Duty:
    """Note that a duty has been done, with a sealed note of what and why where there was time to write one.

    A quarantine begins with it: from then on nobody is handed the dialogue. Raises NotFound, NotEntitled, Invalid,
    IllegalTransition when the case is in quarantine already, and for the note what ``handle.add_record`` raises.
    """
    if kind is DutyKind.RECUSAL:
        raise Invalid(N_("Jäv anmäls för sig."), field="kind")
    if note is not None:
        if note.kind is not RecordKind.NOTE or note.files:
            raise Invalid(N_("Posten hör inte hemma här."), field="record")
        check_record(note)
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            _must_be_on_panel(ctx, uow, case, account)
            if note is not None:
                may_write(case, ctx.today())
                keep_record(ctx, uow, account, case, note)
            duty = keep_duty(ctx, uow, case, account, kind, record=None if note is None else note.digest)
            if kind is DutyKind.QUARANTINE:
                uow.duties.restrict(_quarantine(ctx, case))
                uow.log.append(case_entry(ctx, account, case, EntryKind.QUARANTINED, {"duty": duty.id}))
            return duty
    raise refused(ctx, account)


def keep_duty(
    ctx: Context, uow: UnitOfWork, case: Case, account: Account, kind: DutyKind, *, record: bytes | None = None
) -> Duty:
    """Keep what a member of the case has done at once, with its entry, inside the caller's transaction."""
    now = ctx.clock()
    duty = Duty(
        id=ctx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        kind=kind,
        done_by=account.id,
        member=member_of(uow, case, account),
        done_at=now,
        review_by=review_by(stockholm_date(now)),
        record=record,
    )
    uow.duties.add(duty)
    facts: dict[str, Json] = {
        "duty": duty.id,
        "act": kind.value,
        "review_by": duty.review_by.isoformat(),
        "record": None if record is None else record.hex(),
    }
    uow.log.append(case_entry(ctx, account, case, EntryKind.DUTY_DONE, facts))
    return duty


def review(ctx: Context, account: Account, duty_id: str, verdict: Verdict) -> Duty:
    """Review what another member did at once. Raises NotFound, NotEntitled, AlreadyDecided."""
    with ctx.storage.write() as uow:
        duty = uow.duties.by_id(duty_id)
        case = None if duty is None else uow.cases.by_id_for_holder(duty.case_id, account.id, ctx.today())
        if duty is not None and case is not None:
            _must_be_on_panel(ctx, uow, case, account)
            check_review(duty, account.id)
            member = member_of(uow, case, account)
            uow.duties.review(duty.id, verdict, by=account.id, member=member, now=ctx.clock())
            facts: dict[str, Json] = {"duty": duty.id, "act": duty.kind.value, "verdict": verdict.value}
            uow.log.append(case_entry(ctx, account, case, EntryKind.DUTY_REVIEWED, facts))
            reviewed = uow.duties.by_id(duty.id)
            if reviewed is not None:
                return reviewed
    raise refused(ctx, account)


def waiting(ctx: Context, account: Account) -> Waiting:
    """What others did at once on the handler's own cases and nobody has reviewed, and restrictions that come up."""
    today = ctx.today()
    with ctx.storage.read() as uow:
        return Waiting(
            tuple(uow.duties.to_review(account.id, today)),
            tuple(uow.duties.to_look_at(account.id, today, today + SOON)),
        )


def _quarantine(ctx: Context, case: Case) -> Restriction:
    return Restriction(
        id=ctx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        kind=RestrictionKind.QUARANTINE,
        begun_on=ctx.today(),
        review_on=None,
    )


def _must_be_on_panel(ctx: Context, uow: UnitOfWork, case: Case, account: Account) -> None:
    if not on_panel(ctx, uow, case, account.id):
        raise NotEntitled(N_("Bara den som ingår i ärendegruppen kan göra det här."))
