"""Waiting uploads become the files of a record: durable on the disk before the transaction that names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import SEEK_END
from typing import BinaryIO

from tipportal.domain.cases import Case, Stream
from tipportal.domain.errors import CaseFull, FileNotFound
from tipportal.domain.files import MAX_FILES, AttachedFile, FileLimits, Upload, check_count, upload_unknown
from tipportal.domain.handlinglog import Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from .context import Context
from .sealedfiles import SealedFile
from .uploads import HEAD_SIZE, check_shape, must_fit

_MOST_RECORDS = 2**31


@dataclass(slots=True)
class Taken:
    """Uploads with the blobs that they have become. ``kept``: a transaction owns the blobs."""

    uploads: tuple[Upload, ...]
    blobs: list[str] = field(default_factory=list)
    kept: bool = False


@contextmanager
def taken(ctx: Context, uploads: Sequence[Upload]) -> Iterator[Taken]:
    """Take uploads for the record that is kept in the block, around its transaction.

    When the block ends well the uploads are gone, and the blobs too where nothing was kept, since the same request had
    come before. When it raises, the uploads wait on for another attempt.
    Raises UploadUnknown, MalformedAgeFile, FileTooLarge, TooManyFiles, StorageFull.
    """
    check_count(len(uploads))
    if len({upload.id for upload in uploads}) != len(uploads):
        raise upload_unknown()
    hold = Taken(tuple(uploads))
    try:
        for upload in uploads:
            _take(ctx, upload, hold)
        yield hold
    finally:
        # Once a transaction has named them it disposes of them itself: if its commit failed half-way, its rows may
        # be on the disk all the same.
        if not hold.kept:
            for blob_id in hold.blobs:
                ctx.storage.uploads.release(blob_id)
    # What was kept is kept: an upload that cannot be removed now is swept within a day.
    with suppress(OSError):
        for upload in uploads:
            ctx.storage.uploads.remove(upload.id)


def keep(uow: UnitOfWork, case: Case, record: SealedFile, hold: Taken, limits: FileLimits) -> None:
    """Hang what was taken on a record that this transaction has kept. Raises CaseFull, UploadUnknown."""
    if not hold.uploads:
        return
    added = sum(upload.size for upload in hold.uploads)
    if uow.attachments.kept_bytes(case.id) + added > limits.case_quota:
        raise CaseFull(N_("Ärendet har inte plats för fler filer. Skicka texten utan dem."), field="files")
    uow.attachments.add(
        [
            (
                AttachedFile(
                    organisation_id=case.organisation_id,
                    case_id=case.id,
                    stream=record.stream,
                    seq=record.seq,
                    position=position,
                    blob_id=blob_id,
                    size=upload.size,
                ),
                upload.id,
            )
            for position, (upload, blob_id) in enumerate(zip(hold.uploads, hold.blobs, strict=True))
        ]
    )
    hold.kept = True


def counted(facts: dict[str, Json], record: SealedFile) -> dict[str, Json]:
    """An entry's facts with the number of files that the record attaches, where there are any."""
    return {**facts, "files": len(record.files)} if record.files else facts


def stored_file(
    ctx: Context, uow: UnitOfWork, case: Case, stream: Stream, seq: int, position: int
) -> tuple[AttachedFile, BinaryIO]:
    """A sealed file of a case and its bytes. Raises FileNotFound, also when the file is gone from the disk."""
    missing = FileNotFound(N_("Filen finns inte."))
    # Numbers from an address may be larger than any column.
    if not (0 <= seq < _MOST_RECORDS and 0 <= position < MAX_FILES):
        raise missing
    file = uow.attachments.one(case.id, stream, seq, position)
    if file is None:
        raise missing
    try:
        return file, ctx.storage.uploads.open(file.blob_id)
    except FileNotFoundError:
        raise missing from None


def _take(ctx: Context, upload: Upload, hold: Taken) -> None:
    uploads = ctx.storage.uploads
    must_fit(upload.size, ctx.files)
    if not upload.size or uploads.received(upload.id) != upload.size:
        raise upload_unknown()
    blob_id = uploads.take(upload.id, ctx.today())
    hold.blobs.append(blob_id)
    # Judged by the blob: nothing can be appended to it any more, but something may have been, right before.
    with uploads.open(blob_id) as content:
        head = content.read(HEAD_SIZE)
        size = content.seek(0, SEEK_END)
    if size != upload.size:
        raise upload_unknown()
    check_shape(head, size)
