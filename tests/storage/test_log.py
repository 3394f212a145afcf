from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from pymerkle import InmemoryTree

from tests.storage import samples
from tests.storage.raw import execute, refused, rows, statements
from tipportal.domain.handlinglog import EntryKind, leaf_hash, pending_bytes, root_of_leaves
from tipportal.domain.ports import UnitOfWork
from tipportal.storage import Database

REFERENCE = "AAA-000001"


def _append(database: Database, count: int) -> None:
    with database.write() as uow:
        for number in range(count):
            assert uow.log.append(samples.entry(time=number)) == uow.log.size() - 1


def _all(uow: UnitOfWork) -> list[bytes]:
    return [data for _, data in uow.log.entries()]


def test_the_tree_is_that_of_an_independent_library(database: Database) -> None:
    other = InmemoryTree(algorithm="sha256")
    for size in range(1, 40):
        _append(database, 1)
        with database.read() as uow:
            newest = next(data for _, data in uow.log.entries(size - 1))
            other.append_entry(newest)
            assert uow.log.size() == size
            assert uow.log.root() == other.get_root(size)
    with database.read() as uow:
        assert uow.log.root() == root_of_leaves(map(leaf_hash, _all(uow)))
        assert uow.log.node(0, 3) == leaf_hash(_all(uow)[3])
        with pytest.raises(LookupError):
            uow.log.node(1, 19)
        with pytest.raises(LookupError):
            uow.log.node(0, 39)


def test_an_empty_log_has_a_root(database: Database) -> None:
    with database.read() as uow:
        assert uow.log.size() == 0
        assert uow.log.root() == root_of_leaves([])
        assert _all(uow) == []


def test_entries_are_streamed_by_index(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tipportal.storage.log.CHUNK", 7)
    _append(database, 30)
    with database.read() as uow:
        assert [index for index, _ in uow.log.entries()] == list(range(30))
        assert [index for index, _ in uow.log.entries(5, 20)] == list(range(5, 20))
        assert [index for index, _ in uow.log.entries(28, 99)] == [28, 29]
        assert [json.loads(data)["index"] for _, data in uow.log.entries(0, 9)] == list(range(9))


def test_the_entry_goes_with_the_act(database: Database) -> None:
    def fail_late() -> None:
        with database.write() as uow:
            uow.log.append(samples.entry())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    with database.read() as uow:
        assert uow.log.size() == 0


def test_a_source_s_entries_join_before_the_first_act_on_the_case_in_hash_order(database: Database) -> None:
    waiting = [
        samples.entry(kind, REFERENCE, samples.DAY)
        for kind in (EntryKind.CASE_RECEIVED, EntryKind.CASE_ACKNOWLEDGED, EntryKind.SOURCE_MESSAGE_RECEIVED)
    ]
    other = samples.entry(EntryKind.CASE_RECEIVED, "BBB-000002", samples.DAY)
    with database.write() as uow:
        for entry in (*waiting, other):
            uow.log.append_pending(entry)
        assert uow.log.size() == 0
    with database.write() as uow:
        assert uow.log.append(samples.entry(EntryKind.SIGNED_IN)) == 0
        assert uow.log.append(samples.entry(EntryKind.OPENED, REFERENCE)) == 4
        assert uow.log.append(samples.entry(EntryKind.OPENED, REFERENCE)) == 5
    with database.read() as uow:
        kinds = [json.loads(data)["kind"] for data in _all(uow)]
        by_hash = sorted(waiting, key=lambda entry: leaf_hash(pending_bytes(entry)))
        assert kinds == ["signed_in", *(entry.kind.value for entry in by_hash), "opened", "opened"]
        assert uow.log.entries_of_case(REFERENCE) == _all(uow)[1:]
        assert uow.log.entries_of_case("BBB-000002") == []
        assert uow.log.root() == root_of_leaves(map(leaf_hash, _all(uow)))
    assert [row.case_reference for row in rows(database, "SELECT case_reference FROM pending_entries")] == [
        "BBB-000002"
    ]


def test_the_night_joins_what_is_older_than_the_day(database: Database) -> None:
    tomorrow = samples.DAY + timedelta(days=1)
    with database.write() as uow:
        for number in range(20):
            day = samples.DAY if number % 2 else tomorrow
            uow.log.append_pending(samples.entry(EntryKind.CASE_RECEIVED, f"AAA-{number:06d}", day))
        assert uow.log.fold_pending(before=samples.DAY) == 0
        assert uow.log.fold_pending(before=tomorrow) == 10
        assert uow.log.fold_pending(before=tomorrow) == 0
        assert uow.log.fold_pending(before=tomorrow, case="AAA-000000") == 0
        assert uow.log.fold_pending() == 10
        assert uow.log.size() == 20
        assert uow.log.root() == root_of_leaves(map(leaf_hash, _all(uow)))


def test_a_pending_entry_has_a_date_only(database: Database) -> None:
    with database.write() as uow, pytest.raises(ValueError, match="date"):
        uow.log.append_pending(samples.entry(time=samples.NOW))


def test_eight_writers_at_once_lose_nothing(database: Database) -> None:
    faults: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(40):
                with database.write() as uow:
                    uow.log.append(samples.entry(time=writer * 1000 + number))
        except BaseException as fault:  # noqa: BLE001 - whatever it is, the test has to show it
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.read() as uow:
        entries = list(uow.log.entries())
        assert [index for index, _ in entries] == list(range(320))
        assert uow.log.root() == root_of_leaves(leaf_hash(data) for _, data in entries)


def test_two_programs_at_once_lose_nothing(database: Database, database_url: str) -> None:
    # Another Database is another process's: only the database itself makes them queue.
    with_others = [database, *(Database(database_url, database._blobs._directory) for _ in range(3))]  # noqa: SLF001
    faults: list[BaseException] = []

    def write(own: Database) -> None:
        try:
            for number in range(20):
                with own.write() as uow:
                    uow.log.append(samples.entry(time=number))
        except BaseException as fault:  # noqa: BLE001 - as above
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(own,)) for own in with_others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in with_others[1:]:
        own.close()
    assert faults == []
    with database.read() as uow:
        assert uow.log.root() == root_of_leaves(map(leaf_hash, _all(uow)))
        assert uow.log.size() == 80


def test_the_log_takes_no_change(database: Database) -> None:
    _append(database, 4)
    for table in ("log_entries", "log_nodes"):
        assert refused(database, f"UPDATE {table} SET organisation_id = 'x'") == "log_append_only"  # noqa: S608 - a name of ours
        assert refused(database, f"DELETE FROM {table}") == "log_append_only"  # noqa: S608 - a name of ours
        assert refused(database, f"DELETE FROM {table} WHERE position = 0") == "log_append_only"  # noqa: S608 - a name of ours
        if statements(database) == "postgresql":
            assert refused(database, f"TRUNCATE {table}") == "log_append_only"
            assert refused(database, f"TRUNCATE {table} CASCADE") == "log_append_only"


def test_the_log_takes_no_gap_and_no_second_entry_at_an_index(database: Database) -> None:
    _append(database, 4)
    hash_ = "x'" + "00" * 32 + "'" if statements(database) == "sqlite" else rf"'\x{'00' * 32}'"
    for position in (-1, 0, 3, 5):
        insert = f"INTO log_entries (position, leaf, data) VALUES ({position}, {hash_}, {hash_})"
        assert refused(database, f"INSERT {insert}") == "log_dense"
        if statements(database) == "sqlite":
            assert refused(database, f"INSERT OR REPLACE {insert}") == "log_dense"
            assert refused(database, f"REPLACE {insert}") == "log_dense"
    node = f"INTO log_nodes (level, position, hash) VALUES (1, 0, {hash_})"
    assert refused(database, f"INSERT {node}") == "log_append_only"
    if statements(database) == "sqlite":
        assert refused(database, f"INSERT OR REPLACE {node}") == "log_append_only"
        # A connection that forgot recursive_triggers is refused as well.
        assert refused(database, "PRAGMA recursive_triggers = OFF", f"REPLACE {node}") == "log_append_only"
    assert refused(database, f"INSERT INTO log_entries (position, leaf, data) VALUES (4, {hash_}, {hash_})") is None  # noqa: S608 - a number of ours


def test_an_entry_outlives_what_it_tells_of(database: Database) -> None:
    with database.write() as uow:
        uow.log.append(samples.entry(case_reference="never-existed"))
    execute(database, "DELETE FROM organisations")
    with database.read() as uow:
        assert len(uow.log.entries_of_case("never-existed")) == 1
