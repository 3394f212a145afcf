"""Rules that a table cannot say as a constraint: triggers, the same for the migrations and for ``create_all``.

The name of a guard is what a fault carries (faults.py). SQL here has neither colons nor percent signs: the layers below
would read them as parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, event

from .rows import metadata

LOG_APPEND_ONLY = "log_append_only"
LOG_DENSE = "log_dense"
EPOCH_OPEN = "epoch_open"

Act = Literal["INSERT", "UPDATE", "DELETE", "TRUNCATE"]


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses ``act`` on ``table`` when ``condition`` holds for the row; None refuses every time."""

    rule: str
    table: str
    act: Act
    condition: str | None = None

    @property
    def name(self) -> str:
        """The trigger's name."""
        return f"tg_{self.table}_{self.rule}_{self.act.lower()}"


GUARDS = (
    Guard(LOG_APPEND_ONLY, "log_entries", "UPDATE"),
    Guard(LOG_APPEND_ONLY, "log_entries", "DELETE"),
    Guard(LOG_APPEND_ONLY, "log_entries", "TRUNCATE"),
    Guard(LOG_APPEND_ONLY, "log_nodes", "UPDATE"),
    Guard(LOG_APPEND_ONLY, "log_nodes", "DELETE"),
    Guard(LOG_APPEND_ONLY, "log_nodes", "TRUNCATE"),
    # Also what stops INSERT OR REPLACE when a connection forgot recursive_triggers.
    Guard(
        LOG_DENSE,
        "log_entries",
        "INSERT",
        "NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM log_entries)",
    ),
    Guard(
        LOG_APPEND_ONLY,
        "log_nodes",
        "INSERT",
        "EXISTS (SELECT 1 FROM log_nodes WHERE level = NEW.level AND position = NEW.position)",
    ),
    # Settling (settling.py) writes rows again that were accepted when their epoch was open.
    Guard(
        EPOCH_OPEN,
        "records",
        "INSERT",
        "NOT (NEW.settled AND NEW.written_at IS NULL) AND NOT EXISTS (SELECT 1 FROM epochs"
        " WHERE case_id = NEW.case_id AND epoch = NEW.epoch AND state = 'open')",
    ),
)


def create_statements(dialect: str) -> Iterator[str]:
    """The DDL that puts the guards in place, for ``sqlite`` or ``postgresql``."""
    for guard in GUARDS:
        yield from _sqlite(guard) if dialect == "sqlite" else _postgresql(guard)


def drop_statements(dialect: str) -> Iterator[str]:
    """The DDL that takes the guards away: only for leaving the schema altogether."""
    for guard in GUARDS:
        if dialect == "postgresql":
            yield f"DROP TRIGGER {guard.name} ON {guard.table}"
            yield f"DROP FUNCTION {guard.name}()"
        elif guard.act != "TRUNCATE":
            yield f"DROP TRIGGER {guard.name}"


def _sqlite(guard: Guard) -> Iterator[str]:
    if guard.act == "TRUNCATE":  # SQLite has no such statement: a DELETE without WHERE fires the row's trigger.
        return
    when = "" if guard.condition is None else f" WHEN {guard.condition}"
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.act} ON {guard.table} FOR EACH ROW{when}"
        f" BEGIN SELECT RAISE(ABORT, '{guard.rule}'); END"
    )


def _postgresql(guard: Guard) -> Iterator[str]:
    refuse = f"RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{guard.rule}', MESSAGE = '{guard.rule}'"
    body = f"{refuse};" if guard.condition is None else f"IF {guard.condition} THEN {refuse}; END IF; RETURN NEW;"
    each = "STATEMENT" if guard.act == "TRUNCATE" else "ROW"
    yield (
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path FROM CURRENT AS $$ BEGIN {body} END $$"
    )
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.act} ON {guard.table}"
        f" FOR EACH {each} EXECUTE FUNCTION {guard.name}()"
    )


@event.listens_for(metadata, "after_create")
def _guard_created_tables(target: object, connection: Connection, **_: object) -> None:
    del target
    for statement in create_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
