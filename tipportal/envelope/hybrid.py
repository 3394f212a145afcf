"""Hybrid post-quantum keys of age: ``age1pq1…`` and ``AGE-SECRET-KEY-PQ-1…`` (C2SP age.md, ``mlkem768x25519``).

A stanza is single-shot HPKE (RFC 9180) with MLKEM768-X25519 (X-Wing), HKDF-SHA256 and ChaCha20-Poly1305. Reading it
later takes breaking both ML-KEM-768 and X25519.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from tipportal.envelope import bech32
from tipportal.envelope.errors import (
    EnvelopeError,
    HeaderError,
    IdentityError,
    Reason,
    RecipientError,
)
from tipportal.envelope.stanza import (
    FILE_KEY_SIZE,
    Stanza,
    decode_base64,
    encode_base64,
)

STANZA_KIND = "mlkem768x25519"
RECIPIENT_SIZE = 1216
SEED_SIZE = 32
_ENC_SIZE = 1120
_BODY_SIZE = FILE_KEY_SIZE + 16
_ARGUMENT_COUNT = 2
_MLKEM_PUBLIC_SIZE = 1184
_MLKEM_CIPHERTEXT_SIZE = 1088
_MLKEM_SEED_SIZE = 64
_EXPANDED_SIZE = 96
_INFO = b"age-encryption.org/mlkem768x25519"
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_RECIPIENT_PREFIX = "age1pq"
_IDENTITY_PREFIX = "age-secret-key-pq-"
# Not a secret: it only asks whether a point is of low order, and every clamped scalar gives the same answer.
_PROBE = X25519PrivateKey.from_private_bytes(bytes(32))


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """The public half: 1,216 bytes, ML-KEM-768 encapsulation key ‖ X25519 public key. Equal when the bytes are.

    :raises RecipientError: on making it, if the bytes are not a key that can be sealed to.
    """

    raw: bytes
    _key: MLKEM768X25519PublicKey = field(init=False, repr=False, compare=False)

    labels: ClassVar[frozenset[str]] = frozenset({"postquantum"})

    def __post_init__(self) -> None:
        """Check the key at the door, so that sealing to it cannot fail half-way."""
        if len(self.raw) != RECIPIENT_SIZE:
            raise RecipientError(Reason.RECIPIENT_LENGTH)
        share = X25519PublicKey.from_public_bytes(self.raw[_MLKEM_PUBLIC_SIZE:])
        try:
            # The modulus check of FIPS 203 section 7.2 is in here.
            mlkem = MLKEM768PublicKey.from_public_bytes(self.raw[:_MLKEM_PUBLIC_SIZE])
            _PROBE.exchange(share)
        except ValueError:
            raise RecipientError(Reason.RECIPIENT_KEY) from None
        object.__setattr__(self, "_key", MLKEM768X25519PublicKey(mlkem, share))

    def __repr__(self) -> str:
        """Show a short fingerprint instead of 1,216 bytes."""
        return f"HybridRecipient(sha256={hashlib.sha256(self.raw).hexdigest()[:16]})"

    @classmethod
    def from_bytes(cls, raw: bytes | bytearray | memoryview) -> Self:
        """Take the 1,216 bytes, as the database keeps them; raises `RecipientError`."""
        return cls(bytes(raw))

    @classmethod
    def from_bech32(cls, text: str) -> Self:
        """Read ``age1pq1…`` (lower case only, as every age implementation does); raises `RecipientError`."""
        try:
            return cls(bech32.decode(_RECIPIENT_PREFIX, text))
        except RecipientError:
            raise
        except EnvelopeError as error:
            raise RecipientError(error.reason) from None

    def to_bech32(self) -> str:
        """Write ``age1pq1…``, 1,959 characters."""
        return bech32.encode(_RECIPIENT_PREFIX, self.raw)

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap a 16-byte file key. The randomness of the encapsulation is the operating system's."""
        sealed = _SUITE.encrypt(file_key, self._key, _INFO)
        enc, body = sealed[:_ENC_SIZE], sealed[_ENC_SIZE:]
        return Stanza((STANZA_KIND, encode_base64(enc).decode("ascii")), body)


class HybridIdentity:
    """The secret half: a seed of 32 bytes, from which both private keys are derived (X-Wing).

    Not comparable and not shown: the seed leaves it by `seed` and `to_bech32` only.
    """

    __slots__ = ("_key", "_seed", "_x25519", "recipient")

    def __init__(self, seed: bytes) -> None:
        """Derive the keys from a seed; raises `IdentityError` unless it has 32 bytes."""
        if len(seed) != SEED_SIZE:
            raise IdentityError(Reason.IDENTITY_LENGTH)
        expanded = hashlib.shake_256(seed).digest(_EXPANDED_SIZE)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_SIZE])
        self._seed = bytes(seed)
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_SIZE:])
        self._key = MLKEM768X25519PrivateKey(mlkem, self._x25519)
        self.recipient = HybridRecipient(
            mlkem.public_key().public_bytes_raw() + self._x25519.public_key().public_bytes_raw()
        )

    def __repr__(self) -> str:
        """Name the public half only."""
        return f"HybridIdentity(recipient={self.recipient!r})"

    @classmethod
    def from_bech32(cls, text: str) -> Self:
        """Read ``AGE-SECRET-KEY-PQ-1…`` (upper case only); raises `IdentityError`, which says nothing of the text."""
        # A few letters grow or change when folded: only ASCII has one lower case per upper case.
        if not text.isascii() or text != text.upper():
            raise IdentityError(Reason.BECH32)
        try:
            return cls(bech32.decode(_IDENTITY_PREFIX, text.lower()))
        except IdentityError:
            raise
        except EnvelopeError as error:
            raise IdentityError(error.reason) from None

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, to be granted, split or written down."""
        return self._seed

    def to_bech32(self) -> str:
        """Write ``AGE-SECRET-KEY-PQ-1…``: secret, for the paper of a trustee or a holder's age file."""
        return bech32.encode(_IDENTITY_PREFIX, self._seed).upper()

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the 16-byte file key of the first hybrid stanza that opens, or None if none is for this identity.

        :raises HeaderError: for a hybrid stanza of a wrong shape, or one whose X25519 share is of low order.
        """
        for stanza in stanzas:
            if stanza.kind == STANZA_KIND:
                file_key = self._open(*read_stanza(stanza))
                if file_key is not None:
                    return file_key
        return None

    def _open(self, enc: bytes, body: bytes) -> bytes | None:
        try:
            return _SUITE.decrypt(enc + body, self._key, _INFO)
        except InvalidTag:
            # Somebody else's stanza and a forged share look the same from here. A share of low order is malformed in
            # itself (RFC 7748 section 6.1), which the plain exchange tells; its outcome is not used for anything.
            try:
                self._x25519.exchange(X25519PublicKey.from_public_bytes(enc[_MLKEM_CIPHERTEXT_SIZE:]))
            except ValueError:
                raise HeaderError(Reason.LOW_ORDER) from None
            return None


def read_stanza(stanza: Stanza) -> tuple[bytes, bytes]:
    """Give the encapsulation (1,120 bytes) and the body (32 bytes) of a hybrid stanza.

    The lengths are checked before anything is opened, so that no file key of another length can come out.

    :raises HeaderError: if it is of another kind or shape.
    """
    if stanza.kind != STANZA_KIND:
        raise HeaderError(Reason.STANZA_KIND)
    if len(stanza.arguments) != _ARGUMENT_COUNT:
        raise HeaderError(Reason.STANZA_ARGUMENTS)
    enc = decode_base64(stanza.arguments[1].encode("ascii"))
    if len(enc) != _ENC_SIZE:
        raise HeaderError(Reason.STANZA_ARGUMENTS)
    if len(stanza.body) != _BODY_SIZE:
        raise HeaderError(Reason.STANZA_BODY)
    return enc, stanza.body
