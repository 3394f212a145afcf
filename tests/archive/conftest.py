"""The package of a whole case, made once as the command makes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.archived import Made, bundle_of, run, whole_case
from tests.support.story import Story, staffed


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    directory = tmp_path_factory.mktemp("archived")
    with staffed("sqlite", directory) as story:
        case = whole_case(story)
        bundle = bundle_of(story, case, directory / "bundle.zip")
        out = directory / "arkiv"
        result = run(case, out, "--bundle", str(bundle))
        yield Made(story, case, bundle, out / f"tipportal-{case.reference}", result)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with staffed("sqlite", tmp_path) as opened:
        yield opened
