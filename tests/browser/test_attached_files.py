"""Files of a source whose browser seals them: chosen, sent past broken lines, taken back, saved once verified."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.support.audit import Audit
from tests.support.browser import Watch
from tests.support.browser_fixtures import NewSource
from tests.support.servers import ORGANISATION, Server

pytestmark = pytest.mark.browser

UPLOADS = "**/api/uploads"
PART = 4 * 1024 * 1024
MEGABYTE = 1024 * 1024
LARGEST = 100 * MEGABYTE


def payload(name: str, content: bytes, kind: str = "") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def choose(page: Page, *files: FilePayload | Path) -> None:
    page.locator("#files").set_input_files(list(files))  # type: ignore[arg-type]  # paths and payloads are not mixed


def names(page: Page) -> list[str]:
    return page.locator(".files .file-name").all_inner_texts()


def saved(page: Page, name: str) -> tuple[str, bytes]:
    """Press the button of a file in the dialogue; the name that the browser is told to save under, and the bytes."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def waiting(server: Server) -> list[Path]:
    """What lies on the server of files that no record names."""
    return list((server.settings.blobs_dir / "uploads").glob("*"))


def blobs(server: Server, reference: str) -> list[Path]:
    """Where the files of a case lie, in their order."""
    address = f"file:{server.settings.data_dir / 'tipportal.sqlite3'}?mode=ro"
    query = (
        "SELECT blob_id FROM attachments JOIN cases ON cases.id = attachments.case_id "
        "WHERE cases.reference = ? ORDER BY seq, position"
    )
    with closing(sqlite3.connect(address, uri=True)) as database:
        ids = [str(row[0]) for row in database.execute(query, (reference,))]
    return [path for blob in ids for path in server.settings.blobs_dir.rglob(f"{blob}*")]


def test_files_go_with_the_report_and_with_messages(http_server: Server, new_source: NewSource) -> None:
    source = new_source(http_server)
    page, watch = source.page, Watch.over(source.page.context)
    picture = http_server.canary("Bild: ").encode() * 9000
    source.open_form("report")
    assert not [request.url for request in watch.requests if "/files-" in request.url]
    choose(
        page,
        payload("Åkern \u202egpj.exe 🚜", picture, "image/jpeg"),
        payload("tom.txt", b""),
        payload("CON.txt", b"x"),
        payload("fel.txt", b"not this one"),
    )
    assert names(page) == ["Åkern gpj.exe 🚜", "_CON.txt", "fel.txt"]
    expect(page.get_by_role("alert")).to_contain_text("tom.txt")
    page.get_by_role("button", name="Ta bort fel.txt").click()
    expect(page.locator("#files")).to_be_focused()
    choose(page, *(payload(f"{number}.txt", b"x") for number in range(19)))
    assert len(names(page)) == 20
    expect(page.get_by_role("alert")).to_contain_text("18.txt")
    for number in range(18):
        page.get_by_role("button", name=f"Ta bort {number}.txt", exact=True).click()
    source.check({"what_happened": http_server.canary()})
    expect(page.locator("#check-list")).to_contain_text("Åkern gpj.exe 🚜")
    assert not watch.bodies("/api/uploads")
    source.send()
    taken = source.receipt()
    assert len(watch.bodies("/api/uploads")) == 2
    assert waiting(http_server) == []
    source.open_case(taken.code)
    assert saved(page, "Åkern") == ("Åkern gpj.exe 🚜", picture)
    assert saved(page, "_CON.txt") == ("_CON.txt", b"x")
    expect(page.locator(".file-state").first).to_contain_text("Kontrollerad")
    choose(page, payload("svar.txt", b"svar"))
    # The answer to the message is lost: until it is known whether it stands, it is the same one, files and all.
    text = http_server.canary("Svar: ")
    http_server.forwarder.swallow = b"POST /api/case/records "
    page.locator("[data-field=message]").fill(text)
    page.locator("#opened #send").click()
    expect(page.locator("#error-summary")).to_be_visible()
    expect(page.locator("#files")).to_be_disabled()
    expect(page.get_by_role("button", name="Ta bort svar.txt")).to_be_disabled()
    http_server.forwarder.swallow = None
    page.locator("#opened #send").click()
    expect(source.bodies("source").last).to_have_text(text)
    assert names(page) == ["Åkern gpj.exe 🚜", "_CON.txt", "svar.txt"]
    assert saved(page, "svar.txt") == ("svar.txt", b"svar")
    # Files may say all that there is to say; without either there is no message.
    page.locator("#opened #send").click()
    expect(page.locator("#error-summary")).to_contain_text("bifoga en fil")
    choose(page, payload("bara.txt", b"bara"))
    page.locator("#opened #send").click()
    expect(source.bodies("source").last).to_have_text("Ingen text, bara bifogade filer.")
    assert saved(page, "bara.txt") == ("bara.txt", b"bara")
    # A message without files has none, and the files of the one before are not sent once more.
    source.write(http_server.canary("Svar: "))
    assert len(names(page)) == 4
    assert len(blobs(http_server, taken.reference)) == 4
    assert source.faults == []


@pytest.fixture(scope="module")
def largest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("file") / "100 MB.bin"
    block = os.urandom(MEGABYTE)
    with path.open("wb") as file:
        for number in range(LARGEST // MEGABYTE):
            file.write(number.to_bytes(8, "big") + block[8:])
    yield path
    path.unlink()


def test_100_mb_arrive_past_a_line_that_breaks(http_server: Server, new_source: NewSource, largest: Path) -> None:
    """A part breaks off in the middle, and the answer to another is lost: no part is sent more often than it must."""
    source, network = new_source(http_server), http_server.forwarder
    page, watch = source.page, Watch.over(source.page.context)
    page.set_default_timeout(120_000)
    source.open_form("tip")
    choose(page, largest)
    source.check({"what_happened": http_server.canary()})
    network.mishaps, network.cut = 0, b"POST /api/uploads "
    source.send()
    expect(page.locator(".sending__state")).to_contain_text("Anslutningen bröts")
    # A browser asks once more by itself where it used a connection again; both were cut.
    assert network.mishaps
    network.cut = None
    expect(page.locator("progress")).not_to_have_js_property("value", 0)
    network.swallow = b"POST /api/uploads "
    expect(page.locator(".sending__state")).to_contain_text("Anslutningen bröts")
    network.swallow = None
    assert network.mishaps >= 2
    expect(page.locator("#case-code")).to_be_visible(timeout=120_000)
    taken = source.receipt()
    parts = -(-blobs(http_server, taken.reference)[0].stat().st_size // PART)
    # Once more for the part that was cut, not for the one whose answer alone was lost.
    assert len(watch.bodies("/api/uploads")) <= parts + network.mishaps
    source.open_case(taken.code)
    with page.expect_download() as download:
        page.get_by_role("button", name="100 MB.bin").click()
    assert same(Path(download.value.path()), largest)
    # The search for traces after all tests would read through it for long, and there is nothing to be found.
    blobs(http_server, taken.reference)[0].unlink()


def same(one: Path, other: Path) -> bool:
    with one.open("rb") as a, other.open("rb") as b:
        while block := a.read(MEGABYTE):
            if block != b.read(MEGABYTE):
                return False
        return not b.read(1)


def test_sending_pauses_stops_and_begins_anew(http_server: Server, new_source: NewSource) -> None:
    source = new_source(http_server)
    page, before = source.page, http_server.cases
    source.open_form("tip")
    choose(page, payload("stor.bin", os.urandom(5 * MEGABYTE)))
    source.check({"what_happened": http_server.canary()})
    stand = hold(page)
    with page.expect_request(UPLOADS):
        source.send()
    pause, stop = (page.get_by_role("button", name=name, exact=True) for name in ("Pausa", "Avbryt"))
    pause.click()
    stand.release()
    expect(page.locator(".sending__state")).to_contain_text("Pausat")
    expect(page.locator("progress")).not_to_have_js_property("value", 0)
    assert len(waiting(http_server)) == 1
    expect(page.locator("#change")).to_be_disabled()
    stop.click()
    expect(page.locator("#send")).to_be_focused()
    expect(page.locator("#status")).to_contain_text("avbröt")
    page.wait_for_timeout(300)
    assert waiting(http_server) == []
    page.locator("#change").click()
    assert names(page)[:1] == ["stor.bin"]
    source.forward()
    source.send()
    source.receipt()
    assert http_server.cases == before + 1


class Hold:
    """A request that waits until the test lets it go."""

    def __init__(self) -> None:
        self.held: list[Route] = []
        self.open = False

    def __call__(self, route: Route) -> None:
        if self.open:
            route.continue_()
        else:
            self.held.append(route)

    def release(self) -> None:
        self.open = True
        for route in self.held:
            route.continue_()


def hold(page: Page) -> Hold:
    made = Hold()
    page.route(UPLOADS, made)
    return made


def test_files_that_have_vanished_are_sent_once_more(http_server: Server, new_source: NewSource) -> None:
    """The day is over, the disk was full or the server lost them: the submission says so, and nothing is lost."""
    source = new_source(http_server)
    page, watch = source.page, Watch.over(source.page.context)

    def swept(route: Route) -> None:
        for path in waiting(http_server):
            path.unlink()
        route.continue_()

    source.open_form("tip")
    choose(page, payload("ett.txt", b"ett"), payload("två.txt", b"tv\xc3\xa5"))
    source.check({"what_happened": http_server.canary()})
    page.route("**/api/cases", swept, times=1)
    source.send()
    taken = source.receipt()
    assert len(watch.bodies("/api/uploads")) == 4
    source.open_case(taken.code)
    assert saved(page, "två.txt") == ("två.txt", b"tv\xc3\xa5")
    choose(page, payload("tre.txt", b"tre"))
    page.route("**/api/case/records", swept, times=1)
    source.write(http_server.canary("Svar: "))
    assert saved(page, "tre.txt") == ("tre.txt", b"tre")


def test_a_file_that_fails_is_shown_as_such_and_never_saved(http_server: Server, new_source: NewSource) -> None:
    source = new_source(http_server)
    page = source.page
    source.open_form("tip")
    choose(page, payload("ändrad.txt", b"a" * 100_000), payload("kortad.txt", b"b" * 100_000), payload("hel.txt", b"c"))
    source.check({"what_happened": http_server.canary()})
    source.send()
    taken = source.receipt()
    altered, shortened, _ = blobs(http_server, taken.reference)
    altered.chmod(0o600)
    shortened.chmod(0o600)
    content = bytearray(altered.read_bytes())
    content[-20] ^= 1
    altered.write_bytes(content)
    shortened.write_bytes(shortened.read_bytes()[:-1000])
    downloads: list[str] = []
    page.on("download", lambda download: downloads.append(download.suggested_filename))
    source.open_case(taken.code)
    for name in ("ändrad.txt", "kortad.txt"):
        page.get_by_role("button", name=name).click()
        item = page.locator(".files > li", has_text=name)
        expect(item).to_have_attribute("data-state", "failed")
    assert downloads == []
    assert saved(page, "hel.txt") == ("hel.txt", b"c")


@pytest.mark.parametrize("language", ["", "en"], ids=["sv", "en"])
def test_pages_with_files(http_server: Server, new_source: NewSource, language: str) -> None:
    source, audit = new_source(http_server, language=language), Audit(language)
    page = source.page
    source.open_form("report")
    long = "Protokoll från nämndens sammanträde den 14 november, med bilagor och underskrifter.pdf"
    choose(page, payload(long, b"x" * 1000), payload("tom.txt", b""), payload("o" * 200 + ".txt", b"x"))
    audit.look(page, "files-chosen")
    source.check({"what_happened": http_server.canary()})
    audit.look(page, "files-check")
    page.route(UPLOADS, lambda route: route.abort())
    source.send()
    expect(page.locator(".sending__state")).to_be_visible()
    audit.look(page, "files-broken")
    # It goes on by itself.
    page.unroute(UPLOADS)
    taken = source.receipt()
    source.open_case(taken.code)
    page.route("**/api/case/files/**", lambda route: route.abort())
    page.locator(".files button").first.click()
    expect(page.locator("[data-state=failed]")).to_be_visible()
    audit.look(page, "files-case")
    assert audit.findings == []


def test_a_file_that_was_changed_after_it_was_chosen_is_chosen_again(
    http_server: Server, new_source: NewSource, tmp_path: Path
) -> None:
    source = new_source(http_server)
    page, path = source.page, tmp_path / "utkast.txt"
    path.write_bytes(b"first")
    source.open_form("tip")
    choose(page, path)
    told = http_server.canary()
    source.check({"what_happened": told})
    path.write_bytes(b"changed since")
    source.send()
    # Where something can be done about it, with everything that was written.
    expect(page.locator("#error-summary a")).to_have_attribute("href", "#files")
    expect(page.locator("#error-summary")).to_contain_text("utkast.txt")
    expect(page.locator("[data-field=what_happened]")).to_have_value(told)
    page.get_by_role("button", name="Ta bort utkast.txt").click()
    choose(page, path)
    source.forward()
    source.send()
    source.open_case(source.receipt().code)
    assert saved(page, "utkast.txt") == ("utkast.txt", b"changed since")


def test_a_page_that_cannot_load_the_worker_says_so(http_server: Server, new_source: NewSource) -> None:
    """Whatever was altered on the way to the page: a worker that is not the one of the build never sees a file."""
    source = new_source(http_server)
    page = source.page
    before = http_server.cases

    def alter(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body() + b"\n//")

    page.route("**/files-*.js", alter)
    page.goto(f"{ORGANISATION}/tips")
    expect(page.locator("#continue")).to_be_enabled()
    choose(page, payload("fil.txt", b"x"))
    source.check({"what_happened": http_server.canary()})
    source.send()
    expect(page.locator("#error-summary")).to_be_visible()
    assert http_server.cases == before
    page.unroute("**/files-*.js")
    source.send()
    source.receipt()
