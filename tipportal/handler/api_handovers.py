"""Links to those who have been handed something, and messages after closing that reopen nothing, over HTTP."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.handovers import ASK_MONTHS
from tipportal.usecases import handovers, reopenings
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import sealed_file
from tipportal.web.services import context

from . import blueprint, sessions

_DIGEST = 32


@blueprint.post("/api/handovers/<handover_id>/asks/<months>/link")
@requires(Permission.HANDLE)
def make_handover_link(handover_id: str, months: str) -> ResponseReturnValue:
    """Put a new one-time link in the place of any before: the server gets the digest of its token alone."""
    read = body()
    digest, epoch = read.hex("token", _DIGEST), read.integer("epoch")
    read.done()
    # A number that is none of the four is a question that nobody asks.
    asked = next((each for each in ASK_MONTHS if str(each) == months), 0)
    handovers.make_link(context(), sessions.me(), handover_id, asked, digest, epoch)
    return "", 204


@blueprint.post("/api/cases/<reference>/reopening/decline")
@requires(Permission.HANDLE, large_body=True)
def decline_reopening(reference: str) -> ResponseReturnValue:
    """Decide that what came in after closing does not open the case again."""
    read = body()
    upto = read.integer("upto")
    record = sealed_file(read.object("record"))
    read.done()
    reopenings.decline(context(), sessions.me(), reference, record, upto_seq=upto)
    return "", 204
