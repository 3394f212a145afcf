"""The end of a case in two browsers: a masked copy to release, closing, and preserving it by two."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import Source
from tests.support.desk import Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
NewSource = Callable[..., Source]


def test_a_masked_copy_and_the_end_of_a_case(http_server: Server, new_source: NewSource, desks: At) -> None:
    told = http_server.canary("Hemtjänsten kom aldrig. ")
    tip = new_source(http_server).submit("tip", {"what_happened": told})
    one, other = desks(http_server).panel(tip.reference)
    page = one.page
    page.goto(f"{http_server.staff_url}utlamnanden")
    page.locator("[name=asked]").select_option("case")
    page.locator("[name=reference]").fill(tip.reference)
    page.get_by_role("button", name="Ta emot").click()
    expect(page.locator(".member")).to_contain_text(tip.reference)

    one.open_case(tip.reference)
    one.tab_of("#masking-form")
    page.locator("#step-masking [data-slot=records] label").first.click()
    area = page.locator("#masking-text")
    start = area.input_value().index("Hemtjänsten")
    area.evaluate("(area, [from, to]) => { area.focus(); area.setSelectionRange(from, to); }", [start, start + 11])
    page.locator("#masking-form [data-slot=mask]").click()
    assert "█████ kom aldrig" in area.input_value()
    page.locator("#masking-answer").select_option("partly")
    page.locator("label[for=provision-osl_26_1]").click()
    one.send("masking-form")
    one.taken("masking-form")

    one.begin_follow_up()
    one.propose_close("confirmed", "Klart.")
    other.open_case(tip.reference)
    other.approve()
    other.tab_of("#retain-form")
    other.page.locator("#retain-number").fill("ARK 2026/3")
    other.page.locator("#retain-reasons").fill("Enligt arkivets beslut.")
    other.send("retain-form")
    expect(other.page.locator("#cards [data-slot=change]")).to_have_text("Bevara ärendet, enligt beslut ARK 2026/3")
    one.open_case(tip.reference)
    one.approve()
