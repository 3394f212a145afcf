"""Sources in a real browser: they fill in forms, read confirmations and follow their case, with JavaScript or without.

What is asked of a page is the contract (docs/contract.md): addresses, names of fields, ids of elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect, sync_playwright

from tests.support.servers import ORGANISATION, USER_AGENT, Server

OFF = (
    # Playwright's own list, which one of ours replaces as a whole.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    # What drops down from the address bar, which nobody sees: two pages more for each window, half of all work.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
)
FLAGS = (
    f"--disable-features={','.join(OFF)}",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000
WORDS = 9
FORMS = {"tip": "tips", "report": "rapport"}
Answers = Mapping[str, str | tuple[str, ...]]


@contextmanager
def chromium(browser_path: Path) -> Iterator[Browser]:
    """The browser of the tests, with a profile that is gone afterwards."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser_path, args=[*FLAGS])
        expect.set_options(timeout=PATIENCE_MS)
        yield launched
        launched.close()


@dataclass
class Watch:
    """Every request that the pages of a context make."""

    requests: list[Request] = field(default_factory=list)

    @classmethod
    def over(cls, context: BrowserContext) -> Watch:
        """Begin to watch."""
        watch = cls()
        context.on("request", watch.saw)
        return watch

    def saw(self, request: Request) -> None:
        """Keep a request."""
        self.requests.append(request)

    @property
    def origins(self) -> set[str]:
        """Where requests went: scheme, host and port."""
        return {"/".join(request.url.split("/")[:3]) for request in self.requests}

    def bodies(self, path: str) -> list[bytes]:
        """The bodies posted to an address that ends so."""
        return [
            request.post_data_buffer or b""
            for request in self.requests
            if request.method == "POST" and request.url.split("?")[0].endswith(path)
        ]

    def sent(self) -> bytes:
        """All that went out: addresses, headers that the page can set, bodies."""
        return b"\n".join(
            b"\n".join([request.url.encode(), repr(request.headers).encode(), request.post_data_buffer or b""])
            for request in self.requests
        )


@dataclass(frozen=True)
class Receipt:
    """What a source takes away."""

    reference: str
    code: str


@contextmanager
def source_context(
    browser: Browser, server: Server, *, script: bool = True, language: str = ""
) -> Iterator[BrowserContext]:
    """A browser of a source of its own: no cookies, the source's address and user agent."""
    context = browser.new_context(
        base_url=f"{server.source_url}/{language}/" if language else f"{server.source_url}/",
        java_script_enabled=script,
        user_agent=USER_AGENT,
        reduced_motion="reduce",
        ignore_https_errors=True,
        viewport={"width": 1280, "height": 900},
        locale="sv-SE",
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


def fill_in(page: Page, answers: Answers, attribute: str = "data-field") -> None:
    """Answer questions, each in the way that its field asks for."""
    for name, answer in answers.items():
        controls = page.locator(f"[{attribute}={name}]")
        tag = controls.first.evaluate("control => control.localName")
        if tag == "select":
            controls.select_option(list(answer) if isinstance(answer, tuple) else answer)
        elif controls.first.get_attribute("type") in {"radio", "checkbox"}:
            for value in answer if isinstance(answer, tuple) else (answer,):
                # The drawn control lies beside the real one.
                page.locator(f"[{attribute}={name}][value='{value}']").check(force=True)
        else:
            controls.fill(str(answer))


class Source:
    """A source whose browser runs scripts: everything is sealed and opened there."""

    sealed_by = "browser"

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.server = server
        self.page = context.new_page()
        self.page.on("pageerror", self._fault)
        self.faults: list[str] = []

    def _fault(self, error: object) -> None:
        self.faults.append(str(error))

    def open_form(self, channel: str) -> None:
        """Go to the form. Leaving it again asks nothing of the test."""
        self.page.goto(f"{ORGANISATION}/{FORMS[channel]}")
        expect(self.page.locator("#continue")).to_be_enabled()

    def check(self, answers: Answers) -> None:
        """Fill in and go on to the page to check on."""
        fill_in(self.page, answers)
        self.forward()
        expect(self.page.locator("#checking")).to_be_visible()

    def forward(self) -> None:
        """Press the button that leads from writing to checking."""
        self.page.locator("#continue").click()

    def send(self) -> None:
        """Send what was checked."""
        self.page.locator("#send").click()

    def receipt(self) -> Receipt:
        """Read the confirmation and save the code."""
        expect(self.page.locator("#case-code")).to_be_visible()
        taken = read_receipt(self.page, self.server)
        self.page.locator("#code-saved").check(force=True)
        return taken

    def submit(self, channel: str, answers: Answers) -> Receipt:
        """The whole way from the form to the code."""
        self.open_form(channel)
        self.check(answers)
        self.send()
        return self.receipt()

    def open_case(self, code: str) -> None:
        """Enter the code on the page that keeps it."""
        self.page.goto("arende")
        button = self.page.locator("#open")
        expect(button).to_be_enabled()
        self.page.locator("[data-field=code]").fill(code)
        button.click()
        expect(self.page.locator("#opened .record").first).to_be_visible()

    def write(self, text: str) -> None:
        """Send a message in the case that is open, and see it among the others."""
        self.page.locator("[data-field=message]").fill(text)
        self.page.locator("#opened #send").click()
        expect(self.bodies("source").last).to_have_text(text)

    def leave(self) -> None:
        """Close the case: nothing of it stays in the page."""
        self.page.locator("#opened .close-case a").click()
        expect(self.page.locator("#opened")).to_be_empty()

    def bodies(self, author: str) -> Locator:
        """The texts of one side, as shown."""
        return self.page.locator(f".record[data-from={author}] .record-body")


class PlainSource(Source):
    """A source without scripts: the server seals and opens, in memory."""

    sealed_by = "server"

    def open_form(self, channel: str) -> None:
        """Go to the form without JavaScript."""
        self.page.goto(f"{ORGANISATION}/{FORMS[channel]}/utan-javascript")

    def check(self, answers: Answers) -> None:
        """Fill in and go on by the first button of the first form."""
        fill_in(self.page, answers, "name")
        self.forward()

    def forward(self) -> None:
        """Press the first button of the first form that posts."""
        self.page.locator("form[method=post]").first.locator("button").first.click()

    def send(self) -> None:
        """Send what was checked."""
        self.forward()

    def receipt(self) -> Receipt:
        """Read the confirmation."""
        expect(self.page.locator("#case-code")).to_be_visible()
        return read_receipt(self.page, self.server)

    def open_case(self, code: str) -> None:
        """Enter the code on the page that sends it."""
        self.page.goto("arende/utan-javascript")
        self.page.locator("[name=code]").fill(code)
        self.forward()
        expect(self.page.locator(".record").first).to_be_visible()

    def write(self, text: str) -> None:
        """Send a message and see it on the page that comes."""
        form = self.page.locator("form", has=self.page.locator("[name=message]"))
        form.locator("[name=message]").fill(text)
        form.locator("button").first.click()
        expect(self.bodies("source").last).to_have_text(text)

    def leave(self) -> None:
        """End the session: the button of the form that has no field to write in."""
        self.page.locator("form[method=post]", has_not=self.page.locator("textarea")).locator("button").click()


def read_receipt(page: Page, server: Server) -> Receipt:
    """Reference and code from a confirmation. From now on the code may be found nowhere on the server."""
    words = page.locator("#case-code").inner_text().split()
    assert len(words) == WORDS
    code = " ".join(words)
    server.codes.append(code)
    return Receipt(page.locator("#case-reference").inner_text().strip(), code)
