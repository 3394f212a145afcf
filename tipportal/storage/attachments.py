"""Which sealed files hang on which records; the files themselves lie in the blob store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Stream
from tipportal.domain.errors import UploadUnknown
from tipportal.domain.files import AttachedFile
from tipportal.domain.texts import N_

from .blobs import StagedBlobs
from .faults import guarded
from .mapping import columns_of, values_of
from .rows import attachments

_ATTACHED = columns_of(attachments, AttachedFile)
_FIND = sa.select(*_ATTACHED)


class Attachments:
    """Implements ``ports.Attachments`` in one transaction."""

    def __init__(self, connection: Connection, blobs: StagedBlobs) -> None:
        self._connection = connection
        self._blobs = blobs

    def add(self, files: Sequence[tuple[AttachedFile, str]]) -> None:
        """Keep files, each with its upload's id. Raises UploadUnknown for one that was handed in before."""
        if not files:
            return
        before = UploadUnknown(N_("En av filerna har redan skickats in. Välj den igen."), field="files")
        rows = [
            {**values_of(file), "upload_digest": hashlib.sha256(upload.encode()).digest()} for file, upload in files
        ]
        with guarded(self._connection, {"uq_attachments_upload_digest": before}):
            self._connection.execute(sa.insert(attachments), rows)
        for file, _ in files:
            self._blobs.adopt(file.blob_id)

    def of_case(self, case_id: str, streams: Sequence[Stream]) -> Sequence[AttachedFile]:
        """A case's files, by stream, number of the record, and position."""
        query = _FIND.where(attachments.c.case_id == case_id, attachments.c.stream.in_(streams)).order_by(
            attachments.c.stream, attachments.c.seq, attachments.c.position
        )
        return [AttachedFile(*row) for row in self._connection.execute(query)]

    def one(self, case_id: str, stream: Stream, seq: int, position: int) -> AttachedFile | None:
        """The file at a place, None when there is none."""
        row = self._connection.execute(
            _FIND.where(
                attachments.c.case_id == case_id,
                attachments.c.stream == stream,
                attachments.c.seq == seq,
                attachments.c.position == position,
            )
        ).one_or_none()
        return None if row is None else AttachedFile(*row)

    def kept_bytes(self, case_id: str) -> int:
        """Sealed bytes of all files of a case."""
        query = sa.select(sa.func.coalesce(sa.func.sum(attachments.c.size), 0)).where(attachments.c.case_id == case_id)
        return int(self._connection.execute(query).scalar_one())
