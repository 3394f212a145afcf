"""Compression of answers by the application itself, where it is safe.

The size of a compressed answer tells whether two parts of it are alike (BREACH). It is safe where an answer holds no
secret beside text that somebody else chose. So only answers to GET of endpoints that are open to everybody are
compressed: they repeat nothing of the request but its path, and the form token in them is new each time. What is shown
again after a POST, a source's dialogue and the whole handler face are sent as they are.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, current_app, request

from tipportal.domain.accounts import Permission

from .guard import rule_of

SMALLEST = 500
"""Bytes below which compressing gains less than its own framing."""
_TYPES = frozenset({"text/html", "text/plain", "application/json", "application/problem+json"})


def set_up_compression(app: Flask) -> None:
    """Compress the answers of an app."""
    app.after_request(_compress)


def accepts_gzip() -> bool:
    """Whether the asker takes gzip (RFC 9110, 12.5.3)."""
    return request.accept_encodings["gzip"] > 0


def _compress(answer: Response) -> Response:
    rule = rule_of(current_app, request.endpoint) if request.endpoint else None
    public = rule is not None and rule.permission is Permission.PUBLIC and request.method in {"GET", "HEAD"}
    whole = not (answer.is_streamed or answer.direct_passthrough or answer.content_encoding)
    if not (public and whole and answer.mimetype in _TYPES):
        return answer
    answer.vary.add("Accept-Encoding")
    body = answer.get_data()
    if len(body) >= SMALLEST and accepts_gzip():
        answer.set_data(gzip.compress(body, 6, mtime=0))
        answer.content_encoding = "gzip"
    return answer
