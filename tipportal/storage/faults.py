"""What a database refuses, by the name of the constraint, and never with the values that it was given.

A driver's own message quotes the row: digests, sealed files, e-mail addresses. So no driver error leaves this room.
"""

from __future__ import annotations

import errno
import re
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.schema import Index, PrimaryKeyConstraint, UniqueConstraint

from tipportal.domain.errors import Busy, Refusal, StorageFull
from tipportal.domain.texts import N_

from .prepared import savepoint
from .rows import metadata

if TYPE_CHECKING:
    import psycopg

FOREIGN_KEY = "foreign_key"
"""What SQLite says of a foreign key: it does not name it."""

_BUSY_SQLSTATES = frozenset({"40001", "40P01", "55P03", "57014"})
"""Serialisation failure, deadlock, lock not available, cancelled by timeout (PostgreSQL, appendix A)."""

_FULL_SQLSTATE = "53100"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)\Z")
_SQLITE_NAMED = re.compile(r"CHECK constraint failed: (\w+)\Z")


class StorageFault(Exception):
    """The database refused something that the program should not have asked, or is not there.

    ``constraint`` names what refused, or is the database's own error class; values never stand in it.
    """

    def __init__(self, constraint: str) -> None:
        super().__init__(f"the database refused: {constraint}")
        self.constraint = constraint


def violated(error: DBAPIError) -> str:
    """The name of the violated constraint (rows), the trigger (guards), or the class of the error."""
    cause = error.orig
    refused = _by_postgresql(cause)
    if refused is not None:
        return refused.diag.constraint_name or f"postgresql {refused.sqlstate or type(refused).__name__}"
    if isinstance(cause, sqlite3.IntegrityError):
        return _sqlite_name(cause)
    return cause.sqlite_errorname if isinstance(cause, sqlite3.Error) else type(cause).__name__


def is_busy(error: DBAPIError) -> bool:
    """Whether the database was occupied for too long; the act may be tried again."""
    cause = error.orig
    refused = _by_postgresql(cause)
    if refused is not None:
        return refused.sqlstate in _BUSY_SQLSTATES
    # The low byte is the primary code; the rest says which kind of busy it was (sqlite.org/rescode.html).
    return isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def is_full(error: DBAPIError) -> bool:
    """Whether the database's disk is full."""
    cause = error.orig
    refused = _by_postgresql(cause)
    if refused is not None:
        return refused.sqlstate == _FULL_SQLSTATE
    return isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL


def disk_full() -> StorageFull:
    """The refusal for whatever there is no room for."""
    return StorageFull(N_("Det finns inte plats på servern just nu. Inget har gått förlorat: försök igen senare."))


@contextmanager
def refused_when_full() -> Iterator[None]:
    """Turn a full disk into StorageFull; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full() from None
        raise


def busy() -> Busy:
    """The refusal for whoever could not be served in time."""
    return Busy(N_("Det är många som använder tjänsten just nu. Inget har gått förlorat: försök igen om en stund."))


@contextmanager
def translated() -> Iterator[None]:
    """Turn driver errors into Busy, StorageFull or StorageFault, without the driver's message in the chain."""
    try:
        yield
    except PoolTimeout:
        raise busy() from None
    except DBAPIError as error:
        if is_full(error):
            raise disk_full() from None
        raise (busy() if is_busy(error) else StorageFault(violated(error))) from None


@contextmanager
def guarded(connection: Connection, refusals: Mapping[str, Refusal], *, single: bool = False) -> Iterator[None]:
    """Run statements under a savepoint; a violated constraint named in ``refusals`` is raised as that refusal.

    After a refusal the transaction is as before the block, on PostgreSQL too, so that a use case may go on and log it.
    Other constraints are raised as StorageFault. ``single``: the block is one statement for one row, which SQLite
    undoes by itself, so that the savepoint can be spared there.
    """
    spared = single and connection.dialect.name == "sqlite"
    try:
        with nullcontext() if spared else savepoint(connection):
            yield
    except IntegrityError as error:
        name = violated(error)
        raise (refusals[name] if name in refusals else StorageFault(name)) from None


def _by_postgresql(cause: BaseException | None) -> psycopg.Error | None:
    # SQLAlchemy loads the driver where PostgreSQL is used; a process on SQLite need not carry its memory.
    driver = sys.modules.get("psycopg")
    return cause if driver is not None and isinstance(cause, driver.Error) else None


def _sqlite_name(cause: sqlite3.IntegrityError) -> str:
    message = str(cause)
    if cause.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return FOREIGN_KEY
    if cause.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        # Our guards raise with the name of the rule as their whole message.
        return message
    if named := _SQLITE_NAMED.search(message):
        return named[1]
    if unique := _SQLITE_UNIQUE.search(message):
        return _UNIQUE_BY_COLUMNS.get(unique[1], "unique")
    return cause.sqlite_errorname


def _unique_by_columns() -> dict[str, str]:
    """SQLite names the columns of a violated unique constraint, PostgreSQL the constraint: one name for both."""
    named: dict[str, str] = {}
    for table in metadata.sorted_tables:
        rules: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [
            constraint
            for constraint in table.constraints
            if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
        ]
        rules.extend(index for index in table.indexes if index.unique)
        for rule in rules:
            columns = ", ".join(f"{table.name}.{column.name}" for column in rule.columns)
            named[columns] = str(rule.name)
    return named


_UNIQUE_BY_COLUMNS = _unique_by_columns()
