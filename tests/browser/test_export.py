"""A closed case goes to the archive: two decide in browsers, one fetches it sealed and opens it by the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from tests.support.browser import Source
from tests.support.desk import Desks
from tests.support.servers import Server
from tipportal.cli.entry import main

pytestmark = pytest.mark.browser


def test_two_decide_and_one_takes_the_case_away(
    http_server: Server,
    desks: Callable[[Server], Desks],
    new_source: Callable[..., Source],
    tmp_path: Path,
) -> None:
    told = http_server.canary("Besök som ingen har fått: ")
    reference = new_source(http_server).submit("tip", {"what_happened": told}).reference
    one, other = desks(http_server).panel(reference)
    one.open_case(reference)
    expect(one.page.locator("#step-export")).to_be_hidden()
    one.begin_follow_up()
    one.propose_close("confirmed", "Klart.")
    other.open_case(reference)
    other.approve()
    one.open_case(reference)
    one.tab_of("#export-form")
    one.page.locator("#export-reasons").fill("Leverans till arkivet.")
    one.send("export-form")
    one.taken("export-form")
    expect(one.page.locator("#exported")).to_be_hidden()
    other.open_case(reference)
    other.approve()
    expect(other.page.locator("#exported")).to_be_visible()
    with other.page.expect_download() as fetched:
        other.page.locator("#exported button").click()
    bundle = tmp_path / fetched.value.suggested_filename
    fetched.value.save_as(bundle)
    arguments = ["archive", reference, "--bundle", str(bundle), "--out", str(tmp_path / "out")]
    made = CliRunner().invoke(main, arguments, input=f"{other.person.passphrase}\n")
    assert made.exit_code == 0, made.output
    [text] = (tmp_path / "out").rglob("dialogue-0.txt")
    assert told in text.read_text()
