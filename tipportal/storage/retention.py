"""Retention of cases, and their disposal: every row that names the case, and every file that such a row names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from tipportal.domain.accounts import AccountState
from tipportal.domain.cases import Case, CaseState, GrantKind
from tipportal.domain.errors import AlreadyDecided, Conflict, NotEntitled
from tipportal.domain.retention import ArchiveOpening, DisposalRule, Kept, Stub
from tipportal.domain.separations import LEAST_UNITS
from tipportal.domain.texts import N_

from .blobs import StagedBlobs
from .faults import guarded
from .mapping import columns_of, values_of
from .queries import held_by
from .rows import (
    accounts,
    archive_openings,
    attachments,
    cases,
    designations,
    disposal_rules,
    disposed_cases,
    disposed_without,
    grants,
    hidden_cases,
    keepings,
    metadata,
    records,
    separations,
)

_CASE = columns_of(cases, Case)
_KEPT = columns_of(keepings, Kept)
_RULE = columns_of(disposal_rules, DisposalRule)
_STUB = columns_of(disposed_cases, Stub)
_OPENING = columns_of(archive_openings, ArchiveOpening)
_OVER = (CaseState.CLOSED, CaseState.LOCKED)
_NAMES_A_CASE = ("case_id", "other_case_id")


class Retention:
    """Implements ``ports.Retention`` in one transaction."""

    def __init__(self, connection: Connection, blobs: StagedBlobs) -> None:
        self._connection = connection
        self._blobs = blobs
        self.has_disposed = False
        """Whether what this transaction deleted must leave SQLite's journal too."""

    def record_rule(self, rule: DisposalRule, change_id: str) -> None:
        """Keep a disposal decision."""
        self._connection.execute(sa.insert(disposal_rules), {**values_of(rule), "change_id": change_id})

    def rules(self) -> Sequence[DisposalRule]:
        """All disposal decisions, by day."""
        query = sa.select(*_RULE).order_by(disposal_rules.c.decided_on, disposal_rules.c.change_id)
        return [DisposalRule(*row) for row in self._connection.execute(query)]

    def keep(self, kept: Kept) -> None:
        """Keep what two have decided, in the place of any earlier decision."""
        self.forget_kept(kept.case_id)
        self._connection.execute(sa.insert(keepings), values_of(kept))

    def forget_kept(self, case_id: str) -> None:
        """Delete what two have decided about a case."""
        self._connection.execute(sa.delete(keepings).where(keepings.c.case_id == case_id))

    def kept(self, case_id: str) -> Kept | None:
        """What two have decided about a case."""
        row = self._connection.execute(sa.select(*_KEPT).where(keepings.c.case_id == case_id)).one_or_none()
        return None if row is None else Kept(*row)

    def every_kept(self) -> Iterator[tuple[str, Kept]]:
        """All decisions with the reference of their case."""
        query = sa.select(cases.c.reference, *_KEPT).join_from(keepings, cases, cases.c.id == keepings.c.case_id)
        return ((reference, Kept(*kept)) for reference, *kept in self._connection.execute(query))

    def to_lock(self, closed_by: date, after: tuple[date, str] | None, limit: int) -> Sequence[Case]:
        """A page of closed cases, by day of closing."""
        query = (
            sa.select(*_CASE)
            # Written out, so that the partial index is found.
            .where(cases.c.state == sa.literal_column("'closed'"), cases.c.closed_on <= closed_by)
            .order_by(cases.c.closed_on, cases.c.id)
            .limit(limit)
        )
        return [Case(*row) for row in self._connection.execute(_after(query, after))]

    def left_alone(self, closed_by: date, today: date, after: tuple[date, str] | None, limit: int) -> Sequence[Case]:
        """A page of closed and locked cases, by day of closing, that lack people and have a standby."""
        acts = sa.or_(grants.c.kind == GrantKind.PANEL, grants.c.released)
        query = (
            sa.select(*_CASE)
            .where(
                cases.c.state.in_(_OVER),
                cases.c.closed_on <= closed_by,
                ~sa.select(keepings.c.case_id).where(keepings.c.case_id == cases.c.id).correlate(cases).exists(),
                # The database passes over all that have their people: nearly every closed case there ever was.
                _seated(sa.func.count(grants.c.unit_id.distinct()), today, acts).scalar_subquery() < LEAST_UNITS,
                _seated(grants.c.holder, today, ~acts).exists(),
            )
            .order_by(cases.c.closed_on, cases.c.id)
            .limit(limit)
        )
        return [Case(*row) for row in self._connection.execute(_after(query, after))]

    def due(self, closed_by: date) -> Iterator[tuple[Case, Kept | None]]:
        """Closed and locked cases by day of closing."""
        return _with_kept(self._connection.execute(_due(closed_by).execution_options(yield_per=200)))

    def due_for(self, account_id: str, today: date, closed_by: date) -> Sequence[tuple[Case, Kept | None]]:
        """Those that the account may see."""
        query = _due(closed_by).where(held_by(account_id, today))
        return list(_with_kept(self._connection.execute(query)))

    def ask_opening(self, opening: ArchiveOpening) -> None:
        """Keep that a member asks for a locked case to be opened."""
        self._connection.execute(sa.insert(archive_openings), values_of(opening))

    def openings(self, case_id: str) -> Sequence[ArchiveOpening]:
        """A case's openings, newest first."""
        query = (
            sa.select(*_OPENING)
            .where(archive_openings.c.case_id == case_id)
            .order_by(archive_openings.c.asked_on.desc(), archive_openings.c.id)
        )
        return [ArchiveOpening(*row) for row in self._connection.execute(query)]

    def allow_opening(self, opening_id: str, *, by: str, until: date) -> None:
        """Keep the second person's yes. Raises AlreadyDecided, NotEntitled when both are one person."""
        same = NotEntitled(N_("Du har själv bett om att öppna ärendet. Någon annan i ärendegruppen behöver säga ja."))
        with guarded(self._connection, {"ck_archive_openings_two_people": same}):
            changed = self._connection.execute(
                sa.update(archive_openings)
                .where(archive_openings.c.id == opening_id, archive_openings.c.allowed_by.is_(None))
                .values(allowed_by=by, until=until)
            )
        if changed.rowcount != 1:
            raise AlreadyDecided(N_("Det är redan avgjort om ärendet öppnas."))

    def dispose(self, case: Case, stub: Stub) -> None:
        """Delete everything of a case. Children first; no table that names a case can be forgotten: all are asked."""
        connection = self._connection
        known = connection.execute(
            sa.select(cases.c.id).where(cases.c.id == case.id, cases.c.state == case.state, cases.c.epoch == case.epoch)
        ).one_or_none()
        if known is None:
            raise Conflict(N_("Ärendet har ändrats under tiden. Läs om sidan och försök igen."))
        without = connection.execute(
            sa.union(
                *(
                    sa.select(table.c.account_id).where(table.c.case_id == case.id)
                    for table in (separations, hidden_cases)
                )
            )
        ).scalars().all()  # fmt: skip
        self._blobs.drop(self._files(case.id))
        for table in reversed(metadata.sorted_tables):
            condition = _belongs(table, case.id)
            if condition is not None:
                connection.execute(sa.delete(table).where(condition))
        connection.execute(sa.delete(cases).where(cases.c.id == case.id))
        connection.execute(sa.insert(disposed_cases), values_of(stub))
        if without:
            of = {"organisation_id": case.organisation_id, "reference": case.reference}
            connection.execute(sa.insert(disposed_without), [{**of, "account_id": one} for one in without])
        self.has_disposed = True

    def disposed(self) -> Iterator[Stub]:
        """All stubs, by reference."""
        query = sa.select(*_STUB).order_by(disposed_cases.c.reference)
        return (Stub(*row) for row in self._connection.execute(query))

    def _files(self, case_id: str) -> list[str]:
        of_records = sa.select(records.c.blob_id).where(records.c.case_id == case_id, records.c.blob_id.is_not(None))
        attached = sa.select(attachments.c.blob_id).where(attachments.c.case_id == case_id)
        found = self._connection.execute(of_records.union_all(attached)).scalars()
        return [blob_id for blob_id in found if blob_id is not None]


def belonging() -> frozenset[str]:
    """The names of all tables whose rows go with their case: those that name it, or a row that does."""
    return frozenset(table.name for table in metadata.sorted_tables if _belongs(table, "") is not None)


def _belongs(table: Table[Any], case_id: str) -> sa.ColumnElement[bool] | None:
    """The condition for rows of a table that go with a case; None where none does.

    By its own column, or by a foreign key to a row that goes: a proposal's reasons name their proposal only.
    """
    if table is cases:
        return None
    own = [table.c[name] == case_id for name in _NAMES_A_CASE if name in table.c]
    if own:
        return sa.or_(*own)
    for key in table.foreign_keys:
        parent = key.column.table
        if parent is cases or parent is table:
            continue
        condition = _belongs(parent, case_id)
        if condition is not None:
            return key.parent.in_(sa.select(key.column).where(condition))
    return None


def _seated(what: sa.ColumnElement[Any], today: date, which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Of the places of ``cases`` in its present epoch those whose holder has an account and a designation to them."""
    designated = (
        sa.select(designations.c.id)
        .where(
            designations.c.account_id == grants.c.holder,
            designations.c.function_id == grants.c.function_id,
            designations.c.valid_from <= today,
            sa.or_(designations.c.valid_to.is_(None), designations.c.valid_to >= today),
        )
        .correlate(grants)
        .exists()
    )
    return (
        sa.select(what)
        .join_from(grants, accounts, accounts.c.id == grants.c.holder)
        .where(
            grants.c.case_id == cases.c.id,
            grants.c.epoch == cases.c.epoch,
            grants.c.kind.in_((GrantKind.PANEL, GrantKind.STANDBY)),
            accounts.c.state == AccountState.ACTIVE,
            designated,
            which,
        )
        .correlate(cases)
    )


def _after(query: sa.Select[*tuple[Any, ...]], after: tuple[date, str] | None) -> sa.Select[*tuple[Any, ...]]:
    """The rows behind a place in the order of closing."""
    if after is None:
        return query
    closed_on, case_id = after
    place = sa.tuple_(sa.literal(closed_on, sa.Date), sa.literal(case_id, sa.Text))
    return query.where(sa.tuple_(cases.c.closed_on, cases.c.id) > place)


def _due(closed_by: date) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_CASE, *_KEPT)
        .select_from(sa.outerjoin(cases, keepings, keepings.c.case_id == cases.c.id))
        .where(cases.c.state.in_(_OVER), cases.c.closed_on <= closed_by)
        .order_by(cases.c.closed_on, cases.c.reference)
    )


def _with_kept(rows: Iterable[Any]) -> Iterator[tuple[Case, Kept | None]]:
    width = len(_CASE)
    for row in rows:
        yield Case(*row[:width]), None if row[width] is None else Kept(*row[width:])
