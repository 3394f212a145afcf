"""Promises are kept on each database, in an installation that is staffed like a small municipality."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.story import Story, staffed, unstaffed


@pytest.fixture
def story(database_kind: str, tmp_path: Path) -> Iterator[Story]:
    """A staffed installation with open channels and no case."""
    with staffed(database_kind, tmp_path) as made:
        yield made


@pytest.fixture
def empty(database_kind: str, tmp_path: Path) -> Iterator[Story]:
    """An installation before its founding."""
    with unstaffed(database_kind, tmp_path) as made:
        yield made
