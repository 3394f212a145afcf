"""A closed case as a file to take away, sealed: what `tipportal archive` opens on a member's own machine."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import archiving
from tipportal.web import uploads
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint, sessions


class Fetch(PortalForm):
    """One button: fetch the case."""


@blueprint.post("/arenden/<reference>/arkiv")
@requires(Permission.HANDLE)
def archive_bundle(reference: str) -> ResponseReturnValue:
    """Everything sealed of a case that two have decided to export. Fetching it is logged."""
    if not Fetch().validate_on_submit():
        return redirect(url_for("handler.case_page", reference=reference), 303)
    ctx = context()
    sealed = archiving.fetch(ctx, sessions.me(), reference)
    return uploads.made_file(f"arende-{reference}.zip", lambda out: archiving.write_bundle(ctx, sealed, out))
