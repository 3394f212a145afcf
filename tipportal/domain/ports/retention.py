"""What keeps retention, the diary feed, and requests for release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tipportal.domain.cases import Case
from tipportal.domain.disclosures import Answered, Disclosure
from tipportal.domain.registration import DiaryEntry, Direction
from tipportal.domain.retention import ArchiveOpening, DisposalRule, Kept, Stub


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A record of a dialogue that the diary feed has not told of."""

    case: Case
    seq: int
    direction: Direction
    dated: date


class Retention(Protocol):
    """Disposal decisions, what two have decided of closed cases, openings of locked ones, and disposal itself."""

    def record_rule(self, rule: DisposalRule, change_id: str) -> None: ...
    def rules(self) -> Sequence[DisposalRule]:
        """All disposal decisions, as they were recorded."""

    def keep(self, kept: Kept) -> None:
        """In the place of any earlier decision about the case."""

    def forget_kept(self, case_id: str) -> None:
        """What two decided about a case does not stand any more."""

    def kept(self, case_id: str) -> Kept | None: ...
    def every_kept(self) -> Iterator[tuple[str, Kept]]:
        """All with the reference of their case, streamed: what the log is held against."""

    def to_lock(self, closed_by: date, after: tuple[date, str] | None, limit: int) -> Sequence[Case]:
        """A keyset page, by day of closing and id, of closed cases that were closed by a date."""

    def left_alone(self, closed_by: date, today: date, after: tuple[date, str] | None, limit: int) -> Sequence[Case]:
        """A keyset page, as of ``to_lock``, of closed and locked cases that nobody has decided what becomes of.

        Only where those who act and are designated on the Stockholm date ``today`` are not of two units, and somebody
        designated stands by.
        """

    def due(self, closed_by: date) -> Iterator[tuple[Case, Kept | None]]:
        """Closed and locked cases that were closed by a date, oldest first, streamed: references and dates only."""

    def due_for(self, account_id: str, today: date, closed_by: date) -> Sequence[tuple[Case, Kept | None]]:
        """Those of the account's own cases."""

    def ask_opening(self, opening: ArchiveOpening) -> None: ...
    def openings(self, case_id: str) -> Sequence[ArchiveOpening]:
        """Newest first."""

    def allow_opening(self, opening_id: str, *, by: str, until: date) -> None:
        """Raises AlreadyDecided, NotEntitled when both are one person (constraint)."""

    def dispose(self, case: Case, stub: Stub) -> None:
        """Delete everything of a case in this transaction, its files right after it commits, and leave the stub."""

    def disposed(self) -> Iterator[Stub]:
        """All stubs by reference, streamed."""


class Diary(Protocol):
    """The diary feed: which days have been fed, and its lines."""

    def fed_upto(self) -> date | None:
        """The last day that is in a file."""

    def unregistered(self, after: date | None, upto: date) -> Iterator[Unregistered]:
        """Records of dialogues dated after a day (None: any) and by another, in no telling order."""

    def number_of_case(self, reference: str) -> str | None:
        """The number of the case's own line."""

    def feed(self, fed_on: date, upto: date, entries: Sequence[DiaryEntry]) -> None:
        """Keep a working day's lines. Raises Conflict when the day has been fed (primary key)."""

    def days(self, since: date) -> Sequence[date]:
        """Working days that have been fed since a date."""

    def of_day(self, fed_on: date) -> Sequence[DiaryEntry]:
        """A day's lines by number: random, so the order tells nothing."""

    def of_case(self, reference: str) -> Sequence[DiaryEntry]:
        """A case's lines, by their record."""

    def by_number(self, number: str) -> DiaryEntry | None: ...
    def set_registry_number(self, number: str, registry_number: str) -> None: ...


class Disclosures(Protocol):
    """Requests for release and how each was answered."""

    def add(self, request: Disclosure) -> None: ...
    def by_id(self, request_id: str) -> Disclosure | None: ...
    def seen_by(self, account_id: str, today: date) -> Sequence[tuple[Disclosure, str | None]]:
        """What the account has received itself, and what its own cases are asked of; with the case's reference.

        A request about a case that is no longer the account's own is left out whoever received it.
        """

    def answer(
        self, request_id: str, answered: Answered, *, provisions: str | None, by: str, on: date, copy: bytes | None
    ) -> None:
        """Raises AlreadyDecided."""
