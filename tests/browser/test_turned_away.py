"""Whoever names everybody who could receive is told so at once, before a word is written."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser_fixtures import NewSource
from tests.support.servers import Server

pytestmark = pytest.mark.browser


def test_who_names_everybody_is_told_before_writing_and_may_think_again(
    http_server: Server, new_source: NewSource
) -> None:
    source = new_source(http_server)
    source.open_form("report")
    page = source.page
    everybody = page.locator('[data-field="concerns"][value^="function:"]')
    told = page.locator('p.callout[role="status"]', has_text="extern myndighet")
    expect(page.locator("#continue")).to_be_enabled()

    for box in everybody.all():
        box.check()

    expect(told).to_be_visible()
    expect(page.locator("#continue")).to_be_disabled()
    assert everybody.first.evaluate(
        "(box, said) => Boolean(box.compareDocumentPosition(said) & 4)", told.element_handle()
    )

    for box in everybody.all():
        box.uncheck()

    expect(told).to_be_hidden()
    expect(page.locator("#continue")).to_be_enabled()
