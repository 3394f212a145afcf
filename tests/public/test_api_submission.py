"""The JSON API for a new case: what a client gets, and how whatever is wrong is refused by name and leaves nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.classic_recipients import X25519Recipient
from tests.support.story import Story
from tipportal.envelope import HybridIdentity, seal
from tipportal.envelope.padding import pad
from tipportal.web.form_tokens import TOKEN_SECONDS

from .conftest import portal_for
from .pages import SAME_ORIGIN
from .sealing import FACTS, Json, b64, fetch_case, fetch_panel, new_keys, post, sealed_body, token

REFUSED = range(400, 500)


@pytest.fixture
def csrf(portal: Flask) -> str:
    return token(portal)


@pytest.fixture
def body(client: FlaskClient, csrf: str) -> Json:
    return sealed_body(fetch_panel(client, csrf).get_json(), csrf, new_keys())


def test_a_panel_has_two_people_from_two_units_and_stays_the_same_for_a_form(client: FlaskClient, csrf: str) -> None:
    first, second = fetch_panel(client, csrf).get_json(), fetch_panel(client, csrf).get_json()
    panel = [member for member in first["members"] if member["role"] == "panel"]
    assert len(panel) == 2
    assert len({member["unit"] for member in panel}) == 2
    assert [member["id"] for member in first["members"]] == [f"h{n}" for n in range(1, len(first["members"]) + 1)]
    assert first["members"] == second["members"]
    assert [trustee["id"] for trustee in first["trustees"]] == ["t1", "t2", "t3"]
    assert (first["trustees"], first["trustee_threshold"]) == (second["trustees"], 2)
    assert first["functions"]


def test_nobody_who_is_named_is_offered(client: FlaskClient, csrf: str) -> None:
    unit = fetch_panel(client, csrf).get_json()["members"][0]["unit"]
    offer = fetch_panel(client, csrf, facts={**FACTS, "concerns": [f"unit:{unit}"]}).get_json()
    assert unit not in {member["unit"] for member in offer["members"]}


def test_no_panel_is_refused_with_what_remains(client: FlaskClient, csrf: str) -> None:
    units = {member["unit"] for member in fetch_panel(client, csrf).get_json()["members"]}
    answer = fetch_panel(client, csrf, facts={**FACTS, "concerns": [f"unit:{unit}" for unit in units]})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_panel")
    assert "extern myndighet" in answer.get_json()["detail"]


def test_a_case_is_kept_once_and_answered_alike(client: FlaskClient, csrf: str, story: Story) -> None:
    keys = new_keys()
    body = sealed_body(fetch_panel(client, csrf).get_json(), csrf, keys)
    first = post(client, "/api/cases", body)
    kept = story.contents()
    again = post(client, "/api/cases", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert first.get_json() == {
        "reference": fetch_case(client, keys).get_json()["reference"],
        "received_on": "2026-11-23",
        "acknowledged_on": "2026-11-23",
        "feedback_by": "2027-02-23",
    }
    assert story.contents() == kept


def test_a_renewed_token_does_not_make_a_case_another_one(client: FlaskClient, body: Json, portal: Flask) -> None:
    assert post(client, "/api/cases", body).status_code == 201
    assert post(client, "/api/cases", body | {"csrf_token": token(portal)}).status_code == 200


def test_other_content_under_the_same_code_is_refused(client: FlaskClient, csrf: str, story: Story) -> None:
    keys = new_keys()
    offer = fetch_panel(client, csrf).get_json()
    assert post(client, "/api/cases", sealed_body(offer, csrf, keys)).status_code == 201
    kept = story.contents()
    answer = post(client, "/api/cases", sealed_body(offer, csrf, keys, text="Något annat."))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "case_exists")
    assert story.contents() == kept


def test_an_expired_token_is_told_and_renewed(client: FlaskClient, body: Json, story: Story) -> None:
    kept = story.contents()
    story.clock.advance(TOKEN_SECONDS + 60)
    answer = post(client, "/api/cases", body)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "token_expired")
    assert fetch_panel(client, body["csrf_token"]).get_json()["code"] == "token_expired"
    assert story.contents() == kept
    fresh = post(client, "/api/form-token", {"organisation": "bjorkvik", "purpose": "tip"}).get_json()["csrf_token"]
    # The ticket has grown old with the page: it comes anew with a panel.
    assert post(client, "/api/cases", body | {"csrf_token": fresh}).get_json()["code"] == "token_expired"
    again = sealed_body(fetch_panel(client, fresh).get_json(), fresh, new_keys())
    assert post(client, "/api/cases", again).status_code == 201


def test_a_token_serves_one_channel(client: FlaskClient, portal: Flask) -> None:
    answer = fetch_panel(client, token(portal, "report"), channel="tip")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "token_invalid")
    assert fetch_panel(client, token(portal, "case")).status_code == 403


def test_a_budget_for_all_stops_a_flood(story: Story) -> None:
    app = portal_for(story, submissions_per_minute=1)
    client, csrf = app.test_client(), token(app)
    bodies = [sealed_body(fetch_panel(client, csrf).get_json(), csrf, new_keys()) for _ in range(2)]
    assert post(client, "/api/cases", bodies[0]).status_code == 201
    answer = post(client, "/api/cases", bodies[1])
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_requests")


Change = Callable[[Json], Any]


def _file(body: Json, index: int) -> bytes:
    return base64.b64decode(body["records"][index]["file"])


def _set(*path: str | int, to: object) -> Change:
    def change(body: Json) -> None:
        place: Any = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to(body) if callable(to) else to

    return change


def _drop(*path: str | int) -> Change:
    def change(body: Json) -> None:
        place: Any = body
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


_OTHER = HybridIdentity(b"o" * 32).recipient
_PLAIN = pad(b"text")
FILES: dict[str, Callable[[Json], str]] = {
    "empty": lambda _: "",
    "no age file": lambda _: b64(b"age-encryption.org/v1\nkvitto"),
    "cut in the header": lambda body: b64(_file(body, 1)[:700]),
    "cut in the text": lambda body: b64(_file(body, 1)[:-1]),
    "something after it": lambda body: b64(_file(body, 1) + b"\0" * 20),
    "header's authentication missing": lambda body: b64(_file(body, 1).replace(b"\n--- ", b"\n-- ", 1)),
    "two recipients": lambda _: b64(seal(_PLAIN, [HybridIdentity(b"p" * 32).recipient, _OTHER])),
    "no recipient": lambda _: b64(b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n" + bytes(5000)),
    "unpadded": lambda _: b64(seal(b"kort", [_OTHER])),
    "padded otherwise": lambda _: b64(seal(bytes(5000), [_OTHER])),
    "armoured": lambda _: b64(b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [("records", 1), ("grants", 0)])
def test_files_of_another_kind_are_refused(
    client: FlaskClient, body: Json, story: Story, name: str, place: tuple[str, int]
) -> None:
    kept = story.contents()
    body[place[0]][place[1]]["file"] = FILES[name](body)
    answer = post(client, "/api/cases", body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "malformed_age_file")
    assert story.contents() == kept


def test_a_classic_recipient_is_refused(client: FlaskClient, body: Json, story: Story) -> None:
    kept = story.contents()
    body["records"][1]["file"] = b64(_classic(_file(body, 1)))
    answer = post(client, "/api/cases", body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "malformed_age_file")
    assert story.contents() == kept


def _classic(file: bytes) -> bytes:
    """The file with a classic stanza in place of the hybrid one."""
    stanza = X25519Recipient(bytes([9]) + bytes(31)).wrap(b"k" * 16)
    end = file.index(b"\n--- ")
    return b"age-encryption.org/v1\n" + stanza.encode().rstrip(b"\n") + file[end:]


BODIES: dict[str, tuple[Change, str, str | None]] = {
    "unknown member": (_set("score", to=7), "invalid_request", "score"),
    "unknown member inside": (_set("records", 0, "note", to="x"), "invalid_request", "records.0.note"),
    "missing member": (_drop("work"), "invalid_request", "work"),
    "missing member inside": (_drop("source", "recipient"), "invalid_request", "source.recipient"),
    "number for text": (_set("ticket", to=7), "invalid_request", "ticket"),
    "text for list": (_set("records", to="x"), "invalid_request", "records"),
    "text for object": (_set("source", to="x"), "invalid_request", "source"),
    "null": (_set("dialogue", to=None), "invalid_request", "dialogue"),
    "not base64": (_set("work", to="###"), "invalid_request", "work"),
    "base64 without padding": (_set("work", to=lambda b: b["work"].rstrip("=")), "invalid_request", "work"),
    "base64 of the other alphabet": (_set("records", 0, "file", to="-_-_"), "invalid_request", "records.0.file"),
    "recipient too short": (_set("work", to=b64(bytes(1215))), "invalid_request", "work"),
    "recipient of no key": (_set("dialogue", to=b64(b"\xff" * 1216)), "invalid_request", "dialogue"),
    "one key twice": (_set("work", to=lambda b: b["dialogue"]), "invalid_request", "work"),
    "verification key of small order": (
        _set("source", "verification_key", to=b64(bytes(32))),
        "invalid_request",
        "source",
    ),
    "digest too short": (_set("source", "lookup_digest", to="ab"), "invalid_request", "source.lookup_digest"),
    "digest in capitals": (_set("genesis", to="A" * 64), "invalid_request", "genesis"),
    "digest that is not ASCII": (_set("genesis", to="å" * 64), "invalid_request", "genesis"),
    "ticket of somebody else": (_set("ticket", to="Zm9yZ2Vk"), "invalid_request", "ticket"),
    "ticket that is not ASCII": (_set("ticket", to="bïljett"), "invalid_request", "ticket"),
    "ticket too long": (_set("ticket", to="A" * 20_000), "invalid_request", "ticket"),
    "unknown stream": (_set("records", 1, "stream", to="side"), "invalid_request", "records"),
    "unknown kind": (_set("records", 1, "kind", to="verdict"), "invalid_request", "records"),
    "another kind": (_set("records", 1, "kind", to="message"), "invalid_request", "records"),
    "another order": (_set("records", to=lambda b: b["records"][::-1]), "invalid_request", "records"),
    "a record too few": (_set("records", to=lambda b: b["records"][:2]), "invalid_request", "records"),
    "a record too many": (_set("records", to=lambda b: [*b["records"], b["records"][2]]), "invalid_request", "records"),
    "a later number": (_set("records", 1, "seq", to=1), "invalid_request", "records"),
    "a number below 0": (_set("records", 1, "seq", to=-1), "invalid_request", "records.1.seq"),
    "a number beyond the columns": (_set("records", 1, "seq", to=1 << 40), "invalid_request", "records"),
    "a fraction": (_set("records", 1, "seq", to=0.5), "invalid_request", "records.1.seq"),
    "another predecessor": (_set("records", 1, "prev", to="0" * 64), "invalid_request", "records"),
    "no grants": (_set("grants", to=[]), "grants_mismatch", None),
    "a grant too few": (_drop("grants", 0), "grants_mismatch", None),
    "no grant for the source": (_drop("grants", -1), "grants_mismatch", None),
    "a grant twice": (_set("grants", to=lambda b: [*b["grants"], b["grants"][0]]), "grants_mismatch", None),
    "a grant to somebody else": (_set("grants", 0, "holder", to="h77"), "grants_mismatch", None),
    "a standby let in": (_set("grants", -5, "kind", to="panel"), "grants_mismatch", None),
    "an unknown kind of grant": (_set("grants", 0, "kind", to="owner"), "invalid_request", "grants"),
}


@pytest.mark.parametrize("name", BODIES)
def test_whatever_is_wrong_is_refused_by_name_and_leaves_nothing(
    client: FlaskClient, body: Json, story: Story, name: str
) -> None:
    change, code, field = BODIES[name]
    kept = story.contents()
    change(body)
    answer = post(client, "/api/cases", body)
    assert answer.status_code in REFUSED
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert (problem["code"], problem["status"], problem["type"]) == (code, answer.status_code, "about:blank")
    if field is not None:
        assert problem["field"] == field
    assert story.contents() == kept


RAW: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a repeated member": b'{"csrf_token": "%s", "ticket": "a", "ticket": "b"}',
    "not UTF-8": b'{"csrf_token": "\xff"}',
    "half a surrogate": b'{"csrf_token": "%s", "ticket": "\\ud800"}',
    "infinity": b'{"csrf_token": "%s", "ticket": Infinity}',
    "too deep": b'{"csrf_token": "%s", "ticket": ' + b"[" * 5000 + b"]" * 5000 + b"}",
}


@pytest.mark.parametrize("name", RAW)
@pytest.mark.parametrize("address", ["/api/panel", "/api/cases", "/api/form-token", "/api/case/records"])
def test_what_is_no_json_of_ours_is_refused(
    client: FlaskClient, csrf: str, story: Story, name: str, address: str
) -> None:
    kept = story.contents()
    raw = RAW[name].replace(b"%s", csrf.encode())
    answer = client.post(address, data=raw, content_type="application/json", headers=SAME_ORIGIN)
    assert answer.status_code in REFUSED
    assert json.loads(answer.data)["code"] in {"invalid_request", "token_invalid"}
    assert story.contents() == kept


@pytest.mark.parametrize("bad", ["", "tip", "å" * 40, "a~b~c.d", "x" * 10_000])
def test_a_token_that_is_none_is_refused(client: FlaskClient, body: Json, bad: str) -> None:
    answer = post(client, "/api/cases", body | {"csrf_token": bad})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "token_invalid")


def test_somebody_elses_page_is_refused(client: FlaskClient, body: Json, story: Story) -> None:
    kept = story.contents()
    answer = client.post("/api/cases", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "cross_site")
    assert story.contents() == kept


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, body: Json) -> None:
    body["records"][1]["file"] = "A" * (3 << 20)
    answer = post(client, "/api/cases", body)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


FACTS_REFUSED: dict[str, tuple[Json, str]] = {
    "unknown area": ({**FACTS, "area": "rymdfart"}, "area"),
    "unknown role": ({**FACTS, "subject_role": "king"}, "subject_role"),
    "a party of somebody else": ({**FACTS, "concerns": ["unit:nobody"]}, "concerns"),
    "a number among the parties": ({**FACTS, "concerns": [7]}, "facts.concerns"),
    "an unknown fact": ({**FACTS, "score": 1}, "facts.score"),
    "a missing fact": ({"area": "", "concerns": []}, "facts.subject_role"),
}


@pytest.mark.parametrize("name", FACTS_REFUSED)
def test_routing_facts_are_read_strictly(client: FlaskClient, csrf: str, name: str) -> None:
    facts, field = FACTS_REFUSED[name]
    answer = fetch_panel(client, csrf, facts=facts)
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["field"]) == (
        422,
        "invalid_request",
        field,
    )


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"organisation": "ingenstans"}, 404, "not_found"),
        ({"organisation": "åäö"}, 404, "not_found"),
        ({"channel": "rumour"}, 422, "invalid_request"),
        ({"organisation": 7}, 422, "invalid_request"),
    ],
)
def test_a_channel_that_does_not_exist_is_refused(
    client: FlaskClient, csrf: str, change: Json, status: int, code: str
) -> None:
    body = {"csrf_token": csrf, "organisation": "bjorkvik", "channel": "tip", "facts": FACTS} | change
    answer = post(client, "/api/panel", body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("purpose", ["sign-in", "", "å", 7])
def test_a_token_is_given_for_public_forms_only(client: FlaskClient, purpose: object) -> None:
    answer = post(client, "/api/form-token", {"organisation": None, "purpose": purpose})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


def test_answers_are_in_the_language_of_the_address_and_set_no_cookie(client: FlaskClient, csrf: str) -> None:
    body = {"csrf_token": csrf, "organisation": "bjorkvik", "channel": "tip", "facts": {**FACTS, "area": "x"}}
    swedish, english = (post(client, f"{prefix}/api/panel", body) for prefix in ("", "/en"))
    assert swedish.get_json()["detail"] != english.get_json()["detail"]
    assert "Set-Cookie" not in swedish.headers
