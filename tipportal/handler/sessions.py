"""The handler's session: one random secret in a cookie, of which the server keeps only the digest."""

from __future__ import annotations

import base64
import binascii

from flask import Flask, Response, g, request
from flask.blueprints import BlueprintSetupState

from tipportal.domain.accounts import Account, Role, Session
from tipportal.usecases import sign_in
from tipportal.web.guard import SignedIn, set_account_loader, signed_in
from tipportal.web.services import context, services

from . import blueprint

SECRET_SIZE = 32
_COOKIE = "tipportal-session"
_DEVICE = "tipportal-device"
_DEVICE_SECONDS = 365 * 24 * 3600


def me() -> Account:
    """The account that asks, in a view that requires one."""
    return signed_in().account


def my_session() -> Session:
    """The session that asks, in a view that requires an account."""
    return g.handler_session  # type: ignore[no-any-return]  # set by the loader, or the view does not run


def page_owner(account: Account) -> str:
    """What a page calls the person it was made for: tells two people apart, and nothing else about them."""
    return context().keyed("page-owner", account.id.encode()).hex()


def load() -> SignedIn | None:
    """Who the request's cookie belongs to; None for no cookie, a malformed one, or one that has ended."""
    found = sign_in.account_of(context(), _secret(request.cookies.get(_name(_COOKIE))))
    if found is None:
        return None
    account, g.handler_session = found
    designated = account.role is not Role.HANDLER or sign_in.is_designated(context(), account)
    return SignedIn(account, g.handler_session.id_digest, designated=designated)


def keep(answer: Response, secret: bytes) -> None:
    """Give a new session's secret to the browser, until it closes."""
    _set(answer, _COOKIE, base64.urlsafe_b64encode(secret).decode().rstrip("="), None)


def forget(answer: Response) -> None:
    """Take the session's cookie back."""
    answer.delete_cookie(_name(_COOKIE), path="/", secure=services().settings.https, httponly=True, samesite="Strict")


def device_mark() -> str | None:
    """The mark of a browser that has signed in before, as sent."""
    return request.cookies.get(_name(_DEVICE))


def keep_device_mark(answer: Response, mark: str) -> None:
    """Mark this browser, so that strangers' failures to sign in do not slow its owner down."""
    _set(answer, _DEVICE, mark, _DEVICE_SECONDS)


def _set(answer: Response, name: str, value: str, seconds: int | None) -> None:
    # Path "/": the same face also answers below a language's prefix, and __Host- demands it.
    answer.set_cookie(
        _name(name),
        value,
        max_age=seconds,
        path="/",
        secure=services().settings.https,
        httponly=True,
        samesite="Strict",
    )


def _name(name: str) -> str:
    # __Host- binds the cookie to this host and to TLS; browsers refuse the prefix on plain http.
    return f"__Host-{name}" if services().settings.https else name


def _secret(text: str | None) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(f"{text or ''}=".encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return None
    return raw if len(raw) == SECRET_SIZE else None


def _recognise(state: BlueprintSetupState) -> None:
    app = state.app
    if isinstance(app, Flask):
        set_account_loader(app, load, "handler.sign_in_page")


blueprint.record_once(_recognise)
