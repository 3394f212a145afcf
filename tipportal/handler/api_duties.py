"""What one member does at once, and its review by another, over HTTP."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.duties import DutyKind, Verdict
from tipportal.usecases import duties
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import sealed_file
from tipportal.web.services import context

from . import blueprint, sessions


@blueprint.post("/api/cases/<reference>/duties")
@requires(Permission.HANDLE, large_body=True)
def do_at_once(reference: str) -> ResponseReturnValue:
    """Note that a duty has been done at once, with or without a sealed note."""
    read = body()
    kind = read.choice("kind", DutyKind)
    note = sealed_file(read.object("record")) if read.has("record") else None
    read.done()
    duty = duties.do_at_once(context(), sessions.me(), reference, kind, note)
    return jsonify(id=duty.id, review_by=duty.review_by.isoformat()), 201


@blueprint.post("/api/duties/<duty_id>/review")
@requires(Permission.HANDLE)
def review_duty(duty_id: str) -> ResponseReturnValue:
    """Review what another member did at once."""
    read = body()
    verdict = read.choice("verdict", Verdict)
    read.done()
    duties.review(context(), sessions.me(), duty_id, verdict)
    return jsonify(verdict=verdict.value)
