"""Promises 1 and 3: after a whole story, nothing that a source wrote and no trace of the source is on the server.

The source comes from an address of its own, with a browser that calls itself by a name of its own, over a real
connection. Then every file below the installation's folder is read: database with its journals, output, temporary
files. Each way to seal has one server of its own here; the other two pairs are in the whole story (tests/browser), and
every server is searched once more when all that used it is done.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.support.browser import Source, Watch
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desks
from tests.support.forwarder import SOURCE_ADDRESS
from tests.support.servers import CANARY, ORGANISATION, USER_AGENT, Server
from tests.support.traces import code_spellings, found_below, found_in, spellings
from tipportal.envelope.casecode import CaseCode

pytestmark = pytest.mark.browser

CODE = CaseCode.from_entropy(bytes(range(30, 46))).text
SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "capitals": lambda text: text.upper().encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "percent": lambda text: quote(text).encode(),
    "percent-low": lambda text: quote(text).lower().encode(),
    "form": lambda text: quote_plus(text).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "base64-0": lambda text: base64.b64encode(text.encode()),
    "base64-1": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "base64-2": lambda text: base64.urlsafe_b64encode(b"xx" + text.encode() + b"?>?>"),
    "base64-utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "json": lambda text: json.dumps({"text": text}).encode(),
    "html": lambda text: html.escape(text).encode(),
    "repr": lambda text: repr({"text": text.encode()}).encode(),
}
PUBLIC = (
    "/",
    f"/{ORGANISATION}/",
    f"/{ORGANISATION}/tips",
    f"/{ORGANISATION}/tips/utan-javascript",
    f"/{ORGANISATION}/rapport",
    f"/{ORGANISATION}/rapport/utan-javascript",
    "/arende",
    "/arende/utan-javascript",
    "/arende/utan-javascript/arende",
    "/lamna",
    "/lamna/klar",
    "/api/case",
    "/finns/inte",
    "/en/",
    f"/en/{ORGANISATION}/tips",
)


@pytest.mark.parametrize(
    ("server", "script"),
    [("http", True), ("https", False)],
    indirect=["server"],
    ids=["sealed-in-browser", "sealed-by-server"],
)
def test_nothing_of_a_source_is_on_the_server(
    server: Server, new_source: NewSource, desks: Callable[[Server], Desks], *, script: bool
) -> None:
    source = new_source(server, script=script)
    given = {name: server.canary() for name in ("what_happened", "who", "when", "where", "how_known", "contact")}
    taken = source.submit("report", {**given, "area": "hemtjanst", "subject_role": "manager"})
    one, other = desks(server).panel(taken.reference)
    one.open_case(taken.reference)
    one.write("title-form", "title", server.canary())
    one.write("note-form", "note", server.canary())
    one.write("message-form", "message", server.canary())
    source.open_case(taken.code)
    source.write(server.canary())
    other.open_case(taken.reference)
    # While a session without JavaScript is still open, and its keys with it.
    assert server.traces() == {}
    source.leave()
    assert server.command("tick").returncode == 0
    assert server.traces() == {}


@pytest.mark.parametrize("journal", ["tipportal.sqlite3", "tipportal.sqlite3-wal"])
def test_the_search_reads_the_database_and_its_journal(
    http_server: Server, new_source: NewSource, journal: str
) -> None:
    """What may stand in clear is found where it stands: the search looks in the right files."""
    taken = new_source(http_server).submit("tip", {"what_happened": http_server.canary()})
    found = found_below(http_server.folder, spellings(taken.reference))
    assert any(path.startswith("data/tipportal.sqlite3") for path in found)
    assert (http_server.folder / "data" / journal).exists()


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_search_finds_each_spelling(tmp_path: Path, name: str) -> None:
    """A promise that something is nowhere is worth what the search is worth."""
    for text in (CANARY, SOURCE_ADDRESS, USER_AGENT):
        (tmp_path / "deep" / "er").mkdir(parents=True, exist_ok=True)
        planted = SPELLINGS[name](f"{text} 5e1f")
        (tmp_path / "deep" / "er" / "journal").write_bytes(b"\0\1\2" * 50 + b"|" + planted + b"\0" * 9)
        assert list(found_below(tmp_path, spellings(text))) == ["deep/er/journal"]


@pytest.mark.parametrize("separator", [" ", "-", ", ", "\n", ""])
def test_the_search_finds_codes(separator: str) -> None:
    words, needles = CODE.split(), code_spellings(CODE)
    assert found_in(separator.join(words).encode(), needles)
    assert found_in(separator.join(word[:4] for word in words).upper().encode(), needles)
    assert found_in(separator.join(words).encode("utf-16-le"), needles)
    assert found_in(base64.b64encode(b"code=" + separator.join(words).encode()), needles)
    assert found_in(str(words).encode(), needles)
    assert found_in(json.dumps({"code": words}).encode(), needles)


def test_the_search_finds_a_file_by_its_name(tmp_path: Path) -> None:
    (tmp_path / f"upload {CANARY}.txt").write_bytes(b"")
    assert found_below(tmp_path, spellings(CANARY))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_public_pages_set_no_cookie(server: Server, method: str) -> None:
    connection = server.connection()
    for path in PUBLIC:
        connection.request(method, path, headers={"User-Agent": USER_AGENT})
        answer = connection.getresponse()
        content = answer.read().decode()
        # The neutral page after the quick exit, and the end of a session, may take cookies away; nothing gives one.
        kept = [value for value in answer.headers.get_all("Set-Cookie", []) if not re.search(r"Max-Age=0", value)]
        assert kept == [], path
        for address in re.findall(r"""(?:src|href|action)=["'](https?:)?//""", content):
            raise AssertionError(f"{path} leads to somebody else: {address}")
        assert "<svg" not in content
        assert " style=" not in content
    connection.close()


@pytest.mark.parametrize(
    ("server", "script"), [("https", True), ("http", False)], indirect=["server"], ids=["script", "no-script"]
)
def test_a_source_is_led_to_nobody_else(server: Server, new_source: NewSource, *, script: bool) -> None:
    source = new_source(server, script=script)
    watch = Watch.over(source.page.context)
    source.page.goto("")
    source.page.goto(f"{ORGANISATION}/")
    taken = source.submit("tip", {"what_happened": server.canary()})
    source.open_case(taken.code)
    source.write(server.canary())
    assert watch.origins == {server.source_url}
    for request in watch.requests:
        assert not request.headers.get("referer")
        assert request.headers.get("origin", "null") in {"null", server.source_url}
        assert taken.code not in request.url
    leave_quickly(source)


def leave_quickly(source: Source) -> None:
    """The way out ends on a page that tells nothing, with nothing of the visit left but the browser's own history."""
    source.page.locator("#exit").click()
    source.page.wait_for_url("**/lamna/klar")
    assert source.page.context.cookies() == []
    assert source.page.locator("script").count() == 0
