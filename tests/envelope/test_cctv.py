"""The shipped header, stanza and stream code against all vectors of the age conformance suite."""

import hashlib
import io

import pytest

from tests.support.cctv import Vector, vectors
from tests.support.classic_recipients import ArmorError, ScryptIdentity, X25519Identity, unarmor
from tipportal.envelope import (
    EnvelopeError,
    HeaderError,
    HeaderMacError,
    HybridIdentity,
    NoMatchingIdentity,
    PayloadError,
    parse_header,
)
from tipportal.envelope.opening import open_stream
from tipportal.envelope.stanza import Identity
from tipportal.envelope.stream import NONCE_SIZE, PayloadSealer, payload_cipher

VECTORS = vectors()
FAILURES: dict[str, type[EnvelopeError]] = {
    "armor failure": ArmorError,
    "header failure": HeaderError,
    "HMAC failure": HeaderMacError,
    "no match": NoMatchingIdentity,
    "payload failure": PayloadError,
}


def _identities(vector: Vector) -> list[Identity]:
    keys: list[Identity] = [
        HybridIdentity.from_bech32(text) if "-PQ-" in text else X25519Identity.from_bech32(text)
        for text in vector.identities
    ]
    return [*keys, *(ScryptIdentity(text) for text in vector.passphrases)]


def _file(vector: Vector) -> bytes:
    return unarmor(vector.file) if vector.armored else vector.file


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_suite_is_whole() -> None:
    """A vector that the loader overlooks would pass in silence."""
    assert len({vector.name for vector in VECTORS}) == 143
    assert {vector.expect for vector in VECTORS} == {"success", *FAILURES}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_vector(vector: Vector) -> None:
    """What should open opens; what should not is refused for the right reason, having released what it should."""
    released = io.BytesIO()
    if vector.expect == "success":
        assert open_stream(io.BytesIO(_file(vector)), released, _identities(vector)) == len(released.getvalue())
        assert _sha256(released.getvalue()) == vector.payload_sha256
        return
    with pytest.raises(EnvelopeError) as refusal:
        open_stream(io.BytesIO(_file(vector)), released, _identities(vector))
    assert type(refusal.value) is FAILURES[vector.expect]
    assert _sha256(released.getvalue()) == (vector.payload_sha256 or _sha256(b""))


@pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS if vector.expect in {"success", "payload failure", "no match", "HMAC failure"}],
    ids=lambda vector: vector.name,
)
def test_header_is_written_back_identically(vector: Vector) -> None:
    """Parsing loses nothing: the header comes back byte for byte."""
    file = _file(vector)
    assert file.startswith(parse_header(file).encode())


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector.expect == "success"], ids=lambda vector: vector.name
)
def test_payload_is_sealed_identically(vector: Vector) -> None:
    """Sealing the plaintext again under the same file key and nonce gives the same bytes."""
    file = _file(vector)
    header = parse_header(file)
    assert header.is_vouched_for_by(vector.file_key)
    start = len(header.encode())
    nonce = file[start : start + NONCE_SIZE]
    plaintext, sealed = io.BytesIO(), io.BytesIO()
    open_stream(io.BytesIO(file), plaintext, _identities(vector))
    sealer = PayloadSealer(payload_cipher(vector.file_key, nonce), sealed)
    sealer.write(plaintext.getvalue())
    sealer.finish()
    assert sealed.getvalue() == file[start + NONCE_SIZE :]
