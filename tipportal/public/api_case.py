"""The JSON API for a source's own case (docs/protocol.md, section 6): everything sealed, found by the lookup token."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue

from tipportal.domain import deadlines
from tipportal.domain.accounts import Permission
from tipportal.domain.conversations import FormName, Verdict
from tipportal.domain.intake import may_approve_minutes
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import conversations, dialogue, epochs, receiving
from tipportal.usecases.dialogue import Answered, NextEpoch, SourceView
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.sealed_json import MOST_HOLDERS, keys_json, offered_grant, record_json, sealed_file
from tipportal.web.services import context, services
from tipportal.web.uploads import file_sizes

from . import blueprint

HEADER = "Tipportal-Lookup"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")


@blueprint.get("/api/case")
@requires(Permission.SOURCE)
def api_case() -> ResponseReturnValue:
    """A case as its source may fetch it."""
    return jsonify(_case(dialogue.open_by_token(context(), lookup_token())))


@blueprint.post("/api/case/records")
@requires(Permission.SOURCE, form="case", large_body=True)
def api_case_records() -> ResponseReturnValue:
    """Add a sealed message to the dialogue, or an answer to a form. The same file again gives the same answer."""
    members = body()
    record = sealed_file(members.object("record"), "record")
    answered = _answered(members.object("answered")) if members.has("answered") else None
    members.done()
    services().limits.spend_token("records", g.form_token.nonce)
    written = dialogue.add_message(context(), lookup_token(), record, answered=answered)
    answer = jsonify(seq=written.seq, date=written.date.isoformat())
    answer.status_code = 201 if written.created else 200
    return answer


@blueprint.post("/api/case/read")
@requires(Permission.SOURCE, form="case")
def api_case_read() -> ResponseReturnValue:
    """The page has shown the dialogue up to here. Only the day is kept, and only what somebody else wrote counts."""
    members = body()
    seq = members.integer("seq")
    members.done()
    services().limits.spend_token("records", g.form_token.nonce)
    conversations.read_by_source(context(), lookup_token(), seq)
    return "", 204


@blueprint.post("/api/case/epochs")
@requires(Permission.SOURCE, form="case", large_body=True)
def api_case_epochs() -> ResponseReturnValue:
    """Begin the next epoch after somebody has left the case, or with a code of the source's own."""
    members = body()
    new = epochs.NewEpoch(
        epoch=members.integer("epoch"),
        work=members.b64("work"),
        dialogue=members.b64("dialogue"),
        records=tuple(sealed_file(one, "records") for one in members.objects("records", most=2)),
        grants=tuple(offered_grant(one) for one in members.objects("grants", most=MOST_HOLDERS)),
    )
    own = _own(members.object("own")) if members.has("own") else None
    members.done()
    services().limits.spend_token("records", g.form_token.nonce)
    return jsonify(epoch=epochs.begin_epoch_as_source(context(), lookup_token(), new, own=own)), 201


def lookup_token() -> bytes | None:
    """The lookup token of this request; None for whatever is none, so that it costs and answers as a wrong one."""
    text = request.headers.get(HEADER, "")
    if not _TOKEN.match(text):
        return None
    try:
        raw = base64.b64decode(f"{text}=", altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    # One token, one spelling.
    return raw if base64.urlsafe_b64encode(raw).decode() == f"{text}=" else None


def _case(view: SourceView) -> dict[str, object]:
    case = view.case
    waived = case.ack_left_out is not None
    feedback_by = deadlines.feedback_by(case.received_on, case.acknowledged_on, waived=waived)
    grants = {grant.epoch: grant.file for grant in view.grants}
    return {
        "reference": case.reference,
        "organisation": view.organisation.slug,
        "organisation_name": view.organisation.name,
        "channel": case.channel.value,
        "state": case.state.value,
        "installation": view.installation_id.hex(),
        "date": view.today.isoformat(),
        "received_on": case.received_on.isoformat(),
        "acknowledged_on": _day(case.acknowledged_on),
        "feedback_by": feedback_by.strict.isoformat(),
        "feedback_target": feedback_by.target.isoformat(),
        "feedback_on": _day(case.feedback_on),
        "closed_on": _day(case.closed_on),
        "takes_files": view.takes_files,
        "may_approve": may_approve_minutes(view.intake),
        "read": [{"by": one.reader.value, "seq": one.seq, "on": one.read_on.isoformat()} for one in view.readings],
        "sealed_by": case.sealed_by.value,
        "genesis": encode_b64(view.genesis.file),
        "epochs": [
            {
                "epoch": epoch.epoch,
                "work": encode_b64(epoch.work_recipient),
                "dialogue": encode_b64(epoch.dialogue_recipient),
                "grant": encode_b64(grants[epoch.epoch]) if epoch.epoch in grants else None,
                "directory": view.later_trustees.versions.get(epoch.epoch),
            }
            for epoch in view.epochs
        ],
        "records": [{**record_json(record), "files": file_sizes(record, view.attachments)} for record in view.records],
        "next": None if view.next is None else _next(view.next),
        "replacing": None if view.replacing is None else _next(view.replacing),
        "past": None
        if view.replaced is None
        else {"epoch": view.replaced.epoch, "file": encode_b64(view.replaced.past)},
        "functions": receiving.function_names(context(), case),
    }


def _next(coming: NextEpoch) -> dict[str, object]:
    places = {stream.value: {"seq": seq, "prev": digest.hex()} for stream, (seq, digest) in coming.places.items()}
    members = [
        {
            "id": member.id,
            "role": member.role.value,
            "function": member.function,
            "unit": member.unit,
            **keys_json(member),
        }
        for member in coming.members
    ]
    trustees = [{"id": one.id, **keys_json(one)} for one in coming.trustees]
    return {
        "epoch": coming.epoch,
        "members": members,
        "trustees": trustees,
        "trustee_threshold": coming.trustee_threshold,
        **places,
    }


def _answered(read: Members) -> Answered:
    answered = Answered(read.choice("form", FormName), read.integer("answers"), read.choice("verdict", Verdict))
    read.done()
    return answered


def _own(read: Members) -> epochs.OwnCode:
    made = epochs.OwnCode(
        lookup_digest=read.hex("lookup_digest", 32),
        recipient=read.b64("recipient"),
        verification_key=read.b64("verification_key"),
        past=read.b64("past"),
    )
    read.done()
    return made


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
