"""A lost administrator is replaced: the page where trustees sign the proposal of the one who is left.

What is typed from paper never leaves the page; signatures do.
"""

from __future__ import annotations

import json

from flask import jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import NotFound
from tipportal.domain.texts import N_
from tipportal.domain.trustees import MOST_TRUSTEES, TrusteeSet
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases import changes, replacing, surveying
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.sealed_json import keys_json
from tipportal.web.services import context

from . import administration_words as words
from . import blueprint, sessions
from .administration_shown import change_answer, told
from .api_changes import faulty_answer


@blueprint.get("/administration/andringar/<change_id>/nyckelforvaltare")
@requires(Permission.ADMINISTER)
def administration_replacing(change_id: str) -> ResponseReturnValue:
    """Where trustees type their papers and sign a proposal in a second administrator's place."""
    ctx, me = context(), sessions.me()
    asked = replacing.asked(ctx, me, change_id)
    seen = changes.overview(ctx, me)
    shown = next((each for each in seen.changes if each.change.id == change_id), None)
    if shown is None:
        raise NotFound(N_("Sidan finns inte."))
    survey = surveying.survey(ctx)
    owner = survey.account(str(shown.payload["account"])) if shown.change.kind is ChangeKind.KEYS else None
    return render_template(
        "handler/recovery/replacing.html",
        shown=shown,
        answer=json.dumps(change_answer(shown), ensure_ascii=False),
        installation=seen.installation_id.hex(),
        lines=[told(line) for line in shown.lines],
        trustees=_trustees_json(asked.trustees),
        threshold=asked.trustees.threshold,
        about="" if owner is None else owner.name,
        recipient=encode_b64(owner.recipient) if owner is not None and owner.recipient is not None else None,
        done=url_for(".administration_change", change_id=change_id),
        words=words,
    )


@blueprint.post("/api/changes/<change_id>/trustees")
@requires(Permission.ADMINISTER)
def approve_with_trustees(change_id: str) -> ResponseReturnValue:
    """Approve one's own proposal with trustees' signatures, where no other administrator can."""
    read = body()
    signatures = dict(_signature(one) for one in read.objects("signatures", most=MOST_TRUSTEES))
    said = read.raw("said") if read.has("said") else None
    read.done()
    try:
        approved = replacing.approve(context(), sessions.me(), change_id, signatures, said)
    except FaultyChange as refusal:
        return faulty_answer(refusal)
    return jsonify(answer=dict(approved.answer))


def _signature(read: Members) -> tuple[str, bytes]:
    signed = read.text("trustee", 32), read.b64("signature", 64)
    read.done()
    return signed


def _trustees_json(those: TrusteeSet) -> str:
    named = [
        {
            "id": each.id,
            "name": each.name,
            **keys_json(each),
        }
        for each in those.trustees
    ]
    return json.dumps({"threshold": those.threshold, "trustees": named}, ensure_ascii=False)
