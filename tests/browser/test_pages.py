"""Every page and every error on it, in both languages: axe finds nothing, and 400 % is not too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.support.audit import Audit
from tests.support.browser import Source, fill_in
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk, Desks
from tests.support.servers import ORGANISATION, Server

pytestmark = pytest.mark.browser

LANGUAGES = ["", "en"]
At = Callable[[Server], Desks]
WITNESSED = "logg/kontrollpunkter"
LAST_YEAR = datetime.now(UTC).year - 1
UNANSWERED = "uppfoljning/revision?kind=&period=&organisation="
ALL_FIGURES = f"uppfoljning/revision?kind=situation&period={LAST_YEAR}&organisation="
FAULTY = {"org_number": "212000-0143"}
SOME = {"area": "hemtjanst", "ongoing": "yes", "org_number": "212000-0142", "amount": "10000_100000", "risk": "yes"}


@pytest.fixture(params=LANGUAGES, ids=["sv", "en"])
def audit(request: pytest.FixtureRequest) -> Iterator[Audit]:
    """Look at pages in one language; the findings of all are told together."""
    made = Audit(request.param)
    yield made
    assert made.seen
    assert made.findings == []


@pytest.fixture
def source(http_server: Server, new_source: NewSource, audit: Audit) -> Source:
    return new_source(http_server, language=audit.language)


@pytest.fixture
def plain(http_server: Server, new_source: NewSource, audit: Audit) -> Source:
    """The pages without JavaScript, looked at in a browser that has it: axe is a script."""
    return new_source(http_server, language=audit.language, plain=True)


def test_pages_to_read(source: Source, audit: Audit) -> None:
    page = source.page
    for name, path in (
        ("choose", ""),
        ("start", f"{ORGANISATION}/"),
        ("statistics", f"{ORGANISATION}/statistik"),
        ("left", "lamna/klar"),
        ("handover", "aterrapport"),
        ("handover-plain", "aterrapport/utan-javascript"),
        ("not-found", "finns/inte"),
    ):
        page.goto(path)
        audit.look(page, name)
    page.goto("aterrapport/utan-javascript")
    page.locator("form[method=post] button[type=submit]").last.click()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, "handover-plain-errors")


@pytest.mark.parametrize("channel", ["tip", "report"])
def test_the_form_that_seals(source: Source, audit: Audit, channel: str) -> None:
    page = source.page
    page.route("**/form-*.js", lambda route: route.abort(), times=1)
    page.goto(f"{ORGANISATION}/{'tips' if channel == 'tip' else 'rapport'}")
    audit.look(page, f"{channel}-script-missing")
    source.open_form(channel)
    audit.look(page, f"{channel}-form")
    fill_in(page, FAULTY)
    page.locator("#continue").click()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, f"{channel}-form-errors")
    source.check({**SOME, "what_happened": source.server.canary() + "\n" + "Mycketlångtordutanmellanrum" * 9})
    audit.look(page, f"{channel}-check")
    page.route("**/api/cases", lambda route: route.abort(), times=1)
    source.send()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, f"{channel}-unsent")
    source.send()
    expect(page.locator("#case-code")).to_be_visible()
    audit.look(page, f"{channel}-confirmation")
    words_stay_whole(page)
    source.receipt()


def words_stay_whole(page: Page) -> None:
    """A word of the code that is broken over two lines would be written down as two."""
    page.set_viewport_size({"width": 320, "height": 640})
    words = page.locator("#case-code > *")
    heights = words.evaluate_all(
        """words => words.map((word) => {
            const [whole, height] = [word.textContent, word.clientHeight];
            word.textContent = "mmmmmmmm";
            const longest = word.clientHeight;
            word.textContent = "m";
            const shortest = word.clientHeight;
            word.textContent = whole;
            return [height, longest, shortest, word.scrollWidth - word.clientWidth];
        })"""
    )
    assert len(heights) == 9
    assert all(height == longest == shortest and spill <= 0 for height, longest, shortest, spill in heights), heights
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("channel", ["tip", "report"])
def test_the_form_without_javascript(plain: Source, audit: Audit, channel: str) -> None:
    page = plain.page
    plain.open_form(channel)
    audit.look(page, f"{channel}-plain")
    plain.check(FAULTY)
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, f"{channel}-plain-errors")
    plain.check({**SOME, "what_happened": plain.server.canary()})
    audit.look(page, f"{channel}-plain-check")
    plain.send()
    plain.receipt()
    audit.look(page, f"{channel}-plain-confirmation")


def test_following_a_case(source: Source, audit: Audit) -> None:
    page = source.page
    taken = source.submit("tip", {**SOME, "what_happened": source.server.canary()})
    page.goto("arende")
    audit.look(page, "code")
    for typed in ("ett två tre", "abc " * 9):
        page.locator("[data-field=code]").fill(typed)
        page.locator("#open").click()
        expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, "code-errors")
    source.open_case(taken.code)
    source.write(source.server.canary("Svar: "))
    audit.look(page, "case")
    page.locator("#opened #send").click()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, "case-errors")


def test_following_a_case_without_javascript(plain: Source, audit: Audit) -> None:
    page = plain.page
    taken = plain.submit("tip", {**SOME, "what_happened": plain.server.canary()})
    page.goto("arende/utan-javascript")
    audit.look(page, "plain-code")
    page.locator("[name=code]").fill("abc " * 9)
    plain.forward()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, "plain-code-errors")
    plain.open_case(taken.code)
    plain.write(plain.server.canary("Svar: "))
    audit.look(page, "plain-case")
    page.locator("form", has=page.locator("[name=message]")).locator("button").first.click()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, "plain-case-errors")


def test_pages_of_handlers(source: Source, desks: At, audit: Audit) -> None:
    server = source.server
    taken = source.submit("report", {**SOME, "relation": "employee", "what_happened": server.canary()})
    panel = desks(server).panel(taken.reference)
    one, other = (Desk(desk.context, server, desk.person, audit.language) for desk in panel)
    for name, path in (("list", "arenden"), ("first", ""), ("approvals", "godkannanden")):
        tab = Desk(one.context, server, one.person, audit.language)
        tab.page.goto(f"{tab.staff_url}{path}")
        audit.look(tab.page, f"handler-{name}-locked")
        tab.page.close()
    one.open_case(taken.reference)
    one.write("title-form", "title", server.canary("Rubrik: "))
    one.write("note-form", "note", server.canary("Anteckning: "))
    one.write("message-form", "message", server.canary("Fråga: "))
    one.tab_of("#assess-form")
    one.send("assess-form")
    audit.look(one.page, "handler-case-nothing-chosen")
    one.propose_covered(server.canary("Skäl: "))
    one.tab_of("#measure-form")
    one.page.locator("#measure-kind").select_option("sanction")
    one.page.locator("#measure-step").select_option("warning")
    one.page.locator("[data-checklist=disclosure_osl_10_15a] > summary").click()
    one.tab_of("#handover-recipient")
    one.page.locator("#handover-recipient").select_option("ivo")
    one.page.locator("#handover-basis").select_option("osl_10_15a")
    one.page.locator("#handover-content").fill("Det som lämnas över.")
    one.page.locator("#hand_over-form [data-slot=preview]").click()
    audit.look(one.page, "handler-case-work")
    one.page.locator("#handover-content").fill("")
    for panel_id in ("rapport", "dialog", "anteckningar", "atgarder", "logg"):
        one.page.locator(f"[role=tab][aria-controls={panel_id}]").click()
        expect(one.page.locator(f"#{panel_id}")).to_be_visible()
        audit.look(one.page, f"handler-case-{panel_id}")
    for name, path in (("first", ""), ("list", "arenden"), ("approvals", "godkannanden")):
        other.page.goto(f"{other.staff_url}{path}")
        other.unlock()
        audit.look(other.page, f"handler-{name}")
    other.open_case(taken.reference)
    other.tab_of("#cards")
    audit.look(other.page, "handler-case-approve")
    other.approve()
    audit.look(other.page, "handler-case-approved")
    other.page.goto(f"{other.staff_url}hot")
    audit.look(other.page, "handler-threat")
    other.page.goto(f"{other.staff_url}arenden/ZZZ-ZZZ-ZZZ")
    audit.look(other.page, "handler-not-found")
    one.page.close()
    other.page.close()


def test_pages_of_administrators_and_auditors(http_server: Server, desks: At, audit: Audit) -> None:
    registers = ("", "andringar", "organisationer", "personer", "policy", "konton", "forslag/utse", "policy/import")
    administration = ("", *(f"administration/{path}" for path in registers))
    for role, paths in (
        ("administrator", administration),
        ("auditor", ("", "logg", UNANSWERED, ALL_FIGURES, WITNESSED)),
    ):
        person = http_server.person(role)
        desk = Desk(desks(http_server).of(person).context, http_server, person, audit.language)
        for path in paths:
            desk.page.goto(f"{desk.staff_url}{path}")
            audit.look(desk.page, f"{role}-{path.strip('/').replace('/', '-') or 'first'}")
        if role == "auditor":
            witness(desk.page, audit)
        else:
            draft(desk, audit)
        desk.page.close()


def draft(desk: Desk, audit: Audit) -> None:
    """Ask for a report in a wrong way, then for a small one of last year, and look at it and at its texts."""
    page = desk.page
    page.goto(f"{desk.staff_url}uppfoljning")
    page.locator("main form button").click()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, "administrator-followup-errors")
    page.locator("[name=kind]").select_option("awareness")
    page.locator("[name=period]").fill(str(LAST_YEAR))
    page.locator("main form button").click()
    page.wait_for_url("**/uppfoljning/underlag/*")
    audit.look(page, "administrator-draft")
    page.goto(f"{page.url}/texter")
    audit.look(page, "administrator-draft-texts")


def witness(page: Page, audit: Audit) -> None:
    """Keep the newest checkpoint that nobody has, say so, and give back a text that is none."""
    open_yet = page.locator("tbody tr", has=page.get_by_text("–", exact=True))
    before = open_yet.count()
    open_yet.first.locator("a:not([href$='.txt'])").click()
    expect(page.locator(".signed-note")).to_contain_text("tipportal/")
    audit.look(page, "auditor-checkpoint")
    page.locator("main form button").click()
    expect(open_yet).to_have_count(before - 1)
    page.locator("#checkpoint").fill("tipportal/")
    page.locator("main form button").click()
    expect(page.locator("#error-summary")).to_be_visible()
    audit.look(page, "auditor-checkpoints-error")


def test_pages_before_signing_in(source: Source, audit: Audit) -> None:
    page, server = source.page, source.server
    staff_url = f"{server.source_url}/{audit.language and audit.language + '/'}handlaggare/"
    page.goto(f"{staff_url}logga-in")
    audit.look(page, "sign-in")
    page.locator("[name=email]").fill("nobody@bjorkvik.example")
    page.locator("[name=password]").fill("nothing that anybody has")
    page.locator("[name=otp]").fill("000000")
    page.locator("form[method=post] button").first.click()
    expect(page.locator("#error-summary")).to_be_visible()
    expect(page.locator("[name=email]")).to_have_value("nobody@bjorkvik.example")
    audit.look(page, "sign-in-refused")
    page.goto(f"{staff_url}registrera")
    page.wait_for_load_state("networkidle")
    audit.look(page, "enrolment-without-link")


def test_shift_three_times_leaves(http_server: Server, new_source: NewSource) -> None:
    page = new_source(http_server).page
    page.goto(f"{ORGANISATION}/tips")
    page.locator("[data-field=what_happened]").fill(http_server.canary())
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("**/lamna/klar")
    assert page.evaluate("history.length") <= 2
