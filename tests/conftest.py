"""What every test stands on: no network but this machine's own, the browser that set-up found, and real databases."""

from __future__ import annotations

import gc
import importlib
import ipaddress
import os
import socket
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support import compiled, databases, passwords
from tipportal.storage import Database

pytest_plugins = ["tests.support.browser_fixtures"]

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
# Until all tests are known, what is made stays: to look it over again and again finds nothing.
gc.disable()
compiled.remember()
passwords.cost_little()


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark that `pytest_generate_tests` reads."""
    config.addinivalue_line("markers", "each_database: runs on each kind of database")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Let each of several workers begin with files of its own.

    What pytest makes of a file's assertions takes as long as all the rest of collecting it, and is kept for the others.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    own = slice(int(worker["workerid"].removeprefix("gw")), None, worker["workercount"])
    for path in sorted((ROOT / "tests").rglob("test_*.py"))[own]:
        # What cannot be imported is told where it is collected.
        with suppress(Exception):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long for each file first: several workers are then done at about the same time."""
    slow = {"browser", "deploy"}
    items.sort(key=lambda item: slow.isdisjoint(item.path.relative_to(ROOT).parts))


def pytest_collection_finish() -> None:
    """Spare what is there when the tests begin: it stays to the end, and full collections need not look it over."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def browser_path() -> Path:
    """The Chromium to drive: the one that TIPPORTAL_TEST_BROWSER names, else the one that set-up wrote down."""
    named = os.environ.get("TIPPORTAL_TEST_BROWSER")
    return Path(named) if named else Path((ROOT / ".venv" / "browser").read_text().strip())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a database on each kind, where the database can make the difference; else on one.

    It can for all of storage and of the promises, for each file that has threads race or is marked so, and for the
    first test of every other file. The rest is use cases that speak to storage through its port: they take turns by
    name, so that each kind sees as many and a test stays on its own. TIPPORTAL_TEST_DATABASES=each runs all on each.
    """
    chosen = any("database_kind" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if chosen or "database_kind" not in metafunc.fixturenames:
        return
    names = [name for name in vars(metafunc.module) if name.startswith("test_")]
    name = metafunc.definition.originalname
    folder = metafunc.definition.path.relative_to(ROOT / "tests").parts[0]
    on_each = (
        folder in {"storage", "promises", "cli"}
        or "threading" in vars(metafunc.module)
        or "ThreadPoolExecutor" in vars(metafunc.module)
        or metafunc.definition.get_closest_marker("each_database") is not None
        or name == names[0]
        or os.environ.get("TIPPORTAL_TEST_DATABASES") == "each"
    )
    turn = zlib.crc32(f"{metafunc.module.__name__}.{name}".encode()) % len(databases.KINDS)
    metafunc.parametrize(
        "database_kind", databases.KINDS if on_each else databases.KINDS[turn : turn + 1], indirect=True
    )


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
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
