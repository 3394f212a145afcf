"""A case that staff enter, over HTTP: fetch the panel, hand in what the handler's browser sealed."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.cases import AckException
from tipportal.domain.errors import Invalid
from tipportal.domain.intake import Code, Documented, Stated
from tipportal.domain.organisations import Channel
from tipportal.domain.texts import N_
from tipportal.domain.triage import Origin
from tipportal.usecases import intake
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.services import context
from tipportal.web.submissions import offer_json, read_submission

from . import blueprint, sessions


@blueprint.post("/api/intakes/panel")
@requires(Permission.HANDLE)
def intake_panel() -> ResponseReturnValue:
    """Who would receive the case that is being entered."""
    read = body()
    slug, channel = read.text("organisation", 64), read.choice("channel", Channel)
    facts = read.object("facts")
    area, role = facts.text("area", 64), facts.text("subject_role", 64)
    concerns = facts.texts("concerns", most=200, longest=100)
    facts.done()
    read.done()
    offer = intake.offer(context(), sessions.me(), slug, channel, area=area, subject_role=role, concerns=concerns)
    return jsonify(offer_json(offer))


@blueprint.post("/api/intakes")
@requires(Permission.HANDLE, large_body=True)
def enter_case() -> ResponseReturnValue:
    """Keep the case. The same again gives the same receipt."""
    read = body()
    if read.text("conflict", 16) != "none":
        raise Invalid(N_("Lämna över till någon som saken inte rör."), field="conflict")
    stated = _stated(read.object("stated"))
    follows = read.text("follows", 16) if read.has("follows") else None
    submission = read_submission(read)
    receipt = intake.enter(context(), sessions.me(), submission, stated, follows=follows)
    answer = jsonify(
        reference=receipt.reference,
        received_on=receipt.received_on.isoformat(),
        feedback_by=receipt.feedback_by.isoformat(),
    )
    answer.status_code = 201 if receipt.created else 200
    return answer


def _stated(read: Members) -> Stated:
    stated = Stated(
        origin=read.choice("origin", Origin),
        received_on=read.day("received_on"),
        acknowledged_on=read.day("acknowledged_on") if read.has("acknowledged_on") else None,
        ack_left_out=read.choice("ack_left_out", AckException) if read.has("ack_left_out") else None,
        documented=read.choice("documented", Documented) if read.has("documented") else None,
        code=read.choice("code", Code),
    )
    read.done()
    return stated
