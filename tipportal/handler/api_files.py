"""Files over HTTP for handlers: their own in parts, those of their cases whole. What they hold is sealed."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.cases import Stream
from tipportal.usecases import handle
from tipportal.web import uploads
from tipportal.web.guard import requires
from tipportal.web.json_body import body
from tipportal.web.sealed_json import MOST
from tipportal.web.services import context

from . import blueprint, sessions


@blueprint.post("/api/uploads")
@requires(Permission.HANDLE, takes_part=True)
def upload_part() -> ResponseReturnValue:
    """Take one part of a sealed file."""
    return uploads.receive_part()


@blueprint.get("/api/uploads")
@requires(Permission.HANDLE)
def upload_standing() -> ResponseReturnValue:
    """How much of an upload stands."""
    return uploads.standing()


@blueprint.delete("/api/uploads")
@requires(Permission.HANDLE)
def upload_discard() -> ResponseReturnValue:
    """Remove an upload."""
    return uploads.discard()


@blueprint.post("/api/cases/<reference>/files")
@requires(Permission.HANDLE)
def case_file(reference: str) -> ResponseReturnValue:
    """A sealed file of a case. Opening it is an act: it is logged before the answer leaves."""
    read = body()
    stream = read.choice("stream", Stream)
    # Greater than any column holds is nobody's number.
    seq, position = min(read.integer("seq"), MOST), min(read.integer("position"), MOST)
    read.done()
    ctx, account = context(), sessions.me()
    return uploads.sealed_file(lambda: handle.open_file(ctx, account, reference, stream, seq, position))
