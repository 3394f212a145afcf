"""The handling log: appended in the transaction of the act, one writer at a time, never from a sequence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.handlinglog import (
    Entry,
    Json,
    LoggedChunk,
    entry_bytes,
    leaf_hash,
    nodes_completed_by,
    pending_bytes,
    root_of,
)
from tipportal.domain.ports import RandomBytes

from .prepared import Prepared
from .rows import log_entries, log_nodes, pending_entries

_ADD_PENDING = Prepared(sa.insert(pending_entries), ["id", "organisation_id", "case_reference", "on_date", "data"])
CHUNK = 2_048
"""Entries read at a time while streaming."""
CHUNK_HASHED = 512
"""Entries that are hashed at a time: few enough that what is fetched is still in the processor's cache then."""


def _as_it_comes(column: sa.ColumnElement[bytes]) -> sa.ColumnElement[Any]:
    """A binary column without SQLAlchemy's conversion: both drivers give bytes, and copying each takes as long."""
    return sa.type_coerce(column, sa.types.NullType())


# As submissions are: SQLAlchemy's work for each row costs several times what fetching and hashing it does.
_CHUNK = Prepared(
    sa.select(log_entries.c.position, _as_it_comes(log_entries.c.leaf), _as_it_comes(log_entries.c.data))
    .where(log_entries.c.position > sa.bindparam("after", type_=sa.BigInteger))
    .order_by(log_entries.c.position)
    .limit(sa.literal_column(str(CHUNK_HASHED)))
)
_DENSE = Prepared(
    sa.select(_as_it_comes(log_entries.c.leaf), _as_it_comes(log_entries.c.data))
    .where(
        log_entries.c.position >= sa.bindparam("from_position", type_=sa.BigInteger),
        log_entries.c.position < sa.bindparam("to_position", type_=sa.BigInteger),
    )
    .order_by(log_entries.c.position)
)
_NODES = Prepared(
    sa.select(_as_it_comes(log_nodes.c.hash))
    .where(
        log_nodes.c.level == sa.bindparam("at_level", type_=sa.Integer),
        log_nodes.c.position >= sa.bindparam("from_position", type_=sa.BigInteger),
        log_nodes.c.position < sa.bindparam("to_position", type_=sa.BigInteger),
    )
    .order_by(log_nodes.c.position)
)
_BEFORE_ALL = -(1 << 62)


def _next(last: int) -> dict[str, int]:
    return {"from_position": last + 1, "to_position": last + 1 + CHUNK_HASHED}


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry's canonical bytes before it has an index, and what it is found by."""

    data: bytes
    organisation_id: str | None
    case_reference: str | None


class Log:
    """Implements ``ports.Log`` in one transaction.

    Safe without a sequence: the transaction holds the database's writer lock from before its first read, so the size
    that it reads stays the size until it commits; and the table refuses an index that is not the next.
    """

    def __init__(self, connection: Connection, random: RandomBytes) -> None:
        self._connection = connection
        self._random = random

    def append(self, entry: Entry) -> int:
        """Append and return the index. Pending entries of the same case join first (05, Time)."""
        if entry.case is not None:
            self.fold_pending(case=entry.case)
        return self._append([_Waiting(pending_bytes(entry), entry.organisation_id, entry.case)])

    def append_pending(self, entry: Entry) -> None:
        """Keep an entry of a source's act until it joins. Raises ValueError when its time is more than a date."""
        if not isinstance(entry.time, date):
            raise ValueError("an entry of a source's act has a date, not an instant")  # noqa: TRY004 - a wrong value
        _ADD_PENDING.run(
            self._connection,
            {
                "id": self._random(16).hex(),
                "organisation_id": entry.organisation_id,
                "case_reference": entry.case or "",
                "on_date": entry.time,
                "data": pending_bytes(entry),
            },
        )

    def fold_pending(self, before: date | None = None, case: str | None = None) -> int:
        """Join pending entries in hash order: of a case, or dated before a date, or both; how many."""
        which: list[sa.ColumnElement[bool]] = [sa.true()]
        if before is not None:
            which.append(pending_entries.c.on_date < before)
        if case is not None:
            which.append(pending_entries.c.case_reference == case)
        query = sa.select(
            pending_entries.c.data, pending_entries.c.organisation_id, pending_entries.c.case_reference
        ).where(*which)
        waiting = [_Waiting(data, of, case or None) for data, of, case in self._connection.execute(query)]
        if waiting:
            self._connection.execute(sa.delete(pending_entries).where(*which))
            # By hash, which nobody chose: the order in which they came is not in the tree.
            self._append(sorted(waiting, key=lambda entry: leaf_hash(entry.data)))
        return len(waiting)

    def size(self) -> int:
        """How many entries the tree has; pending ones are not in it."""
        newest = sa.select(sa.func.coalesce(sa.func.max(log_entries.c.position), -1))
        return self._connection.execute(newest).scalar_one() + 1

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Entry bytes by index from ``start`` to before ``stop``, streamed."""
        end = self.size() if stop is None else min(stop, self.size())
        for first in range(start, end, CHUNK):
            query = (
                sa.select(log_entries.c.position, log_entries.c.data)
                .where(log_entries.c.position >= first, log_entries.c.position < min(first + CHUNK, end))
                .order_by(log_entries.c.position)
            )
            for row in self._connection.execute(query):
                yield row.position, row.data

    def chunks(self) -> Iterator[LoggedChunk]:
        """All entries with their stored leaf hashes, some thousands at a time.

        By the key and not by the number of rows: a row at an index beyond the size is given too.
        """
        last = _BEFORE_ALL
        while rows := _CHUNK.rows(self._connection, {"after": last}):
            indices, leaves, entries = zip(*rows, strict=True)
            last = indices[-1]
            yield LoggedChunk(indices, leaves, entries)
            # Where no index is missing, which is everywhere but in an altered log, none has to be fetched.
            while len(dense := _DENSE.rows(self._connection, _next(last))) == CHUNK_HASHED:
                leaves, entries = zip(*dense, strict=True)
                yield LoggedChunk(range(last + 1, last + 1 + CHUNK_HASHED), leaves, entries)
                last += CHUNK_HASHED

    def nodes(self, level: int, first: int, many: int) -> list[bytes]:
        """Stored complete subtrees of one level side by side, those that are there."""
        asked = {"at_level": level, "from_position": first, "to_position": first + many}
        return [row[0] for row in _NODES.rows(self._connection, asked)]

    def entries_of_case(self, reference: str) -> Sequence[bytes]:
        """A case's entries, oldest first."""
        query = (
            sa.select(log_entries.c.data)
            .where(log_entries.c.case_reference == reference)
            .order_by(log_entries.c.position)
        )
        return self._connection.execute(query).scalars().all()

    def node(self, level: int, position: int) -> bytes:
        """The hash of a complete subtree of 2**level leaves. Raises LookupError when it is not (yet) complete."""
        query = (
            sa.select(log_entries.c.leaf).where(log_entries.c.position == position)
            if level == 0
            else sa.select(log_nodes.c.hash).where(log_nodes.c.level == level, log_nodes.c.position == position)
        )
        found = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            raise LookupError(f"the log has no node {position} at level {level}")
        return found

    def root(self) -> bytes:
        """The tree head over all entries (RFC 6962, section 2.1)."""
        return root_of(self.size(), self.node)

    def _append(self, waiting: Sequence[_Waiting]) -> int:
        """Append in this order; the index of the last one. O(log n) reads for the first, fewer for each after it."""
        index = self.size() - 1
        made: dict[tuple[int, int], bytes] = {}

        def node(level: int, position: int) -> bytes:
            known = made.get((level, position))
            return self.node(level, position) if known is None else known

        leaves: list[dict[str, Any]] = []
        for entry in waiting:
            index += 1
            body: dict[str, Json] = json.loads(entry.data)
            data = entry_bytes(body, index)
            leaf = leaf_hash(data)
            for level, position, value in nodes_completed_by(index, leaf, node):
                made[level, position] = value
            leaves.append(
                {
                    "position": index,
                    "organisation_id": entry.organisation_id,
                    "case_reference": entry.case_reference,
                    "leaf": leaf,
                    "data": data,
                }
            )
        self._connection.execute(sa.insert(log_entries), leaves)
        nodes = [
            {"level": level, "position": position, "hash": value}
            for (level, position), value in made.items()
            if level > 0
        ]
        if nodes:
            self._connection.execute(sa.insert(log_nodes), nodes)
        return index
