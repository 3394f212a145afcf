"""Run the faces under gunicorn with threads: it never spools a request's body to disk."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from typing import TYPE_CHECKING
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidHTTPVersion,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from tipportal.web.errors import log_unexpected
from tipportal.web.security import HEADERS, TWO_YEARS

if TYPE_CHECKING:
    from gunicorn.http.message import Request

from tipportal.web import interpreter

GRACEFUL_SECONDS = 20
REFUSED_SECONDS = 5
REFUSED_BYTES = 10 << 20
"""As much of a refused body is still read, for so long: what the proxy of ``deploy/`` gathers in memory at most."""
_PR_SET_DUMPABLE = 4
_STATUSES: tuple[tuple[type[BaseException], str], ...] = (
    (LimitRequestLine, "414 URI Too Long"),
    (ExpectationFailed, "417 Expectation Failed"),
    (LimitRequestHeaders, "431 Request Header Fields Too Large"),
    (UnsupportedTransferCoding, "501 Not Implemented"),
    (InvalidHTTPVersion, "505 HTTP Version Not Supported"),
    (ParseException, "400 Bad Request"),
)
_POLICY = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
"""For a page that needs nothing from anywhere."""
_PAGE = (
    "<!doctype html><html lang=sv><meta charset=utf-8><title>Begäran gick inte att ta emot</title>"
    "<p>Begäran gick inte att ta emot. Gå tillbaka och försök igen."
    "<p lang=en>The request could not be taken. Go back and try again.\n"
)


class Server(BaseApplication):
    """gunicorn with our settings and nothing from its own configuration files.

    No access log exists at all: it would hold addresses and exact times of sources. ``when_answering`` is called in the
    first worker once it can answer. ``https``: whether people reach this installation over TLS. Where systemd hands
    over a listening socket (``LISTEN_FDS``), that one is served and ``bind`` is not used.
    """

    def __init__(
        self,
        make_app: Callable[[], WSGIApplication],
        *,
        bind: list[str],
        workers: int,
        threads: int,
        https: bool = False,
        when_answering: Callable[[], None] = lambda: None,
    ) -> None:
        self._make_app = make_app
        self._bind = bind
        self._workers = workers
        self._threads = threads
        self._when_answering = when_answering
        self.https = https
        super().__init__()

    def load_config(self) -> None:
        """Set every value that matters; called by gunicorn."""
        chosen: dict[str, object] = {
            "bind": self._bind,
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": Worker,
            "logger_class": FrugalLogger,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "error",
            "capture_output": False,
            "graceful_timeout": GRACEFUL_SECONDS,
            "control_socket_disable": True,
            "post_worker_init": self._answering,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> WSGIApplication:  # type: ignore[override] # the stubs' own type lacks WSGI's start_response
        """Make the application in each worker, after the fork: no connection is ever shared between processes."""
        app = self._make_app()
        interpreter.tune()
        return app

    def run(self) -> None:
        """Serve until told to stop."""
        close_memory()
        super().run()

    def _answering(self, worker: object) -> None:
        if getattr(worker, "age", None) == 1:
            self._when_answering()


class FrugalLogger(Logger):
    """gunicorn's log without what an exception says: its message may quote an address or what somebody wrote."""

    def exception(self, msg: object, *args: object, **kwargs: object) -> None:  # noqa: ARG002 - they name the address asked for
        """Write down where it broke, and no more."""
        if (error := sys.exc_info()[1]) is not None:
            log_unexpected(error)


class Worker(ThreadWorker):
    """gunicorn's worker of threads, with our own answer to what never becomes a request."""

    def handle_error(self, req: Request | None, client: socket, addr: object, exc: BaseException) -> None:  # noqa: ARG002 - gunicorn's signature
        """Answer what cannot be read as HTTP, or broke outside the application, with the headers of every answer.

        gunicorn's own would log the sender's address and quote the request back.
        """
        refused = next((status for kind, status in _STATUSES if isinstance(exc, kind)), None)
        if refused is None:
            log_unexpected(exc)
        answer = _answer(refused or "500 Internal Server Error", https=bool(getattr(self.app, "https", False)))
        # Whoever sent it may be gone already.
        with suppress(OSError):
            client.sendall(answer)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:  # noqa: FBT001 - gunicorn's signature
        # gunicorn reads 64 KiB of a body that was refused unread, and then hangs up: a proxy that is still sending sees
        # a broken line instead of the refusal.
        until = time.monotonic() + REFUSED_SECONDS
        parser = conn.parser
        if not keepalive or not isinstance(parser, RequestParser):
            return False
        read: object = parser.finish_body(deadline=until, max_bytes=REFUSED_BYTES)  # type: ignore[func-returns-value] # the stubs are of an older gunicorn: it tells whether all was read
        return read is True


def close_memory() -> None:
    """Let no other process of the same user read this one's memory, and no crash write it to disk. Linux only.

    Both faces run under one user, because sealed files belong to their writer: this keeps each face's key from the
    other. Children inherit it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _answer(status: str, *, https: bool) -> bytes:
    body = _PAGE.encode()
    headers = [
        ("Connection", "close"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", _POLICY),
        ("Cache-Control", "no-store"),
        ("X-Frame-Options", "DENY"),
        *HEADERS,
    ]
    if https:
        headers.append(("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains"))
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + body
