from __future__ import annotations

import pytest

from tests.storage.samples import settle_in
from tipportal.storage import Database


@pytest.fixture
def town(database: Database) -> Database:
    """A database with a municipality and its handlers in it."""
    settle_in(database)
    return database
