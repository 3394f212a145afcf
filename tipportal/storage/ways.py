"""Keeps the ways to a person's keys. What may happen once is one conditional statement, not a look and a write."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.errors import Conflict
from tipportal.domain.texts import N_
from tipportal.domain.ways import KeyWay

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import key_ways, spent_challenges

_WAY = columns_of(key_ways, KeyWay)


class Ways:
    """Implements ``ports.Ways`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, way: KeyWay) -> None:
        """Keep a way. Raises Conflict when the passkey is somebody's already."""
        taken = Conflict(N_("Passkeyn är redan tillagd."), field="passkey")
        with guarded(self._connection, {"uq_key_ways_credential_id": taken}):
            self._connection.execute(sa.insert(key_ways), values_of(way))

    def of(self, account_id: str) -> Sequence[KeyWay]:
        """A person's ways, oldest first."""
        query = sa.select(*_WAY).where(key_ways.c.account_id == account_id)
        return [KeyWay(*row) for row in self._connection.execute(query.order_by(key_ways.c.place, key_ways.c.id))]

    def by_credential(self, credential_id: bytes) -> KeyWay | None:
        """The passkey with an id."""
        row = self._connection.execute(sa.select(*_WAY).where(key_ways.c.credential_id == credential_id)).one_or_none()
        return None if row is None else KeyWay(*row)

    def remove(self, account_id: str, way_id: str) -> bool:
        """Remove one of a person's ways; False when they have none with this id."""
        own = sa.delete(key_ways).where(key_ways.c.account_id == account_id, key_ways.c.id == way_id)
        return self._connection.execute(own).rowcount == 1

    def remove_all(self, account_id: str) -> None:
        """Remove a person's ways: their keys are nobody's from now on."""
        self._connection.execute(sa.delete(key_ways).where(key_ways.c.account_id == account_id))

    def count_use(self, way_id: str, sign_count: int) -> bool:
        """Keep a passkey's new counter; False when it does not follow on the last one."""
        follows = key_ways.c.sign_count < sign_count
        if sign_count == 0:
            follows = key_ways.c.sign_count == 0
        statement = sa.update(key_ways).where(key_ways.c.id == way_id, follows).values(sign_count=sign_count)
        return self._connection.execute(statement).rowcount == 1

    def spend(self, challenge_digest: bytes, expires_at: int) -> bool:
        """Use a challenge up; False when it was used before."""
        known = sa.exists().where(spent_challenges.c.digest == challenge_digest)
        row = sa.select(sa.literal(challenge_digest, sa.LargeBinary), sa.literal(expires_at, sa.BigInteger)).where(
            ~known
        )
        statement = sa.insert(spent_challenges).from_select(["digest", "expires_at"], row)
        # An INSERT's count is not kept unless it is asked for.
        kept = self._connection.execute(statement, execution_options={"preserve_rowcount": True})
        return kept.rowcount == 1

    def forget_challenges(self, now: int) -> int:
        """Forget the used challenges that have expired at ``now`` (UTC seconds); how many."""
        old = sa.delete(spent_challenges).where(spent_challenges.c.expires_at <= now)
        return self._connection.execute(old).rowcount
