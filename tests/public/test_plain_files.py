"""Files without JavaScript: sealed while they arrive, never in clear on a disk, and never at the cost of the text."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.story import Story
from tests.support.traces import found_below, spellings
from tipportal.web.form_parser import MAX_PARTS
from tipportal.web.form_tokens import TOKEN_SECONDS
from tipportal.web.services import services_of

from .conftest import portal_for
from .pages import SAME_ORIGIN, Page, Reader, SentFile, multipart
from .test_case_pages import CASE, CODE, compose, opened
from .test_plain_forms import ADDRESS, checked
from .test_uploads import left_behind

CANARY = "kanariefågeln Ragnhild Örnsköld 0701740635"
TEXT = "Det som inte får försvinna."
FILE = SentFile("kvitto.pdf", b"%PDF-1.7 " + CANARY.encode() * 200, "application/pdf")
WRITTEN: dict[str, str | list[str]] = {"what_happened": TEXT}


def at_check(reader: Reader) -> Page:
    return checked(reader, dict(WRITTEN))


def still_there(page: Page) -> None:
    """The page to check on, with all that was written."""
    assert page.form.multipart
    assert page.form.fields["what_happened"] == [TEXT]
    assert page.form.file_field == "files"


def links(page: Page) -> list[str]:
    return [part.split('"')[0] for part in page.html.split('href="')[1:] if "/filer/" in part.split('"')[0]]


def test_files_go_with_the_form_and_come_back_the_same(reader: Reader, story: Story) -> None:
    page = at_check(reader)
    second = SentFile("Åsas bild \N{HEDGEHOG}.png", b"\x89PNG" + bytes(70_000), "image/png")
    done = reader.send(ADDRESS, page.form, files=[FILE, second])
    assert done.status == 200, done.html
    kept = story.contents()
    again = reader.send(ADDRESS, page.form, files=[FILE, second])
    assert (again.words(), again.text("case-reference")) == (done.words(), done.text("case-reference"))
    assert story.contents() == kept
    assert len(left_behind(story)) == 2

    shown = opened(reader, " ".join(done.words()))
    found = links(shown)
    assert len(found) == 2
    assert second.name in shown.html
    named = []
    for address, file in zip(found, (FILE, second), strict=True):
        with reader.client.get(address, headers={"Accept-Encoding": "gzip"}) as got:
            assert got.data == file.content
            assert got.content_length == len(file.content)
            assert got.headers["Content-Type"] == "application/octet-stream"
            assert got.headers["Content-Security-Policy"].startswith("sandbox; ")
            assert got.headers["X-Content-Type-Options"] == "nosniff"
            assert got.headers["Cache-Control"] == "no-store"
            assert "Content-Encoding" not in got.headers
            named.append(got.headers["Content-Disposition"])
    assert named[1] == "attachment; filename=\"_sas bild _.png\"; filename*=UTF-8''%C3%85sas%20bild%20%F0%9F%A6%94.png"
    assert reader.client.get("/arende/utan-javascript/filer/0/2").status_code == 404
    assert reader.client.get("/arende/utan-javascript/filer/7/0").status_code == 404
    assert found_below(story.blobs.parent, spellings(CANARY)) == {}
    # Without the cookie the way leads to the code, and the file stays where it is.
    stranger = portal_for(story).test_client()
    assert stranger.get(found[0]).status_code == 303


def test_a_changed_form_becomes_a_message_with_its_files(reader: Reader, story: Story) -> None:
    page = at_check(reader)
    done = reader.send(ADDRESS, page.form, files=[FILE])
    # Other files are other content, though the text is the same.
    other = SentFile("mer.pdf", b"mer")
    exists = reader.send(ADDRESS, page.form, files=[other])
    assert exists.status == 409
    assert "Välj filerna igen" in exists.text("files-error")
    assert len(left_behind(story)) == 1
    added = reader.send(ADDRESS, exists.form, files=[other])
    assert (added.status, added.words()) == (200, done.words())
    shown = opened(reader, " ".join(done.words()))
    assert "mer.pdf" in shown.html
    assert len(links(shown)) == 2
    assert len(left_behind(story)) == 2


def test_files_go_with_a_message_alone(reader: Reader, story: Story) -> None:
    code = " ".join(reader.send(ADDRESS, at_check(reader).form).words())
    page = opened(reader, code)
    form = page.forms[compose(page)]
    assert form.file_field == "files"
    assert reader.send(CASE, form, files=[FILE]).status == 303
    assert reader.send(CASE, form, files=[FILE]).status == 303
    other = SentFile("kvitto.pdf", b"something else")
    assert reader.send(CASE, form, {"message": TEXT}, files=[other]).status == 303
    shown = reader.get(CASE)
    assert len(links(shown)) == 2
    assert shown.html.count("Ingen text, bara bifogade filer.") == 1
    assert TEXT in shown.html
    assert len(left_behind(story)) == 2
    # An empty message without a file still says nothing.
    assert reader.send(CASE, form, {"message": " "}).status == 422


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ([SentFile("tom.txt", b"")], 422, "En fil är tom"),
        ([FILE, SentFile("tom.txt", b"")], 422, "En fil är tom"),
        ([SentFile("stor.bin", bytes(50_001)), FILE], 413, "En fil är för stor"),
        ([SentFile(f"{n}.txt", b"x") for n in range(21)], 422, "högst 20 filer"),
        ([FILE], 507, ""),
    ],
)
def test_what_is_wrong_with_a_file_costs_neither_text_nor_room(
    story: Story, files: list[SentFile], status: int, said: str
) -> None:
    # Room is taken four megabytes at a time.
    room = (3 if status == 507 else 200) << 20
    app = portal_for(story, max_file=50_000, case_quota=1 << 20, uploads_quota=room)
    reader = Reader(app.test_client())
    page = at_check(reader)
    refused = reader.send(ADDRESS, page.form, files=files)
    assert refused.status == status
    still_there(refused)
    assert said in refused.text("files-error")
    assert "Välj filerna igen" in refused.text("files-error")
    assert story.contents()["cases"] == []
    assert left_behind(story) == []
    # What is wrong is mended, and the form sent as if nothing had been.
    mended = [] if status == 507 else [FILE]
    assert reader.send(ADDRESS, refused.form, files=mended).status == 200
    assert len(left_behind(story)) == len(mended)


def test_a_case_without_room_says_so_and_takes_the_text_without(story: Story) -> None:
    app = portal_for(story, max_file=50_000, case_quota=40_000)
    reader = Reader(app.test_client())
    refused = reader.send(
        ADDRESS, at_check(reader).form, files=[SentFile("a", bytes(30_000)), SentFile("b", bytes(30_000))]
    )
    assert refused.status == 413
    still_there(refused)
    assert "inte plats för fler filer" in refused.text("files-error")
    assert left_behind(story) == []
    code = " ".join(reader.send(ADDRESS, refused.form).words())

    page = opened(reader, code)
    form = page.forms[compose(page)]
    refused = reader.send(CASE, form, {"message": TEXT}, files=[SentFile("a", bytes(50_000))])
    assert refused.status == 413
    assert TEXT in refused.html
    # Said where files are chosen, as in the form above.
    assert "inte plats för fler filer" in refused.text("files-error")
    assert left_behind(story) == []


FAMILY = "familj \U0001f468\u200d\U0001f469\u200d\U0001f467 åäö.png"
NAMES = {
    "../../etc/passwd": "passwd",  # pragma: allowlist secret
    "C:\\Users\\Åsa\\lön.xlsx": "lön.xlsx",
    "faktura\u202efdp.exe": "fakturafdp.exe",
    "a\0b.txt": "ab.txt",
    "rad\r\nX-Ond: 1.txt": None,
    "CON.txt": "_CON.txt",
    'citat".pdf': "citat_.pdf",
    "  . ": "fil",
    "n" * 300 + ".jpeg": "n" * 145 + ".jpeg",
    FAMILY: FAMILY,
    "<script>alert(1)</script>.svg": "script_.svg",
}


def test_names_are_made_safe_and_types_count_for_nothing(reader: Reader, story: Story) -> None:
    lying = ("image/png", "text/html", "", "\N{SNOWMAN}/x; y", "application/javascript", "x" * 400)
    files = [SentFile(name, b"<script>1</script>", lying[n % len(lying)]) for n, name in enumerate(NAMES)]
    done = reader.send(ADDRESS, at_check(reader).form, files=files)
    assert done.status == 200, done.html
    shown = opened(reader, " ".join(done.words()))
    assert "<script>" not in shown.html
    assert "alert(1)" not in shown.html.replace("script_.svg", "")
    found = links(shown)
    assert len(found) == len(NAMES)
    for address, (given, safe) in zip(found, NAMES.items(), strict=True):
        with reader.client.get(address) as got:
            assert got.status_code == 200
            assert got.content_type == "application/octet-stream"
            assert len(got.headers.getlist("Content-Disposition")) == 1
            assert "X-Ond" not in got.headers
            named = got.headers["Content-Disposition"]
        assert named.startswith('attachment; filename="'), given
        assert set(named) <= {chr(code) for code in range(32, 127)}
        if safe is not None:
            assert f">{safe}</a>" in shown.html, given
    assert found_below(story.blobs.parent, spellings("lön.xlsx")) == {}


@pytest.mark.parametrize("kind", ["none", "forged", "another form", "another face", "after the file", "expired"])
def test_nothing_is_sealed_without_a_genuine_token(
    client: FlaskClient, portal: Flask, story: Story, reader: Reader, kind: str
) -> None:
    page = at_check(reader)
    tokens = services_of(portal).form_tokens
    csrf = {
        "none": "",
        "forged": page.form.fields["csrf_token"][0][:-2] + "xx",
        "another form": tokens["public"].issue("case"),
        "another face": tokens["handler"].issue("tip"),
    }.get(kind, page.form.fields["csrf_token"][0])
    if kind == "expired":
        story.clock.advance(TOKEN_SECONDS)
    fields = {**page.form.fields, "step": ["send"], "csrf_token": [csrf]}
    body, content_type = multipart(fields, [("files", FILE)])
    if kind == "after the file":
        boundary = body[: body.index(b"\r\n")]
        parts = body.split(boundary)[1:-1]
        body = boundary + boundary.join([parts[-1], *parts[:-1]]) + boundary + b"--\r\n"
    seen: list[int] = []
    hooked = arriving(Hooked(body, lambda: seen.append(len(left_behind(story)))), content_type)
    answer = Page(client.post(ADDRESS, headers=SAME_ORIGIN, environ_overrides=hooked))
    assert answer.status in {403, 422}
    assert TEXT in answer.html
    assert set(seen) == {0}
    assert left_behind(story) == []
    assert story.contents()["cases"] == []


def arriving(content: io.BytesIO, content_type: str) -> dict[str, Any]:
    """What makes a request's body come from a stream of the test's own; its length is what was promised."""
    promised = len(content.getvalue())
    return {"wsgi.input": content, "CONTENT_LENGTH": str(promised), "CONTENT_TYPE": content_type}


class Hooked(io.BytesIO):
    """A body that arrives slowly: between two reads somebody looks around."""

    def __init__(self, content: bytes, look: Callable[[], None]) -> None:
        super().__init__(content)
        self._look = look

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a buffer of any kind
        self._look()
        return super().readinto(memoryview(buffer)[:10_000])


def test_no_clear_byte_lies_on_a_disk_while_a_file_arrives(
    client: FlaskClient, reader: Reader, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    page = at_check(reader)
    big = SentFile("stor.txt", CANARY.encode() * 20_000)
    body, content_type = multipart({**page.form.fields, "step": ["send"]}, [("files", big), ("files", FILE)])
    found: dict[str, list[bytes]] = {}
    sizes = []

    def look() -> None:
        paths = left_behind(story)
        sizes.append(sum(path.stat().st_size for path in paths))
        if len(sizes) % 20 == 0:
            found.update(found_below(tmp_path, (CANARY.encode(), b"stor.txt")))

    hooked = arriving(Hooked(body, look), content_type)
    answer = client.post(ADDRESS, headers=SAME_ORIGIN, environ_overrides=hooked)
    assert answer.status_code == 200
    assert found == {}
    # The control: it was on its way to the disk all the time, sealed.
    assert max(sizes) > len(big.content) // 2
    assert list(temporary.iterdir()) == []


def test_a_form_that_is_cut_off_leaves_nothing(client: FlaskClient, reader: Reader, story: Story) -> None:
    page = at_check(reader)
    body, content_type = multipart({**page.form.fields, "step": ["send"]}, [("files", SentFile("a", bytes(300_000)))])
    for length in (len(body) - 10, len(body) // 2, 400):
        cut = arriving(io.BytesIO(body[:length]), content_type) | {"CONTENT_LENGTH": str(len(body))}
        answer = client.post(ADDRESS, headers=SAME_ORIGIN, environ_overrides=cut)
        assert answer.status_code == 400
        assert left_behind(story) == []
    # Cut off and its end put on: half a file is not taken for a file.
    answer = client.post(ADDRESS, data=body[:-20], content_type=content_type, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert left_behind(story) == []
    assert story.contents()["cases"] == []


def test_a_crash_leaves_no_file_and_keeps_the_text(reader: Reader, story: Story) -> None:
    page = at_check(reader)
    story.change("DROP TABLE pending_entries")
    refused = reader.send(ADDRESS, page.form, files=[FILE])
    assert refused.status == 500
    assert refused.form.fields["what_happened"] == [TEXT]
    assert "Filerna följde inte med" in refused.html
    # Sent again from there, it comes to where files are chosen instead of leaving without them.
    assert "step" not in refused.form.fields
    assert left_behind(story) == []


def test_files_where_none_are_asked_for_are_refused(client: FlaskClient, reader: Reader, story: Story) -> None:
    page = at_check(reader)
    for address, field in ((ADDRESS, "bilaga"), (ADDRESS, ""), (CODE, "files"), ("/api/cases", "files")):
        body, content_type = multipart({**page.form.fields, "step": ["send"]}, [(field, FILE)])
        answer = client.post(address, data=body, content_type=content_type, headers=SAME_ORIGIN)
        assert answer.status_code == 415
        assert left_behind(story) == []
    plain = reader.get(ADDRESS)
    assert not plain.form.multipart
    assert plain.form.file_field == ""


def test_going_back_to_change_leaves_the_files_at_home(reader: Reader) -> None:
    page = at_check(reader)
    button = next(c.attributes for c in page.controls if c.attributes.get("value") == "edit")
    assert button["formenctype"] == "application/x-www-form-urlencoded"
    fields = {name: values[0] for name, values in page.form.fields.items()}
    # What a browser sends then is the names, and nobody shows or keeps them.
    answer = reader.client.post(ADDRESS, data={**fields, "step": "edit", "files": "hemligt.pdf"}, headers=SAME_ORIGIN)
    assert answer.status_code == 200
    assert TEXT in answer.text
    assert "hemligt.pdf" not in answer.text


def test_a_form_of_a_thousand_parts_or_of_too_much_text(client: FlaskClient, reader: Reader, story: Story) -> None:
    page = at_check(reader)
    for fields, files in (
        ({**page.form.fields, "step": ["send"]}, [("files", SentFile("a", b"x"))] * MAX_PARTS),
        ({**page.form.fields, "concerns": ["x" * 100_000] * 30}, [("files", FILE)]),
        ({**page.form.fields, "x" * (3 << 20): ["y"]}, [("files", FILE)]),
        (page.form.fields | {"x" * 100_000 + str(number): ["y"] for number in range(30)}, [("files", FILE)]),
        (page.form.fields, [("files", SentFile("a" * 300_000, b"x"))] * 10),
    ):
        body, content_type = multipart(fields, files)
        answer = client.post(ADDRESS, data=body, content_type=content_type, headers=SAME_ORIGIN)
        assert answer.status_code == 413
        assert "meddelanden i ärendet" in answer.text
        assert left_behind(story) == []


def test_no_place_for_files_is_said_and_the_text_stays(story: Story) -> None:
    app = portal_for(story, threads=2)
    reader = Reader(app.test_client())
    page = at_check(reader)
    with services_of(app).transfers.moving():
        refused = reader.send(ADDRESS, page.form, files=[FILE])
        assert refused.status == 503
        still_there(refused)
        assert reader.send(ADDRESS, page.form).status == 200


def test_a_message_with_a_file_outlives_its_session(reader: Reader, story: Story) -> None:
    code = " ".join(reader.send(ADDRESS, at_check(reader).form).words())
    page = opened(reader, code)
    form = page.forms[compose(page)]
    story.clock.advance(31 * 60)
    ended = reader.send(CASE, form, {"message": TEXT}, files=[FILE])
    assert ended.status == 403
    assert ended.form.fields["message"] == [TEXT]
    assert "Välj filerna igen" in ended.html
    assert left_behind(story) == []
    entered = reader.send(CODE, ended.form, {"code": code})
    form = entered.forms[compose(entered)]
    story.clock.advance(TOKEN_SECONDS - 60)
    reader.send(CODE, reader.get(CODE).form, {"code": code})
    story.clock.advance(60)
    expired = reader.send(CASE, form, files=[FILE])
    assert expired.status == 403
    assert expired.forms[compose(expired)].fields["message"] == [TEXT]
    assert "Välj filerna igen" in expired.text("files-error")
    assert left_behind(story) == []


def test_a_file_that_was_altered_is_never_given(reader: Reader, story: Story) -> None:
    done = reader.send(ADDRESS, at_check(reader).form, files=[FILE])
    shown = opened(reader, " ".join(done.words()))
    path = left_behind(story)[0]
    whole = path.read_bytes()
    for broken in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-20], whole + b"x"):
        path.write_bytes(broken)
        answer = reader.client.get(links(shown)[0])
        assert answer.status_code == 409
        assert CANARY.encode()[:10] not in answer.data
    path.unlink()
    assert reader.client.get(links(shown)[0]).status_code == 404
