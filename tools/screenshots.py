"""Pictures of every page, to look at: `screenshots.py FOLDER [--only sv|en|readme]`.

A demo is started, and real browsers go through it as sources with and without JavaScript and as handler, administrator
and auditor. Each page is taken at the width of a phone and of a desktop, in Swedish and in English:
`FOLDER/sv/phone/source-form.png`. Pages of a browser without JavaScript begin with `plain-`. `--only readme` takes the
few that README.md shows: `screenshots.py docs/first-minute --only readme`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, expect

ROOT = Path(__file__).resolve().parent.parent
# The browsers of the tests know their way about the pages already.
sys.path.insert(0, str(ROOT))

from tests.support.browser import PlainSource, Source, chromium, source_context  # noqa: E402
from tests.support.desk import Desk, Desks  # noqa: E402
from tests.support.founders import invited_handler  # noqa: E402
from tests.support.servers import ORGANISATION, Server, demo_over_http  # noqa: E402
from tipportal.cli.demo_cases import codes  # noqa: E402
from tipportal.cli.demo_files import invoice, picture_of_schedule  # noqa: E402

WIDTHS = {"phone": 320, "desktop": 1280}
HEIGHT = 800
DRAWING_MS = 1500
README_SIZE: ViewportSize = {"width": 960, "height": 640}
ANSWERS = {
    "area": "hemtjanst",
    "subject_role": "supplier",
    "what_happened": "Grannen får aldrig sitt besök mitt på dagen,\nmen på listan är det ikryssat.",
    "org_number": "212000-0142",
    "ongoing": "yes",
    "amount": "10000_100000",
    "risk": "no",
}
FAULTY = {"org_number": "212000-0143"}


@dataclass
class Album:
    """Where pictures of one language go, and how many there are."""

    folder: Path
    language: str
    taken: int = 0

    def take(self, page: Page, name: str) -> None:
        """Take a page at each width, the whole of it."""
        for size, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.screenshot(path=self.folder / (self.language or "sv") / size / f"{name}.png", full_page=True)
            self.taken += 1


def main(arguments: list[str]) -> int:
    """Take the pictures; 0 when all could be taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=("sv", "en", "readme"))
    chosen = parser.parse_args(arguments)
    languages = [chosen.only] if chosen.only else ["sv", "en"]
    browser_path = Path((ROOT / ".venv" / "browser").read_text().strip())
    with (
        tempfile.TemporaryDirectory(prefix="tipportal-pictures-") as folder,
        demo_over_http(Path(folder)) as server,
        chromium(browser_path) as browser,
    ):
        sessions = Desks(browser, server, {})
        if chosen.only == "readme":
            take_readme(chosen.folder, browser, sessions)
            return 0
        for language in languages:
            album = Album(chosen.folder, "" if language == "sv" else language)
            for plain in (False, True):
                take_source(album, browser, server, plain=plain)
            take_staff(album, sessions)
            take_enrolment(album, sessions)
            print(f"{language}: {album.taken} pictures in {album.folder / language}", flush=True)
    return 0


def take_readme(folder: Path, browser: Browser, desks: Desks) -> None:
    """The first minute of README.md: the case that its code opens, Anna's first screen, an invoice in its frame."""
    with source_context(browser, desks.server, script=True, language="") as context:
        source = Source(context, desks.server)
        source.page.set_viewport_size(README_SIZE)
        source.open_case(codes()[1].text)
        source.page.evaluate("document.querySelector('.record .files').scrollIntoView()")
        source.page.screenshot(path=folder / "source.png")
    desk = desks.handler(0)
    desk.page.set_viewport_size(README_SIZE)
    desk.page.goto(desk.staff_url)
    desk.unlock()
    desk.page.wait_for_timeout(DRAWING_MS)
    desk.page.screenshot(path=folder / "handler.png")
    desk.page.get_by_text("Dubbla konsultfakturor").first.locator("xpath=ancestor::li").locator("a").click()
    desk.page.locator("#report-files [data-slot=show]:visible").first.click()
    expect(desk.page.locator("#shown-file iframe")).to_be_visible()
    desk.page.wait_for_timeout(DRAWING_MS)
    desk.page.screenshot(path=folder / "file.png")


def take_source(album: Album, browser: Browser, server: Server, *, plain: bool) -> None:
    """What somebody sees who reads, tells and comes back."""
    prefix, asked = ("plain" if plain else "source"), ("/utan-javascript" if plain else "")
    with source_context(browser, server, script=not plain, language=album.language) as context:
        source = (PlainSource if plain else Source)(context, server)
        page = source.page
        read = {"choose": "", "start": f"{ORGANISATION}/", "not-found": "finns/inte", "left": "lamna/klar"}
        read |= {"directory": f"{ORGANISATION}/om/katalog"}
        if plain:
            read |= {"sealing-form": f"{ORGANISATION}/tips", "code-in-browser": "arende"}
        read |= {"code": f"arende{asked}"}
        for name, address in read.items():
            page.goto(address)
            album.take(page, f"{prefix}-{name}")
        for channel in ("report", "tip"):
            source.open_form(channel)
            album.take(page, f"{prefix}-{channel}")
        take_sending(album, source, prefix)
        for number, code in enumerate(codes(), start=1):
            source.open_case(code.text)
            album.take(page, f"{prefix}-case-{number}")
            source.leave()
        album.take(page, f"{prefix}-case-left")


def take_sending(album: Album, source: Source, prefix: str) -> None:
    """From a form with a fault in it to the code."""
    page = source.page
    if isinstance(source, PlainSource):
        source.check(FAULTY)
    else:
        source.open_form("tip")
        page.locator("[data-field=org_number]").fill(FAULTY["org_number"])
        source.forward()
    expect(page.locator("#error-summary")).to_be_visible()
    album.take(page, f"{prefix}-tip-errors")
    if not isinstance(source, PlainSource):
        choose_files(page)
    source.check(ANSWERS)
    if isinstance(source, PlainSource):
        choose_files(page)
    album.take(page, f"{prefix}-tip-check")
    source.send()
    source.receipt()
    album.take(page, f"{prefix}-tip-confirmation")


def choose_files(page: Page) -> None:
    """Attach two files where the page takes files."""
    files = (picture_of_schedule(), invoice(4711, "Omsorgsförvaltningen", 80))
    chosen: list[FilePayload] = [{"name": file.name, "mimeType": file.type, "buffer": file.content} for file in files]
    page.locator("input[type=file]").first.set_input_files(chosen)


def take_staff(album: Album, desks: Desks) -> None:
    """What handler, administrator and auditor see."""
    handler = Desk(
        desks.context(desks.server.person("handler")), desks.server, desks.server.person("handler"), album.language
    )
    page = handler.page
    read = {
        "first-locked": "",
        "list": "arenden",
        "approvals": "godkannanden",
        "deciding": "avgora",
        "account": "konto",
    }
    for name, address in read.items():
        page.goto(f"{handler.staff_url}{address}")
        album.take(page, f"handler-{name}")
    page.goto(handler.staff_url)
    handler.unlock()
    page.wait_for_timeout(DRAWING_MS)
    album.take(page, "handler-first")
    for number, reference in enumerate(references(handler), start=1):
        handler.open_case(reference)
        for tab in page.locator("[role=tab]:visible").all():
            tab.click()
            album.take(page, f"handler-case-{number}-{tab.get_attribute('id')}")
        take_shown_file(album, page, f"handler-case-{number}-shown-file")
    handler.context.close()
    take_administration(album, desks)
    person = desks.server.person("auditor")
    auditor = Desk(desks.context(person), desks.server, person, album.language)
    for name, address in {"log": "logg", "account": "konto"}.items():
        auditor.page.goto(f"{auditor.staff_url}{address}")
        album.take(auditor.page, f"auditor-{name}")
    auditor.context.close()
    with desks.browser.new_context() as nobody:
        page = nobody.new_page()
        page.goto(f"{handler.staff_url}logga-in")
        album.take(page, "handler-sign-in")


ADMINISTRATION = {
    "overview": "",
    "changes": "andringar",
    "organisations": "organisationer",
    "people": "personer",
    "policy": "policy",
    "accounts": "konton",
    "trustees": "nyckelforvaltare",
    "absence": "franvaro",
    "conflict": "jav",
    "template": "policy/mall/byra",
    "import": "policy/import",
    "form-designate": "forslag/utse",
    "form-unit": "forslag/enhet",
    "form-invite": "forslag/bjud-in",
    "form-channel": "forslag/kanal",
    "form-decision": "forslag/beslut",
    "form-directory": "forslag/katalog",
    "form-clock": "forslag/klocka",
    "form-firm": "forslag/byra",
    "form-sharing": "forslag/avtal",
}
"""The administrators' pages by the names of their pictures."""


def take_administration(album: Album, desks: Desks) -> None:
    """What administrators see, with a form that is sent back and a change as its proposer and its approver see it."""
    one, other = (
        Desk(desks.context(person), desks.server, person, album.language)
        for person in (desks.server.person("administrator", number) for number in (0, 1))
    )
    page = one.page
    for name, address in ADMINISTRATION.items():
        page.goto(f"{one.staff_url}administration/{address}")
        album.take(page, f"administrator-{name}")
    page.locator("form[method=post] button[type=submit]").last.click()
    album.take(page, "administrator-form-errors")
    page.goto(f"{one.staff_url}administration/forslag/katalog")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#draft")).to_be_visible()
    one.unlock()
    album.take(page, "administrator-draft")
    page.locator("#draft-form [data-slot=send]").click()
    page.wait_for_url("**/administration/andringar/*")
    album.take(page, "administrator-change-own")
    other.page.goto(page.url)
    other.unlock()
    album.take(other.page, "administrator-change")
    other.page.goto(f"{other.staff_url}administration/")
    album.take(other.page, "administrator-overview-waiting")
    page.locator("#decide-form [data-slot=decline]").click()
    expect(page.locator("#change")).to_have_attribute("data-decided", "change-declined")
    page.goto(f"{one.staff_url}administration/nyckelforvaltare")
    page.locator("#make").click()
    album.take(page, "administrator-ceremony")
    page.goto(f"{one.staff_url}konto")
    one.unlock()
    album.take(page, "administrator-account")
    for desk in (one, other):
        desk.context.close()


def take_enrolment(album: Album, desks: Desks) -> None:
    """What somebody sees who has been given a link."""
    link = invited_handler(desks.server, "Nils Ny", f"nils{album.language}@bjorkvik.example")
    with desks.browser.new_context() as context:
        page = context.new_page()
        page.goto(link.replace("/handlaggare/", f"/{album.language}/handlaggare/") if album.language else link)
        album.take(page, "enrolment-password")
        page.locator("#password").fill("kantarell under gran i oktober")
        page.locator("#step-password button").click()
        expect(page.locator("#passphrase-words li").first).to_be_visible()
        album.take(page, "enrolment-passphrase")
        words = page.locator("#passphrase-words li").all_inner_texts()
        page.locator("#step-passphrase button[type=submit]").click()
        album.take(page, "enrolment-words")
        for place in (0, 1):
            number = int(page.locator(f"#word-{place}-label [data-slot=number]").inner_text())
            page.locator(f"#word-{place}").fill(words[number - 1])
        page.locator("#step-words button[type=submit]").click()
        expect(page.locator("#second-paper")).to_be_visible()
        album.take(page, "enrolment-second")


def take_shown_file(album: Album, page: Page, name: str) -> None:
    """The first file of a report, in its frame."""
    page.locator("[role=tab]").first.click()
    button = page.locator("#report-files [data-slot=show]:visible")
    if button.count():
        button.first.click()
        expect(page.locator("#shown-file iframe")).to_be_visible()
        page.wait_for_timeout(DRAWING_MS)
        album.take(page, name)
        page.keyboard.press("Escape")


def references(desk: Desk) -> list[str]:
    """The references of a handler's cases."""
    desk.page.goto(f"{desk.staff_url}arenden")
    links = desk.page.locator("main a[href*='/arenden/']").evaluate_all("links => links.map((link) => link.href)")
    return list(dict.fromkeys(str(link).rstrip("/").rpartition("/")[2] for link in links))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
