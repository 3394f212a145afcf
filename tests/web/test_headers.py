"""Every answer carries every header, whatever kind of answer it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tipportal.web.guard import rule_of
from tipportal.web.policies import (
    POLICY_WITH_SCRIPTS,
    POLICY_WITHOUT_SCRIPTS,
    VIEWER_POLICY,
    Need,
    framing,
    need,
    policy,
)
from tipportal.web.security import HEADERS, SecurityHeaders


def addresses(app: Flask) -> Iterator[str]:
    """One address for each route, with something in place of each variable."""
    for route in app.url_map.iter_rules():
        yield re.sub(r"<[^>]+>", "1", route.rule)


def check(answer: TestResponse) -> None:
    for name, value in HEADERS:
        assert answer.headers.getlist(name) == [value]
    shown = answer.request.method in {"GET", "HEAD"} and answer.status_code == 200
    viewer = shown and answer.request.path.endswith("/handlaggare/visare")
    policies = answer.headers.getlist("Content-Security-Policy")
    common = [POLICY_WITH_SCRIPTS, POLICY_WITHOUT_SCRIPTS, policy(frozenset({Need.SCRIPTS, Need.WORKER}))]
    assert policies in ([[VIEWER_POLICY]] if viewer else [[one] for one in common])
    assert answer.headers.getlist("X-Frame-Options") == ["SAMEORIGIN" if viewer else "DENY"]
    assert len(answer.headers.getlist("Cache-Control")) == 1
    assert "Server" not in answer.headers


def test_every_route_and_method(portal: Flask, client: FlaskClient) -> None:
    seen = set()
    for address in addresses(portal):
        for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"):
            for language in ("", "/en"):
                answer = client.open(language + address, method=method)
                check(answer)
                seen.add(answer.status_code)
                # Nobody here has entered a code or signed in, so nothing is kept; at most a leftover is removed.
                assert all(re.match(r"[a-zA-Z_-]+=;", cookie) for cookie in answer.headers.getlist("Set-Cookie"))
                assert answer.status_code < 500 or address in {"/readyz", "/probe/broken"}, (method, address)
    assert {200, 303, 403, 404, 405, 500} <= seen


def test_only_answers_of_hashed_files_may_be_kept(portal: Flask, client: FlaskClient) -> None:
    for address in addresses(portal):
        kept = client.get(address).headers["Cache-Control"]
        assert kept == "no-store" or address == "/favicon.ico"
    with portal.test_request_context("/"):
        from tipportal.web.services import services  # noqa: PLC0415 - needs the request

        link = str(services().assets.stylesheet("public.css"))
    address = re.findall(r'href="([^"]+)"', link)[0]
    for encoding in ("", "gzip", "gzip;q=0", "br, *;q=0"):
        answer = client.get(address, headers={"Accept-Encoding": encoding})
        check(answer)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers.get("Content-Encoding") == ("gzip" if encoding == "gzip" else None)


def test_scripts_are_allowed_only_where_a_page_links_one(client: FlaskClient) -> None:
    assert client.get("/finns/inte").headers["Content-Security-Policy"] == POLICY_WITH_SCRIPTS
    assert client.get("/lamna/klar").headers["Content-Security-Policy"] == POLICY_WITHOUT_SCRIPTS
    assert client.get("/lamna").headers["Content-Security-Policy"] == POLICY_WITHOUT_SCRIPTS


def directives(text: str) -> dict[str, str]:
    found = [part.strip().partition(" ")[::2] for part in text.split(";")]
    assert len(dict(found)) == len(found), "the first of two would count"
    return dict(found)


@pytest.mark.parametrize("needs", [(), (Need.SCRIPTS,), (Need.SCRIPTS, Need.WORKER, Need.FRAME), (Need.FILE,)])
def test_the_policy_names_what_defaults_do_not_cover(needs: tuple[Need, ...]) -> None:
    text = policy(frozenset(needs))
    found = directives(text)
    assert found["default-src"] == "'none'"
    for name in ("base-uri", "frame-ancestors"):
        assert found[name] == "'none'"
    assert found["form-action"] == ("'none'" if Need.FILE in needs else "'self'")
    assert found["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in text
    assert "*" not in text
    assert framing(frozenset(needs)) == "DENY"


def test_a_page_gets_the_worker_and_the_frame_only_when_it_asks() -> None:
    scripts = directives(policy(frozenset({Need.SCRIPTS})))
    assert scripts["trusted-types"] == "'none'"
    assert not {"worker-src", "frame-src"} & set(scripts)
    more = directives(policy(frozenset({Need.SCRIPTS, Need.WORKER, Need.FRAME})))
    assert (more["worker-src"], more["trusted-types"], more["frame-src"]) == ("blob:", "worker", "'self'")


def test_the_viewer_is_nobody_and_is_framed_by_ourselves_alone(client: FlaskClient) -> None:
    answer = client.get("/handlaggare/visare")
    found = directives(answer.headers["Content-Security-Policy"])
    # No allow-same-origin: the frame has no cookies, no storage, and no way into the page around it.
    assert found["sandbox"] == "allow-scripts"
    assert (found["script-src"], found["style-src"], found["frame-ancestors"]) == ("'self'", "'self'", "'self'")
    for name in ("default-src", "connect-src", "img-src", "font-src", "form-action", "base-uri", "trusted-types"):
        assert found[name] == "'none'"
    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    scripts = re.findall(r"<script[^>]*>", answer.get_data(as_text=True))
    assert scripts
    assert all("integrity=" in tag and 'crossorigin="anonymous"' in tag for tag in scripts)


def test_needs_of_a_request_become_its_policy() -> None:
    def app(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        need(environ, Need.FILE)
        start_response("200 OK", [])
        return []

    headers: list[tuple[str, str]] = []
    SecurityHeaders(app, https=False)({}, lambda _status, given, _=None: headers.extend(given))  # type: ignore[arg-type]
    assert dict(headers)["Content-Security-Policy"].startswith("sandbox; ")


def test_https_is_insisted_on_only_where_it_is_used(make_portal: Callable[..., Flask]) -> None:
    assert "Strict-Transport-Security" not in make_portal().test_client().get("/healthz").headers
    addresses = {"public_url": "https://tips.example.se", "handler_url": "https://handl.example.se"}
    for address in ("/healthz", "/finns/inte"):
        answer = make_portal(**addresses).test_client().get(address)
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_a_crash_outside_flask_is_an_answer_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    def crashes(_environ: object, _start_response: object) -> list[bytes]:
        raise ValueError("hemlig text")

    headers: list[tuple[str, str]] = []
    wrapped = SecurityHeaders(crashes, https=False)
    body = wrapped({}, lambda status, given, _=None: headers.extend([("status", status), *given]))  # type: ignore[arg-type]
    assert "Något gick fel" in b"".join(body).decode()
    found = dict(headers)
    assert found["status"].startswith("500")
    assert found["Content-Security-Policy"] == POLICY_WITHOUT_SCRIPTS
    assert "hemlig" not in caplog.text


def test_an_unknown_rule_means_no_compression(portal: Flask, client: FlaskClient) -> None:
    assert rule_of(portal, "probe.unruled") is None
    assert "Content-Encoding" not in client.get("/probe/unruled", headers={"Accept-Encoding": "gzip"}).headers
