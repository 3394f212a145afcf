"""Every failure ends here: as a plain page for people, as problem details for programs, with nothing else in either."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import Busy, NotFound, Refusal
from tipportal.domain.texts import N_

from .csrf import TOKEN_FIELD, current_token
from .guard import rule_of
from .problems import problem, wants_json
from .received_files import received_files

LOG = logging.getLogger("tipportal")
INTERNAL = 500
RETRY_SECONDS = 5
"""When to ask again of a server that was busy."""
_HERE = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failure in plain words (Swedish msgids), with its stable code."""

    code: str
    title: str
    text: str


NOT_FOUND = Explanation(
    "not_found",
    N_("Sidan finns inte"),
    N_("Kontrollera att adressen är rätt skriven. Sidan kan också ha flyttats eller tagits bort."),
)
BROKEN = Explanation(
    "internal_error",
    N_("Något gick fel hos oss"),
    N_("Felet är vårt, inte ditt. Försök igen om en stund."),
)
NOT_TAKEN = N_("Begäran gick inte att ta emot")
BY_STATUS = {
    400: Explanation("bad_request", NOT_TAKEN, N_("Gå tillbaka till sidan och försök igen.")),
    404: NOT_FOUND,
    405: Explanation("method_not_allowed", NOT_TAKEN, N_("Gå till startsidan och försök igen.")),
    411: Explanation("length_required", NOT_TAKEN, N_("Begäran måste ange hur lång den är.")),
    413: Explanation(
        "too_large",
        N_("Det blev för mycket på en gång"),
        N_(
            "Det du skickade var större än vad som tas emot på en gång. Öppna sidan på nytt och skicka mindre åt "
            "gången: korta texten, eller skicka filerna efteråt, några i taget, som meddelanden i ärendet."
        ),
    ),
    415: Explanation(
        "unsupported_media_type",
        NOT_TAKEN,
        N_("Innehållet har en form som inte tas emot här."),
    ),
    INTERNAL: BROKEN,
}
_WRITERS = frozenset({Permission.PUBLIC, Permission.SOURCE})
_HOUSEKEEPING = frozenset({"csrf_token", "form_secret", "step", "code", "files"})
"""Fields that are carried on and not shown."""
REFUSED = N_("Det gick inte den här gången")


def set_up_errors(app: Flask) -> None:
    """Answer every refusal, every HTTP error and everything unexpected."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_stay_on_this_host)


def log_unexpected(error: BaseException) -> None:
    """Write down where something unexpected happened: types, files and lines.

    Never the message (it may quote what somebody wrote), never values, never the request.
    """
    seen: BaseException | None = error
    lines: list[str] = []
    while seen is not None:
        lines.append(type(seen).__qualname__)
        lines += [f"  {frame}" for frame in _frames(seen.__traceback__)]
        seen = seen.__cause__ or seen.__context__
    LOG.error("unexpected %s", "\n".join(lines))


def error_page(status: int, explanation: Explanation) -> Response:
    """A page that says what happened and what to do, in plain words, with what was written and a way to send it again.

    Going back is no way to it: browsers restore nothing on a page that they were told not to store.
    """
    title, text = gettext(explanation.title), gettext(explanation.text)
    kept = _kept()
    page = render_template(
        "error.html",
        title=title,
        text=text,
        kept=kept,
        housekeeping=_HOUSEKEEPING,
        files_lost=bool(kept) and received_files().named,
    )
    return make_response(page, status)


def _kept() -> list[tuple[str, str]]:
    """The fields of a form of somebody without an account, unless another site's page sent it."""
    rule = rule_of(current_app, request.endpoint) if request.endpoint else None
    if rule is None or not rule.keeps_text or rule.permission not in _WRITERS or "from_here" not in g:
        return []
    left = {TOKEN_FIELD, "step"} if received_files().named else {TOKEN_FIELD}
    # Files cannot be carried on: without its step the form goes to where they are chosen instead of leaving without.
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in left]
    return [(TOKEN_FIELD, current_token(rule.forms[0])), *fields] if fields else []


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{_short(Path(frame.filename))}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _short(path: Path) -> str:
    return str(path.relative_to(_HERE)) if path.is_relative_to(_HERE) else path.name


def _refusal(error: Refusal) -> Response:
    if wants_json():
        answer = problem(error.status, error.code, error.reason, field=error.field)
    elif isinstance(error, NotFound):
        # Unknown, foreign, excluded and mistyped: one page.
        answer = error_page(404, NOT_FOUND)
    else:
        answer = error_page(error.status, Explanation(error.code, REFUSED, error.reason))
    if isinstance(error, Busy):
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code is not None and error.code < 400):  # noqa: PLR2004 - a redirect
        return make_response(error.get_response())
    status = error.code or INTERNAL
    known = BY_STATUS.get(status, BY_STATUS[400])
    answer = problem(status, known.code, known.text) if wants_json() else error_page(status, known)
    if allow := dict(error.get_headers()).get("Allow"):
        # RFC 9110, 15.5.6: a 405 says what is allowed.
        answer.headers["Allow"] = allow
    return answer


def _stay_on_this_host(answer: Response) -> Response:
    # The router's own redirects name scheme and host as the request came in: plain HTTP behind a proxy that ends TLS.
    if answer.location and isinstance(request.routing_exception, RequestRedirect):
        parts = urlsplit(request.routing_exception.new_url)
        answer.location = urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))
    return answer


def _unexpected(error: Exception) -> Response:
    log_unexpected(error)
    return problem(INTERNAL, BROKEN.code, BROKEN.text) if wants_json() else error_page(INTERNAL, BROKEN)
