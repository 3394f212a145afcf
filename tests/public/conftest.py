"""The public face of a staffed municipality on a real database, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support import story as stories
from tests.support.story import Story
from tipportal.app import create_app
from tipportal.envelope import casecode
from tipportal.settings import Settings

from .pages import Reader

ORIGIN = "http://localhost:8000"


@pytest.fixture(autouse=True)
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let keys be derived from a code at little cost: what the protocol asks is told by its vectors, and by clients."""
    monkeypatch.setattr(casecode, "ITERATIONS", 1)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A staffed municipality."""
    with stories.staffed("sqlite", tmp_path) as opened:
        yield opened


def portal_for(story: Story, **changes: object) -> Flask:
    """An application on the story's database and clock."""
    settings: dict[str, object] = {
        "data_dir": story.blobs.parent,
        "database_url": "",
        "faces": ("public", "handler"),
        "secret_key": bytes(range(32)),
        "public_url": ORIGIN,
        "handler_url": ORIGIN,
        "submissions_per_minute": 1000,
    }
    return create_app(
        Settings(**(settings | changes)),  # type: ignore[arg-type]  # a test names fields of Settings
        story.database,
        clock=story.clock,
    )


@pytest.fixture
def portal(story: Story) -> Flask:
    """The application."""
    return portal_for(story)


@pytest.fixture
def client(portal: Flask) -> FlaskClient:
    """A client that keeps cookies."""
    return portal.test_client()


@pytest.fixture
def reader(client: FlaskClient) -> Reader:
    """Somebody without JavaScript."""
    return Reader(client)
