"""Minutes, meeting times and meetings that members write for the source, and what either side has read."""

from __future__ import annotations

from datetime import date

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, RecordKind, StoredRecord, Stream
from tipportal.domain.conversations import (
    ANSWER_TO,
    FilledForm,
    FormName,
    Meeting,
    MeetingMode,
    Reader,
    Reading,
    check_held,
)
from tipportal.domain.errors import Invalid
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import may_write
from tipportal.domain.texts import N_

from . import attaching
from .context import Context
from .dialogue import Written, by_token
from .entries import entry_of_case
from .handle import case_entry, keep_record, member_of, must_not_be_quarantined, refused
from .sealedfiles import SealedFile, check_record

_FILLED = {FormName.MINUTES: EntryKind.MINUTES_OFFERED, FormName.SLOTS: EntryKind.MEETING_OFFERED}
_READ = frozenset({RecordKind.MESSAGE, RecordKind.FEEDBACK, RecordKind.NOTICE, RecordKind.FORM})


def fill(
    ctx: Context, account: Account, reference: str, record: SealedFile, form: FormName, mode: MeetingMode | None = None
) -> Written:
    """Add minutes to check, or meeting times to choose from, to the dialogue.

    Raises NotFound, Invalid, CaseLocked, Quarantined, EpochClosed, SequenceConflict, MalformedAgeFile, and for attached
    files what ``attaching`` raises.
    """
    if record.kind is not RecordKind.FORM or record.stream is not Stream.DIALOGUE or form in ANSWER_TO:
        raise Invalid(N_("Posten hör inte hemma här."), field="form")
    if (mode is None) == (form is FormName.SLOTS):
        raise Invalid(N_("Välj hur ni kan mötas."), field="mode")
    check_record(record)
    with attaching.taken(ctx, record.files) as hold, ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            may_write(case, ctx.today())
            must_not_be_quarantined(uow, case)
            keep_record(ctx, uow, account, case, record)
            attaching.keep(uow, case, record, hold, ctx.files)
            uow.conversations.add_form(
                FilledForm(case.organisation_id, case.id, record.seq, form, filled_on=ctx.today(), mode=mode)
            )
            facts: dict[str, Json] = {"seq": record.seq, "epoch": record.epoch, "record": record.digest.hex()}
            if mode is not None:
                facts["mode"] = mode.value
            uow.log.append(case_entry(ctx, account, case, _FILLED[form], attaching.counted(facts, record)))
            return Written(seq=record.seq, date=ctx.today(), created=True)
    raise refused(ctx, account)


def meeting_held(
    ctx: Context, account: Account, reference: str, mode: MeetingMode, held_on: date, offer: int | None = None
) -> Meeting:
    """Note that a meeting was held, on times that were offered or without. Raises NotFound, Invalid, CaseLocked."""
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            may_write(case, ctx.today())
            check_held(held_on, case.received_on, ctx.today())
            offered = [form.seq for form in uow.conversations.forms(case.id) if form.form is FormName.SLOTS]
            if offer is not None and offer not in offered:
                raise Invalid(N_("Det finns inga sådana tider."), field="offer")
            meeting = Meeting(
                id=ctx.new_id(),
                organisation_id=case.organisation_id,
                case_id=case.id,
                mode=mode,
                held_on=held_on,
                member=member_of(uow, case, account),
                offer=offer,
            )
            uow.conversations.add_meeting(meeting)
            facts: dict[str, Json] = {"mode": mode.value, "held_on": held_on.isoformat(), "offer": offer}
            uow.log.append(case_entry(ctx, account, case, EntryKind.MEETING_HELD, facts))
            return meeting
    raise refused(ctx, account)


def read_by_source(ctx: Context, token: bytes | None, seq: int) -> None:
    """The source has had the dialogue open up to ``seq``. Feedback that they had not seen before is read, once.

    Only what members wrote counts, and only its day is kept. Raises CaseNotFound.
    """
    with ctx.storage.read() as uow:
        case = by_token(uow, token)
        if not _newly_read(uow, case, seq):
            # The usual case: nothing is written, and no writer waits.
            return
    with ctx.storage.write() as uow:
        case = by_token(uow, token)
        fresh = _newly_read(uow, case, seq)
        if not fresh:
            return
        today = ctx.today()
        uow.conversations.add_reading(
            Reading(case.organisation_id, case.id, Reader.SOURCE, fresh[-1].seq, today), settled=False
        )
        for record in fresh:
            if record.kind is RecordKind.FEEDBACK:
                uow.log.append_pending(
                    entry_of_case(case, EntryKind.FEEDBACK_READ, {"seq": record.seq}, time=today, actor="source")
                )


def _newly_read(uow: UnitOfWork, case: Case, seq: int) -> list[StoredRecord]:
    before = [one.seq for one in uow.conversations.readings(case.id) if one.reader is Reader.SOURCE]
    known = max(before, default=-1)
    newest = uow.cases.last_record(case.id, Stream.DIALOGUE)
    if newest is None or min(seq, newest.seq) <= known:
        return []
    return [
        record
        for record in uow.cases.records(case.id, [Stream.DIALOGUE])
        if record.author != "source" and record.kind in _READ and known < record.seq <= seq
    ]
