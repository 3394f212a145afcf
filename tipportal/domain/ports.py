"""What the use cases need from outside, as protocols.

Storage implements them; tests and the composition root hand them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Protocol, TypeAlias

from .accounts import Account, Invitation, Session, SourceSession
from .approvals import Proposal, ProposalState
from .cases import (
    Case,
    CaseState,
    Epoch,
    Grant,
    Outcome,
    RecordKind,
    StoredRecord,
    Stream,
)
from .files import AttachedFile
from .handlinglog import Entry
from .organisations import Designation, Function, Organisation, Unit
from .routing import Candidate, Policy

Clock: TypeAlias = Callable[[], int]
"""Gives the present instant as UTC seconds."""
RandomBytes: TypeAlias = Callable[[int], bytes]
"""Gives that many cryptographically random bytes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a handler's list: only their own cases, by what the server may know. ``organisation``: its name."""

    case: Case
    organisation: str
    panel: tuple[str, ...]
    unread: bool
    waits_for_me: bool


class Register(Protocol):
    """Organisations, units, functions, designations and policies."""

    def add_organisation(self, organisation: Organisation) -> None:
        """Raises Conflict when the slug is taken."""

    def add_unit(self, unit: Unit) -> None: ...
    def add_function(self, function: Function) -> None: ...
    def add_designation(self, designation: Designation) -> None: ...
    def add_policy(self, policy: Policy, activated_at: int) -> None:
        """Raises Conflict when the version exists."""

    def organisation(self, slug: str) -> Organisation | None: ...
    def organisation_by_id(self, organisation_id: str) -> Organisation | None: ...
    def organisations(self) -> Sequence[Organisation]:
        """All, by name."""

    def unit(self, unit_id: str) -> Unit | None: ...
    def units(self, organisation_id: str) -> Sequence[Unit]: ...
    def unit_names(self, unit_ids: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """The id, name and organisation's name of each unit, in one query."""

    def functions(self, organisation_id: str | None = None) -> Sequence[Function]: ...
    def function(self, function_id: str) -> Function | None: ...
    def designations(self, function_id: str) -> Sequence[Designation]: ...
    def policy(self, organisation_id: str) -> Policy | None:
        """The newest version, or None: an organisation without a policy has no open channel."""

    def candidates(self, function_id: str, today: date) -> Sequence[Candidate]:
        """Active handlers with keys who are designated to the function today, ordered by account id."""


class Accounts(Protocol):
    """Accounts, invitations and sessions."""

    def add(self, account: Account) -> None:
        """Raises Conflict when the e-mail address is taken."""

    def by_email(self, email: str) -> Account | None: ...
    def by_id(self, account_id: str) -> Account | None: ...
    def all(self) -> Sequence[Account]: ...
    def by_ids(self, account_ids: Sequence[str]) -> Sequence[Account]:
        """Those of the accounts that exist, in no particular order."""

    def enrol(
        self,
        account_id: str,
        *,
        password_hash: str,
        totp_sealed: bytes,
        totp_counter: int,
        recipient: bytes | None,
        verification_key: bytes | None,
        identity_file: bytes | None,
    ) -> bool:
        """Activate an invited account; False when it was not in state invited (one statement, no check before)."""

    def use_totp(self, account_id: str, counter: int) -> bool:
        """Mark a time step as used; False when it, or a later one, was used before (one conditional UPDATE)."""

    def add_invitation(self, invitation: Invitation) -> None: ...
    def invitation(self, token_digest: bytes) -> Invitation | None: ...
    def use_invitation(self, token_digest: bytes, now: int) -> bool:
        """Single use: one conditional UPDATE; False when used or expired."""

    def withdraw_invitations(self, account_id: str) -> None:
        """End the account's enrolment links that have not been used."""

    def add_session(self, session: Session) -> None: ...
    def session(self, id_digest: bytes) -> Session | None: ...
    def set_storage_key(self, id_digest: bytes, key: bytes | None, unlocked_until: int) -> None: ...
    def forget_storage_keys(self, now: int) -> None:
        """Forget the keys of sessions whose idle time is over at ``now`` (UTC seconds)."""

    def delete_session(self, id_digest: bytes) -> None: ...
    def delete_sessions_before(self, created_before: int) -> int: ...
    def add_source_session(self, session: SourceSession) -> None: ...
    def source_session(self, id_digest: bytes) -> SourceSession | None: ...
    def touch_source_session(self, id_digest: bytes, expires_quarter: int) -> None: ...
    def delete_source_session(self, id_digest: bytes) -> None: ...
    def delete_source_sessions_before(self, quarter: int) -> int: ...


class Cases(Protocol):
    """Cases with their epochs, grants and records."""

    def add(self, case: Case) -> None:
        """Raises Conflict on a taken reference, CaseExists on a taken lookup digest."""

    def by_lookup(self, lookup_digest: bytes) -> Case | None: ...
    def for_holder(self, reference: str, account_id: str) -> Case | None:
        """The one query ``reference AND my released grant in the newest epoch``; else None, whatever the reason."""

    def by_id_for_holder(self, case_id: str, account_id: str) -> Case | None:
        """The same query by the case's id."""

    def rows_for(
        self,
        account_id: str,
        *,
        after: tuple[date, str] | None,
        limit: int,
        state: CaseState | None = None,
        channel: str | None = None,
        now: int = 0,
    ) -> Sequence[Row]:
        """A keyset page of the holder's cases, newest date first, then last reference first.

        ``after`` is the last row's (received_on, reference). A row's ``panel`` holds names, in the order of the draw.
        """

    def needing_action(self, account_id: str, *, received_by: date, limit: int, now: int = 0) -> Sequence[Row]:
        """Own cases, oldest first: without feedback and received by a date, with unread answers, or to be approved."""

    def counts_for(self, account_id: str, now: int = 0) -> dict[str, int]:
        """Own cases only: ``new`` (acknowledged), ``mine`` (not closed), ``unread``, ``waiting`` for my approval."""

    def add_epoch(self, epoch: Epoch) -> None:
        """Begin an epoch and close the one before it. Raises EpochExists."""

    def close_epoch(self, case_id: str, epoch: int) -> None: ...
    def epochs(self, case_id: str) -> Sequence[Epoch]: ...
    def add_grant(self, grant: Grant) -> None:
        """Panel and source grants are released at once, others withheld. Raises Conflict when there is one already."""

    def add_grants(self, new: Sequence[Grant]) -> None:
        """All or none, in few statements; raises as ``add_grant``."""

    def grants(self, case_id: str, epoch: int | None = None) -> Sequence[Grant]:
        """By epoch, then member number."""

    def grants_of(self, case_id: str, holder: str) -> Sequence[Grant]:
        """The holder's own released grants, by epoch."""

    def add_record(self, record: StoredRecord) -> None:
        """Raises SequenceConflict when (case, stream, seq) is taken or ``prev`` is not the newest record's digest.

        Raises EpochClosed when the epoch is not open. Files above 64 KiB go to the blob store, on the disk before the
        commit.
        """

    def add_records(self, new: Sequence[StoredRecord]) -> None:
        """In this order, all or none, in few statements; raises as ``add_record``."""

    def records(self, case_id: str, streams: Sequence[Stream]) -> Sequence[StoredRecord]:
        """By stream, then seq."""

    def last_record(self, case_id: str, stream: Stream) -> StoredRecord | None: ...
    def newest(self, case_ids: Sequence[str], kind: RecordKind) -> dict[str, StoredRecord]:
        """The newest record of a kind in each case that has one."""

    def advance(
        self,
        case: Case,
        *,
        state: CaseState | None = None,
        epoch: int | None = None,
        covered: bool | None = None,
        feedback_on: date | None = None,
        closed_on: date | None = None,
        outcome: Outcome | None = None,
    ) -> Case:
        """Write what is given if state and epoch are still as in ``case``. Raises Conflict otherwise."""

    def mark_read(self, case_id: str, account_id: str, seq: int) -> None:
        """The holder has opened the dialogue up to ``seq``."""

    def standings(self) -> Iterator[tuple[str, CaseState, bool | None, Outcome | None]]:
        """Reference, state, covered and outcome of every case, streamed: what the log is held against."""


class Proposals(Protocol):
    """Proposals and their single approval."""

    def add(self, proposal: Proposal) -> None:
        """Raises ProposalOpen when one of the kind is open on the case, Conflict on a reused nonce."""

    def by_id(self, proposal_id: str) -> Proposal | None: ...
    def of_case(self, case_id: str) -> Sequence[Proposal]:
        """Oldest first."""

    def open_for(self, account_id: str, now: int = 0) -> Sequence[tuple[Case, Proposal]]:
        """Proposals of others, open at ``now``, on cases with a released grant of the account in the newest epoch."""

    def decide(
        self,
        proposal_id: str,
        state: ProposalState,
        *,
        approver: str | None,
        approver_member: str | None,
        signature: bytes | None,
        now: int,
    ) -> None:
        """Raises AlreadyDecided unless it was open at ``now``, NotEntitled when both people are the same."""

    def approved(self) -> Iterator[str]:
        """The ids of all approved proposals, streamed."""

    def expire(self, now: int) -> int:
        """Mark open proposals past their date; returns how many."""


class Log(Protocol):
    """The handling log. Appending takes the database's writer lock, so entries are serialised with their acts."""

    def append(self, entry: Entry) -> int:
        """Append and return the index. Pending entries of the same case join first (05, Time)."""

    def append_pending(self, entry: Entry) -> None:
        """Keep an entry of a source's act as a pending row; it gets its index later."""

    def fold_pending(self, before: date | None = None, case: str | None = None) -> int:
        """Join pending entries in hash order: of a case, or those dated before a date; returns how many."""

    def size(self) -> int: ...
    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entry bytes by index, streamed."""

    def entries_of_case(self, reference: str) -> Sequence[bytes]: ...
    def node(self, level: int, position: int) -> bytes: ...
    def root(self) -> bytes: ...


class Attachments(Protocol):
    """Which sealed files hang on which record."""

    def add(self, files: Sequence[tuple[AttachedFile, str]]) -> None:
        """Keep files, each with the id of the upload that it was, all or none.

        From here on the transaction owns the blobs: when it is rolled back they go. Raises UploadUnknown for an upload
        that has been handed in before.
        """

    def of_case(self, case_id: str, streams: Sequence[Stream]) -> Sequence[AttachedFile]:
        """A case's files, by stream, seq, position."""

    def one(self, case_id: str, stream: Stream, seq: int, position: int) -> AttachedFile | None: ...
    def kept_bytes(self, case_id: str) -> int:
        """Sealed bytes of all files of a case."""


class WaitingFile(Protocol):
    """A new upload that the server itself seals, piece by piece."""

    @property
    def upload(self) -> str:
        """The upload's id."""

    def write(self, content: bytes, /) -> object:
        """Append sealed bytes. Raises StorageFull, after which only ``discard`` makes sense."""

    def keep(self) -> int:
        """Finish: from now on it waits as any upload does. Gives its size in bytes."""

    def discard(self) -> None:
        """Leave nothing behind, whether it was kept or not. Again does nothing."""


class Uploads(Protocol):
    """Sealed files that wait for the record that will name them. Ids are 32 hex digits that only the sender knows."""

    def received(self, upload: str) -> int:
        """Bytes so far, 0 for one that is not there."""

    def append(
        self, upload: str, offset: int, length: int, read: Callable[[int], bytes], on: date, *, quota: int
    ) -> int:
        """Take ``length`` bytes from ``offset`` on by ``read`` (at most so many bytes; empty: the end); the new total.

        What was received before is compared, not written again. A part that fails or ends short leaves what stood
        before. ``quota`` bounds what waits altogether, in bytes.
        Raises PartMissing, PartDiffers, StorageFull, Invalid for a part that ends short; errors of ``read`` pass.
        """

    def remove(self, upload: str) -> None:
        """Remove an upload; one that is not there is no error."""

    def begin(self, on: date, *, quota: int) -> WaitingFile:
        """A new upload for the server's own sealing."""

    def take(self, upload: str, on: date) -> str:
        """Make an upload a blob, durable when this returns, and give the blob's id. Call it before the transaction.

        The upload stays until ``remove``, and nothing can be appended to it any more. Raises UploadUnknown.
        """

    def release(self, blob_id: str) -> None:
        """Remove a blob that was taken and that no transaction named."""

    def open(self, blob_id: str) -> BinaryIO:
        """A blob's sealed bytes. Raises FileNotFoundError when it is gone."""

    def sweep(self) -> int:
        """Remove what has not been touched for a day; how many."""


class UnitOfWork(Protocol):
    """One transaction: everything in it commits together with its log entry, or not at all."""

    register: Register
    accounts: Accounts
    cases: Cases
    attachments: Attachments
    proposals: Proposals
    log: Log

    def installation_id(self) -> bytes | None:
        """16 bytes made at founding, or None before it."""

    def found(self, installation_id: bytes, now: int) -> None:
        """Raises Conflict when founded already (primary key)."""

    def settle(self, before: date, random: RandomBytes) -> int:
        """Rewrite the source rows dated before a day, so that row order and transaction numbers tell nothing."""


class Storage(Protocol):
    """Opens units of work; ``read`` never writes.

    ``write`` begins IMMEDIATE (SQLite) or takes the advisory lock (PostgreSQL) and commits at the end of the block,
    rolling back on any exception. It raises Busy when its turn does not come in time. ``uploads`` belong to no
    transaction.
    """

    @property
    def uploads(self) -> Uploads: ...
    def sweep_blobs(self, now: int) -> int:
        """Remove sealed files that nothing names and that are older than a day at ``now`` (UTC seconds); how many."""

    def write(self) -> AbstractContextManager[UnitOfWork]: ...
    def read(self) -> AbstractContextManager[UnitOfWork]: ...
