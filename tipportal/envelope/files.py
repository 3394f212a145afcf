"""Seal attached files, each under a key of its own; `docs/protocol.md`, section 4a.

A file is sealed while it arrives, before there is a record to attach it to: the key goes into that record's signed
header, so that whoever opens the record opens its files, and nobody else. Nothing here opens anything.
"""

import io
from dataclasses import dataclass, field
from hashlib import sha256

from tipportal.envelope.age import RandomBytes, SealingWriter, sealed_size
from tipportal.envelope.hybrid import SEED_SIZE, HybridIdentity
from tipportal.envelope.padding import padded_length
from tipportal.envelope.records import MEDIA_TYPE_PATTERN
from tipportal.envelope.refusals import FileError, Refusal
from tipportal.envelope.stream import CHUNK_SIZE, Writer

_ZEROS = bytes(CHUNK_SIZE)


@dataclass(frozen=True, slots=True)
class SealedContent:
    """What a record must say of a file that has been sealed.

    :ivar size: bytes of the file
    :ivar sha256: digest of the file's bytes, lower-case hex
    :ivar key: the 32-byte identity seed that opens it
    :ivar sealed_size: bytes of the age file, padding and all
    """

    size: int
    sha256: str = field(repr=False)
    key: bytes = field(repr=False)
    sealed_size: int


class FileSealer:
    """Seals a file piece by piece into `sink`, under a key made here, in constant memory.

    A sealer that is not finished leaves an age file without its last chunk, which nobody can take for a whole one.
    """

    def __init__(self, sink: Writer, *, random: RandomBytes) -> None:
        """Write the header to the sink at once."""
        self._key = random(SEED_SIZE)
        self._sealing = SealingWriter(sink, (HybridIdentity(self._key).recipient,), random=random)
        self._digest = sha256()

    @property
    def size(self) -> int:
        """The file's bytes taken so far."""
        return self._sealing.plaintext_size

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Take some of the file and give its length in bytes; raises `ValueError` once finished."""
        written = self._sealing.write(content)
        self._digest.update(content)
        return written

    def finish(self) -> SealedContent:
        """Pad, seal the last chunk, and give what opens the file; raises `FileError` (``file_size``) if it is empty."""
        size = self.size
        if size == 0:
            raise FileError(Refusal.FILE_SIZE)
        missing = padded_length(size) - size
        while missing:
            missing -= self._sealing.write(_ZEROS[:missing])
        self._sealing.close()
        return SealedContent(size, self._digest.hexdigest(), self._key, sealed_file_size(size))


def seal_file(content: bytes | bytearray | memoryview, *, random: RandomBytes) -> tuple[bytes, SealedContent]:
    """Seal a file that is already in memory: the age file, and what opens it; raises as `FileSealer.finish`."""
    sealed = io.BytesIO()
    sealer = FileSealer(sealed, random=random)
    sealer.write(content)
    finished = sealer.finish()
    return sealed.getvalue(), finished


def sealed_file_size(size: int) -> int:
    """Give the exact length in bytes of the age file that a file of `size` bytes is sealed as."""
    return sealed_size(padded_length(size), 1)


def media_type(said: str) -> str:
    """Give what a header can carry of the type that a file came with: lower case, no parameters, or nothing."""
    name = said.partition(";")[0].strip().lower()
    return name if MEDIA_TYPE_PATTERN.fullmatch(name) else ""
