"""Commands run as an operator runs them: by name, with the settings in the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support import databases
from tests.support.installation import settings_for
from tipportal.cli import main

Run = Callable[..., Result]


@pytest.fixture
def environment(database_kind: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of an installation whose database has its tables and nothing in them."""
    with databases.fresh(database_kind, tmp_path) as url:
        yield settings_for(tmp_path, url)


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run a command in this installation."""

    def invoke(*arguments: str, **extra: str) -> Result:
        return CliRunner().invoke(main, arguments, env={**environment, **extra}, catch_exceptions=False)

    return invoke
