"""Derivation and signatures of the protocol: HKDF-SHA-256 with an empty salt, and Ed25519 (RFC 8032).

The labels of derivation are gathered here, so that it can be seen that no two secrets share one.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.refusals import KeyShapeError, Refusal, SignatureError

SEED_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64
VERIFICATION_KEY_SIZE: Final = 32

_PRIME: Final = 2**255 - 19
_Y_MASK: Final = 2**255 - 1
_ORDER_EIGHT: Final = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # pragma: allowlist secret
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  # pragma: allowlist secret
)
# The y coordinates of the eight points of order 1, 2, 4 and 8 on edwards25519 (RFC 7748, section 4.1, has the curve).
_LOW_ORDER_Y: Final = frozenset(
    {
        0,
        1,
        _PRIME - 1,
        *(int.from_bytes(bytes.fromhex(point), "little") for point in _ORDER_EIGHT),
    }
)


class Label(StrEnum):
    """What a derived secret is for; `docs/protocol.md`, sections 2 and 3."""

    SOURCE_AGE = "tipportal/v1/source/age"
    SOURCE_LOOKUP = "tipportal/v1/source/lookup"
    SOURCE_SIGNING = "tipportal/v1/source/ed25519"
    FORM_CODE = "tipportal/v1/form-code"
    DIALOGUE = "tipportal/v1/dialogue"
    TRUSTEE_SIGNING = "tipportal/v1/trustee/ed25519"
    ROOT_ED25519 = "tipportal/v1/root/ed25519"
    ROOT_MLDSA65 = "tipportal/v1/root/mldsa65"


def hkdf(ikm: bytes, label: Label) -> bytes:
    """Derive 32 bytes for one purpose (RFC 5869, empty salt, the label as info)."""
    return HKDF(SHA256(), SEED_SIZE, salt=None, info=label.encode("ascii")).derive(ikm)


def dialogue_seed(work_seed: bytes) -> bytes:
    """Give the 32-byte seed of an epoch's dialogue identity from that of its work identity.

    One way: the source, who holds the dialogue seed, learns nothing of the work seed from it.

    :raises KeyShapeError: unless the seed has 32 bytes.
    """
    if len(work_seed) != SEED_SIZE:
        raise KeyShapeError(Refusal.KEY)
    return hkdf(work_seed, Label.DIALOGUE)


def recipient_hash(*recipients: HybridRecipient) -> str:
    """Give the SHA-256, in hex, of the raw recipients one after another in this order (1,216 bytes each)."""
    return sha256(b"".join(recipient.raw for recipient in recipients)).hexdigest()


class VerificationKey:
    """The public half of a signing key, 32 bytes. Equal when the bytes are."""

    __slots__ = ("_key", "raw")

    def __init__(self, raw: bytes) -> None:
        """Take the bytes.

        A key of low order is refused: one signature under it fits many messages, so it would bind its owner to none.

        :raises KeyShapeError: for another length, a coordinate not reduced, or a point of low order.
        """
        y = int.from_bytes(raw, "little") & _Y_MASK
        if len(raw) != VERIFICATION_KEY_SIZE or y >= _PRIME or y in _LOW_ORDER_Y:
            raise KeyShapeError(Refusal.KEY)
        self.raw = bytes(raw)
        self._key = Ed25519PublicKey.from_public_bytes(self.raw)

    def __eq__(self, other: object) -> bool:
        """Compare the bytes."""
        return isinstance(other, VerificationKey) and self.raw == other.raw

    def __hash__(self) -> int:
        """Hash the bytes."""
        return hash(self.raw)

    def __repr__(self) -> str:
        """Show the beginning of the key, which is public."""
        return f"VerificationKey({self.raw[:8].hex()})"

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if the 64-byte signature is this key's over the message; raises `SignatureError` otherwise."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            raise SignatureError from None


class SigningKey:
    """An Ed25519 key from its 32-byte seed. Not comparable and not shown: the seed leaves it by `seed` only."""

    __slots__ = ("_key", "_seed", "verification_key")

    def __init__(self, seed: bytes) -> None:
        """Derive the key from its seed; raises `KeyShapeError` unless it has 32 bytes."""
        if len(seed) != SEED_SIZE:
            raise KeyShapeError(Refusal.KEY)
        self._seed = bytes(seed)
        self._key = Ed25519PrivateKey.from_private_bytes(self._seed)
        self.verification_key = VerificationKey(self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        """Name the public half only."""
        return f"SigningKey({self.verification_key!r})"

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, for a handler's identity file."""
        return self._seed

    def sign(self, message: bytes) -> bytes:
        """Give the 64-byte signature over the message (deterministic, RFC 8032)."""
        return self._key.sign(message)
