"""Derivations are those of RFC 5869, signatures those of RFC 8032, and neither shows a secret."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from tests.support.sealed_case import seed
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import Label, SigningKey, VerificationKey, dialogue_seed, hkdf, recipient_hash
from tipportal.envelope.refusals import KeyShapeError, SignatureError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "keys.json").read_text())
# RFC 8032, section 7.1, test 2.
RFC_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
RFC_KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
RFC_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"  # pragma: allowlist secret
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"  # pragma: allowlist secret
)


@pytest.mark.parametrize("vector", VECTORS["hkdf"])
def test_hkdf(vector: dict[str, str]) -> None:
    """Against the two steps of RFC 5869 written out."""
    ikm = bytes.fromhex(vector["ikm"])
    extracted = hmac.digest(bytes(32), ikm, "sha256")
    assert hkdf(ikm, Label(vector["label"])).hex() == vector["out"]
    assert vector["out"] == hmac.digest(extracted, vector["label"].encode() + b"\1", "sha256").hex()


def test_labels_differ() -> None:
    assert len({hkdf(bytes(32), label) for label in Label}) == len(Label) == 8


def test_seeds_of_an_epoch() -> None:
    work_seed = bytes.fromhex(VECTORS["work_seed"])
    assert dialogue_seed(work_seed).hex() == VECTORS["dialogue_seed"]
    recipient = HybridIdentity(work_seed).recipient
    assert recipient.raw.hex() == VECTORS["work_recipient"]
    assert recipient_hash(recipient) == hashlib.sha256(recipient.raw).hexdigest() == VECTORS["work_recipient_hash"]
    with pytest.raises(KeyShapeError):
        dialogue_seed(work_seed + b"\0")


def test_the_hash_of_several_minds_the_order() -> None:
    one, two = (HybridIdentity(seed(name)).recipient for name in ("one", "two"))
    assert recipient_hash(one, two) == hashlib.sha256(one.raw + two.raw).hexdigest() != recipient_hash(two, one)


def test_signature_of_the_rfc() -> None:
    key = SigningKey(RFC_SEED)
    assert key.verification_key == VerificationKey(RFC_KEY)
    assert key.sign(b"\x72") == RFC_SIGNATURE
    key.verification_key.verify(RFC_SIGNATURE, b"\x72")


@pytest.mark.parametrize("place", [0, 31, 32, 63])
def test_changed_signature(place: int) -> None:
    changed = bytearray(RFC_SIGNATURE)
    changed[place] ^= 1
    with pytest.raises(SignatureError):
        VerificationKey(RFC_KEY).verify(bytes(changed), b"\x72")


@pytest.mark.parametrize("signature", [b"", RFC_SIGNATURE[:63], RFC_SIGNATURE + b"\0"])
def test_signature_of_another_length(signature: bytes) -> None:
    with pytest.raises(SignatureError):
        VerificationKey(RFC_KEY).verify(signature, b"\x72")


def test_other_message_and_other_key() -> None:
    with pytest.raises(SignatureError):
        VerificationKey(RFC_KEY).verify(RFC_SIGNATURE, b"\x73")
    with pytest.raises(SignatureError):
        SigningKey(seed("other")).verification_key.verify(RFC_SIGNATURE, b"\x72")


@pytest.mark.parametrize("raw", VECTORS["refused_verification_keys"])
def test_refused_keys(raw: str) -> None:
    """Points of low order and coordinates that are not reduced, with either sign."""
    key = bytes.fromhex(raw)
    for sign in (0, 0x80):
        with pytest.raises(KeyShapeError):
            VerificationKey(key[:31] + bytes([key[31] ^ sign]))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_lengths(size: int) -> None:
    with pytest.raises(KeyShapeError):
        SigningKey(bytes(size))
    with pytest.raises(KeyShapeError):
        VerificationKey(b"\3" * size)


def test_secrets_do_not_show() -> None:
    key = SigningKey(RFC_SEED)
    assert key.seed == RFC_SEED
    assert RFC_SEED.hex()[:8] not in repr(key)
    assert repr(RFC_SEED) not in repr(key)
    assert RFC_KEY.hex()[:16] in repr(key.verification_key)
