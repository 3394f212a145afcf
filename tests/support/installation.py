"""An installation as an operator has it: a folder, a key file, and settings in the environment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tipportal.cli import surroundings
from tipportal.contexts import context_for


def settings_for(folder: Path, url: str) -> dict[str, str]:
    """Settings as they stand in an environment."""
    key = folder / "secret.key"
    key.write_bytes(bytes(range(32)))
    key.chmod(0o600)
    return {
        "TIPPORTAL_DATA_DIR": str(folder),
        "TIPPORTAL_SECRET_KEY_FILE": str(key),
        "TIPPORTAL_PUBLIC_URL": "http://localhost:8000",
        "TIPPORTAL_DATABASE_URL": url.replace("postgresql://", "postgresql+psycopg://"),
    }


def keep_time(monkeypatch: pytest.MonkeyPatch, clock: Callable[[], int]) -> None:
    """Let commands read this clock, as a story's faces do: what they say does not change with the year of the tests."""
    monkeypatch.setattr(surroundings, "context_for", partial(context_for, clock=clock))
