"""Sealed files on their way in: received in parts, until the record that names them is kept and they become blobs.

``<blobs>/uploads/<SHA-256 of the id, 32 digits>.part``: who reads the folder does not learn the ids, which alone let
somebody go on with an upload. Times of files and folder tell no more than the date; ages are judged by the kernel's
change time, against this machine's clock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import BinaryIO

from tipportal.domain.errors import Invalid, PartDiffers, PartMissing
from tipportal.domain.files import MEBIBYTE, PART_SIZE, upload_unknown
from tipportal.domain.ports import RandomBytes, WaitingFile
from tipportal.domain.texts import N_

from .blobs import BlobStore, make_private, open_without_a_trace, set_times
from .faults import disk_full, refused_when_full

IDLE_SECONDS = 24 * 3600
"""How long an upload waits for its next part or its record."""
IDLE_WHEN_FULL = 30 * 60
"""The same when there is no room for others."""

_LEAST_CHARGE = MEBIBYTE // 4
"""What the smallest upload counts, so that a crowd of tiny ones cannot make counting slow."""
_MOST_RESERVED = 256 * MEBIBYTE
_RESERVED_SHARE = 20
_BLOCK = MEBIBYTE
_FORGOTTEN = date(1970, 1, 1)
_DAY_NS = 24 * 3600 * 10**9


class Uploads:
    """Implements ``ports.Uploads`` beside a blob store, on the same file system. Safe between threads and processes."""

    def __init__(
        self, blobs: BlobStore, random: RandomBytes = os.urandom, clock: Callable[[], float] = time.time
    ) -> None:
        self._blobs = blobs
        self._directory = blobs.directory / "uploads"
        self._random = random
        self._clock = clock

    def received(self, upload: str) -> int:
        """Bytes so far, 0 for one that is not there."""
        try:
            found = self._path(upload).stat()
        except FileNotFoundError:
            return 0
        return _standing(found)

    def append(
        self, upload: str, offset: int, length: int, read: Callable[[int], bytes], on: date, *, quota: int
    ) -> int:
        """Take a part and give the new total; see ``ports.Uploads``.

        What comes from afar, perhaps slowly and perhaps not to its end, is first received into a file without a name.
        Only a whole part is held against the upload, under its lock, so that nobody waits for a stranger's connection.
        """
        self.make_room(length, quota)
        try:
            with refused_when_full(), tempfile.TemporaryFile(dir=self._directory, buffering=0) as part:
                _receive(read, part, length)
                with self._locked(upload, create=offset == 0) as descriptor:
                    if descriptor is None:
                        raise _part_missing()
                    os.ftruncate(descriptor, _standing(os.fstat(descriptor)))
                    try:
                        return _merge(descriptor, part, offset, length)
                    finally:
                        set_times(descriptor, on)
        finally:
            self.forget_when()

    def remove(self, upload: str) -> None:
        """Remove an upload, if it is there. Whoever is just taking it has it first."""
        with self._locked(upload, create=False):
            self._unlink(self._path(upload))

    def begin(self, on: date, *, quota: int) -> WaitingFile:
        """A new upload for the server's own sealing. Raises StorageFull."""
        return NewUpload(self, self._random(16).hex(), on, quota)

    def take(self, upload: str, on: date) -> str:
        """Make an upload a blob, durable when this returns. Raises UploadUnknown, StorageFull."""
        with refused_when_full(), self._locked(upload, create=False) as descriptor:
            if descriptor is None:
                raise upload_unknown()
            set_times(descriptor, on)
            os.fsync(descriptor)
            try:
                return self._blobs.link(self._path(upload), on)
            except FileNotFoundError:
                # Swept at this very moment, after a day.
                raise upload_unknown() from None

    def release(self, blob_id: str) -> None:
        """Remove a blob that was taken and that no transaction named."""
        self._blobs.remove(blob_id)

    def open(self, blob_id: str) -> BinaryIO:
        """A blob's sealed bytes. Raises FileNotFoundError when it is gone."""
        return self._blobs.open(blob_id)

    def sweep(self) -> int:
        """Remove what has not been touched for a day; how many."""
        return sum(self._unlink(path) for path, found in self._waiting() if self._is_idle(found, IDLE_SECONDS))

    def make_room(self, size: int, quota: int) -> None:
        """Return if so many more bytes may wait. Raises StorageFull, after idle uploads went.

        Parts that arrive at the same moment may pass together: the bound is exceeded by them at most.
        """
        make_private(self._blobs.directory)
        make_private(self._directory)
        standing = list(self._waiting())
        disk = os.statvfs(self._directory)
        # The last of the disk belongs to the database: a full one could not even take a case without files.
        reserved = min(_MOST_RESERVED, disk.f_blocks * disk.f_frsize // _RESERVED_SHARE)
        too_many = sum(_charge(found) for _, found in standing) + size - quota
        too_little = size + reserved - disk.f_bavail * disk.f_frsize
        idle = [(found.st_ctime, path, found) for path, found in standing if self._is_idle(found, IDLE_WHEN_FULL)]
        for _, path, found in sorted(idle, key=lambda each: each[0]):
            if too_many <= 0 and too_little <= 0:
                break
            self._unlink(path)
            too_many -= _charge(found)
            too_little -= found.st_size
        if too_many > 0 or too_little > 0:
            raise disk_full()

    def path_of_new(self, upload: str) -> Path:
        """Where a new upload of the server's own goes."""
        return self._path(upload)

    def forget_when(self) -> None:
        """Take from the folder when something in it changed."""
        set_times(self._directory, _FORGOTTEN)

    def _waiting(self) -> Iterator[tuple[Path, os.stat_result]]:
        if not self._directory.exists():
            return
        with os.scandir(self._directory) as entries:
            for entry in entries:
                try:
                    yield Path(entry.path), entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue

    def _is_idle(self, found: os.stat_result, seconds: int) -> bool:
        return found.st_ctime < self._clock() - seconds

    def _unlink(self, path: Path) -> bool:
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        self.forget_when()
        return True

    @contextmanager
    def _locked(self, upload: str, *, create: bool) -> Iterator[int | None]:
        """A descriptor of the upload's file that nobody else holds at the same time; None when it is not there.

        A file that this made and into which nothing came is gone afterwards.
        """
        path = self._path(upload)
        while True:
            try:
                descriptor = open_without_a_trace(path, os.O_RDWR | (os.O_CREAT if create else 0))
            except FileNotFoundError:
                yield None
                return
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if os.fstat(descriptor).st_nlink:
                    try:
                        yield descriptor
                    finally:
                        found = os.fstat(descriptor)
                        if found.st_nlink and not found.st_size:
                            self._unlink(path)
                    return
            finally:
                os.close(descriptor)
            # Removed while this waited for the lock: what stands there now, if anything, is another file.

    def _path(self, upload: str) -> Path:
        return self._directory / f"{hashlib.sha256(upload.encode()).hexdigest()[:32]}.part"


class NewUpload:
    """Implements ``ports.WaitingFile``: written by this process alone, under an id that nobody else knows yet."""

    def __init__(self, uploads: Uploads, upload: str, on: date, quota: int) -> None:
        self.upload = upload
        self._uploads = uploads
        self._on = on
        self._quota = quota
        self._room = 0
        self._size = 0
        self._make_room()
        with refused_when_full():
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            self._descriptor: int | None = os.open(uploads.path_of_new(upload), flags, 0o600)

    def write(self, content: bytes, /) -> int:
        """Append sealed bytes. Raises StorageFull, ValueError once kept or discarded."""
        if self._descriptor is None:
            raise ValueError("write to a closed upload")
        if self._size + len(content) > self._room:
            self._make_room()
        with refused_when_full():
            _write_all(self._descriptor, content, self._size)
        self._size += len(content)
        return len(content)

    def keep(self) -> int:
        """Finish and give the size in bytes."""
        if self._descriptor is not None:
            set_times(self._descriptor, self._on)
            self._close()
            self._uploads.forget_when()
        return self._size

    def discard(self) -> None:
        """Leave nothing behind, whether it was kept or not."""
        self._close()
        self._uploads.remove(self.upload)

    def _make_room(self) -> None:
        # A part at a time, as for those that come in parts: looking at the folder for each chunk would be slow.
        self._uploads.make_room(PART_SIZE, self._quota)
        self._room += PART_SIZE

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _charge(found: os.stat_result) -> int:
    return max(found.st_size, _LEAST_CHARGE)


def _standing(found: os.stat_result) -> int:
    """The bytes that count: a part stands once the file's time is set. Before, it is being added, or nobody goes on."""
    return found.st_size // PART_SIZE * PART_SIZE if found.st_mtime_ns % _DAY_NS else found.st_size


def _part_missing() -> PartMissing:
    return PartMissing(N_("En tidigare del av filen saknas på servern."), field="files")


def _receive(read: Callable[[int], bytes], part: BinaryIO, length: int) -> None:
    missing = length
    while missing:
        block = read(min(missing, _BLOCK))
        if not block:
            raise Invalid(N_("Anslutningen bröts innan hela delen hade kommit fram."), field="files")
        _write_all(part.fileno(), block, length - missing)
        missing -= len(block)


def _merge(descriptor: int, part: BinaryIO, offset: int, length: int) -> int:
    """Hold a part against what stands, append what is new, and give the new size."""
    standing = os.fstat(descriptor)
    if offset > standing.st_size:
        raise _part_missing()
    place = 0
    known = min(standing.st_size - offset, length)
    differs = PartDiffers(N_("Delen skiljer sig från den som kom förut."), field="files")
    while place < known:
        block = os.pread(part.fileno(), min(_BLOCK, known - place), place)
        if os.pread(descriptor, len(block), offset + place) != block:
            raise differs
        place += len(block)
    if place < length and standing.st_nlink > 1:
        # It has been handed in as whole, and its bytes are the blob's.
        raise differs
    try:
        while place < length:
            block = os.pread(part.fileno(), _BLOCK, place)
            _write_all(descriptor, block, offset + place)
            place += len(block)
    except BaseException:
        os.ftruncate(descriptor, standing.st_size)
        raise
    return max(standing.st_size, offset + length)


def _write_all(descriptor: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
