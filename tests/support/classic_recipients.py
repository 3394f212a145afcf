"""The parts of age that the product leaves out on purpose: X25519, passphrases (scrypt) and armor.

The conformance vectors need them, so they plug into the product's header and stream code here, in the tests only.
"""

import binascii
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tipportal.envelope import EnvelopeError, HeaderError, Reason, Stanza
from tipportal.envelope.bech32 import decode
from tipportal.envelope.stanza import decode_base64, encode_base64

_X25519 = "X25519"
_SCRYPT = "scrypt"
_BODY_SIZE = 32
_MAX_WORK_FACTOR = 22
_NONCE = bytes(12)


def _open_body(key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(_NONCE, body, None)
    except InvalidTag:
        return None


def _sized(content: bytes, size: int) -> bytes:
    if len(content) != size:
        raise HeaderError(Reason.STANZA_ARGUMENTS)
    return content


class X25519Recipient:
    """A classic ``age1…`` recipient: 32 bytes."""

    labels = frozenset[str]()

    def __init__(self, raw: bytes) -> None:
        """Take the public key."""
        self.raw = raw

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap a file key for this recipient."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.raw))
        body = ChaCha20Poly1305(_x25519_key(shared, share, self.raw)).encrypt(_NONCE, file_key, None)
        return Stanza((_X25519, encode_base64(share).decode()), body)


class X25519Identity:
    """A classic ``AGE-SECRET-KEY-1…`` identity."""

    def __init__(self, scalar: bytes) -> None:
        """Take the 32 secret bytes."""
        self._key = X25519PrivateKey.from_private_bytes(scalar)
        self.recipient = X25519Recipient(self._key.public_key().public_bytes_raw())

    @classmethod
    def from_bech32(cls, text: str) -> "X25519Identity":
        """Read the string form."""
        return cls(decode("age-secret-key-", text.lower()))

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the file key of the first stanza that opens."""
        for stanza in stanzas:
            if stanza.kind != _X25519:
                continue
            _, *arguments = stanza.arguments
            if len(arguments) != 1:
                raise HeaderError(Reason.STANZA_ARGUMENTS)
            share = _sized(decode_base64(arguments[0].encode()), 32)
            try:
                shared = self._key.exchange(X25519PublicKey.from_public_bytes(share))
            except ValueError:
                raise HeaderError(Reason.STANZA_ARGUMENTS) from None
            key = _x25519_key(shared, share, self.recipient.raw)
            file_key = _open_body(key, _sized(stanza.body, _BODY_SIZE))
            if file_key is not None:
                return file_key
        return None


def _x25519_key(shared: bytes, share: bytes, recipient: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=share + recipient, info=b"age-encryption.org/v1/X25519").derive(shared)


class ScryptRecipient:
    """A passphrase to seal to; its label is its own, so it stands alone in a header."""

    def __init__(self, passphrase: str, work_factor: int = 10) -> None:
        """Take the passphrase and log2 of the cost."""
        self._passphrase = passphrase
        self._work_factor = work_factor
        self.labels = frozenset({os.urandom(16).hex()})

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap a file key under the passphrase."""
        salt = os.urandom(16)
        key = _scrypt_key(self._passphrase, salt, self._work_factor)
        body = ChaCha20Poly1305(key).encrypt(_NONCE, file_key, None)
        return Stanza((_SCRYPT, encode_base64(salt).decode(), str(self._work_factor)), body)


class ScryptIdentity:
    """A passphrase to open with."""

    def __init__(self, passphrase: str) -> None:
        """Take the passphrase."""
        self._passphrase = passphrase

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the file key if the stanza opens."""
        for stanza in stanzas:
            if stanza.kind != _SCRYPT:
                continue
            _, *arguments = stanza.arguments
            if len(arguments) != 2 or not re.fullmatch(r"[1-9][0-9]?", arguments[1]):
                raise HeaderError(Reason.STANZA_ARGUMENTS)
            salt = _sized(decode_base64(arguments[0].encode()), 16)
            work_factor = int(arguments[1])
            if work_factor > _MAX_WORK_FACTOR:
                raise HeaderError(Reason.STANZA_ARGUMENTS)
            body = _sized(stanza.body, _BODY_SIZE)
            file_key = _open_body(_scrypt_key(self._passphrase, salt, work_factor), body)
            if file_key is not None:
                return file_key
        return None


def _scrypt_key(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    kdf = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=1 << work_factor, r=8, p=1)
    return kdf.derive(passphrase.encode())


class ArmorError(EnvelopeError):
    """Not strict PEM as age wants it."""

    def __init__(self) -> None:
        """Take no code."""
        super().__init__("test_armor")


_ARMOR = re.compile(
    rb"[ \t\r\n]*-----BEGIN AGE ENCRYPTED FILE-----(?P<eol>\r?\n)(?P<body>(?:.*\n)*?)"
    rb"-----END AGE ENCRYPTED FILE-----[ \t\r\n]*"
)
_ARMOR_COLUMNS = 64


def unarmor(text: bytes) -> bytes:
    """Take the armor off (RFC 7468, strict); raises `ArmorError`."""
    match = _ARMOR.fullmatch(text)
    if match is None:
        raise ArmorError
    lines = [line.removesuffix(b"\r") for line in match["body"].split(b"\n")[:-1]]
    if any(len(line) != _ARMOR_COLUMNS for line in lines[:-1]) or not all(0 < len(line) <= 64 for line in lines[-1:]):
        raise ArmorError
    coded = b"".join(lines)
    try:
        content = binascii.a2b_base64(coded, strict_mode=True)
    except binascii.Error:
        raise ArmorError from None
    if binascii.b2a_base64(content, newline=False) != coded:
        raise ArmorError
    return content
