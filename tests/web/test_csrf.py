from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import BINDING, ORIGIN, SAME_ORIGIN, SetClock, account, form_token, sign_in
from tipportal.web.csrf import session_token
from tipportal.web.form_tokens import TOKEN_SECONDS

FORM = "/probe/form"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, 403),
        ({"Sec-Fetch-Site": "söt"}, 403),
        ({}, 200),
        ({"Origin": "null"}, 200),
        ({"Origin": ORIGIN}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://localhost:8000"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://évil.example"}, 403),
    ],
)
def test_an_unsafe_request_is_judged_by_where_it_comes_from(
    portal: Flask, client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    answer = client.post(FORM, data={"csrf_token": form_token(portal), "word": "ord"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("token", ["", "x", "å", "probe~1~2.x", "🦔" * 400, "a" * 100_00, "\x00"])
def test_without_a_genuine_token_nothing_is_taken(client: FlaskClient, token: str) -> None:
    for headers in ({}, {"Content-Type": "application/x-www-form-urlencoded"}):
        answer = client.post(FORM, data={"csrf_token": token, "word": "ord"}, headers=SAME_ORIGIN | headers)
        assert answer.status_code == 403
    answer = client.post("/probe/api/members", json={"csrf_token": token, "word": "ord"}, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.json["code"]) == (403, "token_invalid") if answer.json else False


@pytest.mark.parametrize("header", ["å".encode().decode("latin-1"), "\x7f", "a" * 300])
def test_a_token_in_the_header_may_be_nonsense_too(client: FlaskClient, header: str) -> None:
    answer = client.post(FORM, data={"word": "ord"}, headers=SAME_ORIGIN | {"Tipportal-CSRF": header})
    assert answer.status_code == 403


def test_a_token_is_for_one_purpose_and_one_face(portal: Flask, client: FlaskClient) -> None:
    for token in (form_token(portal, "other"), form_token(portal, "probe", "handler")):
        answer = client.post(FORM, data={"csrf_token": token, "word": "ord"}, headers=SAME_ORIGIN)
        assert answer.status_code == 403


def test_a_changed_token_is_refused(portal: Flask, client: FlaskClient) -> None:
    token = form_token(portal)
    for index in range(0, len(token), 7):
        changed = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
        answer = client.post(FORM, data={"csrf_token": changed, "word": "ord"}, headers=SAME_ORIGIN)
        assert answer.status_code == 403, index


def test_an_expired_token_reaches_the_form_that_keeps_the_text(
    portal: Flask, client: FlaskClient, clock: SetClock
) -> None:
    token = form_token(portal)
    clock.now += TOKEN_SECONDS
    answer = client.post(FORM, data={"csrf_token": token, "word": "ord"}, headers=SAME_ORIGIN).json
    assert answer is not None
    assert (answer["valid"], answer["word"]) == (False, "ord")
    # The new token goes on with the same nonce, so that a retry is the same request.
    assert answer["token"].split("~")[1] == token.split("~")[1]
    again = client.post(FORM, data={"csrf_token": answer["token"], "word": "ord"}, headers=SAME_ORIGIN).json
    assert again is not None
    assert again["valid"]


def test_an_expired_token_is_a_clear_refusal_elsewhere(portal: Flask, client: FlaskClient, clock: SetClock) -> None:
    token = form_token(portal)
    clock.now += TOKEN_SECONDS
    answer = client.post("/probe/api/members", json={"csrf_token": token, "word": "ord"}, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "token_expired"
    assert client.post("/probe/strict", data={"csrf_token": token}, headers=SAME_ORIGIN).status_code == 403
    # JSON sent to a form's address is no way around.
    assert client.post(FORM, json={"csrf_token": token}, headers=SAME_ORIGIN).status_code == 403


def test_a_token_lives_until_its_last_second(portal: Flask, client: FlaskClient, clock: SetClock) -> None:
    clock.now = clock.now // 60 * 60
    token = form_token(portal)
    clock.now += TOKEN_SECONDS - 1
    answer = client.post("/probe/strict", data={"csrf_token": token}, headers=SAME_ORIGIN)
    assert answer.status_code == 200


def test_asking_for_a_token_is_judged_by_origin_alone(client: FlaskClient) -> None:
    assert client.post("/probe/origin-only", json={}, headers=SAME_ORIGIN).status_code == 200
    assert client.post("/probe/origin-only", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_session_takes_only_its_own_token(portal: Flask, client: FlaskClient) -> None:
    sign_in(portal, account())
    address = "/handlaggare/probe/desk"
    with portal.test_request_context(address):
        own, again, foreign = session_token(BINDING), session_token(BINDING), session_token(b"c" * 32)
    assert own != again
    for token in (own, again):
        assert client.post(address, headers=SAME_ORIGIN | {"Tipportal-CSRF": token}).status_code == 200
        assert client.post(address, data={"csrf_token": token}, headers=SAME_ORIGIN).status_code == 200
    for token in ("", "å".encode().decode("latin-1"), foreign, own[:-4], own + "AAAA", form_token(portal)):
        assert client.post(address, headers=SAME_ORIGIN | {"Tipportal-CSRF": token}).status_code == 403
    assert client.post(address, headers={"Sec-Fetch-Site": "same-site", "Tipportal-CSRF": own}).status_code == 403
