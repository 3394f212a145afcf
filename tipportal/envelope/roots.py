"""The root of the handler directory: keys made and kept offline, which say who signs the directory.

`docs/protocol.md`, section 9. The rules are those of The Update Framework for its root: versions go up by one, each
signed by a threshold of its own keys and of those before it, and a key counts once however it is named. Both Ed25519
and ML-DSA-65 (FIPS 204) sign; browsers check the first alone, everybody else both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from tipportal.envelope.canonical import Json, Members, canonical, digest, encode_b64
from tipportal.envelope.casecode import words_from_entropy
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.keys import (
    SEED_SIZE,
    SIGNATURE_SIZE,
    VERIFICATION_KEY_SIZE,
    Label,
    SigningKey,
    VerificationKey,
    hkdf,
)
from tipportal.envelope.refusals import KeyShapeError, Refusal, ShapeError, SignatureError

LEAST_KEYS: Final = 3
LEAST_THRESHOLD: Final = 2
LEAST_ADMINISTRATORS: Final = 2
MAX_KEYS: Final = 10
MAX_ADMINISTRATORS: Final = 20
MAX_ROOTS: Final = 100
FINGERPRINT_WORDS: Final = 9
"""99 bits: whoever would pass off other root keys has to find ones with the same 99 bits."""

_CONTEXT: Final = b"tipportal/root/v1\0"
_FINGERPRINT_CONTEXT: Final = b"tipportal/root-keys/v1\0"
_MLDSA_KEY_SIZE: Final = 1952
_MLDSA_SIGNATURE_SIZE: Final = 3309
_KEY_ID_BYTES: Final = 8
_MAX_VERSION: Final = 2**31 - 1
_HEX_16: Final = re.compile(r"[0-9a-f]{32}")
_KEY_ID: Final = re.compile(r"[0-9a-f]{16}")
_ID: Final = re.compile(r"[!-~]{1,64}")
"""An account's id: drawn by a browser, or as it stands in an imported register."""
_NAMES: Final = frozenset({"v", "installation", "version", "issued", "keys", "threshold", "administrators"})
_KEY_NAMES: Final = frozenset({"id", "ed25519", "mldsa65"})


class DirectoryFault(StrEnum):
    """Why a directory, or its root, is not taken. The values are stable, and the same in browsers."""

    NONE = "directory_none"
    INSTALLATION = "directory_installation"
    ROOT_CHAIN = "directory_root_chain"
    ROOT_SIGNATURES = "directory_root_signatures"
    ROOT_ROLLBACK = "directory_root_rollback"
    WRONG_ROOT = "directory_wrong_root"
    SIGNATURES = "directory_signatures"
    VALIDITY = "directory_validity"
    STALE = "directory_stale"
    NOT_YET = "directory_not_yet"
    ROLLBACK = "directory_rollback"
    FORKED = "directory_forked"


class DirectoryError(EnvelopeError):
    """The directory is not the one that root and administrators have signed, or not for this place and day."""

    def __init__(self, fault: DirectoryFault) -> None:
        """Keep which."""
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class RootKey:
    """The public half of a root key. Its id is made of both halves, so one key cannot go by two names."""

    ed25519: VerificationKey
    mldsa65: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """16 hex digits: the beginning of SHA-256(Ed25519 key ‖ ML-DSA-65 key)."""
        return digest(self.ed25519.raw + self.mldsa65)[: 2 * _KEY_ID_BYTES]

    def to_json(self) -> dict[str, Json]:
        """Give the key as it stands in a root."""
        return {"id": self.id, "ed25519": encode_b64(self.ed25519.raw), "mldsa65": encode_b64(self.mldsa65)}


@dataclass(frozen=True, slots=True)
class RootSignature:
    """One root key's signatures under a root, 64 and 3,309 bytes."""

    key: str
    ed25519: bytes = field(repr=False)
    mldsa65: bytes = field(repr=False)

    def to_json(self) -> dict[str, Json]:
        """Give the signature as it travels."""
        return {"key": self.key, "ed25519": encode_b64(self.ed25519), "mldsa65": encode_b64(self.mldsa65)}


class RootSigningKey:
    """A root key from the 32 bytes on its paper. Not shown; lives as long as the command that signs."""

    __slots__ = ("_ed25519", "_mldsa65", "public")

    def __init__(self, seed: bytes) -> None:
        """Derive both keys; raises `KeyShapeError` unless the seed has 32 bytes."""
        if len(seed) != SEED_SIZE:
            raise KeyShapeError(Refusal.KEY)
        self._ed25519 = SigningKey(hkdf(seed, Label.ROOT_ED25519))
        self._mldsa65 = MLDSA65PrivateKey.from_seed_bytes(hkdf(seed, Label.ROOT_MLDSA65))
        self.public = RootKey(self._ed25519.verification_key, self._mldsa65.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        """Name the public half only."""
        return f"RootSigningKey({self.public.id})"

    def sign(self, root: "Root") -> RootSignature:
        """Sign a root with both keys. ML-DSA's signatures are never the same twice."""
        message = root_bytes(root)
        return RootSignature(self.public.id, self._ed25519.sign(message), self._mldsa65.sign(message))


@dataclass(frozen=True, slots=True)
class RootAdministrator:
    """Somebody whose signature counts under a snapshot: an account's id and its verification key."""

    id: str
    key: VerificationKey

    def to_json(self) -> dict[str, Json]:
        """Give the administrator as one stands in a root."""
        return {"id": self.id, "verification_key": encode_b64(self.key.raw)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One version of the root. `installation` is 32 hex digits."""

    installation: str
    version: int
    issued: date
    keys: tuple[RootKey, ...]
    threshold: int
    administrators: tuple[RootAdministrator, ...]

    def to_json(self) -> dict[str, Json]:
        """Give the document that is signed."""
        return {
            "v": 1,
            "installation": self.installation,
            "version": self.version,
            "issued": self.issued.isoformat(),
            "keys": [key.to_json() for key in self.keys],
            "threshold": self.threshold,
            "administrators": [administrator.to_json() for administrator in self.administrators],
        }


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root with the signatures that were gathered for it."""

    root: Root
    signatures: tuple[RootSignature, ...]

    def to_json(self) -> dict[str, Json]:
        """Give the root as it is published and carried between machines."""
        return {"root": self.root.to_json(), "signatures": [signature.to_json() for signature in self.signatures]}


def root_bytes(root: Root) -> bytes:
    """Give the bytes that root keys sign."""
    return _CONTEXT + canonical(root.to_json())


def root_digest(root: Root) -> str:
    """Give the hex digest by which a snapshot names its root."""
    return digest(canonical(root.to_json()))


def fingerprint(root: Root) -> tuple[str, ...]:
    """Give nine words that stand for the root's keys and threshold at this installation.

    Of the keys and not of the document: new administrators do not change what stands on posters, new keys do.
    """
    keys = sorted(digest(key.ed25519.raw + key.mldsa65) for key in root.keys)
    named = canonical({"installation": root.installation, "keys": keys, "threshold": root.threshold})
    entropy = bytes.fromhex(digest(_FINGERPRINT_CONTEXT + named))
    return words_from_entropy(entropy, FINGERPRINT_WORDS)


def parse_root(value: Json) -> Root:
    """Read a root; raises `ShapeError`, also for too few keys or administrators, or one of them twice."""
    members = Members(value, _NAMES)
    root = Root(
        installation=members.text("installation", _HEX_16),
        version=members.integer("version", most=_MAX_VERSION),
        issued=members.day("issued"),
        keys=tuple(parse_root_key(item) for item in members.items("keys", most=MAX_KEYS)),
        threshold=members.integer("threshold", most=MAX_KEYS),
        administrators=tuple(
            _parse_administrator(item) for item in members.items("administrators", most=MAX_ADMINISTRATORS)
        ),
    )
    if members.integer("v") != 1 or not _sound(root):
        raise ShapeError(Refusal.VALUE)
    return root


def parse_root_key(value: Json) -> RootKey:
    """Read the public half of a root key; raises `ShapeError`, `KeyShapeError`."""
    members = Members(value, _KEY_NAMES)
    key = RootKey(
        VerificationKey(members.octets("ed25519", VERIFICATION_KEY_SIZE)), members.octets("mldsa65", _MLDSA_KEY_SIZE)
    )
    if members.text("id", _KEY_ID) != key.id:
        raise ShapeError(Refusal.VALUE)
    return key


def parse_signed_root(value: Json) -> SignedRoot:
    """Read a root with its signatures; raises `ShapeError`."""
    members = Members(value, frozenset({"root", "signatures"}))
    signatures = members.items("signatures", most=2 * MAX_KEYS)
    return SignedRoot(parse_root(members.value("root")), tuple(_parse_signature(item) for item in signatures))


def signers(signed: SignedRoot, keys: Sequence[RootKey]) -> frozenset[str]:
    """Give the ids of those keys that have signed this root, with Ed25519 and ML-DSA-65 both."""
    message = root_bytes(signed.root)
    known = {key.id: key for key in keys}
    return frozenset(
        signature.key
        for signature in signed.signatures
        if signature.key in known and _holds(known[signature.key], signature, message)
    )


def check_successor(signed: SignedRoot, before: Root | None) -> None:
    """Return if this root may follow the one before it, or be the first.

    :raises DirectoryError: ``directory_installation``, ``directory_root_chain`` or ``directory_root_signatures``.
    """
    root = signed.root
    if before is not None and root.installation != before.installation:
        raise DirectoryError(DirectoryFault.INSTALLATION)
    if root.version != (1 if before is None else before.version + 1):
        raise DirectoryError(DirectoryFault.ROOT_CHAIN)
    if before is not None and root.issued < before.issued:
        raise DirectoryError(DirectoryFault.ROOT_CHAIN)
    for judged in (root,) if before is None else (before, root):
        if len(signers(signed, judged.keys)) < judged.threshold:
            raise DirectoryError(DirectoryFault.ROOT_SIGNATURES)


def verify_roots(signed: Sequence[SignedRoot], installation: str) -> Root:
    """Give the newest of a chain of roots, from the first, if every one follows from the one before it.

    :raises DirectoryError: as `check_successor`; ``directory_none`` for an empty chain.
    """
    newest: Root | None = None
    for one in signed:
        check_successor(one, newest)
        newest = one.root
    if newest is None:
        raise DirectoryError(DirectoryFault.NONE)
    if newest.installation != installation:
        raise DirectoryError(DirectoryFault.INSTALLATION)
    return newest


def _sound(root: Root) -> bool:
    keys = {key.id for key in root.keys}
    halves = min(len({key.ed25519 for key in root.keys}), len({key.mldsa65 for key in root.keys}), len(keys))
    people = min(len({one.id for one in root.administrators}), len({one.key for one in root.administrators}))
    return (
        root.version >= 1
        and len(root.keys) >= LEAST_KEYS
        and halves == len(root.keys)
        # One key may be lost without the root being lost.
        and LEAST_THRESHOLD <= root.threshold < len(root.keys)
        and len(root.administrators) >= LEAST_ADMINISTRATORS
        and people == len(root.administrators)
    )


def _holds(key: RootKey, signature: RootSignature, message: bytes) -> bool:
    try:
        key.ed25519.verify(signature.ed25519, message)
        MLDSA65PublicKey.from_public_bytes(key.mldsa65).verify(signature.mldsa65, message)
    except (SignatureError, InvalidSignature):
        return False
    return True


def _parse_administrator(value: Json) -> RootAdministrator:
    members = Members(value, frozenset({"id", "verification_key"}))
    return RootAdministrator(
        members.text("id", _ID), VerificationKey(members.octets("verification_key", VERIFICATION_KEY_SIZE))
    )


def _parse_signature(value: Json) -> RootSignature:
    members = Members(value, frozenset({"key", "ed25519", "mldsa65"}))
    return RootSignature(
        members.text("key", _KEY_ID),
        members.octets("ed25519", SIGNATURE_SIZE),
        members.octets("mldsa65", _MLDSA_SIGNATURE_SIZE),
    )
