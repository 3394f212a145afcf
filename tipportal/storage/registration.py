"""Keeps the diary feed and requests for release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Case, RecordKind, Stream
from tipportal.domain.disclosures import Answered, Disclosure
from tipportal.domain.errors import AlreadyDecided, Conflict
from tipportal.domain.ports.retention import Unregistered
from tipportal.domain.registration import DiaryEntry, Direction, Document
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .queries import held_by
from .rows import cases, diary_days, diary_entries, disclosures, records

_CASE = columns_of(cases, Case)
_ENTRY = columns_of(diary_entries, DiaryEntry)
_DISCLOSURE = columns_of(disclosures, Disclosure)
_UNSAID = (RecordKind.EPOCH,)
"""Kinds that are no document: they only change keys."""


class Diary:
    """Implements ``ports.Diary`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fed_upto(self) -> date | None:
        """The last day that is in a file."""
        return self._connection.execute(sa.select(sa.func.max(diary_days.c.upto))).scalar_one()

    def unregistered(self, after: date | None, upto: date) -> Iterator[Unregistered]:
        """Records of dialogues of days that are over."""
        query = (
            sa.select(*_CASE, records.c.seq, records.c.author, records.c.written_on)
            .join_from(records, cases, cases.c.id == records.c.case_id)
            .where(
                # Written out, so that the partial index is found.
                records.c.stream == sa.literal_column(f"'{Stream.DIALOGUE.value}'"),
                records.c.kind.not_in(_UNSAID),
                records.c.written_on <= upto,
            )
            # The beginning of a case before what follows on it, so that it has a number to point to.
            .order_by(records.c.case_id, records.c.seq)
        )
        if after is not None:
            query = query.where(records.c.written_on > after)
        for *case, seq, author, written_on in self._connection.execute(query):
            direction = Direction.IN if author == "source" or seq == 0 else Direction.OUT
            yield Unregistered(Case(*case), seq, direction, written_on)

    def number_of_case(self, reference: str) -> str | None:
        """The number of the case's own line."""
        query = sa.select(diary_entries.c.number).where(
            diary_entries.c.reference == reference, diary_entries.c.document == Document.CASE
        )
        return self._connection.execute(query).scalar_one_or_none()

    def feed(self, fed_on: date, upto: date, entries: Sequence[DiaryEntry]) -> None:
        """Keep a day's lines. Raises Conflict when the day has been fed."""
        again = Conflict(N_("Dagens diarieföring är redan gjord."))
        with guarded(self._connection, {"pk_diary_days": again, "uq_diary_days_upto": again}):
            self._connection.execute(sa.insert(diary_days), {"fed_on": fed_on, "upto": upto})
        if entries:
            self._connection.execute(sa.insert(diary_entries), [values_of(entry) for entry in entries])

    def days(self, since: date) -> Sequence[date]:
        """Working days that have been fed since a date."""
        query = sa.select(diary_days.c.fed_on).where(diary_days.c.fed_on >= since).order_by(diary_days.c.fed_on)
        return self._connection.execute(query).scalars().all()

    def of_day(self, fed_on: date) -> Sequence[DiaryEntry]:
        """A day's lines, by number."""
        query = sa.select(*_ENTRY).where(diary_entries.c.fed_on == fed_on).order_by(diary_entries.c.number)
        return [DiaryEntry(*row) for row in self._connection.execute(query)]

    def of_case(self, reference: str) -> Sequence[DiaryEntry]:
        """A case's lines, by their record."""
        query = sa.select(*_ENTRY).where(diary_entries.c.reference == reference).order_by(diary_entries.c.seq)
        return [DiaryEntry(*row) for row in self._connection.execute(query)]

    def by_number(self, number: str) -> DiaryEntry | None:
        """The line with a number."""
        row = self._connection.execute(sa.select(*_ENTRY).where(diary_entries.c.number == number)).one_or_none()
        return None if row is None else DiaryEntry(*row)

    def set_registry_number(self, number: str, registry_number: str) -> None:
        """Keep what the registrar calls a line."""
        self._connection.execute(
            sa.update(diary_entries).where(diary_entries.c.number == number).values(registry_number=registry_number)
        )


class Disclosures:
    """Implements ``ports.Disclosures`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request: Disclosure) -> None:
        """Keep a request."""
        self._connection.execute(sa.insert(disclosures), values_of(request))

    def by_id(self, request_id: str) -> Disclosure | None:
        """The request with an id."""
        row = self._connection.execute(sa.select(*_DISCLOSURE).where(disclosures.c.id == request_id)).one_or_none()
        return None if row is None else Disclosure(*row)

    def seen_by(self, account_id: str, today: date) -> Sequence[tuple[Disclosure, str | None]]:
        """What the account received itself or its own cases are asked of; undecided first."""
        of_no_case = sa.and_(disclosures.c.case_id.is_(None), disclosures.c.received_by == account_id)
        query = (
            sa.select(*_DISCLOSURE, cases.c.reference)
            .select_from(sa.outerjoin(disclosures, cases, cases.c.id == disclosures.c.case_id))
            .where(sa.or_(of_no_case, sa.and_(cases.c.id.is_not(None), held_by(account_id, today))))
            .order_by(disclosures.c.decided_on.is_not(None), disclosures.c.due_on, disclosures.c.id)
        )
        return [(Disclosure(*row), reference) for *row, reference in self._connection.execute(query)]

    def answer(
        self, request_id: str, answered: Answered, *, provisions: str | None, by: str, on: date, copy: bytes | None
    ) -> None:
        """Keep the one answer. Raises AlreadyDecided."""
        changed = self._connection.execute(
            sa.update(disclosures)
            .where(disclosures.c.id == request_id, disclosures.c.answered.is_(None))
            .values(answered=answered, provisions=provisions, decided_by=by, decided_on=on, copy=copy)
        )
        if changed.rowcount != 1:
            raise AlreadyDecided(N_("Begäran är redan avgjord."))
