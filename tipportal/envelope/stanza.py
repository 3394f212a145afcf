"""Recipient stanzas of the age v1 header, and what can make and open them (C2SP age.md, "Recipient stanza")."""

import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tipportal.envelope.errors import HeaderError, Reason

FILE_KEY_SIZE = 16
_COLUMNS = 64
_BYTES_PER_LINE = 48
_ARGUMENT_CHARACTERS = bytes(range(0x21, 0x7F))


def encode_base64(content: bytes) -> bytes:
    """Give standard base64 without padding (RFC 4648 section 4, as age writes it)."""
    return binascii.b2a_base64(content, newline=False).rstrip(b"=")


def decode_base64(text: bytes) -> bytes:
    """Read base64 that must be exactly what `encode_base64` writes.

    :raises HeaderError: reason ``base64`` for padding, foreign characters, line ends and spare bits that are not zero.
    """
    try:
        content = binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        raise HeaderError(Reason.BASE64) from None
    if encode_base64(content) != text:
        raise HeaderError(Reason.BASE64)
    return content


@dataclass(frozen=True, slots=True)
class Stanza:
    """One wrapped file key: the arguments (the first is the type) and the body."""

    arguments: tuple[str, ...]
    body: bytes

    @property
    def kind(self) -> str:
        """The stanza's type, such as ``mlkem768x25519``."""
        return self.arguments[0]

    def encode(self) -> bytes:
        """Write the stanza as it stands in a header, with the line end of its last line."""
        text = encode_base64(self.body)
        lines = [b"-> " + " ".join(self.arguments).encode("ascii")]
        # One step past the end: a body that fills its last line is closed by an empty one.
        lines += [text[start : start + _COLUMNS] for start in range(0, len(text) + 1, _COLUMNS)]
        return b"\n".join(lines) + b"\n"


def parse_stanza(lines: Sequence[bytes], start: int) -> tuple[Stanza, int]:
    """Read the stanza whose first line is ``lines[start]``; give it and the index of the line after it.

    The lines come without their line ends.

    :raises HeaderError: if anything departs from the grammar.
    """
    opening, *arguments = lines[start].split(b" ")
    if opening != b"->":
        raise HeaderError(Reason.STANZA)
    if not arguments or not all(arguments) or b"".join(arguments).translate(None, _ARGUMENT_CHARACTERS):
        raise HeaderError(Reason.STANZA_ARGUMENTS)
    body = bytearray()
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if len(line) > _COLUMNS:
            raise HeaderError(Reason.STANZA_BODY)
        body += decode_base64(line)
        if len(line) < _COLUMNS:
            return Stanza(tuple(argument.decode("ascii") for argument in arguments), bytes(body)), index + 1
    raise HeaderError(Reason.STANZA_BODY)


class Recipient(Protocol):
    """Somebody to seal to: wraps the file key in one stanza."""

    @property
    def labels(self) -> frozenset[str]:
        """Recipients of one file must all carry the same labels: it is how post-quantum and classic keys stay apart."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap the 16-byte file key."""


class Identity(Protocol):
    """Somebody who may open: tries the stanzas of a header."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the 16-byte file key, or None if no stanza is for this identity.

        :raises HeaderError: if a stanza of this identity's kind is malformed.
        """
