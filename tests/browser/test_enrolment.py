"""An invited handler enrols in the browser: password, keys under a passphrase that only they see, one-time code."""

from __future__ import annotations

import time
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.audit import Audit
from tests.support.browser import Watch
from tests.support.servers import ORGANISATION, Server
from tests.support.traces import code_spellings, found_below, found_in, spellings

pytestmark = pytest.mark.browser

PASSWORD = "kantarell under gran i oktober"  # pragma: allowlist secret
STEP = 30


def invited(server: Server, email: str) -> str:
    """The link that the operator prints and hands over."""
    unit = server.command("unit", "add", ORGANISATION, "--name", "Kulturförvaltningen").stdout.split()[-1]
    told = server.command("invite", ORGANISATION, "--name", "Nils Ny", "--email", email, "--unit", unit).stdout
    return next(word for word in told.split() if "#" in word)


def test_an_invited_handler_enrols_and_unlocks(http_server: Server, browser: Browser) -> None:
    link, audit = invited(http_server, "nils.ny@bjorkvik.example"), Audit("")
    context = browser.new_context(reduced_motion="reduce")
    page, watch = context.new_page(), Watch.over(context)
    page.goto(link)
    expect(page.locator("#step-password")).to_be_visible()
    # The link's secret part is in no address that is sent, and no longer in the browser's own.
    token = link.partition("#")[2]
    assert token not in page.url
    assert all(token not in request.url for request in watch.requests)
    audit.look(page, "enrolment-password")
    page.locator("#password").fill("för kort")
    page.locator("#step-password button").click()
    expect(page.locator("#password-error")).to_be_visible()
    audit.look(page, "enrolment-password-short")
    page.locator("#password").fill(PASSWORD)
    page.locator("#step-password button").click()
    words = page.locator("#passphrase-words li").all_inner_texts()
    assert len(words) == 7
    audit.look(page, "enrolment-passphrase")
    page.locator("#step-passphrase button[type=submit]").click()
    repeat(page, ["fel", "fel"])
    expect(page.locator("#word-0-error")).to_be_visible()
    audit.look(page, "enrolment-words-wrong")
    asked = [int(page.locator(f"#word-{n}-label [data-slot=number]").inner_text()) for n in (0, 1)]
    repeat(page, [words[number - 1] for number in asked])
    audit.look(page, "enrolment-code")
    totp = pyotp.TOTP(page.locator("#totp-secret").inner_text().replace(" ", ""))
    left = STEP - time.time() % STEP
    if left < 6:
        page.wait_for_timeout((left + 0.1) * 1000)
    page.locator("#otp").fill(totp.now())
    page.locator("#step-otp button").click()
    expect(page.locator("#step-done")).to_be_visible()
    audit.look(page, "enrolment-done")
    passphrase = " ".join(words)
    sent = b"\n".join((request.post_data_buffer or b"") for request in watch.requests)
    assert b"identity_file" in sent
    assert found_in(sent, [*spellings(passphrase), *code_spellings(passphrase)]) == []
    signs_in_and_unlocks(page, http_server, totp, passphrase)
    # Once used, the link is worth nothing; and the server has kept neither password nor passphrase.
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#enrolment-status")).to_have_attribute("data-mood", "bad")
    expect(page.locator("#step-password")).to_be_hidden()
    assert found_below(Path(http_server.folder), [*spellings(PASSWORD), *code_spellings(passphrase)]) == {}
    context.close()
    assert audit.findings == []


def repeat(page: Page, words: list[str]) -> None:
    for number, word in enumerate(words):
        page.locator(f"#word-{number}").fill(word)
    page.locator("#step-words button[type=submit]").click()


def signs_in_and_unlocks(page: Page, server: Server, totp: pyotp.TOTP, passphrase: str) -> None:
    page.goto(f"{server.staff_url}logga-in")
    page.locator("[name=email]").fill("nils.ny@bjorkvik.example")
    page.locator("[name=password]").fill(PASSWORD)
    # The code of the enrolment is spent; a phone's clock may run half a minute ahead.
    page.locator("[name=otp]").fill(totp.at(int(time.time()) + STEP))
    page.locator("form[method=post] button").first.click()
    expect(page.locator("#unlock-button")).to_be_enabled()
    page.locator("#passphrase").fill(passphrase)
    page.locator("#unlock-button").click()
    expect(page.locator("html")).to_have_attribute("data-locked", "false")
