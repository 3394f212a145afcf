"""Keeps measures, checklists, and messages after closing that reopened nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Case, CaseState, RecordKind, Stream
from tipportal.domain.errors import Conflict
from tipportal.domain.measures import Amount, Measure, MeasureFacts
from tipportal.domain.texts import N_
from tipportal.domain.worklists import WorklistState

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import cases, declined_reopenings, measures, records, worklists

_AMOUNTS: list[sa.Column[Any]] = [measures.c[amount.value] for amount in Amount]
_FACTS: list[sa.Column[Any]] = [measures.c.kind, measures.c.taken_on, measures.c.step, measures.c.reason]
_MEASURE = columns_of(measures, Measure, "facts")
_COLUMNS: Sequence[sa.Column[Any]] = (*_FACTS, *_AMOUNTS, *_MEASURE)
_STATE = columns_of(worklists, WorklistState)
_FROM_SOURCE = (RecordKind.MESSAGE, RecordKind.FORM)
_CHUNK = 1000


def _changed() -> Conflict:
    return Conflict(N_("Någon annan hann ändra. Du ser nu deras ändring, och det du skrev är kvar."))


class Measures:
    """Implements ``ports.Measures`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, measure: Measure) -> None:
        """Keep a measure or a correction. Raises Conflict when what it corrects has been corrected already."""
        facts = measure.facts
        amounts = {amount.value: facts.amounts.get(amount) for amount in Amount}
        told = {"kind": facts.kind, "taken_on": facts.taken_on, "step": facts.step, "reason": facts.reason}
        with guarded(self._connection, {"uq_measures_corrects": _changed()}):
            self._connection.execute(sa.insert(measures), {**values_of(measure, "facts"), **told, **amounts})

    def by_id(self, measure_id: str) -> Measure | None:
        """The entry with an id."""
        row = self._connection.execute(sa.select(*_COLUMNS).where(measures.c.id == measure_id)).one_or_none()
        return None if row is None else _measure(row)

    def of_case(self, case_id: str) -> Sequence[Measure]:
        """A case's entries as recorded, oldest first."""
        query = (
            sa.select(*_COLUMNS).where(measures.c.case_id == case_id).order_by(measures.c.recorded_at, measures.c.id)
        )
        return [_measure(row) for row in self._connection.execute(query)]

    def every(self) -> Iterator[tuple[str, Measure]]:
        """All entries with the reference of their case, streamed."""
        query = sa.select(cases.c.reference, *_COLUMNS).select_from(
            sa.join(measures, cases, cases.c.id == measures.c.case_id)
        )
        for row in self._connection.execution_options(yield_per=_CHUNK).execute(query):
            yield row[0], _measure(row[1:])


class Worklists:
    """Implements ``ports.Worklists`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_case(self, case_id: str) -> Sequence[WorklistState]:
        """A case's checklists that have been begun."""
        query = sa.select(*_STATE).where(worklists.c.case_id == case_id).order_by(worklists.c.worklist)
        return [WorklistState(*row) for row in self._connection.execute(query)]

    def put(self, state: WorklistState, *, replaces: bytes | None) -> None:
        """Keep a new state in the place of the one that was built on. Raises Conflict when another stands there."""
        if replaces is None:
            with guarded(self._connection, {"pk_worklists": _changed()}):
                self._connection.execute(sa.insert(worklists), values_of(state))
            return
        changed = self._connection.execute(
            sa.update(worklists)
            .where(
                worklists.c.case_id == state.case_id,
                worklists.c.worklist == state.worklist,
                worklists.c.record == replaces,
            )
            .values(values_of(state))
        )
        if changed.rowcount != 1:
            raise _changed()

    def every(self) -> Iterator[tuple[str, WorklistState]]:
        """All states with the reference of their case, streamed."""
        query = sa.select(cases.c.reference, *_STATE).select_from(
            sa.join(worklists, cases, cases.c.id == worklists.c.case_id)
        )
        for row in self._connection.execution_options(yield_per=_CHUNK).execute(query):
            yield row[0], WorklistState(*row[1:])


class Reopenings:
    """Implements ``ports.Reopenings`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def asked_on(self, case: Case) -> tuple[date, int] | None:
        """The date of the first message after closing that nobody has decided about, and the newest one's number."""
        if case.state is not CaseState.CLOSED or case.closed_on is None:
            return None
        decided = (
            sa.select(sa.func.coalesce(sa.func.max(declined_reopenings.c.upto_seq), -1))
            .where(declined_reopenings.c.case_id == case.id)
            .scalar_subquery()
        )
        row: Sequence[Any] = self._connection.execute(
            sa.select(sa.func.min(records.c.written_on), sa.func.max(records.c.seq)).where(
                records.c.case_id == case.id,
                records.c.stream == Stream.DIALOGUE,
                records.c.kind.in_(_FROM_SOURCE),
                records.c.author == "source",
                records.c.written_on >= case.closed_on,
                records.c.seq > decided,
            )
        ).one()
        return None if row[0] is None else (row[0], row[1])

    def decline(self, case: Case, upto_seq: int, *, by: str, member: str, on: date, record: bytes) -> None:
        """Keep that what was written so far reopens nothing. Raises Conflict when that was decided already."""
        row = {
            "organisation_id": case.organisation_id,
            "case_id": case.id,
            "upto_seq": upto_seq,
            "declined_by": by,
            "member": member,
            "declined_on": on,
            "record": record,
        }
        with guarded(self._connection, {"pk_declined_reopenings": _changed()}):
            self._connection.execute(sa.insert(declined_reopenings), row)


def _measure(row: Sequence[Any]) -> Measure:
    kind, taken_on, step, reason, *rest = row
    amounts = dict(zip(Amount, rest[: len(_AMOUNTS)], strict=True))
    held = {amount: kronor for amount, kronor in amounts.items() if kronor is not None}
    names = [column.name for column in _MEASURE]
    return Measure(
        facts=MeasureFacts(kind, taken_on, held, step, reason),
        **dict(zip(names, rest[len(_AMOUNTS) :], strict=True)),
    )
