"""Keeps concerns for reprisals, after-care, and handled rights of whoever a case is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.aftercare import AfterCare, Reprisal
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.subjectrights import HandledRight
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .queries import held_by
from .rows import after_cares, cases, reprisals, subject_rights

_CASE = columns_of(cases, Case)
_REPRISAL = columns_of(reprisals, Reprisal)
_AFTER_CARE = columns_of(after_cares, AfterCare)
_RIGHT = columns_of(subject_rights, HandledRight)


class Care:
    """Implements ``ports.Care`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_reprisal(self, reprisal: Reprisal) -> None:
        """Keep a concern."""
        self._connection.execute(sa.insert(reprisals), values_of(reprisal))

    def reprisals(self, case_id: str) -> Sequence[Reprisal]:
        """A case's concerns, oldest first."""
        where = reprisals.c.case_id == case_id
        query = sa.select(*_REPRISAL).where(where).order_by(reprisals.c.noted_on, reprisals.c.id)
        return [Reprisal(*row) for row in self._connection.execute(query)]

    def add_after_care(self, done: AfterCare) -> None:
        """Keep after-care. Raises IllegalTransition when it has been done."""
        already = IllegalTransition(N_("Den här eftervården är redan gjord."))
        with guarded(self._connection, {"pk_after_cares": already}):
            self._connection.execute(sa.insert(after_cares), values_of(done))

    def after_cares(self, case_id: str) -> Sequence[AfterCare]:
        """A case's after-care, by months."""
        query = sa.select(*_AFTER_CARE).where(after_cares.c.case_id == case_id).order_by(after_cares.c.months)
        return [AfterCare(*row) for row in self._connection.execute(query)]

    def to_care_for(self, account_id: str, today: date) -> Sequence[tuple[Case, Sequence[AfterCare]]]:
        """The account's own closed cases with a concern, with the after-care that has been done."""
        concerned = sa.select(reprisals.c.case_id).where(reprisals.c.case_id == cases.c.id).correlate(cases).exists()
        query = (
            sa.select(*_CASE)
            .where(held_by(account_id, today), concerned, cases.c.state == CaseState.CLOSED)
            .order_by(cases.c.closed_on, cases.c.reference)
        )
        found = [Case(*row) for row in self._connection.execute(query)]
        done: defaultdict[str, list[AfterCare]] = defaultdict(list)
        kept = sa.select(*_AFTER_CARE).where(after_cares.c.case_id.in_([case.id for case in found]))
        for row in self._connection.execute(kept):
            one = AfterCare(*row)
            done[one.case_id].append(one)
        return [(case, done[case.id]) for case in found]

    def add_right(self, right: HandledRight) -> None:
        """Keep a right that was handled."""
        self._connection.execute(sa.insert(subject_rights), values_of(right))

    def rights(self, case_id: str) -> Sequence[HandledRight]:
        """A case's handled rights, oldest first."""
        where = subject_rights.c.case_id == case_id
        query = sa.select(*_RIGHT).where(where).order_by(subject_rights.c.handled_on, subject_rights.c.id)
        return [HandledRight(*row) for row in self._connection.execute(query)]

    def rights_to_review(self, account_id: str, today: date) -> Sequence[tuple[Case, HandledRight]]:
        """Deferred information whose day has come and that has not been handled since."""
        later = subject_rights.alias("later")
        since = (
            sa.select(later.c.id)
            .where(
                later.c.case_id == subject_rights.c.case_id,
                later.c.kind == subject_rights.c.kind,
                later.c.id != subject_rights.c.id,
                later.c.handled_on >= subject_rights.c.handled_on,
            )
            .correlate(subject_rights)
            .exists()
        )
        query = (
            sa.select(*_CASE, *_RIGHT)
            .select_from(sa.join(subject_rights, cases, cases.c.id == subject_rights.c.case_id))
            .where(held_by(account_id, today), subject_rights.c.review_on <= today, ~since)
            .order_by(subject_rights.c.review_on, subject_rights.c.id)
        )
        width = len(_CASE)
        return [(Case(*row[:width]), HandledRight(*row[width:])) for row in self._connection.execute(query)]
