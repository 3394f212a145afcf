"""The handling log's public key, for whoever wants to verify a checkpoint. What the log holds is not shown here."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import checkpoints, offers
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint


@blueprint.get("/<org>/om/logg")
@requires(Permission.PUBLIC)
def about_log(org: str) -> ResponseReturnValue:
    """What the log is for, and the key. No checkpoint: its size would tell how much goes on from day to day."""
    organisation, _ = offers.start_page(context(), org)
    return render_template("public/log_key.html", organisation=organisation, key=checkpoints.published_key(context()))
