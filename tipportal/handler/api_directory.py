"""The handler directory over HTTP, for everybody with keys: their pages may not reach the public face."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import directory
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.services import context

from . import blueprint


@blueprint.post("/api/directory")
@requires(Permission.HOLD_KEYS)
def handler_directory() -> ResponseReturnValue:
    """The roots and the newest snapshot, or those of a version, as the public face gives them (protocol, section 9)."""
    members = body()
    version = members.integer("version") if members.has("version") else None
    members.done()
    return jsonify(directory.published(context(), version))
