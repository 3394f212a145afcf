"""Sealed files of sources: sent in parts before the record that names them, fetched by the lookup token."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import dialogue
from tipportal.web import uploads
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint
from .api_case import lookup_token

_ANY_FORM = ("tip", "report", "case")


@blueprint.post("/api/uploads")
@requires(Permission.PUBLIC, form=_ANY_FORM, takes_part=True)
def api_uploads() -> ResponseReturnValue:
    """Take one part of a sealed file."""
    return uploads.receive_part()


@blueprint.get("/api/uploads")
@requires(Permission.PUBLIC)
def api_uploads_standing() -> ResponseReturnValue:
    """How much of an upload stands, for whoever knows its id."""
    return uploads.standing()


@blueprint.delete("/api/uploads")
@requires(Permission.PUBLIC, form=_ANY_FORM)
def api_uploads_discard() -> ResponseReturnValue:
    """Remove an upload."""
    return uploads.discard()


@blueprint.get("/api/case/files/<int:seq>/<int:position>")
@requires(Permission.SOURCE)
def api_case_file(seq: int, position: int) -> ResponseReturnValue:
    """A sealed file of the dialogue."""
    return uploads.sealed_file(lambda: dialogue.open_file(context(), lookup_token(), seq, position))
