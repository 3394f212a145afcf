"""Passkeys in the browser: enrolment, sign-in and unlocking with one; what its PRF gives never leaves the page."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.audit import Audit
from tests.support.browser import Watch
from tests.support.founders import confirmed, invited_handler
from tests.support.servers import Server
from tests.support.traces import found_below, found_in

pytestmark = pytest.mark.browser

EMAIL = "pia.nyckel@bjorkvik.example"
PASSWORD = "kantarell under gran i oktober"  # pragma: allowlist secret
# Keeps what the PRF gives where the test can read it: the page itself never shows it.
LISTEN = """
const own = PublicKeyCredential.prototype.getClientExtensionResults;
PublicKeyCredential.prototype.getClientExtensionResults = function () {
  const results = own.call(this);
  const first = results.prf?.results?.first;
  if (first) {
    const bytes = new Uint8Array(first.buffer ?? first);
    (window.heard ??= []).push(btoa(String.fromCharCode(...bytes)));
  }
  return results;
};
"""
DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasPrf": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(reduced_motion="reduce")
    made.add_init_script(LISTEN)
    yield made
    made.close()


def with_device(context: BrowserContext) -> Page:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def heard(page: Page) -> list[bytes]:
    return [base64.b64decode(text) for text in page.evaluate("window.heard ?? []")]


def test_a_passkey_enrols_signs_in_and_unlocks(http_server: Server, context: BrowserContext) -> None:
    audit, page, watch = Audit(""), with_device(context), Watch.over(context)
    prf = enrols(page, http_server)
    page.goto(f"{http_server.staff_url}logga-in")
    audit.look(page, "sign-in-passkey")
    page.locator("#passkey").click()
    page.wait_for_url(http_server.staff_url)
    # Nobody has designated her yet: her own account is what she reaches.
    page.goto(f"{http_server.staff_url}konto")
    expect(page.locator("#unlock-button")).to_be_enabled()
    page.locator("#unlock-passkey").click()
    expect(page.locator("html")).to_have_attribute("data-locked", "false")
    prf += heard(page)

    replaces_the_passphrase(page, http_server, audit)
    assert len(set(prf)) == 1
    sent = b"\n".join((request.post_data_buffer or b"") for request in watch.requests)
    needles = [prf[0], base64.b64encode(prf[0]), base64.urlsafe_b64encode(prf[0]).rstrip(b"="), prf[0].hex().encode()]
    assert b"authenticator_data" in sent
    assert found_in(sent, needles) == []
    assert b"clientExtensionResults" not in sent
    assert found_below(http_server.folder, needles) == {}
    assert audit.findings == []


def enrols(page: Page, http_server: Server) -> list[bytes]:
    page.goto(invited_handler(http_server, "Pia Nyckel", EMAIL))
    page.locator("#password").fill(PASSWORD)
    page.locator("#step-password button").click()
    words = page.locator("#passphrase-words li").all_inner_texts()
    page.locator("#step-passphrase button[type=submit]").click()
    for place in (0, 1):
        number = int(page.locator(f"#word-{place}-label [data-slot=number]").inner_text())
        page.locator(f"#word-{place}").fill(words[number - 1])
    page.locator("#step-words button[type=submit]").click()
    page.locator("#second-passkey").click()
    totp = pyotp.TOTP(page.locator("#totp-secret").inner_text().replace(" ", ""))
    expect(page.locator("#step-otp")).to_be_visible()
    prf = heard(page)
    left = 30 - time.time() % 30
    if left < 6:
        page.wait_for_timeout((left + 0.1) * 1000)
    page.locator("#otp").fill(totp.now())
    page.locator("#step-otp button").click()
    expect(page.locator("#step-done")).to_be_visible()
    confirmed(http_server, EMAIL, page.locator("#check-phrase").inner_text())
    return prf


def replaces_the_passphrase(page: Page, http_server: Server, audit: Audit) -> None:
    page.goto(f"{http_server.staff_url}konto")
    expect(page.locator("html")).to_have_attribute("data-locked", "false")
    expect(page.locator("#ways [data-way]")).to_have_count(2)
    assert len(page.locator("#check-phrase").inner_text().split()) == 6
    # Signing in was showing who one is: nothing more is asked for five minutes.
    expect(page.locator("#confirm-part")).to_be_hidden()
    audit.look(page, "account")
    page.locator("#add-passphrase").click()
    new = page.locator("#passphrase-words li").all_inner_texts()
    audit.look(page, "account-new-passphrase")
    page.locator("#passphrase-check").fill("fel ord")
    page.locator("#new-passphrase button[type=submit]").click()
    expect(page.locator("#passphrase-check-error")).to_be_visible()
    page.locator("#passphrase-check").fill(" ".join(new))
    page.locator("#new-passphrase button[type=submit]").click()
    expect(page.locator("#ways [data-way]")).to_have_count(3)
    expect(page.locator("html")).to_have_attribute("data-locked", "false")
    page.locator("[data-kind=passphrase] [data-removes]").first.click()
    expect(page.locator("#ways [data-way]")).to_have_count(2)
    # The new passphrase opens the same keys.
    page.locator("#lock").click()
    page.locator("#passphrase").fill(" ".join(new))
    page.locator("#unlock-button").click()
    expect(page.locator("html")).to_have_attribute("data-locked", "false")
