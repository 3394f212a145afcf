"""What is taken of a request: sizes, types, strict JSON, and nothing about who sent it."""

from __future__ import annotations

import base64
import io
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.web.conftest import SAME_ORIGIN, form_token
from tipportal.domain.errors import Invalid
from tipportal.web.anonymity import KEPT
from tipportal.web.guard import SMALL_BODY
from tipportal.web.json_body import MAX_DEPTH, Members, parsed

FORM = "application/x-www-form-urlencoded"


class Unread(io.RawIOBase):
    """A body that must not be touched."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("address", ["/probe/form", "/probe/large", "/probe/api/members", "/finns/inte", "/lamna"])
@pytest.mark.parametrize("size", ["100000000", "9999999999999999999999"])
def test_a_body_that_is_too_large_is_refused_unread(client: FlaskClient, address: str, size: str) -> None:
    unread = {"wsgi.input": Unread(), "CONTENT_LENGTH": size}
    answer = client.post(address, content_type=FORM, environ_overrides=unread)
    assert answer.status_code == 413


def test_only_endpoints_that_say_so_take_more(portal: Flask, client: FlaskClient) -> None:
    token = form_token(portal)
    text = "å" * SMALL_BODY
    answer = client.post("/probe/large", data={"csrf_token": token, "text": text}, headers=SAME_ORIGIN)
    assert answer.json == {"length": SMALL_BODY}
    answer = client.post("/probe/form", data={"csrf_token": token, "word": text}, headers=SAME_ORIGIN)
    assert answer.status_code == 413


def test_a_body_without_a_length_is_refused(client: FlaskClient) -> None:
    headers = SAME_ORIGIN | {"Transfer-Encoding": "chunked"}
    unread = {"wsgi.input": Unread(), "wsgi.input_terminated": True}
    answer = client.post("/probe/form", content_type=FORM, headers=headers, environ_overrides=unread)
    assert answer.status_code == 411


@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream", "application/xml", "text/html; å"])
def test_other_kinds_of_content_are_refused(client: FlaskClient, media_type: str) -> None:
    answer = client.post("/probe/form", data=b"x", content_type=media_type, headers=SAME_ORIGIN)
    assert answer.status_code == 415


def test_files_are_refused_before_they_are_kept_anywhere(portal: Flask, client: FlaskClient) -> None:
    data = {"csrf_token": form_token(portal), "word": "ord", "file": (io.BytesIO(b"x" * 1000), "写真.jpg")}
    answer = client.post("/probe/form", data=data, content_type="multipart/form-data", headers=SAME_ORIGIN)
    assert answer.status_code == 415


def test_a_form_without_files_may_be_multipart(portal: Flask, client: FlaskClient) -> None:
    data = {"csrf_token": form_token(portal), "word": "ord"}
    answer = client.post("/probe/form", data=data, content_type="multipart/form-data", headers=SAME_ORIGIN)
    assert answer.json is not None
    assert answer.json["valid"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"word": "\\ud800"}',
        b'{"\\udfff": "x"}',
        b'{"word": "\xff"}',
        b'{"a":' * 20 + b"1" + b"}" * 20,
        b"[" * 60_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_not_a_json_object_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/probe/api/members", data=body, content_type="application/json", headers=SAME_ORIGIN)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "invalid_request"


@pytest.mark.parametrize(("opening", "closing"), [(b'{"a":', b"}"), (b'{"a":[', b"]}")])
def test_how_deep_a_body_may_be(opening: bytes, closing: bytes) -> None:
    times = MAX_DEPTH // len(closing)
    assert parsed(opening * times + b'"\\u00e5"' + closing * times)
    with pytest.raises(Invalid):
        parsed(opening * times + b"[]" + closing * times)


@given(st.binary(max_size=300))
def test_only_our_refusal_comes_out_of_any_bytes(raw: bytes) -> None:
    try:
        parsed(raw)
    except Invalid:
        return
    assert isinstance(json.loads(raw), dict)


def test_unknown_and_missing_members_are_named(portal: Flask, client: FlaskClient) -> None:
    token = form_token(portal)
    for members, field in (({}, "word"), ({"word": "a", "å": 1}, "?"), ({"word": 1}, "word")):
        answer = client.post("/probe/api/members", json={"csrf_token": token, **members}, headers=SAME_ORIGIN)
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["field"] == field


@pytest.mark.parametrize(
    ("take", "good", "bad"),
    [
        (lambda m: m.text("x", 3), ["", "åäö"], ["four", 1, None, ["a"]]),
        (lambda m: m.integer("x"), [0, 2**53 - 1], [-1, 2**53, 1.0, True, "1", None]),
        (lambda m: m.boolean("x"), [True, False], [0, "true", None]),
        (lambda m: m.b64("x", 2), ["AAE="], ["AAE", "AAF=", "AAEC", "AA E=", "å===", 1, None, "AAE=\n"]),
        (lambda m: m.hex("x", 2), ["00ff"], ["00FF", "00f", "00ff00", "0x0f", "\uff10\uff10ff", 1]),
        (lambda m: m.texts("x", 2, 2), [[], ["a", "bb"]], [["a", "b", "c"], ["abc"], [1], "ab"]),
        (lambda m: m.object("x").done(), [{}], [[], "", {"y": 1}]),
        (lambda m: m.objects("x", 1), [[], [{}]], [[{}, {}], [1], {}]),
    ],
)
def test_members_are_of_one_shape(take: object, good: list[object], bad: list[object]) -> None:
    assert callable(take)
    for value in good:
        take(Members({"x": value}))
    for value in bad:
        with pytest.raises(Invalid) as refused:
            take(Members({"x": value}))
        assert (refused.value.field or "").startswith("x")


@given(st.binary(max_size=40))
def test_base64_has_one_spelling(raw: bytes) -> None:
    assert Members({"x": base64.b64encode(raw).decode()}).b64("x") == raw


def test_unknown_and_repeated_form_fields_are_refused(portal: Flask, client: FlaskClient) -> None:
    token = form_token(portal)
    for data, status in (
        ({"word": "ord"}, 200),
        ({"word": "ord", "many": ["a", "b"]}, 200),
        ({"word": ["ett", "två"]}, 422),
        ({"word": "ord", "score": "10"}, 422),
        ({"word": "ord", "ö\x00": "10"}, 422),
    ):
        answer = client.post("/probe/form", data={"csrf_token": token, **data}, headers=SAME_ORIGIN)
        assert answer.status_code == status, data


def test_nothing_of_the_sender_reaches_the_application(client: FlaskClient) -> None:
    answer = client.get(
        "/probe/sender",
        headers={
            "User-Agent": "Tor Browser",
            "X-Forwarded-For": "203.0.113.7",
            "Forwarded": "for=203.0.113.7",
            "Accept-Language": "fi",
            "Referer": "http://localhost/hemligt",
            "Via": "1.1 proxy",
        },
        environ_overrides={"REMOTE_ADDR": "127.83.5.9", "REMOTE_PORT": "4711", "gunicorn.socket": "x"},
    )
    assert answer.json is not None
    ours = {"tipportal.language", "tipportal.root"}
    assert set(answer.json) <= KEPT | ours
