"""Seal in the age v1 format to hybrid recipients, and check the shape of sealed files without opening them."""

import io
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tipportal.envelope.errors import HeaderError, Reason, RecipientError
from tipportal.envelope.header import Header, make_header, read_header
from tipportal.envelope.hybrid import HybridRecipient, read_stanza
from tipportal.envelope.stanza import FILE_KEY_SIZE, Recipient
from tipportal.envelope.stream import (
    NONCE_SIZE,
    PayloadSealer,
    Reader,
    Writer,
    payload_cipher,
    plaintext_size,
    sealed_payload_size,
)

RandomBytes = Callable[[int], bytes]
"""A source of unpredictable bytes. The same bytes twice would seal two files under one key: use only a real one."""

# Keeps every header made here well under what `parse_header` is ready to read.
MAX_RECIPIENTS = 128
_FRAME_SIZE = 86
_STANZA_SIZE = 1557
_READ_SIZE = 1024 * 1024
# The stanzas of 1,120 and 32 bytes and the MAC of 32 in base64, whose spare bits are zero: what `read_header` and
# `read_stanza` take, told without decoding. It ends after a fixed number of bytes, so nobody can make it slow.
_OPENING_SIZE = 1512
_32_BYTES = rb"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]\n"
_USUAL_HEADER = re.compile(
    rb"age-encryption\.org/v1\n((?:-> mlkem768x25519 [A-Za-z0-9+/]{1493}[AQgw]\n%b){1,%d})--- %b"
    % (_32_BYTES, MAX_RECIPIENTS, _32_BYTES)
)


def sealed_size(plaintext_len: int, recipients: int) -> int:
    """Give the exact length in bytes of the age file for a plaintext of that many bytes and so many recipients."""
    return _FRAME_SIZE + _STANZA_SIZE * recipients + sealed_payload_size(plaintext_len)


def wrap_file_key(file_key: bytes, recipients: Sequence[Recipient]) -> Header:
    """Make a header that wraps a 16-byte file key for every recipient.

    :raises RecipientError: reason ``recipients_mixed`` if their labels differ. One classic stanza would take the
        post-quantum secrecy from the whole file, for everybody.
    """
    if len({recipient.labels for recipient in recipients}) > 1:
        raise RecipientError(Reason.RECIPIENTS_MIXED)
    return make_header(file_key, tuple(recipient.wrap(file_key) for recipient in recipients))


class SealingWriter:
    """A sink that seals what is written to it and passes the age file on: plaintext is never stored.

    As a context manager it closes on success. After an exception it leaves the file without its last chunk, so that
    half a file can never be taken for a whole one. The sink itself is not closed.

    :raises RecipientError: on making it, for no recipient, a duplicate, more than `MAX_RECIPIENTS` or anything but
        `HybridRecipient`.
    """

    def __init__(
        self,
        sink: Writer,
        recipients: Sequence[HybridRecipient],
        *,
        random: RandomBytes = secrets.token_bytes,
    ) -> None:
        """Write the header to the sink at once."""
        _check_recipients(recipients)
        file_key = random(FILE_KEY_SIZE)
        nonce = random(NONCE_SIZE)
        sink.write(wrap_file_key(file_key, recipients).encode() + nonce)
        self._sealer: PayloadSealer | None = PayloadSealer(payload_cipher(file_key, nonce), sink)
        self._size = 0

    @property
    def closed(self) -> bool:
        """Whether nothing more may be written."""
        return self._sealer is None

    @property
    def plaintext_size(self) -> int:
        """The bytes of plaintext taken so far."""
        return self._size

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Take plaintext and give its length in bytes, as files do; raises `ValueError` once closed."""
        if self._sealer is None:
            msg = "write to a closed sealing writer"
            raise ValueError(msg)
        size = memoryview(content).nbytes
        self._sealer.write(content)
        self._size += size
        return size

    def close(self) -> None:
        """Seal the last chunk, which makes the file whole; closing again does nothing."""
        sealer, self._sealer = self._sealer, None
        if sealer is not None:
            sealer.finish()

    def abort(self) -> None:
        """Stop without the last chunk: nobody can open what was written as a whole file."""
        self._sealer = None

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, or abort if an exception passes by."""
        if kind is None:
            self.close()
        else:
            self.abort()


def seal(
    plaintext: bytes | bytearray | memoryview,
    recipients: Sequence[HybridRecipient],
    *,
    random: RandomBytes = secrets.token_bytes,
) -> bytes:
    """Seal bytes that are already in memory and give the age file; raises as `SealingWriter`."""
    sealed = io.BytesIO()
    with SealingWriter(sealed, recipients, random=random) as writer:
        writer.write(plaintext)
    return sealed.getvalue()


def seal_stream(
    reader: Reader,
    writer: Writer,
    recipients: Sequence[HybridRecipient],
    *,
    random: RandomBytes = secrets.token_bytes,
) -> int:
    """Seal all that `reader` gives into `writer`, in constant memory; give the plaintext's length in bytes.

    Raises as `SealingWriter`, before anything is read or written. Errors of reader and writer pass through.
    """
    with SealingWriter(writer, recipients, random=random) as sealing:
        while block := reader.read(_READ_SIZE):
            sealing.write(block)
        return sealing.plaintext_size


@dataclass(frozen=True, slots=True)
class SealedShape:
    """What shows of a sealed file from outside: the number of recipients and the plaintext's bytes (with padding)."""

    recipients: int
    payload_size: int


def inspect(data: bytes | bytearray | memoryview, *, size: int | None = None) -> SealedShape:
    """Check that a file has the shape of one that `seal` makes, and tell its shape.

    For whoever stores a file without being able to open it. It proves that nothing else was put where an age file
    belongs by mistake; it cannot prove that anybody can open it.

    :param data: the whole file; or, if `size` is given, its beginning with at least the whole header
    :param size: the length of the whole file in bytes
    :raises EnvelopeError: for a malformed header, stanzas that are classic, foreign (as "grease"), misshapen or twice
        the same, more than `MAX_RECIPIENTS`, and for a length that no such file has.
    """
    total = memoryview(data).nbytes if size is None else size
    usual = _USUAL_HEADER.match(data)
    if usual is not None:
        stanzas = usual[1]
        count = len(stanzas) // _STANZA_SIZE
        # One value has one spelling in this base64, so that equal texts are equal encapsulations.
        texts = {stanzas[at : at + _OPENING_SIZE] for at in range(0, len(stanzas), _STANZA_SIZE)}
        if len(texts) == count:
            return SealedShape(count, plaintext_size(total - usual.end() - NONCE_SIZE))
    # Whatever is not just as `seal` writes it is read in full: that tells what is wrong.
    header, header_size = read_header(data)
    if len(header.stanzas) > MAX_RECIPIENTS:
        raise HeaderError(Reason.RECIPIENTS_TOO_MANY)
    encapsulations = {read_stanza(stanza)[0] for stanza in header.stanzas}
    if len(encapsulations) != len(header.stanzas):
        raise HeaderError(Reason.STANZA_DUPLICATE)
    payload = plaintext_size(total - header_size - NONCE_SIZE)
    return SealedShape(len(header.stanzas), payload)


def _check_recipients(recipients: Sequence[HybridRecipient]) -> None:
    # An empty list must never mean "sealed to nobody" or fall through to something weaker.
    if not recipients:
        raise RecipientError(Reason.RECIPIENTS_NONE)
    if len(recipients) > MAX_RECIPIENTS:
        raise RecipientError(Reason.RECIPIENTS_TOO_MANY)
    # The exact class: a subclass could wrap the key in another way.
    if any(type(recipient) is not HybridRecipient for recipient in recipients):
        raise RecipientError(Reason.RECIPIENT_KIND)
    if len(set(recipients)) != len(recipients):
        raise RecipientError(Reason.RECIPIENTS_DUPLICATE)
