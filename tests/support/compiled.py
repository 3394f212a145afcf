"""What is compiled alike for every application: templates, addresses, statements. A process of tests does it once.

Tests make hundreds of applications and databases, as many installations would. What is compiled is always the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule

from tipportal.web.portal import Portal

_Builder = Callable[..., tuple[str, str]]


class CompiledTemplates(BytecodeCache):
    """Templates by name and digest of their source, as Jinja would keep them on disk."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same source."""
        checksum, code = self._kept.get(bucket.key, ("", b""))
        if checksum == bucket.checksum:
            bucket.load_bytecode(io.BytesIO(code))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        into = io.BytesIO()
        bucket.write_bytecode(into)
        self._kept[bucket.key] = (bucket.checksum, into.getvalue())


class CompiledRule(Rule):
    """A rule whose function that builds addresses is made once for all rules of the same parts."""

    _made: dict[object, _Builder] = {}  # noqa: RUF012 - what all rules of a process share

    def _compile_builder(self, append_unknown: bool = True) -> _Builder:  # noqa: FBT001, FBT002 - as Werkzeug has it
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._made:
            self._made[key] = super()._compile_builder(append_unknown)
        return self._made[key]


_statements: dict[Any, Any] = {}


class _Alike:
    """A dialect that all engines of its kind share, as far as compiled statements go: there is one kind of server."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Let an engine find what others have compiled."""
        engine.update_execution_options(compiled_cache=_statements)


class SQLite(_Alike, SQLiteDialect_pysqlite):
    """SQLite as it is."""

    supports_statement_cache = True


class PostgreSQL(_Alike, PGDialect_psycopg):
    """PostgreSQL as it is."""

    supports_statement_cache = True


def remember() -> None:
    """Let every application and every engine that this process makes from now on use them."""
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)
    options: dict[str, Any] = {**Portal.jinja_options, "bytecode_cache": CompiledTemplates()}
    Portal.jinja_options = options
    Portal.url_rule_class = CompiledRule
