"""What auditors see: the handling log with cases under pseudonyms, and its checkpoints, which they acknowledge."""

from __future__ import annotations

from datetime import date

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import TextAreaField

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import AlreadyDecided, Invalid, LogDisagrees, NotFound
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.texts import N_
from tipportal.usecases import auditing, checkpoints
from tipportal.usecases.auditing import Wanted
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint, sessions, wording
from .administration_fields import later
from .shown import shown_time

_LONGEST = 15
_LABEL = N_("Kontrollpunktens text")
_HINT = N_("Hela texten ur brevet eller ur er egen kopia, också raden som börjar med ett streck.")
_TEXT = 4_000
_FIRST_YEAR = 2000


class CheckpointText(PortalForm):
    """The text of a checkpoint, given back."""

    checkpoint = TextAreaField(
        later(_LABEL),
        description=later(_HINT),
        render_kw={"rows": 7, "maxlength": _TEXT, "spellcheck": "false", "autocomplete": "off"},
    )


class Kept(PortalForm):
    """One button: I have it."""


@blueprint.get("/logg")
@requires(Permission.AUDIT)
def log() -> ResponseReturnValue:
    """A page of the log, newest first; filters are GET parameters."""
    wanted = Wanted(_kind(), _day("first"), _day("last"))
    page = auditing.audit_page(context(), sessions.me(), _before(), wanted)
    kinds = sorted(((gettext(words), kind.value) for kind, words in wording.ENTRIES.items()), key=lambda each: each[0])
    older = None
    if page.older is not None:
        older = url_for(
            "handler.log", before=page.older, kind=wanted.kind, first=_iso(wanted.first), last=_iso(wanted.last)
        )
    return render_template(
        "handler/log.html",
        page=page,
        wanted=wanted,
        kinds=kinds,
        older=older,
        state=checkpoints.state(context()),
        shown_time=shown_time,
        wording=wording,
    )


@blueprint.route("/logg/kontrollpunkter", methods=["GET", "POST"])
@requires(Permission.AUDIT)
def log_checkpoints() -> ResponseReturnValue:
    """The newest checkpoints; posted: the text of one, which acknowledges it when it agrees with the log."""
    form = CheckpointText()
    if not form.validate_on_submit():
        return _checkpoints(form, 422 if form.is_submitted() else 200)
    try:
        checkpoints.confirm_text(context(), sessions.me(), form.checkpoint.data or "")
    except (Invalid, AlreadyDecided, LogDisagrees) as refusal:
        form.checkpoint.errors = [*form.checkpoint.errors, gettext(refusal.reason)]
        return _checkpoints(form, refusal.status)
    return redirect(url_for("handler.log_checkpoints"), 303)


@blueprint.route("/logg/kontrollpunkter/<size>", methods=["GET", "POST"])
@requires(Permission.AUDIT)
def log_checkpoint(size: str) -> ResponseReturnValue:
    """One checkpoint, to print or keep; posted: the reader has it."""
    form = Kept()
    kept = checkpoints.one_of_size(context(), _number(size))
    if not form.validate_on_submit():
        return render_template("handler/log_checkpoint.html", kept=kept, form=form)
    try:
        checkpoints.confirm(context(), sessions.me(), kept.size)
    except LogDisagrees as refusal:
        form.form_errors.append(gettext(refusal.reason))
        return render_template("handler/log_checkpoint.html", kept=kept, form=form), refusal.status
    except AlreadyDecided:
        # They have it, as the list says.
        pass
    return redirect(url_for("handler.log_checkpoints"), 303)


@blueprint.get("/logg/kontrollpunkter/<size>.txt")
@requires(Permission.AUDIT)
def log_checkpoint_text(size: str) -> ResponseReturnValue:
    """A checkpoint as a file: the signed note, byte for byte."""
    kept = checkpoints.one_of_size(context(), _number(size))
    answer = Response(kept.note, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="kontrollpunkt-{kept.size}.txt"'
    return answer


def _checkpoints(form: CheckpointText, status: int) -> ResponseReturnValue:
    seen = checkpoints.overview(context(), sessions.me())
    return render_template("handler/log_checkpoints.html", seen=seen, form=form), status


def _before() -> int | None:
    text = request.args.get("before")
    return None if text is None else _number(text)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        raise NotFound(N_("Sidan finns inte."))
    return int(text)


def _kind() -> EntryKind | None:
    text = request.args.get("kind", "")
    try:
        return EntryKind(text) if text else None
    except ValueError:
        raise NotFound(N_("Sidan finns inte.")) from None


def _day(name: str) -> date | None:
    text = request.args.get(name, "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise NotFound(N_("Sidan finns inte.")) from None
    if day is not None and not _FIRST_YEAR <= day.year < _FIRST_YEAR + 1000:
        raise NotFound(N_("Sidan finns inte."))
    return day


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
