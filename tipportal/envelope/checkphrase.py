"""The check phrase: six words that stand for a person's public keys, read out by one person and typed by another."""

from hashlib import sha256
from typing import Final

from tipportal.envelope.casecode import normalise_words, words_from_entropy
from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.keys import VerificationKey

CHECK_WORDS: Final = 6
_CONTEXT: Final = b"tipportal/check/v1\0"


def check_phrase(recipient: HybridRecipient, verification_key: VerificationKey) -> str:
    """Give six words with single spaces: the first 66 bits of a digest of both public keys; `docs/protocol.md`, 7.

    Whoever would put other keys in a person's place has to find ones with the same 66 bits, before the person reads
    their words out.
    """
    digest = sha256(_CONTEXT + recipient.raw + verification_key.raw).digest()
    return " ".join(words_from_entropy(digest, CHECK_WORDS))


def normalise_check_phrase(raw: str) -> str:
    """Give the check phrase that somebody typed, in its one form; raises `CaseCodeError` as a case code does."""
    return " ".join(normalise_words(raw, CHECK_WORDS))
