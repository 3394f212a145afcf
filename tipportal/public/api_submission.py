"""The JSON API for whoever seals (docs/protocol.md, section 6): fetch the panel, hand in the sealed case once."""

from __future__ import annotations

from flask import g, jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import Invalid
from tipportal.domain.organisations import Channel
from tipportal.domain.texts import N_
from tipportal.usecases import offers, submit
from tipportal.web.form_tokens import TokenInvalid
from tipportal.web.guard import requires, requires_origin_only
from tipportal.web.json_body import Members, body
from tipportal.web.services import context, form_tokens, services
from tipportal.web.submissions import offer_json, read_submission

from . import blueprint

PURPOSES = frozenset({"tip", "report", "case"})


@blueprint.post("/api/form-token")
@requires_origin_only(Permission.PUBLIC)
def api_form_token() -> ResponseReturnValue:
    """A fresh form token, for a page whose own has expired."""
    members = body()
    if members.has("organisation"):
        members.text("organisation", 64)
    purpose = members.text("purpose", 16)
    members.done()
    if purpose not in PURPOSES:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="purpose")
    return jsonify(csrf_token=form_tokens().issue(purpose))


@blueprint.post("/api/panel")
@requires(Permission.PUBLIC, form=("tip", "report"))
def api_panel() -> ResponseReturnValue:
    """Who would receive a case with these routing facts."""
    members = body()
    slug, channel = members.text("organisation", 64), _channel(members)
    facts = members.object("facts")
    area, role = facts.text("area", 64), facts.text("subject_role", 64)
    concerns = facts.texts("concerns", most=200, longest=100)
    facts.done()
    members.done()
    services().limits.spend_token("panel", g.form_token.nonce)
    offer = offers.offer_panel(
        context(), slug, channel, area=area, subject_role=role, concerns=concerns, form_nonce=g.form_token.nonce
    )
    return jsonify(offer_json(offer))


@blueprint.post("/api/cases")
@requires(Permission.PUBLIC, form=("tip", "report"), large_body=True)
def api_cases() -> ResponseReturnValue:
    """Hand in a sealed case. The same again gives the same receipt."""
    submission = read_submission(body())
    services().limits.spend_token("cases", g.form_token.nonce)
    receipt = submit.submit_case(context(), submission, admit=services().limits.spend_submission)
    answer = jsonify(
        reference=receipt.reference,
        received_on=receipt.received_on.isoformat(),
        acknowledged_on=receipt.acknowledged_on.isoformat(),
        feedback_by=receipt.feedback_by.isoformat(),
    )
    answer.status_code = 201 if receipt.created else 200
    return answer


def _channel(members: Members) -> Channel:
    text = members.text("channel", 16)
    if text not in {channel.value for channel in Channel}:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="channel")
    if text != g.form_token.purpose:
        # A form's token is for one channel: the regime was chosen and stated before anything was written.
        raise TokenInvalid(N_("Formuläret kunde inte kännas igen. Gå tillbaka till sidan och försök igen."))
    return Channel(text)
