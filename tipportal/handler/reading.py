"""JSON bodies of this face, read into what the use cases take."""

from __future__ import annotations

from tipportal.domain.cases import GrantKind, RecordKind, Stream
from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.submit import OfferedGrant
from tipportal.web.json_body import Members

_DIGEST = 32
_WRONG = N_("Ett fält i begäran saknas, är okänt eller har fel form.")


def sealed_file(read: Members) -> SealedFile:
    """A record as it travels: where it wants to stand, and its age file. Raises Invalid."""
    stream, kind = read.text("stream"), read.text("kind")
    try:
        place = Stream(stream), RecordKind(kind)
    except ValueError:
        raise Invalid(_WRONG, field="kind") from None
    made = SealedFile(
        stream=place[0],
        kind=place[1],
        epoch=read.integer("epoch"),
        seq=read.integer("seq"),
        prev=read.hex("prev", _DIGEST),
        file=read.b64("file"),
    )
    read.done()
    return made


def offered_grant(read: Members) -> OfferedGrant:
    """A grant as it travels: who holds it, why, and its age file. Raises Invalid."""
    try:
        kind = GrantKind(read.text("kind"))
    except ValueError:
        raise Invalid(_WRONG, field="grants") from None
    made = OfferedGrant(holder=read.text("holder"), kind=kind, file=read.b64("file"))
    read.done()
    return made
