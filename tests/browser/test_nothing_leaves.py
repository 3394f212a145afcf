"""A script that is blocked, late, broken or tampered with: nothing that was written leaves the page, and it says why.

What leaves is read on the wire: the network between browser and server records every byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import Source, Watch, fill_in
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desks
from tests.support.servers import CANARY, ORGANISATION, Server
from tests.support.traces import code_spellings, found_in, spellings
from tipportal.envelope import HybridIdentity, NoMatchingIdentity
from tipportal.envelope.casecode import CaseCode
from tipportal.envelope.keys import dialogue_seed
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import PassphraseIdentity, parse_identity_file

pytestmark = pytest.mark.browser

THROWING = b'throw new Error("broken");'
SEALING = re.compile(r"/(form|case)-[0-9a-f]+\.js$")
INTEGRITY = re.compile(r'(?<=integrity=")[^"]+')
SOME_CODE = CaseCode.from_entropy(bytes(range(7, 23))).text
PAGES = {f"{ORGANISATION}/tips": "#continue", f"{ORGANISATION}/rapport": "#continue", "arende": "#open"}


def integrity_of(script: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(script).digest()).decode()


def block(page: Page) -> None:
    page.route(SEALING, lambda route: route.abort())


def tamper(page: Page) -> None:
    def add(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body() + b"\n//")

    page.route(SEALING, add)


def throw(page: Page) -> None:
    """The script that the page itself vouches for throws at once."""

    def vouch(route: Route) -> None:
        answer = route.fetch()
        html = re.sub(
            r"<script[^>]+/(?:form|case)-[0-9a-f]+\.js[^>]*>",
            lambda tag: INTEGRITY.sub(integrity_of(THROWING), tag.group()),
            answer.text(),
        )
        assert integrity_of(THROWING) in html
        route.fulfill(response=answer, body=html)

    for path in PAGES:
        page.route(f"**/{path}", vouch)
    page.route(SEALING, lambda route: route.fulfill(body=THROWING, content_type="text/javascript"))


BREAKS: dict[str, Callable[[Page], None]] = {"blocked": block, "tampered": tamper, "throwing": throw}


def write_on(page: Page, path: str) -> dict[str, str]:
    """Write a text, or the code, wherever the page takes one. Gives what was written by field."""
    if path == "arende":
        written = {"code": SOME_CODE}
    else:
        names = ["what_happened", "who", "when", "where", "how_known", "contact"]
        written = {name: f"{CANARY} {name}" for name in names}
    fill_in(page, written)
    return written


def try_to_send(page: Page, button: str) -> None:
    """All that an impatient person, or their browser, might do."""
    page.locator(button).click(force=True)
    page.locator(button).dispatch_event("click")
    page.locator("[data-field]:not(select)").last.press("Enter")
    page.locator(button).press("Enter")


def needles() -> list[bytes]:
    return [*spellings(CANARY), *code_spellings(SOME_CODE)]


def still_written(page: Page, written: dict[str, str]) -> None:
    for name, text in written.items():
        assert page.locator(f"[data-field={name}]").input_value().strip() == text


def says_what_to_do(page: Page) -> None:
    notice = page.locator("#script-needed")
    expect(notice).to_be_visible()
    expect(notice.get_by_role("link")).to_have_attribute("href", re.compile("/utan-javascript$"))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("how", BREAKS)
def test_without_its_script_the_page_sends_nothing(
    http_server: Server, new_source: NewSource, how: str, path: str
) -> None:
    page = new_source(http_server).page
    BREAKS[how](page)
    with http_server.forwarder.recording() as wire:
        page.goto(path)
        written = write_on(page, path)
        expect(page.locator(PAGES[path])).to_be_disabled()
        says_what_to_do(page)
        try_to_send(page, PAGES[path])
        still_written(page, written)
        # Even a browser that submits the form by itself has nothing to put into the request: no field has a name. When
        # the answer begins, all of it has gone over the wire; how the page that comes loads does not matter.
        page.unroute_all()
        with page.expect_navigation(wait_until="commit"):
            page.locator("form").first.evaluate("form => form.submit()")
    assert f"GET /{path}?".encode() in wire
    assert found_in(bytes(wire), needles()) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_script_that_comes_late_finds_the_text_where_it_was(
    http_server: Server, new_source: NewSource, path: str
) -> None:
    page = new_source(http_server).page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(SEALING, hold)
    with http_server.forwarder.recording() as wire:
        page.goto(path, wait_until="commit")
        written = write_on(page, path)
        expect(page.locator(PAGES[path])).to_be_disabled()
        says_what_to_do(page)
        try_to_send(page, PAGES[path])
        still_written(page, written)
        held.pop().continue_()
        expect(page.locator(PAGES[path])).to_be_enabled()
        expect(page.locator("#script-needed")).to_be_hidden()
        still_written(page, written)
    assert b"GET " in wire
    assert found_in(bytes(wire), needles()) == []


@pytest.mark.parametrize(
    "fault",
    [
        "crypto.subtle.deriveBits = () => Promise.reject(new Error('broken'))",
        "crypto.subtle.deriveBits = () => { throw new TypeError('broken') }",
        "crypto.getRandomValues = () => { throw new Error('broken') }",
        "TextEncoder.prototype.encode = () => { throw new Error('broken') }",
    ],
)
def test_a_fault_while_sealing_sends_nothing_and_keeps_the_text(
    http_server: Server, new_source: NewSource, fault: str
) -> None:
    source = new_source(http_server)
    watch = Watch.over(source.page.context)
    source.open_form("tip")
    with http_server.forwarder.recording() as wire:
        written = write_on(source.page, f"{ORGANISATION}/tips")
        source.page.locator("#continue").click()
        source.page.evaluate(f"() => {{ {fault} }}")
        source.page.locator("#send").click()
        expect(source.page.locator("#error-summary")).to_be_visible()
        expect(source.page.locator("#case-code")).to_have_count(0)
        source.page.locator("#change").click()
        still_written(source.page, written)
    assert watch.bodies("/api/cases") == []
    assert found_in(bytes(wire), needles()) == []


def test_without_web_crypto_the_page_stays_closed(http_server: Server, new_source: NewSource) -> None:
    for path, button in PAGES.items():
        page = new_source(http_server).page
        page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
        page.goto(path)
        page.wait_for_load_state("networkidle")
        expect(page.locator(button)).to_be_disabled()
        says_what_to_do(page)


def test_an_offer_of_too_few_is_not_sealed_to(http_server: Server, new_source: NewSource) -> None:
    """A server that offers one reader, or two of one unit, gets nothing but what it asked with."""
    for spoil in (one_reader, one_unit, one_key_twice):
        source = new_source(http_server)
        watch = Watch.over(source.page.context)
        source.page.route("**/api/panel", partial(spoiled, spoil))
        source.open_form("tip")
        written = {"what_happened": http_server.canary()}
        source.check(written)
        source.send()
        expect(source.page.locator("#error-summary")).to_be_visible()
        assert watch.bodies("/api/cases") == []
        source.page.locator("#change").click()
        still_written(source.page, written)


Members = list[dict[str, object]]


def spoiled(spoil: Callable[[Members], Members], route: Route) -> None:
    answer = route.fetch()
    offer = answer.json()
    route.fulfill(response=answer, json={**offer, "members": spoil(offer["members"])})


def one_reader(members: Members) -> Members:
    return members[:1]


def one_unit(members: Members) -> Members:
    return [{**member, "unit": members[0]["unit"]} for member in members]


def one_key_twice(members: Members) -> Members:
    return [members[0], {**members[1], "recipient": members[0]["recipient"]}, *members[2:]]


def test_what_is_posted_is_sealed_and_a_handler_can_open_it(
    server: Server, new_source: NewSource, desks: Callable[[Server], Desks]
) -> None:
    source = new_source(server)
    watch = Watch.over(source.page.context)
    with server.forwarder.recording() as wire:
        text, message = server.canary("Texten: "), server.canary("Meddelandet: ")
        taken = source.submit("tip", {"what_happened": text, "who": server.canary("Den: ")})
        source.open_case(taken.code)
        source.write(message)
    unseen = [*spellings(CANARY), *code_spellings(taken.code)]
    # Over TLS the wire shows nothing to anybody; there the browser's own account of its requests is read.
    for told in (bytes(wire), watch.sent()):
        assert found_in(told, unseen) == []
    if server.scheme == "http":
        assert b"POST /api/cases " in wire
    assert watch.origins == {server.source_url}
    # The search has looked at the right thing: with a handler's key the text is there.
    (posted,) = watch.bodies("/api/cases")
    opened = opened_by_handler(json.loads(posted), desks(server), taken.reference)
    assert text.encode() in opened["report"]
    assert json.loads(watch.bodies("/api/case/records")[0])["record"]["kind"] == "message"
    keeps_nothing(source)


def test_the_search_finds_what_does_leave(http_server: Server, new_source: NewSource) -> None:
    """Without JavaScript the server is sent text and code, and says so: the same search sees both on the wire."""
    source = new_source(http_server, script=False)
    with http_server.forwarder.recording() as wire:
        taken = source.submit("tip", {"what_happened": http_server.canary()})
        source.open_case(taken.code)
    assert found_in(bytes(wire), spellings(CANARY))
    assert found_in(bytes(wire), code_spellings(taken.code))


def opened_by_handler(posted: dict[str, list[dict[str, str]]], desks: Desks, reference: str) -> dict[str, bytes]:
    """The sealed records of a submission by kind, opened with the keys of one of the panel."""
    desk = desks.panel(reference)[0]
    desk.page.goto(desk.case_address(reference))
    token = desk.page.locator("meta[name=tipportal-csrf]").get_attribute("content")
    answer = desk.context.request.post(
        f"{desks.server.staff_url}api/unlock", data={}, headers={"Tipportal-CSRF": token or ""}
    )
    file = base64.b64decode(answer.json()["ways"][0]["file"])
    identity = parse_identity_file(open_sealed(file, [PassphraseIdentity(desk.person.passphrase)])).identity
    seeds = []
    for grant in posted["grants"]:
        if grant["kind"] == "panel":
            try:
                seeds.append(open_sealed(base64.b64decode(grant["file"]), [identity]))
            except NoMatchingIdentity:
                continue  # the other member's
    (work,) = seeds
    return {
        record["kind"]: open_sealed(
            base64.b64decode(record["file"]), [HybridIdentity(work), HybridIdentity(dialogue_seed(work))]
        )
        for record in posted["records"]
    }


def keeps_nothing(source: Source) -> None:
    """The browser is left with nothing that tells of the visit but its own history."""
    kept = source.page.evaluate(
        """async () => ({
            local: localStorage.length, session: sessionStorage.length, cookie: document.cookie,
            databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
            workers: (await navigator.serviceWorker.getRegistrations()).length })"""
    )
    assert kept == {"local": 0, "session": 0, "cookie": "", "databases": 0, "caches": 0, "workers": 0}
    assert source.page.context.cookies() == []
