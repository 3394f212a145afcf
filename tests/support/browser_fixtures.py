"""Fixtures of the tests in a browser: servers for the session, a browser and its signed-in handlers for each module.

They are a plug-in of `tests/conftest.py` and not imported by other ones: each import would start servers once more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState

from tests.support.browser import PlainSource, Source, chromium, source_context
from tests.support.desk import Desks
from tests.support.servers import Server, demo_over_http, portal_over_https, seeded_demo, staffed_portal

Sessions = dict[str, dict[str, StorageState]]


def _checked(server: Server) -> Iterator[Server]:
    yield server
    # Every act of every test stands in the handling log, and the log holds.
    told = server.command("log", "verify")
    assert told.returncode == 0, told.stdout
    # Whatever went wrong on purpose in any test: nothing that somebody wrote may have been left in clear.
    assert server.traces() == {}


@pytest.fixture(scope="session")
def http_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo on localhost."""
    with demo_over_http(tmp_path_factory.mktemp("http"), seeded_demo(_shared(tmp_path_factory))) as server:
        yield from _checked(server)


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all processes of this run: below xdist each has its own in it."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def https_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation behind TLS."""
    with portal_over_https(tmp_path_factory.mktemp("https"), staffed_portal(_shared(tmp_path_factory))) as server:
        yield from _checked(server)


@pytest.fixture(scope="session", params=["http", "https"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two."""
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    """Who is signed in where: a one-time code is good once, so a session is used for as long as there is one."""
    return {}


_launched: dict[Path, Browser] = {}
_in_use: set[Path] = set()
_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Close the browser when nobody uses it or is about to: Playwright's loop lets no other run beside it."""
    yield
    if not _in_use and (nextitem is None or "browser" not in getattr(nextitem, "fixturenames", ())):
        _launched.clear()
        _running.close()


@pytest.fixture(scope="module")
def browser(browser_path: Path) -> Iterator[Browser]:
    """A browser: the one of the module before, without anything that was opened in it, or a new one."""
    if browser_path not in _launched:
        _launched[browser_path] = _running.enter_context(chromium(browser_path))
    opened = _launched[browser_path]
    _in_use.add(browser_path)
    yield opened
    _in_use.remove(browser_path)
    for context in opened.contexts:
        context.close()


@pytest.fixture(scope="module")
def desks(browser: Browser, sessions: Sessions) -> Callable[[Server], Desks]:
    """The handlers' desks on a server."""
    made: dict[str, Desks] = {}

    def at(server: Server) -> Desks:
        if server.staff_url not in made:
            made[server.staff_url] = Desks(browser, server, sessions.setdefault(server.staff_url, {}))
        return made[server.staff_url]

    return at


NewSource = Callable[..., Source]


@pytest.fixture
def new_source(browser: Browser) -> Iterator[NewSource]:
    """Make a source with a browser of its own.

    `new_source(server, script=True, language="", plain=None)`; `plain` takes the pages without JavaScript in a browser
    that has it.
    """
    with ExitStack() as stack:

        def make(server: Server, *, script: bool = True, language: str = "", plain: bool | None = None) -> Source:
            opened = source_context(browser, server, script=script, language=language)
            context: BrowserContext = stack.enter_context(opened)
            return (PlainSource if plain or not script else Source)(context, server)

        yield make
