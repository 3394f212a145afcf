"""The proxy: what it passes on, what it keeps to itself, and that it remembers nobody."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from contextlib import ExitStack

import pytest

from tests.deploy.trial import DEPLOY, HOSTS, PATIENCE, Answer, Deployed, read_answer, workers
from tests.support.servers import USER_AGENT
from tipportal.domain.files import PART_SIZE
from tipportal.settings import MEBIBYTE, VARIABLES
from tipportal.web.anonymity import KEPT
from tipportal.web.guard import QUOTAS
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
        413: head("POST", "/arende/utan-javascript", Content_Length=10_000_000),
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


def test_bodies_as_large_as_they_may_be_reach_the_portal(site: Deployed) -> None:
    # What each leaves on the proxy's disk, nothing, is looked for when all tests are done.
    words = site.canary().encode()
    for path, size, kind in (
        ("/api/cases", 2 * MEBIBYTE, "application/json"),
        ("/bjorkvik/tips/utan-javascript", 2 * MEBIBYTE, "application/x-www-form-urlencoded"),
        ("/bjorkvik/tips/utan-javascript", 9_999_999, "application/x-www-form-urlencoded"),
        ("/bjorkvik/tips/utan-javascript", 6 * MEBIBYTE, "multipart/form-data; boundary=x"),
        ("/api/uploads", PART_SIZE, "application/octet-stream"),
    ):
        answer = site.ask(head("POST", path, Content_Length=size, Content_Type=kind) + words.ljust(size, b"."))
        assert answer.status in {400, 403, 413, 422}
        assert_from_the_portal(answer)


def assert_from_the_portal(answer: Answer) -> None:
    # What the proxy says itself has a policy that allows nothing.
    assert "style-src" in answer.headers["Content-Security-Policy"]


def test_the_limits_go_with_the_settings() -> None:
    defaults = {
        variable.name: int(variable.default or 0) for variable in VARIABLES if (variable.default or "").isdigit()
    }
    assert f"TIPPORTAL_MAX_BODY={defaults['MAX_BODY']}\n" in (DEPLOY / "settings" / "common.env").read_text()
    assert snippet("small-bodies")["client_max_body_size"] == defaults["MAX_BODY"]
    assert snippet("parts")["client_max_body_size"] == PART_SIZE
    assert snippet("streamed-bodies")["client_max_body_size"] == QUOTAS * defaults["CASE_QUOTA"]
    # Forms with files may all come to one process, which must still answer others.
    (forms,) = re.findall(
        r"tipportal_streamed (\d+);", (DEPLOY / "nginx" / "tipportal-streamed-bodies.conf").read_text()
    )
    assert int(forms) <= defaults["THREADS"] * 3 // 4
    for name in ("small-bodies", "parts"):
        # What fits in the buffer is written to no file.
        assert snippet(name)["client_body_buffer_size"] > snippet(name)["client_max_body_size"]


def snippet(name: str) -> dict[str, int]:
    """The sizes that a snippet sets, in bytes."""
    text = (DEPLOY / "nginx" / f"tipportal-{name}.conf").read_text()
    units = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    sizes = re.findall(r"^(\w+_size) (\d+)([kmg]);", text, re.MULTILINE)
    return {directive: int(number) * units[unit] for directive, number, unit in sizes}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/panel", "application/json"),
        ("/bjorkvik/tips/utan-javascript", "application/x-www-form-urlencoded"),
        ("/bjorkvik/tips/utan-javascript", "multipart/form-data; boundary=x"),
    ],
)
def test_slow_senders_do_not_hold_all_threads(site: Deployed, path: str, kind: str) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            line = stack.enter_context(site.line(PUBLIC))
            line.sendall(head("POST", path, Content_Length=60_000, Content_Type=kind) + b"--x\r\n")
        begun = time.monotonic()
        assert site.get("/").status == 200
        # Well before the first of them is given up.
        assert time.monotonic() - begun < 15


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
