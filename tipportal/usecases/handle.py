"""A handler's work with their own cases: list, open, answer, note, title, and beginning follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from tipportal.domain import cases
from tipportal.domain.accounts import Account
from tipportal.domain.approvals import Proposal
from tipportal.domain.cases import (
    STREAM_OF,
    Case,
    Epoch,
    Grant,
    GrantKind,
    RecordKind,
    StoredRecord,
    Stream,
)
from tipportal.domain.duties import Duty, RestrictionKind
from tipportal.domain.errors import (
    EpochClosed,
    Invalid,
    NotFound,
    Quarantined,
    SequenceConflict,
    UploadUnknown,
)
from tipportal.domain.files import AttachedFile
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.organisations import Organisation
from tipportal.domain.ports import Row, UnitOfWork
from tipportal.domain.retention import has_ended, may_write
from tipportal.domain.selection import EVERYTHING, Selection
from tipportal.domain.texts import N_

from . import attaching
from .care_view import CaseCare, care_of, read_by_group
from .casework_view import CaseWork, work_of
from .context import Context
from .dialogue import Written
from .entries import account_entry, entry_of_case
from .latertrustees import LaterTrustees, later_trustees
from .locking import must_be_readable
from .sealedfiles import SealedFile, check_record, stored
from .seats import Standing, seats_of, shown_proposals, standing_of
from .triage_view import Triaged, triaged

PAGE = 25
MAX_TITLES = 50
HANDLER_KINDS = frozenset({RecordKind.MESSAGE, RecordKind.FEEDBACK, RecordKind.NOTE, RecordKind.TITLE})
ENTRY_OF = {
    RecordKind.MESSAGE: EntryKind.MESSAGE_SENT,
    RecordKind.FEEDBACK: EntryKind.FEEDBACK_GIVEN,
    RecordKind.NOTE: EntryKind.NOTE_ADDED,
    RecordKind.TITLE: EntryKind.TITLE_SET,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A holder of a case with the public keys that genesis commits to. Never an account id: pseudonyms only."""

    id: str
    role: GrantKind
    recipient: bytes
    verification_key: bytes
    unit: str
    function: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its handler fetches it: everything sealed, keys to it, and what waits for a decision.

    ``attachments`` are the files of ``records``, by stream, seq and position. In quarantine the dialogue is left out,
    but for the records that change its keys; ``dialogue_next`` then tells where its next one goes: seq, digest before.
    """

    case: Case
    organisation: Organisation
    installation_id: bytes
    me: str
    role: GrantKind
    records: tuple[StoredRecord, ...]
    attachments: tuple[AttachedFile, ...]
    epochs: tuple[Epoch, ...]
    grants: tuple[Grant, ...]
    members: dict[int, tuple[Member, ...]]
    proposals: tuple[Proposal, ...]
    duties: tuple[Duty, ...]
    restrictions: frozenset[RestrictionKind]
    dialogue_next: tuple[int, bytes] | None
    standing: Standing
    later_trustees: LaterTrustees
    care: CaseCare
    work: CaseWork
    triaged: Triaged
    today: date


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of the list; ``next_after`` asks for the following one, None at the end."""

    rows: tuple[Row, ...]
    next_after: tuple[date, str] | None


@dataclass(frozen=True, slots=True)
class SealedTitle:
    """What a browser needs in order to show a case's title."""

    case: Case
    epochs: tuple[Epoch, ...]
    grants: tuple[Grant, ...]
    title: StoredRecord | None


def my_cases(
    ctx: Context,
    account: Account,
    *,
    after: tuple[date, str] | None = None,
    selection: Selection = EVERYTHING,
) -> CasePage:
    """A page of the handler's own cases, newest date first."""
    with ctx.storage.read() as uow:
        rows = uow.cases.rows_for(account.id, after=after, limit=PAGE + 1, selection=selection, now=ctx.clock())
    page = tuple(rows[:PAGE])
    more = len(rows) > PAGE
    return CasePage(page, (page[-1].case.received_on, page[-1].case.reference) if more else None)


def counts(ctx: Context, account: Account) -> dict[str, int]:
    """The four numbers of the first screen: ``new``, ``mine``, ``unread``, ``waiting``. Own cases only."""
    with ctx.storage.read() as uow:
        return uow.cases.counts_for(account.id, ctx.clock())


def titles(ctx: Context, account: Account, references: Sequence[str]) -> tuple[SealedTitle, ...]:
    """The sealed titles of the handler's own cases; references that are not theirs are left out without a word."""
    if len(references) > MAX_TITLES:
        raise Invalid(N_("Högst 50 ärenden åt gången."), field="references")
    with ctx.storage.read() as uow:
        own = [
            case
            for case in (uow.cases.for_holder(text, account.id, ctx.today()) for text in references)
            if case is not None and not has_ended(case, ctx.today())
        ]
        newest = uow.cases.newest([case.id for case in own], RecordKind.TITLE)
        return tuple(
            SealedTitle(
                case=case,
                epochs=tuple(uow.cases.epochs(case.id)),
                grants=tuple(uow.cases.grants_of(case.id, account.id)),
                title=newest.get(case.id),
            )
            for case in own
        )


def is_mine(ctx: Context, account: Account, reference: str) -> None:
    """Return if the page of a case may be shown. Raises NotFound, the same and logged for unknown and foreign."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
    if case is None:
        raise refused(ctx, account)


def open_case(ctx: Context, account: Account, reference: str) -> CaseView:
    """Fetch a case; reading is an act, so it is logged in the same transaction. Raises NotFound."""
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            must_be_readable(uow, case, ctx.today())
            uow.log.append(case_entry(ctx, account, case, EntryKind.OPENED, {}))
            view = _view(ctx, uow, case, account)
            dialogue = [record.seq for record in view.records if record.stream is Stream.DIALOGUE]
            uow.cases.mark_read(case.id, account.id, max(dialogue, default=0))
            read_by_group(ctx, uow, case, view.records)
            return view
    raise refused(ctx, account)


def add_record(ctx: Context, account: Account, reference: str, record: SealedFile) -> Written:
    """Add a handler's sealed message, feedback, note or title.

    Raises NotFound, EpochClosed, SequenceConflict, MalformedAgeFile, Invalid, CaseLocked, IllegalTransition, and for
    attached files what ``attaching`` raises.
    """
    if record.kind not in HANDLER_KINDS or record.stream is not STREAM_OF[record.kind]:
        raise Invalid(N_("Posten hör inte hemma här."), field="kind")
    check_record(record)
    try:
        with attaching.taken(ctx, record.files) as hold:
            return _add_record(ctx, account, reference, record, hold)
    except UploadUnknown:
        is_mine(ctx, account, reference)
        _must_be_next(ctx, account, reference, record)
        raise


def open_file(
    ctx: Context, account: Account, reference: str, stream: Stream, seq: int, position: int
) -> tuple[AttachedFile, BinaryIO]:
    """An attached file as it is sealed, and its bytes to read and close; logged as the act of reading that it is.

    Raises NotFound, FileNotFound.
    """
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            must_be_readable(uow, case, ctx.today())
            if stream is Stream.DIALOGUE:
                must_not_be_quarantined(uow, case)
            file, content = attaching.stored_file(ctx, uow, case, stream, seq, position)
            facts: dict[str, Json] = {"stream": stream.value, "seq": seq, "position": position}
            uow.log.append(case_entry(ctx, account, case, EntryKind.FILE_OPENED, facts))
            return file, content
    raise refused(ctx, account)


def begin_follow_up(ctx: Context, account: Account, reference: str) -> Case:
    """Begin the follow-up of a case: an act of one person. Raises NotFound, IllegalTransition."""
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            advanced = uow.cases.advance(case, state=cases.after_follow_up_begun(case))
            uow.log.append(case_entry(ctx, account, case, EntryKind.FOLLOW_UP_BEGUN, {}))
            return advanced
    raise refused(ctx, account)


def _add_record(ctx: Context, account: Account, reference: str, record: SealedFile, hold: attaching.Taken) -> Written:
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            may_write(case, ctx.today())
            if record.stream is Stream.DIALOGUE:
                must_not_be_quarantined(uow, case)
            if record.kind is RecordKind.FEEDBACK:
                _give_feedback(ctx, uow, case)
            keep_record(ctx, uow, account, case, record)
            attaching.keep(uow, case, record, hold, ctx.files)
            facts: dict[str, Json] = {"seq": record.seq, "epoch": record.epoch, "record": record.digest.hex()}
            uow.log.append(case_entry(ctx, account, case, ENTRY_OF[record.kind], attaching.counted(facts, record)))
            return Written(seq=record.seq, date=ctx.today(), created=True)
    raise refused(ctx, account)


def _must_be_next(ctx: Context, account: Account, reference: str, record: SealedFile) -> None:
    """Raise SequenceConflict when the place is taken: a repeated request is told so, as one without files is."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        newest = None if case is None else uow.cases.last_record(case.id, record.stream)
    if newest is not None and newest.seq >= record.seq:
        raise SequenceConflict(N_("Någon annan hann skriva först. Din text är kvar: skicka den igen."))


def keep_record(ctx: Context, uow: UnitOfWork, account: Account, case: Case, record: SealedFile) -> None:
    """Store a handler's record in the open epoch.

    Raises EpochClosed while the server has seen the case's keys, and CaseLocked where the members could not read it.
    """
    must_be_readable(uow, case, ctx.today())
    epoch = uow.cases.epochs(case.id)[case.epoch]
    if epoch.opened_by == "server" or record.epoch != case.epoch:
        raise EpochClosed(N_("Ärendets nycklar har bytts eller behöver bytas. Hämta ärendet igen; texten är kvar."))
    uow.cases.add_record(stored_record(ctx, case, record, member_of(uow, case, account)))


def member_of(uow: UnitOfWork, case: Case, account: Account) -> str:
    """The handler's pseudonym in the case. Raises NotFound."""
    for grant in uow.cases.grants_of(case.id, account.id):
        return grant.member
    raise NotFound(N_("Sidan finns inte."))


def on_panel(ctx: Context, uow: UnitOfWork, case: Case, account_id: str) -> bool:
    """Whether the account is on the panel or a released standby in the present epoch: judged when an act takes effect.

    And designated today to the function that it has its key for: the same question as whether it sees the case.
    """
    return uow.cases.by_id_for_holder(case.id, account_id, ctx.today()) is not None


def must_not_be_quarantined(uow: UnitOfWork, case: Case) -> None:
    """Raise Quarantined while nobody is handed the dialogue."""
    if uow.duties.in_force(case.id, RestrictionKind.QUARANTINE) is not None:
        raise Quarantined(N_("Ärendet är i karantän: dialogen lämnas inte ut förrän två har hävt den."))


def _view(ctx: Context, uow: UnitOfWork, case: Case, account: Account) -> CaseView:
    organisation = uow.register.organisation_by_id(case.organisation_id)
    installation_id = uow.installation_id()
    if organisation is None or installation_id is None:
        raise NotFound(N_("Sidan finns inte."))
    epochs = tuple(uow.cases.epochs(case.id))
    mine = tuple(uow.cases.grants_of(case.id, account.id))
    holders = [grant for grant in uow.cases.grants(case.id) if grant.kind in (GrantKind.PANEL, GrantKind.STANDBY)]
    keys = {other.id: other for other in uow.accounts.by_ids(sorted({grant.holder for grant in holders}))}
    members: dict[int, tuple[Member, ...]] = {}
    for epoch in epochs:
        members[epoch.epoch] = tuple(
            Member(
                id=grant.member,
                role=grant.kind,
                recipient=keys[grant.holder].recipient or b"",
                verification_key=keys[grant.holder].verification_key or b"",
                unit=grant.unit_id,
                function=grant.function_id,
            )
            for grant in holders
            if grant.epoch == epoch.epoch
        )
    restrictions = frozenset(kind for kind in RestrictionKind if uow.duties.in_force(case.id, kind) is not None)
    withheld = RestrictionKind.QUARANTINE in restrictions
    proposals, seats = shown_proposals(uow, case, account), seats_of(ctx, uow, case)
    records = tuple(uow.cases.records(case.id, list(Stream)))
    return CaseView(
        case=case,
        organisation=organisation,
        installation_id=installation_id,
        me=mine[0].member,
        role=mine[-1].kind,
        records=tuple(
            record
            for record in records
            if not (withheld and record.stream is Stream.DIALOGUE and record.kind is not RecordKind.EPOCH)
        ),
        attachments=tuple(uow.attachments.of_case(case.id, [Stream.WORK] if withheld else list(Stream))),
        epochs=epochs,
        grants=mine,
        members=members,
        proposals=proposals,
        duties=tuple(uow.duties.of_case(case.id)),
        restrictions=restrictions,
        dialogue_next=_next_of(records, Stream.DIALOGUE) if withheld else None,
        standing=standing_of(uow, case, account, seats, proposals),
        later_trustees=later_trustees(ctx, uow, case),
        care=care_of(uow, case),
        work=work_of(uow, case),
        triaged=triaged(ctx, uow, case, account, seats),
        today=ctx.today(),
    )


def _next_of(records: Sequence[StoredRecord], stream: Stream) -> tuple[int, bytes]:
    last = max((record for record in records if record.stream is stream), key=lambda record: record.seq)
    return last.seq + 1, last.digest


def _give_feedback(ctx: Context, uow: UnitOfWork, case: Case) -> None:
    feedback_on = case.feedback_on or ctx.today()
    uow.cases.advance(case, state=cases.after_feedback(case), feedback_on=feedback_on)


def stored_record(ctx: Context, case: Case, record: SealedFile, member: str) -> StoredRecord:
    """A handler's record as it is kept, with its instant; ``member`` is the pseudonym that wrote it."""
    return stored(record, case, record_id=ctx.new_id(), author=member, on=ctx.today(), at=ctx.clock())


def case_entry(
    ctx: Context,
    account: Account,
    case: Case,
    kind: EntryKind,
    facts: dict[str, Json],
    signatures: Sequence[dict[str, Json]] = (),
) -> Entry:
    """A log entry of a handler's act on a case."""
    return entry_of_case(case, kind, facts, time=ctx.clock(), actor=account.id, signatures=signatures)


def refused(ctx: Context, account: Account) -> NotFound:
    """Log that a handler met *not found*, and give the refusal to raise: the entry commits, the request fails."""
    # The same entry for unknown and foreign references, without the reference: the log must not tell which it was.
    with ctx.storage.write() as uow:
        uow.log.append(account_entry(ctx, account, EntryKind.ACCESS_REFUSED))
    return NotFound(N_("Sidan finns inte."))
