"""Two handlers at the same moment in one case that a server sealed: new keys, notes and proposals, each once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk, Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]


class Gate:
    """Holds requests to an address back until as many as expected have come; tells how each was answered."""

    def __init__(self, pattern: str, *pages: Page) -> None:
        self.held: list[Route] = []
        self.statuses: list[int] = []
        self._pages = pages
        for page in pages:
            page.route(pattern, self._hold, times=1)
            page.on("response", self._answered)

    def _hold(self, route: Route) -> None:
        self.held.append(route)

    def _answered(self, answer: object) -> None:
        url, status = getattr(answer, "url", ""), getattr(answer, "status", 0)
        if url in {route.request.url for route in self.held}:
            self.statuses.append(status)

    def open(self) -> None:
        """Let all go, now that they are here."""
        while len(self.held) < len(self._pages):
            self._pages[0].wait_for_timeout(20)
        for route in self.held:
            route.continue_()


def test_nothing_is_lost_and_nothing_comes_twice(http_server: Server, new_source: NewSource, desks: At) -> None:
    source = new_source(http_server, script=False)
    told, early = http_server.canary("Det hände: "), http_server.canary("Tillägg: ")
    taken = source.submit("report", {"what_happened": told})
    source.open_case(taken.code)
    source.write(early)
    one, other = (Desk(desk.context, http_server, desk.person) for desk in desks(http_server).panel(taken.reference))
    both_make_new_keys(one, other, taken.reference, told)
    texts = both_write(http_server, one, other)
    reasons = one_proposes_while_the_other_writes(http_server, one, other)
    both_propose(http_server, one, other)
    for desk in (one, other):
        desk.open_case(taken.reference)
        assert desk.bodies().all_text_contents() == [early, *texts]
        assert desk.bodies("notes").all_text_contents() == [reasons]
    source.page.reload()
    # The new keys are told of in a record of their own.
    assert source.bodies("staff").all_text_contents()[1:] == texts
    expect(source.bodies("source")).to_have_count(2)
    for desk in (one, other):
        desk.page.close()


def both_make_new_keys(one: Desk, other: Desk, reference: str, told: str) -> None:
    """Each begins an epoch before it writes: the server takes one, and the other goes on in it."""
    for desk in (one, other):
        desk.page.goto(f"{desk.staff_url}arenden")
        desk.unlock()
    gate = Gate("**/epochs", one.page, other.page)
    for desk in (one, other):
        desk.page.goto(desk.case_address(reference))
    gate.open()
    for desk in (one, other):
        expect(desk.answer("what_happened")).to_have_text(told)
        expect(desk.page.locator("#message-form [data-slot=send]")).to_be_enabled()
        expect(desk.page.locator("#doubts")).to_be_empty()
    assert sorted(gate.statuses) == [201, 409]
    for desk in (one, other):
        desk.tab_of("#dialogue")
        expect(desk.page.locator("#dialogue > :not(.record)")).to_have_count(1)


def both_write(server: Server, one: Desk, other: Desk) -> list[str]:
    """Two messages at the same moment, the second sealed again. Gives them as they stand."""
    texts = [server.canary("Ena: "), server.canary("Andra: ")]
    gate = Gate("**/records", one.page, other.page)
    for desk, text in zip((one, other), texts, strict=True):
        desk.fill("message-form", "message", text)
        desk.send("message-form")
        expect(desk.page.locator("#message")).to_have_value(text)
    gate.open()
    for desk in (one, other):
        desk.taken("message-form")
        expect(desk.page.locator("#message")).to_have_value("")
    assert 201 in gate.statuses
    assert 412 in gate.statuses
    other.page.reload()
    other.unlock()
    expect(other.bodies()).to_have_count(3)
    return [text for text in other.bodies().all_text_contents() if text in texts]


def one_proposes_while_the_other_writes(server: Server, one: Desk, other: Desk) -> str:
    """The reasons were sealed to stand where a note stands now: they are sealed again, and proposed once."""
    note, reasons = server.canary("Anteckning: "), server.canary("Skäl: ")
    gate = Gate("**/proposals", one.page)
    one.tab_of("#assess-form")
    one.page.locator("#assess-ground").select_option("public_interest")
    one.page.locator("#assess-reasons").fill(reasons)
    one.send("assess-form")
    while not gate.held:
        one.page.wait_for_timeout(20)
    other.write("note-form", "note", note)
    expect(one.page.locator("#assess-reasons")).to_have_value(reasons)
    gate.open()
    expect(one.page.locator("#cards [data-proposal]")).to_have_count(1)
    assert gate.statuses[0] == 412
    expect(one.page.locator("#cards [data-slot=reasons]")).to_have_text(reasons)
    one.page.locator("#cards [data-slot=decline]").click()
    expect(one.page.locator("#cards [data-proposal]")).to_have_count(0)
    return note


def both_propose(server: Server, one: Desk, other: Desk) -> None:
    """Two proposals of the same kind: the first waits for the other person, whose own text is kept beside it."""
    texts = [server.canary("Skäl: "), server.canary("Andra skäl: ")]
    gate = Gate("**/proposals", one.page, other.page)
    for desk, text in zip((one, other), texts, strict=True):
        desk.tab_of("#assess-form")
        desk.page.locator("#assess-ground").select_option("public_interest")
        desk.page.locator("#assess-reasons").fill(text)
        desk.send("assess-form")
    gate.open()
    for desk in (one, other):
        expect(desk.page.locator("#cards [data-proposal]")).to_have_count(1)
    statuses = gate.statuses
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 409, 412}
    shown = [desk.page.locator("#cards [data-slot=reasons]").inner_text() for desk in (one, other)]
    assert shown[0] == shown[1]
    assert shown[0] in texts
    loser, lost = next((desk, text) for desk, text in zip((one, other), texts, strict=True) if text != shown[0])
    expect(loser.page.locator("#assess-reasons")).to_have_value(lost)
    loser.approve()
