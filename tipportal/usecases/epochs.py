"""A new epoch: a case's keys are replaced by ones that only its members and its source have (03).

Begun by whoever writes next after somebody has left: a member, the source's browser, or the server for a source without
JavaScript. Its members are exactly those whom ``envelope.epochs.verify_epoch`` allows without signatures; letting
somebody in takes two, and lands with their approval (``effects.members``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, Epoch, EpochState, Grant, GrantKind, RecordKind, Stream
from tipportal.domain.errors import EpochClosed, EpochExists, GrantsMismatch, Invalid
from tipportal.domain.handlinglog import Entry, EntryKind
from tipportal.domain.intake import ReplacedCode
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import may_write
from tipportal.domain.separations import Seat, next_members
from tipportal.domain.texts import N_

from . import dialogue, trustees
from .context import Context
from .entries import entry_of_case
from .handle import case_entry, member_of, refused, stored_record
from .locking import must_be_readable
from .sealedfiles import DIGEST_SIZE, SealedFile, check_grant, check_record, recipient_of, stored, verification_key_of
from .seats import STUCK, is_closed, needs_epoch, seats_of
from .submit import OfferedGrant
from .trustees import CaseTrustees

EPOCH_STREAMS = (Stream.WORK, Stream.DIALOGUE)


@dataclass(frozen=True, slots=True)
class OwnCode:
    """What a code of the source's own leaves with the server, in place of one that staff have seen (07).

    ``lookup_digest``: 32 bytes by which the case is found from then on. ``past``: an age file to ``recipient`` with the
    seed of the source's identity before, which opens what lies before.
    """

    lookup_digest: bytes
    recipient: bytes
    verification_key: bytes
    past: bytes


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """The next epoch as a client hands it in: raw recipients, a record in each stream, and its keys."""

    epoch: int
    work: bytes
    dialogue: bytes
    records: tuple[SealedFile, ...]
    grants: tuple[OfferedGrant, ...]


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
    """Begin a case's next epoch as one of its members, where one is needed.

    The grants name exactly the members that the case then has, and the source.
    Raises NotFound, EpochExists, EpochClosed, GrantsMismatch, SequenceConflict, MalformedAgeFile, Invalid.
    """
    new = NewEpoch(epoch, work_recipient, dialogue_recipient, tuple(records), tuple(grants))
    check_epoch(new)
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            # Also when two have opened a locked case: whoever left since then must not stop a decision about it.
            must_be_readable(uow, case, ctx.today())
            if new.epoch != case.epoch + 1:
                raise EpochExists(N_("Någon annan har redan bytt nycklar. Hämta ärendet igen."))
            seats = seats_of(ctx, uow, case)
            if not needs_epoch(uow, case, seats):
                # Otherwise one member alone could hand the others keys that do not open, and read on by themselves.
                raise EpochExists(N_("Ärendets nycklar är redan handläggarnas egna. Hämta ärendet igen."))
            author = member_of(uow, case, account)
            advanced = _keep(ctx, uow, case, new, opened_by=account.id, members=coming_members(seats))
            uow.cases.add_records([stored_record(ctx, advanced, record, author) for record in new.records])
            uow.log.append(case_entry(ctx, account, case, EntryKind.EPOCH_BEGUN, {"epoch": new.epoch}))
            return new.epoch
    raise refused(ctx, account)


def begin_epoch_as_source(
    ctx: Context,
    token: bytes | None,
    new: NewEpoch,
    *,
    sealed_by_server: bool = False,
    own: OwnCode | None = None,
) -> int:
    """Begin the next epoch of a case as its source: where somebody's leaving has closed the one before, or with a code.

    ``own``: the source's own code takes the place of one that staff have seen, in the same transaction: from then on
    nobody finds the case by that. ``sealed_by_server``: for a source without JavaScript; a member then changes the
    keys once more before writing.
    Raises CaseNotFound, CaseLocked, EpochExists, EpochClosed, GrantsMismatch, SequenceConflict, MalformedAgeFile,
    Invalid; with ``own`` also AlreadyDecided, CaseExists.
    """
    check_epoch(new)
    if own is not None:
        _check_own(new, own)
    with ctx.storage.write() as uow:
        case = dialogue.by_token(uow, token)
        may_write(case, ctx.today())
        if new.epoch != case.epoch + 1 or (own is None and not is_closed(uow, case)):
            raise EpochExists(N_("Nycklarna är redan bytta. Hämta ärendet igen: det du skrev är kvar."))
        opened_by = "server" if sealed_by_server else "source"
        members = coming_members(seats_of(ctx, uow, case))
        kept = _keep(ctx, uow, case, new, opened_by=opened_by, members=members)
        uow.cases.add_records(
            [stored(record, case, record_id=ctx.new_id(), author="source", on=ctx.today()) for record in new.records]
        )
        uow.log.append_pending(_by_source(ctx, case, EntryKind.EPOCH_BEGUN, new.epoch))
        if own is not None:
            _replace_code(ctx, uow, kept, new, own)
    return new.epoch


def _check_own(new: NewEpoch, own: OwnCode) -> None:
    recipient_of(own.recipient, field="source")
    verification_key_of(own.verification_key, field="source")
    check_grant(own.past, GrantKind.SOURCE)
    if len(own.lookup_digest) != DIGEST_SIZE or own.recipient in {new.work, new.dialogue}:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="source")


def _replace_code(ctx: Context, uow: UnitOfWork, case: Case, new: NewEpoch, own: OwnCode) -> None:
    used = {raw for epoch in uow.cases.epochs(case.id) for raw in (epoch.work_recipient, epoch.dialogue_recipient)}
    if own.recipient in {*used, case.source_recipient} or own.verification_key == case.source_verification_key:
        # On the old keys whoever has seen the old code would read on.
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="source")
    replaced = ReplacedCode(case.id, case.organisation_id, new.epoch, own.recipient, own.verification_key, own.past)
    uow.intakes.replace_code(case, replaced, own.lookup_digest, ctx.today())
    uow.log.append_pending(_by_source(ctx, case, EntryKind.CODE_REPLACED, new.epoch))


def _by_source(ctx: Context, case: Case, kind: EntryKind, epoch: int) -> Entry:
    return entry_of_case(case, kind, {"epoch": epoch}, time=ctx.today(), actor="source")


def check_epoch(new: NewEpoch) -> None:
    """Raise Invalid or MalformedAgeFile unless the recipients, records and grants have the shape of an epoch's."""
    recipient_of(new.work, field="work")
    recipient_of(new.dialogue, field="dialogue")
    check_epoch_records(new.records, new.epoch)
    for grant in new.grants:
        check_grant(grant.file, grant.kind)


def check_epoch_records(records: Sequence[SealedFile], epoch: int) -> None:
    """Raise Invalid or MalformedAgeFile unless there is one epoch record in each stream, work first."""
    if tuple((record.stream, record.kind) for record in records) != tuple((s, RecordKind.EPOCH) for s in EPOCH_STREAMS):
        raise Invalid(N_("En ny epok har en epokpost i varje ström."), field="records")
    for record in records:
        check_record(record)
        if record.epoch != epoch:
            raise Invalid(N_("Epokposten hör till en annan epok."), field="records")


def source_recipient(uow: UnitOfWork, case: Case) -> bytes:
    """The source's raw recipient now: another than the case began with once it has a code of its own."""
    replaced = uow.intakes.replaced(case.id)
    return case.source_recipient if replaced is None else replaced.recipient


def coming_members(seats: Sequence[Seat]) -> tuple[Seat, ...]:
    """Who the next epoch has when one alone begins it. Raises EpochClosed where too few people would be left."""
    coming = next_members(seats)
    if coming is None:
        raise EpochClosed(STUCK)
    return coming


def _keep(ctx: Context, uow: UnitOfWork, case: Case, new: NewEpoch, *, opened_by: str, members: Sequence[Seat]) -> Case:
    files = {(grant.holder, grant.kind): grant.file for grant in new.grants}
    if len(files) != len(new.grants):
        raise GrantsMismatch(N_("De nya nycklarna ska gå till ärendets medlemmar och till tipslämnaren, ingen annan."))
    return keep_epoch(
        ctx,
        uow,
        case,
        epoch=new.epoch,
        recipients=(new.work, new.dialogue),
        opened_by=opened_by,
        members=members,
        files=files,
    )


def keep_epoch(
    ctx: Context,
    uow: UnitOfWork,
    case: Case,
    *,
    epoch: int,
    recipients: tuple[bytes, bytes],
    opened_by: str,
    members: Sequence[Seat],
    files: dict[tuple[str, GrantKind], bytes],
    named: CaseTrustees | None = None,
) -> Case:
    """Keep an epoch with exactly these members, the source and the trustees of the epoch before; its records come then.

    ``files`` are the grants by pseudonym and kind, ``named`` other trustees than before. Raises GrantsMismatch, Invalid
    for recipients that are not new.
    """
    _must_be_new(uow, case, recipients)
    named = named or trustees.of_epoch(uow, case)
    grants = _grants(uow, case, epoch, members, named)
    if set(files) != {(grant.member, grant.kind) for grant in grants}:
        raise GrantsMismatch(N_("De nya nycklarna ska gå till ärendets medlemmar och till tipslämnaren, ingen annan."))
    uow.cases.close_epoch(case.id, case.epoch)
    uow.cases.add_epoch(
        Epoch(
            organisation_id=case.organisation_id,
            case_id=case.id,
            epoch=epoch,
            work_recipient=recipients[0],
            dialogue_recipient=recipients[1],
            state=EpochState.OPEN,
            opened_by=opened_by,
            opened_on=ctx.today(),
        )
    )
    uow.cases.add_grants([replace(grant, file=files[grant.member, grant.kind]) for grant in grants])
    trustees.keep(uow, case, epoch, named)
    stepped_in = {release.account_id: release for release in uow.separations.releases(case.id)}
    for grant in grants:
        # Whoever had stepped in and stays a standby keeps what they were given.
        if grant.kind is GrantKind.STANDBY and grant.holder in stepped_in:
            uow.separations.release(stepped_in[grant.holder])
    return uow.cases.advance(case, epoch=epoch)


def _grants(uow: UnitOfWork, case: Case, epoch: int, members: Sequence[Seat], named: CaseTrustees) -> list[Grant]:
    """The grants that the epoch has, in all but their files."""
    seated = [
        Grant(
            organisation_id=case.organisation_id,
            case_id=case.id,
            epoch=epoch,
            holder=seat.holder,
            kind=GrantKind.PANEL if seat.panel else GrantKind.STANDBY,
            member=seat.member,
            unit_id=seat.unit_id,
            function_id=seat.function_id,
            file=b"",
        )
        for seat in members
    ]
    sources = [
        replace(grant, epoch=epoch, file=b"", opened_on=None)
        for grant in uow.cases.grants(case.id, case.epoch)
        if grant.kind is GrantKind.SOURCE
    ]
    # Those whom the chain names: who may hold shares besides, since trustees changed, is no business of an epoch.
    return [*seated, *trustees.share_grants(case, epoch, named), *sources]


def _must_be_new(uow: UnitOfWork, case: Case, recipients: tuple[bytes, bytes]) -> None:
    """Raise Invalid for keys that served before, or serve two purposes: whoever had them would go on reading."""
    used = {raw for epoch in uow.cases.epochs(case.id) for raw in (epoch.work_recipient, epoch.dialogue_recipient)}
    used |= {case.source_recipient, source_recipient(uow, case)}
    if len({*recipients}) != len(recipients) or not used.isdisjoint(recipients):
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="work")
