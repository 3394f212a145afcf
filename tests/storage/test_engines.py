from __future__ import annotations

import logging
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.storage import samples
from tests.storage.raw import settings, statements
from tipportal.domain.errors import Busy
from tipportal.storage import Database, StorageFault, engines


def test_what_is_acknowledged_is_on_the_disk(database: Database) -> None:
    if statements(database) == "postgresql":
        assert settings(database, "SHOW synchronous_commit", "SHOW fsync") == ["on", "off"]  # off: the test server
        return
    pragmas = [
        "synchronous", "journal_mode", "foreign_keys", "recursive_triggers", "secure_delete", "busy_timeout",
        "temp_store", "query_only",
    ]  # fmt: skip
    queries = [f"PRAGMA {pragma}" for pragma in pragmas]
    # The writer asks for its turn itself (below); the driver must not sleep in its place.
    assert settings(database, *queries) == [2, "wal", 1, 1, 1, 0, 2, 0]
    assert settings(database, *queries, reader=True) == [2, "wal", 1, 1, 1, 15_000, 2, 1]


def test_waiting_has_an_end(database: Database) -> None:
    if statements(database) == "sqlite":
        return
    limits = ["SHOW statement_timeout", "SHOW lock_timeout", "SHOW idle_in_transaction_session_timeout"]
    assert settings(database, *limits) == ["1min", "15s", "1min"]


def test_a_writer_of_another_process_is_waited_for(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if statements(database) != "sqlite":
        return
    monkeypatch.setattr(engines, "BUSY_SECONDS", 5)
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.rollback)
    release.start()
    with database.write() as uow:
        assert uow.installation_id() is None
    release.join()

    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.2)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy), database.write():
        pass
    other.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])  # Its turn is asked for past SQLAlchemy.
def test_a_writer_who_cannot_even_begin_is_refused_as_any_other(database: Database) -> None:
    def broken(driver: sqlite3.Connection, *_: object) -> None:
        driver.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)

    sa.event.listen(database._writer, "checkout", broken)  # noqa: SLF001 - what a damaged file would do
    with pytest.raises(StorageFault, match="SQLITE_AUTH"), database.write():
        pass


def test_reading_cannot_write(town: Database) -> None:
    with pytest.raises(StorageFault), town.read() as uow:
        uow.cases.add(samples.case())
    with town.read() as uow:
        assert uow.cases.by_lookup(samples.case().lookup_digest) is None


def test_reading_sees_one_state(town: Database) -> None:
    with town.read() as reading:
        assert reading.log.size() == 0
        with town.write() as writing:
            writing.log.append(samples.entry())
        assert reading.log.size() == 0
    with town.read() as reading:
        assert reading.log.size() == 1


def test_a_writer_queues_from_its_beginning(database_url: str, database: Database, tmp_path: Path) -> None:
    other = Database(database_url, tmp_path / "blobs")
    seen: list[int] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with other.write() as uow:
            # Read after the turn came: it sees what the first wrote, so nothing has to be tried again.
            seen.append(uow.log.size())

    with database.write() as uow:
        uow.log.append(samples.entry())
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait()
        thread.join(0.2)
        assert seen == []
    thread.join()
    other.close()
    assert seen == [1]


def test_a_writer_who_waits_too_long_is_told_to_come_back(
    database_url: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.1)
    pragmas = tuple(pragma.replace("15000", "100") for pragma in engines._SQLITE_PRAGMAS)  # noqa: SLF001 - no waiting here
    monkeypatch.setattr(engines, "_SQLITE_PRAGMAS", pragmas)
    other = Database(database_url, tmp_path / "blobs")
    with database.write() as uow:
        uow.installation_id()
        with pytest.raises(Busy), other.write():
            pass
    monkeypatch.setattr("tipportal.storage.database.BUSY_SECONDS", 0.1)
    with database.write(), pytest.raises(Busy), database.write():
        pass
    with other.write() as uow:
        uow.log.append(samples.entry())
    other.close()


def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data" / "tipportal.sqlite3"
    database = Database(f"sqlite:///{path}", tmp_path / "blobs")
    with database.write():
        for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            assert stat.S_IMODE(name.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_another_kind_of_database_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="database URL"):
        Database(url, tmp_path)


def test_the_driver_is_ours_to_choose() -> None:
    assert engines.normalised("postgresql://u@h/d").drivername == "postgresql+psycopg"
    assert engines.normalised("postgresql+psycopg://u@h/d").drivername == "postgresql+psycopg"


def test_no_value_stands_in_a_fault_or_a_log(town: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "kanariefågel-4711"
    with town.write() as uow, pytest.raises(StorageFault) as fault:
        uow.cases.add(samples.case(authority_id=canary))
    chain: BaseException | None = fault.value
    while chain is not None:
        assert canary not in f"{chain!r} {chain}"
        # What is suppressed is never printed, by logging or by a traceback.
        chain = None if chain.__suppress_context__ else chain.__context__
    assert canary not in caplog.text
    assert "foreign_key" in str(fault.value) or "fk_cases_authority_id" in str(fault.value)


def test_a_deleted_row_is_overwritten(tmp_path: Path) -> None:
    canary = b"kanarief\xc3\xa5gel-4711" * 50
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    engine = engines.writer_engine(engines.normalised(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (b BLOB)")
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (canary,))
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM t")
    engine.dispose()
    plain = sqlite3.connect(tmp_path / "x.sqlite3")
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
    assert canary[:18] not in (tmp_path / "x.sqlite3").read_bytes()
