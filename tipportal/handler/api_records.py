"""Deciding a request for release with the masked copy that goes out, sealed in the browser."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.disclosures import Answered, Provision, appeal_text
from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_
from tipportal.usecases import disclosing
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import sealed_file
from tipportal.web.services import context

from . import blueprint, sessions


@blueprint.post("/api/disclosures/<request_id>/decide")
@requires(Permission.HANDLE, large_body=True)
def decide_disclosure(request_id: str) -> ResponseReturnValue:
    """Decide a request, with the masked copy as a sealed form where one is kept. Gives the appeal notice."""
    read = body()
    answered, provisions = answer_of(read.text("answered", 16), read.text("provisions", 400).split())
    copy = sealed_file(read.object("record")) if read.has("record") else None
    read.done()
    decided = disclosing.decide(context(), sessions.me(), request_id, answered, provisions, copy)
    authority = disclosing.authority_of(context(), decided.organisation_id)
    appeal = None if answered is Answered.GRANTED else appeal_text(provisions, authority)
    return jsonify(answered=answered.value, appeal=appeal)


def answer_of(answered: str, provisions: list[str]) -> tuple[Answered, frozenset[Provision]]:
    """The closed words of a decision. Raises Invalid."""
    try:
        return Answered(answered), frozenset(Provision(each) for each in provisions)
    except ValueError:
        raise Invalid(N_("Välj ett av alternativen."), field="answered") from None
