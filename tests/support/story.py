"""A staffed municipality on a real database, with a clock that the test moves: both sides play through use cases."""

from __future__ import annotations

import atexit
import functools
import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import sqlalchemy as sa
from sqlalchemy import Connection

from tests.support import databases
from tipportal.cli.demo_playing import PlayedCase, leave_case
from tipportal.cli.demo_staffing import Member, Municipality, staff
from tipportal.domain.organisations import Channel, Function
from tipportal.envelope.casecode import SourceKeys, source_keys
from tipportal.storage import Database
from tipportal.storage.engines import normalised
from tipportal.storage.guards import drop_statements
from tipportal.storage.rows import metadata
from tipportal.usecases.context import Context

START = 1_795_425_451
"""2026-11-23 10:17:31 in Stockholm, a Monday: no round number, so that a trace of it is recognised."""
DAY = 24 * 3600
TIP = {"area": "hemtjanst", "what_happened": "Grannen får aldrig sitt besök mitt på dagen."}
REPORT = {"area": "fakturahantering", "what_happened": "Samma timmar faktureras två gånger.", "relation": "employee"}


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: int) -> None:
        self.now += seconds


class FixedRandom:
    """Bytes that are the same in each run, never the same twice in one, also when threads ask at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._numbers = itertools.count()

    def __call__(self, size: int) -> bytes:
        return hashlib.shake_256(f"{self._name}/{next(self._numbers)}".encode()).digest(size)


@dataclass(frozen=True)
class Story:
    """One installation: both faces on one database and one clock."""

    kind: str
    url: str
    database: Database
    clock: SettableClock
    public: Context
    handler: Context
    municipality: Municipality
    blobs: Path
    _engine: sa.Engine
    _sources: Iterator[int] = field(default_factory=itertools.count)

    def source(self) -> SourceKeys:
        """The keys of somebody new, without the slow derivation from a code."""
        return source_keys(hashlib.sha256(f"source {next(self._sources)}".encode()).digest())

    def tip(self) -> PlayedCase:
        """A tip, sealed in a browser."""
        return leave_case(self.public, self.municipality, self.source(), Channel.TIP, TIP)

    def report(self) -> PlayedCase:
        """A report, sealed in a browser."""
        return leave_case(self.public, self.municipality, self.source(), Channel.REPORT, REPORT)

    def otp(self, member: Member) -> str:
        """The one-time code of this moment."""
        return pyotp.TOTP(member.person.totp_secret).at(self.clock())

    def outsider(self, case: PlayedCase) -> Member:
        """A handler who stands by: with a grant that is withheld."""
        panel = {case.members["h1"].account.id, case.members["h2"].account.id}
        return next(member for member in self.municipality.handlers() if member.account.id not in panel)

    @contextmanager
    def sql(self) -> Iterator[Connection]:
        """A connection behind the program's back: no pragmas, no lock, commits at the end."""
        with self._engine.begin() as connection:
            yield connection

    def change(self, statement: str, **values: object) -> None:
        """Change the database behind the program's back, and have it read the register anew."""
        with self.sql() as connection:
            connection.execute(sa.text(statement), values)
            connection.execute(sa.text("UPDATE installation SET register_version = register_version + 1"))

    def drop_guards(self) -> None:
        """Take away every trigger, as somebody who owns the database can."""
        with self.sql() as connection:
            for statement in drop_statements(connection.dialect.name):
                connection.exec_driver_sql(statement)

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, by primary key."""
        with self.sql() as connection:
            return {name: _rows(connection.execute(select)) for name, select in _everything().items()}


def _rows(result: sa.Result[Any]) -> list[dict[str, Any]]:
    """Each row as a dictionary; SQLAlchemy's own mappings take most of the time of a test that compares everything."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


@functools.cache
def _everything() -> dict[str, sa.Select[Any]]:
    """What reads each table, by its name."""
    return {table.name: sa.select(*table.columns).order_by(*table.primary_key) for table in metadata.sorted_tables}


@dataclass(frozen=True)
class _Template:
    url: str
    municipality: Municipality


@contextmanager
def staffed(kind: str, directory: Path) -> Iterator[Story]:
    """A copy of a staffed installation, gone afterwards. Staffing is slow, and done once for each kind of database."""
    template = _template(kind)
    with ExitStack() as stack:
        if kind == "sqlite":
            path = directory / "tipportal.sqlite3"
            shutil.copyfile(str(sa.make_url(template.url).database), path)
            url = f"sqlite:///{path}"
        else:
            url = stack.enter_context(databases.fresh_postgresql(str(sa.make_url(template.url).database)))
        yield stack.enter_context(_opened(kind, url, directory, "test", template.municipality))


@contextmanager
def unstaffed(kind: str, directory: Path) -> Iterator[Story]:
    """An installation before its founding."""
    with databases.fresh(kind, directory) as url, _opened(kind, url, directory, "empty", None) as story:
        yield story


@contextmanager
def _opened(kind: str, url: str, directory: Path, name: str, municipality: Municipality | None) -> Iterator[Story]:
    clock, random = SettableClock(), FixedRandom(name)
    database = Database(url, directory / "blobs", random)
    # What two faces of one installation have: one database, and secrets of their own.
    public, handler = (Context(database, clock, random, secret * 32) for secret in (b"p", b"h"))
    staff_of = municipality or Municipality(Function("", "", ""), ())
    # No pool: what one connection is told (to check no foreign keys, say) must not stay for the next.
    engine = sa.create_engine(normalised(url), poolclass=sa.NullPool)
    try:
        yield Story(kind, url, database, clock, public, handler, staff_of, directory / "blobs", engine)
    finally:
        database.close()


@functools.cache
def _template(kind: str) -> _Template:
    kept = ExitStack()
    directory = Path(tempfile.mkdtemp(prefix="tipportal-staffed-"))
    kept.callback(shutil.rmtree, directory)
    url = kept.enter_context(databases.fresh(kind, directory))
    # Not before the server runs: what is registered last goes first, while there still is one.
    atexit.register(kept.close)
    with _opened(kind, url, directory, f"staffing {kind}", None) as story:
        municipality = staff(story.handler)
    return _Template(url, municipality)
