"""The other implementations, started once for each file of tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.interop import Client, browser_client, make_bundle, node_client


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("interop") / "interop.js"
    make_bundle(made)
    return made


@pytest.fixture(scope="module")
def node(bundle: Path) -> Iterator[Client]:
    with node_client(bundle) as client:
        yield client


@pytest.fixture(scope="module")
def chromium(bundle: Path, browser: Browser) -> Iterator[Client]:
    with browser_client(bundle, browser) as client:
        yield client


@pytest.fixture(params=["node", "chromium"])
def client(request: pytest.FixtureRequest) -> Client:
    found: Client = request.getfixturevalue(request.param)
    return found
