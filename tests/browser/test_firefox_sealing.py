"""Firefox that runs scripts, in a private window: sealing and opening, files too, by its own workers and streams."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.firefox import Preference, firefox
from tests.support.servers import ORGANISATION, USER_AGENT, Server

pytestmark = pytest.mark.browser

SCRIPTS: dict[str, Preference] = {"javascript.enabled": True, "general.useragent.override": USER_AGENT}


def test_a_source_seals_and_opens_with_files(http_server: Server, tmp_path: Path) -> None:
    photo, answer = tmp_path / "bild från åkern.jpg", tmp_path / "svar.txt"
    # More than a part, and more than one piece of what arrives.
    photo.write_bytes(http_server.canary().encode() + os.urandom(5_000_000))
    answer.write_text(http_server.canary("Svar: "))
    told, before = http_server.canary("Det hände: "), http_server.cases
    with firefox(tmp_path, SCRIPTS) as window:
        window.go(f"{http_server.source_url}/{ORGANISATION}/tips")
        window.one("#continue:enabled")
        window.write("[data-field=what_happened]", told)
        window.write("#files", str(photo))
        window.click("#continue")
        assert photo.name in window.text("#check-list .file-name")
        window.click("#send:enabled")
        code = " ".join(window.text("#case-code").split())
        http_server.codes.append(code)
        assert http_server.cases == before + 1
        window.click("[data-slot=saved]")
        window.go(f"{http_server.source_url}/arende")
        window.one("#open:enabled")
        window.write("#code", code)
        window.click("#open")
        assert told in window.text(".record")
        window.click(".record .files button")
        assert window.downloaded(photo.name) == photo.read_bytes()
        # Again: nothing of the first time stands in the way.
        (window.downloads / photo.name).unlink()
        window.click(".record .files button:enabled")
        assert window.downloaded(photo.name) == photo.read_bytes()
        window.write("#opened #files", str(answer))
        window.click("#opened #send")
        window.click(".record:nth-of-type(2) .files button")
        assert window.downloaded(answer.name) == answer.read_bytes()
        assert window.outside.asked == []
