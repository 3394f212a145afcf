"""Sealed records: their chain is held by the table's constraints, not by looking first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from tipportal.domain.cases import RecordKind, StoredRecord, Stream
from tipportal.domain.errors import EpochClosed, SequenceConflict
from tipportal.domain.texts import N_

from .blobs import StagedBlobs
from .faults import FOREIGN_KEY, guarded
from .guards import EPOCH_OPEN
from .mapping import columns_of, names_of, values_of
from .prepared import Prepared
from .rows import holdings, records
from .rows.cases import MAX_IN_ROW

_RECORD = columns_of(records, StoredRecord, "file")
_ADD = Prepared(
    sa.insert(records), [*names_of(StoredRecord, "file"), "prev_stream", "prev_seq", "settled", "body", "blob_id"]
)
_HAS_UNREAD = Prepared(sa.update(holdings).where(holdings.c.case_id == sa.bindparam("case")).values(unread=True))


class Records:
    """The records of cases in one transaction."""

    def __init__(self, connection: Connection, blobs: StagedBlobs) -> None:
        self._connection = connection
        self._blobs = blobs

    def add(self, new: Sequence[StoredRecord]) -> None:
        """Keep records in the given order, all or none. Raises SequenceConflict, EpochClosed; see ``ports.Cases``."""
        conflict = SequenceConflict(N_("Någon annan hann skriva först. Din text är kvar: skicka den igen."))
        refusals = {
            "pk_records": conflict,
            # The same file or the same form once more: which of the broken rules is named differs between databases.
            "uq_records_case_id_stream_seq_digest": conflict,
            "uq_records_id": conflict,
            "fk_records_chain": conflict,
            "ck_records_chain": conflict,
            FOREIGN_KEY: conflict,
            EPOCH_OPEN: EpochClosed(N_("Ärendegruppen har ändrats. Din text är kvar: skicka den igen.")),
        }
        mark = self._blobs.mark()
        try:
            rows = [self._row(record) for record in new]
            with guarded(self._connection, refusals):
                _ADD.run_each(self._connection, rows)
        except BaseException:
            self._blobs.discard(mark)
            raise
        from_source = {
            record.case_id
            for record in new
            if record.kind in (RecordKind.MESSAGE, RecordKind.FORM) and record.author == "source"
        }
        _HAS_UNREAD.run_each(self._connection, [{"case": case_id} for case_id in sorted(from_source)])

    def of_case(self, case_id: str, streams: Sequence[Stream]) -> Sequence[StoredRecord]:
        """A case's records, by stream, then number."""
        query = (
            _select()
            .where(records.c.case_id == case_id, records.c.stream.in_(streams))
            .order_by(records.c.stream, records.c.seq)
        )
        return [self._read(row) for row in self._connection.execute(query)]

    def last(self, case_id: str, stream: Stream) -> StoredRecord | None:
        """The newest record of a stream."""
        query = (
            _select()
            .where(records.c.case_id == case_id, records.c.stream == stream)
            .order_by(records.c.seq.desc())
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else self._read(row)

    def newest(self, case_ids: Sequence[str], kind: RecordKind) -> dict[str, StoredRecord]:
        """The newest record of a kind in each case that has one."""
        later = records.alias("later")
        newest_seq = (
            sa.select(sa.func.max(later.c.seq))
            .where(
                later.c.case_id == records.c.case_id,
                later.c.stream == records.c.stream,
                later.c.kind == kind,
            )
            .correlate(records)
            .scalar_subquery()
        )
        query = _select().where(records.c.case_id.in_(case_ids), records.c.kind == kind, records.c.seq == newest_seq)
        return {row.case_id: self._read(row) for row in self._connection.execute(query)}

    def _row(self, record: StoredRecord) -> dict[str, Any]:
        in_row = len(record.file) <= MAX_IN_ROW
        prev_stream, prev_seq = _predecessor(record)
        return {
            **values_of(record, "file"),
            "prev_stream": prev_stream,
            "prev_seq": prev_seq,
            # A handler's record has its instant in it; only what a source wrote is settled.
            "settled": record.written_at is not None,
            "body": record.file if in_row else None,
            "blob_id": None if in_row else self._blobs.write(record.file, record.written_on),
        }

    def _read(self, row: Row[*tuple[Any, ...]]) -> StoredRecord:
        *facts, body, blob_id = row
        fields: Any = (*facts, self._blobs.read(blob_id) if body is None else body)
        return StoredRecord(*fields)


def _select() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_RECORD, records.c.body, records.c.blob_id)


def _predecessor(record: StoredRecord) -> tuple[Stream | None, int | None]:
    """Where ``prev`` has to stand (protocol, section 4): before it in its stream, or genesis, or nowhere."""
    if record.stream is Stream.GENESIS:
        return None, None
    return (Stream.GENESIS, 0) if record.seq == 0 else (record.stream, record.seq - 1)
