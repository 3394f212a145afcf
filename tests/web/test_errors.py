from __future__ import annotations

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import SAME_ORIGIN
from tipportal.domain.accounts import Permission
from tipportal.domain.errors import Busy, CaseNotFound, Invalid, NotFound, Refusal, SequenceConflict
from tipportal.web.guard import requires


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (NotFound("Hemligt skäl"), 404, "not_found"),
        (SequenceConflict("Någon annan skrev först."), 412, "sequence_conflict"),
        (Busy("Vänta."), 503, "busy"),
        (Invalid("Fel form.", field="word"), 422, "invalid_request"),
    ],
)
def test_a_refusal_has_its_status_and_its_stable_code(portal: Flask, refusal: Refusal, status: int, code: str) -> None:
    @requires(Permission.PUBLIC)
    def view() -> str:
        raise refusal

    portal.add_url_rule("/probe/refused", "probe.refused", view)
    portal.add_url_rule("/probe/api/refused", "probe.refused_api", view)
    page = portal.test_client().get("/probe/refused")
    assert page.status_code == status
    assert page.mimetype == "text/html"
    answer = portal.test_client().get("/probe/api/refused")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert {name: answer.json[name] for name in ("type", "status", "code")} == {
        "type": "about:blank",
        "status": status,
        "code": code,
    }
    assert answer.json.get("field") == refusal.field


def test_whatever_is_not_found_looks_the_same(portal: Flask) -> None:
    answers = []
    for number, refusal in enumerate((NotFound("Utesluten"), CaseNotFound("Okänd"), None)):

        @requires(Permission.PUBLIC)
        def view(refusal: Refusal | None = refusal) -> str:
            if refusal is None:
                raise NotFound("")
            raise refusal

        portal.add_url_rule(f"/probe/{number}", f"probe.{number}", view)
    client = portal.test_client()
    for address in ("/probe/0", "/probe/1", "/probe/2", "/probe/9"):
        answer = client.get(address)
        answers.append((answer.status_code, answer.text.replace(address, "/")))
    assert len(set(answers)) == 1


def test_an_unexpected_error_says_nothing_and_logs_no_words(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/probe/broken")
    assert answer.status_code == 500
    for text in (answer.text, caplog.text):
        assert "hemlig" not in text
        assert "/probe/broken" not in caplog.text
    assert "ValueError" in caplog.text
    assert "conftest.py" in caplog.text
    assert "ValueError" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "å/ä;q=ö"},
        {"Accept-Encoding": "gzip;q=hej"},
        {"Cookie": "a=å; \x7f=1; =="},
        {"Host": "ex ample"},
        {"Host": "å.se"},
        {"Origin": "å"},
        {"Content-Type": "application/json; charset=å"},
        {"Content-Length": "-1"},
        {"Content-Length": "två"},
        {"Tipportal-Lookup": "å"},
        {"Range": "bytes=0-"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nonsense_in_headers_is_never_our_failure(client: FlaskClient, headers: dict[str, str], method: str) -> None:
    for address in ("/probe/form", "/probe/api/members", "/finns/inte", "/lamna"):
        assert client.open(address, method=method, headers=SAME_ORIGIN | headers).status_code < 500


@pytest.mark.parametrize(
    "path", ["/%ff%fe", "/%00", "/../../etc/passwd", "//evil.example/x", "/a" * 2000, "/static/../app.py"]
)
def test_nonsense_in_addresses_is_never_our_failure(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {308, 404}
    # A page never links or leads away from here, however its own address is written.
    assert 'href="//' not in html.unescape(answer.text)
    assert not (answer.location or "").removeprefix("http://localhost").startswith("//")


def test_pages_speak_the_language_of_their_address(client: FlaskClient) -> None:
    assert "Sidan finns inte" in client.get("/finns/inte").text
    english = client.get("/en/finns/inte").text
    assert '<html lang="en"' in english
    assert "This page does not exist" in english
    problem = client.get("/en/api/finns-inte").json
    assert problem is not None
    assert problem["detail"].startswith("Check that the address")
