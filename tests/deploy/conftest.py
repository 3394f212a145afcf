"""One installation as `deploy/` describes it, for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.trial import Deployed, deployed


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Both faces behind nginx. Afterwards: nobody's address, browser or words stand anywhere below its folder."""
    with deployed(tmp_path_factory.mktemp("site")) as running:
        untouched = running.temporary_files()
        assert len(untouched) >= 5
        yield running
        # Bodies and answers of every size went by; a file that was written and is gone would have changed its folder.
        assert running.temporary_files() == untouched
        told = running.operator("log", "verify")
        assert "Loggen är hel." in told
        assert running.traces() == {}
        # As talkative as its log is set, nginx has named nobody: what it says is about itself.
        assert "client:" not in (running.folder / "logs" / "nginx.error").read_text()
        assert (running.folder / "logs" / "nginx.access").read_text() == ""
