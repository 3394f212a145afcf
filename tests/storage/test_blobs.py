from __future__ import annotations

import os
import stat
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.storage import samples
from tipportal.domain.cases import RecordKind, Stream
from tipportal.storage import Database
from tipportal.storage.blobs import ORPHAN_SECONDS, BlobStore, StagedBlobs

DAY = date(2026, 3, 2)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
# The change time is the kernel's: ages are judged against the machine's clock.
LATER = int(time.time()) + 2 * ORPHAN_SECONDS


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_random_name_with_the_date_only(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs", lambda size: bytes(range(size)))
    blob_id = store.write(b"sealed", DAY)
    assert blob_id == "000102030405060708090a0b0c0d0e0f"
    assert store.read(blob_id) == b"sealed"
    (file,) = _files(tmp_path)
    assert file == tmp_path / "blobs" / "00" / f"{blob_id}.age"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.stat().st_mtime == file.stat().st_atime == MIDNIGHT
    assert file.parent.stat().st_mtime == MIDNIGHT


def test_a_name_is_never_written_twice(tmp_path: Path) -> None:
    store = BlobStore(tmp_path, bytes)
    store.write(b"first", DAY)
    (tmp_path / "00" / f"{'00' * 16}.part").touch()
    with pytest.raises(FileExistsError):
        store.write(b"second", DAY)
    assert store.read("00" * 16) == b"first"


def test_a_full_disk_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, f"no space left on device {descriptor}")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "00").mkdir()
    with pytest.raises(OSError, match="no space"):
        BlobStore(tmp_path, bytes).write(b"sealed", DAY)
    assert _files(tmp_path) == []


def test_what_a_transaction_staged_is_discarded(tmp_path: Path) -> None:
    staged = StagedBlobs(BlobStore(tmp_path))
    kept = staged.write(b"kept", DAY)
    mark = staged.mark()
    staged.write(b"gone", DAY)
    staged.discard(mark)
    assert [path.read_bytes() for path in _files(tmp_path)] == [b"kept"]
    assert staged.read(kept) == b"kept"
    staged.discard()
    assert _files(tmp_path) == []


def test_a_file_that_is_gone_is_damage(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    blob_id = store.write(b"sealed", DAY)
    store.remove(blob_id)
    store.remove(blob_id)
    store.settle(blob_id, DAY)
    with pytest.raises(FileNotFoundError):
        store.read(blob_id)


def test_orphans_are_swept_after_a_day(town: Database, tmp_path: Path) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        large = samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, report, size=70_000)
        uow.cases.add_record(large)
    BlobStore(tmp_path / "blobs").write(b"orphan", DAY)
    (tmp_path / "blobs" / "ab").mkdir(exist_ok=True)
    (tmp_path / "blobs" / "ab" / "abandoned.part").touch()
    assert town.sweep_blobs(int(time.time())) == 0
    assert town.sweep_blobs(LATER) == 2
    assert town.sweep_blobs(LATER) == 0
    with town.read() as uow:
        assert uow.cases.last_record(case.id, Stream.DIALOGUE) == large


def test_there_is_nothing_to_sweep_before_the_first_file(database: Database) -> None:
    assert database.sweep_blobs(LATER) == 0
