"""Leaving a case, who may be let into it, and what a standby decides about a colleague, over HTTP."""

from __future__ import annotations

import json

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.handlinglog import instant
from tipportal.domain.separations import Ground
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import letting_in, separating
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import keys_json
from tipportal.web.services import context

from . import blueprint, sessions


@blueprint.post("/api/cases/<reference>/recuse")
@requires(Permission.HANDLE)
def recuse(reference: str) -> ResponseReturnValue:
    """Leave a case at once and for good."""
    read = body()
    ground = read.choice("ground", Ground)
    read.done()
    separating.recuse(context(), sessions.me(), reference, ground)
    return "", 204


@blueprint.post("/api/cases/<reference>/candidates")
@requires(Permission.HANDLE)
def candidates(reference: str) -> ResponseReturnValue:
    """Who may be let into the case today."""
    body().done()
    found = letting_in.candidates(context(), sessions.me(), reference)
    return jsonify(
        next=found.pseudonym,
        candidates=[
            {
                "name": one.name,
                "function": one.person.function_id,
                "function_name": one.function,
                "unit": one.person.unit_id,
                "unit_name": one.unit,
                "external": one.external,
                **keys_json(one.person),
            }
            for one in found.people
        ],
    )


@blueprint.post("/api/deciding")
@requires(Permission.HANDLE)
def deciding() -> ResponseReturnValue:
    """What the reader decides about a colleague as a standby: reference and sealed reason, nothing else of the case."""
    body().done()
    return jsonify(
        deciding=[
            {
                "id": one.proposal.id,
                "reference": one.case.reference,
                "act": json.loads(one.proposal.act),
                "payload": json.loads(one.proposal.payload),
                "proposer": one.proposal.proposer_member,
                "proposer_signature": encode_b64(one.proposal.proposer_signature),
                "verification_key": encode_b64(one.verification_key),
                "reasons": encode_b64(one.reasons),
                "expires": instant(one.proposal.expires_at),
            }
            for one in separating.deciding(context(), sessions.me())
        ]
    )
