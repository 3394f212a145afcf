"""Minutes, meeting times, meetings, concerns for reprisals, after-care and rights, over HTTP."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.aftercare import Found, Phase
from tipportal.domain.conversations import FormName, MeetingMode
from tipportal.domain.errors import Invalid
from tipportal.domain.subjectrights import Decision, Right
from tipportal.domain.texts import N_
from tipportal.usecases import care, conversations
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.services import context

from . import blueprint, sessions
from .reading import sealed_file

_Choice = TypeVar("_Choice", bound=StrEnum)


@blueprint.post("/api/cases/<reference>/forms")
@requires(Permission.HANDLE, large_body=True)
def fill_form(reference: str) -> ResponseReturnValue:
    """Take minutes to check, or times to choose from."""
    read = body()
    form = one_of(FormName, read.text("form", 32), "form")
    mode = one_of(MeetingMode, read.text("mode", 32), "mode") if read.has("mode") else None
    record = sealed_file(read.object("record"))
    read.done()
    written = conversations.fill(context(), sessions.me(), reference, record, form, mode)
    return jsonify(seq=written.seq, date=written.date.isoformat()), 201


@blueprint.post("/api/cases/<reference>/meetings")
@requires(Permission.HANDLE)
def meeting_held(reference: str) -> ResponseReturnValue:
    """Note that a meeting was held."""
    read = body()
    mode, held_on = one_of(MeetingMode, read.text("mode", 32), "mode"), a_day(read, "held_on")
    offer = read.integer("offer") if read.has("offer") else None
    read.done()
    conversations.meeting_held(context(), sessions.me(), reference, mode, held_on, offer)
    return jsonify(held_on=held_on.isoformat()), 201


@blueprint.post("/api/cases/<reference>/reprisals")
@requires(Permission.HANDLE)
def note_reprisal(reference: str) -> ResponseReturnValue:
    """Note that the source fears or meets reprisals."""
    read = body()
    phase = one_of(Phase, read.text("phase", 32), "phase")
    read.done()
    care.note_reprisal(context(), sessions.me(), reference, phase)
    return jsonify(phase=phase.value), 201


@blueprint.post("/api/cases/<reference>/after-care")
@requires(Permission.HANDLE)
def do_after_care(reference: str) -> ResponseReturnValue:
    """Note that after-care has been done."""
    read = body()
    months, found = read.integer("months"), one_of(Found, read.text("found", 32), "found")
    read.done()
    care.do_after_care(context(), sessions.me(), reference, months, found)
    return jsonify(months=months), 201


@blueprint.post("/api/cases/<reference>/subject-rights")
@requires(Permission.HANDLE, large_body=True)
def handle_right(reference: str) -> ResponseReturnValue:
    """Take how a right of whoever the case is about was handled, with the sealed form that says why."""
    read = body()
    right = one_of(Right, read.text("right", 32), "right")
    decision = one_of(Decision, read.text("decision", 32), "decision")
    review_on = a_day(read, "review_on") if read.has("review_on") else None
    record = sealed_file(read.object("record"))
    read.done()
    care.handle_right(context(), sessions.me(), reference, record, right=right, decision=decision, review_on=review_on)
    return jsonify(right=right.value), 201


def one_of(kind: type[_Choice], text: str, field: str) -> _Choice:
    """The choice that a text is. Raises Invalid naming the field."""
    try:
        return kind(text)
    except ValueError:
        raise Invalid(N_("Välj ett av alternativen."), field=field) from None


def a_day(read: Members, field: str) -> date:
    """A day as it travels. Raises Invalid naming the field."""
    try:
        return date.fromisoformat(read.text(field, 10))
    except ValueError:
        raise Invalid(N_("Skriv datumet som år, månad och dag: 2026-11-22."), field=field) from None
