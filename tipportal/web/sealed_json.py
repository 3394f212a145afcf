"""Sealed records and grants in JSON, for both faces: read strictly on the way in, written plainly on the way out."""

from __future__ import annotations

from typing import Protocol

from tipportal.domain.cases import GrantKind, RecordKind, StoredRecord, Stream
from tipportal.domain.errors import Invalid
from tipportal.envelope.canonical import encode_b64
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.usecases.submit import OfferedGrant

from .json_body import WRONG, Members
from .uploads import named_uploads

MOST_HOLDERS = 120
"""Members, source and trustees of one epoch."""
MOST = (1 << 31) - 1
"""What a database column holds: a greater number is nobody's."""
_DIGEST = 32


class Keyed(Protocol):
    """Whoever has keys: a recipient to be sealed to, and a key that verifies what they sign."""

    @property
    def recipient(self) -> bytes:
        """The raw hybrid recipient."""

    @property
    def verification_key(self) -> bytes:
        """The raw verification key."""


def keys_json(of: Keyed) -> dict[str, str]:
    """Somebody's public keys."""
    return {"recipient": encode_b64(of.recipient), "verification_key": encode_b64(of.verification_key)}


def sealed_file(read: Members, field: str = "kind") -> SealedFile:
    """A record as it travels: where it wants to stand, and its age file.

    Raises Invalid, naming ``field`` where a value is none of those that there are.
    """
    stream, kind = read.text("stream"), read.text("kind")
    epoch, seq = read.integer("epoch"), read.integer("seq")
    try:
        place = Stream(stream), RecordKind(kind)
    except ValueError:
        raise Invalid(WRONG, field=field) from None
    if max(epoch, seq) > MOST:
        raise Invalid(WRONG, field=field)
    made = SealedFile(
        stream=place[0],
        kind=place[1],
        epoch=epoch,
        seq=seq,
        prev=read.hex("prev", _DIGEST),
        file=read.b64("file"),
        files=named_uploads(read),
    )
    read.done()
    return made


def offered_grant(read: Members) -> OfferedGrant:
    """A grant as it travels: who holds it, why, and its age file. Raises Invalid."""
    holder, kind, file = read.text("holder", 32), read.text("kind", 32), read.b64("file")
    read.done()
    try:
        return OfferedGrant(holder=holder, kind=GrantKind(kind), file=file)
    except ValueError:
        raise Invalid(WRONG, field="grants") from None


def record_json(record: StoredRecord) -> dict[str, object]:
    """A stored record. No instant is in it: the date is all that a source gets and leaves."""
    return {
        "stream": record.stream.value,
        "kind": record.kind.value,
        "epoch": record.epoch,
        "seq": record.seq,
        "prev": record.prev.hex(),
        "author": record.author,
        "date": record.written_on.isoformat(),
        "file": encode_b64(record.file),
    }
