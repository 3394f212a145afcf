"""The lock holds against what is still on its way, and one tab's idleness takes nothing from another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import Receipt, Source
from tests.support.desk import Desk, Desks
from tests.support.servers import CANARY, Server
from tests.support.traces import found_in, spellings

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def taken(http_server: Server, desks: At) -> Receipt:
    """A report that the tests of this module open."""
    context = desks(http_server).browser.new_context(base_url=f"{http_server.source_url}/")
    try:
        return Source(context, http_server).submit("report", {"what_happened": http_server.canary()})
    finally:
        context.close()


@pytest.fixture
def desk(http_server: Server, desks: At, taken: Receipt) -> Iterator[Desk]:
    """A desk in a browser of its own, unlocked."""
    person = desks(http_server).panel(taken.reference)[0].person
    context = desks(http_server).context(person)
    made = Desk(context, http_server, person)
    made.page.goto(f"{http_server.staff_url}arenden")
    made.unlock()
    yield made
    context.close()


def held_back(page: Page, pattern: str) -> list[Route]:
    """Hold back the next request to such an address."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold, times=1)
    return held


def lock_and_let_go(page: Page, held: list[Route]) -> None:
    """Lock while the request is on its way, then let its answer come."""
    while not held:
        page.wait_for_timeout(20)
    page.locator("#lock").click()
    expect(page.locator("html")).to_have_attribute("data-locked", "true")
    with page.expect_response(lambda answer: answer.url == held[0].request.url):
        held[0].continue_()
    # Opening it takes a browser less than this by far.
    page.wait_for_timeout(1500)


def test_a_case_that_arrives_after_the_lock_is_not_shown(desk: Desk, taken: Receipt) -> None:
    held = held_back(desk.page, "**/open")
    desk.page.goto(desk.case_address(taken.reference))
    lock_and_let_go(desk.page, held)
    assert found_in(desk.page.content().encode(), spellings(CANARY)) == []
    expect(desk.page.locator("#case-title")).to_have_attribute("data-title", "locked")
    expect(desk.page.locator("#message-form [data-slot=send]")).to_be_disabled()
    desk.unlock()
    expect(desk.page.locator("#report")).to_contain_text(CANARY)


def test_titles_that_arrive_after_the_lock_are_not_shown(http_server: Server, desk: Desk) -> None:
    held = held_back(desk.page, "**/titles")
    desk.page.goto(f"{http_server.staff_url}arenden")
    lock_and_let_go(desk.page, held)
    assert desk.page.locator("[data-title-of]:not([data-title=locked])").count() == 0


def test_what_is_taken_while_the_page_is_locked_is_not_put_back(desk: Desk, taken: Receipt) -> None:
    desk.open_case(taken.reference)
    held = held_back(desk.page, "**/records")
    desk.fill("note-form", "note", "En gång.")
    desk.send("note-form")
    lock_and_let_go(desk.page, held)
    desk.unlock()
    expect(desk.page.locator("#notes")).to_contain_text("En gång.")
    expect(desk.page.locator("#note")).to_have_value("")


def test_an_idle_tab_locks_itself_and_not_the_one_in_use(http_server: Server, desk: Desk) -> None:
    # The clock is the whole browser's: only the tab that is touched half-way has been in use.
    desk.page.clock.install()
    tabs = [Desk(desk.context, http_server, desk.person) for _ in range(2)]
    for tab in tabs:
        tab.page.goto(f"{http_server.staff_url}arenden")
        tab.unlock()
    idle, used = (tab.page for tab in tabs)
    desk.page.clock.fast_forward(8 * MINUTE_MS)
    with used.expect_response("**/storage-key"):
        used.keyboard.press("Shift")
    desk.page.clock.fast_forward(8 * MINUTE_MS)
    expect(idle.locator("html")).to_have_attribute("data-locked", "true")
    expect(used.locator("html")).to_have_attribute("data-locked", "false")
    used.goto(http_server.staff_url)
    expect(used.locator("html")).to_have_attribute("data-locked", "false")


def test_a_proposal_whose_answer_is_lost_stands_once(desk: Desk, taken: Receipt) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.open_case(taken.reference)
    desk.page.route("**/proposals", lose, times=1)
    desk.tab_of("#assess-form")
    desk.page.locator("#assess-ground").select_option("public_interest")
    desk.page.locator("#assess-reasons").fill("Skäl.")
    desk.send("assess-form")
    expect(desk.page.locator("#assess-form [data-slot=status]")).to_have_attribute("data-mood", "bad")
    desk.send("assess-form")
    expect(desk.page.locator("#cards [data-proposal]")).to_have_count(1)
    expect(desk.page.locator("#assess-reasons")).to_have_value("")
    desk.page.locator("#cards [data-slot=decline]").click()
    expect(desk.page.locator("#cards [data-proposal]")).to_have_count(0)


def test_the_keyboard_goes_on_where_something_opened(desk: Desk, taken: Receipt) -> None:
    desk.open_case(taken.reference)
    desk.page.locator("#lock").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#passphrase")).to_be_focused()
    desk.page.keyboard.type(desk.person.passphrase)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#case-title")).to_be_focused()
    expect(desk.page.locator("#report")).to_contain_text(CANARY)
