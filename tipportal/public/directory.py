"""The handler directory: its page with the fingerprint's words, and what clients verify."""

from __future__ import annotations

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import directory, offers
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint


@blueprint.get("/<org>/om/katalog")
@requires(Permission.PUBLIC)
def about_directory(org: str) -> ResponseReturnValue:
    """What the directory is for, and the nine words that also stand on posters."""
    organisation, _ = offers.start_page(context(), org)
    return render_template("public/directory.html", organisation=organisation, status=directory.status(context()))


# Neither answer may be kept by a browser, although an old version never changes: a source's browser keeps nothing.
@blueprint.get("/api/directory")
@requires(Permission.PUBLIC)
def api_directory() -> ResponseReturnValue:
    """The roots and the newest snapshot, for whoever seals."""
    return jsonify(directory.published(context()))


@blueprint.get("/api/directory/<int:version>")
@requires(Permission.PUBLIC)
def api_directory_version(version: int) -> ResponseReturnValue:
    """The same as it was at a version."""
    return jsonify(directory.published(context(), version))
