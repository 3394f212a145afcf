"""For migrations: a column's closed set of values grows, and nothing is built anew for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def change_check(table: str, column: str, old: str, new: str) -> None:
    """Let a column that could hold the values ``old`` (SQL literals, with commas) hold ``new`` instead."""
    name = f"ck_{table}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        before, after = (f"CONSTRAINT {name} CHECK ({column} IN ({values}))" for values in (old, new))
        edit_words(table, before, after)
    else:
        op.drop_constraint(op.f(name), table)
        op.create_check_constraint(op.f(name), table, f"{column} IN ({new})")


def edit_words(table: str, old: str, new: str) -> None:
    """Change the words of a table on SQLite, where its rows stay as they are (sqlite.org/lang_altertable.html, 7).

    Building it anew would have to delete every row that others refer to, and lose the triggers that guard it. Raises
    RuntimeError unless the old words stand there once.
    """
    connection = op.get_bind()
    find = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
    words = str(connection.execute(find, {"name": table}).scalar_one())
    if words.count(old) != 1:
        raise RuntimeError(f"{table} is not as the revision before left it")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    change = sa.text("UPDATE sqlite_schema SET sql = :words WHERE type = 'table' AND name = :name")
    connection.execute(change, {"words": words.replace(old, new), "name": table})
    # Every connection reads the tables anew when this number is another one.
    connection.exec_driver_sql(f"PRAGMA schema_version = {int(version) + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
