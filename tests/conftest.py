"""What every test stands on: no network but this machine's own, the browser that set-up found, and real databases."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import databases
from tipportal.storage import Database

ROOT = Path(__file__).resolve().parent.parent


def _loopback_only(event: str, arguments: tuple[object, ...]) -> None:
    """Stop every connection that would leave this machine, whichever library makes it.

    An audit hook cannot be removed or gone around from Python, so a test that depends on somebody else's server fails
    where it is written and not on the machine that has no network.
    """
    if event not in {"socket.connect", "socket.sendto"}:
        return
    held, address = arguments[0], arguments[1]
    if not isinstance(held, socket.socket) or held.family not in (socket.AF_INET, socket.AF_INET6):
        return
    if isinstance(address, tuple):
        host = str(address[0]).partition("%")[0]
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            message = f"tests reach this machine only, not {host}"
            raise PermissionError(message)


sys.addaudithook(_loopback_only)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long for each file first: several workers are then done at about the same time."""
    slow = {"browser", "deploy"}
    items.sort(key=lambda item: slow.isdisjoint(item.path.relative_to(ROOT).parts))


@pytest.fixture(scope="session")
def browser_path() -> Path:
    """The Chromium to drive: the one that TIPPORTAL_TEST_BROWSER names, else the one that set-up wrote down."""
    named = os.environ.get("TIPPORTAL_TEST_BROWSER")
    return Path(named) if named else Path((ROOT / ".venv" / "browser").read_text().strip())


@pytest.fixture(params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database: a test that asks for one runs on each."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    with databases.fresh(database_kind, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database with a folder for large files."""
    opened = Database(database_url, tmp_path / "blobs")
    yield opened
    opened.close()
