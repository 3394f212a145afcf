"""Minutes, meeting times and an intake in browsers: offered by a member, answered by the source, entered by staff."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser


def type_code(page: Page, code: str) -> None:
    page.goto("arende")
    expect(page.locator("#open")).to_be_enabled()
    page.locator("[data-field=code]").fill(code)
    page.locator("#open").click()


def lost_answer(route: Route) -> None:
    route.fetch()
    route.abort()


At = Callable[[Server], Desks]
TOLD = {"area": "hemtjanst", "what_happened": "Hon ringde och berättade."}


@pytest.mark.parametrize("script", [True, False])
def test_the_source_answers_minutes_and_times(
    http_server: Server, desks: At, new_source: NewSource, *, script: bool
) -> None:
    source = new_source(http_server, script=script)
    taken = source.submit("tip", TOLD)
    one, _ = desks(http_server).panel(taken.reference)
    one.open_case(taken.reference)
    minutes = http_server.canary("Protokoll: ")
    one.write("minutes-form", "minutes-text", minutes)
    one.tab_of("#slots-form")
    one.page.locator("#slots-times").fill("Måndag 9\nTisdag 10")
    one.send("slots-form")
    one.taken("slots-form")

    source.open_case(taken.code)
    expect(source.bodies("staff").filter(has_text=minutes)).to_be_visible()
    source.page.get_by_role("button", name="Det stämmer, jag godkänner").click()
    expect(source.bodies("source").last).to_contain_text("Godkänt")
    source.page.get_by_role("button", name="Tisdag 10").click()
    expect(source.bodies("source").last).to_contain_text("Tisdag 10")
    # What is answered cannot be answered again.
    expect(source.page.locator("form.answer")).to_have_count(0)

    one.open_case(taken.reference)
    expect(one.bodies("dialogue", "source").last).to_contain_text("Tisdag 10")
    expect(one.page.locator("#minutes-state")).to_have_attribute("data-verdict", "approved")
    expect(one.page.locator("#dialogue .record", has_text=minutes).locator("[data-slot=read]")).to_contain_text("Läst")


def test_staff_enter_a_case_and_its_source_takes_a_code_that_they_have_not_seen(
    http_server: Server, desks: At, new_source: NewSource
) -> None:
    anyone = new_source(http_server).submit("tip", TOLD)
    one, _ = desks(http_server).panel(anyone.reference)
    page = one.page
    page.goto(f"{http_server.staff_url}arenden/nytt")
    page.locator("label[for=jav-ja]").click()
    page.get_by_role("button", name="Fortsätt").click()
    expect(page.get_by_text("Lämna över till någon annan")).to_be_visible()
    page.locator("label[for=jav-nej]").click()
    page.get_by_role("button", name="Fortsätt").click()
    expect(page.locator("#till-error")).to_be_visible()
    page.locator("#till").select_option(index=1)
    page.get_by_role("button", name="Fortsätt").click()
    text = http_server.canary("Muntligt: ")
    page.locator("#q-what_happened").fill(text)
    page.get_by_role("button", name="Försegla och registrera").click()
    words = page.locator("#case-code span")
    expect(words).to_have_count(9)
    code = " ".join(words.all_inner_texts())

    source = new_source(http_server)
    type_code(source.page, code)
    take = source.page.get_by_role("button", name="Byt kod och öppna ärendet")
    shown = source.page.locator("#own-code span")
    expect(shown).to_have_count(9)
    own = " ".join(shown.all_inner_texts())
    http_server.codes.append(own)
    expect(source.page.get_by_text("Den här koden har någon annan sett.")).to_be_visible()
    # Not before it is said to be written down.
    take.click()
    expect(source.page.locator("#error-summary a")).to_be_visible()
    source.page.locator("label[for=own-saved]").click()
    # The answer is lost, and what was asked for is done: the same click again finds the case by the new code.
    source.page.route("**/api/case/epochs", lost_answer, times=1)
    source.page.route("**/api/case", lambda route: route.abort(), times=1)
    take.click()
    expect(source.page.locator("#error-summary")).to_be_visible()
    take.click()
    expect(source.bodies("source").first).to_contain_text(text)
    told = http_server.canary("Med egen kod: ")
    source.write(told)
    source.leave()

    type_code(source.page, code)
    expect(source.page.locator("#error-summary")).to_contain_text("leder inte till något ärende")
    source.open_case(own)
    expect(source.bodies("source").last).to_have_text(told)
    reference = source.page.locator("#case-reference").inner_text()
    member, _ = desks(http_server).panel(reference)
    member.open_case(reference)
    expect(member.bodies("dialogue", "source").last).to_contain_text(told)
    expect(member.page.locator("#dialogue .record--failed")).to_have_count(0)
