"""The check phrase is bound to both public keys, and is read as people type it."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tipportal.envelope import HybridIdentity
from tipportal.envelope.casecode import CaseCodeError, words
from tipportal.envelope.checkphrase import check_phrase, normalise_check_phrase
from tipportal.envelope.keys import SigningKey

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "check-phrase.json").read_text())["check_phrases"]
AGE, SIGNING = HybridIdentity(sha256(b"age").digest()), SigningKey(sha256(b"signing").digest())


@pytest.mark.parametrize("vector", VECTORS)
def test_check_phrase(vector: dict[str, str]) -> None:
    recipient = HybridIdentity(bytes.fromhex(vector["age"])).recipient
    key = SigningKey(bytes.fromhex(vector["signing"])).verification_key
    assert check_phrase(recipient, key) == vector["phrase"]
    # The protocol's words, written out again: 66 bits of the digest, eleven for each word.
    bits = f"{int(sha256(b'tipportal/check/v1' + bytes(1) + recipient.raw + key.raw).hexdigest(), 16):0256b}"
    assert vector["phrase"].split() == [words()[int(bits[at : at + 11], 2)] for at in range(0, 66, 11)]


def test_either_key_changes_it() -> None:
    phrase = check_phrase(AGE.recipient, SIGNING.verification_key)
    assert phrase != check_phrase(HybridIdentity(bytes(32)).recipient, SIGNING.verification_key)
    assert phrase != check_phrase(AGE.recipient, SigningKey(bytes(32)).verification_key)


def test_it_is_read_as_people_type_it() -> None:
    phrase = check_phrase(AGE.recipient, SIGNING.verification_key)
    typed = ", ".join(word[:4].upper() for word in phrase.split())
    assert normalise_check_phrase(typed) == phrase
    with pytest.raises(CaseCodeError):
        normalise_check_phrase(phrase + " " + phrase.split()[0])
    with pytest.raises(CaseCodeError):
        normalise_check_phrase("")
