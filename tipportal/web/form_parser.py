"""Forms with files, read as they arrive: fields into memory, each file through a sealer, nothing in clear on a disk.

werkzeug's own reader would spool a file to disk, and bounds each field but not all of them together. The grammar of
``multipart/form-data`` is still werkzeug's (its sans-IO decoder).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import IO, Protocol

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

READ_SIZE = 64 * 1024
MAX_PARTS = 1000
"""Parts of one form: many times as many as any page of ours has."""
_FILE_NAME = re.compile(r';\s*filename="([^"]*)"')
Parsed = tuple[IO[bytes], "MultiDict[str, str]", "MultiDict[str, FileStorage]"]


class PartSink(Protocol):
    """Where the content of one file goes."""

    def write(self, content: bytes, /) -> None:
        """Take some of the content."""

    def close(self) -> None:
        """The content is complete."""


class StopReading(Exception):
    """Raised by a sink when nothing more of the body should be read."""


class PortalFormParser(FormDataParser):
    """Reads a form's fields, at most ``max_form_memory_size`` bytes with all names, and hands on each file.

    ``sink_for`` is called at the start of each file with its field's name, its own name, its media type as sent, and
    the fields that stood before it. What breaks the grammar is an empty form, as with werkzeug's own. A body is read
    once: what went wrong is given to ``failed`` and not raised, or whoever asks again would read on halfway.
    """

    def __init__(
        self,
        sink_for: Callable[[str, str, str, Mapping[str, str]], PartSink],
        failed: Callable[[HTTPException], None],
        *,
        max_form_memory_size: int,
    ) -> None:
        super().__init__(max_form_memory_size=max_form_memory_size)
        self._sink_for = sink_for
        self._failed = failed

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Parsed:
        """Read a body: what is left of it, its fields, and no files, which have gone to their sinks."""
        form: MultiDict[str, str] = MultiDict()
        try:
            if mimetype != "multipart/form-data":
                return super().parse(stream, mimetype, content_length, options)
            if boundary := (options or {}).get("boundary", "").encode("ascii", "replace"):
                self._read(stream, boundary, form)
        except StopReading:
            pass
        except HTTPException as failure:
            self._failed(failure)
            if not isinstance(failure, UnsupportedMediaType):
                # Too large, or cut off: half a text is not what somebody wrote.
                form.clear()
        except ValueError:
            form.clear()
        return stream, form, MultiDict()

    def _read(self, stream: IO[bytes], boundary: bytes, form: MultiDict[str, str]) -> None:
        limit = self.max_form_memory_size or 0
        decoder = MultipartDecoder(boundary, max_form_memory_size=limit + READ_SIZE, max_parts=MAX_PARTS)
        part: _Part | None = None
        left = limit
        while True:
            content = stream.read(READ_SIZE)
            decoder.receive_data(content or None)
            event = decoder.next_event()
            while not isinstance(event, (Epilogue, NeedData)):
                if isinstance(event, (Field, File)):
                    # Names are kept too, and a name may be as long as a text.
                    left -= sum(len(value) for value in event.headers.values())
                if isinstance(event, Field):
                    part = _FieldPart(form, event.name)
                elif isinstance(event, File):
                    sent_as = event.headers.get("Content-Type", "")
                    part = _FilePart(self._sink_for(event.name or "", _file_name(event), sent_as, form))
                elif isinstance(event, Data) and part is not None:
                    left -= part.take(event.data)
                    if not event.more_data:
                        part.complete()
                if left < 0:
                    raise RequestEntityTooLarge
                event = decoder.next_event()
            if not content:
                return


def _file_name(event: File) -> str:
    """The name as browsers write it (HTML, 4.10.21.8): a backslash in it is a backslash and escapes nothing."""
    written = _FILE_NAME.search(event.headers.get("Content-Disposition", ""))
    if written is None:
        return event.filename
    return written[1].replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


class _Part(Protocol):
    def take(self, content: bytes) -> int:
        """Take content; how many bytes of it are kept in memory."""

    def complete(self) -> None: ...


class _FieldPart:
    def __init__(self, form: MultiDict[str, str], name: str | None) -> None:
        self._form = form
        self._name = name or ""
        self._pieces: list[bytes] = []

    def take(self, content: bytes) -> int:
        self._pieces.append(content)
        return len(content)

    def complete(self) -> None:
        self._form.add(self._name, b"".join(self._pieces).decode("utf-8", "replace"))


class _FilePart:
    def __init__(self, sink: PartSink) -> None:
        self._sink = sink

    def take(self, content: bytes) -> int:
        if content:
            self._sink.write(content)
        return 0

    def complete(self) -> None:
        self._sink.close()
