"""The handler directory over HTTP, for handlers' browsers: their page may not reach the public face."""

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
@requires(Permission.HANDLE)
def handler_directory() -> ResponseReturnValue:
    """The roots and the newest snapshot, as the public face gives them (docs/protocol.md, section 9)."""
    body().done()
    return jsonify(directory.published(context()))
