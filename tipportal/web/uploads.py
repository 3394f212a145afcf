"""Sealed files over HTTP, for both faces: taken part by part, given whole (docs/protocol.md, section 6)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, jsonify, request
from werkzeug.exceptions import LengthRequired
from werkzeug.wsgi import ClosingIterator

from tipportal.domain.cases import StoredRecord
from tipportal.domain.errors import Invalid
from tipportal.domain.files import MAX_FILES, AttachedFile, Upload, safe_name
from tipportal.domain.texts import N_
from tipportal.usecases import uploads
from tipportal.usecases.source_session import OpenedFile

from .json_body import MAX_INTEGER, Members
from .policies import Need, need
from .services import context, services

UPLOAD_HEADER = "Tipportal-Upload"
OFFSET_HEADER = "Tipportal-Offset"
SIZE_HEADER = "Tipportal-Size"
WORKER = "files.js"
_ID = re.compile(r"[0-9a-f]{32}\Z")
_NUMBER = re.compile(r"[0-9]{1,16}\Z")
_READ_SIZE = 64 * 1024
_MOST_NAMED = 1000
"""Files in a list that is read at all; how many a record may have is the use case's to say."""
_WRONG = N_("Ett fält i begäran saknas, är okänt eller har fel form.")


def receive_part() -> Response:
    """Take one part of an upload: bytes so far."""
    upload, offset, total = _upload(), _number(OFFSET_HEADER), _number(SIZE_HEADER)
    if request.content_length is None:
        raise LengthRequired
    with services().transfers.moving():
        received = uploads.receive_part(
            context(), upload, offset=offset, total=total, length=request.content_length, read=request.stream.read
        )
    return jsonify(received=received)


def standing() -> Response:
    """How much of an upload stands: 0 for one that is not there."""
    return jsonify(received=uploads.received(context(), _upload()))


def discard() -> Response:
    """Remove an upload that is not wanted after all."""
    uploads.discard(context(), _upload())
    return Response(status=204)


def named_uploads(record: Members) -> tuple[Upload, ...]:
    """The uploads that a record in JSON names in ``files``. Raises Invalid."""
    if not record.has("files"):
        return ()
    named = []
    for members in record.objects("files", most=_MOST_NAMED):
        named.append(Upload(members.hex("upload", 16).hex(), members.integer("size")))
        members.done()
    return tuple(named)


def file_sizes(record: StoredRecord, attached: Sequence[AttachedFile]) -> list[int]:
    """The sealed sizes of a record's files, in their order."""
    own = [file for file in attached if (file.stream, file.seq) == (record.stream, record.seq)]
    return [file.size for file in sorted(own, key=lambda file: file.position)]


def sealed_file(open_it: Callable[[], tuple[AttachedFile, BinaryIO]]) -> Response:
    """A sealed file as it lies on the disk. Raises Busy, and what ``open_it`` raises.

    A place is taken first: whatever opening counts as, it is not done for somebody who then gets nothing.
    """
    with ExitStack() as stack:
        stack.callback(services().transfers.take())
        attached, stream = open_it()
        stack.callback(stream.close)
        end = stack.pop_all().close
    return _streamed(iter(partial(stream.read, _READ_SIZE), b""), attached.size, end)


def opened_file(open_it: Callable[[], OpenedFile]) -> Response:
    """A file in clear, for somebody without JavaScript: to be saved, never shown. Raises as ``sealed_file``."""
    with ExitStack() as stack:
        stack.callback(services().transfers.take())
        file = open_it()
        if isinstance(file.chunks, Generator):
            # What a generator holds open is closed with it.
            stack.callback(file.chunks.close)
        end = stack.pop_all().close
    answer = _streamed(file.chunks, file.size, end)
    name = safe_name(file.name)
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    # RFC 6266, 4.3: the name in ASCII, for what does not read the other.
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    need(request.environ, Need.FILE)
    return answer


def made_file(name: str, make: Callable[[BinaryIO], None]) -> Response:
    """A file that is made for this answer alone: nameless on the disk of the sealed files, and gone with the answer.

    Raises Busy, and what ``make`` raises.
    """
    with ExitStack() as stack:
        stack.callback(services().transfers.take())
        made = stack.enter_context(tempfile.TemporaryFile(dir=services().settings.blobs_dir))
        make(made)
        size = made.tell()
        made.seek(0)
        end = stack.pop_all().close
    answer = _streamed(iter(partial(made.read, _READ_SIZE), b""), size, end)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    need(request.environ, Need.FILE)
    return answer


def file_data() -> dict[str, object]:
    """What a page's script needs in order to attach and open files; the page's answer then allows the worker."""
    return {
        "worker": services().assets.worker(WORKER),
        "max_file": context().files.max_file,
        "max_files": MAX_FILES,
    }


def _streamed(pieces: Iterator[bytes], size: int, end: Callable[[], None]) -> Response:
    """An answer of ``size`` bytes; ``end`` is called when its last byte has gone, or when nobody reads on."""
    answer = Response(ClosingIterator(_to_the_end(pieces, end), end), content_type="application/octet-stream")
    answer.content_length = size
    return answer


def _to_the_end(pieces: Iterator[bytes], end: Callable[[], None]) -> Iterator[bytes]:
    yield from pieces
    end()


def _upload() -> str:
    text = request.headers.get(UPLOAD_HEADER, "")
    if not _ID.match(text):
        raise Invalid(_WRONG, field=UPLOAD_HEADER)
    return text


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not _NUMBER.match(text) or int(text) > MAX_INTEGER:
        raise Invalid(_WRONG, field=header)
    return int(text)
