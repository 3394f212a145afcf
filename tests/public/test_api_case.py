"""The JSON API for one's own case: everything sealed, one answer for every wrong token, places taken once."""

from __future__ import annotations

import base64
import string

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.members import next_epoch
from tests.support.story import Story
from tipportal.domain.cases import CaseState
from tipportal.domain.separations import Ground
from tipportal.envelope import HybridIdentity, seal
from tipportal.envelope.casecode import SourceKeys
from tipportal.envelope.padding import pad
from tipportal.envelope.records import SOURCE
from tipportal.usecases import separating
from tipportal.web.form_tokens import TOKEN_SECONDS

from .sealing import b64, fetch_case, leave_case, lookup, message_body, new_keys, post, sha256, token


@pytest.fixture
def keys(client: FlaskClient, portal: Flask) -> SourceKeys:
    made = new_keys()
    leave_case(client, portal, made, channel="report")
    return made


def test_a_case_is_given_whole_and_sealed(client: FlaskClient, keys: SourceKeys) -> None:
    case = fetch_case(client, keys).get_json()
    assert case["channel"] == "report"
    assert case["state"] == "acknowledged"
    assert case["sealed_by"] == "browser"
    assert (case["feedback_by"], case["feedback_target"]) == ("2027-02-23", "2027-02-23")
    assert (case["feedback_on"], case["closed_on"]) == (None, None)
    assert [record["kind"] for record in case["records"]] == ["report"]
    assert case["records"][0]["prev"] == sha256(base64.b64decode(case["genesis"]))
    assert [epoch["epoch"] for epoch in case["epochs"]] == [0]
    assert b"Kvitton" not in base64.b64decode(case["records"][0]["file"])


def test_the_target_is_a_working_day(client: FlaskClient, portal: Flask, story: Story) -> None:
    story.clock.advance(7 * 24 * 3600)  # 2026-11-30: three months later is a Sunday
    keys = new_keys()
    leave_case(client, portal, keys)
    case = fetch_case(client, keys).get_json()
    assert (case["feedback_by"], case["feedback_target"]) == ("2027-02-28", "2027-02-26")


WRONG_TOKENS = ["", "x", "å" * 43, "A" * 42, "A" * 44, "A" * 43, "-" * 43, "B" * 43, "A" * 5000, "Ab+/" * 11]


@pytest.mark.parametrize("wrong", WRONG_TOKENS)
@pytest.mark.usefixtures("keys")
def test_every_wrong_token_gets_one_answer(client: FlaskClient, wrong: str) -> None:
    answer = client.get("/api/case", headers={"Tipportal-Lookup": wrong.encode("utf-8").decode("latin-1")})
    unknown = fetch_case(client, new_keys())
    assert answer.status_code == unknown.status_code == 404
    assert answer.get_json() == unknown.get_json()
    assert answer.get_json()["code"] == "case_not_found"


def test_a_token_has_one_spelling(client: FlaskClient, keys: SourceKeys) -> None:
    right = lookup(keys)
    alphabet = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}-_"
    # The last character holds two bits that mean nothing.
    stray = right[:-1] + alphabet[alphabet.index(right[-1]) ^ 1]
    assert client.get("/api/case", headers={"Tipportal-Lookup": stray}).status_code == 404
    assert fetch_case(client, keys).status_code == 200


def test_a_message_takes_the_next_place_once(
    client: FlaskClient, portal: Flask, keys: SourceKeys, story: Story
) -> None:
    body = message_body(fetch_case(client, keys).get_json(), token(portal, "case"), keys)
    first = post(client, "/api/case/records", body, Tipportal_Lookup=lookup(keys))
    kept = story.contents()
    again = post(client, "/api/case/records", body, Tipportal_Lookup=lookup(keys))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json() == {"seq": 1, "date": "2026-11-23"}
    assert story.contents() == kept


def test_two_writers_at_one_place(client: FlaskClient, portal: Flask, keys: SourceKeys, story: Story) -> None:
    case, csrf = fetch_case(client, keys).get_json(), token(portal, "case")
    bodies = [message_body(case, csrf, keys, text) for text in ("Den ena.", "Den andra.")]
    assert post(client, "/api/case/records", bodies[0], Tipportal_Lookup=lookup(keys)).status_code == 201
    kept = story.contents()
    answer = post(client, "/api/case/records", bodies[1], Tipportal_Lookup=lookup(keys))
    assert (answer.status_code, answer.get_json()["code"]) == (412, "sequence_conflict")
    assert story.contents() == kept


def _change(body: dict[str, object], name: str, value: object) -> dict[str, object]:
    record = body["record"]
    assert isinstance(record, dict)
    return {**body, "record": {**record, name: value}}


OUT_OF_PLACE: tuple[tuple[str, object, int, str], ...] = (
    ("seq", 0, 412, "sequence_conflict"),
    ("seq", 5, 412, "sequence_conflict"),
    ("seq", (1 << 31) - 1, 412, "sequence_conflict"),
    ("seq", 1 << 31, 422, "invalid_request"),
    ("seq", True, 422, "invalid_request"),
    ("prev", "0" * 64, 412, "sequence_conflict"),
    ("prev", "x", 422, "invalid_request"),
    ("epoch", 1, 409, "epoch_closed"),
    ("epoch", -1, 422, "invalid_request"),
    ("stream", "work", 422, "invalid_request"),
    ("stream", "genesis", 422, "invalid_request"),
    ("kind", "feedback", 422, "invalid_request"),
    ("kind", "report", 422, "invalid_request"),
    ("kind", "epoch", 422, "invalid_request"),
    ("from", "h1", 422, "invalid_request"),
    ("file", b64(b"age-encryption.org/v1\n"), 422, "malformed_age_file"),
    ("file", b64(seal(b"kort", [HybridIdentity(b"o" * 32).recipient])), 422, "malformed_age_file"),
    (
        "file",
        b64(seal(pad(b"x"), [HybridIdentity(b"o" * 32).recipient, HybridIdentity(b"p" * 32).recipient])),
        422,
        "malformed_age_file",
    ),
    ("file", "%%%", 422, "invalid_request"),
)


@pytest.mark.parametrize(
    "place", range(len(OUT_OF_PLACE)), ids=lambda place: "{0} {3} {2}".format(*OUT_OF_PLACE[place]) + f" {place}"
)
def test_a_record_out_of_place_is_refused_and_leaves_nothing(
    client: FlaskClient, portal: Flask, keys: SourceKeys, story: Story, place: int
) -> None:
    name, value, status, code = OUT_OF_PLACE[place]
    body = _change(message_body(fetch_case(client, keys).get_json(), token(portal, "case"), keys), name, value)
    kept = story.contents()
    answer = post(client, "/api/case/records", body, Tipportal_Lookup=lookup(keys))
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert story.contents() == kept


def test_a_message_to_no_case_is_told_nothing(
    client: FlaskClient, portal: Flask, keys: SourceKeys, story: Story
) -> None:
    body = message_body(fetch_case(client, keys).get_json(), token(portal, "case"), keys)
    kept = story.contents()
    for wrong in (lookup(new_keys()), "å", ""):
        header = wrong.encode().decode("latin-1")
        answer = post(client, "/api/case/records", body, Tipportal_Lookup=header)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "case_not_found")
    assert story.contents() == kept


def test_a_locked_case_takes_nothing_and_is_not_handed_out(
    client: FlaskClient, portal: Flask, keys: SourceKeys, story: Story
) -> None:
    body = message_body(fetch_case(client, keys).get_json(), token(portal, "case"), keys)
    story.drop_guards()
    story.change("UPDATE cases SET state = :state", state=CaseState.LOCKED.value)
    for answer in (
        post(client, "/api/case/records", body, Tipportal_Lookup=lookup(keys)),
        fetch_case(client, keys),
        client.get("/api/case/files/0/0", headers={"Tipportal-Lookup": lookup(keys)}),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "case_locked")
    assert "låst" in fetch_case(client, keys).get_json()["detail"]


def test_an_expired_token_is_told(client: FlaskClient, portal: Flask, keys: SourceKeys, story: Story) -> None:
    body = message_body(fetch_case(client, keys).get_json(), token(portal, "case"), keys)
    story.clock.advance(TOKEN_SECONDS + 60)
    answer = post(client, "/api/case/records", body, Tipportal_Lookup=lookup(keys))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "token_expired")
    fresh = token(portal, "case")
    assert (
        post(client, "/api/case/records", {**body, "csrf_token": fresh}, Tipportal_Lookup=lookup(keys)).status_code
        == 201
    )


def test_the_api_sets_no_cookie_and_is_kept_by_nobody(client: FlaskClient, keys: SourceKeys) -> None:
    answer = fetch_case(client, keys)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_after_somebody_left_the_source_begins_the_next_epoch(client: FlaskClient, portal: Flask, story: Story) -> None:
    case = story.report()
    assert fetch_case(client, case.keys).get_json()["next"] is None
    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.OTHER)
    new = next_epoch(story, case, author=SOURCE)

    told = fetch_case(client, case.keys).get_json()["next"]
    body = {
        "csrf_token": token(portal, "case"),
        "epoch": new.epoch,
        "work": b64(new.work),
        "dialogue": b64(new.dialogue),
        "records": [
            {
                "stream": record.stream.value,
                "kind": record.kind.value,
                "epoch": record.epoch,
                "seq": record.seq,
                "prev": record.prev.hex(),
                "file": b64(record.file),
            }
            for record in new.records
        ],
        "grants": [{"holder": one.holder, "kind": one.kind.value, "file": b64(one.file)} for one in new.grants],
    }
    answer = post(client, "/api/case/epochs", body, Tipportal_Lookup=lookup(case.keys))

    assert told["epoch"] == 1
    assert [(member["id"], member["role"]) for member in told["members"]][:2] == [("h1", "panel"), ("h3", "panel")]
    assert told["work"] == {"seq": 1, "prev": new.records[0].prev.hex()}
    assert (answer.status_code, answer.get_json()) == (201, {"epoch": 1})
    again = post(client, "/api/case/epochs", body, Tipportal_Lookup=lookup(case.keys))
    assert (again.status_code, again.get_json()["code"]) == (409, "epoch_exists")
    assert fetch_case(client, case.keys).get_json()["next"] is None
