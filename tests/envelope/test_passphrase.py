"""An identity file opens with its passphrase and no other, and costs no more than is allowed."""

import io
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.cctv import Vector, vectors
from tests.support.classic_recipients import ScryptIdentity
from tests.support.sealed_case import PEOPLE, fixed_random
from tipportal.envelope import EnvelopeError, HeaderError, NoMatchingIdentity, seal
from tipportal.envelope.canonical import canonical, encode_b64
from tipportal.envelope.casecode import CaseCodeError, words
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import (
    HandlerIdentity,
    PassphraseIdentity,
    PassphraseRecipient,
    machine_passphrase,
    normalise_passphrase,
    parse_identity_file,
    seal_identity_file,
)
from tipportal.envelope.refusals import KeyShapeError, Refusal

ANNA = HandlerIdentity(PEOPLE["h1"].identity, PEOPLE["h1"].signing_key)
PASSPHRASE = "sju ord som ingen har valt"
# A passphrase of another text is refused only after the work: the least of it is enough to see that.
FILE = seal_identity_file(ANNA, PASSPHRASE, random=secrets.token_bytes, work_factor=4)
SCRYPT_VECTORS = [vector for vector in vectors() if vector.passphrases and not vector.armored]


def test_round_trip() -> None:
    content = parse_identity_file(open_sealed(FILE, [PassphraseIdentity(PASSPHRASE)]))
    assert content.identity.seed == ANNA.identity.seed
    assert content.signing_key.seed == ANNA.signing_key.seed


def test_another_reader_opens_it() -> None:
    """The tests' own scrypt identity, which passes the conformance suite, agrees about the format."""
    plaintext = open_sealed(FILE, [ScryptIdentity(PASSPHRASE)])
    assert plaintext == canonical({"age": encode_b64(ANNA.identity.seed), "signing": encode_b64(ANNA.signing_key.seed)})


def test_default_work_factor() -> None:
    assert b" 16\n" in seal_identity_file(ANNA, PASSPHRASE, random=secrets.token_bytes).split(b"\n---")[0]


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE + " ", PASSPHRASE.upper()])
def test_another_passphrase(passphrase: str) -> None:
    with pytest.raises(NoMatchingIdentity):
        open_sealed(FILE, [PassphraseIdentity(passphrase)])


def test_work_is_bounded() -> None:
    """The factor is judged before the work is done: 2**63 would never end."""
    for factor in (b"19", b"63", b"99"):
        costly = FILE.replace(b" 4\n", b" " + factor + b"\n", 1)
        with pytest.raises(HeaderError) as refusal:
            open_sealed(costly, [PassphraseIdentity(PASSPHRASE)])
        assert refusal.value.reason == Refusal.WORK_FACTOR
    with pytest.raises(HeaderError):
        open_sealed(FILE, [PassphraseIdentity(PASSPHRASE, max_work_factor=3)])
    for refused in (0, 19):
        with pytest.raises(KeyShapeError):
            PassphraseRecipient(PASSPHRASE, random=secrets.token_bytes, work_factor=refused)


@pytest.mark.parametrize("vector", SCRYPT_VECTORS, ids=lambda vector: vector.name)
def test_conformance(vector: Vector) -> None:
    """The scrypt vectors of the age project, with the shipped identity in place of the tests' own."""
    identities = [PassphraseIdentity(passphrase) for passphrase in vector.passphrases]
    if vector.expect == "success":
        open_sealed(vector.file, identities)
        return
    with pytest.raises(EnvelopeError) as refusal:
        open_sealed(vector.file, identities)
    if vector.expect == "header failure":
        assert isinstance(refusal.value, HeaderError)
    if vector.expect == "no match":
        assert isinstance(refusal.value, NoMatchingIdentity)


def test_conformance_has_something_to_say() -> None:
    assert len(SCRYPT_VECTORS) > 10
    assert {"success", "header failure", "no match"} <= {vector.expect for vector in SCRYPT_VECTORS}


def test_a_file_key_of_another_length() -> None:
    """It would come out right otherwise, and could be one of several that fit the same box."""
    stanza = PassphraseRecipient(PASSPHRASE, random=secrets.token_bytes, work_factor=4).wrap(bytes(24))
    with pytest.raises(HeaderError):
        PassphraseIdentity(PASSPHRASE).unwrap([stanza])


def test_a_file_under_no_passphrase() -> None:
    with pytest.raises(NoMatchingIdentity):
        open_sealed(seal(b"", [ANNA.identity.recipient]), [PassphraseIdentity(PASSPHRASE)])


def test_machine_passphrase() -> None:
    passphrase = machine_passphrase(fixed_random("passphrase"))
    assert len(passphrase.split(" ")) == 7
    assert set(passphrase.split(" ")) <= set(words())
    assert machine_passphrase(fixed_random("another")) != passphrase
    assert normalise_passphrase("-".join(word[:4] for word in passphrase.upper().split())) == passphrase
    with pytest.raises(CaseCodeError):
        normalise_passphrase(passphrase + " " + passphrase)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.binary(max_size=200))
def test_any_content(plaintext: bytes) -> None:
    with pytest.raises(EnvelopeError):
        parse_identity_file(plaintext)


@pytest.mark.parametrize(
    "content",
    [
        {"age": encode_b64(bytes(32))},
        {"age": encode_b64(bytes(32)), "signing": encode_b64(bytes(31))},
        {"age": encode_b64(bytes(33)), "signing": encode_b64(bytes(32))},
        {"age": encode_b64(bytes(32)), "signing": encode_b64(bytes(32)), "more": 1},
    ],
)
def test_other_content(content: dict[str, object]) -> None:
    with pytest.raises(EnvelopeError):
        parse_identity_file(canonical(content))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_changed_byte(place: int, change: int) -> None:
    # A factor of two digits could be a costly one; the bound is tested above.
    identity = PassphraseIdentity(PASSPHRASE, max_work_factor=9)
    with pytest.raises(EnvelopeError):
        open_sealed(FILE[:place] + bytes([FILE[place] ^ change]) + FILE[place + 1 :], [identity])


def test_secrets_do_not_show() -> None:
    shown = repr(PassphraseIdentity(PASSPHRASE)) + repr(ANNA)
    shown += repr(PassphraseRecipient(PASSPHRASE, random=io.BytesIO().read))
    assert "sju" not in shown
    assert ANNA.identity.seed.hex() not in shown
    assert repr(ANNA.signing_key.seed) not in shown
