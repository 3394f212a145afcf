"""What keeps acts by two and the handling log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.approvals import Proposal, ProposalState
from tipportal.domain.cases import Case
from tipportal.domain.handlinglog import Entry, LoggedChunk


class Proposals(Protocol):
    """Proposals and their single approval."""

    def add(self, proposal: Proposal) -> None:
        """Raises ProposalOpen when one of the kind is open on the case, Conflict on a reused nonce."""

    def by_id(self, proposal_id: str) -> Proposal | None: ...
    def of_case(self, case_id: str) -> Sequence[Proposal]:
        """Oldest first."""

    def open_for(self, account_id: str, now: int) -> Sequence[tuple[Case, Proposal]]:
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

    def chunks(self) -> Iterator[LoggedChunk]:
        """All entries with their stored leaf hashes, some thousands at a time."""

    def nodes(self, level: int, first: int, many: int) -> list[bytes]:
        """Stored complete subtrees of one level (1 and up) side by side, those that are there."""

    def entries_of_case(self, reference: str) -> Sequence[bytes]: ...
    def node(self, level: int, position: int) -> bytes: ...
    def root(self) -> bytes: ...
