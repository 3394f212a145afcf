"""Triage in two browsers: an assessment by its gates, facts of two at once, links, and a tip that becomes a report."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import Source
from tests.support.desk import Desk, Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
NewSource = Callable[..., Source]
NUMBER = "556036-0793"


def test_triage(http_server: Server, new_source: NewSource, desks: At) -> None:
    source = new_source(http_server)
    told = http_server.canary(f"Bolaget {NUMBER} skickar fakturor för timmar som ingen har arbetat. ")
    report = source.submit("report", {"what_happened": told, "relation": "contractor", "heard_how": "intranet"})
    second = source.submit("report", {"what_happened": told})
    one, other = desks(http_server).panel(report.reference)
    _not_covered(one, other, report.reference)
    source.open_case(report.code)
    expect(source.page.locator("body")).to_contain_text("dina egna arbets- eller anställningsförhållanden")
    _facts(one, other, report.reference)
    both = next((desk for desk in (one, other) if desk.status(second.reference) == 200), None)
    if both is not None:
        _linked(both, report.reference, second.reference)
    tip = source.submit("tip", {"what_happened": http_server.canary("Jag jobbar där. ")})
    _reclassified(*desks(http_server).panel(tip.reference), tip.reference)
    source.open_case(tip.code)
    expect(source.page.locator("body")).to_contain_text("behandlar vi nu som en rapport")


def _not_covered(one: Desk, other: Desk, reference: str) -> None:
    """The first gate that is answered with no suggests the ground; two agree; the feedback is drafted."""
    one.open_case(reference)
    page = one.page
    expect(page.locator("#due-reason")).to_contain_text("Räknat från bekräftelsen")
    one.tab_of("#assess-form")
    expect(page.locator("#assess-form [data-slot=relation]")).to_contain_text("egenföretagare")
    for gate, answer in (("person", "yes"), ("context", "yes"), ("wrongdoing", "yes"), ("interest", "no")):
        page.locator(f"#gate-{gate}").select_option(answer)
    expect(page.locator("#assess-ground")).to_have_value("no_public_interest")
    page.locator("#assess-ground").select_option("security_classified")
    expect(page.locator("#assess-form [data-slot=classified]")).to_be_visible()
    page.locator("#assess-ground").select_option("own_employment_terms_only")
    expect(page.locator("#assess-form [data-slot=classified]")).to_be_hidden()
    page.locator("#assess-reasons").fill("Gäller bara den egna lönen.")
    one.send("assess-form")
    expect(page.locator("#cards [data-slot=change]")).to_have_text(
        "Rapporten omfattas inte av lagen. Grund: Rör bara egna anställningsvillkor."
    )
    expect(page.locator("#cards [data-slot=reasons]")).to_contain_text("Vem rapporterar? ja")
    other.open_case(reference)
    other.approve()
    other.tab_of("#not-covered-draft")
    other.page.locator("#not-covered-draft").click()
    expect(other.page.locator("#feedback")).to_have_value(re.compile("skyddsombudet"))
    expect(other.page.locator("#feedback-measure")).to_have_value(re.compile("Två av oss"))
    other.send("feedback-form")
    other.taken("feedback-form")


def _facts(one: Desk, other: Desk, reference: str) -> None:
    """Both begin with what the report says; the second to save is told what the first kept, and keeps theirs."""
    for desk in (one, other):
        desk.open_case(reference)
        desk.tab_of("#triage-form")
        expect(desk.page.locator("#triage-relation")).to_have_value("contractor")
        expect(desk.page.locator("#triage-heard_how")).to_have_value("intranet")
        expect(desk.page.locator("#triage-origin")).to_have_value("report")
    one.send("triage-form")
    expect(one.page.locator("#triage-form [data-slot=status]")).to_have_text("Välj minst en typ.")
    one.page.locator("label[for=triage-types-working_environment]").click()
    one.send("triage-form")
    one.taken("triage-form")
    other.page.locator("label[for=triage-types-other]").click()
    other.send("triage-form")
    expect(other.page.locator("#triage-form [data-slot=status]")).to_contain_text("har ändrat")
    expect(other.page.locator("#triage-types-other")).to_be_checked()
    other.send("triage-form")
    other.taken("triage-form")
    expect(other.page.locator("#triage-note")).to_contain_text("Version 2")


def _linked(desk: Desk, reference: str, second: str) -> None:
    """What two opened cases have in common is found in the browser, which tells the server nothing of it."""
    page = desk.page
    desk.open_case(second)
    desk.open_case(reference)
    desk.tab_of("#link-form")
    page.locator("#link-form [data-slot=look]").click()
    expect(page.locator("#link-form [data-slot=status]")).to_contain_text(second)
    assert NUMBER.replace("-", "") not in page.evaluate("JSON.stringify({...sessionStorage})")
    page.locator("#link-other").select_option(second)
    page.locator("#link-kind").select_option("same_provider")
    desk.send("link-form")
    expect(page.locator("#links [data-slot=reference]")).to_have_text(second)
    page.locator("#links [data-slot=reference]").click()
    desk.unlock()
    desk.tab_of("#links")
    expect(page.locator("#links [data-slot=reference]")).to_have_text(reference)
    page.locator("#links [data-slot=remove]").click()
    expect(page.locator("#links > li")).to_have_count(0)


def _reclassified(one: Desk, other: Desk, reference: str) -> None:
    """Two make a report of a tip, and the source is told; then it is assessed, and never a tip again."""
    one.open_case(reference)
    one.tab_of("#reclassify-form")
    one.page.locator("#reclassify-reasons").fill("Hen arbetar hos oss.")
    one.send("reclassify-form")
    expect(one.page.locator("#reclassify-form [data-slot=status]")).to_have_attribute("data-mood", "good")
    other.open_case(reference)
    other.approve()
    one.open_case(reference)
    one.tab_of("#reclassify-why")
    expect(one.page.locator("#reclassify-why")).to_contain_text("blir aldrig ett tips")
    expect(one.page.locator("#assess-form")).to_be_attached()
