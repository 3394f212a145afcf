"""Bech32 for age keys: BIP 173's checksum and alphabet, without its limit of 90 characters.

Everything here is strict: a string is accepted only if encoding the decoded bytes gives the very same string.
"""

import base64
import binascii

from tipportal.envelope.errors import EnvelopeError, Reason

_ALPHABET = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # pragma: allowlist secret
_RFC4648 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # pragma: allowlist secret
_TO_RFC4648 = bytes.maketrans(_ALPHABET, _RFC4648)
_FROM_RFC4648 = bytes.maketrans(_RFC4648, _ALPHABET)
_VALUES = bytes.maketrans(_ALPHABET, bytes(range(32)))
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6
_BASE32_BLOCK = 8


def _remainder(top: int) -> int:
    result = 0
    for bit, value in enumerate(_GENERATOR):
        if top >> bit & 1:
            result ^= value
    return result


# The five conditional additions of the reference loop, worked out beforehand: a recipient has almost 2,000 symbols.
_REMAINDERS = tuple(_remainder(top) for top in range(32))


def _polymod(values: bytes) -> int:
    checksum = 1
    for value in values:
        checksum = ((checksum & 0x1FFFFFF) << 5) ^ value ^ _REMAINDERS[checksum >> 25]
    return checksum


def _expanded(prefix: str) -> bytes:
    raw = prefix.encode("ascii")
    return bytes(c >> 5 for c in raw) + b"\0" + bytes(c & 31 for c in raw)


def encode(prefix: str, content: bytes) -> str:
    """Give the lower-case Bech32 string of `content` under a lower-case ASCII `prefix` (BIP 173)."""
    # RFC 4648 base32 cuts bits into fives in the same order and fills up with zeros alike; only the letters differ.
    symbols = base64.b32encode(content).rstrip(b"=").translate(_FROM_RFC4648)
    values = _expanded(prefix) + symbols.translate(_VALUES)
    checksum = _polymod(values + bytes(_CHECKSUM_LENGTH)) ^ 1
    tail = bytes(_ALPHABET[checksum >> 5 * (5 - place) & 31] for place in range(_CHECKSUM_LENGTH))
    return f"{prefix}1{(symbols + tail).decode('ascii')}"


def decode(prefix: str, text: str) -> bytes:
    """Give the bytes of a lower-case Bech32 string that must stand under exactly this `prefix`.

    :raises EnvelopeError: reason ``bech32`` for any other string, even one that another decoder might read kindly.
    """
    start = f"{prefix}1"
    symbols = text[len(start) : -_CHECKSUM_LENGTH]
    if not text.startswith(start) or not symbols.isascii():
        raise EnvelopeError(Reason.BECH32)
    coded = symbols.encode("ascii").translate(_TO_RFC4648)
    try:
        content = base64.b32decode(coded + b"=" * (-len(coded) % _BASE32_BLOCK))
    except binascii.Error:
        # The string may be a secret key: no trace of it goes along with the error.
        raise EnvelopeError(Reason.BECH32) from None
    # This comparison is what checks the checksum, the letters' case, the spare bits and the length, all at once.
    if encode(prefix, content) != text:
        raise EnvelopeError(Reason.BECH32)
    return content
