"""Answers to machines: `application/problem+json` (RFC 9457) with a stable ``code``."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, json, request
from flask_babel import gettext

MEDIA_TYPE = "application/problem+json"


def wants_json() -> bool:
    """Whether the asker is a program: by the address, by what it sent, or by what alone it takes."""
    return "/api/" in f"{request.path}/" or request.is_json or request.accept_mimetypes.best == "application/json"


def problem(status: int, code: str, detail: str, *, field: str | None = None) -> Response:
    """A refusal as problem details. ``detail`` is a Swedish msgid; ``field`` names the input concerned."""
    members: dict[str, str | int] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": gettext(detail),
    }
    if field is not None:
        members["field"] = field
    return Response(json.dumps(members), status, content_type=MEDIA_TYPE)
