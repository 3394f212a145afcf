"""The one cookie of the public face: a random secret that a source without JavaScript gets after giving the code."""

from __future__ import annotations

import base64
import binascii

from flask import Response, request

from tipportal.web.services import services

SECRET_SIZE = 32


def cookie_name() -> str:
    """The cookie's name. Over TLS the prefix makes browsers refuse one that a neighbouring host has set."""
    return "__Host-tipportal-source" if services().settings.https else "tipportal-source"


def read_secret() -> bytes | None:
    """The secret that this request carries, None when there is none or it is not one."""
    text = request.cookies.get(cookie_name(), "")
    try:
        raw = base64.urlsafe_b64decode(f"{text}=".encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return None
    return raw if len(raw) == SECRET_SIZE else None


def give_secret(answer: Response, secret: bytes) -> Response:
    """Put the secret into the browser until it is closed. No script reads it and no other site's page sends it."""
    answer.set_cookie(
        cookie_name(),
        base64.urlsafe_b64encode(secret).decode().rstrip("="),
        path="/",
        secure=services().settings.https,
        httponly=True,
        samesite="Strict",
    )
    return answer


def take_secret(answer: Response) -> Response:
    """Remove the cookie, where there is one: nobody else's answer says a word about cookies."""
    if cookie_name() not in request.cookies:
        return answer
    answer.delete_cookie(cookie_name(), path="/", secure=services().settings.https, httponly=True, samesite="Strict")
    return answer
