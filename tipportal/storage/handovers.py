"""Keeps handovers, what their recipients are asked, and what they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Case, CaseState
from tipportal.domain.errors import Conflict
from tipportal.domain.handovers import Ask, Handover, Report
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import cases, handover_asks, handover_reports, handovers

_CASE = columns_of(cases, Case)
_HANDOVER = columns_of(handovers, Handover)
_ASK = columns_of(handover_asks, Ask)
_REPORT = columns_of(handover_reports, Report)
_CHUNK = 1000
ANSWERED = (
    sa.select(handover_reports.c.months)
    .where(
        handover_reports.c.handover_id == handover_asks.c.handover_id,
        handover_reports.c.months == handover_asks.c.months,
    )
    .correlate(handover_asks)
    .exists()
)
"""Whether the recipient of a handover has answered the question of ``handover_asks``."""


class Handovers:
    """Implements ``ports.Handovers`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, handover: Handover) -> None:
        """Keep a handover that two have made."""
        self._connection.execute(sa.insert(handovers), values_of(handover))

    def of_case(self, case_id: str) -> Sequence[Handover]:
        """A case's handovers, oldest first."""
        query = (
            sa.select(*_HANDOVER).where(handovers.c.case_id == case_id).order_by(handovers.c.handed_on, handovers.c.id)
        )
        return [Handover(*row) for row in self._connection.execute(query)]

    def by_id(self, handover_id: str) -> tuple[str, Handover] | None:
        """A handover with the reference of its case."""
        query = (
            sa.select(cases.c.reference, *_HANDOVER)
            .select_from(sa.join(handovers, cases, cases.c.id == handovers.c.case_id))
            .where(handovers.c.id == handover_id)
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else (row[0], Handover(*row[1:]))

    def asks_of_case(self, case_id: str) -> Sequence[Ask]:
        """What has been asked about a case's handovers."""
        order = (handover_asks.c.handover_id, handover_asks.c.months)
        query = sa.select(*_ASK).where(handover_asks.c.case_id == case_id).order_by(*order)
        return [Ask(*row) for row in self._connection.execute(query)]

    def reports_of_case(self, case_id: str) -> Sequence[Report]:
        """What recipients of a case's handovers have answered."""
        order = (handover_reports.c.handover_id, handover_reports.c.months)
        query = sa.select(*_REPORT).where(handover_reports.c.case_id == case_id).order_by(*order)
        return [Report(*row) for row in self._connection.execute(query)]

    def unasked(self, months: int, until: date, *, limit: int) -> Sequence[tuple[str, Handover]]:
        """Handovers until a date without the question of so many months, oldest first, in cases that are not locked."""
        asked = (
            sa.select(handover_asks.c.months)
            .where(handover_asks.c.handover_id == handovers.c.id, handover_asks.c.months == months)
            .correlate(handovers)
            .exists()
        )
        query = (
            sa.select(cases.c.reference, *_HANDOVER)
            .select_from(sa.join(handovers, cases, cases.c.id == handovers.c.case_id))
            .where(handovers.c.handed_on <= until, ~asked, cases.c.state != CaseState.LOCKED)
            .order_by(handovers.c.handed_on, handovers.c.id)
            .limit(limit)
        )
        return [(row[0], Handover(*row[1:])) for row in self._connection.execute(query)]

    def ask(self, ask: Ask) -> None:
        """Keep that a question is due."""
        self._connection.execute(sa.insert(handover_asks), values_of(ask))

    def link(self, ask: Ask) -> None:
        """Write the link in use. Raises Conflict where the question is not there or has its answer."""
        changed = self._connection.execute(
            sa.update(handover_asks)
            .where(handover_asks.c.handover_id == ask.handover_id, handover_asks.c.months == ask.months, ~ANSWERED)
            .values(token_digest=ask.token_digest, epoch=ask.epoch)
        )
        if changed.rowcount != 1:
            raise _answered()

    def by_token(self, token_digest: bytes) -> tuple[Case, Handover, Ask] | None:
        """The unanswered question that a link leads to."""
        together = sa.join(handover_asks, handovers, handovers.c.id == handover_asks.c.handover_id).join(
            cases, cases.c.id == handover_asks.c.case_id
        )
        query = (
            sa.select(*_CASE, *_HANDOVER, *_ASK)
            .select_from(together)
            .where(handover_asks.c.token_digest == token_digest, ~ANSWERED)
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        first, second = len(_CASE), len(_CASE) + len(_HANDOVER)
        return Case(*row[:first]), Handover(*row[first:second]), Ask(*row[second:])

    def report(self, report: Report) -> None:
        """Keep an answer; the link stops working. Raises Conflict when there is one already."""
        with guarded(self._connection, {"pk_handover_reports": _answered()}):
            self._connection.execute(sa.insert(handover_reports), values_of(report))
        self._connection.execute(
            sa.update(handover_asks)
            .where(handover_asks.c.handover_id == report.handover_id, handover_asks.c.months == report.months)
            .values(token_digest=None, epoch=None)
        )

    def every(self) -> Iterator[tuple[str, Handover]]:
        """All handovers with the reference of their case, streamed."""
        query = sa.select(cases.c.reference, *_HANDOVER).select_from(
            sa.join(handovers, cases, cases.c.id == handovers.c.case_id)
        )
        for row in self._connection.execution_options(yield_per=_CHUNK).execute(query):
            yield row[0], Handover(*row[1:])


def _answered() -> Conflict:
    return Conflict(N_("Frågan är redan besvarad."))
