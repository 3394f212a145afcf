"""Races: deeds done by threads at one moment, and a witness in the database of what stood when each was kept.

What the program says of its own order is what a race puts in doubt. So triggers write down, in the transaction that
keeps a case or a record, which register and policy were in force there and how many had left the case.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa

from tests.support.story import Story
from tipportal.domain.errors import Refusal

T = TypeVar("T")
_TABLE = "CREATE TABLE witnessed (what TEXT, case_id TEXT, seq INTEGER, register INTEGER, policy INTEGER, gone INTEGER)"
_WRITTEN = {
    "cases": "'case', NEW.id, 0",
    "records": "NEW.stream || ' ' || NEW.epoch, NEW.case_id, NEW.seq",
}
_STOOD = {
    "cases": "(SELECT MAX(version) FROM policies WHERE organisation_id = NEW.organisation_id), 0",
    "records": "0, (SELECT COUNT(*) FROM separations WHERE case_id = NEW.case_id)",
}


def at_once(*deeds: Callable[[], T]) -> list[T | Refusal]:
    """Do everything at one moment, each in a thread of its own; what each gave, or how it was refused."""
    together = threading.Barrier(len(deeds))

    def one(deed: Callable[[], T]) -> T | Refusal:
        together.wait()
        try:
            return deed()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def in_turn(*deeds: Callable[[], T]) -> Callable[[], list[T | Refusal]]:
    """Several deeds of one person, one after the other."""

    def one(deed: Callable[[], T]) -> T | Refusal:
        try:
            return deed()
        except Refusal as refusal:
            return refusal

    return lambda: [one(deed) for deed in deeds]


def codes(results: Sequence[object]) -> list[str]:
    """How each ended, sorted: the code of its refusal, or ``done``."""
    return sorted(result.code if isinstance(result, Refusal) else "done" for result in results)


@dataclass
class Meanwhile:
    """Random bytes for whoever is in the midst of sealing, while something else happens: once, at the first draw."""

    random: Callable[[int], bytes]
    happens: Callable[[], object]
    _has_happened: bool = field(default=False, init=False)

    def __call__(self, size: int) -> bytes:
        if not self._has_happened:
            self._has_happened = True
            self.happens()
        return self.random(size)


@dataclass(frozen=True)
class Witnessed:
    """What stood when a row was kept. ``gone``: how many had left the case; ``what``: ``case``, or stream and epoch."""

    what: str
    case_id: str
    seq: int
    register: int
    policy: int
    gone: int


@dataclass(frozen=True)
class Witness:
    """Writes down what stands whenever a case or a record is kept, from now on."""

    story: Story

    def __post_init__(self) -> None:
        with self.story.sql() as connection:
            connection.execute(sa.text(_TABLE))
            for table, written in _WRITTEN.items():
                insert = (
                    f"INSERT INTO witnessed SELECT {written}, register_version, {_STOOD[table]}"  # noqa: S608 - constants
                    " FROM installation"
                )
                for statement in _trigger(self.story.kind, table, insert):
                    connection.exec_driver_sql(statement)

    def of(self, what: str, case_id: str | None = None) -> list[Witnessed]:
        """The rows of a kind, of one case or of all."""
        with self.story.sql() as connection:
            rows = [Witnessed(*row) for row in connection.execute(sa.text("SELECT * FROM witnessed"))]
        return [row for row in rows if row.what.startswith(what) and case_id in {None, row.case_id}]


def _trigger(kind: str, table: str, insert: str) -> tuple[str, ...]:
    if kind == "sqlite":
        return (f"CREATE TRIGGER witness_{table} AFTER INSERT ON {table} BEGIN {insert}; END",)
    body = f"BEGIN {insert}; RETURN NULL; END"
    return (
        f"CREATE FUNCTION witness_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$",
        f"CREATE TRIGGER witness_{table} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION witness_{table}()",
    )
