"""Open age v1 files. Who may import this is a contract of the house: one use case and the command line.

Elsewhere the server only seals (`tipportal.envelope`).
"""

import io
from collections.abc import Iterator, Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tipportal.envelope.errors import (
    HeaderError,
    HeaderMacError,
    NoMatchingIdentity,
    PayloadError,
    Reason,
)
from tipportal.envelope.header import MAX_HEADER_SIZE, Header, header_size, parse_header
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.padding import padded_length
from tipportal.envelope.records import Attachment
from tipportal.envelope.refusals import FileError, Refusal
from tipportal.envelope.stanza import FILE_KEY_SIZE, Identity
from tipportal.envelope.stream import (
    NONCE_SIZE,
    SEALED_CHUNK_SIZE,
    TAG_SIZE,
    Reader,
    Writer,
    chunk_nonce,
    payload_cipher,
)

_HEADER_STEP = 4096


def open_sealed(data: bytes | bytearray | memoryview, identities: Sequence[Identity]) -> bytes:
    """Open an age file in memory and give the whole plaintext, verified to its end.

    :raises NoMatchingIdentity: if it is sealed to others.
    :raises EnvelopeError: for anything malformed or changed; nothing of the plaintext comes out then.
    """
    plaintext = io.BytesIO()
    open_stream(io.BytesIO(data), plaintext, identities)
    return plaintext.getvalue()


def open_stream(reader: Reader, writer: Writer, identities: Sequence[Identity]) -> int:
    """Open an age file piece by piece, in constant memory; give the plaintext's length in bytes.

    Every chunk is authentic when it is written, but that the file ends where it should is known only at the end:
    **show or keep what was written only after this returns**, and throw it away if it raises.

    :raises NoMatchingIdentity: if it is sealed to others.
    :raises EnvelopeError: for anything malformed or changed. Errors of reader and writer pass through.
    """
    source = _Source(reader)
    written = 0
    for chunk in _open(source, source.read_header(), identities):
        writer.write(chunk)
        written += len(chunk)
    return written


def open_file(reader: Reader, writer: Writer, attachment: Attachment) -> None:
    """Open an attached file in constant memory: `attachment` as a verified record names it, padding left out.

    **What was written counts only after this returns**: throw it away if it raises.

    :raises FileError: if it is sealed to anybody else as well, or its size, padding or digest is not what was named.
    :raises EnvelopeError: for anything else that is malformed, changed, cut or sealed under another key.
    """
    for piece in file_pieces(reader, attachment):
        writer.write(piece)


def file_pieces(reader: Reader, attachment: Attachment) -> Iterator[bytes]:
    """Open an attached file as somebody asks for its next piece, in constant memory; raises as `open_file`.

    **The pieces count only when the last has been given**: a file that is to be shown while it is opened is opened to
    its end once before.
    """
    source = _Source(reader)
    header = source.read_header()
    # The key was made for this file alone: a second stanza would be somebody listening in.
    if len(header.stanzas) != 1:
        raise FileError(Refusal.RECIPIENTS)
    content = _AttachedContent(attachment)
    for chunk in _open(source, header, (HybridIdentity(attachment.key),)):
        if own := content.of(chunk):
            yield own
    content.finish()


class _Source:
    """A reader that can be read past the header's end and then go on right after it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ahead = b""

    def read_header(self) -> Header:
        start = bytearray()
        size = None
        while size is None and len(start) <= MAX_HEADER_SIZE and (block := self._reader.read(_HEADER_STEP)):
            start += block
            size = header_size(start)
        header = parse_header(start)
        self._ahead = bytes(start[size:])
        return header

    def read(self, size: int) -> bytes:
        """Give exactly `size` bytes, fewer only at the end of the file."""
        content, self._ahead = self._ahead[:size], self._ahead[size:]
        if not content:
            content = self._reader.read(size)
        # A whole chunk in one read, the common case, is passed on as it came.
        if len(content) == size or not content:
            return content
        parts = [content]
        missing = size - len(content)
        while missing and (part := self._reader.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


class _AttachedContent:
    """Tells the file's own bytes from padding, and holds everything against what the record says of it."""

    def __init__(self, attachment: Attachment) -> None:
        self._attachment = attachment
        self._digest = sha256()
        self._missing = attachment.size
        self._padding = padded_length(attachment.size) - attachment.size

    def of(self, content: bytes) -> bytes:
        own = content[: self._missing]
        zeros = content[len(own) :]
        self._missing -= len(own)
        self._padding -= len(zeros)
        # Refused at once: whoever sealed more than was named must not decide how much is read.
        if self._padding < 0:
            raise FileError(Refusal.FILE_SIZE)
        if zeros.count(0) != len(zeros):
            raise FileError(Refusal.FILE_PADDING)
        self._digest.update(own)
        return own

    def finish(self) -> None:
        if self._missing or self._padding:
            raise FileError(Refusal.FILE_SIZE)
        if self._digest.hexdigest() != self._attachment.sha256:
            raise FileError(Refusal.FILE_DIGEST)


def _open(source: _Source, header: Header, identities: Sequence[Identity]) -> Iterator[bytes]:
    file_key = _unwrap(header, identities)
    if not header.is_vouched_for_by(file_key):
        raise HeaderMacError(Reason.MAC_MISMATCH)
    nonce = source.read(NONCE_SIZE)
    if len(nonce) != NONCE_SIZE:
        raise HeaderError(Reason.NONCE_TRUNCATED)
    return _open_payload(source, payload_cipher(file_key, nonce))


def _unwrap(header: Header, identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        file_key = identity.unwrap(header.stanzas)
        if file_key is not None:
            if len(file_key) != FILE_KEY_SIZE:
                raise HeaderError(Reason.FILE_KEY_LENGTH)
            return file_key
    raise NoMatchingIdentity


def _open_payload(source: _Source, cipher: ChaCha20Poly1305) -> Iterator[bytes]:
    index = 0
    sealed = source.read(SEALED_CHUNK_SIZE)
    last = False
    while not last:
        # A chunk is the last if nothing comes after it; the flag in its nonce must say the same, or it will not open.
        following = source.read(SEALED_CHUNK_SIZE) if len(sealed) == SEALED_CHUNK_SIZE else b""
        last = not following
        if last and index and len(sealed) == TAG_SIZE:
            raise PayloadError(Reason.LAST_CHUNK_EMPTY)
        try:
            chunk = cipher.decrypt(chunk_nonce(index, last=last), sealed, None)
        except InvalidTag:
            misflagged = _misflagged(cipher, index, sealed, last=last)
            if misflagged is None:
                raise PayloadError(Reason.CHUNK) from None
            yield misflagged
            raise PayloadError(Reason.PAYLOAD_TRUNCATED if last else Reason.PAYLOAD_TRAILING) from None
        yield chunk
        index += 1
        sealed = following


def _misflagged(cipher: ChaCha20Poly1305, index: int, sealed: bytes, *, last: bool) -> bytes | None:
    """Give an authentic chunk at whose edge the file was cut or extended; None if it is authentic with neither flag.

    A streaming reader that does not look ahead has let go of such a chunk before it can know; the format's conformance
    suite expects the same plaintext from all.
    """
    if len(sealed) != SEALED_CHUNK_SIZE:
        return None
    try:
        return cipher.decrypt(chunk_nonce(index, last=not last), sealed, None)
    except InvalidTag:
        return None
