"""Read models: what lists and counts show. Each costs the same however many cases there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from tipportal.domain.approvals import ActKind, ProposalState
from tipportal.domain.cases import Case, CaseState, GrantKind
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.policies.register import PAUSE_AFTER
from tipportal.domain.ports import Row
from tipportal.domain.selection import EVERYTHING, Selection

from .mapping import columns_of
from .rows import (
    absences,
    accounts,
    cases,
    deciders,
    designations,
    grants,
    holdings,
    organisations,
    proposals,
    triages,
)

_CASE = columns_of(cases, Case)
_DONE = (CaseState.CLOSED, CaseState.LOCKED)


class _PauseAfter(sa.sql.functions.FunctionElement[date]):
    """The last day that makes an absence pause designations, if it began on the given one."""

    type = sa.Date()
    inherit_cache = True


@compiles(_PauseAfter, "sqlite")
def _pause_after_sqlite(element: _PauseAfter, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - theirs
    return f"date({compiler.process(element.clauses, **options)}, '+{PAUSE_AFTER.days} days')"


@compiles(_PauseAfter, "postgresql")
def _pause_after_postgresql(element: _PauseAfter, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - theirs
    return f"({compiler.process(element.clauses, **options)} + {PAUSE_AFTER.days})"


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of whose list. ``after`` is the (received_on, reference) of the row before the page."""

    account_id: str
    after: tuple[date, str] | None
    limit: int
    selection: Selection = EVERYTHING


def serving(account_id: str | sa.ColumnElement[str], today: date | sa.ColumnElement[date]) -> sa.Select[str]:
    """The functions, by id, that a decision in force makes the account a member of on the Stockholm date ``today``.

    None while the account is away for longer than thirty days or until further notice, as ``Absence.pauses`` has it.
    """
    ended = sa.and_(absences.c.last.is_not(None), absences.c.last < today)
    long = sa.or_(absences.c.last.is_(None), absences.c.last >= _PauseAfter(absences.c.first))
    paused = (
        sa.select(absences.c.id).where(absences.c.person_id == account_id, absences.c.first <= today, ~ended, long)
    ).exists()
    return sa.select(designations.c.function_id).where(
        designations.c.account_id == account_id,
        designations.c.valid_from <= today,
        sa.or_(designations.c.valid_to.is_(None), designations.c.valid_to >= today),
        ~paused,
    )


def held_by(account_id: str | sa.ColumnElement[str], today: date | sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """The condition that decides who sees a case: a released grant of the account in the case's newest epoch.

    And a designation in force on the Stockholm date ``today`` to the function that the grant is for. Somebody who was
    left out of a newer epoch, or whose designation has ended, gets the same nothing as a stranger.
    """
    return (
        sa.select(grants.c.holder)
        .where(
            grants.c.case_id == cases.c.id,
            grants.c.epoch == cases.c.epoch,
            grants.c.holder == account_id,
            grants.c.kind.in_((GrantKind.PANEL, GrantKind.STANDBY)),
            grants.c.released,
            # Without anything of the case in it, so that the database asks once and not for each case.
            grants.c.function_id.in_(serving(account_id, today)),
        )
        .correlate(cases)
        .exists()
    )


def awaits(account_id: str, now: int) -> sa.ColumnElement[bool]:
    """The condition for proposals on ``cases`` that somebody else than the proposer can still decide at ``now``.

    One about a colleague waits for its deciders alone: whom it concerns must not meet it in a number either.
    """
    decides = (
        sa.select(deciders.c.account_id)
        .where(deciders.c.proposal_id == proposals.c.id, deciders.c.account_id == account_id)
        .correlate(proposals)
        .exists()
    )
    return sa.and_(
        proposals.c.case_id == cases.c.id,
        proposals.c.epoch == cases.c.epoch,
        # Written out: only then does the database know that its index of open proposals answers this.
        proposals.c.state == sa.literal_column(f"'{ProposalState.OPEN.value}'"),
        proposals.c.proposer != account_id,
        proposals.c.expires_at > now,
        sa.or_(proposals.c.kind != ActKind.EXCLUDE_MEMBER, decides),
    )


def rows_for(connection: Connection, page: Page, now: int) -> Sequence[Row]:
    """A page of a holder's list in three queries. ``now`` in UTC seconds decides which proposals still wait."""
    query = (
        _held_rows(page.account_id, stockholm_date(now))
        .order_by(holdings.c.received_on.desc(), holdings.c.reference.desc())
        .limit(page.limit)
    )
    if page.after is not None:
        received_on, reference = page.after
        # One comparison of pairs, so that the index leads straight to the page.
        query = query.where(
            sa.tuple_(holdings.c.received_on, holdings.c.reference)
            < sa.tuple_(sa.literal(received_on, sa.Date), sa.literal(reference, sa.Text))
        )
    return _rows(connection, query.where(*_selected(page.selection)), page.account_id, now)


def _selected(which: Selection) -> Iterator[sa.ColumnElement[bool]]:
    if which.state is not None:
        yield holdings.c.state == which.state
    if which.channel is not None:
        yield holdings.c.channel == which.channel
    if which.unread:
        yield holdings.c.unread
    if which.organisation_id is not None:
        yield holdings.c.organisation_id == which.organisation_id
    if which.area is not None:
        # Keys with a space between them: one that is the beginning of another must not find it.
        words = sa.literal(" ") + triages.c.areas + sa.literal(" ")
        found = sa.select(triages.c.case_id).where(
            triages.c.case_id == holdings.c.case_id, words.contains(f" {which.area} ", autoescape=True)
        )
        yield found.correlate(holdings).exists()
    if which.received_by is not None:
        yield sa.or_(
            *(
                sa.and_(holdings.c.state == state, holdings.c.received_on <= day)
                for state, day in which.received_by.items()
            )
        )


def rows_of(connection: Connection, account_id: str, case_ids: Sequence[str], now: int) -> Sequence[Row]:
    """Those of these cases that are the holder's own, oldest first."""
    query = _held_rows(account_id, stockholm_date(now)).where(holdings.c.case_id.in_(case_ids))
    return sorted(_rows(connection, query, account_id, now), key=lambda row: (row.case.received_on, row.case.reference))


def _held_rows(account_id: str, today: date) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_CASE, organisations.c.name, holdings.c.unread)
        .join_from(holdings, cases, cases.c.id == holdings.c.case_id)
        .join(organisations, organisations.c.id == cases.c.organisation_id)
        .where(holdings.c.account_id == account_id, held_by(account_id, today))
    )


def _rows(connection: Connection, query: sa.Select[*tuple[Any, ...]], account_id: str, now: int) -> Sequence[Row]:
    found = [(Case(*facts), name, unread) for *facts, name, unread in connection.execute(query)]
    ids = [case.id for case, _, _ in found]
    panels = _panels(connection, ids)
    waiting = _waiting(connection, account_id, ids, now)
    return [Row(case, name, panels[case.id], unread, case.id in waiting) for case, name, unread in found]


def counts_for(connection: Connection, account_id: str, now: int) -> dict[str, int]:
    """``new``, ``mine``, ``unread`` and ``waiting`` of a holder, from one narrow index and the open proposals."""
    today = stockholm_date(now)
    by_state = connection.execute(
        sa.select(holdings.c.state, sa.func.sum(sa.case((holdings.c.unread, 1), else_=0)), sa.func.count())
        .where(holdings.c.account_id == account_id, holdings.c.function_id.in_(serving(account_id, today)))
        .group_by(holdings.c.state)
    ).all()
    waiting = connection.execute(
        sa.select(sa.func.count())
        .select_from(proposals)
        .join(cases, awaits(account_id, now))
        .where(held_by(account_id, today))
    ).scalar_one()
    return {
        "new": sum(count for state, _, count in by_state if state is CaseState.ACKNOWLEDGED),
        "mine": sum(count for state, _, count in by_state if state not in _DONE),
        "unread": sum(unread for _, unread, _ in by_state),
        "waiting": waiting,
    }


def _panels(connection: Connection, case_ids: Sequence[str]) -> defaultdict[str, tuple[str, ...]]:
    """The names of the panel of each case's newest epoch, in the order of the draw."""
    query = (
        sa.select(grants.c.case_id, accounts.c.name)
        .join_from(grants, cases, sa.and_(cases.c.id == grants.c.case_id, cases.c.epoch == grants.c.epoch))
        .join(accounts, accounts.c.id == grants.c.holder)
        .where(
            grants.c.case_id.in_(case_ids),
            grants.c.released,
            grants.c.kind.in_((GrantKind.PANEL, GrantKind.STANDBY)),
        )
        .order_by(grants.c.case_id, sa.func.length(grants.c.member), grants.c.member)
    )
    panels: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for case_id, name in connection.execute(query):
        panels[case_id] += (name,)
    return panels


def _waiting(connection: Connection, account_id: str, case_ids: Sequence[str], now: int) -> frozenset[str]:
    query = (
        sa.select(cases.c.id)
        .join_from(proposals, cases, awaits(account_id, now))
        .where(proposals.c.case_id.in_(case_ids))
    )
    return frozenset(connection.execute(query).scalars())
