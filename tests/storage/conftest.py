from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.samples import settle_in
from tests.support import databases
from tipportal.storage import Database


@pytest.fixture
def town(database: Database) -> Database:
    """A database with a municipality and its handlers in it."""
    settle_in(database)
    return database


@pytest.fixture
def empty_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table."""
    with databases.empty(database_kind, tmp_path) as url:
        yield url
