"""Sealed files on their way in, on a real folder; what comes is random bytes, as sealed ones are."""

from __future__ import annotations

import io
import os
import resource
import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tipportal.domain.errors import Invalid, PartDiffers, PartMissing, StorageFull, UploadUnknown
from tipportal.domain.files import MEBIBYTE, PART_SIZE
from tipportal.storage.blobs import BlobStore
from tipportal.storage.uploads import IDLE_SECONDS, IDLE_WHEN_FULL, Uploads

DAY = date(2026, 3, 2)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
PLENTY = 64 * MEBIBYTE
ID, OTHER = "a1" * 16, "b2" * 16
CONTENT = os.urandom(PART_SIZE + 70_000)


class Clock:
    """This machine's clock, as far on as a test wants it: the kernel's change times cannot be set back."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def uploads(tmp_path: Path, clock: Clock) -> Uploads:
    return Uploads(BlobStore(tmp_path), clock=clock)


def send(uploads: Uploads, upload: str, content: bytes, offset: int = 0, *, quota: int = PLENTY) -> int:
    return uploads.append(upload, offset, len(content), io.BytesIO(content).read, DAY, quota=quota)


def send_all(uploads: Uploads, upload: str = ID, content: bytes = CONTENT) -> None:
    for offset in range(0, len(content), PART_SIZE):
        send(uploads, upload, content[offset : offset + PART_SIZE], offset)


def files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def content_of(uploads: Uploads, upload: str = ID) -> bytes:
    if not uploads.received(upload):
        return b""
    blob_id = uploads.take(upload, DAY)
    with uploads.open(blob_id) as stream:
        content = stream.read()
    uploads.release(blob_id)
    return content


def test_parts_become_the_file_and_its_folder_tells_the_date_only(uploads: Uploads, tmp_path: Path) -> None:
    assert uploads.received(ID) == 0
    assert send(uploads, ID, CONTENT[:PART_SIZE]) == PART_SIZE == uploads.received(ID)
    assert send(uploads, ID, CONTENT[PART_SIZE:], PART_SIZE) == len(CONTENT)
    assert content_of(uploads) == CONTENT

    (file,) = files(tmp_path)
    assert file.parent == tmp_path / "uploads"
    assert ID not in file.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (file.stat().st_mtime, file.stat().st_atime) == (MIDNIGHT, MIDNIGHT)
    assert file.parent.stat().st_mtime == 0


@pytest.mark.parametrize("standing", [None, 0o755])
def test_the_folders_are_their_owner_s_alone_also_where_they_were_not(tmp_path: Path, standing: int | None) -> None:
    blobs = tmp_path / "data" / "blobs"
    if standing:
        (blobs / "uploads").mkdir(parents=True)
        for folder in (blobs, blobs / "uploads"):
            folder.chmod(standing)
    uploads = Uploads(BlobStore(blobs))
    send_all(uploads)
    blob_id = uploads.take(ID, DAY)
    for folder in (blobs, blobs / "uploads", blobs / blob_id[:2]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_part_may_come_again_but_not_with_other_content(uploads: Uploads) -> None:
    send_all(uploads)
    assert send(uploads, ID, CONTENT[:PART_SIZE]) == len(CONTENT)
    assert send(uploads, ID, CONTENT[PART_SIZE:], PART_SIZE) == len(CONTENT)

    for offset, end in ((0, PART_SIZE), (PART_SIZE, len(CONTENT))):
        changed = CONTENT[offset : end - 1] + bytes([CONTENT[end - 1] ^ 1])
        with pytest.raises(PartDiffers):
            send(uploads, ID, changed, offset)
    assert content_of(uploads) == CONTENT


def test_a_part_that_begins_too_late_is_refused(uploads: Uploads, tmp_path: Path) -> None:
    with pytest.raises(PartMissing):
        send(uploads, ID, b"later", PART_SIZE)
    assert files(tmp_path) == []
    send(uploads, ID, CONTENT[:PART_SIZE])
    with pytest.raises(PartMissing):
        send(uploads, ID, b"later still", 2 * PART_SIZE)
    assert uploads.received(ID) == PART_SIZE


def _breaking(content: bytes) -> Callable[[int], bytes]:
    stream = io.BytesIO(content)

    def read(size: int) -> bytes:
        return stream.read(size) or _reset()

    return read


def _reset() -> bytes:
    raise ConnectionResetError


@pytest.mark.parametrize("standing", [0, PART_SIZE])
def test_a_part_that_breaks_off_leaves_what_stood_before(uploads: Uploads, tmp_path: Path, standing: int) -> None:
    if standing:
        send(uploads, ID, CONTENT[:standing])
    part = CONTENT[standing:][:PART_SIZE]
    with pytest.raises(Invalid):
        uploads.append(ID, standing, len(part), io.BytesIO(part[:-1]).read, DAY, quota=PLENTY)
    with pytest.raises(ConnectionResetError):
        uploads.append(ID, standing, len(part), _breaking(part[:-1]), DAY, quota=PLENTY)
    assert content_of(uploads) == CONTENT[:standing]
    assert len(files(tmp_path)) == bool(standing)
    assert send(uploads, ID, part, standing) == standing + len(part)


@pytest.mark.parametrize("again", [False, True])
def test_what_a_stopped_machine_left_of_a_part_does_not_count(uploads: Uploads, tmp_path: Path, again: bool) -> None:  # noqa: FBT001 - a parameter
    send(uploads, ID, CONTENT[:PART_SIZE])
    (file,) = files(tmp_path)
    with file.open("ab") as stream:
        # Not even what should have been written there need be on the disk.
        stream.write(bytes(1000))
    # Whoever asks where to go on is never sent into the middle of a part.
    assert uploads.received(ID) == PART_SIZE
    if again:
        assert send(uploads, ID, CONTENT[:PART_SIZE]) == PART_SIZE == uploads.received(ID)
    assert send(uploads, ID, CONTENT[PART_SIZE:], PART_SIZE) == len(CONTENT)
    assert content_of(uploads) == CONTENT


def test_one_part_from_four_at_once_is_there_once(uploads: Uploads) -> None:
    together = threading.Barrier(4)

    def one(_: int) -> int:
        together.wait()
        return send(uploads, ID, CONTENT[:PART_SIZE])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(4))) == [PART_SIZE] * 4
    assert content_of(uploads) == CONTENT[:PART_SIZE]


def test_two_contents_at_once_under_one_id_are_never_mixed(uploads: Uploads) -> None:
    contents = (CONTENT[:PART_SIZE], CONTENT[-PART_SIZE:])
    together = threading.Barrier(2)

    def one(content: bytes) -> int | None:
        together.wait()
        try:
            return send(uploads, ID, content)
        except PartDiffers:
            return None

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(one, contents))
    assert sorted(taken, key=str) == [PART_SIZE, None]
    assert content_of(uploads) == contents[taken.index(PART_SIZE)]


def test_somebody_who_sends_slowly_holds_nobody_up(uploads: Uploads) -> None:
    arrived, go_on = threading.Event(), threading.Event()
    stream = io.BytesIO(CONTENT[:PART_SIZE])

    def slowly(size: int) -> bytes:
        arrived.set()
        go_on.wait(10)
        return stream.read(size)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(uploads.append, ID, 0, PART_SIZE, slowly, DAY, quota=PLENTY)
        assert arrived.wait(10)
        send_all(uploads)
        go_on.set()
        assert slow.result(10) == len(CONTENT)
    assert content_of(uploads) == CONTENT


def test_removed_is_gone_and_removing_again_is_nothing(uploads: Uploads, tmp_path: Path) -> None:
    send_all(uploads)
    uploads.remove(ID)
    uploads.remove(ID)
    assert (uploads.received(ID), content_of(uploads), files(tmp_path)) == (0, b"", [])


def test_taken_it_is_a_blob_under_a_random_name_with_the_date(uploads: Uploads, tmp_path: Path) -> None:
    send_all(uploads)
    blob_id = uploads.take(ID, DAY)

    blob = tmp_path / blob_id[:2] / f"{blob_id}.age"
    with uploads.open(blob_id) as stream:
        assert stream.read() == CONTENT
    assert blob.stat().st_nlink == 2
    for path in (blob, blob.parent):
        assert path.stat().st_mtime == MIDNIGHT
    assert blob.stat().st_atime == MIDNIGHT
    uploads.remove(ID)
    assert files(tmp_path) == [blob]
    uploads.release(blob_id)
    uploads.release(blob_id)
    assert files(tmp_path) == []
    assert blob.parent.stat().st_mtime == MIDNIGHT


def test_what_was_taken_cannot_be_written_any_more(uploads: Uploads) -> None:
    send(uploads, ID, CONTENT[:PART_SIZE])
    blob_id = uploads.take(ID, DAY)
    with pytest.raises(PartDiffers):
        send(uploads, ID, CONTENT[PART_SIZE:], PART_SIZE)
    # What was sent before may still be asked about, and a given up attempt goes on.
    assert send(uploads, ID, CONTENT[:PART_SIZE]) == PART_SIZE
    uploads.release(blob_id)
    assert send(uploads, ID, CONTENT[PART_SIZE:], PART_SIZE) == len(CONTENT)


def test_nothing_is_taken_that_is_not_there(uploads: Uploads) -> None:
    for upload in (ID, "", "../../etc/passwd", "\0"):
        with pytest.raises(UploadUnknown):
            uploads.take(upload, DAY)
    with pytest.raises(FileNotFoundError):
        uploads.open("00" * 16)


def test_together_they_take_no_more_than_the_quota(uploads: Uploads, tmp_path: Path) -> None:
    send(uploads, ID, CONTENT[:PART_SIZE], quota=2 * PART_SIZE)
    send(uploads, OTHER, CONTENT[:PART_SIZE], quota=2 * PART_SIZE)
    for upload, offset in ((ID, PART_SIZE), ("c3" * 16, 0)):
        with pytest.raises(StorageFull):
            send(uploads, upload, b"one byte more", offset, quota=2 * PART_SIZE)
    assert len(files(tmp_path)) == 2


def test_a_crowd_of_tiny_ones_is_counted_as_more(uploads: Uploads) -> None:
    for number in range(4):
        send(uploads, f"{number:032x}", b"tiny", quota=MEBIBYTE)
    with pytest.raises(StorageFull):
        send(uploads, ID, b"tiny", quota=MEBIBYTE)


def test_where_there_is_no_room_the_idle_go_first(uploads: Uploads, clock: Clock) -> None:
    send(uploads, ID, CONTENT[:PART_SIZE], quota=2 * PART_SIZE)
    clock.ahead = IDLE_WHEN_FULL - 60
    with pytest.raises(StorageFull):
        send(uploads, OTHER, CONTENT[:PART_SIZE], quota=PART_SIZE)
    clock.ahead = IDLE_WHEN_FULL + 60
    assert send(uploads, OTHER, CONTENT[:PART_SIZE], quota=PART_SIZE) == PART_SIZE
    assert uploads.received(ID) == 0


def test_what_nobody_touched_for_a_day_is_swept_whatever_its_times_say(
    uploads: Uploads, clock: Clock, tmp_path: Path
) -> None:
    send_all(uploads)
    blob_id = uploads.take(ID, DAY)
    assert uploads.sweep() == 0
    clock.ahead = IDLE_SECONDS + 60
    assert uploads.sweep() == 1
    assert uploads.sweep() == 0
    assert [path.stem for path in files(tmp_path)] == [blob_id]


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A limit that the kernel itself holds this process to, as it would to the end of the disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [MEBIBYTE, PART_SIZE + 4096])
def test_a_full_disk_is_refused_and_leaves_what_stood_before(uploads: Uploads, tmp_path: Path, limit: int) -> None:
    part, rest = CONTENT[:PART_SIZE], CONTENT[PART_SIZE:]
    full_in_the_first = limit < PART_SIZE
    with files_no_larger_than(limit):
        if full_in_the_first:
            with pytest.raises(StorageFull):
                send(uploads, ID, part)
        else:
            send(uploads, ID, part)
            # Received whole, since each part is shorter than the limit, and then there is no room for all of it.
            with pytest.raises(StorageFull):
                send(uploads, ID, rest, PART_SIZE)
    assert uploads.received(ID) == (0 if full_in_the_first else PART_SIZE)
    assert len(files(tmp_path)) == (0 if full_in_the_first else 1)
    assert {path.stat().st_mtime for path in files(tmp_path)} <= {MIDNIGHT}
    send_all(uploads)
    assert content_of(uploads) == CONTENT


def test_the_server_s_own_file_is_kept_or_leaves_nothing(uploads: Uploads, tmp_path: Path) -> None:
    kept, given_up = (uploads.begin(DAY, quota=PLENTY) for _ in range(2))
    for waiting in (kept, given_up):
        waiting.write(CONTENT[:1000])
        waiting.write(CONTENT[1000:])
    assert kept.keep() == kept.keep() == len(CONTENT)
    given_up.discard()
    given_up.discard()
    with pytest.raises(ValueError, match="closed"):
        kept.write(b"more")

    assert content_of(uploads, kept.upload) == CONTENT
    (file,) = files(tmp_path)
    assert (file.stat().st_mtime, file.stat().st_atime) == (MIDNIGHT, MIDNIGHT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.parent.stat().st_mtime == 0
    kept.discard()
    assert files(tmp_path) == []


def test_the_server_s_own_file_meets_the_quota_and_the_end_of_the_disk(uploads: Uploads, tmp_path: Path) -> None:
    with pytest.raises(StorageFull):
        uploads.begin(DAY, quota=PART_SIZE - 1)
    waiting = uploads.begin(DAY, quota=PART_SIZE + 4096)
    waiting.write(CONTENT[:PART_SIZE])
    with pytest.raises(StorageFull):
        waiting.write(CONTENT[PART_SIZE:])
    waiting.discard()
    with files_no_larger_than(MEBIBYTE):
        waiting = uploads.begin(DAY, quota=PLENTY)
        with pytest.raises(StorageFull):
            waiting.write(CONTENT)
        waiting.discard()
    assert files(tmp_path) == []
