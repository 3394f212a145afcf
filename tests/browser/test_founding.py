"""A municipality begins: two links, a register and a policy, a root, papers, a channel; then one case is recovered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_administration import approve, propose, verdict
from tests.browser.test_passkeys import with_device
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk
from tests.support.enrolling import enrol, sign_in_after_enrolling
from tests.support.founders import founders
from tests.support.servers import FoundedServer, Server, newly_founded
from tipportal.cli.demo_changes import Administrators
from tipportal.cli.demo_policy import decision, record_decisions
from tipportal.cli.demo_staffing import Person, confirm_keys, enrol_person
from tipportal.cli.entry import main
from tipportal.domain.changes.change import ChangeKind
from tipportal.usecases.changing.invite import link_of
from tipportal.usecases.enrol import Invited

pytestmark = pytest.mark.browser

SLUG, NAME = "bjorkvik", "Björkviks kommun"
KARIN = Person("Karin Berg", "", "administrator", "karin@bjorkvik.example", "", "", "")
OLOF = Person("Olof Dahl", "", "administrator", "olof@alvnas.example", "", "", "")
ANNA = Person("Anna Lindqvist", "", "handler", "anna@bjorkvik.example", "", "", "")
OTHERS = ("johan", "maria", "erik", "sara")
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "policy.example.toml"
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def founded(tmp_path: Path) -> Iterator[FoundedServer]:
    with newly_founded(tmp_path / "found", SLUG, NAME, [(each.name, each.email) for each in (KARIN, OLOF)]) as found:
        yield found
        assert found.server.command("log", "verify").returncode == 0
        assert found.server.traces() == {}


def test_from_two_links_to_a_recovered_case(
    founded: FoundedServer, browser: Browser, new_source: NewSource, tmp_path: Path
) -> None:
    karin, olof = administrators(founded, browser)
    server = karin.server
    register_and_policy(karin, olof)
    anna = somebody_enrols(karin, olof, browser)
    with founders(server) as two:
        for name in OTHERS:
            the_rest(two, name)
        record_decisions(two, decision(home(server), "KS 2026/20", two.ctx.today()))
    papers = ceremony(karin, olof)
    the_root(server, tmp_path / "offline")
    propose(karin, "katalog", {}, {})
    approve(olof, "Katalogen, version 1")
    drill(karin, papers[:2])
    opened = {"organisation": NAME, "channel": "Rapport", "open": "öppnas"}
    propose(karin, "kanal", opened, {"decision_number": "KS 2026/21", "decided_on": TODAY})
    approve(olof, f"{NAME} öppnas")
    told = server.canary("Det hände: ")
    source = new_source(server)
    taken = source.submit("report", {"what_happened": told, "concerns": ("unit:ekonomi",)})
    anna.open_case(taken.reference)
    expect(anna.answer("what_happened")).to_have_text(told)
    recover(karin, olof, taken.reference, papers[1:])
    anna.open_case(taken.reference)
    expect(anna.page.locator("#doubts > *")).to_have_count(0)
    expect(anna.answer("what_happened")).to_have_text(told)
    source.open_case(taken.code)
    answer = server.canary("Svar: ")
    source.write(answer)
    assert source.faults == []
    anna.open_case(taken.reference)
    expect(anna.bodies("dialogue", "source").last).to_have_text(answer)


def administrators(founded: FoundedServer, browser: Browser) -> tuple[Desk, Desk]:
    """Both founders enrol by their links, one with a passkey, and sign in."""
    people, pages = [], []
    for founder, passkey in ((KARIN, False), (OLOF, True)):
        context = browser.new_context(reduced_motion="reduce")
        page = with_device(context) if passkey else context.new_page()
        enrolled, words = enrol(page, founded.links[founder.email], founder, passkey=passkey)
        # The first two have nobody to read any words out to: they stand in the root that is signed on paper.
        assert words == ""
        people.append(enrolled)
        pages.append(page)
    server = replace(founded.server, people=tuple(people))
    for page, person in zip(pages, people, strict=True):
        sign_in_after_enrolling(page, server, person)
    one, other = (Desk(page.context, server, person) for page, person in zip(pages, people, strict=True))
    return one, other


def home(server: Server) -> str:
    """The organisation's id, as the exported register has it."""
    with founders(server) as two, two.ctx.storage.read() as uow:
        found = uow.register.organisation(SLUG)
    assert found is not None
    return found.id


def register_and_policy(karin: Desk, olof: Desk) -> None:
    """Everything as one change, from files; nobody has an account yet, so it holds only once they have."""
    text = EXAMPLE.read_text().replace('"bjorkvik"', f'"{home(karin.server)}"')
    policy, _, register = text.partition("[register]")
    page = karin.page
    page.goto(f"{karin.staff_url}administration/policy/import")
    page.locator("[name=policy]").fill(policy)
    page.locator("[name=register]").fill(f"[register]{register}")
    page.locator("[name=owner]").select_option(label=NAME)
    page.locator("[name=decision_number]").fill("KS 2026/1")
    page.locator("[name=decided_on]").fill(TODAY)
    page.get_by_role("button", name="Pröva policyn").click()
    expect(page.locator("main")).to_contain_text("Till dess öppnar ingen kanal")
    sign(karin)
    approve(olof, "Ny organisation")


def sign(desk: Desk) -> None:
    """Sign the draft that is on the page."""
    desk.unlock()
    desk.page.locator("#draft-form [data-slot=send]").click()
    desk.page.wait_for_url("**/administration/andringar/*")


def somebody_enrols(karin: Desk, olof: Desk, browser: Browser) -> Desk:
    """Anna of the register is invited, enrols by her link, and reads out the words of her keys."""
    chosen = {"person": "Anna Lindqvist, Kommunkansliet", "role": "Handläggare"}
    address = propose(karin, "bjud-in", chosen, {"email": ANNA.email})
    approve(olof, ANNA.email)
    karin.page.goto(address)
    karin.page.get_by_role("button", name="Ta fram en länk").click()
    link = karin.page.locator("#enrolment-link").inner_text()
    page = browser.new_context(reduced_motion="reduce").new_page()
    person, words = enrol(page, link, ANNA)
    karin.page.goto(f"{karin.staff_url}administration/konton")
    karin.page.locator("[data-account=anna] a", has_text="Bekräfta nycklar").click()
    karin.page.get_by_role("button", name="Fortsätt").click()
    sign(karin)
    olof.page.goto(karin.page.url)
    olof.unlock()
    expect(verdict(olof.page)).to_have_attribute("data-mood", "good")
    olof.page.locator("#check-phrase").fill(words)
    olof.page.get_by_role("button", name="Skriv under och godkänn").click()
    expect(olof.page.locator("#change")).to_have_attribute("data-decided", "change-approved")
    sign_in_after_enrolling(page, karin.server, person)
    return Desk(page.context, karin.server, person)


def the_rest(two: Administrators, person_id: str) -> None:
    """What Anna did, without a browser."""
    with two.ctx.storage.read() as uow:
        person = uow.register.person(person_id)
    assert person is not None
    change_id, act = two.propose(
        ChangeKind.INVITE,
        {
            "account": person.id,
            "name": person.name,
            "email": f"{person.id}@bjorkvik.example",
            "role": "handler",
            "organisation": person.organisation_id,
            "unit": person.unit_id,
            "decision": None,
        },
    )
    two.approve(change_id, act)
    with two.ctx.storage.read() as uow:
        account = uow.accounts.by_id(person.id)
    assert account is not None
    invited = Invited(account, link_of(two.ctx, two.proposer.account, change_id))
    confirm_keys(two, enrol_person(two.ctx, invited, ""))


def ceremony(karin: Desk, olof: Desk) -> list[str]:
    """Three make a paper each, are named by two, and acknowledge with the words on the papers; gives the papers."""
    made = [make_paper(karin) for _ in range(3)]
    page = karin.page
    page.goto(f"{karin.staff_url}administration/nyckelforvaltare")
    karin.unlock()
    for number, (_, _, public) in enumerate(made, 1):
        page.locator(f"#name-{number}").fill(f"Förvaltare {number}")
        page.locator(f"#organisation-{number}").fill("Länsarkivet")
        page.locator(f"#unit-{number}").fill(f"Enhet {number}")
        page.locator(f"#public-{number}").fill(public)
    page.locator("#decision-number").fill("KS 2026/9")
    page.locator("#decided-on").fill(TODAY)
    page.locator("#propose button").click()
    expect(page.locator("#propose-status")).to_have_attribute("data-mood", "good")
    approve(olof, "Nyckelförvaltare: 3")
    page.reload()
    karin.unlock()
    page.locator("#propose-ceremony").click()
    expect(page.locator("#acknowledge-status")).to_have_attribute("data-mood", "good")
    page = olof.page
    page.goto(f"{olof.staff_url}administration/nyckelforvaltare")
    olof.unlock()
    phrases = {f"Förvaltare {number}": phrase for number, (_, phrase, _) in enumerate(made, 1)}
    for field in page.locator("[data-phrase]").all():
        label = page.locator(f"label[for={field.get_attribute('id')}]").inner_text()
        field.fill(phrases[label.rpartition(", ")[2]])
    page.locator("#acknowledge-form button[type=submit]").click()
    expect(page.locator("#acknowledge-status")).to_have_attribute("data-mood", "good")
    return [rows for rows, _, _ in made]


def make_paper(desk: Desk) -> tuple[str, str, str]:
    """A trustee's paper, the check words on it, and the public half."""
    page = desk.page
    page.goto(f"{desk.staff_url}administration/nyckelforvaltare")
    page.locator("#make").click()
    rows = "\n".join(page.locator("#rows li").all_inner_texts())
    phrase = page.locator("#phrase").inner_text()
    page.locator("#on-paper").click()
    page.locator("#typed").fill(rows)
    page.locator("#typed-back button").click()
    expect(page.locator("#ceremony-status")).to_have_attribute("data-mood", "good")
    return rows, phrase, page.locator("#public").input_value()


def the_root(server: Server, offline: Path) -> None:
    """The root's keys on paper, the root signed by two of them, and published: by the commands, as an operator does."""
    runner = CliRunner(
        env={
            "TIPPORTAL_DATA_DIR": str(server.settings.data_dir),
            "TIPPORTAL_PUBLIC_URL": server.settings.public_url,
        }
    )

    def run(*arguments: str, typed: str = "") -> str:
        done = runner.invoke(main, ["directory", *arguments], input=typed)
        assert done.exit_code == 0, done.output
        return done.output

    offline.mkdir()
    request, root = offline / "request.json", str(offline / "root.json")
    request.write_text(run("show", "--request"))
    keys = [str(offline / f"{name}.json") for name in "abc"]
    papers = [run("key", key) for key in keys]
    run("root", str(request), *(argument for key in keys for argument in ("--key", key)), "--out", root)
    for paper in papers[:2]:
        run("sign", root, typed=" ".join(re.findall(r"\d\.  (.+)", paper)) + "\n")
    run("publish", root)


def drill(desk: Desk, papers: list[str]) -> None:
    """Two papers open what was sealed to them."""
    page = desk.page
    page.goto(f"{desk.staff_url}administration/nyckelforvaltare")
    desk.unlock()
    type_papers(page, "drill-paper", papers)
    expect(page.locator("#drill-status")).to_contain_text("Övningen är gjord")


def type_papers(page: Page, field: str, papers: list[str]) -> None:
    """Type one paper after the other."""
    form = page.locator("form", has=page.locator(f"#{field}"))
    for paper in papers:
        page.locator(f"#{field}").fill(paper)
        form.locator("button[type=submit]").click()
        expect(page.locator(f"#{field}")).to_have_value("")


def recover(karin: Desk, olof: Desk, reference: str, papers: list[str]) -> None:
    """Two decide that a case is recovered, and two of the three papers open it."""
    page = karin.page
    page.goto(f"{karin.staff_url}administration/nyckelforvaltare")
    karin.unlock()
    page.locator("#reference").fill(reference)
    page.locator("#why").fill("Handläggarnas nycklar är borta")
    page.locator("#recover-form button").click()
    expect(page.locator("#recover-status")).to_have_attribute("data-mood", "good")
    approve(olof, reference)
    page = olof.page
    page.goto(f"{olof.staff_url}administration/nyckelforvaltare")
    page.get_by_role("link", name=reference).click()
    type_papers(page, "paper", papers)
    expect(page.locator("#paper-status")).to_contain_text("Klart")
