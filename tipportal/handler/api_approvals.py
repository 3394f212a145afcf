"""Acts by two over HTTP: one member of the panel proposes and signs, another approves and signs."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import approve
from tipportal.usecases.effects.effect import OfferedEpoch, OfferedProposal, OlderGrant, RawFacts
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.sealed_json import MOST_HOLDERS, offered_grant, sealed_file
from tipportal.web.services import context

from . import blueprint, sessions

_SIGNATURE = 64
_MOST_EPOCHS = 10_000


@blueprint.post("/api/cases/<reference>/proposals")
@requires(Permission.HANDLE, large_body=True)
def propose(reference: str) -> ResponseReturnValue:
    """Propose an act on a case, with its sealed reasons, and the next epoch where it lets somebody in."""
    read = body()
    offered = OfferedProposal(
        act=read.raw("act"),
        payload=read.raw("payload"),
        signature=read.b64("signature", _SIGNATURE),
        reasons=_reasons(read),
        epoch=_epoch(read.object("epoch")) if read.has("epoch") else None,
        content=sealed_file(read.object("content")) if read.has("content") else None,
        facts=raw_facts(read.object("facts")) if read.has("facts") else None,
    )
    read.done()
    proposal = approve.propose(context(), sessions.me(), reference, offered)
    return jsonify(id=proposal.id), 201


@blueprint.post("/api/proposals/<proposal_id>/approve")
@requires(Permission.HANDLE, large_body=True)
def approve_proposal(proposal_id: str) -> ResponseReturnValue:
    """Approve another member's proposal: it takes effect at once, together with the records that land with it."""
    read = body()
    signature = read.b64("signature", _SIGNATURE)
    records = [sealed_file(one) for one in read.objects("records", most=3)] if read.has("records") else []
    read.done()
    case = approve.approve(context(), sessions.me(), proposal_id, signature, records)
    return jsonify(state=case.state.value)


@blueprint.post("/api/proposals/<proposal_id>/decline")
@requires(Permission.HANDLE)
def decline_proposal(proposal_id: str) -> ResponseReturnValue:
    """Decline another member's proposal, or take back one's own."""
    body().done()
    case = approve.decline(context(), sessions.me(), proposal_id)
    return jsonify(state=case.state.value)


def _reasons(read: Members) -> SealedFile | bytes:
    return read.b64("reasons") if read.has("reasons") else sealed_file(read.object("record"))


def raw_facts(read: Members) -> RawFacts:
    """A case's routing facts as they travel. Raises Invalid."""
    made = RawFacts(
        read.text("area", 64),
        read.text("subject_role", 64),
        tuple(read.texts("concerns", most=200, longest=100)),
    )
    read.done()
    return made


def _epoch(read: Members) -> OfferedEpoch:
    made = OfferedEpoch(
        epoch=read.integer("epoch"),
        work=read.b64("work"),
        dialogue=read.b64("dialogue"),
        signature=read.b64("signature", _SIGNATURE),
        grants=tuple(offered_grant(one) for one in read.objects("grants", most=MOST_HOLDERS)),
        older=tuple(_older(one) for one in read.objects("older", most=_MOST_EPOCHS)),
    )
    read.done()
    return made


def _older(read: Members) -> OlderGrant:
    holder = read.text("holder", 8) if read.has("holder") else ""
    made = OlderGrant(epoch=read.integer("epoch"), file=read.b64("file"), holder=holder)
    read.done()
    return made
