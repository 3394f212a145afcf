"""Firefox without JavaScript, SVG and web fonts, as Tor Browser is at its safest: the whole way of a source."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.audit import SCREENSHOTS
from tests.support.firefox import Firefox, firefox
from tests.support.servers import ORGANISATION, USER_AGENT, Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def safest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox"), {"general.useragent.override": USER_AGENT}) as started:
        yield started
        # Whatever it was made to do, it asked nobody but the servers of the tests.
        assert started.outside.asked == []


def draw(window: Firefox, name: str) -> None:
    """Draw the page, where somebody wants to look at it."""
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        (Path(SCREENSHOTS) / f"firefox-{name}.png").write_bytes(base64.b64decode(window.screenshot()))


def test_the_browser_is_as_strict_as_it_should_be(safest: Firefox) -> None:
    page = (
        "<noscript>no script</noscript><script>document.write('<i>script</i>')</script><svg width=40 height=40></svg>"
    )
    safest.go(f"data:text/html,{page}")
    assert safest.text("body") == "no script"
    assert not safest.present("i")
    assert safest.width("svg") == 0


def test_a_source_tells_reads_and_answers_with_files(safest: Firefox, http_server: Server, tmp_path: Path) -> None:
    told = http_server.canary("Det hände: ")
    invoice, answer = tmp_path / "räkning nr 7.pdf", tmp_path / "svar.txt"
    invoice.write_bytes(b"%PDF-1.7\n" + http_server.canary().encode() + os.urandom(200_000))
    answer.write_text(http_server.canary("Svar: "))
    code = tell(safest, http_server, told, invoice)

    safest.click("main a[href$='/arende/utan-javascript']")
    draw(safest, "code")
    enter(safest, code.upper())
    assert told in safest.text(".record")
    safest.click(".record .files a")
    assert safest.downloaded(invoice.name) == invoice.read_bytes()
    message = http_server.canary("Tillägg: ")
    safest.write("[name=message]", message)
    safest.write("[name=files]", str(answer))
    safest.click("form.compose button")
    assert safest.text(".record:nth-of-type(2) .record-body") == message
    safest.click(".record:nth-of-type(2) .files a")
    assert safest.downloaded(answer.name) == answer.read_bytes()
    draw(safest, "case")
    address = safest.address
    safest.click(".close-case button")
    draw(safest, "closed")
    safest.go(address)
    assert not safest.present(".record")

    # In a hurry: one click, and whoever comes after finds nothing open.
    enter(safest, code)
    assert told in safest.text(".record")
    safest.click("#exit")
    assert safest.address.endswith("/lamna/klar")
    draw(safest, "left")
    safest.command("WebDriver:Back")
    assert told not in safest.source()
    safest.go(address)
    assert not safest.present(".record")
    assert safest.present("[name=code]")


def tell(safest: Firefox, server: Server, told: str, file: Path) -> str:
    """From the form that needs a script to the code, by way of an error."""
    before = server.cases
    safest.go(f"{server.source_url}/{ORGANISATION}/tips")
    draw(safest, "form-that-needs-script")
    safest.click("noscript a[href$='/utan-javascript']")
    draw(safest, "form")
    safest.write("[name=who]", server.canary("Vem: "))
    safest.click("[name=ongoing] option[value=yes]")
    safest.click("main form button")
    assert safest.attribute("#error-summary a", "href") == "#what_happened"
    draw(safest, "form-errors")
    safest.click("#error-summary a")
    safest.write("[name=what_happened]", told)
    safest.click("[name=area] option[value=hemtjanst]")
    safest.click("main form button")
    assert told in safest.text("main dl")
    safest.write("[name=files]", str(file))
    draw(safest, "check")
    safest.click("button[name=step][value=send]")
    code = " ".join(safest.text("#case-code").split())
    assert len(code.split()) == 9
    server.codes.append(code)
    draw(safest, "confirmation")
    assert server.cases == before + 1
    return code


def enter(safest: Firefox, code: str) -> None:
    """Enter the code on the page that asks for it."""
    safest.write("[name=code]", code)
    safest.click("main form button")
