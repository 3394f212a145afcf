"""Finds the cases that need their handler, led by the handler's own list: it costs the same however many others are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.aftercare import after_care_of
from tipportal.domain.cases import AckException, CaseState, RecordKind, Stream
from tipportal.domain.deadlines import add_months, stockholm_date
from tipportal.domain.dialogue_rules import decide_reopening_by
from tipportal.domain.pressing import SOON_DAYS, Claim, Why
from tipportal.domain.retention import FIRST_ALARM_MONTHS, LOCK_MONTHS

from .handovers import ANSWERED
from .queries import awaits, serving
from .rows import (
    after_cares,
    alarms,
    cases,
    declined_reopenings,
    disclosures,
    duties,
    handover_asks,
    handovers,
    holdings,
    keepings,
    proposals,
    records,
    reprisals,
    restrictions,
    subject_rights,
)

_ANSWERED = tuple(state for state in CaseState if state is not CaseState.ACKNOWLEDGED)
_LEAST_DAYS = (89, 181, 365)
"""The days that three, six and twelve months have at least."""
_LEAST_TO_ALARM = 546
"""The days that eighteen months have at least."""
_FROM_SOURCE = (RecordKind.MESSAGE, RecordKind.FORM)


class Pressing:
    """Implements ``ports.Pressing`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def needing(
        self, account_id: str, *, received_by: Mapping[CaseState, date], alarmed_by: date, limit: int, now: int
    ) -> Sequence[str]:
        """Ids of own cases that may need action, at most ``limit`` for each kind of reason, the oldest first."""
        today = stockholm_date(now)
        soon = today + timedelta(days=SOON_DAYS)
        mine = sa.select(holdings.c.case_id, holdings.c.received_on, holdings.c.reference).where(
            holdings.c.account_id == account_id, holdings.c.function_id.in_(serving(account_id, today))
        )
        narrow = mine.order_by(holdings.c.received_on, holdings.c.reference).limit(limit)
        # Few are open at any time: led by them, and not by the list.
        proposed = sa.select(proposals.c.case_id).join(cases, awaits(account_id, now))
        nobody = _about(cases.c.id, cases.c.ack_left_out == AckException.NO_REPORTER)
        alarmed = _about(alarms.c.case_id)
        open_states = list(received_by)
        reasons = [
            # The state tells that feedback has not been given.
            *(
                narrow.where(holdings.c.state == state, holdings.c.received_on <= day, ~nobody)
                for state, day in received_by.items()
            ),
            narrow.where(holdings.c.state.in_(open_states), holdings.c.received_on <= alarmed_by, alarmed),
            *(narrow.where(holdings.c.state == state, holdings.c.unread) for state in _ANSWERED),
            mine.where(holdings.c.case_id.in_(proposed)),
            narrow.where(
                sa.or_(
                    _about(duties.c.case_id, duties.c.verdict.is_(None), duties.c.done_by != account_id),
                    _about(restrictions.c.case_id, restrictions.c.ended_on.is_(None), restrictions.c.review_on <= soon),
                    _about(handover_asks.c.case_id, ~ANSWERED),
                    _about(disclosures.c.case_id, disclosures.c.answered.is_(None)),
                    _about(subject_rights.c.case_id, subject_rights.c.review_on <= soon, ~_decided_since()),
                )
            ),
            narrow.where(
                holdings.c.state == CaseState.CLOSED,
                sa.or_(
                    sa.and_(_about(reprisals.c.case_id), _may_need_care(today)),
                    _written_after_closing(holdings.c.case_id),
                    _may_be_kept(today),
                ),
            ),
        ]
        found = self._connection.execute(sa.union_all(*(sa.select(reason.subquery()) for reason in reasons)))
        return [case_id for _, _, case_id in sorted({(row.received_on, row.reference, row.case_id) for row in found})]

    def claims(self, account_id: str, case_ids: Sequence[str], now: int) -> Sequence[Claim]:
        """What stands in the database about these cases; dates of their own clocks are not among it."""
        if not case_ids:
            return []
        return [
            *self._approvals(account_id, case_ids, now),
            *self._reviews(account_id, case_ids),
            *self._restrictions(case_ids),
            *self._deferred(case_ids),
            *self._asks(case_ids),
            *self._releases(case_ids),
            *self._retention(case_ids, stockholm_date(now)),
            *self._after_care(case_ids),
            *self._reopenings(case_ids),
        ]

    def _approvals(self, account_id: str, case_ids: Sequence[str], now: int) -> Iterator[Claim]:
        query = (
            sa.select(cases.c.id, sa.func.min(proposals.c.expires_at))
            .join_from(proposals, cases, awaits(account_id, now))
            .where(proposals.c.case_id.in_(case_ids))
            .group_by(cases.c.id)
        )
        for case_id, expires_at in self._connection.execute(query):
            yield Claim(case_id, Why.APPROVAL, stockholm_date(expires_at))

    def _reviews(self, account_id: str, case_ids: Sequence[str]) -> Iterator[Claim]:
        query = sa.select(duties.c.case_id, duties.c.kind, duties.c.review_by, duties.c.done_at).where(
            duties.c.case_id.in_(case_ids), duties.c.verdict.is_(None), duties.c.done_by != account_id
        )
        for case_id, kind, by, done_at in self._connection.execute(query):
            yield Claim(case_id, Why.REVIEW, by, stockholm_date(done_at), duty=kind)

    def _restrictions(self, case_ids: Sequence[str]) -> Iterator[Claim]:
        query = sa.select(restrictions.c.case_id, restrictions.c.review_on, restrictions.c.begun_on).where(
            restrictions.c.case_id.in_(case_ids),
            restrictions.c.ended_on.is_(None),
            restrictions.c.review_on.is_not(None),
        )
        for case_id, by, begun_on in self._connection.execute(query):
            yield Claim(case_id, Why.RESTRICTION, by, begun_on)

    def _deferred(self, case_ids: Sequence[str]) -> Iterator[Claim]:
        query = (
            sa.select(
                subject_rights.c.case_id,
                subject_rights.c.kind,
                subject_rights.c.review_on,
                subject_rights.c.handled_on,
            )
            .where(subject_rights.c.case_id.in_(case_ids))
            .order_by(
                subject_rights.c.handled_on,
                subject_rights.c.review_on.is_not(None).desc(),
                subject_rights.c.review_on.desc(),
            )
        )
        # What was decided last stands: information that has been given since is not looked at again. Of two deferrals
        # on one day the first date counts.
        newest = {(case_id, kind): (by, on) for case_id, kind, by, on in self._connection.execute(query)}
        for (case_id, _), (by, on) in newest.items():
            if by is not None:
                yield Claim(case_id, Why.DEFERRED, by, on)

    def _asks(self, case_ids: Sequence[str]) -> Iterator[Claim]:
        query = (
            sa.select(handover_asks.c.case_id, handover_asks.c.asked_on, handovers.c.handed_on, handover_asks.c.months)
            .join(handovers, handovers.c.id == handover_asks.c.handover_id)
            .where(handover_asks.c.case_id.in_(case_ids), ~ANSWERED)
        )
        for case_id, asked_on, handed_on, months in self._connection.execute(query):
            yield Claim(case_id, Why.HANDOVER, asked_on, handed_on, months)

    def _releases(self, case_ids: Sequence[str]) -> Iterator[Claim]:
        query = sa.select(disclosures.c.case_id, disclosures.c.due_on, disclosures.c.received_on).where(
            disclosures.c.case_id.in_(case_ids), disclosures.c.answered.is_(None)
        )
        for case_id, by, received_on in self._connection.execute(query):
            yield Claim(str(case_id), Why.RELEASE, by, received_on)

    def _retention(self, case_ids: Sequence[str], today: date) -> Iterator[Claim]:
        decided = sa.select(keepings.c.case_id).where(keepings.c.case_id == cases.c.id).correlate(cases).exists()
        query = sa.select(cases.c.id, cases.c.closed_on).where(
            cases.c.id.in_(case_ids), cases.c.state == CaseState.CLOSED, cases.c.closed_on.is_not(None), ~decided
        )
        for case_id, closed_on in self._connection.execute(query):
            if closed_on is not None and add_months(closed_on, FIRST_ALARM_MONTHS) <= today:
                yield Claim(case_id, Why.RETENTION, add_months(closed_on, LOCK_MONTHS), closed_on)

    def _after_care(self, case_ids: Sequence[str]) -> Iterator[Claim]:
        query = (
            sa.select(cases.c.id, cases.c.closed_on)
            .join(reprisals, reprisals.c.case_id == cases.c.id)
            .where(cases.c.id.in_(case_ids), cases.c.state == CaseState.CLOSED, cases.c.closed_on.is_not(None))
            .distinct()
        )
        concerned = {row.id: row.closed_on for row in self._connection.execute(query)}
        done: defaultdict[str, set[int]] = defaultdict(set)
        kept = sa.select(after_cares.c.case_id, after_cares.c.months).where(after_cares.c.case_id.in_(concerned))
        for case_id, months in self._connection.execute(kept):
            done[case_id].add(months)
        for case_id, closed_on in concerned.items():
            for due in [] if closed_on is None else after_care_of(closed_on):
                if due.months not in done[case_id]:
                    yield Claim(case_id, Why.AFTER_CARE, due.due_on, closed_on, due.months)

    def _reopenings(self, case_ids: Sequence[str]) -> Iterator[Claim]:
        query = (
            sa.select(cases.c.id, sa.func.min(records.c.written_on))
            .join(records, records.c.case_id == cases.c.id)
            .where(cases.c.id.in_(case_ids), cases.c.state == CaseState.CLOSED, *_asks_again(cases.c.closed_on))
            .group_by(cases.c.id)
        )
        for case_id, written_on in self._connection.execute(query):
            yield Claim(case_id, Why.REOPENING, decide_reopening_by(written_on).target, written_on)


def _about(
    column: sa.ColumnElement[str] | sa.ColumnElement[str | None], *conditions: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Whether a row of another table is about the case of ``holdings``."""
    return sa.select(column).where(column == holdings.c.case_id, *conditions).correlate(holdings).exists()


def _decided_since() -> sa.ColumnElement[bool]:
    """Whether a right was decided on anew on a later day, or that day for good: nothing is left to look at then.

    Without it a handler's oldest cases would fill the list of those that may need something, for ever.
    """
    later = subject_rights.alias("later")
    return (
        sa.select(later.c.id)
        .where(
            later.c.case_id == subject_rights.c.case_id,
            later.c.kind == subject_rights.c.kind,
            sa.or_(
                later.c.handled_on > subject_rights.c.handled_on,
                sa.and_(later.c.handled_on == subject_rights.c.handled_on, later.c.review_on.is_(None)),
            ),
        )
        .correlate(subject_rights)
        .exists()
    )


def _may_need_care(today: date) -> sa.ColumnElement[bool]:
    """Whether so many months have gone since closing, at the least, that more after-care is due than has been done."""
    done = (
        sa.select(sa.func.count())
        .select_from(after_cares)
        .where(after_cares.c.case_id == holdings.c.case_id)
        .correlate(holdings)
        .scalar_subquery()
    )
    closed = sa.select(cases.c.closed_on).where(cases.c.id == holdings.c.case_id).correlate(holdings).scalar_subquery()
    return sa.or_(
        *(
            sa.and_(closed <= today - timedelta(days=days), done < number)
            for number, days in enumerate(_LEAST_DAYS, start=1)
        )
    )


def _may_be_kept(today: date) -> sa.ColumnElement[bool]:
    """Whether the first alarm about keeping the case may have been reached, and nobody has decided."""
    closed = sa.select(cases.c.closed_on).where(cases.c.id == holdings.c.case_id).correlate(holdings).scalar_subquery()
    return sa.and_(closed <= today - timedelta(days=_LEAST_TO_ALARM), ~_about(keepings.c.case_id))


def _written_after_closing(case_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    closed = sa.select(cases.c.closed_on).where(cases.c.id == case_id).correlate(holdings).scalar_subquery()
    return (
        sa.select(records.c.seq).where(records.c.case_id == case_id, *_asks_again(closed)).correlate(holdings).exists()
    )


def _asks_again(closed_on: sa.ColumnElement[date | None]) -> tuple[sa.ColumnElement[bool], ...]:
    """Records of the source from after closing that nobody has decided about, as ``Reopenings.asked_on`` has it."""
    decided = (
        sa.select(sa.func.coalesce(sa.func.max(declined_reopenings.c.upto_seq), -1))
        .where(declined_reopenings.c.case_id == records.c.case_id)
        .correlate(records)
        .scalar_subquery()
    )
    return (
        records.c.stream == Stream.DIALOGUE,
        records.c.kind.in_(_FROM_SOURCE),
        records.c.author == "source",
        records.c.written_on >= closed_on,
        records.c.seq > decided,
    )
