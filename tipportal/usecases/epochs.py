"""A new epoch: a case's keys are replaced by ones that only its members and its source have (03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tipportal.domain import cases
from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, Epoch, EpochState, RecordKind, Stream
from tipportal.domain.errors import EpochExists, GrantsMismatch, Invalid
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from .context import Context
from .handle import case_entry, member_of, refused, stored_record
from .sealedfiles import SealedFile, check_grant, check_record, recipient_of
from .submit import OfferedGrant

EPOCH_STREAMS = (Stream.WORK, Stream.DIALOGUE)


def begin_epoch(
    ctx: Context,
    account: Account,
    reference: str,
    *,
    epoch: int,
    work_recipient: bytes,
    dialogue_recipient: bytes,
    records: Sequence[SealedFile],
    grants: Sequence[OfferedGrant],
) -> int:
    """Begin a case's next epoch with the same members: a case whose first keys the server has seen needs one (03).

    The grants name exactly the members of the epoch before, and the source.
    Raises NotFound, EpochExists, GrantsMismatch, SequenceConflict, MalformedAgeFile, Invalid.
    """
    recipient_of(work_recipient, field="work")
    recipient_of(dialogue_recipient, field="dialogue")
    if tuple((record.stream, record.kind) for record in records) != tuple((s, RecordKind.EPOCH) for s in EPOCH_STREAMS):
        raise Invalid(N_("En ny epok har en epokpost i varje ström."), field="records")
    for record in records:
        check_record(record)
        if record.epoch != epoch:
            raise Invalid(N_("Epokposten hör till en annan epok."), field="records")
    for grant in grants:
        check_grant(grant.file)
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id)
        if case is not None:
            cases.may_write(case)
            if uow.cases.epochs(case.id)[case.epoch].opened_by != "server":
                # Otherwise one member alone could hand the others keys that do not open, and read on by themselves.
                raise EpochExists(N_("Ärendets nycklar är redan handläggarnas egna. Hämta ärendet igen."))
            if epoch != case.epoch + 1:
                raise EpochExists(N_("Någon annan har redan bytt nycklar. Hämta ärendet igen."))
            recipients = (work_recipient, dialogue_recipient)
            _must_be_new(uow, case, recipients)
            _keep_epoch(ctx, uow, case, account, epoch, recipients=recipients, records=records, grants=grants)
            uow.log.append(case_entry(ctx, account, case, EntryKind.EPOCH_BEGUN, {"epoch": epoch}))
            return epoch
    raise refused(ctx, account)


def _must_be_new(uow: UnitOfWork, case: Case, recipients: tuple[bytes, bytes]) -> None:
    """Raise Invalid for keys that served before, or serve two purposes: whoever had them would go on reading."""
    used = {raw for epoch in uow.cases.epochs(case.id) for raw in (epoch.work_recipient, epoch.dialogue_recipient)}
    if len({*recipients}) != len(recipients) or not used.union({case.source_recipient}).isdisjoint(recipients):
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="work")


def _keep_epoch(
    ctx: Context,
    uow: UnitOfWork,
    case: Case,
    account: Account,
    epoch: int,
    *,
    recipients: tuple[bytes, bytes],
    records: Sequence[SealedFile],
    grants: Sequence[OfferedGrant],
) -> None:
    previous = uow.cases.grants(case.id, case.epoch)
    files = {(grant.holder, grant.kind): grant.file for grant in grants}
    if set(files) != {(grant.member, grant.kind) for grant in previous} or len(files) != len(grants):
        raise GrantsMismatch(N_("De nya nycklarna ska gå till samma personer som förut och till tipslämnaren."))
    uow.cases.close_epoch(case.id, case.epoch)
    uow.cases.add_epoch(
        Epoch(
            organisation_id=case.organisation_id,
            case_id=case.id,
            epoch=epoch,
            work_recipient=recipients[0],
            dialogue_recipient=recipients[1],
            state=EpochState.OPEN,
            opened_by=account.id,
            opened_on=ctx.today(),
        )
    )
    renewed = [replace(grant, epoch=epoch, file=files[grant.member, grant.kind], opened_on=None) for grant in previous]
    uow.cases.add_grants(renewed)
    advanced = uow.cases.advance(case, epoch=epoch)
    member = member_of(uow, case, account)
    uow.cases.add_records([stored_record(ctx, advanced, record, member) for record in records])
