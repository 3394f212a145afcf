"""An invited handler enrols in the browser: password, keys under a passphrase that only they see, one-time code."""

from __future__ import annotations

import time
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.audit import Audit
from tests.support.browser import Watch
from tests.support.founders import confirmed, invited_handler
from tests.support.servers import Server
from tests.support.traces import code_spellings, found_below, found_in, spellings

pytestmark = pytest.mark.browser

PASSWORD = "kantarell under gran i oktober"  # pragma: allowlist secret
EMAIL = "nils.ny@bjorkvik.example"
STEP = 30


def test_an_invited_handler_enrols_and_unlocks(http_server: Server, browser: Browser) -> None:
    link, audit = invited_handler(http_server, "Nils Ny", EMAIL), Audit("")
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
    audit.look(page, "enrolment-second")
    reserve = writes_down_the_second(page, audit, words)
    audit.look(page, "enrolment-code")
    totp = sends_the_code(page)
    expect(page.locator("#step-done")).to_be_visible()
    audit.look(page, "enrolment-done")
    check_phrase = page.locator("#check-phrase").inner_text()
    passphrase = " ".join(words)
    sent = b"\n".join((request.post_data_buffer or b"") for request in watch.requests)
    assert b'"ways"' in sent
    secrets = [
        spelling for text in (passphrase, " ".join(reserve)) for spelling in (*spellings(text), *code_spellings(text))
    ]
    assert found_in(sent, secrets) == []
    confirmed(http_server, EMAIL, check_phrase)
    signs_in_and_unlocks(page, http_server, totp, passphrase)
    # Once used, the link is worth nothing; and the server has kept neither password nor passphrase.
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#enrolment-status")).to_have_attribute("data-mood", "bad")
    expect(page.locator("#step-password")).to_be_hidden()
    assert found_below(Path(http_server.folder), [*spellings(PASSWORD), *secrets]) == {}
    context.close()
    assert audit.findings == []


def writes_down_the_second(page: Page, audit: Audit, words: list[str]) -> list[str]:
    page.locator("#second-paper").click()
    reserve = page.locator("#passphrase-words li").all_inner_texts()
    assert len(reserve) == 7
    assert reserve != words
    audit.look(page, "enrolment-reserve")
    page.locator("#step-passphrase button[type=submit]").click()
    asked = [int(page.locator(f"#word-{n}-label [data-slot=number]").inner_text()) for n in (0, 1)]
    repeat(page, [reserve[number - 1] for number in asked])
    return reserve


def sends_the_code(page: Page) -> pyotp.TOTP:
    totp = pyotp.TOTP(page.locator("#totp-secret").inner_text().replace(" ", ""))
    left = STEP - time.time() % STEP
    if left < 6:
        page.wait_for_timeout((left + 0.1) * 1000)
    page.locator("#otp").fill(totp.now())
    page.locator("#step-otp button").click()
    return totp


def repeat(page: Page, words: list[str]) -> None:
    for number, word in enumerate(words):
        page.locator(f"#word-{number}").fill(word)
    page.locator("#step-words button[type=submit]").click()


def signs_in_and_unlocks(page: Page, server: Server, totp: pyotp.TOTP, passphrase: str) -> None:
    page.goto(f"{server.staff_url}logga-in")
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    # The code of the enrolment is spent; a phone's clock may run half a minute ahead.
    page.locator("[name=otp]").fill(totp.at(int(time.time()) + STEP))
    page.locator("form[method=post] button").first.click()
    page.wait_for_url(server.staff_url)
    # Nobody has designated him yet: his own account is what he reaches.
    page.goto(f"{server.staff_url}konto")
    expect(page.locator("#unlock-button")).to_be_enabled()
    page.locator("#passphrase").fill(passphrase)
    page.locator("#unlock-button").click()
    expect(page.locator("html")).to_have_attribute("data-locked", "false")
