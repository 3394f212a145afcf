"""Keeps what was done at once, and what holds a case back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Case
from tipportal.domain.duties import Duty, Restriction, RestrictionKind, Verdict
from tipportal.domain.errors import AlreadyDecided, IllegalTransition, NotEntitled
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .queries import held_by
from .rows import cases, duties, restrictions

_CASE = columns_of(cases, Case)
_DUTY = columns_of(duties, Duty)
_RESTRICTION = columns_of(restrictions, Restriction)


class Duties:
    """Implements ``ports.Duties`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, duty: Duty) -> None:
        """Keep a duty that was done."""
        self._connection.execute(sa.insert(duties), values_of(duty))

    def by_id(self, duty_id: str) -> Duty | None:
        """The duty with an id."""
        row = self._connection.execute(sa.select(*_DUTY).where(duties.c.id == duty_id)).one_or_none()
        return None if row is None else Duty(*row)

    def of_case(self, case_id: str) -> Sequence[Duty]:
        """A case's duties, oldest first."""
        query = sa.select(*_DUTY).where(duties.c.case_id == case_id).order_by(duties.c.done_at, duties.c.id)
        return [Duty(*row) for row in self._connection.execute(query)]

    def review(self, duty_id: str, verdict: Verdict, *, by: str, member: str, now: int) -> None:
        """Keep the one review. Raises AlreadyDecided when there is one, NotEntitled when both are one person."""
        same = NotEntitled(N_("Du har själv gjort åtgärden. Någon annan i ärendegruppen behöver granska den."))
        with guarded(self._connection, {"ck_duties_two_people": same}):
            changed = self._connection.execute(
                sa.update(duties)
                .where(duties.c.id == duty_id, duties.c.verdict.is_(None))
                .values(verdict=verdict, reviewed_by=by, reviewed_member=member, reviewed_at=now)
            )
        if changed.rowcount != 1:
            raise AlreadyDecided(N_("Åtgärden är redan granskad."))

    def to_review(self, account_id: str, today: date) -> Sequence[tuple[Case, Duty]]:
        """What others did on the account's own cases and nobody has reviewed, by the last day for it."""
        query = (
            sa.select(*_CASE, *_DUTY)
            .select_from(sa.join(duties, cases, cases.c.id == duties.c.case_id))
            .where(held_by(account_id, today), duties.c.verdict.is_(None), duties.c.done_by != account_id)
            .order_by(duties.c.review_by, duties.c.id)
        )
        width = len(_CASE)
        return [(Case(*row[:width]), Duty(*row[width:])) for row in self._connection.execute(query)]

    def restrict(self, restriction: Restriction) -> None:
        """Keep a restriction. Raises IllegalTransition when the case has one of the kind already."""
        already = IllegalTransition(N_("Ärendet är redan begränsat på det sättet."))
        with guarded(self._connection, {"uq_restrictions_in_force": already}):
            self._connection.execute(sa.insert(restrictions), values_of(restriction))

    def lift(self, case_id: str, kind: RestrictionKind, on: date) -> None:
        """End the restriction in force. Raises IllegalTransition when there is none."""
        changed = self._connection.execute(
            sa.update(restrictions)
            .where(restrictions.c.case_id == case_id, restrictions.c.kind == kind, restrictions.c.ended_on.is_(None))
            .values(ended_on=on)
        )
        if changed.rowcount != 1:
            raise IllegalTransition(N_("Ärendet är inte begränsat på det sättet."))

    def in_force(self, case_id: str, kind: RestrictionKind) -> Restriction | None:
        """The restriction of a kind that holds a case back now."""
        query = sa.select(*_RESTRICTION).where(
            restrictions.c.case_id == case_id, restrictions.c.kind == kind, restrictions.c.ended_on.is_(None)
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Restriction(*row)

    def to_look_at(self, account_id: str, today: date, by: date) -> Sequence[tuple[Case, Restriction]]:
        """Restrictions in force on the account's own cases that are to be looked at again by a date."""
        query = (
            sa.select(*_CASE, *_RESTRICTION)
            .select_from(sa.join(restrictions, cases, cases.c.id == restrictions.c.case_id))
            .where(held_by(account_id, today), restrictions.c.ended_on.is_(None), restrictions.c.review_on <= by)
            .order_by(restrictions.c.review_on, restrictions.c.id)
        )
        width = len(_CASE)
        return [(Case(*row[:width]), Restriction(*row[width:])) for row in self._connection.execute(query)]
