"""What somebody with SQL in their hands would do: statements beside the program, on a connection like the program's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tipportal.storage import Database
from tipportal.storage.faults import violated


def statements(database: Database) -> str:
    """Which SQL the database speaks."""
    return database._writer.dialect.name  # noqa: SLF001 - a test looks under the hood on purpose


def refused(database: Database, *sql: str) -> str | None:
    """The name of the rule that refused the last of these statements, None when it was taken; nothing stays."""
    with database._writer.connect() as connection:  # noqa: SLF001 - as above
        transaction = connection.begin()
        try:
            for statement in sql:
                connection.exec_driver_sql(statement)
        except DBAPIError as error:
            return violated(error)
        finally:
            transaction.rollback()
    return None


def rows(database: Database, sql: str) -> Sequence[Any]:
    """What a query gives."""
    with database._reader.connect() as connection:  # noqa: SLF001 - as above
        return connection.exec_driver_sql(sql).all()


def execute(database: Database, sql: str) -> None:
    """Run a statement and commit it."""
    with database._writer.begin() as connection:  # noqa: SLF001 - as above
        connection.exec_driver_sql(sql)


@contextmanager
def unfinished(database: Database) -> Iterator[Connection]:
    """A transaction that writes, of which nothing stays."""
    with database._writer.connect() as connection:  # noqa: SLF001 - as above
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()


def settings(database: Database, *queries: str, reader: bool = False) -> list[Any]:
    """The single values that queries give on a connection as the program opens it."""
    engine = database._reader if reader else database._writer  # noqa: SLF001 - as above
    with engine.connect() as connection:
        return [_scalar(connection, query) for query in queries]


def _scalar(connection: Connection, query: str) -> Any:  # noqa: ANN401 - whatever the database says
    return connection.exec_driver_sql(query).scalar_one()
