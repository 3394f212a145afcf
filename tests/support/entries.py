"""What an act has written: rows that are new, and the entries of the handling log by kind."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa

from tests.support.story import Story
from tipportal.storage.rows import metadata

Contents = dict[str, list[dict[str, Any]]]


@contextmanager
def watched(story: Story) -> Iterator[Callable[[], Contents]]:
    """What gives every row of an installation on SQLite, as it lies there: the same object while nobody has written."""
    kept: dict[int, Contents] = {}
    queries = {table.name: str(sa.select(table).order_by(*table.primary_key)) for table in metadata.sorted_tables}
    with closing(sqlite3.connect(str(sa.make_url(story.url).database))) as connection:
        connection.row_factory = sqlite3.Row

        def contents() -> Contents:
            # SQLite's own word for it: another number whenever any other connection has committed something.
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version not in kept:
                kept.clear()
                kept[version] = {
                    name: [dict(row) for row in connection.execute(query)] for name, query in queries.items()
                }
            return kept[version]

        yield contents


def added(before: Contents, after: Contents) -> list[str]:
    """The kinds of new entries, waiting or in the tree: one that only joined the tree is the same as before."""
    if before is after:
        return []
    return [json.loads(body)["kind"] for body in (entries(after) - entries(before)).elements()]


def entries(contents: Contents) -> Counter[str]:
    return Counter(_body(row["data"]) for table in ("log_entries", "pending_entries") for row in contents[table])


@functools.cache
def _body(data: bytes) -> str:
    """An entry without its place in the tree."""
    body = json.loads(data)
    return json.dumps({name: body[name] for name in body if name != "index"}, sort_keys=True)
