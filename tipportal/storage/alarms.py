"""Keeps the alarms that have been raised, and finds the cases in which one may be due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.alarms import QUIET_DAYS, Alarm, AlarmStep, Watch
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.ports.triage import Awaiting

from .mapping import columns_of, values_of
from .rows import alarms, cases, keepings

_CASE = columns_of(cases, Case)
_ALARM = columns_of(alarms, Alarm)


class Alarms:
    """Implements ``ports.Alarms`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def awaiting(self, today: date, after: tuple[date, str] | None, limit: int) -> Sequence[Awaiting]:
        """A keyset page of cases in which a step may be reached; see ``ports.Alarms``."""
        quiet = today - timedelta(days=QUIET_DAYS)
        # Unless it was acknowledged after its last step.
        since = alarms.c.raised_on >= sa.func.coalesce(cases.c.acknowledged_on, alarms.c.raised_on)
        waits = (
            cases.c.feedback_on.is_(None),
            cases.c.state.not_in((CaseState.CLOSED, CaseState.LOCKED)),
            sa.or_(cases.c.received_on <= quiet, cases.c.acknowledged_on.is_(None)),
            ~_raised(Watch.FEEDBACK, AlarmStep.LADDER, since),
        )
        return self._page(waits, cases.c.received_on, after, limit)

    def awaiting_end(self, closed_by: date, after: tuple[date, str] | None, limit: int) -> Sequence[Awaiting]:
        """A keyset page of closed cases in which a step may be reached; see ``ports.Alarms``."""
        # Not one of an earlier closing.
        since = alarms.c.raised_on > cases.c.closed_on
        waits = (
            # Written out, so that the partial index is found.
            cases.c.state == sa.literal_column("'closed'"),
            cases.c.closed_on <= closed_by,
            ~_raised(Watch.RETENTION, AlarmStep.PANEL, since),
            ~sa.select(keepings.c.case_id).where(keepings.c.case_id == cases.c.id).correlate(cases).exists(),
        )
        return self._page(waits, cases.c.closed_on, after, limit)

    def _page(
        self,
        waits: Sequence[sa.ColumnElement[bool]],
        by: sa.ColumnElement[Any],
        after: tuple[date, str] | None,
        limit: int,
    ) -> Sequence[Awaiting]:
        query = sa.select(*_CASE).where(*waits).order_by(by, cases.c.id).limit(limit)
        if after is not None:
            day, case_id = after
            query = query.where(
                sa.tuple_(by, cases.c.id) > sa.tuple_(sa.literal(day, sa.Date), sa.literal(case_id, sa.Text))
            )
        found = [Case(*row) for row in self._connection.execute(query)]
        raised = self.of_cases([case.id for case in found])
        return [Awaiting(case, frozenset(raised.get(case.id, ()))) for case in found]

    def raise_all(self, raised: Sequence[tuple[Case, Alarm]], on: date) -> None:
        """Keep alarms."""
        if raised:
            rows = [
                {**values_of(alarm), "case_id": case.id, "organisation_id": case.organisation_id, "raised_on": on}
                for case, alarm in raised
            ]
            self._connection.execute(sa.insert(alarms), rows)

    def of_cases(self, case_ids: Sequence[str]) -> dict[str, tuple[Alarm, ...]]:
        """What has been raised in each of these cases, oldest date first."""
        query = sa.select(alarms.c.case_id, *_ALARM).where(alarms.c.case_id.in_(case_ids))
        found: defaultdict[str, list[Alarm]] = defaultdict(list)
        for case_id, *alarm in self._connection.execute(query.order_by(alarms.c.case_id, alarms.c.due)):
            found[case_id].append(Alarm(*alarm))
        return {case_id: tuple(of_case) for case_id, of_case in found.items()}


def _raised(watch: Watch, last: AlarmStep, since: sa.ColumnElement[bool]) -> sa.Exists:
    """Whether the last step that a case reaches has been raised already: it reaches no more."""
    return (
        sa.select(alarms.c.due)
        .where(alarms.c.case_id == cases.c.id, alarms.c.watch == watch, alarms.c.step == last, since)
        .correlate(cases)
        .exists()
    )
