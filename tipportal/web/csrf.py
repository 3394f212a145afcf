"""Whether an unsafe request comes from our own page: where the browser says it is from, and the token it carries.

``no-referrer`` makes browsers post ``Origin: null`` and no Referer, so neither can be asked for. ``Sec-Fetch-Site``
decides where it is sent (every browser since 2023); the token decides in any case.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from flask import g, request
from werkzeug.exceptions import HTTPException

from tipportal.domain.errors import Refusal
from tipportal.domain.texts import N_

from .form_tokens import FormToken, TokenInvalid
from .json_body import json_members
from .services import form_tokens, services

TOKEN_FIELD = "csrf_token"  # noqa: S105  # nosec B105 - the name of the field, not what is in it
TOKEN_HEADER = "Tipportal-CSRF"  # noqa: S105  # nosec B105 - the name of the header
_DIGEST = 32


class CrossSite(Refusal):
    """The request was made by a page of somebody else."""

    code = "cross_site"
    status = 403


def check_origin() -> None:
    """Refuse an unsafe request that another site's page made. Raises CrossSite."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # Not "same-site": a neighbour under the municipality's domain is somebody else. Not "none" either: nothing that
        # changes anything is reached by typing an address.
        allowed = site == "same-origin"
    else:
        settings = services().settings
        own = {settings.public_url, settings.handler_url, f"{request.scheme}://{request.host}"}
        allowed = request.headers.get("Origin", "null") in own | {"null"}
    if not allowed:
        raise CrossSite(N_("Begäran kom från en annan webbplats och togs inte emot."))


def given_token() -> str:
    """The token as sent: header, JSON member or form field. Empty when there is none.

    Raises what went wrong when the form was read.
    """
    header = request.headers.get(TOKEN_HEADER)
    if header is not None:
        return header
    if request.is_json:
        value = json_members().get(TOKEN_FIELD, "")
        return value if isinstance(value, str) else ""
    token = request.form.get(TOKEN_FIELD, "")
    failure: HTTPException | None = g.get("body_failure")
    if failure is not None:
        raise failure
    return token


def session_token(binding: bytes) -> str:
    """A token bound to a session by its 32-byte ``binding``.

    Masked with fresh random bytes: it looks different in every answer, so that lengths of compressed answers teach
    nothing about it (BREACH).
    """
    mask = services().contexts["handler"].random(_DIGEST)
    return base64.urlsafe_b64encode(mask + _xor(mask, _session_digest(binding))).decode()


def check_session_token(text: str, binding: bytes) -> None:
    """Check a session's token. Raises TokenInvalid."""
    try:
        raw = base64.b64decode(text.encode("ascii"), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raw = b""
    genuine = len(raw) == 2 * _DIGEST and hmac.compare_digest(
        _xor(raw[:_DIGEST], raw[_DIGEST:]), _session_digest(binding)
    )
    if not genuine:
        raise TokenInvalid(N_("Sidan hör till en tidigare inloggning. Ladda om den och försök igen."))


def check_form_token(text: str, purposes: tuple[str, ...]) -> FormToken:
    """Check a form token, expired or not, and keep it for the view as ``g.form_token``. Raises TokenInvalid."""
    g.form_token = form_tokens().verify(text, purposes)
    return g.form_token  # type: ignore[no-any-return]  # assigned in the line above


def current_token(purpose: str) -> str:
    """A form token for a page that is being made. A form shown again keeps its nonce, and so what hangs on it."""
    sent: FormToken | None = g.get("form_token")
    nonce = sent.nonce if sent is not None and sent.purpose == purpose else None
    return form_tokens().issue(purpose, nonce)


def _session_digest(binding: bytes) -> bytes:
    return services().contexts["handler"].keyed("csrf", hashlib.sha256(binding).digest())


def _xor(one: bytes, two: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, two, strict=True))
