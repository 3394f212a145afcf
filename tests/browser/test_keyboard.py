"""Without a mouse: a source tells, reads and leaves; a handler unlocks, reads, writes and proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.support.browser import Receipt, read_receipt
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk, Desks
from tests.support.keyboard import Keyboard
from tests.support.servers import ORGANISATION, Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
FILE: FilePayload = {"name": "bild.txt", "mimeType": "text/plain", "buffer": b"bild"}


@pytest.fixture
def keys(http_server: Server, new_source: NewSource) -> Iterator[Keyboard]:
    """A source's keyboard; what was wrong at any stop is told at the end."""
    made = Keyboard(new_source(http_server).page)
    yield made
    assert not made.faults, "\n".join(made.faults)


def test_a_source_and_a_handler_without_a_mouse(http_server: Server, keys: Keyboard, desks: At) -> None:
    taken = tell(http_server, keys)
    follow(http_server, keys, taken)
    handle(http_server, desks(http_server), taken)
    keys.page.reload()
    keys.type("[data-field=code]", taken.code)
    keys.press_on("#open")
    expect(keys.page.locator("#opened .record")).to_have_count(3)
    keys.press_on("#exit")
    keys.page.wait_for_url("**/lamna/klar")


def tell(server: Server, keys: Keyboard) -> Receipt:
    """A report with a file, by way of an error and the page to check on."""
    page, text = keys.page, server.canary()
    page.goto(f"{ORGANISATION}/rapport")
    expect(page.locator("#continue")).to_be_enabled()
    keys.press_on("#continue")
    expect(page.locator("#error-summary")).to_be_focused()
    keys.press_on("#error-summary a[href$=what_happened]")
    expect(page.locator("[data-field=what_happened]")).to_be_focused()
    page.keyboard.insert_text(text)
    keys.to("[data-field=amount]")
    keys.press("ArrowDown")
    keys.choose_file("[data-field=files]", FILE, "Enter")
    keys.press_on(".files button", "Space")
    expect(page.locator("[data-field=files]")).to_be_focused()
    expect(page.locator(".files .file-name")).to_have_count(0)
    keys.choose_file("[data-field=files]", FILE, "Space")
    keys.press_on("#continue")
    expect(page.locator("#checking")).to_be_visible()
    expect(page.locator("#check-list")).to_contain_text("bild.txt")
    keys.press_on("#change", "Space")
    expect(page.locator("[data-field=what_happened]")).to_have_value(text)
    keys.press_on("#continue")
    expect(page.locator("#checking")).to_be_visible()
    keys.press_on("#send")
    expect(page.locator("#case-code")).to_be_visible()
    taken = read_receipt(page, server)
    keys.press_on("#code-saved", "Space")
    expect(page.locator("#code-saved")).to_be_checked()
    return taken


def follow(server: Server, keys: Keyboard, taken: Receipt) -> None:
    """From the confirmation to the case, a message, and away from it."""
    page, text = keys.page, server.canary("Svar: ")
    keys.press_on("main a[href$='/arende']")
    expect(page.locator("#open")).to_be_enabled()
    keys.type("[data-field=code]", taken.code)
    keys.press_on("#open")
    expect(page.locator("#opened .record")).to_have_count(1)
    keys.type("[data-field=message]", text)
    keys.press_on("#opened #send")
    expect(page.locator("#opened .record")).to_have_count(2)
    keys.press_on("#opened .close-case a")
    expect(page.locator("#opened")).to_be_empty()


def handle(server: Server, desks: Desks, taken: Receipt) -> None:
    """From the list of cases to a proposal, and the lock."""
    desk = desks.panel(taken.reference)[0]
    page, text = Desk(desk.context, server, desk.person).page, server.canary("Fråga: ")
    keys = Keyboard(page)
    page.goto(f"{server.staff_url}arenden")
    expect(page.locator("#unlock-button")).to_be_enabled()
    keys.type("#passphrase", desk.person.passphrase)
    keys.press("Enter")
    expect(page.locator("#lock")).to_be_visible()
    keys.press_on(f"a[href$='/{taken.reference}']")
    expect(page.locator("#report")).to_contain_text("Grodsång")
    keys.press_on("#report-files [data-slot=show]")
    expect(page.locator("#shown-file")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#shown-file")).to_be_hidden()
    expect(page.locator("#report-files [data-slot=show]")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    to_tab(page, "ArrowRight", "dialog")
    keys.type("#message", text)
    keys.press_on("#message-form [data-slot=send]")
    expect(page.locator("#message-form [data-slot=status]")).to_have_attribute("data-mood", "good")
    keys.to("[role=tab][aria-selected=true]")
    to_tab(page, "ArrowRight", "anteckningar")
    to_tab(page, "ArrowRight", "atgarder")
    keys.press_on("#step-assess > summary")
    keys.to("#assess-ground")
    keys.press("ArrowDown")
    keys.type("#assess-reasons", server.canary("Skäl: "))
    keys.press_on("#assess-form [data-slot=send]")
    expect(page.locator("#cards [data-proposal]")).to_be_visible()
    keys.press_on("#lock")
    expect(page.locator("#passphrase")).to_be_focused()
    page.close()
    assert not keys.faults, "\n".join(keys.faults)


def to_tab(page: Page, key: str, name: str) -> None:
    """Go on to the next tab of a case."""
    page.keyboard.press(key)
    expect(page.locator(f"#tab-{name}")).to_be_focused()
    if page.locator(f"#tab-{name}").get_attribute("aria-selected") != "true":
        page.keyboard.press("Enter")
    expect(page.locator(f"#{name}")).to_be_visible()
