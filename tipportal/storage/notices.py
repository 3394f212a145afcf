"""Keeps letters until they are sent. Who sends one is decided by a conditional UPDATE, not by a look before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.errors import Conflict
from tipportal.domain.notices import AddressFault, Notice, NoticeKind, NoticeState
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import outbox

_NOTICE = columns_of(outbox, Notice)
_REACHED = (NoticeState.SENT, NoticeState.REFUSED, NoticeState.BOUNCED)
_FAULTY = (NoticeState.REFUSED, NoticeState.BOUNCED)


class Outbox:
    """Implements ``ports.Outbox`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, notices: Sequence[Notice]) -> None:
        """Keep letters. Raises Conflict when somebody has the day's digest already."""
        if not notices:
            return
        there = Conflict(N_("Dagens brev är redan lagda på kö."))
        with guarded(self._connection, {"uq_outbox_digest": there}):
            self._connection.execute(sa.insert(outbox), [values_of(notice) for notice in notices])

    def has_due(self, now: int) -> bool:
        """Whether a letter waits that nobody is sending."""
        query = sa.select(sa.select(outbox.c.id).where(*_due(now)).exists())
        return bool(self._connection.execute(query).scalar_one())

    def claim(self, now: int, until: int, limit: int) -> Sequence[Notice]:
        """Take letters that are due. By their random ids: neither when they came nor to whom they go decides."""
        query = sa.select(outbox.c.id).where(*_due(now)).order_by(outbox.c.id).limit(limit)
        ids = self._connection.execute(query).scalars().all()
        taken = sa.update(outbox).where(outbox.c.id.in_(ids), *_due(now))
        self._connection.execute(taken.values(attempts=outbox.c.attempts + 1, claimed_until=until))
        mine = sa.select(*_NOTICE).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)
        return [Notice(*row) for row in self._connection.execute(mine)]

    def settle(self, notice: Notice, state: NoticeState, *, code: int, now: int) -> bool:
        """Keep what became of a letter; False when somebody else has taken it since."""
        return self._changed(_held(notice).values(state=state, code=code, settled_at=now, claimed_until=0))

    def put_off(self, notice: Notice, until: int, *, code: int) -> bool:
        """Let a letter be tried again from ``until`` on; False when somebody else has taken it since."""
        return self._changed(_held(notice).values(next_attempt=until, code=code, claimed_until=0))

    def give_back(self, notices: Sequence[Notice]) -> None:
        """Let others take letters that were not tried at all."""
        for notice in notices:
            self._connection.execute(_held(notice).values(claimed_until=0))

    def has_digest(self, day: date) -> bool:
        """Whether the digests of a day have been put here."""
        query = sa.select(outbox.c.id).where(outbox.c.kind == NoticeKind.DIGEST, outbox.c.day == day)
        return bool(self._connection.execute(sa.select(query.exists())).scalar_one())

    def renew_digests(self, day: date, now: int) -> Sequence[str]:
        """Make the digests of days before that still wait, and that nobody is sending, those of a day: whose (ids).

        They keep the instant that they were due at first, by which it is seen how long mail has been down.
        """
        newest = self._connection.execute(sa.select(sa.func.max(outbox.c.day)).where(*_left(now))).scalar_one()
        if newest is None:
            return []
        # Of somebody who has two left, one was being sent when the next was made.
        self._end(now, NoticeState.WITHDRAWN, *_left(now), outbox.c.day < newest)
        mine = sa.select(outbox.c.id, outbox.c.account_id).where(*_left(now), outbox.c.day < day)
        found = {row.id: row.account_id for row in self._connection.execute(mine)}
        self._connection.execute(sa.update(outbox).where(outbox.c.id.in_(found)).values(day=day))
        return [account_id for account_id in found.values() if account_id is not None]

    def end_older(self, due_before: int, state: NoticeState, now: int) -> int:
        """End what still waits, was due before an instant, and nobody is sending; how many."""
        return self._end(now, state, outbox.c.due < due_before)

    def forget(self, settled_before: int) -> int:
        """Delete what became of letters before an instant; how many."""
        return self._connection.execute(sa.delete(outbox).where(outbox.c.settled_at < settled_before)).rowcount

    def oldest_waiting(self) -> int | None:
        """When the oldest letter that waits was due."""
        query = sa.select(sa.func.min(outbox.c.due)).where(outbox.c.state == NoticeState.WAITING)
        return self._connection.execute(query).scalar_one()

    def faults(self) -> Sequence[AddressFault]:
        """The addresses that took no letter the last time, the newest fault first."""
        newest = (
            sa.select(
                *(outbox.c[name] for name in ("id", "account_id", "state", "code", "settled_at")),
                sa.func.row_number()
                .over(partition_by=outbox.c.account_id, order_by=(outbox.c.settled_at.desc(), outbox.c.id))
                .label("place"),
            )
            .where(outbox.c.state.in_(_REACHED))
            .subquery()
        )
        query = (
            sa.select(newest.c.account_id, newest.c.state, newest.c.code, newest.c.settled_at)
            .where(newest.c.place == 1, newest.c.state.in_(_FAULTY))
            .order_by(newest.c.settled_at.desc(), newest.c.id)
        )
        return [AddressFault(*row) for row in self._connection.execute(query)]

    def bounced(self, account_id: str | None, now: int) -> bool:
        """Keep that the last letter sent to somebody came back; False where none was sent."""
        to = outbox.c.account_id.is_(None) if account_id is None else outbox.c.account_id == account_id
        query = (
            sa.select(outbox.c.id)
            .where(to, outbox.c.state == NoticeState.SENT)
            .order_by(outbox.c.settled_at.desc(), outbox.c.id)
            .limit(1)
        )
        last = self._connection.execute(query).scalar_one_or_none()
        came_back = sa.update(outbox).where(outbox.c.id == last, outbox.c.state == NoticeState.SENT)
        return self._changed(came_back.values(state=NoticeState.BOUNCED, settled_at=now))

    def _end(self, now: int, state: NoticeState, *conditions: sa.ColumnElement[bool]) -> int:
        waiting = sa.update(outbox).where(
            outbox.c.state == NoticeState.WAITING, outbox.c.claimed_until <= now, *conditions
        )
        return self._connection.execute(waiting.values(state=state, settled_at=now)).rowcount

    def _changed(self, statement: sa.Update) -> bool:
        return self._connection.execute(statement).rowcount == 1


def _due(now: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        outbox.c.state == NoticeState.WAITING,
        outbox.c.next_attempt <= now,
        outbox.c.claimed_until <= now,
        outbox.c.due <= now,
    )


def _left(now: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Digests that wait and that nobody is sending."""
    return (
        outbox.c.kind == NoticeKind.DIGEST,
        outbox.c.state == NoticeState.WAITING,
        outbox.c.claimed_until <= now,
    )


def _held(notice: Notice) -> sa.Update:
    """What whoever has taken a letter may still change: each time that it is taken counts the attempts up."""
    return sa.update(outbox).where(
        outbox.c.id == notice.id,
        outbox.c.state == NoticeState.WAITING,
        outbox.c.attempts == notice.attempts,
    )
