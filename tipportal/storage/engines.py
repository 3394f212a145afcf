"""Engines: how a connection to SQLite or PostgreSQL is set up so that what is acknowledged stays, and writers queue."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 15
"""How long a writer waits for its turn before it is told to come back."""

ASK_AGAIN_SECONDS = 0.0005

STATEMENT_SECONDS = 60

CONNECTIONS = 64
"""The most connections to SQLite: as many as a process may have threads. They are opened when they are needed."""

WRITER_LOCK = 0x7469_7070_6F72_7461
"""The advisory lock that all writers of one PostgreSQL database take: "tipporta" in ASCII."""

_SQLITE_PRAGMAS = (
    f"busy_timeout = {BUSY_SECONDS * 1000}",
    "journal_mode = WAL",
    # FULL: an acknowledged commit survives a power cut; with NORMAL, WAL loses the newest ones.
    "synchronous = FULL",
    # Pages that several commits change are copied into the database once: a thousand, SQLite's own, are twenty cases.
    "wal_autocheckpoint = 4000",
    "foreign_keys = ON",
    # Without it REPLACE deletes rows past the guards of the log.
    "recursive_triggers = ON",
    # What is deleted is overwritten, not only unlinked.
    "secure_delete = ON",
    # Sorting and temporary tables never touch the disk.
    "temp_store = MEMORY",
    "trusted_schema = OFF",
)


def normalised(url: str) -> URL:
    """The database URL with the driver that this program speaks. Raises ValueError for another kind of database."""
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite")
    raise ValueError("the database URL must be sqlite:///<file> or postgresql://…")


def writer_engine(url: URL) -> Engine:
    """An engine whose transactions are serialised with every other writer of the same database."""
    return _sqlite_writer(url) if url.get_backend_name() == "sqlite" else _postgresql_writer(url)


def reader_engine(url: URL) -> Engine:
    """An engine whose transactions see one consistent state and cannot write."""
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url, "query_only = ON")
        event.listen(engine, "begin", _begin_deferred)
        return engine
    return _postgresql(url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _begin_deferred(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        # Past SQLAlchemy, for speed: SQLite cannot refuse this, since it takes no lock before the first read.
        driver.execute("BEGIN DEFERRED").close()


def _sqlite_writer(url: URL) -> Engine:
    # SQLite's own waiting sleeps longer each time, up to a tenth of a second: with a few writers most time is slept.
    # This asks again at once, and gives up after as long.
    engine = _sqlite(url, "busy_timeout = 0")

    @event.listens_for(engine, "begin")
    def queue(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        until = time.monotonic() + BUSY_SECONDS
        while time.monotonic() < until and isinstance(driver, sqlite3.Connection):
            try:
                driver.execute("BEGIN IMMEDIATE").close()
            except sqlite3.Error as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(ASK_AGAIN_SECONDS)
            else:
                return
        # Refused through SQLAlchemy, so that it is told apart from other faults where all are.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sqlite(url: URL, *more: str) -> Engine:
    path = Path(url.database or "")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made before SQLite does, so that neither it nor its journals, which inherit the mode, are readable to others.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 256},
        pool_timeout=BUSY_SECONDS,
        # The connection used last comes first, with what it has read and prepared; and none is opened for one use.
        pool_use_lifo=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # No implicit BEGIN: the driver's is deferred, and a deferred writer fails at once when it has to wait.
        connection.isolation_level = None
        for pragma in (*_SQLITE_PRAGMAS, *more):
            connection.execute(f"PRAGMA {pragma}").close()

    return engine


def _postgresql(url: URL) -> Engine:
    limits = {
        "statement_timeout": STATEMENT_SECONDS * 1000,
        "lock_timeout": BUSY_SECONDS * 1000,
        "idle_in_transaction_session_timeout": STATEMENT_SECONDS * 1000,
        "synchronous_commit": "on",
    }
    return sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"options": " ".join(f"-c {name}={value}" for name, value in limits.items())},
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
    )


def _postgresql_writer(url: URL) -> Engine:
    # READ COMMITTED: each statement sees what was committed before it, so everything read after the lock is current.
    # A snapshot level would fix its view at the lock's own statement, before the lock is held.
    engine = _postgresql(url).execution_options(isolation_level="READ COMMITTED")

    @event.listens_for(engine, "begin")
    def queue(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    return engine
