"""Keeps concerns for reprisals, after-care, and handled rights of whoever a case is about."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.aftercare import AfterCare, Reprisal
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.subjectrights import HandledRight
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import after_cares, reprisals, subject_rights

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

    def add_right(self, right: HandledRight) -> None:
        """Keep a right that was handled."""
        self._connection.execute(sa.insert(subject_rights), values_of(right))

    def rights(self, case_id: str) -> Sequence[HandledRight]:
        """A case's handled rights, oldest first."""
        where = subject_rights.c.case_id == case_id
        query = sa.select(*_RIGHT).where(where).order_by(subject_rights.c.handled_on, subject_rights.c.id)
        return [HandledRight(*row) for row in self._connection.execute(query)]
