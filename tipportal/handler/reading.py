"""JSON bodies of this face, read into what the use cases take."""

from __future__ import annotations

from tipportal.domain.cases import GrantKind, RecordKind, Stream
from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.submit import OfferedGrant
from tipportal.web.json_body import Members
from tipportal.web.uploads import named_uploads

_DIGEST = 32
MOST_HOLDERS = 120
"""Members, source and trustees of one epoch."""
_MOST = (1 << 31) - 1
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
        files=named_uploads(read),
    )
    read.done()
    return made


def file_place(read: Members) -> tuple[Stream, int, int]:
    """Where a file hangs: stream, the record's number, the file's place in it. Raises Invalid."""
    named, seq, position = read.text("stream", 16), read.integer("seq"), read.integer("position")
    read.done()
    streams = {stream.value: stream for stream in Stream}
    if named not in streams:
        raise Invalid(_WRONG, field="stream")
    # Greater than any column holds is nobody's number.
    return streams[named], min(seq, _MOST), min(position, _MOST)


def offered_grant(read: Members) -> OfferedGrant:
    """A grant as it travels: who holds it, why, and its age file. Raises Invalid."""
    try:
        kind = GrantKind(read.text("kind"))
    except ValueError:
        raise Invalid(_WRONG, field="grants") from None
    made = OfferedGrant(holder=read.text("holder"), kind=kind, file=read.b64("file"))
    read.done()
    return made
