"""What is compiled alike for every application: templates, addresses, statements. A process of tests does it once.

Tests make hundreds of applications and databases, as many installations would. What is compiled is always the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart

from tipportal.web.portal import Portal

_Builder = Callable[..., tuple[str, str]]
_Parsed = tuple[list[RulePart], list[tuple[bool, str]], dict[str, BaseConverter]]


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
    """A rule that is taken apart once for all of the same spelling, as is made the function that builds addresses."""

    _made: dict[object, _Builder] = {}  # noqa: RUF012 - what all rules of a process share
    _parsed: dict[str, _Parsed] = {}  # noqa: RUF012 - likewise

    def _parse_rule(self, rule: str) -> Iterable[RulePart]:
        # What converts a part of an address may be another application's: none of them asks for whom it works.
        if rule not in self._parsed:
            begun, before = len(self._trace), set(self._converters)
            parts = list(super()._parse_rule(rule))
            named = {name: found for name, found in self._converters.items() if name not in before}
            self._parsed[rule] = (parts, self._trace[begun:], named)
            return parts
        parts, trace, converters = self._parsed[rule]
        self._trace += trace
        self._converters |= converters
        self.arguments.update(converters)
        return parts

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
