"""What keeps cases, their keys and records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tipportal.domain.cases import (
    Case,
    CaseState,
    Epoch,
    Grant,
    Outcome,
    RecordKind,
    StoredRecord,
    Stream,
)
from tipportal.domain.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a handler's list: only their own cases, by what the server may know. ``organisation``: its name.

    ``unread``: the source has written something since that the holder has not opened.
    """

    case: Case
    organisation: str
    panel: tuple[str, ...]
    unread: bool
    waits_for_me: bool


class Cases(Protocol):
    """Cases with their epochs, grants and records."""

    def add(self, case: Case, *, decision: bytes | None = None) -> None:
        """Keep a case with the sealed reasons for its panel.

        Raises Conflict on a taken reference, CaseExists on a taken lookup digest.
        """

    def decision(self, case_id: str) -> bytes | None:
        """The sealed reasons for the case's panel; None for a case from before they were kept."""

    def by_lookup(self, lookup_digest: bytes) -> Case | None: ...
    def for_holder(self, reference: str, account_id: str, today: date) -> Case | None:
        """The one query ``reference AND my released grant in the newest epoch AND my designation to its function``.

        The designation is in force on the Stockholm date ``today`` and not paused. Else None, whatever the reason.
        """

    def by_id_for_holder(self, case_id: str, account_id: str, today: date) -> Case | None:
        """The same query by the case's id."""

    def rows_for(
        self,
        account_id: str,
        *,
        after: tuple[date, str] | None,
        limit: int,
        selection: Selection = EVERYTHING,
        now: int,
    ) -> Sequence[Row]:
        """A keyset page of the holder's cases, newest date first, then last reference first.

        ``after`` is the last row's (received_on, reference). A row's ``panel`` holds names, in the order of the draw.
        """

    def rows_of(self, account_id: str, case_ids: Sequence[str], now: int) -> Sequence[Row]:
        """Those of these cases that are the holder's own, oldest first."""

    def counts_for(self, account_id: str, now: int) -> dict[str, int]:
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

    def reopen(self, case: Case, state: CaseState) -> Case:
        """Take back that the case was closed, with its outcome; a case to be assessed anew is no longer covered or not.

        Raises Conflict unless state and epoch are still as in ``case``.
        """

    def reclassify(self, case: Case) -> Case:
        """Make a report of a tip, not assessed and without feedback. Raises Conflict as ``advance``."""

    def mark_read(self, case_id: str, account_id: str, seq: int) -> None:
        """The holder has opened the dialogue up to ``seq``."""

    def standings(self) -> Iterator[tuple[str, CaseState, bool | None, Outcome | None]]:
        """Reference, state, covered and outcome of every case, streamed: what the log is held against."""
