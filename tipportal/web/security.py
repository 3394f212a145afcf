"""Security headers on every answer, set by the application itself: on errors, redirects, files and its own crash."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .errors import log_unexpected
from .policies import NEEDS, framing, policy

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Integrity-Policy", "blocked-destinations=(script)"),
    ("Origin-Agent-Cluster", "?1"),
    (
        "Permissions-Policy",
        (
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
            "microphone=(), midi=(), payment=(), usb=()"
        ),
    ),
    ("X-DNS-Prefetch-Control", "off"),
    # No robot has a reason to list a page where somebody is about to tell something.
    ("X-Robots-Tag", "noindex, nofollow"),
)
TWO_YEARS = 2 * 365 * 24 * 3600
_CRASH = (
    "<!doctype html><html lang=sv><meta charset=utf-8><title>Fel</title>"
    "<p>Något gick fel hos oss. Försök igen om en stund."
).encode()


class SecurityHeaders:
    """WSGI middleware around the whole application."""

    def __init__(self, app: WSGIApplication, *, https: bool) -> None:
        self._app = app
        transport = (("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains"),) if https else ()
        self._headers = HEADERS + transport

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request with every header in place."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /) -> object:
            needs = frozenset(environ.get(NEEDS, ()))
            given = {name.lower() for name, _ in headers}
            # Only static files may be kept: their names carry their content's hash.
            cache = () if "cache-control" in given else (("Cache-Control", "no-store"),)
            own = (("Content-Security-Policy", policy(needs)), ("X-Frame-Options", framing(needs)))
            headers = [*headers, *own, *cache, *self._headers]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        try:
            return self._app(environ, start)  # type: ignore[arg-type]  # nobody here uses the write() that PEP 3333 keeps
        except Exception as error:  # noqa: BLE001 - the last resort: whatever it was, no server's own page is shown
            log_unexpected(error)
            start("500 Internal Server Error", [("Content-Type", "text/html; charset=utf-8")])
            return [_CRASH]
