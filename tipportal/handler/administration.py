"""What administrators see: which channels are open and what each still lacks, and who has an account. No case, ever."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.usecases import administer
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint, wording


@blueprint.get("/administration/")
@requires(Permission.ADMINISTER)
def administration() -> ResponseReturnValue:
    """The checklist of channels and the register of people."""
    return render_template(
        "handler/administration.html",
        channels=administer.checklist(context()),
        people=administer.people(context()),
        wording=wording,
    )
