"""Sealed files before their record: sent in parts by whoever sealed them, or sealed here while they arrive."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tipportal.domain.errors import FileTooLarge, Invalid, MalformedAgeFile, Refusal
from tipportal.domain.files import PART_SIZE, FileLimits, Upload
from tipportal.domain.ports import WaitingFile
from tipportal.domain.texts import N_
from tipportal.envelope import padded_length
from tipportal.envelope.files import FileSealer, sealed_file_size

from .context import Context
from .sealedfiles import payload_size

HEAD_SIZE = 4096
"""More than the header of an age file with one recipient, less than any file of ours."""

_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class SealedUpload:
    """A file that the server sealed on arrival: where it waits, and what its record will say of it.

    ``size`` and ``sha256`` (hex) are the file's own, ``key`` is the 32-byte seed that opens it.
    """

    upload: Upload
    size: int
    sha256: str = field(repr=False)
    key: bytes = field(repr=False)


def receive_part(
    ctx: Context, upload_id: str, *, offset: int, total: int, length: int, read: Callable[[int], bytes]
) -> int:
    """Take a part of an upload and give the bytes so far. ``total``: of the whole sealed file; ``read`` gives the part.

    Raises FileTooLarge, Invalid, MalformedAgeFile, PartMissing, PartDiffers, StorageFull.
    """
    _check_id(upload_id)
    must_fit(total, ctx.files)
    if offset < 0 or offset % PART_SIZE or length < 1 or length != min(PART_SIZE, total - offset):
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="Tipportal-Offset")
    if offset == 0:
        head = _exactly(read, min(HEAD_SIZE, length))
        check_shape(head, total)
        read = _after(head, read)
    return ctx.storage.uploads.append(upload_id, offset, length, read, ctx.today(), quota=ctx.files.uploads_quota)


def received(ctx: Context, upload_id: str) -> int:
    """Bytes so far; 0 for an upload that is not there. Raises Invalid."""
    _check_id(upload_id)
    return ctx.storage.uploads.received(upload_id)


def discard(ctx: Context, upload_id: str) -> None:
    """Remove an upload that is not wanted after all. Raises Invalid."""
    _check_id(upload_id)
    ctx.storage.uploads.remove(upload_id)


class SealingUpload:
    """Takes a file in clear and keeps it sealed: what a form without JavaScript sends, while it arrives.

    Writing never raises for a file that is too large or a disk that is full: what was kept is gone at once, the rest
    is dropped, and ``finish`` raises. So what stands after the file in the same request can still be read.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._waiting: WaitingFile | None = None
        self._sealer: FileSealer | None = None
        self._refusal: Refusal | None = None

    @classmethod
    def begin(cls, ctx: Context) -> SealingUpload:
        """A sink for one file. Nothing is on the disk before the first byte."""
        return cls(ctx)

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Take some of the file; gives its length in bytes."""
        if self._refusal is None and len(content):
            try:
                self._seal(content)
            except Refusal as refusal:
                self._refuse(refusal)
        return len(content)

    def finish(self) -> SealedUpload | None:
        """What was sealed, None for a file without a single byte. Raises FileTooLarge, StorageFull."""
        if self._refusal is None and self._sealer is not None and self._waiting is not None:
            try:
                content = self._sealer.finish()
                kept = self._waiting.keep()
            except Refusal as refusal:
                self._refuse(refusal)
            else:
                return SealedUpload(Upload(self._waiting.upload, kept), content.size, content.sha256, content.key)
        if self._refusal is not None:
            raise self._refusal
        return None

    def discard(self) -> None:
        """Leave nothing behind, whether it was finished or not. What a record has taken stays taken."""
        self._sealer = None
        if self._waiting is not None:
            self._waiting.discard()

    def _seal(self, content: bytes | bytearray | memoryview) -> None:
        if self._sealer is None:
            self._waiting = self._ctx.storage.uploads.begin(self._ctx.today(), quota=self._ctx.files.uploads_quota)
            self._sealer = FileSealer(self._waiting, random=self._ctx.random)
        if self._sealer.size + len(content) > self._ctx.files.max_file:
            raise too_large()
        self._sealer.write(content)

    def _refuse(self, refusal: Refusal) -> None:
        self._refusal = refusal
        self.discard()


def must_fit(sealed_size: int, limits: FileLimits) -> None:
    """Raise FileTooLarge for a sealed file that is larger than the largest file that is taken would be."""
    if sealed_size > sealed_file_size(limits.max_file):
        raise too_large()


def check_shape(head: bytes, total: int) -> None:
    """Raise MalformedAgeFile unless a file of ``total`` bytes that begins so can be one padded, sealed file of ours."""
    size = payload_size(head, 1, total=total, field="files")
    # An unpadded file would tell its length to whoever reads the folder.
    if not size or padded_length(size) != size:
        raise MalformedAgeFile(N_("Filen saknar utfyllnad."), field="files")


def too_large() -> FileTooLarge:
    """The refusal for a file above the limit."""
    return FileTooLarge(N_("En fil är för stor. Dela upp den, eller välj en mindre."), field="files")


def _check_id(upload_id: str) -> None:
    if not _ID.match(upload_id):
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="Tipportal-Upload")


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    content = b""
    while len(content) < size and (block := read(size - len(content))):
        content += block
    return content


def _after(head: bytes, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A reader that gives what was read ahead before it goes on."""
    ahead = head

    def give(size: int) -> bytes:
        nonlocal ahead
        if not ahead:
            return read(size)
        block, ahead = ahead[:size], ahead[size:]
        return block

    return give
