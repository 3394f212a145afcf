"""The work of a case in browsers: measures, a checklist of two at once, handing over by two, the recipient's answer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_altered_rows import change
from tests.support.browser import Source
from tests.support.desk import Desk, Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
NewSource = Callable[..., Source]


def _measured(one: Desk, told: str) -> None:
    """Record a claim, correct what has been repaid; a skipped step is warned of and reasoned."""
    page = one.page
    one.tab_of("#measure-form")
    page.locator("#measure-kind").select_option("recovery_claim")
    page.locator("#measure-description").fill(told)
    page.locator("#measure-claimed").fill("12 500")
    one.send("measure-form")
    expect(page.locator("#measure-form [data-slot=status]")).to_have_attribute("data-mood", "bad")
    page.locator("#measure-recovered").fill("0")
    one.send("measure-form")
    one.taken("measure-form")
    expect(page.locator("#measure-list .measure__told")).to_have_text(told)
    page.locator("#measure-list [data-slot=correct]").click()
    page.locator("#measure-recovered").fill("2500")
    page.locator("#measure-description").fill("Betalt.")
    one.send("measure-form")
    expect(page.locator("#measure-list > li")).to_have_count(2)
    expect(page.locator("#measure-sums [data-sum=recovered] dd")).to_have_text(re.compile(r"^2\s500 kr$"))
    page.locator("#measure-kind").select_option("sanction")
    page.locator("#measure-step").select_option("deauthorisation")
    expect(page.locator("#measure-form [data-slot=skipped]")).to_contain_text("Åtgärdsplan, Varning")
    page.locator("#measure-why-skipped").fill("Uppenbart fusk.")
    page.locator("#measure-description").fill("Beslut i nämnden.")
    one.send("measure-form")
    expect(page.locator("#measure-list > li")).to_have_count(3)


def _ticked(one: Desk, other: Desk, reference: str, note: str) -> None:
    """Two tick one list: the second sees what the first did, keeps their own words and saves."""
    other.open_case(reference)
    for desk, text in ((one, note), (other, "Av den andra.")):
        desk.tab_of("#checklists")
        desk.page.locator("[data-checklist=police_report] > summary").click()
        desk.page.locator("#note-police_report-when").fill(text)
    one.page.locator("label[for=police_report-when]").click()
    one.send("checklist-police_report")
    one.taken("checklist-police_report")
    other.send("checklist-police_report")
    said = other.page.locator("#checklist-police_report [data-slot=status]")
    expect(said).to_have_attribute("data-mood", "bad")
    expect(said).to_contain_text(note)
    expect(other.page.locator("#note-police_report-when")).to_have_value("Av den andra.")
    expect(other.page.locator("#police_report-when")).to_be_checked()
    other.send("checklist-police_report")
    other.taken("checklist-police_report")
    expect(other.page.locator("[data-checklist=police_report] [data-slot=progress]")).to_have_text("1 av 15")


def _handed_over(one: Desk, other: Desk, reference: str, content: str) -> None:
    """One proposes what is to go out, the other reads exactly that and approves."""
    one.open_case(reference)
    one.tab_of("#hand_over-form")
    page = one.page
    page.locator("#handover-recipient").select_option("tax_agency")
    page.locator("#handover-basis").select_option("act_2024_307")
    page.locator("#handover-content").fill(content)
    page.locator("label[for=handover-told-not_needed]").click()
    page.locator("#handover-reasons").fill("Det behövs.")
    one.send("hand_over-form")
    expect(page.locator("#hand_over-form [data-slot=status]")).to_contain_text("intresseavvägning")
    page.locator("#handover-weighing").fill("Väger tyngst.")
    page.locator("#hand_over-form [data-slot=preview]").click()
    expect(page.locator("#hand_over-form [data-slot=sheet]")).to_contain_text(content)
    page.locator("label[for=handover-read]").click()
    one.send("hand_over-form")
    expect(page.locator("#cards [data-proposal]")).to_be_visible()
    other.open_case(reference)
    other.tab_of("#cards")
    expect(other.page.locator("#cards [data-slot=change]")).to_contain_text("Skatteverket")
    expect(other.page.locator("#cards [data-slot=reasons]")).to_contain_text(content)
    other.approve()
    expect(other.page.locator("#handover-list > li")).to_have_count(1)


def _due(server: Server, reference: str) -> None:
    """What ``tick`` does after three months, whose clock here is that of the machine."""
    ((made, case, organisation),) = change(
        server,
        "SELECT h.id, case_id, h.organisation_id FROM handovers h JOIN cases c ON c.id = case_id WHERE reference = ?",
        reference,
    )
    change(
        server,
        "INSERT INTO handover_asks (organisation_id, case_id, handover_id, months, asked_on) VALUES (?, ?, ?, 3, ?)",
        organisation, case, made, "2026-11-22",
    )  # fmt: skip


def test_the_work_of_a_case(http_server: Server, desks: At, new_source: NewSource, browser: Browser) -> None:
    server = http_server
    receipt = new_source(server).submit("tip", {"what_happened": server.canary()})
    one, other = desks(server).panel(receipt.reference)
    one.open_case(receipt.reference)
    content = server.canary("Överlämnat: ")
    _measured(one, server.canary("Åtgärd: "))
    _ticked(one, other, receipt.reference, server.canary("Bockat: "))
    _handed_over(one, other, receipt.reference, content)
    _due(server, receipt.reference)
    one.open_case(receipt.reference)
    one.tab_of("#handovers")
    one.page.locator("#handover-list [data-slot=make]").click()
    shown = one.page.locator("#handover-list [data-slot=link]")
    expect(shown).to_have_value(re.compile("/aterrapport#[A-Za-z0-9_-]{86}$"))
    link = shown.input_value()

    context = browser.new_context(ignore_https_errors=True, locale="sv-SE")
    page = context.new_page()
    page.goto(f"{server.source_url.rstrip('/')}/aterrapport#{link.partition('#')[2]}")
    expect(page.locator("#about")).to_contain_text(receipt.reference)
    page.locator("[data-field=result]").select_option("recovery_claim")
    page.locator("[data-field=amount]").fill("4 000")
    written = server.canary("Svar: ")
    page.locator("[data-field=message]").fill(written)
    page.locator("#send").click()
    expect(page.locator("#thanks")).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{server.source_url.rstrip('/')}/aterrapport#{link.partition('#')[2]}")
    expect(page.locator("#status")).to_contain_text("Länken gäller inte")
    context.close()

    other.open_case(receipt.reference)
    other.tab_of("#handovers")
    answer = other.page.locator("#handover-list [data-result=recovery_claim]")
    expect(answer.locator("[data-slot=told]")).to_have_text(written)
    expect(answer.locator("[data-slot=facts]")).to_contain_text(re.compile(r"4\s000 kr"))
