"""The frame in which a handler's browser shows a PDF or a text that somebody sent: it has no origin and no network."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.web.guard import requires
from tipportal.web.policies import Need, need

from . import blueprint


@blueprint.get("/visare")
@requires(Permission.PUBLIC)
def viewer() -> ResponseReturnValue:
    """The empty frame, the same for everybody: the page around it hands in what is shown.

    Nobody need be signed in for it: without an origin it could not tell, and there is nothing in it.
    """
    need(request.environ, Need.VIEWER)
    return render_template("handler/viewer.html")
