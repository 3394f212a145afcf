"""The proxy: what it passes on, what it keeps to itself, and that it remembers nobody."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from contextlib import ExitStack

from tests.deploy.trial import DEPLOY, HOSTS, PATIENCE, Answer, Deployed, read_answer, workers
from tests.support.servers import USER_AGENT
from tipportal.settings import MEBIBYTE, VARIABLES
from tipportal.web.anonymity import KEPT
from tipportal.web.security import HEADERS

PUBLIC, HANDLER = HOSTS["public"], HOSTS["handler"]
NEVER_SENT = {"HTTP_TRANSFER_ENCODING"}
"""Of what the portal reads, what the proxy lets nobody send."""


def head(method: str, path: str, *, host: str = PUBLIC, **headers: str | int) -> bytes:
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\n{named}\r\n".encode()


def assert_protected(answer: Answer) -> None:
    for name, value in HEADERS:
        assert answer.headers.get_all(name) == [value]
    for name in ("Content-Security-Policy", "Cache-Control", "X-Frame-Options", "Strict-Transport-Security"):
        assert len(answer.headers.get_all(name) or ()) == 1, name
    assert answer.headers["Server"] == "nginx"


def test_each_host_answers_its_own_face_only(site: Deployed) -> None:
    assert site.get("/").status == 200
    assert site.get("/arende").status == 200
    assert site.get("/", host=HANDLER).headers["Location"] == "/handlaggare/"
    assert site.get("/handlaggare/logga-in", host=HANDLER).status == 200
    assert site.get("/handlaggare/logga-in").status == 404
    assert site.get("/arende", host=HANDLER).status == 404
    # Not by the other's name in the handshake either, and no third name at all.
    with site.line(PUBLIC) as line:
        line.sendall(head("GET", "/handlaggare/logga-in", host=HANDLER))
        assert read_answer(line).status == 421
    with site.line(PUBLIC) as line:
        line.sendall(head("GET", "/", host="localhost"))
        assert line.recv(1) == b""


def test_how_the_portal_feels_is_told_to_this_machine_only(site: Deployed) -> None:
    for host in HOSTS.values():
        for path in ("/healthz", "/readyz", "/metrics", "/en/readyz"):
            assert_protected(answer := site.get(path, host=host))
            assert answer.status == 404
    assert site.inside("public", "/readyz").status == 200


def test_what_the_proxy_answers_itself_carries_every_header(site: Deployed) -> None:
    refused = {
        400: b"G@T / HTTP/1.1\r\nHost: tips.localhost\r\n\r\n",
        411: head("POST", "/api/panel", Transfer_Encoding="chunked") + b"0\r\n\r\n",
        413: head("POST", "/arende/utan-javascript", Content_Length=3 << 30),
        414: head("GET", "/" + "a" * 9000),
        431: head("GET", "/", X_Long="a" * 9000),
    }
    for status, raw in refused.items():
        assert_protected(answer := site.ask(raw))
        assert answer.status == status
    assert_protected(site.ask(b"GET / HTTP/1.1\r\n\r\n"))
    too_large = site.ask(head("POST", "/api/cases", Content_Length=3_000_000))
    assert_protected(too_large)
    assert json.loads(too_large.body)["code"] == "too_large"
    # The portal's own answers come through with each header once.
    assert_protected(site.get("/"))
    assert_protected(site.get("/finns-inte"))


def test_only_what_the_portal_reads_is_passed_on() -> None:
    conf = (DEPLOY / "nginx" / "tipportal-face.conf").read_text()
    assert "proxy_pass_request_headers off;" in conf
    passed = {name.upper().replace("-", "_") for name in re.findall(r"^proxy_set_header (\S+) \$", conf, re.MULTILINE)}
    read = {name.removeprefix("HTTP_") for name in KEPT - NEVER_SENT if name.startswith("HTTP_")}
    assert passed == read | {"CONTENT_TYPE"}


def test_bodies_and_answers_touch_no_disk(site: Deployed) -> None:
    before = {path: path.stat().st_mtime_ns for path in (site.nginx / "temp").rglob("*")}
    assert len(before) >= 5
    body = site.canary().encode().ljust(2 * MEBIBYTE, b" ")
    sent = head("POST", "/api/cases", Content_Length=len(body), Content_Type="application/json")
    assert site.ask(sent + body).status in {400, 403, 422}
    plain = head("POST", "/bjorkvik/tips/utan-javascript", Content_Length=len(body), Content_Type="text/plain")
    assert site.ask(plain + body).status in {400, 403, 404, 413, 415}
    part = b"x" * (4 * MEBIBYTE)
    kind = "application/octet-stream"
    assert site.ask(head("POST", "/api/uploads", Content_Length=len(part), Content_Type=kind) + part).status < 500
    # A file that was written and is gone again would have changed its folder's time.
    after = {path: path.stat().st_mtime_ns for path in (site.nginx / "temp").rglob("*")}
    assert after == before


def test_the_limits_go_with_the_settings() -> None:
    (default,) = (variable.default for variable in VARIABLES if variable.name == "MAX_BODY")
    assert f"TIPPORTAL_MAX_BODY={default}\n" in (DEPLOY / "settings" / "common.env").read_text()
    small = (DEPLOY / "nginx" / "tipportal-small-bodies.conf").read_text()
    assert f"client_max_body_size {int(default or 0) // MEBIBYTE}m;" in small
    for name in ("small-bodies", "parts"):
        text = (DEPLOY / "nginx" / f"tipportal-{name}.conf").read_text()
        largest, buffer = re.findall(r"^client_(?:max_body|body_buffer)_size (\d+)[mk];", text, re.MULTILINE)
        assert int(buffer) > int(largest) * 1024


def test_slow_senders_hold_none_of_the_threads(site: Deployed) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            line = stack.enter_context(site.line(PUBLIC))
            line.sendall(head("POST", "/api/panel", Content_Length=60_000, Content_Type="application/json") + b"{")
        begun = time.monotonic()
        assert site.get("/").status == 200
        assert time.monotonic() - begun < 5


def test_a_face_that_loses_its_workers_comes_back(site: Deployed) -> None:
    before = workers(site)
    assert len(before) == 2
    for number in before:
        os.kill(number, signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while len(workers(site)) < 2 or workers(site) & before:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert site.get("/").status == 200


def test_a_face_that_is_down_is_said_so_in_our_words(site: Deployed) -> None:
    socket_file = site.folder / "run" / "public.sock"
    aside = socket_file.with_suffix(".aside")
    socket_file.rename(aside)
    try:
        assert_protected(page := site.get("/"))
        assert_protected(program := site.get("/api/case"))
    finally:
        aside.rename(socket_file)
    assert page.status == 502
    assert "Det gick inte den här gången" in page.body.decode()
    assert (program.status, json.loads(program.body)["code"]) == (503, "unavailable")
