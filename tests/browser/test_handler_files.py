"""Handlers open what somebody sent: it is shown or saved, and whatever it wants to do, nothing of it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, Route, expect

from tests.support.audit import AXE, WIDE
from tests.support.browser import Receipt, Source, source_context
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk, Desks
from tests.support.nasty_files import HTML, LISTENER, SCRIPT, SVG, Sent, gif, pdf, png, sent
from tests.support.servers import Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
TEXT = f"Räksmörgås\n<script>{SCRIPT}</script>\n"
NASTY = (
    sent("foto.png", "image/png", png(40, 30, after=HTML.encode())),
    sent("pixel.gif", "image/gif", gif()),
    sent("faktura.pdf", "application/pdf", pdf("Faktura 17 för åäö", pages=2)),
    sent("lista.txt", "text/plain", TEXT.encode("latin-1")),
    sent("stor.png", "image/png", png(4, 4, claimed=(60_000, 60_000))),
    sent("trasig.pdf", "application/pdf", b"%PDF-1.7\n" + SCRIPT.encode()),
    sent("semester.jpg", "image/jpeg", HTML),
    sent("faktura\u202efdp.exe", "application/pdf", b"MZ\x90\x00" + bytes(60)),
    sent("teckning.svg", "image/svg+xml", SVG),
    sent("sida.html", "text/html", HTML),
    sent("avtal.docx", "", b"PK\x03\x04" + bytes(40)),
)
SHOWN = {"foto.png": "png", "pixel.gif": "gif", "faktura.pdf": "pdf", "lista.txt": "text"}
FAILED = {"stor.png": "för stor", "trasig.pdf": "skadad"}


@dataclass
class Opened:
    """A handler's page on a case whose report carries the files, and everything that happens around it."""

    desk: Desk
    reference: str
    happened: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The tab."""
        return self.desk.page

    @property
    def dialog(self) -> Locator:
        """Where a file is shown or saved."""
        return self.page.locator("#shown-file")

    def press(self, name: str, button: str, place: str = "#report-files") -> None:
        """Press the button of a file in a list, and wait for the dialogue."""
        line = self.page.locator(f"{place} .file", has=self.page.get_by_text(name, exact=True)).last
        line.locator(f"[data-slot={button}]").click()
        expect(self.dialog).to_be_visible()

    def frame(self) -> Frame:
        """The frame that shows a file, once it has shown it or said why not."""
        handle = self.page.locator("#shown-file iframe").element_handle()
        frame = handle.content_frame()
        assert frame is not None
        frame.wait_for_selector("html[data-shown]")
        return frame

    def close(self) -> None:
        """Close the dialogue."""
        self.dialog.locator("[data-slot=close]").click()
        expect(self.dialog).to_be_hidden()


@pytest.fixture(scope="module")
def received(http_server: Server, browser: Browser) -> Receipt:
    """A tip that carries every one of them."""
    with source_context(browser, http_server) as context:
        source = Source(context, http_server)
        source.open_form("tip")
        source.page.locator("[data-field=files]").set_input_files([*NASTY])
        source.check({"what_happened": http_server.canary()})
        source.send()
        return source.receipt()


@pytest.fixture(scope="module")
def watched(http_server: Server, desks: At, received: Receipt) -> Iterator[Opened]:
    """The case open at a desk; all that its browser asks for, tells or opens is kept."""
    desk = desks(http_server).panel(received.reference)[0]
    opened = Opened(Desk(desk.context, http_server, desk.person), received.reference)
    page, happened = opened.page, opened.happened
    page.on("dialog", lambda dialog: happened.append(f"dialog {dialog.message}"))
    page.on("popup", lambda window: happened.append(f"popup {window.url}"))
    page.on("pageerror", lambda error: happened.append(f"error {error}"))
    desk.context.on("request", lambda request: happened.append(request.url))
    opened.desk.open_case(received.reference)
    yield opened
    page.close()


@pytest.fixture
def opened(watched: Opened) -> Opened:
    """The same page for every test, unlocked and with nothing shown in it."""
    watched.page.unroute_all()
    watched.desk.unlock()
    if watched.dialog.is_visible():
        watched.close()
    expect(watched.page.locator("#report-files .file")).to_have_count(len(NASTY))
    watched.page.locator("#tab-rapport").click()
    watched.happened.clear()
    return watched


def test_nothing_that_was_sent_runs_or_loads_anything(http_server: Server, opened: Opened) -> None:
    for name in (*SHOWN, *FAILED):
        opened.press(name, "show")
        frame = opened.frame()
        assert frame.get_attribute("html", "data-shown") == SHOWN.get(name, "failed")
        status = frame.locator("#status")
        if name in FAILED:
            expect(status).to_contain_text(FAILED[name])
            assert frame.locator("canvas:visible").count() == 0
        else:
            assert status.is_hidden()
        # Wherever somebody clicks or types in it.
        for place in ("#picture:visible", "#page:visible", "#text:visible"):
            for target in frame.locator(place).all():
                target.click()
        frame.locator("body").press("Enter")
        opened.close()
    for sent_file in NASTY[6:]:
        name = sent_file["name"].replace("\u202e", "")
        opened.press(name, "save")
        assert opened.dialog.locator("iframe").count() == 0
        opened.close()
    # Nothing but the portal's own: its API, the empty frame and the frame's script and style. What the page's worker
    # takes out of memory stays in the browser.
    origin = http_server.staff_url.removesuffix("/handlaggare/")
    ours = ("blob:", *(origin + path for path in ("/handlaggare/api/", "/handlaggare/visare", "/static/")))
    assert [what for what in opened.happened if not what.startswith(ours)] == []
    assert not any(LISTENER in what for what in opened.happened)
    assert opened.page.url.startswith(opened.desk.case_address(opened.reference))


def test_the_frame_is_nobody_and_reaches_nothing(opened: Opened) -> None:
    opened.press("faktura.pdf", "show")
    frame = opened.frame()
    tried = frame.evaluate(
        """async () => {
            const attempt = async (what) => {
                try { return String(await what()); } catch (error) { return error.name; }
            };
            return {
                origin: self.origin,
                parent: await attempt(() => parent.document.title),
                stored: await attempt(() => sessionStorage.length),
                cookies: await attempt(() => document.cookie),
                fetched: await attempt(() => fetch(location.href)),
                worker: await attempt(() => new Worker(URL.createObjectURL(new Blob(["1"])))),
                opened: await attempt(() => window.open("about:blank")),
                gone: await attempt(() => { top.location = "about:blank"; }),
                fonts: document.fonts.size,
            };
        }"""
    )
    assert tried.pop("origin") == "null"
    assert tried.pop("opened") == "null"
    assert tried.pop("fonts") == 0
    assert tried.pop("fetched") == "TypeError"
    assert tried.pop("worker") in {"SecurityError", "TypeError"}
    assert set(tried.values()) == {"SecurityError"}, tried
    # Only what the page around it hands in is shown, and only once.
    opened.page.evaluate(
        """() => {
            const frame = document.querySelector('iframe').contentWindow;
            frame.postMessage({kind: 'text', bytes: new ArrayBuffer(1)}, '*');
        }"""
    )
    expect(frame.locator("#text")).to_be_hidden()
    expect(frame.locator("#pdf")).to_be_visible()


def test_a_picture_is_blurred_until_somebody_asks_for_it(opened: Opened) -> None:
    opened.press("foto.png", "show")
    frame = opened.frame()
    canvas, button = frame.locator("#picture"), frame.locator("#reveal")
    blur = "canvas => getComputedStyle(canvas).filter"
    assert "blur" in canvas.evaluate(blur)
    button.focus()
    frame.page.keyboard.press("Enter")
    expect(canvas).to_have_attribute("data-blurred", "false")
    assert canvas.evaluate(blur) == "none"
    drawn = "canvas => [canvas.width, canvas.height, ...canvas.getContext('2d').getImageData(5, 5, 1, 1).data]"
    assert canvas.evaluate(drawn) == [40, 30, 0x20, 0x90, 0x40, 255]
    canvas.click()
    assert "blur" in canvas.evaluate(blur)


def test_a_pdf_is_read_page_by_page_from_the_keyboard(opened: Opened) -> None:
    line = opened.page.locator("#report-files .file", has_text="faktura.pdf")
    opener = line.locator("[data-slot=show]")
    # Whoever reads in the frame is not idle, although the page sees no key.
    opened.page.evaluate("document.addEventListener('tipportal-active', () => { globalThis.active = true; })")
    opener.focus()
    opened.page.keyboard.press("Enter")
    expect(opened.dialog).to_be_visible()
    frame = opened.frame()
    expect(frame.locator("#page-number")).to_have_text("Sida 1 av 2")
    expect(frame.locator("#page-text")).to_have_text("Faktura 17 för åäö")
    dark = """canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, index) => index % 4 === 0 && value < 80).length;
    }"""
    assert frame.locator("#page").evaluate(dark) > 100
    opened.page.keyboard.press("Tab")
    frame.locator("#next").focus()
    opened.page.keyboard.press("Enter")
    expect(frame.locator("#page-number")).to_have_text("Sida 2 av 2")
    opened.page.keyboard.press("PageUp")
    expect(frame.locator("#page-number")).to_have_text("Sida 1 av 2")
    # Not by a key of the test's own: its browser would wait for an answer from a frame that is gone.
    frame.evaluate("setTimeout(() => dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })))")
    expect(opened.dialog).to_be_hidden()
    expect(opener).to_be_focused()
    assert opened.page.evaluate("globalThis.active")
    assert opened.page.locator("iframe").count() == 0


def test_a_text_is_shown_as_it_stands(opened: Opened) -> None:
    opened.press("lista.txt", "show")
    assert opened.frame().locator("#text").text_content() == TEXT
    assert opened.frame().locator("#text *").count() == 0


def test_what_a_file_claims_to_be_is_held_against_what_it_is(opened: Opened) -> None:
    lies = opened.dialog.locator("[data-slot=lies]")
    opened.press("semester.jpg", "show")
    expect(lies).to_contain_text("webbsida")
    expect(opened.dialog.locator("[data-slot=unshown]")).to_be_visible()
    assert opened.dialog.locator("iframe").count() == 0
    opened.close()
    opened.press("faktura.pdf", "show")
    expect(lies).to_be_hidden()
    opened.close()
    # The mark that turned the name round is gone: it ends with what it is.
    opened.press("faktura" + "fdp.exe", "save")
    expect(lies).to_contain_text("program")


def test_saving_warns_first_and_gives_the_very_bytes(opened: Opened) -> None:
    opened.press("sida.html", "save")
    expect(opened.dialog.locator("[data-slot=warning]")).to_be_visible()
    with opened.page.expect_download() as waiting:
        opened.dialog.locator("[data-slot=save]").click()
    saved = waiting.value
    assert saved.suggested_filename == "sida.html"
    assert saved.path().read_bytes() == HTML.encode()
    opened.close()
    opened.press("foto.png", "show")
    expect(opened.dialog.locator("[data-slot=warning]")).to_be_hidden()
    opened.dialog.locator("[data-slot=warn]").click()
    expect(opened.dialog.locator("[data-slot=warning]")).to_be_visible()


def test_locking_takes_what_is_shown_and_every_address_of_it_away(opened: Opened) -> None:
    opened.page.evaluate(
        """() => {
            globalThis.standing = new Set();
            const revoke = URL.revokeObjectURL.bind(URL);
            URL.revokeObjectURL = (address) => { globalThis.standing.delete(address); revoke(address); };
            const press = HTMLAnchorElement.prototype.click;
            HTMLAnchorElement.prototype.click = function () { globalThis.standing.add(this.href); press.call(this); };
        }"""
    )
    opened.press("lista.txt", "show")
    opened.frame()
    opened.dialog.locator("[data-slot=warn]").click()
    with opened.page.expect_download():
        opened.dialog.locator("[data-slot=save]").click()
    assert opened.page.evaluate("[...globalThis.standing].map((address) => address.slice(0, 5))") == ["blob:"]
    assert opened.page.workers
    opened.dialog.locator("[data-slot=lock]").click()
    expect(opened.page.locator("html")).to_have_attribute("data-locked", "true")
    expect(opened.dialog).to_be_hidden()
    assert opened.page.locator("iframe").count() == 0
    assert "lista.txt" not in opened.page.content()
    assert opened.page.evaluate("globalThis.standing.size") == 0
    # Each file lies in a worker of its own, and is gone with it.
    assert opened.page.workers == []


@pytest.mark.parametrize("harm", ["changed", "other", "cut"])
def test_a_file_that_is_not_what_was_attached_is_not_shown(opened: Opened, harm: str) -> None:
    kept: list[bytes] = []

    def altered(route: Route) -> None:
        answer = route.fetch()
        body = answer.body()
        if harm == "changed":
            body = body[:-1] + bytes([body[-1] ^ 1])
        elif harm == "cut":
            body = body[:-17]
        elif kept:
            body = kept[0]
        else:
            kept.append(body)
        route.fulfill(response=answer, body=body)

    opened.page.route("**/files", altered)
    if harm == "other":
        opened.press("foto.png", "show")
        opened.close()
    line = opened.page.locator("#report-files .file", has_text="lista.txt")
    line.locator("[data-slot=show]").click()
    expect(line.locator("[data-slot=status]")).to_contain_text("går inte att lita på")
    expect(line).to_have_attribute("data-state", "failed")
    expect(opened.dialog).to_be_hidden()
    # What was written can be read all the same.
    expect(opened.desk.answer("what_happened")).to_be_visible()


def test_files_go_both_ways_and_to_colleagues(
    http_server: Server, desks: At, new_source: NewSource, received: Receipt, opened: Opened
) -> None:
    attached: tuple[tuple[str, Sent], ...] = (
        ("message", sent("svar åäö.txt", "text/plain", http_server.canary("Svar: "))),
        ("note", sent("utkast.txt", "text/plain", http_server.canary("Utkast: "))),
    )
    for name, file in attached:
        # A message has a text too; a note may be files alone, but not nothing.
        opened.desk.tab_of(f"#{name}")
        opened.desk.send(f"{name}-form")
        expect(opened.page.locator(f"#{name}-form [data-slot=status]")).to_contain_text("bifoga en fil")
        if name == "message":
            opened.desk.fill(f"{name}-form", name, http_server.canary(f"{name}: "))
        opened.page.locator(f"#{name}-files").set_input_files([file])
        expect(opened.page.locator(f"#{name}-form .files")).to_contain_text(file["name"])
        opened.desk.send(f"{name}-form")
        opened.desk.taken(f"{name}-form")
        expect(opened.page.locator(f"#{name}-form .files")).to_be_hidden()
    other = desks(http_server).panel(received.reference)[1]
    other.open_case(received.reference)
    other.tab_of("#notes")
    expect(other.page.locator("#notes [data-slot=body]").last).to_have_text("Ingen text, bara bifogade filer.")
    colleague = Opened(other, received.reference)
    colleague.press("utkast.txt", "show", "#notes")
    assert colleague.frame().locator("#text").text_content() == attached[1][1]["buffer"].decode()
    colleague.close()
    source = new_source(http_server)
    source.open_case(received.code)
    expect(source.page.locator("#opened")).to_contain_text("svar åäö.txt")
    expect(source.page.locator("#opened")).not_to_contain_text("utkast.txt")
    # Opening was logged.
    other.page.locator("#tab-logg").click()
    expect(other.page.locator("#log [data-kind=file_opened]").first).to_be_visible()


def test_locking_lets_go_of_chosen_files_and_keeps_the_text(http_server: Server, opened: Opened) -> None:
    draft = http_server.canary("Utkast: ")
    opened.desk.fill("note-form", "note", draft)
    opened.page.locator("#note-files").set_input_files([NASTY[0]])
    opened.page.locator("#lock").click()
    expect(opened.page.locator("html")).to_have_attribute("data-locked", "true")
    assert "foto.png" not in opened.page.content()
    opened.desk.unlock()
    expect(opened.page.locator("#note")).to_have_value(draft)
    expect(opened.page.locator("#note-form .files")).to_be_hidden()
    opened.page.locator("#note").fill("")


def test_shown_files_are_accessible_and_fit_a_narrow_screen(opened: Opened) -> None:
    findings: list[str] = []

    def look(where: Page | Frame, name: str) -> None:
        where.evaluate(AXE)
        findings.extend(f"{name}: {one['id']}" for one in where.evaluate("axe.run().then((one) => one.violations)"))
        # 400 % on an ordinary screen.
        opened.page.set_viewport_size({"width": 320, "height": 256})
        # A page of a PDF fits as well before it is made larger.
        inner = [f"document.querySelector('{name}') ?? document.body" for name in ("dialog", ".viewer__page")]
        for place in ("document.scrollingElement", *inner):
            over = where.evaluate(f"(({place}).scrollWidth) - (({place}).clientWidth)")
            findings.extend([f"{name}: {over} pixels too wide"] if over > 0 else [])
        opened.page.set_viewport_size(WIDE)

    for name in ("foto.png", "faktura.pdf"):
        opened.press(name, "show")
        # Out of the frame axe cannot report to the page around it, so it is run in either by itself.
        look(opened.frame(), f"{name} in its frame")
        look(opened.page, name)
        opened.close()
    opened.press("semester.jpg", "save")
    look(opened.page, "saving")
    assert findings == []
