"""Copies of a submitted case without their sealed content: an installation of any size in little time."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

DAYS = 120
"""Cases are received over so many days up to today."""
CHANGED = {
    "id": "'copy-' || i",
    "reference": "'COPY-' || i",
    "lookup_digest": "CAST('lookup-' || i AS BLOB)",
    "source_recipient": "x'00'",
    "received_on": f"date('now', '-' || (i % {DAYS}) || ' days')",
    "acknowledged_on": f"date('now', '-' || (i % {DAYS}) || ' days')",
    "decision": "NULL",
    "case_id": "'copy-' || i",
    "file": "x'00'",
}
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"


def copy_rows(
    connection: sa.Connection,
    table: sa.Table,
    case_id: str,
    numbers: range,
    *,
    changed: Mapping[str, str] = CHANGED,
    of: tuple[str, tuple[str, ...]] = ("", ()),
) -> None:
    """Copy a case's rows of a table once for each number ``i``, SQLite only.

    ``changed``: columns' values in SQL, where they are not those of the row. ``of``: a further condition on the row
    ``c``, with its values.
    """
    names = [column.name for column in table.columns]
    values = ", ".join(changed.get(name, f"c.{name}") for name in names)
    key = "case_id" if "case_id" in names else "id"
    condition, given = of
    copy = f"INSERT INTO {table.name} ({', '.join(names)}) {_NUMBERS} SELECT {values} FROM n, {table.name} AS c"  # noqa: S608 - names of our own tables and columns
    connection.exec_driver_sql(f"{copy} WHERE c.{key} = ?{condition}", (numbers.start, numbers.stop, case_id, *given))
