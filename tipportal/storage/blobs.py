"""Sealed files too large for a row: one file each under a random name, durable before the row that names it commits."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

from .faults import refused_when_full

ORPHAN_SECONDS = 24 * 3600
"""How long an unreferenced file is left alone: far longer than any transaction may last."""

_NAME_BYTES = 16


class BlobStore:
    """Files ``<directory>/ab/ab….age``. They hold age files only; this room never sees what is inside.

    Modification and access times are set to midnight UTC of the date, so that the folder does not tell when on that day
    something came. (The kernel's own change time cannot be set: what reads it can also read the disk's journal.)
    """

    def __init__(self, directory: Path, random: Callable[[int], bytes] = os.urandom) -> None:
        self._directory = directory
        self._random = random

    @property
    def directory(self) -> Path:
        """The folder of all files."""
        return self._directory

    def write(self, file: bytes, on: date) -> str:
        """Keep a file and give its random id. When this returns, file and folder entries are on the disk."""
        blob_id = self._random(_NAME_BYTES).hex()
        path = self._path(blob_id)
        self._make_folder(path.parent, on)
        temporary = path.with_suffix(".part")
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(file)
                stream.flush()
                set_times(temporary, on)
                os.fsync(stream.fileno())
            temporary.rename(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        _sync_directory(path.parent)
        set_times(path.parent, on)
        return blob_id

    def link(self, file: Path, on: date) -> str:
        """Give a file that is on the disk already, and whose times are set, a random id of its own; durable as above.

        It is the same file, not a copy: nothing may be written to it under its other name any more.
        """
        blob_id = self._random(_NAME_BYTES).hex()
        path = self._path(blob_id)
        self._make_folder(path.parent, on)
        path.hardlink_to(file)
        try:
            _sync_directory(path.parent)
        except OSError:
            path.unlink()
            raise
        set_times(path.parent, on)
        return blob_id

    def open(self, blob_id: str) -> BinaryIO:
        """The file with an id, to read piece by piece. Raises FileNotFoundError when it is gone."""
        return os.fdopen(open_without_a_trace(self._path(blob_id)), "rb")

    def read(self, blob_id: str) -> bytes:
        """The file with an id. Raises FileNotFoundError when it is gone: a row that names it is damage, not a case."""
        with self.open(blob_id) as stream:
            return stream.read()

    def remove(self, blob_id: str) -> None:
        """Remove a file whose row was not, or is no longer, kept."""
        path = self._path(blob_id)
        try:
            # Its own date: when something was given up is nobody's business either.
            midnight = path.stat().st_mtime
            path.unlink()
        except FileNotFoundError:
            return
        os.utime(path.parent, (midnight, midnight))

    def settle(self, blob_id: str, on: date) -> None:
        """Set a file's times, and its folder's, to the date again after somebody has read it."""
        path = self._path(blob_id)
        if path.exists():
            set_times(path, on)
            set_times(path.parent, on)

    def sweep(self, referenced: Collection[str], now: int) -> int:
        """Remove files that nothing references and that are older than a day at ``now`` (UTC seconds); how many.

        What is left behind when the machine stops between writing a file and committing its row. Age is judged by the
        change time, which is the only true one.
        """
        removed = 0
        if not self._directory.exists():
            return removed
        for path in sorted(self._directory.glob("??/*")):
            if path.stem not in referenced and path.stat().st_ctime < now - ORPHAN_SECONDS:
                path.unlink()
                removed += 1
        return removed

    def _make_folder(self, folder: Path, on: date) -> None:
        if not folder.exists():
            make_private(self._directory)
            make_private(folder)
            _sync_directory(self._directory)
            set_times(self._directory, on)

    def _path(self, blob_id: str) -> Path:
        return self._directory / blob_id[:2] / f"{blob_id}.age"


class StagedBlobs:
    """The files of one transaction: gone again when it rolls back."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._staged: list[str] = []
        self._dropped: list[str] = []

    def write(self, file: bytes, on: date) -> str:
        """Keep a file for this transaction and give its id. Raises StorageFull."""
        with refused_when_full():
            blob_id = self._store.write(file, on)
        self._staged.append(blob_id)
        return blob_id

    def adopt(self, blob_id: str) -> None:
        """From here on a file that is there already shares the transaction's fate."""
        self._staged.append(blob_id)

    def drop(self, blob_ids: Collection[str]) -> None:
        """Let files go with the transaction that deletes the rows naming them."""
        self._dropped.extend(blob_ids)

    def remove_dropped(self) -> None:
        """Remove them: called once the transaction has committed. What a stopped machine leaves, ``sweep`` finds."""
        for blob_id in self._dropped:
            self._store.remove(blob_id)
        self._dropped.clear()

    def read(self, blob_id: str) -> bytes:
        """The file with an id."""
        return self._store.read(blob_id)

    def settle(self, blob_id: str, on: date) -> None:
        """Set a file's times to its date again."""
        self._store.settle(blob_id, on)

    def mark(self) -> int:
        """A point to go back to: see ``discard``."""
        return len(self._staged)

    def discard(self, mark: int = 0) -> None:
        """Remove what was written since ``mark``."""
        for blob_id in self._staged[mark:]:
            self._store.remove(blob_id)
        del self._staged[mark:]


def open_without_a_trace(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a file so that reading it does not change when it was last read; new ones are their owner's alone."""
    # When somebody, perhaps the source, read the file is nobody's business either. Only its owner may ask for that.
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0), 0o600)
    except PermissionError:
        return os.open(path, flags, 0o600)


def make_private(folder: Path) -> None:
    """Make a folder, and whatever is missing above it, that its owner alone can read; also if it is there already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _sync_directory(directory: Path) -> None:
    # Without it a power cut can lose the name of a file whose content is safely on the disk.
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_times(path: Path | int, on: date) -> None:
    """Set modification and access time of a path or descriptor to midnight UTC of a date."""
    midnight = int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp())
    os.utime(path, (midnight, midnight))
