"""Sealed files of sources over HTTP: sent in parts, named by a record, fetched whole, and all that goes wrong."""

from __future__ import annotations

import base64
import io
import secrets
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from tests.support.story import Story
from tipportal.envelope.files import sealed_file_size
from tipportal.envelope.opening import open_file
from tipportal.web.form_tokens import TOKEN_SECONDS
from tipportal.web.services import services_of

from .conftest import portal_for
from .pages import SAME_ORIGIN
from .sealing import (
    PART,
    SentSealed,
    fetch_case,
    fetch_panel,
    leave_case,
    lookup,
    message_body,
    new_keys,
    post,
    seal,
    sealed_body,
    send_part,
    token,
    upload,
)

CONTENT = b"%PDF-1.7 kvitto " + bytes(9000)


def left_behind(story: Story) -> list[Path]:
    """What lies in the folder of files, waiting or kept."""
    return [path for path in story.blobs.rglob("*") if path.is_file()]


def standing(client: FlaskClient, file: SentSealed) -> int:
    answer = client.get("/api/uploads", headers={"Tipportal-Upload": file.upload})
    assert answer.status_code == 200
    return int(answer.get_json()["received"])


def opened(answer_body: bytes, file: SentSealed) -> bytes:
    shown = io.BytesIO()
    open_file(io.BytesIO(answer_body), shown, file.attachment)
    return shown.getvalue()


def test_files_go_with_a_tip_and_with_a_message_and_come_back(client: FlaskClient, portal: Flask, story: Story) -> None:
    keys, csrf = new_keys(), token(portal)
    first, second = upload(client, csrf, CONTENT), upload(client, csrf, b"x", "2.txt")
    body = sealed_body(fetch_panel(client, csrf).get_json(), csrf, keys, files=[first, second])
    answer = post(client, "/api/cases", body)
    assert answer.status_code == 201, answer.text
    # The answer was lost: the same again is the same receipt, though the uploads are gone by now.
    again = post(client, "/api/cases", body)
    assert (again.status_code, again.get_json()) == (200, answer.get_json())
    assert [standing(client, file) for file in (first, second)] == [0, 0]

    case = fetch_case(client, keys).get_json()
    third = upload(client, token(portal, "case"), b"mer", "3.txt")
    said = message_body(case, token(portal, "case"), keys, files=[third])
    headers = {"Tipportal-Lookup": lookup(keys)}
    assert post(client, "/api/case/records", said, **headers).status_code == 201
    assert post(client, "/api/case/records", said, **headers).status_code == 200

    case = fetch_case(client, keys).get_json()
    assert [record["files"] for record in case["records"]] == [
        [len(first.sealed), len(second.sealed)],
        [len(third.sealed)],
    ]
    for place, file in (("0/0", first), ("0/1", second), ("1/0", third)):
        got = client.get(f"/api/case/files/{place}", headers=headers | {"Accept-Encoding": "gzip"})
        assert got.status_code == 200
        assert got.data == file.sealed
        assert got.content_type == "application/octet-stream"
        assert got.content_length == len(file.sealed)
        assert got.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in got.headers
        assert opened(got.data, file)
    assert len(left_behind(story)) == 3

    wrong = {"Tipportal-Lookup": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")}
    other = new_keys()
    leave_case(client, portal, other)
    for place, header, code in (
        ("0/2", headers, "file_not_found"),
        ("2/0", headers, "file_not_found"),
        ("0/2147483647", headers, "file_not_found"),
        ("0/0", {"Tipportal-Lookup": lookup(other)}, "file_not_found"),
        ("0/0", wrong, "case_not_found"),
        ("0/0", {}, "case_not_found"),
        ("0/99999999999999999999", headers, "file_not_found"),
        ("99999999999999999999/0", headers, "file_not_found"),
        ("0/-1", headers, "not_found"),
    ):
        refused = client.get(f"/api/case/files/{place}", headers=header)
        assert (refused.status_code, refused.get_json()["code"]) == (404, code), place


def test_parts_stand_in_their_order_however_they_come(client: FlaskClient, portal: Flask, story: Story) -> None:
    csrf = token(portal)
    file = seal(secrets.token_bytes(PART + 1000))
    last = PART
    assert send_part(client, csrf, file, last).get_json()["code"] == "part_missing"
    assert standing(client, file) == 0
    assert left_behind(story) == []
    assert send_part(client, csrf, file, 0).get_json() == {"received": PART}
    assert send_part(client, csrf, file, 0).get_json() == {"received": PART}
    # A part of somebody else's file in its place, and the parts the wrong way round.
    foreign = seal(secrets.token_bytes(PART + 1000))
    assert send_part(client, csrf, file, 0, body=foreign.sealed[:PART]).get_json()["code"] == "part_differs"
    assert send_part(client, csrf, file, last).get_json() == {"received": len(file.sealed)}
    assert send_part(client, csrf, file, last).get_json() == {"received": len(file.sealed)}
    assert send_part(client, csrf, file, last, body=foreign.sealed[PART:]).get_json()["code"] == "part_differs"
    assert standing(client, file) == len(file.sealed)

    # A record that names half of an upload, none at all, or the same one twice is not taken; whole, it is.
    keys = new_keys()
    offer = fetch_panel(client, csrf).get_json()
    half = seal(secrets.token_bytes(PART + 1000))
    assert send_part(client, csrf, half, 0).status_code == 200
    for files in ([half], [seal(b"never sent")], [file, file]):
        answer = post(client, "/api/cases", sealed_body(offer, csrf, keys, files=files))
        assert (answer.status_code, answer.get_json()["code"]) == (422, "upload_unknown")
    assert story.contents()["cases"] == []
    assert post(client, "/api/cases", sealed_body(offer, csrf, keys, files=[file])).status_code == 201

    dropped = client.delete(
        "/api/uploads", headers=SAME_ORIGIN | {"Tipportal-CSRF": csrf, "Tipportal-Upload": half.upload}
    )
    assert dropped.status_code == 204
    assert len(left_behind(story)) == 1


def test_what_is_no_part_is_refused_and_leaves_nothing(client: FlaskClient, portal: Flask, story: Story) -> None:
    csrf = token(portal)
    file = seal(CONTENT)
    size, most = len(file.sealed), sealed_file_size(100 << 20)
    unpadded = file.sealed[:-1]
    for changes, status, code in (
        ({"size": str(most + 1)}, 413, "file_too_large"),
        # A thousand parts of 4 MiB.
        ({"size": str(1000 * PART), "body": file.sealed}, 413, "file_too_large"),
        ({"size": "0"}, 422, "invalid_request"),
        ({"size": "-1"}, 422, "invalid_request"),
        ({"size": f"{size}.0"}, 422, "invalid_request"),
        ({"size": "\u0661\u0662"}, 422, "invalid_request"),
        ({"size": str(10**20)}, 422, "invalid_request"),
        ({"size": str(size - 1)}, 422, "invalid_request"),
        ({"offset": "1"}, 422, "invalid_request"),
        ({"offset": str(PART), "size": str(PART)}, 422, "invalid_request"),
        ({"upload": ""}, 422, "invalid_request"),
        ({"upload": "A" * 32}, 422, "invalid_request"),
        ({"upload": "../../../etc/passwd"}, 422, "invalid_request"),
        ({"upload": "0" * 31}, 422, "invalid_request"),
        ({"body": b""}, 411, "length_required"),
        ({"body": CONTENT, "size": str(len(CONTENT))}, 422, "malformed_age_file"),
        ({"body": bytes(size)}, 422, "malformed_age_file"),
        ({"body": unpadded, "size": str(len(unpadded))}, 422, "malformed_age_file"),
        ({"csrf": ""}, 403, "token_invalid"),
        ({"csrf": csrf.swapcase()}, 403, "token_invalid"),
        ({"csrf": services_of(portal).form_tokens["public"].issue("sign-in")}, 403, "token_invalid"),
        ({"csrf": services_of(portal).form_tokens["handler"].issue("tip")}, 403, "token_invalid"),
        ({"kind": "multipart/form-data; boundary=x"}, 415, "unsupported_media_type"),
        ({"kind": "application/json"}, 415, "unsupported_media_type"),
        ({"kind": ""}, 415, "unsupported_media_type"),
    ):
        answer = send_part(client, str(changes.pop("csrf", csrf)), file, **changes)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code), changes
        assert answer.content_type == "application/problem+json"
    for kind in ("application/octet-stream; charset=utf-8", "APPLICATION/OCTET-STREAM"):
        assert send_part(client, csrf, seal(CONTENT), kind=kind).status_code == 200
    too_much = client.post(
        "/api/uploads",
        data=bytes(PART + 1),
        content_type="application/octet-stream",
        headers=SAME_ORIGIN | {"Tipportal-CSRF": csrf},
    )
    assert too_much.status_code == 413
    other_site = client.post(
        "/api/uploads", headers={"Sec-Fetch-Site": "cross-site"}, content_type="application/octet-stream"
    )
    assert other_site.get_json()["code"] == "cross_site"
    assert standing(client, file) == 0
    assert len(left_behind(story)) == 2


def test_a_part_that_ends_early_leaves_what_stood_before(client: FlaskClient, portal: Flask, story: Story) -> None:
    csrf = token(portal)
    file = seal(secrets.token_bytes(PART + 1000))
    for offset, before in ((0, 0), (PART, PART)):
        whole = file.sealed[offset : offset + PART]
        cut = {"wsgi.input": io.BytesIO(whole[: len(whole) // 2]), "CONTENT_LENGTH": str(len(whole))}
        answer = client.post(
            "/api/uploads",
            content_type="application/octet-stream",
            environ_overrides=cut,
            headers=SAME_ORIGIN
            | {
                "Tipportal-CSRF": csrf,
                "Tipportal-Upload": file.upload,
                "Tipportal-Offset": str(offset),
                "Tipportal-Size": str(len(file.sealed)),
            },
        )
        assert answer.status_code == 400
        assert standing(client, file) == before
        assert send_part(client, csrf, file, offset).status_code == 200
    # Whoever gave up sends nothing more; a day later the sweep takes it, here at once.
    assert len(left_behind(story)) == 1


def test_an_old_token_is_told_apart_so_that_a_client_can_go_on(
    client: FlaskClient, portal: Flask, story: Story
) -> None:
    csrf = token(portal)
    story.clock.advance(TOKEN_SECONDS)
    answer = send_part(client, csrf, seal(CONTENT))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "token_expired")


def test_a_full_house_is_said_and_nothing_is_lost(story: Story) -> None:
    # Of each quota there is room for one file of this size and not for two; a small one counts as 256 KiB waiting.
    size = len(seal(CONTENT).sealed)
    waiting = (1 << 18) + size - 1
    app = portal_for(story, max_file=10_000, case_quota=size + 100, uploads_quota=waiting * 4 // 3)
    client, csrf, keys = app.test_client(), token(app), new_keys()
    file = upload(client, csrf, CONTENT)
    answer = send_part(client, csrf, seal(CONTENT))
    assert (answer.status_code, answer.get_json()["code"]) == (507, "storage_full")
    offer = fetch_panel(client, csrf).get_json()
    assert post(client, "/api/cases", sealed_body(offer, csrf, keys, files=[file])).status_code == 201

    more = upload(client, csrf, CONTENT)
    case = fetch_case(client, keys).get_json()
    said = message_body(case, token(app, "case"), keys, files=[more])
    answer = post(client, "/api/case/records", said, **{"Tipportal-Lookup": lookup(keys)})
    assert (answer.status_code, answer.get_json()["code"]) == (413, "case_full")
    # The upload waits on: without it the text is taken, and the client removes it.
    assert standing(client, more) == size
    assert len(fetch_case(client, keys).get_json()["records"]) == 1
    assert len(left_behind(story)) == 2


def test_too_many_files_and_files_where_none_belong(client: FlaskClient, portal: Flask, story: Story) -> None:
    csrf, keys = token(portal), new_keys()
    offer = fetch_panel(client, csrf).get_json()
    body = sealed_body(offer, csrf, keys)
    named = [{"upload": secrets.token_hex(16), "size": 6000} for _ in range(21)]
    for record, files, code in (
        (1, named, "too_many_files"),
        (0, named[:1], "invalid_request"),
        (2, named[:1], "invalid_request"),
        (1, [{"upload": "x", "size": 1}], "invalid_request"),
        (1, [{"upload": named[0]["upload"]}], "invalid_request"),
        (1, [{**named[0], "name": "x"}], "invalid_request"),
        (1, "x", "invalid_request"),
        (1, [1], "invalid_request"),
        (1, named[:1], "upload_unknown"),
    ):
        records = [dict(one) for one in body["records"]]
        records[record]["files"] = files
        answer = post(client, "/api/cases", body | {"records": records})
        assert (answer.status_code, answer.get_json()["code"]) == (422, code), files
    assert story.contents()["cases"] == []


def test_pages_are_answered_while_every_place_for_files_is_taken(story: Story) -> None:
    app = portal_for(story, threads=4)
    client, csrf = app.test_client(), token(app)
    transfers = services_of(app).transfers
    with transfers.moving(), transfers.moving():
        answer = send_part(client, csrf, seal(CONTENT))
        assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
        assert int(answer.headers["Retry-After"]) > 0
        assert client.get("/bjorkvik/").status_code == 200
    assert send_part(client, csrf, seal(CONTENT)).status_code == 200


def test_a_download_holds_its_place_until_it_is_over(client: FlaskClient, portal: Flask) -> None:
    keys, csrf = new_keys(), token(portal)
    file = upload(client, csrf, CONTENT)
    body = sealed_body(fetch_panel(client, csrf).get_json(), csrf, keys, files=[file])
    assert post(client, "/api/cases", body).status_code == 201
    places = services_of(portal).settings.threads // 2
    headers = {"Tipportal-Lookup": lookup(keys)}
    under_way = [client.get("/api/case/files/0/0", headers=headers, buffered=False) for _ in range(places)]
    assert client.get("/api/case/files/0/0", headers=headers).status_code == 503
    for answer in under_way:
        answer.close()
    assert client.get("/api/case/files/0/0", headers=headers).data == file.sealed
    for _ in range(places + 1):
        with client.head("/api/case/files/0/0", headers=headers) as head:
            assert (head.status_code, head.content_length) == (200, len(file.sealed))


def test_the_log_says_how_many_files_and_nothing_else(client: FlaskClient, portal: Flask, story: Story) -> None:
    keys, csrf = new_keys(), token(portal)
    file = upload(client, csrf, CONTENT, "hemligt namn.pdf")
    offer = fetch_panel(client, csrf).get_json()
    assert post(client, "/api/cases", sealed_body(offer, csrf, keys, files=[file])).status_code == 201
    assert b"hemligt namn" not in repr(story.contents()).encode()
