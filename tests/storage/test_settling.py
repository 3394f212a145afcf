from __future__ import annotations

import os
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.storage import samples
from tests.storage.raw import execute, rows, statements
from tipportal.domain.cases import RecordKind, Stream
from tipportal.domain.errors import EpochClosed
from tipportal.storage import Database
from tipportal.storage.rows import metadata

TOMORROW = samples.DAY + timedelta(days=1)
TABLES = ("cases", "epochs", "grants", "records", "holdings", "attachments")


def _content(town: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables, but for the mark itself."""
    content: dict[str, list[tuple[object, ...]]] = {}
    for table in TABLES:
        names = [column.name for column in metadata.tables[table].columns if column.name != "settled"]
        found = rows(town, f"SELECT {', '.join(names)} FROM {table}")  # noqa: S608 - our own names
        content[table] = sorted((tuple(row) for row in found), key=repr)
    return content


def _unsettled(town: Database) -> int:
    return sum(
        len(rows(town, f"SELECT 1 FROM {table} WHERE NOT settled"))  # noqa: S608 - our own names
        for table in ("cases", "epochs", "records")
    )


@pytest.fixture
def busy_day(town: Database) -> Database:
    """Twenty submissions, each its own transaction, and handlers at work between them."""
    for number in range(20):
        case = samples.case(number)
        with town.write() as uow:
            _, report, facts = samples.submit(uow, case)
            uow.attachments.add([samples.attached(report)])
        with town.write() as uow:
            uow.cases.mark_read(case.id, "anna", 0)
            note = samples.record(case, Stream.WORK, RecordKind.NOTE, facts, author="h1")
            uow.cases.add_record(note)
            uow.attachments.add([samples.attached(note)])
            uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, report))
    return town


def test_settling_changes_no_content(busy_day: Database) -> None:
    before = _content(busy_day)
    with busy_day.write() as uow:
        assert uow.settle(samples.DAY, os.urandom) == 0
        # 20 × (case, epoch, 4 grants, 3 + 1 records of the source, 1 file of theirs, 2 holdings).
        assert uow.settle(TOMORROW, os.urandom) == 20 * 13
    assert _content(busy_day) == before
    assert _unsettled(busy_day) == 0


def test_settling_is_done_once(busy_day: Database) -> None:
    with busy_day.write() as uow:
        uow.settle(TOMORROW, os.urandom)
        assert uow.settle(TOMORROW, os.urandom) == 0
    with busy_day.write() as uow:
        case = samples.case(99, received_on=TOMORROW)
        samples.submit(uow, case)
        assert uow.settle(TOMORROW, os.urandom) == 0
        assert uow.settle(TOMORROW + timedelta(days=1), os.urandom) == 11


def test_a_new_message_in_an_old_case_is_settled_alone(busy_day: Database) -> None:
    case = samples.case(3)
    with busy_day.write() as uow:
        uow.settle(TOMORROW, os.urandom)
    with busy_day.write() as uow:
        last = uow.cases.last_record(case.id, Stream.DIALOGUE)
        uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, last))
    with busy_day.write() as uow:
        assert uow.settle(TOMORROW, os.urandom) == 1 + 2


def test_a_day_s_rows_are_settled_in_parts_too(busy_day: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tipportal.storage.settling.CASES_AT_A_TIME", 3)
    before = _content(busy_day)
    with busy_day.write() as uow:
        assert uow.settle(TOMORROW, os.urandom) == 20 * 13
    assert _content(busy_day) == before


def test_afterwards_the_day_s_rows_share_one_transaction(busy_day: Database) -> None:
    if statements(busy_day) != "postgresql":
        return
    by_source = {
        "cases": "true", "epochs": "true", "grants": "true", "holdings": "true", "records": "author = 'source'",
        "attachments": "stream = 'dialogue'",
    }  # fmt: skip

    def transactions() -> set[str]:
        return {
            row[0]
            for table, which in by_source.items()
            for row in rows(busy_day, f"SELECT DISTINCT xmin::text FROM {table} WHERE {which}")  # noqa: S608 - as above
        }

    assert len(transactions()) >= 20
    with busy_day.write() as uow:
        uow.settle(TOMORROW, os.urandom)
    assert len(transactions()) == 1
    # Nor do the values that PostgreSQL keeps in a table of their own tell more.
    for table in ("records", "epochs"):
        toast = rows(
            busy_day,
            f"SELECT reltoastrelid::regclass::text FROM pg_class WHERE oid = '{table}'::regclass",  # noqa: S608 - as above
        )[0][0]  # fmt: skip
        handlers = "SELECT 1 FROM records WHERE author <> 'source'"
        parts = rows(busy_day, f"SELECT DISTINCT xmin::text FROM {toast}")  # noqa: S608 - as above
        assert len(parts) <= 1 + len(rows(busy_day, handlers))
        if table == "epochs":
            assert len(parts) == 1


def _order(town: Database, path: Path) -> list[int]:
    """The cases in the order in which their report's bytes lie in the database file."""
    town.close()
    found = {row[0]: bytes(row[1]) for row in rows(town, "SELECT case_id, body FROM records WHERE kind = 'report'")}
    town.close()
    content = path.read_bytes()
    places = {}
    for case_id, body in found.items():
        # From the middle: what the overflow pages hold.
        place = content.find(body[3000:3100])
        assert place > 0
        places[int(re.sub(r"\D", "", case_id))] = place
    return sorted(places, key=places.__getitem__)


def test_afterwards_the_file_does_not_tell_the_order(busy_day: Database, tmp_path: Path) -> None:
    if statements(busy_day) != "sqlite":
        return
    path = tmp_path / "tipportal.sqlite3"
    execute(busy_day, "SELECT 1")
    busy_day._forget_journal()  # noqa: SLF001 - so that the file is whole
    before = _order(busy_day, path)
    # That it needs doing: rows lie where they came.
    assert before == sorted(before)
    with busy_day.write() as uow:
        uow.settle(TOMORROW, os.urandom)
    # The journal, which holds the day in its order, is empty as soon as the settling is done.
    assert path.with_name(path.name + "-wal").stat().st_size == 0
    after = _order(busy_day, path)
    assert after not in (sorted(after), sorted(after, reverse=True))
    moved = sum(abs(place - number) for place, number in enumerate(after))
    # The mean of a random order of 20 is 133; less than 40 would come once in millions.
    assert moved > 40


@pytest.mark.parametrize("database_kind", ["sqlite"])  # The other keeps no journal of this kind.
def test_the_journal_is_emptied_though_somebody_reads_meanwhile(busy_day: Database, tmp_path: Path) -> None:
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with busy_day.read() as uow:
            uow.installation_id()
            reading.set()
            done.wait(10)

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(10)
    threading.Timer(0.2, done.set).start()
    with busy_day.write() as uow:
        uow.settle(TOMORROW, os.urandom)
    assert (tmp_path / "tipportal.sqlite3-wal").stat().st_size == 0
    reader.join()


def test_settled_rows_are_held_to_the_same_rules(busy_day: Database) -> None:
    case = samples.case(3)
    with busy_day.write() as uow:
        uow.cases.close_epoch(case.id, 0)
        # Records of a closed epoch are settled as well, and none can be added.
        uow.settle(TOMORROW, os.urandom)
        last = uow.cases.last_record(case.id, Stream.DIALOGUE)
        with pytest.raises(EpochClosed):
            uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, last))
        assert uow.cases.for_holder(case.reference, "anna", samples.DAY) is not None


def test_a_settling_that_fails_changes_nothing(busy_day: Database) -> None:
    before = _content(busy_day)

    def fail_late() -> None:
        with busy_day.write() as uow:
            uow.settle(TOMORROW, os.urandom)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    assert _content(busy_day) == before
    assert _unsettled(busy_day) == 20 * 6


def test_large_files_carry_their_date_again(town: Database, tmp_path: Path) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, report, size=100_000))
    (file,) = (path for path in (tmp_path / "blobs").rglob("*.age"))
    midnight = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
    os.utime(file)
    os.utime(file.parent)
    with town.write() as uow:
        uow.settle(TOMORROW, os.urandom)
    for path in (file, file.parent):
        assert (path.stat().st_mtime, path.stat().st_atime) == (midnight, midnight)
