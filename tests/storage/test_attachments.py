"""Files that records attach: rows and blobs together, whatever stops in between."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest

from tests.storage import samples
from tests.storage.raw import rows
from tipportal.domain.cases import RecordKind, StoredRecord, Stream
from tipportal.domain.errors import StorageFull, UploadUnknown
from tipportal.domain.files import AttachedFile
from tipportal.storage import Database, StorageFault
from tipportal.storage.blobs import ORPHAN_SECONDS
from tipportal.storage.rows import metadata

CASE = samples.case()
ID = "a1" * 16
CONTENT = os.urandom(6000)
LATER = int(time.time()) + 2 * ORPHAN_SECONDS


@pytest.fixture
def report(town: Database) -> StoredRecord:
    with town.write() as uow:
        return samples.submit(uow, CASE)[1]


def send(town: Database, upload: str = ID) -> None:
    read = io.BytesIO(CONTENT).read
    town.uploads.append(upload, 0, len(CONTENT), read, samples.DAY, quota=1 << 30)


def file_of(record: StoredRecord, blob_id: str, position: int = 0) -> AttachedFile:
    return AttachedFile("o1", record.case_id, record.stream, record.seq, position, blob_id, len(CONTENT))


def attach(town: Database, record: StoredRecord, upload: str = ID) -> AttachedFile:
    """What a use case does, but for removing the upload: as if the machine had stopped right before."""
    send(town, upload)
    file = file_of(record, town.uploads.take(upload, samples.DAY))
    with town.write() as uow:
        uow.attachments.add([(file, upload)])
    return file


def on_disk(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file())


def test_files_are_found_by_their_place_and_counted(town: Database, report: StoredRecord) -> None:
    with town.write() as uow:
        message = samples.record(CASE, Stream.DIALOGUE, RecordKind.MESSAGE, report)
        facts = uow.cases.last_record(CASE.id, Stream.WORK)
        note = samples.record(CASE, Stream.WORK, RecordKind.NOTE, facts, author="h1")
        uow.cases.add_records([message, note])
        made = [samples.attached(record, position) for record in (note, message, report) for position in (1, 0)]
        assert uow.attachments.kept_bytes(CASE.id) == 0
        uow.attachments.add([])
        uow.attachments.add(made)
    files = sorted((file for file, _ in made), key=lambda file: (file.stream, file.seq, file.position))
    with town.read() as uow:
        assert uow.attachments.of_case(CASE.id, list(Stream)) == files
        assert uow.attachments.of_case(CASE.id, [Stream.WORK]) == files[-2:]
        assert uow.attachments.of_case("case-2", list(Stream)) == []
        assert uow.attachments.one(CASE.id, Stream.DIALOGUE, 1, 1) == files[3]
        assert uow.attachments.one(CASE.id, Stream.DIALOGUE, 1, 2) is None
        assert uow.attachments.one("case-2", Stream.DIALOGUE, 1, 1) is None
        assert uow.attachments.kept_bytes(CASE.id) == 6 * 5_755


def test_no_row_says_when_or_under_which_id_it_was_sent(town: Database, report: StoredRecord) -> None:
    attach(town, report)
    (row,) = rows(town, "SELECT * FROM attachments")
    assert {column.name for column in metadata.tables["attachments"].columns} == {
        "organisation_id", "case_id", "stream", "seq", "position", "blob_id", "upload_digest", "size",
    }  # fmt: skip
    assert ID.encode() not in repr(row).encode() + bytes(row.upload_digest)


def test_one_upload_is_handed_in_once(town: Database, report: StoredRecord, tmp_path: Path) -> None:
    first = attach(town, report)
    again = file_of(report, town.uploads.take(ID, samples.DAY), 1)
    with pytest.raises(UploadUnknown), town.write() as uow:
        uow.attachments.add([samples.attached(report, 2), (again, ID)])
    town.uploads.release(again.blob_id)
    with town.read() as uow:
        assert uow.attachments.of_case(CASE.id, list(Stream)) == [first]
    assert f"{first.blob_id}.age" in on_disk(tmp_path)


def test_a_file_hangs_on_a_record_that_is_there(town: Database, report: StoredRecord) -> None:
    file, upload = samples.attached(report, seq=7)
    with pytest.raises(StorageFault), town.write() as uow:
        uow.attachments.add([(file, upload)])


def test_rolled_back_the_blob_is_gone_and_the_upload_waits(
    town: Database, report: StoredRecord, tmp_path: Path
) -> None:
    send(town)
    waiting = on_disk(tmp_path)
    file = file_of(report, town.uploads.take(ID, samples.DAY))

    def fail() -> None:
        with town.write() as uow:
            uow.attachments.add([(file, ID)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert on_disk(tmp_path) == waiting
    assert attach(town, report).size == len(CONTENT)


@pytest.mark.parametrize("database_kind", ["sqlite"])  # PostgreSQL checks nothing at the commit that could fail there.
def test_a_commit_that_fails_leaves_the_blob_to_the_sweep(town: Database, report: StoredRecord, tmp_path: Path) -> None:
    send(town)
    file = file_of(report, town.uploads.take(ID, samples.DAY))

    def commit_what_cannot_be() -> None:
        with town.write() as uow:
            uow.attachments.add([(file, ID)])
            connection = uow.attachments._connection  # type: ignore[attr-defined] # noqa: SLF001 - as from outside
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            connection.exec_driver_sql("UPDATE attachments SET seq = 9")

    with pytest.raises(StorageFault):
        commit_what_cannot_be()
    assert f"{file.blob_id}.age" in on_disk(tmp_path)
    assert town.sweep_blobs(LATER) == 1


def test_stopped_between_link_and_commit_the_orphan_goes_and_the_upload_can_be_handed_in(
    town: Database, report: StoredRecord, tmp_path: Path
) -> None:
    send(town)
    orphan = town.uploads.take(ID, samples.DAY)
    kept = attach(town, report)
    town.uploads.remove(ID)
    assert town.sweep_blobs(int(time.time())) == 0
    assert town.sweep_blobs(LATER) == 1
    assert on_disk(tmp_path) == [f"{kept.blob_id}.age"]
    assert orphan != kept.blob_id
    with town.uploads.open(kept.blob_id) as stream:
        assert stream.read() == CONTENT


def test_stopped_between_commit_and_removal_the_file_stays_whole(
    town: Database, report: StoredRecord, tmp_path: Path
) -> None:
    kept = attach(town, report)
    # The upload is still there, and cannot change what it has become.
    assert len(on_disk(tmp_path)) == 2
    town.uploads.remove(ID)
    assert town.sweep_blobs(LATER) == 0
    with town.uploads.open(kept.blob_id) as stream:
        assert stream.read() == CONTENT


@pytest.mark.parametrize("database_kind", ["sqlite"])  # Its size can be limited for one connection.
def test_a_full_database_is_said_to_be_full(town: Database, report: StoredRecord) -> None:
    pages = rows(town, "PRAGMA page_count")[0][0]

    def fill() -> None:
        with town.write() as uow:
            connection = uow.attachments._connection  # type: ignore[attr-defined] # noqa: SLF001 - as from outside
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            last = report
            for _ in range(20):
                last = samples.record(CASE, Stream.DIALOGUE, RecordKind.MESSAGE, last)
                uow.cases.add_record(last)

    with pytest.raises(StorageFull):
        fill()
    with town.read() as uow:
        assert uow.cases.last_record(CASE.id, Stream.DIALOGUE) == report


@pytest.mark.parametrize("database_kind", ["sqlite"])  # As above.
def test_a_database_that_fills_up_in_the_middle_of_a_row_is_said_to_be_full(
    town: Database, report: StoredRecord
) -> None:
    pages = rows(town, "PRAGMA page_count")[0][0]
    large = samples.record(CASE, Stream.DIALOGUE, RecordKind.MESSAGE, report, size=60_000)

    def fill() -> None:
        with town.write() as uow:
            connection = uow.attachments._connection  # type: ignore[attr-defined] # noqa: SLF001 - as from outside
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
            uow.cases.add_record(large)

    with pytest.raises(StorageFull):
        fill()
    with town.read() as uow:
        assert uow.cases.last_record(CASE.id, Stream.DIALOGUE) == report
