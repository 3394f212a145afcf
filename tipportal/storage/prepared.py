"""Statements of the path that every submission takes, compiled once and handed to the database driver as they are.

They are written with SQLAlchemy as all others, and run on the connection and in the transaction that it manages. Only
its work for each execution is spared, which costs several times what SQLite itself takes for such a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError

_Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Slot:
    """A parameter: the name it is given by, or a value that the statement carries; and how the driver wants it."""

    name: str
    convert: _Convert | None
    given: bool
    constant: Any


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    slots: tuple[_Slot, ...]
    positional: bool
    results: tuple[_Convert | None, ...] | None

    def arguments(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the driver takes
        found = [
            (values[slot.name] if slot.convert is None else slot.convert(values[slot.name]))
            if slot.given
            else slot.constant
            for slot in self.slots
        ]
        return found if self.positional else {slot.name: value for slot, value in zip(self.slots, found, strict=True)}

    def read(self, fetched: Sequence[Any]) -> Sequence[Any]:
        results = self.results
        if results is None:
            return fetched
        return [
            tuple([v if convert is None else convert(v) for v, convert in zip(row, results, strict=True)])
            for row in fetched
        ]


class Prepared:
    """A statement with named parameters (``sa.bindparam``), or an insertion of the given ``columns`` of a table.

    Values are converted as SQLAlchemy would, by the columns' types. What a driver refuses is raised as SQLAlchemy's
    DBAPIError, for ``faults`` to judge. Lists as parameters (``IN``) must be constants of the statement.
    """

    def __init__(
        self, statement: sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update, columns: Sequence[str] | None = None
    ) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Every row, as tuples in the order of the columns."""
        compiled = self._for(connection.dialect)
        return compiled.read(execute(connection, compiled.sql, compiled.arguments(values), fetch=True))

    def row(self, connection: Connection, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a tuple of the columns
        """The one row, or None. For statements that cannot find more."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Write once."""
        compiled = self._for(connection.dialect)
        execute(connection, compiled.sql, compiled.arguments(values))

    def run_each(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Write once for each set of values, in their order."""
        compiled = self._for(connection.dialect)
        execute(connection, compiled.sql, [compiled.arguments(values) for values in many], many=True)

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            # Two threads may both come here first: they make the same.
            compiled = self._compiled[dialect.name] = _compile(self._statement, self._columns, dialect)
        return compiled


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Run a block that leaves the transaction as it was before when it raises, so that one can go on.

    Only after a driver's error other than IntegrityError nobody can: the whole transaction has to be given up.
    """
    execute(connection, "SAVEPOINT guarded")
    try:
        yield
    except BaseException as error:
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
            # A full disk makes SQLite undo the whole transaction, savepoint and all. Asking for the savepoint would
            # raise that it is gone, in place of what happened.
            raise
        execute(connection, "ROLLBACK TO SAVEPOINT guarded")
        execute(connection, "RELEASE SAVEPOINT guarded")
        raise
    execute(connection, "RELEASE SAVEPOINT guarded")


def execute(
    connection: Connection,
    sql: str,
    arguments: Any = (),  # noqa: ANN401 - what the driver takes
    *,
    many: bool = False,
    fetch: bool = False,
) -> Sequence[Any]:
    """Hand a statement to the driver as it is, begin nothing, and give its rows if ``fetch``. Raises DBAPIError."""
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(sql, arguments)
        return cursor.fetchall() if fetch else ()
    except connection.dialect.loaded_dbapi.Error as error:
        kind: Any = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(None, None, error, kind, hide_parameters=True, dialect=connection.dialect) from error
    finally:
        cursor.close()


def _compile(
    statement: sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update, columns: Sequence[str] | None, dialect: Dialect
) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=None if columns is None else list(columns))
    if any(bind.expanding for bind in compiled.binds.values()):
        raise ValueError("a statement with a list among its parameters is another one for each length")
    names = (compiled.positiontup or []) if compiled.positional else list(compiled.params)
    results: tuple[_Convert | None, ...] = ()
    if isinstance(statement, sa.Select):
        kinds = [column.type for column in statement.selected_columns]
        results = tuple(kind.dialect_impl(dialect).result_processor(dialect, None) for kind in kinds)
    return _Compiled(
        sql=compiled.string,
        slots=tuple(_slot(name, compiled.binds[name], dialect) for name in names),
        positional=compiled.positional,
        results=results if any(results) else None,
    )


def _slot(name: str, bind: sa.BindParameter[Any], dialect: Dialect) -> _Slot:
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind.required:
        return _Slot(name, convert, given=True, constant=None)
    value = bind.effective_value
    return _Slot(name, convert, given=False, constant=value if convert is None else convert(value))
