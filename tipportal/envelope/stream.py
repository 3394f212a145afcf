"""The payload of an age file: STREAM in chunks of 64 KiB, the sealing half (C2SP age.md, "Payload").

The opening half stands in `tipportal.envelope.opening`, which few may import.
"""

from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tipportal.envelope.errors import PayloadError, Reason

CHUNK_SIZE = 64 * 1024
TAG_SIZE = 16
SEALED_CHUNK_SIZE = CHUNK_SIZE + TAG_SIZE
NONCE_SIZE = 16
_PAYLOAD_KEY_SIZE = 32
_COUNTER_SIZE = 11


class Reader(Protocol):
    """Something to read bytes from; short reads are fine, an empty one means the end."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes."""


class Writer(Protocol):
    """Something that takes every byte it is given."""

    def write(self, content: bytes, /) -> object:
        """Take the bytes."""


def payload_cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    """Give the cipher of one payload, from the 16-byte file key and the 16-byte nonce after the header."""
    return ChaCha20Poly1305(HKDF(SHA256(), _PAYLOAD_KEY_SIZE, salt=nonce, info=b"payload").derive(file_key))


def chunk_nonce(index: int, *, last: bool) -> bytes:
    """Give the nonce of the chunk with this index from 0: an 11-byte counter and the flag of the last chunk.

    No two chunks share one under a key, and the flag is what makes cutting at a chunk's edge show.
    """
    return index.to_bytes(_COUNTER_SIZE, "big") + (b"\1" if last else b"\0")


def sealed_payload_size(plaintext_size: int) -> int:
    """Give the bytes that a plaintext takes when sealed, without header and nonce."""
    return plaintext_size + TAG_SIZE * max(1, -(-plaintext_size // CHUNK_SIZE))


def plaintext_size(sealed_payload: int) -> int:
    """Give the plaintext's length from that of the sealed payload, both in bytes.

    :raises PayloadError: reason ``payload_size`` for a length that no payload has.
    """
    size = sealed_payload - TAG_SIZE * max(1, -(-sealed_payload // SEALED_CHUNK_SIZE))
    if size < 0 or sealed_payload_size(size) != sealed_payload:
        raise PayloadError(Reason.PAYLOAD_SIZE)
    return size


class PayloadSealer:
    """Seals a payload piece by piece and writes each chunk as soon as it is certain not to be the last.

    Whole chunks are sealed straight from the caller's memory; at most one chunk is held here.
    """

    def __init__(self, cipher: ChaCha20Poly1305, sink: Writer) -> None:
        """Seal with a cipher from `payload_cipher` that seals nothing else: the counter starts at zero."""
        self._cipher = cipher
        self._sink = sink
        self._held = bytearray()
        self._index = 0

    def write(self, content: bytes | bytearray | memoryview) -> None:
        """Take plaintext of any length."""
        with memoryview(content).cast("B") as view:
            start = 0
            if self._held:
                start = CHUNK_SIZE - len(self._held)
                self._held += view[:start]
                # A full chunk waits all the same until more comes: it may prove to be the last.
                if len(view) <= start:
                    return
                self._emit(self._held, last=False)
                self._held.clear()
            while len(view) - start > CHUNK_SIZE:
                self._emit(view[start : start + CHUNK_SIZE], last=False)
                start += CHUNK_SIZE
            self._held += view[start:]

    def finish(self) -> None:
        """Seal what is held as the last chunk; nothing may be written after it."""
        # Only an empty payload comes here with nothing held, and that is the one place where an empty chunk is right.
        self._emit(self._held, last=True)
        self._held.clear()

    def _emit(self, chunk: bytearray | memoryview, *, last: bool) -> None:
        self._sink.write(self._cipher.encrypt(chunk_nonce(self._index, last=last), chunk, None))
        self._index += 1
