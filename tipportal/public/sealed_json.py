"""Sealed records in JSON: read strictly on the way in, written plainly on the way out."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from tipportal.domain.cases import RecordKind, StoredRecord, Stream
from tipportal.domain.errors import Invalid
from tipportal.domain.files import AttachedFile
from tipportal.domain.texts import N_
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.web.json_body import Members
from tipportal.web.uploads import file_sizes, named_uploads

_Choice = TypeVar("_Choice", Stream, RecordKind)
_DIGEST = 32
MOST = (1 << 31) - 1


def sealed_file(members: Members, field: str) -> SealedFile:
    """A record as handed in. Raises Invalid, naming ``field`` where a value is none of those that exist."""
    record = SealedFile(
        stream=_one_of(Stream, members.text("stream", 16), field),
        kind=_one_of(RecordKind, members.text("kind", 16), field),
        epoch=_count(members.integer("epoch"), field),
        seq=_count(members.integer("seq"), field),
        prev=members.hex("prev", _DIGEST),
        file=members.b64("file"),
        files=named_uploads(members),
    )
    members.done()
    return record


def record_json(record: StoredRecord, attached: Sequence[AttachedFile]) -> dict[str, object]:
    """A stored record for its source. No instant is in it: the date is all that a source gets and leaves.

    ``attached`` are the case's files, this record's and others'.
    """
    return {
        "stream": record.stream.value,
        "kind": record.kind.value,
        "epoch": record.epoch,
        "seq": record.seq,
        "prev": record.prev.hex(),
        "author": record.author,
        "date": record.written_on.isoformat(),
        "file": b64(record.file),
        "files": file_sizes(record, attached),
    }


def b64(raw: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(raw).decode()


def _count(value: int, field: str) -> int:
    # What a database column holds: a greater number is nobody's next record.
    if value > MOST:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field=field)
    return value


def _one_of(choices: type[_Choice], text: str, field: str) -> _Choice:
    try:
        return choices(text)
    except ValueError:
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field=field) from None
