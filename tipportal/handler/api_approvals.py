"""Acts by two over HTTP: one member of the panel proposes and signs, another approves and signs."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import approve
from tipportal.usecases.approve import OfferedProposal
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.services import context

from . import blueprint, sessions
from .reading import sealed_file

_SIGNATURE = 64


@blueprint.post("/api/cases/<reference>/proposals")
@requires(Permission.HANDLE, large_body=True)
def propose(reference: str) -> ResponseReturnValue:
    """Propose an act on a case, with its sealed reasons."""
    read = body()
    offered = OfferedProposal(
        act=read.raw("act"),
        payload=read.raw("payload"),
        signature=read.b64("signature", _SIGNATURE),
        reasons=sealed_file(read.object("record")),
    )
    read.done()
    proposal = approve.propose(context(), sessions.me(), reference, offered)
    return jsonify(id=proposal.id), 201


@blueprint.post("/api/proposals/<proposal_id>/approve")
@requires(Permission.HANDLE)
def approve_proposal(proposal_id: str) -> ResponseReturnValue:
    """Approve another member's proposal: it takes effect at once."""
    read = body()
    signature = read.b64("signature", _SIGNATURE)
    read.done()
    case = approve.approve(context(), sessions.me(), proposal_id, signature)
    return jsonify(state=case.state.value)


@blueprint.post("/api/proposals/<proposal_id>/decline")
@requires(Permission.HANDLE)
def decline_proposal(proposal_id: str) -> ResponseReturnValue:
    """Decline another member's proposal, or take back one's own."""
    body().done()
    case = approve.decline(context(), sessions.me(), proposal_id)
    return jsonify(state=case.state.value)
