"""Checklists of a case over HTTP: ticks and notes under seal, how far it has come in clear."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import worklists
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import sealed_file
from tipportal.web.services import context

from . import blueprint, sessions

_DIGEST = 32


@blueprint.post("/api/cases/<reference>/checklists/<key>")
@requires(Permission.HANDLE, large_body=True)
def update_checklist(reference: str, key: str) -> ResponseReturnValue:
    """Keep how far a checklist has come, unless somebody else changed it in between."""
    read = body()
    replaces = read.hex("replaces", _DIGEST) if read.has("replaces") else None
    done = read.integer("done")
    record = sealed_file(read.object("record"))
    read.done()
    state = worklists.update(context(), sessions.me(), reference, key, record, done=done, replaces=replaces)
    return jsonify(done=state.done, of=state.of)
