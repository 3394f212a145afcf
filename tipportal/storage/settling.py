"""Settling: after a day is over, its source rows are written again together, so that nothing tells their order.

Keys are random, yet where a row lies in the file (SQLite) or which transaction wrote it (PostgreSQL: ``xmin``, place,
number of the overflow) still tells who came before whom. Written again in one transaction in random order, the rows of
a day are alike. Bounded: a row is settled once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, LargeBinary, Table

from tipportal.domain.ports import RandomBytes

from .blobs import StagedBlobs
from .rows import (
    attachments,
    cases,
    epochs,
    forms,
    grants,
    hidden_cases,
    holdings,
    intakes,
    readings,
    records,
    replaced_codes,
)

CASES_AT_A_TIME = 200
"""Bounds memory. Which cases come together is random too, so the parts tell nothing either."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one table to write again. ``flagged``: the table marks rows that are settled."""

    table: Table[Any]
    which: sa.ColumnElement[bool]
    flagged: bool


def settle(connection: Connection, blobs: StagedBlobs, before: date, random: RandomBytes) -> int:
    """Write the source rows dated before a day again, in the caller's transaction; how many."""
    if connection.dialect.name == "sqlite":
        # Parents are deleted and come back before the commit; until then the foreign keys wait.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        rewrite: Callable[[Connection, Sequence[_Part], RandomBytes], int] = _delete_and_insert
    else:
        rewrite = _update
    settled = 0
    for case_ids in _batches(_shuffled(_unsettled_cases(connection, before), random)):
        _equalise_files(connection, blobs, case_ids, before)
        settled += rewrite(connection, _parts(case_ids, before), random)
    return settled


def _unsettled_cases(connection: Connection, before: date) -> Sequence[str]:
    # An act of a source comes with a record, a case with three, an epoch with two; only reading leaves none.
    written = sa.select(records.c.case_id).where(~records.c.settled, records.c.written_on < before)
    read = sa.select(readings.c.case_id).where(~readings.c.settled, readings.c.read_on < before)
    return connection.execute(sa.union(written, read)).scalars().all()


def _with_record(of: Table[Any], before: date) -> sa.Exists:
    """Whether the record that a row of this table belongs to waits to be settled."""
    return (
        sa.select(records.c.case_id)
        .where(
            records.c.case_id == of.c.case_id,
            records.c.stream == of.c.stream,
            records.c.seq == of.c.seq,
            ~records.c.settled,
            records.c.written_on < before,
        )
        .correlate(of)
        .exists()
    )


def _parts(case_ids: Sequence[str], before: date) -> Sequence[_Part]:
    due = sa.and_(~epochs.c.settled, epochs.c.opened_on < before)
    # Grants came with their epoch and have no date of their own: first, while the epochs are not yet marked.
    with_epoch = (
        sa.select(epochs.c.case_id)
        .where(epochs.c.case_id == grants.c.case_id, epochs.c.epoch == grants.c.epoch, due)
        .correlate(grants)
        .exists()
    )
    answered, attached = _with_record(forms, before), _with_record(attachments, before)
    unread = sa.and_(readings.c.case_id.in_(case_ids), ~readings.c.settled, readings.c.read_on < before)
    return (
        _Part(readings, unread, flagged=True),
        _Part(replaced_codes, replaced_codes.c.case_id.in_(case_ids), flagged=False),
        _Part(intakes, intakes.c.case_id.in_(case_ids), flagged=False),
        _Part(forms, sa.and_(forms.c.case_id.in_(case_ids), answered), flagged=False),
        # As with grants: found by their records while those are not yet marked.
        _Part(attachments, sa.and_(attachments.c.case_id.in_(case_ids), attached), flagged=False),
        _Part(grants, sa.and_(grants.c.case_id.in_(case_ids), with_epoch), flagged=False),
        # Also written by each message of a source: whether it has been read.
        _Part(holdings, holdings.c.case_id.in_(case_ids), flagged=False),
        _Part(hidden_cases, hidden_cases.c.case_id.in_(case_ids), flagged=False),
        _Part(
            records,
            sa.and_(records.c.case_id.in_(case_ids), ~records.c.settled, records.c.written_on < before),
            flagged=True,
        ),
        _Part(epochs, sa.and_(epochs.c.case_id.in_(case_ids), due), flagged=True),
        _Part(cases, sa.and_(cases.c.id.in_(case_ids), ~cases.c.settled, cases.c.received_on < before), flagged=True),
    )


def _delete_and_insert(connection: Connection, parts: Sequence[_Part], random: RandomBytes) -> int:
    kept = [(part, connection.execute(sa.select(part.table).where(part.which)).mappings().all()) for part in parts]
    for part, _ in kept:
        connection.execute(sa.delete(part.table).where(part.which))
    # Only now, when all places are free, in random order and parents first, as the guard of the records asks.
    for part, rows in reversed(kept):
        if rows:
            mark = {"settled": True} if part.flagged else {}
            connection.execute(sa.insert(part.table), [{**row, **mark} for row in _shuffled(rows, random)])
    return sum(len(rows) for _, rows in kept)


def _update(connection: Connection, parts: Sequence[_Part], random: RandomBytes) -> int:
    settled = 0
    for part in parts:
        keys = list(part.table.primary_key.columns)
        found = connection.execute(sa.select(*keys).where(part.which)).all()
        settled += len(found)
        if not found:
            continue
        # Joining nothing makes a new value, so that what lies in the overflow table is written again as well.
        values: dict[str, Any] = {
            column.name: column.concat(sa.literal(b"", LargeBinary))
            for column in part.table.columns
            if isinstance(column.type, LargeBinary)
        }
        values |= {"settled": sa.true()} if part.flagged else {}
        values = values or {keys[0].name: keys[0]}
        statement = (
            sa.update(part.table)
            .where(*(key == sa.bindparam(f"key_{key.name}", type_=key.type) for key in keys))
            .values(values)
        )
        connection.execute(
            statement,
            [
                {f"key_{key.name}": value for key, value in zip(keys, row, strict=True)}
                for row in _shuffled(found, random)
            ],
        )
    return settled


def _equalise_files(connection: Connection, blobs: StagedBlobs, case_ids: Sequence[str], before: date) -> None:
    due = sa.and_(records.c.case_id.in_(case_ids), records.c.written_on < before)
    in_files = sa.select(records.c.blob_id, records.c.written_on).where(due, records.c.blob_id.is_not(None))
    with_record = sa.and_(
        records.c.case_id == attachments.c.case_id,
        records.c.stream == attachments.c.stream,
        records.c.seq == attachments.c.seq,
    )
    attached = sa.select(attachments.c.blob_id, records.c.written_on).join(records, with_record).where(due)
    for blob_id, written_on in connection.execute(in_files.union_all(attached)):
        if blob_id is not None:
            blobs.settle(blob_id, written_on)


def _shuffled(items: Sequence[Any], random: RandomBytes) -> list[Any]:
    return sorted(items, key=lambda _: random(16))


def _batches(case_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(case_ids), CASES_AT_A_TIME):
        yield case_ids[start : start + CASES_AT_A_TIME]
