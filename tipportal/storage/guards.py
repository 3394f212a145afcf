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
NOT_SEPARATED = "not_separated"
DIRECTORY_APPEND_ONLY = "directory_append_only"
DIRECTORY_DENSE = "directory_dense"
TRUSTEES_REPLACE = "trustees_replace"
ENOUGH_APPROVE = "enough_approve"
CHECKPOINT_APPEND_ONLY = "checkpoint_append_only"
CHECKPOINT_GROWS = "checkpoint_grows"
PUBLICATION_APPEND_ONLY = "publication_append_only"
PUBLICATION_DENSE = "publication_dense"

Act = Literal["INSERT", "UPDATE", "DELETE", "TRUNCATE"]


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses ``act`` on ``table`` when ``condition`` holds for the row; None refuses every time.

    ``since``: the revision that puts it in place.
    """

    rule: str
    table: str
    act: Act
    condition: str | None = None
    since: str = "0001"

    @property
    def name(self) -> str:
        """The trigger's name."""
        return f"tg_{self.table}_{self.rule}_{self.act.lower()}"


def _append_only(rule: str, *tables: str, since: str = "0001") -> Iterator[Guard]:
    """No row of these tables is ever changed or taken away."""
    acts: tuple[Act, ...] = ("UPDATE", "DELETE", "TRUNCATE")
    return (Guard(rule, table, act, since=since) for table in tables for act in acts)


GUARDS = (
    *_append_only(LOG_APPEND_ONLY, "log_entries", "log_nodes"),
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
    # Whoever has left a case gets no key of it again, whatever a use case forgets to ask.
    Guard(
        NOT_SEPARATED,
        "grants",
        "INSERT",
        "EXISTS (SELECT 1 FROM separations WHERE case_id = NEW.case_id AND account_id = NEW.holder)",
        since="0006",
    ),
    *_append_only(DIRECTORY_APPEND_ONLY, "directory_roots", "directory_snapshots", since="0009"),
    Guard(
        DIRECTORY_DENSE,
        "directory_roots",
        "INSERT",
        "NEW.version <> (SELECT coalesce(max(version) + 1, 1) FROM directory_roots)",
        since="0009",
    ),
    Guard(
        DIRECTORY_DENSE,
        "directory_snapshots",
        "INSERT",
        "NEW.version <> (SELECT coalesce(max(version) + 1, 1) FROM directory_snapshots)"
        " OR (NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM directory_snapshots"
        " WHERE version = NEW.version - 1 AND digest = NEW.previous))",
        since="0009",
    ),
    # Trustees give an administrator back and do nothing else, while the change is open and never again.
    Guard(
        TRUSTEES_REPLACE,
        "trustee_approvals",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM changes WHERE id = NEW.change_id AND state = 'open'"
        " AND kind IN ('restore', 'invite', 'keys'))",
        since="0012",
    ),
    # No change is approved but by another administrator, or by as many trustees in force as it takes.
    Guard(
        ENOUGH_APPROVE,
        "changes",
        "UPDATE",
        "NEW.state = 'approved' AND OLD.state <> 'approved'"
        " AND NOT EXISTS (SELECT 1 FROM change_approvals WHERE change_id = NEW.id)"
        " AND NOT EXISTS (SELECT 1 FROM trustee_sets WHERE acknowledged_on IS NOT NULL AND threshold <="
        " (SELECT count(*) FROM trustee_approvals WHERE change_id = NEW.id AND set_version = trustee_sets.version))",
        since="0012",
    ),
    *_append_only(
        CHECKPOINT_APPEND_ONLY, "checkpoints", "checkpoint_mailings", "checkpoint_acknowledgements", since="0013"
    ),
    # Each is larger than those before it, and of entries that are there; no REPLACE gets past that.
    Guard(
        CHECKPOINT_GROWS,
        "checkpoints",
        "INSERT",
        "NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoints)"
        " OR NEW.size > (SELECT coalesce(max(position) + 1, 0) FROM log_entries)",
        since="0013",
    ),
    Guard(
        CHECKPOINT_APPEND_ONLY,
        "checkpoint_mailings",
        "INSERT",
        "EXISTS (SELECT 1 FROM checkpoint_mailings WHERE month = NEW.month)",
        since="0013",
    ),
    Guard(
        CHECKPOINT_APPEND_ONLY,
        "checkpoint_acknowledgements",
        "INSERT",
        "EXISTS (SELECT 1 FROM checkpoint_acknowledgements WHERE size = NEW.size AND account_id = NEW.account_id)",
        since="0013",
    ),
    *_append_only(PUBLICATION_APPEND_ONLY, "publications", "publication_files", since="0022"),
    Guard(
        PUBLICATION_DENSE,
        "publications",
        "INSERT",
        "NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM publications)",
        since="0022",
    ),
    Guard(
        PUBLICATION_APPEND_ONLY,
        "publication_files",
        "INSERT",
        "EXISTS (SELECT 1 FROM publication_files WHERE publication_id = NEW.publication_id"
        " AND format = NEW.format AND language = NEW.language)",
        since="0022",
    ),
)


def create_statements(dialect: str, since: str | None = None) -> Iterator[str]:
    """The DDL that puts the guards of a revision, or all, in place, for ``sqlite`` or ``postgresql``."""
    for guard in _of(since):
        yield from _sqlite(guard) if dialect == "sqlite" else _postgresql(guard)


def drop_statements(dialect: str, since: str | None = None) -> Iterator[str]:
    """The DDL that takes the guards of a revision away, or all: only for leaving the schema."""
    for guard in _of(since):
        if dialect == "postgresql":
            yield f"DROP TRIGGER {guard.name} ON {guard.table}"
            yield f"DROP FUNCTION {guard.name}()"
        elif guard.act != "TRUNCATE":
            yield f"DROP TRIGGER {guard.name}"


def _of(since: str | None) -> Iterator[Guard]:
    return (guard for guard in GUARDS if since in (None, guard.since))


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
