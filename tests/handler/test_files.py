"""Files of handlers over HTTP: their own go in parts, those of a case come whole to its holders, and that is logged."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.handler.conftest import FACE, SAME_ORIGIN, Desk, record_json
from tests.support.story import Story
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import PlayedCase, SentFile, leave_case, reply, seal_text
from tipportal.cli.demo_staffing import Member
from tipportal.contexts import context_for
from tipportal.domain.errors import StorageFull
from tipportal.domain.files import MEBIBYTE, Upload
from tipportal.domain.organisations import Channel
from tipportal.envelope.files import seal_file
from tipportal.envelope.opening import open_file
from tipportal.envelope.records import Attachment, Kind
from tipportal.settings import FACES, Settings
from tipportal.usecases.uploads import SealingUpload
from tipportal.web.services import services_of

Sit = Callable[[Member], Desk]
CONTENT = b"Ett dokument. " * 400


@pytest.fixture
def case(story: Story) -> PlayedCase:
    """A tip with one file, and a message with another."""
    made = leave_case(
        story.public,
        story.municipality,
        story.source(),
        Channel.TIP,
        {"what_happened": "Se filen."},
        files=[MadeFile("kvitto.txt", "text/plain", CONTENT)],
    )
    reply(story.public, made, "En till.", files=[MadeFile("mer.txt", "text/plain", b"mer")])
    return made


@pytest.fixture
def first(at_desk: Sit, case: PlayedCase) -> Desk:
    return at_desk(case.members["h1"])


def part(desk: Desk, sealed: bytes, upload: str, **changes: str) -> TestResponse:
    headers = {
        "Tipportal-CSRF": desk.token,
        "Tipportal-Upload": upload,
        "Tipportal-Offset": "0",
        "Tipportal-Size": str(len(sealed)),
    } | {f"Tipportal-{name}": value for name, value in changes.items()}
    return desk.client.post(
        f"{FACE}/api/uploads",
        data=sealed,
        content_type="application/octet-stream",
        headers=SAME_ORIGIN | headers,
    )


def fetch(desk: Desk, case: PlayedCase, stream: str, seq: int, position: int) -> tuple[int, bytes, str]:
    """Status, bytes and code."""
    got = desk.post(f"cases/{case.reference}/files", {"stream": stream, "seq": seq, "position": position})
    return got.status_code, got.data, got.json.get("code", "")


def sent(desk: Desk, content: bytes) -> SentFile:
    sealed, said = seal_file(content, random=secrets.token_bytes)
    upload = secrets.token_hex(16)
    assert part(desk, sealed, upload).get_json() == {"received": len(sealed)}
    made = Attachment(name="svar.pdf", type="application/pdf", size=said.size, sha256=said.sha256, key=said.key)
    return SentFile(Upload(upload, len(sealed)), made)


def entries(story: Story) -> bytes:
    with story.database.read() as uow:
        return b"\n".join(entry for _, entry in uow.log.entries())


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.FEEDBACK, Kind.NOTE])
def test_files_go_both_ways_and_their_fetching_is_logged(
    first: Desk, at_desk: Sit, story: Story, case: PlayedCase, kind: Kind
) -> None:
    file = sent(first, CONTENT)
    record = seal_text(story.handler, case, kind, "Se filen.", by="h1", files=[file])
    path, body = f"cases/{case.reference}/records", {"record": record_json(record)}
    assert first.post(path, body).status_code == 201
    second = at_desk(case.members["h2"])
    records = second.post(f"cases/{case.reference}/open").json["records"]
    named = {(one["stream"], one["seq"]): one["files"] for one in records if one["files"]}
    stream = "work" if kind is Kind.NOTE else "dialogue"
    assert set(named) == {("dialogue", 0), ("dialogue", 1), (stream, record.seq)}
    status, sealed, _ = fetch(second, case, stream, record.seq, 0)
    assert (status, len(sealed)) == (200, named[stream, record.seq][0])
    shown = io.BytesIO()
    open_file(io.BytesIO(sealed), shown, file.attachment)
    assert shown.getvalue() == CONTENT
    log = entries(story)
    assert log.count(b"file_opened") == 1
    assert b"svar.pdf" not in log


def test_a_title_carries_no_files(first: Desk, story: Story, case: PlayedCase) -> None:
    file = sent(first, CONTENT)
    record = record_json(seal_text(story.handler, case, Kind.TITLE, "Rubrik", by="h1"))
    record["files"] = [{"upload": file.upload.id, "size": file.upload.size}]
    answer = first.post(f"cases/{case.reference}/records", {"record": record})
    assert (answer.status_code, answer.json["field"]) == (422, "files")


def test_who_has_no_grant_learns_nothing(at_desk: Sit, story: Story, case: PlayedCase, first: Desk) -> None:
    stranger = at_desk(story.outsider(case))
    unknown = stranger.post("cases/ABC-DEF-GHJ/files", {"stream": "dialogue", "seq": 0, "position": 0})
    assert fetch(stranger, case, "dialogue", 0, 0) == (404, unknown.data, "not_found")
    other = leave_case(story.public, story.municipality, story.source(), Channel.TIP, {"what_happened": "Annat."})
    at_other = at_desk(other.members["h1"])
    # A place in one's own case never leads to another's file.
    assert fetch(at_other, other, "dialogue", 0, 0)[::2] == (404, "file_not_found")
    for place in (
        ("dialogue", 0, 1),
        ("dialogue", 2, 0),
        ("work", 0, 0),
        ("genesis", 0, 0),
        ("dialogue", 2**53 - 1, 0),
    ):
        assert fetch(first, case, *place)[::2] == (404, "file_not_found")
    for body in ({}, {"stream": "x", "seq": 0, "position": 0}, {"stream": "dialogue", "seq": -1, "position": 0}):
        assert first.post(f"cases/{case.reference}/files", body).status_code == 422
    assert entries(story).count(b"file_opened") == 0


def test_a_full_house_logs_nothing_that_did_not_happen(
    first: Desk, portal: Flask, story: Story, case: PlayedCase
) -> None:
    transfers = services_of(portal).transfers
    held = [transfers.take() for _ in range(services_of(portal).settings.threads // 2)]
    assert fetch(first, case, "dialogue", 0, 0)[::2] == (503, "busy")
    assert entries(story).count(b"file_opened") == 0
    held.pop()()
    assert fetch(first, case, "dialogue", 0, 0)[0] == 200


def test_parts_need_a_session_and_its_own_token(
    first: Desk, at_desk: Sit, desk: Desk, case: PlayedCase, auditor: Member
) -> None:
    sealed, _ = seal_file(CONTENT, random=secrets.token_bytes)
    upload = secrets.token_hex(16)
    other = at_desk(case.members["h2"]).token
    public = services_of(desk.client.application).form_tokens["public"].issue("tip")
    for token in ("", public, other):
        assert part(first, sealed, upload, CSRF=token).get_json()["code"] == "token_invalid"
    assert part(desk, sealed, upload).status_code == 401
    assert part(at_desk(auditor), sealed, upload).status_code == 403
    header = {"Tipportal-Upload": upload}
    assert first.client.get(f"{FACE}/api/uploads", headers=header).get_json() == {"received": 0}
    assert part(first, sealed, upload).status_code == 200
    assert first.client.get(f"{FACE}/api/uploads", headers=header).get_json() == {"received": len(sealed)}
    gone = first.client.delete(f"{FACE}/api/uploads", headers=SAME_ORIGIN | header | {"Tipportal-CSRF": first.token})
    assert gone.status_code == 204
    assert first.client.get(f"{FACE}/api/uploads", headers=header).get_json() == {"received": 0}


def test_the_case_page_may_frame_the_viewer_and_start_the_worker(first: Desk, case: PlayedCase) -> None:
    policy = first.get(f"/arenden/{case.reference}").headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "worker-src blob:" in policy
    assert "frame-src" not in first.get("/arenden").headers["Content-Security-Policy"]


def test_files_that_flood_the_public_forms_leave_room_for_those_of_handlers(story: Story) -> None:
    settings = Settings(
        data_dir=story.blobs.parent,
        database_url="",
        faces=FACES,
        secret_key=bytes(range(32)),
        public_url="https://tips.example.se",
        handler_url="https://tips.example.se",
        uploads_quota=8 * MEBIBYTE,
    )
    public, handler = (context_for(settings, story.database, face) for face in FACES)
    content = bytes(3 * MEBIBYTE)
    for ctx, refused in ((public, False), (public, True), (handler, False)):
        sink = SealingUpload.begin(ctx)
        sink.write(content)
        if refused:
            with pytest.raises(StorageFull):
                sink.finish()
        else:
            assert sink.finish() is not None
