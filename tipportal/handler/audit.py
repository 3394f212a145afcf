"""What auditors see: the whole handling log, with cases under pseudonyms."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import NotFound
from tipportal.domain.texts import N_
from tipportal.usecases import auditing
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint, sessions, wording
from .shown import shown_time

_LONGEST = 15


@blueprint.get("/logg")
@requires(Permission.AUDIT)
def log() -> ResponseReturnValue:
    """A page of the log, newest first."""
    page = auditing.audit_page(context(), sessions.me(), _before())
    return render_template("handler/log.html", page=page, shown_time=shown_time, wording=wording)


def _before() -> int | None:
    text = request.args.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        raise NotFound(N_("Sidan finns inte."))
    return int(text)
