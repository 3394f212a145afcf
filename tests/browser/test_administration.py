"""Two administrators, each in a browser of their own: one signs a proposal, the other's browser checks it and signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.desk import Desk, Desks
from tests.support.founders import founders
from tests.support.servers import ORGANISATION, Server
from tipportal.cli.demo_staffing import Member, enrol_person
from tipportal.envelope.checkphrase import check_phrase
from tipportal.usecases import enrol

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
UNIT = "Enheten för upphandling"
DECISION = "KS 2026/417"


@dataclass(frozen=True)
class Two:
    """The two administrators."""

    one: Desk
    other: Desk


@pytest.fixture
def two(http_server: Server, desks: At) -> Two:
    sessions = desks(http_server)
    people = [http_server.person("administrator", number) for number in (0, 1)]
    return Two(*(Desk(sessions.of(person).context, http_server, person) for person in people))


def propose(desk: Desk, form: str, chosen: dict[str, str], written: dict[str, str]) -> str:
    """Fill in a form, sign what it makes, and give the address of the change."""
    page = desk.page
    page.goto(f"{desk.staff_url}administration/forslag/{form}")
    return propose_here(desk, chosen, written)


def propose_here(desk: Desk, chosen: dict[str, str], written: dict[str, str]) -> str:
    """The same with the form that is open."""
    page = desk.page
    for name, label in chosen.items():
        page.locator(f"[name={name}]").select_option(label=label)
    for name, text in written.items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="Fortsätt").click()
    expect(page.locator("#draft")).to_be_visible()
    desk.unlock()
    page.locator("#draft-form [data-slot=send]").click()
    page.wait_for_url("**/administration/andringar/*")
    expect(verdict(page)).to_have_attribute("data-mood", "good")
    return page.url


def approve(desk: Desk, expected: str) -> None:
    """Open what waits first on the overview, and approve it."""
    page = desk.page
    page.goto(f"{desk.staff_url}administration/")
    waiting = page.locator("section[aria-labelledby=to-approve] [data-change]").first
    expect(waiting).to_contain_text(expected)
    waiting.locator("a").click()
    desk.unlock()
    expect(verdict(page)).to_have_attribute("data-mood", "good")
    page.get_by_role("button", name="Skriv under och godkänn").click()
    expect(page.locator("#change")).to_have_attribute("data-decided", "change-approved")


def verdict(page: Page) -> Locator:
    """What the browser says of the signature."""
    return page.locator("#change [data-slot=verdict]")


def test_one_proposes_and_the_other_approves(two: Two) -> None:
    today = datetime.now(UTC).date()
    written = {"name": UNIT, "decision_number": DECISION, "decided_on": str(today - timedelta(days=9))}
    address = propose(two.one, "enhet", {"owner": "Björkviks kommun"}, written)
    # Nobody approves what they have proposed, and nothing has changed.
    expect(two.one.page.locator("#decide-form [data-slot=approve]")).to_be_disabled()
    expect(two.one.page.locator("#why-not")).to_be_visible()
    two.one.page.goto(f"{two.one.staff_url}administration/organisationer")
    expect(two.one.page.locator("main")).not_to_contain_text(UNIT)

    # A server that shows something else than what was signed is found out by the other's browser.
    def altered(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(UNIT, "Enheten för något annat"))

    two.other.page.route(address, altered, times=1)
    two.other.page.goto(address)
    two.other.unlock()
    expect(verdict(two.other.page)).to_have_attribute("data-mood", "bad")
    expect(two.other.page.locator("#change")).to_have_attribute("data-fault", "payload")
    expect(two.other.page.locator("#decide-form [data-slot=approve]")).to_be_disabled()

    approve(two.other, UNIT)
    two.one.page.goto(f"{two.one.staff_url}administration/organisationer")
    expect(two.one.page.locator("main")).to_contain_text(UNIT)
    designated(two, today.isoformat())
    published(two, str(today.year - 1))


def test_an_account_is_for_whoever_reads_out_the_words(two: Two, http_server: Server) -> None:
    written = {"name": "Petra Prov", "email": "petra.prov@bjorkvik.example"}
    address = propose(two.one, "bjud-in", {"role": "Handläggare", "unit": "Kommunkansliet, Björkviks kommun"}, written)
    approve(two.other, "Petra Prov")
    # The link is for whoever proposed the invitation, and for nobody else.
    expect(two.other.page.get_by_role("button", name="Ta fram en länk")).to_have_count(0)
    page = two.one.page
    page.goto(address)
    page.get_by_role("button", name="Ta fram en länk").click()
    member = enrolled(http_server, page.locator("#enrolment-link").inner_text().partition("#")[2], written["email"])
    page.goto(f"{two.one.staff_url}administration/konton")
    page.locator(f"[data-account='{member.account.id}'] a", has_text="Bekräfta nycklar").click()
    page.get_by_role("button", name="Fortsätt").click()
    two.one.unlock()
    page.locator("#draft-form [data-slot=send]").click()
    page.wait_for_url("**/administration/andringar/*")

    assert member.identity is not None
    right = check_phrase(member.identity.identity.recipient, member.identity.signing_key.verification_key)
    page = two.other.page
    page.goto(two.one.page.url)
    two.other.unlock()
    for wrong in ("abborre", " ".join(reversed(right.split()))):
        page.locator("#check-phrase").fill(wrong)
        page.get_by_role("button", name="Skriv under och godkänn").click()
        expect(page.locator("#check-phrase-error")).to_have_attribute("data-mood", "bad")
        expect(page.locator("#change")).not_to_have_attribute("data-decided", "change-approved")
    page.locator("#check-phrase").fill(right.upper())
    page.get_by_role("button", name="Skriv under och godkänn").click()
    expect(page.locator("#change")).to_have_attribute("data-decided", "change-approved")
    page.goto(f"{two.other.staff_url}administration/konton")
    expect(page.locator(f"[data-account='{member.account.id}']")).to_have_attribute("data-state", "active")


def enrolled(server: Server, token: str, email: str) -> Member:
    """Enrol with a link, as the person's own browser does."""
    with founders(server) as two:
        with two.ctx.storage.read() as uow:
            account = uow.accounts.by_email(email)
        assert account is not None
        return enrol_person(two.ctx, enrol.Invited(account, token), "")


def designated(two: Two, today: str) -> None:
    """A designation goes the same way, and stands with its ground, decision and days."""
    page = two.one.page
    page.goto(f"{two.one.staff_url}administration/forslag/utse")
    options = {
        name: page.locator(f"[name={name}] option").nth(1).text_content() or "" for name in ("person", "function")
    }
    written = {"decision_number": DECISION, "decided_on": today, "valid_from": today, "valid_to": "2099-12-31"}
    propose(two.one, "utse", {**options, "ground": "Anställning"}, {**written, "rank": "9"})
    approve(two.other, "utses till")
    page.goto(f"{two.one.staff_url}administration/personer")
    row = page.locator("section[aria-labelledby=designations] tr", has_text=DECISION)
    expect(row).to_contain_text(options["person"].split(",")[0])
    expect(row).to_contain_text("31 december 2099")


def published(two: Two, year: str) -> None:
    """A report of a year that is over leaves the same way, and then anybody reads it."""
    page = two.one.page
    page.goto(f"{two.one.staff_url}uppfoljning")
    page.locator("[name=kind]").select_option("annual")
    page.locator("[name=period]").fill(year)
    page.get_by_role("button", name="Ta fram underlag").click()
    page.get_by_role("link", name="Föreslå publicering").click()
    propose_here(two.one, {}, {"registry_number": DECISION})
    page.goto(f"{two.one.server.source_url}/{ORGANISATION}/statistik")
    expect(page.get_by_role("link", name=f"Årlig uppföljning {year}")).to_have_count(0)
    approve(two.other, f"Årlig uppföljning {year}")
    page.reload()
    page.get_by_role("link", name=f"Årlig uppföljning {year}").click()
    expect(page.locator("article")).to_contain_text(DECISION)
