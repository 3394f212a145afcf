"""Minutes, meeting times, meetings, concerns for reprisals, after-care and rights, over HTTP."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.aftercare import Found, Phase
from tipportal.domain.conversations import FormName, MeetingMode
from tipportal.domain.subjectrights import Decision, Right
from tipportal.usecases import care, conversations
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import sealed_file
from tipportal.web.services import context

from . import blueprint, sessions


@blueprint.post("/api/cases/<reference>/forms")
@requires(Permission.HANDLE, large_body=True)
def fill_form(reference: str) -> ResponseReturnValue:
    """Take minutes to check, or times to choose from."""
    read = body()
    form = read.choice("form", FormName)
    mode = read.choice("mode", MeetingMode) if read.has("mode") else None
    record = sealed_file(read.object("record"))
    read.done()
    written = conversations.fill(context(), sessions.me(), reference, record, form, mode)
    return jsonify(seq=written.seq, date=written.date.isoformat()), 201


@blueprint.post("/api/cases/<reference>/meetings")
@requires(Permission.HANDLE)
def meeting_held(reference: str) -> ResponseReturnValue:
    """Note that a meeting was held."""
    read = body()
    mode, held_on = read.choice("mode", MeetingMode), read.day("held_on")
    offer = read.integer("offer") if read.has("offer") else None
    read.done()
    conversations.meeting_held(context(), sessions.me(), reference, mode, held_on, offer)
    return jsonify(held_on=held_on.isoformat()), 201


@blueprint.post("/api/cases/<reference>/reprisals")
@requires(Permission.HANDLE)
def note_reprisal(reference: str) -> ResponseReturnValue:
    """Note that the source fears or meets reprisals."""
    read = body()
    phase = read.choice("phase", Phase)
    read.done()
    care.note_reprisal(context(), sessions.me(), reference, phase)
    return jsonify(phase=phase.value), 201


@blueprint.post("/api/cases/<reference>/after-care")
@requires(Permission.HANDLE)
def do_after_care(reference: str) -> ResponseReturnValue:
    """Note that after-care has been done."""
    read = body()
    months, found = read.integer("months"), read.choice("found", Found)
    read.done()
    care.do_after_care(context(), sessions.me(), reference, months, found)
    return jsonify(months=months), 201


@blueprint.post("/api/cases/<reference>/subject-rights")
@requires(Permission.HANDLE, large_body=True)
def handle_right(reference: str) -> ResponseReturnValue:
    """Take how a right of whoever the case is about was handled, with the sealed form that says why."""
    read = body()
    right = read.choice("right", Right)
    decision = read.choice("decision", Decision)
    review_on = read.day("review_on") if read.has("review_on") else None
    record = sealed_file(read.object("record"))
    read.done()
    care.handle_right(context(), sessions.me(), reference, record, right=right, decision=decision, review_on=review_on)
    return jsonify(right=right.value), 201
