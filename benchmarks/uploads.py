"""A 100 MB file on both ways in, against a bare view that streams the same body to a file; and the memory it takes.

The worker's memory is the most it ever had resident, counted from before the first file (Linux, ``VmHWM``).
"""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import re
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from tipportal.cli.demo_cases import codes
from tipportal.domain.files import PART_SIZE
from tipportal.envelope.files import seal_file

from .installation import JSON, environment, post
from .served import served

MEGABYTES = 100
ROUNDS = 7
PIECE = 1024 * 1024
BOUNDARY = "tipportal-benchmark"
CASE = "/arende/utan-javascript"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_COOKIE = re.compile(r"([^=;]+=[^;]+)")


def main() -> None:
    """Measure in turns and print the median of each, their ratio, and the memory."""
    content = os.urandom(MEGABYTES * 1_000_000)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        data = Path(folder)
        _, variables = environment(data / "portal")
        bare = {"BARE_FILE": str(data / "bare")}
        with (
            served("tipportal.app:serve_app()", variables, workers=1) as (port, master),
            served("benchmarks.streaming:make()", bare, workers=1) as (bare_port, bare_master),
        ):
            _in_parts(content, _Server(port, master), _Server(bare_port, bare_master))
            _in_a_form(content, _Server(port, master), _Server(bare_port, bare_master))


class _Server:
    def __init__(self, port: int, master: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self._status = Path(f"/proc/{_child(master)}/status")
        self._before = 0.0

    def begin(self) -> None:
        """Forget the peak so far (Linux: 5 in ``clear_refs``), and remember what is resident now."""
        self._status.with_name("clear_refs").write_text("5")
        self._before = self._peak()

    def grown(self) -> float:
        """How much more memory its worker has had resident at most since then, in MB."""
        return self._peak() - self._before

    def _peak(self) -> float:
        return int(re.findall(r"VmHWM:\s+(\d+)", self._status.read_text())[0]) / 1000

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        """Send a request in pieces, so that the client holds the body once; 2xx or 303, or RuntimeError."""
        with contextlib.suppress(BrokenPipeError):
            # Refused halfway: the answer says why.
            self.connection.request(method, path, iter(_pieces(body)), {**headers, "Content-Length": str(len(body))})
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status // 100 != 2 and answer.status != http.HTTPStatus.SEE_OTHER:  # noqa: PLR2004 - any success
            raise RuntimeError(f"{path}: {answer.status} {said[:300]!r}")
        return answer


def _in_parts(content: bytes, ours: _Server, bare: _Server) -> None:
    sealed, _ = seal_file(content, random=secrets.token_bytes)
    token = str(post(ours.connection, "/api/form-token", b'{"purpose": "tip"}')["csrf_token"])

    def send(server: _Server, address: str) -> None:
        # The server may have ended one that was idle since the last round.
        server.connection.close()
        upload = secrets.token_hex(16)
        headers: dict[str, str] = {}
        for offset in range(0, len(sealed), PART_SIZE):
            headers = {
                **JSON,
                "Content-Type": "application/octet-stream",
                "Tipportal-CSRF": token,
                "Tipportal-Upload": upload,
                "Tipportal-Offset": str(offset),
                "Tipportal-Size": str(len(sealed)),
            }
            server.send("POST", address, sealed[offset : offset + PART_SIZE], headers)
        if server is ours:
            server.send("DELETE", address, b"", {**headers, "Content-Type": ""})

    _compare("in parts", len(sealed), lambda: send(ours, "/api/uploads"), lambda: send(bare, "/"), ours)


def _in_a_form(content: bytes, ours: _Server, bare: _Server) -> None:
    number = iter(range(1000))

    def send() -> None:
        # A session and a page of its own each time: what it sends is one message with one file.
        ours.connection.close()
        cookie, token = _enter(ours.connection)
        body = _form({"csrf_token": token, "message": f"En fil till, nummer {next(number)}."}, content)
        begun = time.perf_counter()
        ours.send("POST", f"{CASE}/arende", body, {**_multipart(), "Cookie": cookie})
        taken.append(time.perf_counter() - begun)

    taken: list[float] = []
    same = _form({"csrf_token": "x" * 200, "message": "En fil till."}, content)
    ours.begin()
    theirs: list[float] = []
    durable: list[float] = []
    for _ in range(ROUNDS):
        send()
        for address, seconds in (("/", theirs), ("/?durable", durable)):
            bare.connection.close()
            seconds.append(_seconds(partial(bare.send, "POST", address, same, _multipart())))
    _tell("in a form, sealed on arrival and made durable", len(content), taken, theirs, ours.grown())
    ratio = statistics.median(durable) / statistics.median(taken)
    print(f"  of the bare view that makes its file durable too: {ratio:.0%}")


def _compare(
    name: str, size: int, ours_once: Callable[[], object], bare_once: Callable[[], object], ours: _Server
) -> None:
    ours.begin()
    taken, theirs = [], []
    for _ in range(ROUNDS):
        taken.append(_seconds(ours_once))
        theirs.append(_seconds(bare_once))
    _tell(name, size, taken, theirs, ours.grown())


def _tell(name: str, size: int, taken: list[float], theirs: list[float], grown: float) -> None:
    rate, baseline = (size / statistics.median(seconds) / 1e6 for seconds in (taken, theirs))
    print(
        f"{name}: {rate:.0f} MB/s (of {size / max(taken) / 1e6:.0f}–{size / min(taken) / 1e6:.0f}), bare "
        f"{baseline:.0f} MB/s ({size / max(theirs) / 1e6:.0f}–{size / min(theirs) / 1e6:.0f}): {rate / baseline:.0%}; "
        f"the worker grew by {grown:.1f} MB at most"
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _enter(connection: http.client.HTTPConnection) -> tuple[str, str]:
    """Begin a source's session without JavaScript: its cookie, and the token of the page with the message form."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    token = _token(connection, CASE, {})
    connection.request("POST", CASE, urlencode({"csrf_token": token, "code": codes()[0].text}), form)
    answer = connection.getresponse()
    answer.read()
    found = _COOKIE.match(answer.headers.get("Set-Cookie", ""))
    if found is None:
        raise RuntimeError(answer.status)
    return found[1], _token(connection, f"{CASE}/arende", {"Cookie": found[1]})


def _token(connection: http.client.HTTPConnection, address: str, headers: Mapping[str, str]) -> str:
    connection.request("GET", address, headers=dict(headers))
    found = _TOKEN.findall(connection.getresponse().read().decode())
    if not found:
        raise RuntimeError(address)
    return str(found[-1])


def _multipart() -> dict[str, str]:
    return {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Sec-Fetch-Site": "same-origin"}


def _form(fields: Mapping[str, str], content: bytes) -> bytes:
    made = io.BytesIO()
    for name, value in fields.items():
        made.write(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    made.write(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="bok.bin"\r\n'.encode())
    made.write(b"Content-Type: application/octet-stream\r\n\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode())
    return made.getvalue()


def _pieces(body: bytes) -> Iterator[memoryview]:
    view = memoryview(body)
    for start in range(0, len(view), PIECE):
        yield view[start : start + PIECE]


def _child(master: int) -> int:
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])


if __name__ == "__main__":
    main()
