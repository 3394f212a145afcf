"""The handler's screens in a browser: keys, search in what was opened, the timeline, and a case changed by another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support.desk import Desk, Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser
TITLE = "Dubbla konsultfakturor"


def row(desk: Desk) -> Locator:
    return desk.page.locator(".case-row", has_text=TITLE)


def test_a_case_is_found_with_keys_and_worked_on_by_two(http_server: Server, desks: Callable[[Server], Desks]) -> None:
    every = desks(http_server)
    one = every.handler(0)
    page = one.page
    page.goto(f"{one.staff_url}arenden")
    one.unlock()
    expect(row(one)).to_be_visible()
    reference = row(one).get_attribute("data-reference") or ""

    page.locator("details:has(#search) > summary").click()
    page.locator("#search-q").fill("konsultens namn")
    page.locator("#search [type=submit]").click()
    expect(page.locator("#search [data-slot=status]")).to_contain_text("0 träffar i rubrikerna")
    page.locator("#search-contents").click()
    expect(page.locator("#search-hits li")).to_have_count(1)
    expect(page.locator("#search-hits")).to_contain_text(reference)

    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#key-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".case-row a").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".case-row a").first).to_be_focused()
    row(one).locator("a").focus()
    page.keyboard.press("a")
    expect(page.locator("#note")).to_be_focused()

    # While a text is in hand another member writes: it is told, and the text stays.
    page.keyboard.type("Halvskriven j")
    assert page.locator("#note").input_value() == "Halvskriven j"
    other = next(desk for desk in every.panel(reference) if desk.person != one.person)
    other.open_case(reference)
    other.write("note-form", "note", "Någon annans anteckning")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator("#changed")).to_be_visible()
    page.locator("#changed [data-slot=fetch]").click()
    expect(one.bodies("notes").last).to_have_text("Någon annans anteckning")
    expect(page.locator("#changed")).to_be_hidden()
    assert page.locator("#note").input_value() == "Halvskriven j"

    page.locator("#tab-logg").click()
    expect(page.locator("#log [data-kind=note_added]").last).to_contain_text("Någon annans anteckning")
    for sort in ("dialogue", "decision", "measure", "log"):
        page.locator(f"#sort-{sort}").uncheck()
    expect(page.locator("#log > li:visible").first).to_have_attribute("data-sort", "note")
    expect(page.locator("#log [data-sort=log]").first).to_be_hidden()

    page.goto(f"{one.case_address(reference)}#measures-heading")
    expect(page.locator("#measures-heading")).to_be_visible()
    expect(page.locator("#next-step")).to_contain_text("Nästa steg")
    page.locator("#lock").click()
    expect(page.locator("#passphrase")).to_be_focused()
