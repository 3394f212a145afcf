"""The whole story in real browsers: a source tells, two handlers read and answer, two decide, the source sees it.

It is told twice, so that both ways to seal, both channels and both ways to serve are in it: a report over TLS that the
browser seals, with the assessment by two that only reports have, and a tip on localhost that the server seals. Tips by
script are in test_triage.py, reports without in test_browser_traces.py, sealed and served the other way round there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Answers, Receipt, Source
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk, Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
NEVER = "ZZZ-ZZZ-ZZZ"
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+')


def told(server: Server, channel: str) -> Answers:
    """Answers of each kind, with a text in every field that takes one."""
    answers: Answers = {
        "area": "hemtjanst",
        "subject_role": "supplier",
        "what_happened": server.canary("Det hände: ") + "\nRad två.",
        "who": server.canary("Vem: "),
        "org_number": "212000-0142",
        "when": server.canary("När: "),
        "ongoing": "yes",
        "where": server.canary("Var: "),
        "how_known": server.canary("Hur: "),
        "amount": "10000_100000",
        "told_others": server.canary("Andra: "),
        "risk": "no",
        "contact": server.canary("Nås på: "),
    }
    more = {"relation": "employee", "reported_before": server.canary("Förr: "), "reprisals": "feared"}
    return {**answers, **more} if channel == "report" else answers


def both_read(desks: Desks, taken: Receipt, answers: Answers) -> tuple[Desk, Desk]:
    """The two who are let in open the case and read what was told; everybody else is told that there is none."""
    panel = desks.panel(taken.reference)
    for desk in panel:
        desk.open_case(taken.reference)
        for name in ("what_happened", "who", "when", "where", "how_known", "told_others"):
            expect(desk.answer(name)).to_have_text(str(answers[name]), use_inner_text=True)
        if "relation" in answers:
            # Who reported is sealed apart, and takes two.
            expect(desk.answer("contact")).to_have_count(0)
        else:
            expect(desk.answer("contact")).to_have_text(str(answers["contact"]), use_inner_text=True)
    return panel


def converse(source: Source, taken: Receipt, one: Desk, other: Desk) -> None:
    """Title, note, question, answer: the source sees what is for the source, and nothing of the rest."""
    server = source.server
    title, note, question, reply = (server.canary(kind) for kind in ("Rubrik: ", "Anteckning: ", "Fråga: ", "Svar: "))
    one.write("title-form", "title", title)
    one.write("note-form", "note", note)
    one.write("message-form", "message", question)
    source.open_case(taken.code)
    expect(source.bodies("staff").last).to_have_text(question)
    shown = source.page.content()
    assert title not in shown
    assert note not in shown
    assert one.person.name not in shown
    source.write(reply)
    other.open_case(taken.reference)
    expect(other.bodies("dialogue", "source").last).to_have_text(reply)
    expect(other.bodies("notes").last).to_have_text(note)
    expect(other.page.locator("#case-title")).to_have_text(title)
    other.page.goto(f"{server.staff_url}arenden")
    expect(other.page.locator(f"[data-title-of='{taken.reference}']")).to_have_text(title)


def conclude(source: Source, taken: Receipt, one: Desk, other: Desk, channel: str) -> None:
    """Assess by two, follow up, give feedback, close by two; the source reads how it went."""
    server = source.server
    one.open_case(taken.reference)
    if channel == "report":
        one.propose_covered(server.canary("Skäl: "))
        expect(one.page.locator("#cards [data-slot=approve]")).to_be_disabled()
        other.open_case(taken.reference)
        other.approve()
        one.open_case(taken.reference)
    one.begin_follow_up()
    feedback = server.canary("Återkoppling: ")
    one.fill("feedback-form", "feedback-measure", "Vi har stoppat betalningen.")
    one.write("feedback-form", "feedback", feedback)
    reasons = server.canary("Skäl: ")
    one.propose_close("partly_confirmed", reasons)
    expect(one.page.locator("#cards [data-slot=approve]")).to_be_disabled()
    other.open_case(taken.reference)
    other.tab_of("#cards")
    expect(other.page.locator("#cards [data-slot=reasons]")).to_have_text(reasons)
    other.approve()
    source.open_case(taken.code)
    expect(source.bodies("staff").last).to_contain_text(feedback)
    expect(source.page.get_by_text("Avslutat", exact=True)).to_be_visible()
    assert reasons not in source.page.content()


def sealed_by(page: Page) -> str | None:
    return page.locator("#sealed-by").get_attribute("data-by")


def test_the_whole_story_sealed_in_the_browser(https_server: Server, desks: At, new_source: NewSource) -> None:
    server, channel = https_server, "report"
    source = new_source(server)
    answers = told(server, channel)
    taken = source.submit(channel, answers)
    assert sealed_by(source.page) == "browser"
    one, other = both_read(desks(server), taken, answers)
    converse(source, taken, one, other)
    conclude(source, taken, one, other, channel)
    assert source.faults == []


def test_the_whole_story_without_javascript(http_server: Server, desks: At, new_source: NewSource) -> None:
    server, channel = http_server, "tip"
    source = new_source(server, script=False)
    answers = told(server, channel)
    source.open_form(channel)
    assert sealed_by(source.page) == "server"
    source.check(answers)
    source.send()
    taken = source.receipt()
    assert sealed_by(source.page) == "server"
    # Before a handler has opened it: the first keys are those that the server made.
    source.open_case(taken.code)
    early = server.canary("Tillägg: ")
    source.write(early)
    one, other = both_read(desks(server), taken, answers)
    # Whoever opened it first has made new keys, and says so.
    one.tab_of("#dialogue")
    expect(one.bodies("dialogue", "source").last).to_have_text(early)
    assert one.page.locator("#dialogue").evaluate("list => list.children.length") == 2
    converse(source, taken, one, other)
    conclude(source, taken, one, other, channel)


def test_nobody_else_is_told_of_a_case(http_server: Server, desks: At, new_source: NewSource) -> None:
    """A standby is told of a case that exists what is told of one that never was; an administrator likewise."""
    taken = new_source(http_server).submit("report", {"what_happened": http_server.canary()})
    people = http_server.people
    others = [desks(http_server).of(person) for person in people if person.role in {"handler", "administrator"}]
    outside = [desk for desk in others if desk.status(taken.reference) != 200]
    assert len(outside) == len(others) - 2
    for desk in outside:
        answers = [
            desk.context.request.get(desk.case_address(reference), max_redirects=0)
            for reference in (taken.reference, NEVER)
        ]
        assert answers[0].status == (404 if desk.person.role == "handler" else 403)
        assert answers[0].status == answers[1].status
        # Only the address that was asked for and the fresh tokens differ.
        pages = [TOKEN.sub("", answer.text()) for answer in answers]
        assert pages[0].replace(taken.reference, NEVER) == pages[1]
        desk.page.goto(f"{http_server.staff_url}arenden")
        assert taken.reference not in desk.page.content()


def test_a_code_works_on_both_pages(http_server: Server, new_source: NewSource) -> None:
    with_script, without = new_source(http_server), new_source(http_server, script=False)
    taken = with_script.submit("tip", {"what_happened": http_server.canary()})
    without.open_case(taken.code.upper().replace(" ", "-"))
    first = http_server.canary("Utan: ")
    without.write(first)
    with_script.open_case(" ".join(word[:4] for word in taken.code.split()))
    expect(with_script.bodies("source").last).to_have_text(first)
    second = http_server.canary("Med: ")
    with_script.write(second)
    without.page.reload()
    expect(without.bodies("source").last).to_have_text(second)


def test_leaving_without_javascript_ends_the_session(server: Server, new_source: NewSource) -> None:
    source = new_source(server, script=False)
    taken = source.submit("tip", {"what_happened": server.canary()})
    assert source.page.context.cookies() == []
    source.open_case(taken.code)
    (cookie,) = source.page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["expires"] == -1
    assert cookie["secure"] == (server.scheme == "https")
    assert cookie["name"].startswith("__Host-") == (server.scheme == "https")
    address = source.page.url
    source.leave()
    assert source.page.context.cookies() == []
    # The cookie by itself, kept by somebody, opens nothing any more.
    source.page.context.add_cookies(
        [
            {
                "name": cookie["name"],
                "value": cookie["value"],
                "domain": cookie["domain"],
                "path": "/",
                "secure": cookie["secure"],
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )
    source.page.goto(address)
    expect(source.page.locator(".record")).to_have_count(0)
    expect(source.page.locator("[name=code]")).to_be_visible()
