"""A source reads their case and answers, by the lookup token that only the case code gives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from tipportal.domain.cases import Case, Epoch, Grant, GrantKind, RecordKind, StoredRecord, Stream
from tipportal.domain.conversations import ANSWER_TO, FilledForm, FormName, Reading, Verdict, check_answer
from tipportal.domain.duties import RestrictionKind
from tipportal.domain.errors import (
    CaseNotFound,
    DialogueRestricted,
    Invalid,
    NotEntitled,
    SequenceConflict,
    UploadUnknown,
)
from tipportal.domain.files import AttachedFile
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.intake import Code, Intake, ReplacedCode, may_approve_minutes
from tipportal.domain.organisations import Organisation
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import may_write, must_be_open_to_source
from tipportal.domain.separations import next_members
from tipportal.domain.texts import N_

from . import attaching
from .context import Context
from .entries import entry_of_case
from .latertrustees import LaterTrustees, later_trustees
from .sealedfiles import SealedFile, check_record, stored
from .seats import is_closed, seats_of, trustees_of

LOOKUP_TOKEN_SIZE = 32
ANSWERED = {FormName.MINUTES_ANSWER: EntryKind.MINUTES_ANSWERED, FormName.SLOT_CHOICE: EntryKind.MEETING_CHOSEN}


@dataclass(frozen=True, slots=True)
class SourceView:
    """Everything of a case that its source may fetch, all of it sealed. ``grants`` are the source's own, by epoch.

    ``attachments`` are the files of ``records``, by seq and position. ``takes_files`` is False while the members have
    restricted the dialogue: text is still taken. ``next``: the epoch to begin before anything is written, if
    somebody's leaving has closed the newest and one alone may begin the next one. ``replacing``: the epoch that a
    code of the source's own would begin, while staff have seen the one that leads here. ``readings``: when either side
    had it open. ``intake`` of a case that staff entered; ``replaced`` when its source has a code of their own.
    """

    case: Case
    organisation: Organisation
    installation_id: bytes
    genesis: StoredRecord
    epochs: tuple[Epoch, ...]
    grants: tuple[Grant, ...]
    records: tuple[StoredRecord, ...]
    attachments: tuple[AttachedFile, ...]
    takes_files: bool
    next: NextEpoch | None
    replacing: NextEpoch | None
    later_trustees: LaterTrustees
    today: date
    readings: tuple[Reading, ...]
    intake: Intake | None
    replaced: ReplacedCode | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a source's filled-in form is, beside its sealed record: of which kind, to which seq, with what verdict."""

    form: FormName
    answers: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NextMember:
    """A member of the epoch that is to be begun, with the whole keys."""

    id: str
    role: GrantKind
    function: str
    unit: str
    recipient: bytes
    verification_key: bytes


@dataclass(frozen=True, slots=True)
class NextTrustee:
    """A trustee of the epoch that is to be begun, with the whole keys."""

    id: str
    recipient: bytes
    verification_key: bytes


@dataclass(frozen=True, slots=True)
class NextEpoch:
    """What the next epoch is made of. ``places``: the next number and the newest record's digest, by stream."""

    epoch: int
    members: tuple[NextMember, ...]
    trustees: tuple[NextTrustee, ...]
    trustee_threshold: int
    places: Mapping[Stream, tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Written:
    """Where a record now stands. ``created`` is False when the same file had been taken before."""

    seq: int
    date: date
    created: bool


def open_by_token(ctx: Context, token: bytes | None) -> SourceView:
    """The case that a lookup token leads to. ``None`` stands for a token that could not even be read.

    Every wrong token costs the same digest and the same single query, and gets the same answer. Raises CaseNotFound,
    and CaseLocked two years after closing.
    """
    with ctx.storage.read() as uow:
        case = by_token(uow, token)
        must_be_open_to_source(case, ctx.today())
        return _view(ctx, uow, case)


def add_message(
    ctx: Context,
    token: bytes | None,
    record: SealedFile,
    *,
    record_id: str | None = None,
    answered: Answered | None = None,
) -> Written:
    """Add the source's sealed message to the dialogue, or their answer to a form. The same file again: as before.

    ``record_id`` is given where the same message may be sealed twice, so that the database keeps it once.
    Raises CaseNotFound, CaseLocked, DialogueRestricted, EpochClosed, SequenceConflict, MalformedAgeFile, Invalid, and
    for attached files what ``attaching`` raises; for an answer also AlreadyDecided, NotEntitled.
    """
    kind = RecordKind.MESSAGE if answered is None else RecordKind.FORM
    if record.stream is not Stream.DIALOGUE or record.kind is not kind:
        raise Invalid(N_("Här kan du bara skicka meddelanden."), field="kind")
    if answered is not None:
        check_answer(answered.form, answered.verdict)
    check_record(record)
    try:
        with attaching.taken(ctx, record.files) as hold:
            return _add(ctx, token, record, record_id, hold, answered)
    except UploadUnknown:
        # A repeated request names files that the first one has taken.
        with ctx.storage.read() as uow:
            repeated = _taken_before(uow, by_token(uow, token), record)
        if repeated is None:
            raise
        return repeated


def open_file(ctx: Context, token: bytes | None, seq: int, position: int) -> tuple[AttachedFile, BinaryIO]:
    """A sealed file of the dialogue, and its bytes to read and close.

    Raises CaseNotFound, CaseLocked, FileNotFound.
    """
    with ctx.storage.read() as uow:
        case = by_token(uow, token)
        must_be_open_to_source(case, ctx.today())
        return attaching.stored_file(ctx, uow, case, Stream.DIALOGUE, seq, position)


def _add(
    ctx: Context,
    token: bytes | None,
    record: SealedFile,
    record_id: str | None,
    hold: attaching.Taken,
    answered: Answered | None,
) -> Written:
    today = ctx.today()
    with ctx.storage.write() as uow:
        case = by_token(uow, token)
        repeated = _taken_before(uow, case, record)
        if repeated is not None:
            return repeated
        may_write(case, today)
        if record.files and _restricted(uow, case):
            raise DialogueRestricted(
                N_("Du kan inte bifoga filer i det här ärendet just nu. Skicka texten utan dem."), field="files"
            )
        uow.cases.add_record(stored(record, case, record_id=record_id or ctx.new_id(), author="source", on=today))
        attaching.keep(uow, case, record, hold, ctx.files)
        facts: dict[str, Json] = {"seq": record.seq, "epoch": record.epoch, "record": record.digest.hex()}
        kind = EntryKind.SOURCE_MESSAGE_RECEIVED
        if answered is not None:
            _keep_answer(uow, case, record, answered, today)
            kind = ANSWERED[answered.form]
            facts |= {"answers": answered.answers, "verdict": answered.verdict.value}
        uow.log.append_pending(entry_of_case(case, kind, attaching.counted(facts, record), time=today, actor="source"))
    return Written(seq=record.seq, date=today, created=True)


def _keep_answer(uow: UnitOfWork, case: Case, record: SealedFile, answered: Answered, today: date) -> None:
    asked = [form for form in uow.conversations.forms(case.id) if form.seq == answered.answers]
    if not asked or asked[0].form is not ANSWER_TO[answered.form]:
        raise Invalid(N_("Det finns inget sådant att svara på."), field="answers")
    if answered.verdict is Verdict.APPROVED and not may_approve_minutes(uow.intakes.of_case(case.id)):
        raise NotEntitled(
            N_("Koden gjordes av den som tog emot rapporten. Skriv under protokollet på papper i stället."),
            field="verdict",
        )
    uow.conversations.add_form(
        FilledForm(
            organisation_id=case.organisation_id,
            case_id=case.id,
            seq=record.seq,
            form=answered.form,
            filled_on=today,
            answers=answered.answers,
            verdict=answered.verdict,
        )
    )


def by_token(uow: UnitOfWork, token: bytes | None) -> Case:
    """The case that a lookup token leads to, in the caller's transaction. Raises CaseNotFound."""
    digest = hashlib.sha256(token if token is not None and len(token) == LOOKUP_TOKEN_SIZE else b"").digest()
    case = uow.cases.by_lookup(digest)
    if case is None:
        raise CaseNotFound(N_("Koden leder inte till något ärende. Kontrollera orden och försök igen."))
    return case


def _view(ctx: Context, uow: UnitOfWork, case: Case) -> SourceView:
    organisation = uow.register.organisation_by_id(case.organisation_id)
    installation_id = uow.installation_id()
    records = uow.cases.records(case.id, [Stream.GENESIS, Stream.DIALOGUE])
    if organisation is None or installation_id is None:
        raise CaseNotFound(N_("Koden leder inte till något ärende. Kontrollera orden och försök igen."))
    intake = uow.intakes.of_case(case.id)
    closed = is_closed(uow, case)
    shared = intake is not None and intake.code is Code.GIVEN
    coming = _next(ctx, uow, case) if closed or shared else None
    return SourceView(
        case=case,
        organisation=organisation,
        installation_id=installation_id,
        genesis=next(record for record in records if record.stream is Stream.GENESIS),
        epochs=tuple(uow.cases.epochs(case.id)),
        grants=tuple(uow.cases.grants_of(case.id, "source")),
        records=tuple(record for record in records if record.stream is Stream.DIALOGUE),
        attachments=tuple(uow.attachments.of_case(case.id, [Stream.DIALOGUE])),
        takes_files=not _restricted(uow, case),
        next=coming if closed else None,
        replacing=coming if shared else None,
        later_trustees=later_trustees(ctx, uow, case),
        today=ctx.today(),
        readings=tuple(uow.conversations.readings(case.id)),
        intake=intake,
        replaced=uow.intakes.replaced(case.id),
    )


def _next(ctx: Context, uow: UnitOfWork, case: Case) -> NextEpoch | None:
    coming = next_members(seats_of(ctx, uow, case))
    if coming is None:
        return None
    keys = {account.id: account for account in uow.accounts.by_ids([seat.holder for seat in coming])}
    trusted = trustees_of(uow, case)
    places = {}
    for stream in (Stream.WORK, Stream.DIALOGUE):
        newest = uow.cases.last_record(case.id, stream)
        if newest is None:
            return None
        places[stream] = (newest.seq + 1, newest.digest)
    return NextEpoch(
        case.epoch + 1,
        tuple(
            NextMember(
                id=seat.member,
                role=GrantKind.PANEL if seat.panel else GrantKind.STANDBY,
                function=seat.function_id,
                unit=seat.unit_id,
                recipient=keys[seat.holder].recipient or b"",
                verification_key=keys[seat.holder].verification_key or b"",
            )
            for seat in coming
        ),
        tuple(NextTrustee(member, one.recipient, one.verification_key) for member, one in trusted.trustees),
        trusted.threshold,
        places,
    )


def _restricted(uow: UnitOfWork, case: Case) -> bool:
    return uow.duties.in_force(case.id, RestrictionKind.DIALOGUE) is not None


def _taken_before(uow: UnitOfWork, case: Case, record: SealedFile) -> Written | None:
    newest = uow.cases.last_record(case.id, record.stream)
    if newest is None or newest.seq < record.seq:
        # The usual case, for which the dialogue need not be read inside the writer's turn.
        return None
    standing = [row for row in uow.cases.records(case.id, [record.stream]) if row.seq == record.seq]
    if not standing:
        return None
    if standing[0].digest != record.digest:
        raise SequenceConflict(N_("Någon annan skrev samtidigt. Texten är kvar: skicka den igen."))
    return Written(seq=record.seq, date=standing[0].written_on, created=False)
