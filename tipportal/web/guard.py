"""The guard: nothing is answered unless its endpoint says who may ask. Whoever forgets to say it, has said nobody.

For each request, in this order: size before anything is read; the address; the endpoint's rule; the origin and the
token of an unsafe request; who is signed in. A view runs only when all of it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import LengthRequired, NotFound, RequestEntityTooLarge, UnsupportedMediaType

from tipportal.domain.accounts import Account, Permission, allows
from tipportal.domain.errors import NotEntitled, TokenExpired
from tipportal.domain.files import PART_SIZE
from tipportal.domain.texts import N_

from . import csrf
from .problems import problem, wants_json
from .services import context, services

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SMALL_BODY = 64 * 1024
"""Bytes that a request may carry unless its endpoint takes what people write."""
BODY_TYPES = frozenset({"", "application/json", "application/x-www-form-urlencoded", "multipart/form-data"})
PART_TYPES = frozenset({"application/octet-stream"})
QUOTAS = 10
"""How many times what one case may hold a form with files may be: it is read to its end for the sake of its text."""
SIGNED_IN = frozenset(
    {Permission.ACCOUNT, Permission.HOLD_KEYS, Permission.HANDLE, Permission.ADMINISTER, Permission.AUDIT}
)
_RULE = "tipportal_rule"
_LOADER = "tipportal_account_loader"

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Rule:
    """What an endpoint demands. ``forms`` are the purposes of the form tokens that its unsafe requests may carry.

    ``Permission.SOURCE`` marks views that judge a case code, a lookup token or a source's session themselves, with the
    use case that opens the case: nothing but the case's own keys can tell whether somebody is its source.
    """

    permission: Permission
    forms: tuple[str, ...] = ()
    keeps_text: bool = False
    large_body: bool = False
    kind: Literal["form", "session", "none"] = "form"
    takes_files: bool = False
    takes_part: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks: the account, and what ties tokens to the session (its cookie's secret, or the digest of it).

    ``designated``: False for a handler whom no decision in force makes a member of a function today.
    """

    account: Account
    binding: bytes = field(repr=False)
    designated: bool = True


@dataclass(frozen=True, slots=True)
class AccountLoader:
    """How the handler face recognises a session, and where people without one are sent (an endpoint)."""

    load: Callable[[], SignedIn | None]
    sign_in: str


def requires(
    permission: Permission,
    *,
    form: str | tuple[str, ...] = (),
    keeps_text: bool = False,
    large_body: bool = False,
    takes_files: bool = False,
    takes_part: bool = False,
) -> Callable[[View], View]:
    """Say who may ask an endpoint. Stands below the route's decorator, on every view.

    ``form``: the purposes of the form token that unsafe requests carry; people with a session carry its token instead.
    ``keeps_text``: an expired token reaches the view as ``g.form_token_expired`` so that it can show the form again
    with what was written (HTML forms only; PortalForm does it), and the page of any failure carries it on.
    ``large_body``: up to ``Settings.max_body`` bytes. ``takes_files``: an HTML form may carry files beside its fields
    (``received_files``). ``takes_part``: the body is one part of a sealed file, and the view reads it.
    """
    forms = (form,) if isinstance(form, str) else form
    kind: Literal["form", "session"] = "session" if permission in SIGNED_IN else "form"
    return _marked(Rule(permission, forms, keeps_text, large_body, kind, takes_files, takes_part))


def requires_origin_only(permission: Permission) -> Callable[[View], View]:
    """As ``requires``, for the one kind of unsafe request that cannot carry a token: asking for a token."""
    return _marked(Rule(permission, kind="none"))


def _marked(rule: Rule) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _RULE, rule)
        return view

    return mark


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """The rule of an endpoint, or None: then nobody may ask."""
    found = getattr(app.view_functions.get(endpoint), _RULE, None)
    return found if isinstance(found, Rule) else None


def unruled(app: Flask) -> Iterator[str]:
    """Endpoints that lack a rule, or take unsafe requests without saying which token they carry."""
    for route in app.url_map.iter_rules():
        rule = rule_of(app, route.endpoint)
        unsafe = (route.methods or set()) - SAFE
        if rule is None or (unsafe and rule.kind == "form" and not rule.forms):
            yield route.endpoint


def set_account_loader(app: Flask, load: Callable[[], SignedIn | None], sign_in: str) -> None:
    """Tell the guard how sessions are recognised. ``sign_in`` is the endpoint of the sign-in page."""
    app.extensions[_LOADER] = AccountLoader(load, sign_in)


def signed_in() -> SignedIn:
    """Who asks, in a view that requires an account: the guard let nobody else in."""
    found: SignedIn = g.signed_in
    return found


def must_be_designated(who: SignedIn) -> None:
    """Raise NotEntitled for a handler whom no decision in force makes a member of a function today."""
    if not who.designated:
        raise NotEntitled(N_("Ingen funktion har utsett dig för i dag. Därför når du inga ärenden."))


def maybe_signed_in() -> SignedIn | None:
    """Who asks, if anybody is signed in."""
    found = g.get("signed_in")
    return found if isinstance(found, SignedIn) else None


def set_up_guard(app: Flask) -> None:
    """Put the guard before every view."""
    app.before_request(_check_size)
    app.before_request(_check_address)
    app.before_request(_check_rule)


def _check_size() -> None:
    if request.method in SAFE:
        # A body that means nothing is never read.
        request.max_content_length = 0
        return
    if "Transfer-Encoding" in request.headers:
        # Without a length there is nothing to refuse by before reading.
        raise LengthRequired
    rule = rule_of(current_app, request.endpoint) if request.endpoint else None
    if request.mimetype not in (PART_TYPES if rule and rule.takes_part else BODY_TYPES):
        raise UnsupportedMediaType
    limit, in_memory = _limits(rule)
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    request.max_content_length = limit
    # What is kept is kept in memory, and bounded above; nothing is spooled to disk.
    request.max_form_memory_size = in_memory


def _limits(rule: Rule | None) -> tuple[int, int]:
    """The largest body that is read, and the most of it that is kept in memory, in bytes."""
    if rule is not None and rule.takes_part:
        return PART_SIZE, PART_SIZE
    in_memory = services().settings.max_body if rule and rule.large_body else SMALL_BODY
    if rule is not None and rule.takes_files and request.mimetype == "multipart/form-data":
        return QUOTAS * context().files.case_quota, in_memory
    return in_memory, in_memory


def _check_address() -> None:
    # PostgreSQL takes no text with a zero byte, so nothing has such a name; SQLite would only find nothing.
    if "\0" in request.path or b"\0" in unquote_to_bytes(request.query_string):
        raise NotFound


def _check_rule() -> ResponseReturnValue | None:
    if request.routing_exception is not None or request.endpoint is None:
        return None
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        raise NotEntitled(N_("Du har inte behörighet till detta."))
    unsafe = request.method not in SAFE
    if unsafe:
        csrf.check_origin()
        g.from_here = True
    if rule.kind == "form" and unsafe:
        _check_form_token(rule)
    return _check_account(rule, unsafe=unsafe) if rule.permission in SIGNED_IN else None


def _check_form_token(rule: Rule) -> None:
    token = csrf.check_form_token(csrf.given_token(), rule.forms)
    g.form_token_expired = token.expired(context().clock())
    # Only a view that says so sees an expired token; a JSON client fetches a new one and sends the same again.
    if g.form_token_expired and not (rule.keeps_text and not request.is_json):
        raise TokenExpired(N_("Sidan har varit öppen för länge. Inget har gått förlorat: försök igen."))


def _check_account(rule: Rule, *, unsafe: bool) -> ResponseReturnValue | None:
    loader = current_app.extensions.get(_LOADER)
    found = loader.load() if isinstance(loader, AccountLoader) else None
    if found is None:
        if isinstance(loader, AccountLoader) and not wants_json() and not unsafe:
            return redirect(url_for(loader.sign_in), 303)
        return problem(401, "sign_in_required", N_("Logga in för att fortsätta."))
    if not allows(found.account.role, rule.permission):
        raise NotEntitled(N_("Du har inte behörighet till detta."))
    if rule.permission is Permission.HANDLE:
        must_be_designated(found)
    if unsafe:
        csrf.check_session_token(csrf.given_token(), found.binding)
    g.signed_in = found
    return None
