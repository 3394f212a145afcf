"""The textual header of an age v1 file: strict to read, and written back byte for byte (C2SP age.md, "Header")."""

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tipportal.envelope.errors import HeaderError, Reason
from tipportal.envelope.stanza import Stanza, decode_base64, encode_base64, parse_stanza

# A bound of ours, not of the format: whoever sends a file must not decide how much is read before it is refused.
MAX_HEADER_SIZE = 256 * 1024
MAC_SIZE = 32
_VERSION = b"age-encryption.org/v1"
_MAC_MARK = b"---"


@dataclass(frozen=True, slots=True)
class Header:
    """The stanzas and the MAC (32 bytes) of one age file."""

    stanzas: tuple[Stanza, ...]
    mac: bytes

    def encode(self) -> bytes:
        """Write the header with the line end of its last line; what was parsed comes out identical."""
        return _authenticated(self.stanzas) + b" " + encode_base64(self.mac) + b"\n"

    def is_vouched_for_by(self, file_key: bytes) -> bool:
        """Whether the MAC is the one this file key makes over these stanzas; compared in constant time."""
        return hmac.compare_digest(self.mac, _mac(file_key, self.stanzas))


def make_header(file_key: bytes, stanzas: tuple[Stanza, ...]) -> Header:
    """Make the header of a new file whose 16-byte file key these stanzas wrap."""
    return Header(stanzas, _mac(file_key, stanzas))


def header_size(start: bytes | bytearray) -> int | None:
    """Give how many bytes the header takes of a file that starts with these, or None if its end is not among them."""
    # Neither a body line (base64) nor an argument line ("-> ") can begin with three dashes: the first such line is it.
    mark = start.find(b"\n" + _MAC_MARK)
    end = -1 if mark < 0 else start.find(b"\n", mark + 1)
    return None if end < 0 else end + 1


def parse_header(data: bytes | bytearray | memoryview) -> Header:
    """Read the header at the beginning of `data`; whatever follows it is not looked at.

    :raises HeaderError: for anything that `Header.encode` would not have written just so.
    """
    return read_header(data)[0]


def read_header(data: bytes | bytearray | memoryview) -> tuple[Header, int]:
    """As `parse_header`, and give with it how many bytes the header takes."""
    start = bytes(data[:MAX_HEADER_SIZE])
    if not start.startswith(_VERSION + b"\n"):
        raise HeaderError(Reason.VERSION)
    size = header_size(start)
    if size is None:
        raise HeaderError(Reason.HEADER_TRUNCATED if len(data) <= MAX_HEADER_SIZE else Reason.HEADER_TOO_LONG)
    *lines, mac_line = start[: size - 1].split(b"\n")
    stanzas: list[Stanza] = []
    index = 1
    while index < len(lines):
        stanza, index = parse_stanza(lines, index)
        stanzas.append(stanza)
    if not stanzas:
        raise HeaderError(Reason.STANZA_NONE)
    if len(stanzas) > 1 and any(stanza.kind == "scrypt" for stanza in stanzas):
        # Whoever knows a passphrase could otherwise seal a file that seems to come from somebody who knows a key.
        raise HeaderError(Reason.SCRYPT_NOT_ALONE)
    return Header(tuple(stanzas), _parse_mac_line(mac_line)), size


def _parse_mac_line(line: bytes) -> bytes:
    if not line.startswith(_MAC_MARK + b" "):
        raise HeaderError(Reason.MAC_LINE)
    mac = decode_base64(line[len(_MAC_MARK) + 1 :])
    if len(mac) != MAC_SIZE:
        raise HeaderError(Reason.MAC_LINE)
    return mac


def _authenticated(stanzas: tuple[Stanza, ...]) -> bytes:
    return _VERSION + b"\n" + b"".join(stanza.encode() for stanza in stanzas) + _MAC_MARK


def _mac(file_key: bytes, stanzas: tuple[Stanza, ...]) -> bytes:
    key = HKDF(SHA256(), MAC_SIZE, salt=None, info=b"header").derive(file_key)
    return hmac.digest(key, _authenticated(stanzas), "sha256")
