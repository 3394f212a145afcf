"""Handlers at work: two browsers at once, a lock that holds, a page that loses nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable

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
    """A tip that every test of this module may write in."""
    context = desks(http_server).browser.new_context(base_url=f"{http_server.source_url}/")
    try:
        return Source(context, http_server).submit("tip", {"what_happened": http_server.canary()})
    finally:
        context.close()


@pytest.fixture
def panel(http_server: Server, desks: At, taken: Receipt) -> tuple[Desk, Desk]:
    """Both desks with the case open."""
    one, other = desks(http_server).panel(taken.reference)
    one.open_case(taken.reference)
    other.open_case(taken.reference)
    return one, other


@pytest.mark.parametrize(
    ("form", "field", "place"), [("message-form", "message", "dialogue"), ("note-form", "note", "notes")]
)
def test_who_writes_second_is_sealed_again(
    http_server: Server, panel: tuple[Desk, Desk], taken: Receipt, form: str, field: str, place: str
) -> None:
    one, other = panel
    first, second = http_server.canary("Först: "), http_server.canary("Sedan: ")
    held: list[Route] = []
    statuses: list[int] = []
    other.page.on("response", lambda answer: statuses.append(answer.status))

    def hold(route: Route) -> None:
        held.append(route)

    other.page.route("**/records", hold, times=1)
    other.fill(form, field, second)
    other.send(form)
    while not held:
        other.page.wait_for_timeout(20)
    one.write(form, field, first)
    # Sealed to stand where the other's record stands now.
    expect(other.page.locator(f"#{field}")).to_have_value(second)
    held[0].continue_()
    other.taken(form)
    assert 412 in statuses
    expect(other.page.locator(f"#{field}")).to_have_value("")
    for desk in panel:
        desk.open_case(taken.reference)
        assert [text for text in desk.bodies(place).all_text_contents() if text in {first, second}] == [first, second]


def test_two_who_write_at_the_same_moment_both_come_through(
    http_server: Server, panel: tuple[Desk, Desk], taken: Receipt
) -> None:
    texts = [http_server.canary(name) for name in ("Ena: ", "Andra: ")]
    for desk, text in zip(panel, texts, strict=True):
        desk.fill("message-form", "message", text)
    for desk in panel:
        desk.send("message-form")
    for desk in panel:
        desk.taken("message-form")
    panel[0].open_case(taken.reference)
    assert sorted(text for text in panel[0].bodies().all_text_contents() if text in texts) == sorted(texts)


@pytest.mark.parametrize("kept", [False, True])
def test_a_message_whose_answer_is_lost_is_said_once(
    http_server: Server, panel: tuple[Desk, Desk], taken: Receipt, *, kept: bool
) -> None:
    one = panel[0]
    text = http_server.canary("Sagt: ")

    def lose(route: Route) -> None:
        if kept:
            route.fetch()
        route.abort()

    one.page.route("**/records", lose)
    one.fill("message-form", "message", text)
    one.send("message-form")
    expect(one.page.locator("#message-form [data-slot=status]")).to_have_attribute("data-mood", "bad")
    expect(one.page.locator("#message")).to_have_value(text)
    one.page.unroute("**/records")
    one.send("message-form")
    one.taken("message-form")
    one.open_case(taken.reference)
    assert one.bodies().all_text_contents().count(text) == 1


def test_navigation_keeps_unlocked_and_a_new_tab_is_locked(http_server: Server, panel: tuple[Desk, Desk]) -> None:
    one = panel[0]
    one.page.goto(f"{http_server.staff_url}arenden")
    unlocked(one.page)
    one.page.goto(http_server.staff_url)
    unlocked(one.page)
    tab = one.context.new_page()
    tab.goto(f"{http_server.staff_url}arenden")
    locked(tab)
    tab.close()


def test_a_closed_tab_takes_the_keys_along(panel: tuple[Desk, Desk], taken: Receipt) -> None:
    other = panel[1]
    kept = other.page.evaluate("Object.values(sessionStorage)")
    assert kept
    other.page.close()
    other.page = other.context.new_page()
    other.page.goto(other.case_address(taken.reference))
    locked(other.page)
    expect(other.page.locator("#report")).to_be_empty()
    # Not even what the browser may have left on disk opens anything without the server's half.
    assert found_in("".join(kept).encode(), spellings(other.person.passphrase)) == []
    other.unlock()


def test_the_lock_button_clears_the_page(http_server: Server, panel: tuple[Desk, Desk], taken: Receipt) -> None:
    one = panel[0]
    draft = http_server.canary("Utkast: ")
    one.fill("note-form", "note", draft)
    assert found_in(one.page.content().encode(), spellings(CANARY))
    one.page.locator("#lock").click()
    locked(one.page)
    written = one.page.evaluate("() => [...document.querySelectorAll('textarea, input')].map(field => field.value)")
    assert found_in((one.page.content() + "".join(written)).encode(), spellings(CANARY)) == []
    assert one.page.evaluate("sessionStorage.length") == 0
    one.unlock()
    expect(one.page.locator("#note")).to_have_value(draft)
    one.page.locator("#note").fill("")
    one.open_case(taken.reference)


def test_fifteen_idle_minutes_lock(http_server: Server, desks: At, taken: Receipt) -> None:
    """By the browser's own clock: nobody touches the page, and a machine that slept is noticed when it wakes."""
    desk = desks(http_server).panel(taken.reference)[0]
    idle = Desk(desk.context, http_server, desk.person)
    idle.page.clock.install()
    idle.open_case(taken.reference)
    idle.page.clock.fast_forward(14 * MINUTE_MS)
    unlocked(idle.page)
    idle.page.clock.fast_forward(2 * MINUTE_MS)
    locked(idle.page)
    assert found_in(idle.page.content().encode(), spellings(CANARY)) == []
    assert idle.page.evaluate("sessionStorage.length") == 0
    idle.page.close()


def test_a_wrong_passphrase_opens_nothing_and_says_which_word(http_server: Server, panel: tuple[Desk, Desk]) -> None:
    one, other = panel
    tab = one.context.new_page()
    tab.goto(f"{http_server.staff_url}arenden")
    locked(tab)
    status = tab.locator("#unlock-status")
    words = one.person.passphrase.split()
    for typed, said in ((other.person.passphrase, None), (" ".join([*words[:-1], "qqqqq"]), "7"), (words[0], "sju")):
        tab.locator("#passphrase").fill(typed)
        tab.locator("#unlock-button").click()
        expect(status).to_have_attribute("data-mood", "bad")
        expect(tab.locator("#unlock-button")).to_be_enabled()
        if said is not None:
            expect(status).to_contain_text(said)
        locked(tab)
    tab.close()


def test_what_stands_in_the_storage_of_the_tab_is_sealed(http_server: Server, panel: tuple[Desk, Desk]) -> None:
    """Chromium writes `sessionStorage` to disk: the keys lie there only under a key that the server's session holds."""
    one = panel[0]
    kept = one.page.evaluate("Object.entries(sessionStorage)")
    token = one.page.locator("meta[name=tipportal-csrf]").get_attribute("content") or ""
    ((_, sealed),) = kept
    raw = base64.b64decode(sealed)
    answer = one.context.request.post(
        f"{http_server.staff_url}api/storage-key", data={}, headers={"Tipportal-CSRF": token}
    )
    storage_key = base64.b64decode(answer.json()["storage_key"])
    assert storage_key not in raw
    assert b"age" not in raw
    # Two keys of 32 bytes as canonical JSON, a nonce and a tag: nothing else is there.
    assert len(raw) < 256
    # Which directory was seen last is no secret, and the same for everybody.
    assert set(one.page.evaluate("Object.keys(localStorage)")) <= {"tipportal-directory"}


def locked(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-locked", "true")
    expect(page.locator("#unlock")).to_be_visible()


def unlocked(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-locked", "false")
    expect(page.locator("#unlock")).to_be_hidden()
