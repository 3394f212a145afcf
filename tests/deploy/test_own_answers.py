"""gunicorn's refusals of what it cannot read carry our headers and quote nothing."""

from __future__ import annotations

import os
import socket

import pytest

from tests.deploy.trial import Deployed, read_answer, workers
from tests.support.servers import CANARY
from tests.support.traces import found_in, spellings
from tipportal.web.security import HEADERS

QUOTED = CANARY.encode()


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (400, b"G@T /" + QUOTED + b" HTTP/1.1\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Name: " + QUOTED + b"\r\n\r\n"),
        (400, QUOTED + b"\r\n\r\n"),
        (414, b"GET /" + QUOTED + b"a" * 5000 + b" HTTP/1.1\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nX: " + QUOTED + b"a" * 9000 + b"\r\n\r\n"),
        (501, b"POST / HTTP/1.1\r\nTransfer-Encoding: " + b"rot13" + b"\r\n\r\n"),
        (505, b"GET / HTTP/7.1\r\nHost: localhost\r\n\r\n"),
    ],
)
def test_what_is_no_request_is_answered_with_every_header(site: Deployed, status: int, raw: bytes) -> None:
    log = site.folder / "logs" / "public.stderr"
    before = log.read_text()
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(site.folder / "run" / "public.sock"))
        line.sendall(raw)
        answer = read_answer(line)
    assert answer.status == status
    assert [answer.headers[name] for name, _ in HEADERS] == [value for _, value in HEADERS]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Server"] is None
    assert found_in(answer.body, spellings(CANARY)) == []
    assert log.read_text() == before


def test_nobody_else_of_the_same_user_reads_a_face_s_memory(site: Deployed) -> None:
    master = site.processes["public"].pid
    # The kernel gives what belongs to a process that is closed to root, whoever runs it.
    for number in {master, *workers(site)}:
        owned = os.stat(f"/proc/{number}/environ")  # noqa: PTH116 - a file of the kernel
        assert (owned.st_uid, owned.st_gid) == (0, 0)
