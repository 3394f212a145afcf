"""Hybrid recipients and identities, and the strings that they are written as."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.cctv import vectors
from tipportal.envelope import EnvelopeError, HybridIdentity, HybridRecipient, IdentityError, RecipientError
from tipportal.envelope.bech32 import decode, encode

IDENTITY = HybridIdentity(bytes(range(32)))
RECIPIENT = IDENTITY.recipient
# SHA-256 of the raw recipient that npm age-encryption 0.3.1 derives from the same seed.
PINNED = "c9a3565ffde4f72b51661be391ee13e46378d7f06dd5c8bf5af9d2cfb5b8336b"  # pragma: allowlist secret
QUIET = settings(derandomize=True, deadline=None)


def test_bech32_agrees_with_bip_173() -> None:
    """Two valid strings of BIP 173, one of them empty, and their bytes."""
    assert decode("a", "a12uel5l") == b""
    assert decode("split", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w").hex() == (
        "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"  # pragma: allowlist secret
    )


@QUIET
@given(st.binary(max_size=80))
def test_bech32_roundtrip(content: bytes) -> None:
    """Every content has one string."""
    assert decode("age1pq", encode("age1pq", content)) == content


def test_recipient_string_and_bytes() -> None:
    """Both forms lead back to an equal recipient, also as a key of a set."""
    text = RECIPIENT.to_bech32()
    assert text.startswith("age1pq1")
    assert len(text) == 1959
    assert len(RECIPIENT.raw) == 1216
    copies = {HybridRecipient.from_bech32(text), HybridRecipient.from_bytes(memoryview(RECIPIENT.raw)), RECIPIENT}
    assert copies == {RECIPIENT}
    assert HybridIdentity(bytes(32)).recipient != RECIPIENT


def test_identity_string() -> None:
    """The identity of the conformance suite is read and written unchanged; the seed too."""
    texts = {text for vector in vectors() for text in vector.identities if "-PQ-" in text}
    assert texts
    for text in texts:
        assert HybridIdentity.from_bech32(text).to_bech32() == text
    assert HybridIdentity.from_bech32(IDENTITY.to_bech32()).seed == bytes(range(32))


def test_derivation_is_pinned() -> None:
    """The same seed gives the same recipient for ever: codes on paper depend on it."""
    assert hashlib.sha256(RECIPIENT.raw).hexdigest() == PINNED


def test_secrets_are_not_shown() -> None:
    """Neither representation nor errors contain the seed."""
    shown = repr(IDENTITY) + str(IDENTITY) + repr([IDENTITY])
    assert IDENTITY.seed.hex() not in shown
    assert repr(IDENTITY.seed) not in shown
    assert IDENTITY.to_bech32()[20:30].lower() not in shown.lower()
    assert not hasattr(IDENTITY, "__dict__")
    broken = IDENTITY.to_bech32()[:-3] + "ACE"
    assert broken != IDENTITY.to_bech32()
    with pytest.raises(IdentityError) as refusal:
        HybridIdentity.from_bech32(broken)
    assert str(refusal.value) == "bech32"
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_identity_length(size: int) -> None:
    """A seed has 32 bytes, in a string as well."""
    with pytest.raises(IdentityError):
        HybridIdentity(bytes(size))
    with pytest.raises(IdentityError):
        HybridIdentity.from_bech32(encode("age-secret-key-pq-", bytes(size)).upper())


@pytest.mark.parametrize("size", [0, 32, 1215, 1217, 1249])
def test_recipient_length(size: int) -> None:
    """A recipient has 1,216 bytes, in a string as well."""
    raw = RECIPIENT.raw.ljust(size, b"\0")[:size]
    with pytest.raises(RecipientError, match="recipient_length"):
        HybridRecipient.from_bytes(raw)
    with pytest.raises(RecipientError, match="recipient_length"):
        HybridRecipient.from_bech32(encode("age1pq", raw))


LOW_ORDER = [
    bytes(32),
    b"\1" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),  # pragma: allowlist secret
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),  # pragma: allowlist secret
]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\xff" * 1184 + RECIPIENT.raw[1184:], id="coefficients above the modulus"),
        # 3329, the modulus itself, as the first 12-bit coefficient.
        pytest.param(b"\x01\x0d" + RECIPIENT.raw[2:], id="first coefficient is the modulus"),
        *(pytest.param(RECIPIENT.raw[:1184] + point, id=f"low order {point.hex()[:6]}") for point in LOW_ORDER),
    ],
)
def test_recipient_that_cannot_be_sealed_to(raw: bytes) -> None:
    """Bad keys are refused at the door, not when somebody is about to send."""
    with pytest.raises(RecipientError) as refusal:
        HybridRecipient.from_bytes(raw)
    assert refusal.value.reason == "recipient_key"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1pq1",
        "age1pq1é",
        RECIPIENT.to_bech32().upper(),
        RECIPIENT.to_bech32()[:-1],
        RECIPIENT.to_bech32() + "q",
        " " + RECIPIENT.to_bech32(),
        RECIPIENT.to_bech32() + "\n",
        RECIPIENT.to_bech32()[:30] + RECIPIENT.to_bech32()[30:31].upper() + RECIPIENT.to_bech32()[31:],
        encode("age", bytes(32)),
        encode("age1tagpq", RECIPIENT.raw),
        IDENTITY.to_bech32(),
    ],
)
def test_recipient_string_refused(text: str) -> None:
    """Other kinds, other case and anything around it."""
    with pytest.raises(RecipientError) as refusal:
        HybridRecipient.from_bech32(text)
    assert refusal.value.reason == "bech32"


@pytest.mark.parametrize(
    "text",
    [
        "",
        IDENTITY.to_bech32().lower(),
        IDENTITY.to_bech32().capitalize(),
        IDENTITY.to_bech32()[:-1],
        encode("age-secret-key-", bytes(32)).upper(),
        RECIPIENT.to_bech32(),
        IDENTITY.to_bech32().replace("K", "\N{KELVIN SIGN}"),
    ],
)
def test_identity_string_refused(text: str) -> None:
    """Other kinds and other case, also letters that only fold to the right ones."""
    with pytest.raises(IdentityError):
        HybridIdentity.from_bech32(text)


@QUIET
@given(st.text(max_size=60), st.integers(0, 58), st.characters())
def test_only_our_error_comes_out_of_strings(text: str, place: int, letter: str) -> None:
    """Any text, any text under the right prefix, and any one letter of a good string changed."""
    good = IDENTITY.to_bech32()
    changed = good[:place] + letter + good[place + 1 :]
    for candidate in {text, "AGE-SECRET-KEY-PQ-1" + text, changed} - {good}:
        with pytest.raises(EnvelopeError):
            HybridIdentity.from_bech32(candidate)
        with pytest.raises(EnvelopeError):
            HybridRecipient.from_bech32("age1pq1" + candidate)
