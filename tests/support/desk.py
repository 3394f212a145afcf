"""Handlers in a real browser: sign in once, unlock once, open cases, write, propose and approve."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from itertools import islice

import pyotp
from playwright.sync_api import Browser, BrowserContext, Locator, Page, StorageState, expect

from tests.support.browser import PATIENCE_MS
from tests.support.servers import Server
from tipportal.cli.demo_staffing import Person

STEP_SECONDS = 30


class Desk:
    """One signed-in person in one tab. A case is opened with the person's own keys."""

    def __init__(self, context: BrowserContext, server: Server, person: Person, language: str = "") -> None:
        self.context = context
        self.server = server
        self.person = person
        self.staff_url = (
            server.staff_url.replace("/handlaggare/", f"/{language}/handlaggare/") if language else server.staff_url
        )
        self.page: Page = context.new_page()
        # Leaving a page with a draft asks; a test that leaves means it.
        self.page.on("dialog", lambda dialog: dialog.accept())

    def unlock(self) -> None:
        """Unlock with the passphrase, unless this tab is unlocked already."""
        # Until then the page does not know whether an earlier page in this tab was unlocked.
        expect(self.page.locator("html")).to_have_attribute("data-locked", re.compile("true|false"))
        if self.page.locator("#unlock").is_visible():
            self.page.locator("#passphrase").fill(self.person.passphrase)
            self.page.locator("#unlock-button").click()
        expect(self.page.locator("#lock")).to_be_visible()

    def case_address(self, reference: str) -> str:
        """Where a case is."""
        return f"{self.staff_url}arenden/{reference}"

    def status(self, reference: str) -> int:
        """How the server answers when this person asks for a case."""
        return self.context.request.get(self.case_address(reference), max_redirects=0).status

    def open_case(self, reference: str) -> None:
        """Open a case and wait until the browser has verified it."""
        self.page.goto(self.case_address(reference))
        self.unlock()
        expect(self.page.locator("#report *").first).to_be_attached()
        expect(self.page.locator("#case-title")).not_to_have_attribute("data-title", "locked")

    def answer(self, field_name: str) -> Locator:
        """What the source answered to a question."""
        self.tab_of("#report")
        return self.page.locator(f"#report [data-field={field_name}] [data-slot=answer]")

    def bodies(self, place: str = "dialogue", author: str | None = None) -> Locator:
        """The texts of the dialogue or the notes."""
        who = "" if author is None else f"[data-from={author}]"
        return self.page.locator(f"#{place} .record{who} .record-body")

    def write(self, form: str, field_id: str, text: str) -> None:
        """Send a text by one of the forms, and wait until the server has taken it."""
        self.fill(form, field_id, text)
        self.send(form)
        self.taken(form)

    def fill(self, form: str, field_id: str, text: str) -> None:
        """Write into a form without sending it."""
        self.tab_of(f"#{form}")
        self.page.locator(f"#{field_id}").fill(text)

    def send(self, form: str) -> None:
        """Press a form's own button."""
        self.page.locator(f"#{form} [data-slot=send]").click()

    def taken(self, form: str) -> None:
        """The form says that it has been taken."""
        expect(self.page.locator(f"#{form} [data-slot=status]")).to_have_attribute("data-mood", "good")

    def begin_follow_up(self) -> None:
        """Begin the follow-up."""
        self.tab_of("#follow_up-form")
        self.send("follow_up-form")
        expect(self.page.locator("#follow_up-form")).to_be_hidden()

    def propose_covered(self, reasons: str) -> None:
        """Propose that a report is covered by the act."""
        self.tab_of("#assess-form")
        self.page.locator("#assess-ground").select_option("public_interest")
        self.page.locator("#assess-reasons").fill(reasons)
        self.send("assess-form")
        expect(self.page.locator("#cards [data-proposal]")).to_be_visible()

    def propose_close(self, outcome: str, reasons: str) -> None:
        """Propose to close with an outcome."""
        self.tab_of("#close-form")
        self.page.locator("#outcome").select_option(outcome)
        self.page.locator("#close-reasons").fill(reasons)
        self.send("close-form")
        expect(self.page.locator("#cards [data-proposal]")).to_be_visible()

    def approve(self) -> None:
        """Approve the one proposal that waits."""
        self.tab_of("#cards")
        self.page.locator("#cards [data-proposal] [data-slot=approve]").click()
        expect(self.page.locator("#cards [data-proposal]")).to_have_count(0)
        expect(self.page.locator("#decided [data-state=approved]").first).to_be_visible()

    def tab_of(self, selector: str) -> None:
        """Bring up the tab that holds an element."""
        place = self.page.locator(selector)
        panel = place.evaluate("element => element.closest('[role=tabpanel]')?.id ?? ''")
        if panel:
            self.page.locator(f"[role=tab][aria-controls={panel}]").click()
        folded = self.page.locator("details.step:not([open])", has=place)
        if folded.count():
            folded.locator("> summary").click()


@dataclass
class Desks:
    """The desks of a server, each opened when it is first needed. A session outlives the browser it began in."""

    browser: Browser
    server: Server
    sessions: dict[str, StorageState]
    _open: dict[str, Desk] = field(default_factory=dict)

    def handler(self, number: int) -> Desk:
        """The desk of a handler, in the order in which they were designated."""
        return self.of(self.server.person("handler", number))

    def of(self, person: Person) -> Desk:
        """The desk of a person."""
        if person.email not in self._open:
            self._open[person.email] = Desk(self.context(person), self.server, person)
        return self._open[person.email]

    def panel(self, reference: str) -> tuple[Desk, Desk]:
        """The desks of the first two who are let in to a case."""
        handlers = (self.of(person) for person in self.server.people if person.role == "handler")
        one, other = islice((desk for desk in handlers if desk.status(reference) == 200), 2)
        return one, other

    def context(self, person: Person, *, width: int = 1280) -> BrowserContext:
        """A browser of its own in which the person is signed in."""
        context = self.browser.new_context(
            storage_state=self.sessions.get(person.email),
            reduced_motion="reduce",
            ignore_https_errors=True,
            viewport={"width": width, "height": 900},
            locale="sv-SE",
        )
        context.set_default_timeout(PATIENCE_MS)
        if person.email not in self.sessions:
            sign_in(context, self.server, person)
            self.sessions[person.email] = context.storage_state()
        return context


def sign_in(context: BrowserContext, server: Server, person: Person) -> None:
    """Sign in with password and one-time code. A code is good once, so nobody signs in twice within half a minute."""
    page = context.new_page()
    page.goto(f"{server.staff_url}logga-in")
    page.locator("[name=email]").fill(person.email)
    page.locator("[name=password]").fill(person.password)
    left = STEP_SECONDS - time.time() % STEP_SECONDS
    if left < 2:
        page.wait_for_timeout((left + 0.1) * 1000)
    page.locator("[name=otp]").fill(pyotp.TOTP(person.totp_secret).now())
    page.locator("form[method=post]").first.locator("button").first.click()
    page.wait_for_url(lambda url: not url.endswith("logga-in"))
    page.close()
