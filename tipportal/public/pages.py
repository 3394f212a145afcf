"""The first pages: which organisations there are, and what somebody can do at each of them."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import offers
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint


@blueprint.get("/")
@requires(Permission.PUBLIC)
def organisations() -> ResponseReturnValue:
    """The organisations that can be told something here."""
    return render_template("public/organisations.html", organisations=offers.organisations(context()))


@blueprint.get("/<org>/")
@requires(Permission.PUBLIC)
def start(org: str) -> ResponseReturnValue:
    """An organisation's start page: the open channels, who may use which, and what is secret and what isn't."""
    organisation, channels = offers.start_page(context(), org)
    pages = {page.channel.value: page for page in channels}
    return render_template(
        "public/start.html", organisation=organisation, tip=pages.get("tip"), report=pages.get("report")
    )
