"""Broken connections, old pages and a busy server: nothing is lost, nothing comes twice, the code stays the same."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Dialog, Error, Page, Route, expect

from tests.support.browser import Receipt, Source
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desks
from tests.support.servers import ORGANISATION, Server
from tipportal.envelope.casecode import CaseCode

pytestmark = pytest.mark.browser

PLAIN_FORM = f"{ORGANISATION}/tips/utan-javascript"
FLOOD = 24
WRONG_CODE = CaseCode.from_entropy(bytes(range(60, 76))).text


def checked(server: Server, source: Source, text: str) -> None:
    source.open_form("tip")
    source.check({"what_happened": text, "who": server.canary("Vem: ")})


def told(page: Page) -> None:
    expect(page.locator("#error-summary")).to_be_visible()
    expect(page.locator("#case-code")).to_have_count(0)


def arrived(server: Server, desks: Callable[[Server], Desks], taken: Receipt, text: str) -> None:
    desk = desks(server).panel(taken.reference)[0]
    desk.open_case(taken.reference)
    expect(desk.answer("what_happened")).to_have_text(text)


@pytest.mark.parametrize("mishap", ["refuse", "swallow"])
def test_a_broken_connection_costs_nothing(
    http_server: Server, new_source: NewSource, desks: Callable[[Server], Desks], mishap: str
) -> None:
    """The line breaks before the server got the case, or after it had kept it and before the answer was through."""
    source, network = new_source(http_server), http_server.forwarder
    before, text = http_server.cases, http_server.canary("Det hände: ")
    checked(http_server, source, text)
    setattr(network, mishap, b"POST /api/cases ")
    network.mishaps = 0
    source.send()
    told(source.page)
    assert network.mishaps
    expect(source.page.locator("#check-list")).to_contain_text(text)
    assert http_server.cases == before + (mishap == "swallow")
    setattr(network, mishap, None)
    source.send()
    taken = source.receipt()
    assert http_server.cases == before + 1
    source.open_case(taken.code)
    expect(source.page.locator(".record")).to_have_count(1)
    arrived(http_server, desks, taken, text)


@pytest.mark.parametrize("mishap", ["refuse", "swallow"])
def test_a_broken_connection_costs_no_message(http_server: Server, new_source: NewSource, mishap: str) -> None:
    source, network = new_source(http_server), http_server.forwarder
    taken = source.submit("tip", {"what_happened": http_server.canary()})
    source.open_case(taken.code)
    text = http_server.canary("Svar: ")
    field = source.page.locator("[data-field=message]")
    field.fill(text)
    setattr(network, mishap, b"POST /api/case/records ")
    network.mishaps = 0
    source.page.locator("#opened #send").click()
    expect(source.page.locator("#error-summary")).to_be_visible()
    assert network.mishaps
    expect(field).to_have_value(text)
    setattr(network, mishap, None)
    source.page.locator("#opened #send").click()
    expect(source.bodies("source").last).to_have_text(text)
    expect(field).to_have_value("")
    expect(source.page.locator(".record")).to_have_count(2)


@pytest.mark.parametrize("mishap", ["refuse", "swallow"])
def test_a_broken_connection_costs_nothing_without_javascript(
    http_server: Server, new_source: NewSource, desks: Callable[[Server], Desks], mishap: str
) -> None:
    source, network = new_source(http_server, script=False), http_server.forwarder
    before, text = http_server.cases, http_server.canary("Det hände: ")
    checked(http_server, source, text)
    setattr(network, mishap, f"POST /{PLAIN_FORM} ".encode())
    network.mishaps = 0
    # The browser shows its own page about the connection; the request is sent once more from there.
    with pytest.raises(Error, match="ERR_"):
        press(source)
    source.page.wait_for_url("chrome-error://**")
    assert network.mishaps
    assert http_server.cases == before + (mishap == "swallow")
    setattr(network, mishap, None)
    source.page.reload()
    taken = source.receipt()
    source.page.reload()
    again = source.receipt()
    assert again == taken
    assert http_server.cases == before + 1
    arrived(http_server, desks, taken, text)


def press(source: Source) -> None:
    """Press the first button and say how the navigation went."""
    with source.page.expect_navigation(wait_until="commit"):
        source.send()


def test_an_old_page_goes_on_with_its_text(http_server: Server, new_source: NewSource) -> None:
    source = new_source(http_server)
    age_page(source.page, f"{ORGANISATION}/tips", http_server.expired_token("tip"))
    text = http_server.canary()
    # Nothing is asked of whoever writes: the page fetches a new token by itself.
    taken = source.submit("tip", {"what_happened": text})
    age_page(source.page, "arende", http_server.expired_token("case"))
    source.open_case(taken.code)
    source.write(http_server.canary("Svar: "))
    expect(source.page.locator(".record")).to_have_count(2)


def age_page(page: Page, path: str, token: str) -> None:
    """Let a page come with a token that was issued the day before."""

    def old(route: Route) -> None:
        answer = route.fetch()
        html, count = re.subn(r'(?<=name="csrf_token" value=")[^"]+', token, answer.text())
        assert count
        route.fulfill(response=answer, body=html)

    page.route(f"**/{path}", old)


def test_an_old_page_without_javascript_keeps_its_text(http_server: Server, new_source: NewSource) -> None:
    source, text = new_source(http_server, script=False), http_server.canary()
    source.open_form("tip")
    source.page.locator("[name=what_happened]").fill(text)
    age_form(source.page, http_server.expired_token("tip"))
    source.send()
    told(source.page)
    expect(source.page.locator("[name=what_happened]")).to_have_value(text)
    source.send()
    # On the page to check on, once more.
    age_form(source.page, http_server.expired_token("tip"))
    source.send()
    told(source.page)
    expect(source.page.locator("main")).to_contain_text(text)
    source.send()
    taken = source.receipt()
    source.open_case(taken.code)
    expect(source.page.locator(".record")).to_contain_text(text)
    message = http_server.canary("Svar: ")
    source.page.locator("[name=message]").fill(message)
    age_form(source.page, http_server.expired_token("case"))
    form = source.page.locator("form", has=source.page.locator("[name=message]"))
    form.locator("button").first.click()
    expect(source.page.locator("#error-summary")).to_be_visible()
    expect(source.page.locator("[name=message]")).to_have_value(message)
    form.locator("button").first.click()
    expect(source.bodies("source").last).to_have_text(message)


def age_form(page: Page, token: str) -> None:
    for field in page.locator("[name=csrf_token]").all():
        field.evaluate("(field, token) => { field.value = token }", token)


def test_a_proxy_without_its_server_costs_nothing(http_server: Server, new_source: NewSource) -> None:
    """What stands in front of a server that is being restarted answers with a page of its own."""
    source, text = new_source(http_server), http_server.canary()
    checked(http_server, source, text)
    before = http_server.cases
    for path in ("**/api/panel", "**/api/cases"):
        source.page.route(path, lambda route: route.fulfill(status=503, body="<h1>503</h1>", content_type="text/html"))
        source.send()
        told(source.page)
        expect(source.page.locator("#check-list")).to_contain_text(text)
        source.page.unroute(path)
        assert http_server.cases == before
    source.send()
    source.receipt()
    assert http_server.cases == before + 1


def test_a_busy_server_keeps_what_was_written(https_server: Server, new_source: NewSource) -> None:
    """So many derive keys at once that the server turns others away: the page that says so holds the text."""
    source, text = new_source(https_server, script=False), https_server.canary()
    with flood(https_server):
        for _ in range(8):
            checked(https_server, source, text)
            source.send()
            if source.page.locator("#error-summary").is_visible():
                break
            # Somebody left the queue just then: as good a case as any, and the next attempt is another.
            source.receipt()
        told(source.page)
        expect(source.page.locator("main")).to_contain_text(text)
    source.send()
    source.receipt()


@contextmanager
def flood(server: Server) -> Iterator[None]:
    """Many who enter a wrong code again and again. Begins when the first has been turned away."""
    over, busy = threading.Event(), threading.Event()
    threads = [threading.Thread(target=_enter_wrong_codes, args=(server, over, busy)) for _ in range(FLOOD)]
    for thread in threads:
        thread.start()
    try:
        assert busy.wait(30)
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _enter_wrong_codes(server: Server, over: threading.Event, busy: threading.Event) -> None:
    while not over.is_set():
        connection = server.connection()
        try:
            connection.request("GET", "/arende/utan-javascript")
            page = connection.getresponse().read().decode()
            token = re.search(r'name="csrf_token" value="([^"]+)', page)
            assert token is not None
            form = urlencode({"csrf_token": token[1], "code": WRONG_CODE})
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/arende/utan-javascript", form, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status in {404, 429, 503}
            if answer.status == 503:
                busy.set()
        except (OSError, HTTPException):
            continue
        finally:
            connection.close()


def test_leaving_with_an_unsaved_code_is_asked_about(http_server: Server, new_source: NewSource) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    unsaved, saved = new_source(http_server), new_source(http_server)
    unsaved.page.on("dialog", answer)
    saved.page.on("dialog", answer)
    checked(http_server, unsaved, http_server.canary())
    unsaved.send()
    expect(unsaved.page.locator("#case-code")).to_be_visible()
    unsaved.page.reload()
    assert asked == ["beforeunload"]
    saved.submit("tip", {"what_happened": http_server.canary()})
    saved.page.goto("")
    assert asked == ["beforeunload"]


def test_both_ways_count_the_same_text(http_server: Server, new_source: NewSource) -> None:
    """The longest text that may be written arrives whole, by either way; one character more is said before sending."""
    longest = ("å" * 49_999 + "\n") * 2
    for script in (True, False):
        source = new_source(http_server, script=script)
        source.open_form("tip")
        attribute = "data-field" if script else "name"
        source.page.locator(f"[{attribute}=what_happened]").fill(longest.strip() + "åå")
        source.page.locator("#continue" if script else "form[method=post] button").first.click()
        told(source.page)
        source.page.locator(f"[{attribute}=what_happened]").fill(longest.strip() + "å")
        source.page.locator("#continue" if script else "form[method=post] button").first.click()
        source.send()
        taken = source.receipt()
        source.open_case(taken.code)
        shown = source.page.locator(".record-body dd").filter(has_text="åååå").inner_text()
        assert len(shown) == 100_000
