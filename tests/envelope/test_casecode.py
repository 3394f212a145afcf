"""A code reads back however it was written down, gives the same keys everywhere, and never shows by accident."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.envelope.casecode import (
    CaseCode,
    CaseCodeError,
    derive,
    form_code,
    lookup_digest,
    normalise,
    normalise_words,
    source_keys,
    words,
    words_from_entropy,
)
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.refusals import KeyShapeError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "case-code.json").read_text())
QUIET = settings(derandomize=True, deadline=None, max_examples=300)
CODES = st.binary(min_size=16, max_size=16).map(CaseCode.from_entropy)


def _hkdf(ikm: bytes, label: str) -> bytes:
    return hmac.digest(hmac.digest(bytes(32), ikm, "sha256"), label.encode() + b"\1", "sha256")


@pytest.mark.parametrize("vector", VECTORS["from_entropy"])
def test_words_from_entropy(vector: dict[str, object]) -> None:
    """Against the bits written out one by one."""
    entropy, count = bytes.fromhex(str(vector["entropy"])), int(str(vector["count"]))
    bits = "".join(f"{byte:08b}" for byte in entropy)
    spelt = [words()[int(bits[11 * place : 11 * place + 11], 2)] for place in range(count)]
    assert list(words_from_entropy(entropy, count)) == spelt == vector["words"]


@pytest.mark.parametrize("vector", VECTORS["derived"])
def test_derived_keys(vector: dict[str, str]) -> None:
    """Against hashlib's PBKDF2 and HKDF by hand; the vector's values are the protocol's."""
    installation = bytes.fromhex(vector["installation"])
    salt = installation + b"/case-code/v1"
    root = hashlib.pbkdf2_hmac("sha256", vector["code"].encode(), salt, 600_000, 32)
    keys = derive(normalise(vector["code"]), installation)
    assert root.hex() == vector["root"]
    assert keys.identity.seed.hex() == _hkdf(root, "tipportal/v1/source/age").hex() == vector["source_seed"]
    assert keys.lookup_token.hex() == _hkdf(root, "tipportal/v1/source/lookup").hex() == vector["lookup_token"]
    assert keys.signing_key.seed.hex() == _hkdf(root, "tipportal/v1/source/ed25519").hex() == vector["signing_seed"]
    assert keys.lookup_digest == hashlib.sha256(keys.lookup_token).hexdigest() == vector["lookup_digest"]
    assert recipient_hash(keys.identity.recipient) == vector["source_recipient_hash"]
    assert keys.signing_key.verification_key.raw.hex() == vector["verification_key"]


@pytest.mark.parametrize("vector", VECTORS["typed"])
def test_typed(vector: dict[str, object]) -> None:
    raw = str(vector["raw"])
    if "code" in vector:
        assert normalise(raw).text == vector["code"]
        return
    with pytest.raises(CaseCodeError) as refusal:
        normalise(raw)
    assert refusal.value.count == vector["count"]
    assert list(refusal.value.unknown_positions) == vector["unknown"]


def test_the_vectors_hold_both_kinds() -> None:
    """Otherwise a generator that reads nothing would pass."""
    assert {"code" in vector for vector in VECTORS["typed"]} == {True, False}


@QUIET
@given(
    CODES,
    st.lists(st.integers(4, 8), min_size=9, max_size=9),
    st.lists(st.sampled_from([" ", "-", ", ", "\n", "\u00a0", "_", "1. ", "\u200b"]), min_size=9, max_size=9),
    st.lists(st.booleans(), min_size=9, max_size=9),
)
def test_round_trip(code: CaseCode, kept: list[int], separators: list[str], capitals: list[bool]) -> None:
    """Four letters or more of each word, in any case, apart from one another by anything that is not a letter."""
    typed = "".join(
        separator + (word[:length].upper() if capital else word[:length])
        for word, length, separator, capital in zip(code.words, kept, separators, capitals, strict=True)
    )
    assert normalise(typed) == code


@QUIET
@given(st.text(max_size=200) | st.text(alphabet="abcdeiklmnorst ", max_size=120))
def test_any_text(raw: str) -> None:
    """Only our error comes out, its places are among the words, and a word that is none is among them."""
    with pytest.raises(CaseCodeError) as refusal:
        normalise(raw + " zz")
    assert set(refusal.value.unknown_positions) <= set(range(1, refusal.value.count + 1))
    assert refusal.value.count in refusal.value.unknown_positions


@QUIET
@given(CODES, st.integers(0, 8), st.sampled_from(["å", "xx", "q"]))
def test_unknown_words_are_named_by_place(code: CaseCode, place: int, wrong: str) -> None:
    typed = list(code.words)
    typed[place] = typed[place] + wrong
    with pytest.raises(CaseCodeError) as refusal:
        normalise(" ".join(typed))
    assert (refusal.value.count, refusal.value.unknown_positions) == (9, (place + 1,))


def test_three_letters_are_too_few() -> None:
    code = CaseCode.from_entropy(bytes(16))
    with pytest.raises(CaseCodeError) as refusal:
        normalise(" ".join([code.words[0][:3], *code.words[1:]]))
    assert refusal.value.unknown_positions == (1,)


def test_endless_text_is_not_looked_at() -> None:
    with pytest.raises(CaseCodeError) as refusal:
        normalise("a " * 1_000_000)
    assert (refusal.value.count, refusal.value.unknown_positions) == (0, ())


def test_a_code_is_made_of_full_words() -> None:
    code = CaseCode.from_entropy(b"\xff" * 16)
    longer = next(word for word in words() if len(word) > 4)
    for refused in (code.words[:8], (*code.words, code.words[0]), (longer[:4], *code.words[1:]), ()):
        with pytest.raises(CaseCodeError):
            CaseCode(refused)


def test_grid() -> None:
    code = CaseCode.from_entropy(bytes.fromhex(VECTORS["from_entropy"][4]["entropy"]))
    assert [len(row) for row in code.grid] == [3, 3, 3]
    assert " ".join(word for row in code.grid for word in row) == code.text


def test_form_code() -> None:
    vector = VECTORS["form_code"]
    form, face = bytes.fromhex(vector["form_secret"]), bytes.fromhex(vector["face_secret"])
    derived = _hkdf(form + face, "tipportal/v1/form-code")
    assert form_code(form, face).text == CaseCode.from_entropy(derived).text == vector["code"]
    assert form_code(form[::-1], face) != form_code(form, face)
    assert form_code(form, face[::-1]) != form_code(form, face)
    for refused in ((form[:15], face), (form + b"\0", face), (form, face[:31])):
        with pytest.raises(KeyShapeError):
            form_code(*refused)


def test_lengths() -> None:
    code = CaseCode.from_entropy(bytes(16))
    for installation in (b"", bytes(15), bytes(17)):
        with pytest.raises(KeyShapeError):
            derive(code, installation)
    with pytest.raises(KeyShapeError):
        source_keys(bytes(31))
    with pytest.raises(KeyShapeError):
        CaseCode.from_entropy(bytes(15))
    with pytest.raises(KeyShapeError):
        words_from_entropy(bytes(16), 12)


def test_nothing_shows() -> None:
    """Neither repr nor error tells a word, a seed or a token."""
    code = CaseCode.from_entropy(hashlib.sha256(b"shown").digest())
    keys = source_keys(bytes(range(32)))
    for word in code.words:
        assert word not in repr(code)
    for secret in (keys.lookup_token, keys.identity.seed, keys.signing_key.seed):
        assert secret.hex() not in repr(keys)
        assert repr(secret) not in repr(keys)
    typed = " ".join([*code.words[:8], "zzzzz"])
    with pytest.raises(CaseCodeError) as refusal:
        normalise(typed)
    shown = repr(refusal.value) + str(refusal.value)
    assert not any(word in shown for word in (*code.words, "zzzzz"))


def test_lookup_digest() -> None:
    assert lookup_digest(b"token") == hashlib.sha256(b"token").hexdigest()


def test_other_counts_of_words() -> None:
    seven = words_from_entropy(bytes(range(16)), 7)
    assert normalise_words("-".join(seven).upper(), 7) == seven
    with pytest.raises(CaseCodeError):
        normalise_words("-".join(seven), 9)
