"""Enrolment in a browser, by a link: password, passphrase on paper, a second way, one-time code."""

from __future__ import annotations

import time

import pyotp
from playwright.sync_api import Page, expect

from tests.support.servers import Server
from tipportal.cli.demo_staffing import Person

PASSWORD = "kantarell under gran i oktober"  # pragma: allowlist secret
STEP_SECONDS = 30


def enrol(page: Page, link: str, person: Person, *, passkey: bool = False) -> tuple[Person, str]:
    """Enrol ``person``; with what they sign in with from now on, and the six words on their screen, "" if none."""
    page.goto("about:blank")
    page.goto(link)
    page.locator("#password").fill(PASSWORD)
    page.locator("#step-password button").click()
    passphrase = _written_down(page)
    if passkey:
        page.locator("#second-passkey").click()
    else:
        page.locator("#second-paper").click()
        _written_down(page)
    secret = page.locator("#totp-secret").inner_text().replace(" ", "")
    left = STEP_SECONDS - time.time() % STEP_SECONDS
    if left < 2:
        page.wait_for_timeout((left + 0.1) * 1000)
    page.locator("#otp").fill(pyotp.TOTP(secret).now())
    page.locator("#step-otp button").click()
    expect(page.locator("#step-done")).to_be_visible()
    enrolled = Person(person.name, person.title, person.role, person.email, PASSWORD, secret, passphrase)
    return enrolled, page.locator("#check-phrase").inner_text()


def sign_in_after_enrolling(page: Page, server: Server, person: Person) -> None:
    """Sign in at once: the code of the enrolment is spent, and a phone's clock may run half a minute ahead."""
    page.goto(f"{server.staff_url}logga-in")
    page.locator("[name=email]").fill(person.email)
    page.locator("[name=password]").fill(person.password)
    page.locator("[name=otp]").fill(pyotp.TOTP(person.totp_secret).at(int(time.time()) + STEP_SECONDS))
    page.locator("form[method=post] button").first.click()
    page.wait_for_url(lambda url: not url.endswith("logga-in"))


def _written_down(page: Page) -> str:
    words = page.locator("#passphrase-words li").all_inner_texts()
    page.locator("#step-passphrase button[type=submit]").click()
    for place in (0, 1):
        number = int(page.locator(f"#word-{place}-label [data-slot=number]").inner_text())
        page.locator(f"#word-{place}").fill(words[number - 1])
    page.locator("#step-words button[type=submit]").click()
    return " ".join(words)
