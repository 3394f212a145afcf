"""Case codes: nine words that are a source's only key to a case, and what is derived from them.

`docs/protocol.md`, section 2. A code is made by a machine, never chosen, and lives nowhere but with the source.
"""

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import SEED_SIZE, Label, SigningKey, hkdf
from tipportal.envelope.refusals import KeyShapeError, Refusal

WORD_COUNT: Final = 9
INSTALLATION_ID_SIZE: Final = 16
FORM_SECRET_SIZE: Final = 16
ITERATIONS: Final = 600_000
_LEAST_FACE_SECRET: Final = 32
_LEAST_ENTROPY: Final = 16
_BITS_PER_WORD: Final = 11
_LIST_SIZE: Final = 2**_BITS_PER_WORD
_PREFIX: Final = 4
_ROW: Final = 3
_SALT_SUFFIX: Final = b"/case-code/v1"
# Nine words take at most 80 characters: what is longer than this is not a code, and nothing more is done with it.
_MAX_TYPED: Final = 1024


class CaseCodeError(EnvelopeError):
    """What was typed is not a code. It tells where, and never what: the rest may be somebody's code."""

    def __init__(self, *, count: int, unknown_positions: tuple[int, ...]) -> None:
        """Keep how many words were found and which of them, counted from 1, are not in the list."""
        super().__init__(Refusal.WORDS)
        self.count = count
        self.unknown_positions = unknown_positions


@cache
def words() -> tuple[str, ...]:
    """Give the 2,048 words in the order of the list: a word's index is its 11 bits."""
    listed = tuple(files("tipportal.envelope").joinpath("wordlist.txt").read_text("ascii").split())
    if len(listed) != _LIST_SIZE:
        # A code from another list would never be found again: better no start than that.
        message = f"the word list has {len(listed)} words, not {_LIST_SIZE}"
        raise RuntimeError(message)
    return listed


@dataclass(frozen=True, slots=True)
class CaseCode:
    """Nine words of the list. Secret: not shown by repr.

    :raises CaseCodeError: on making it, unless there are nine words and all are in the list, in full.
    """

    words: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is not a code, so that no other text ever reaches the key derivation."""
        unknown = tuple(place for place, word in enumerate(self.words, 1) if _by_prefix().get(word[:_PREFIX]) != word)
        if len(self.words) != WORD_COUNT or unknown:
            raise CaseCodeError(count=len(self.words), unknown_positions=unknown)

    @classmethod
    def from_entropy(cls, entropy: bytes) -> Self:
        """Make a code from at least 16 random bytes: the first 99 bits, big-endian, 11 to a word.

        :raises KeyShapeError: for fewer bytes.
        """
        return cls(words_from_entropy(entropy, WORD_COUNT))

    @property
    def text(self) -> str:
        """The canonical form: full words with single spaces. It is what keys are derived from."""
        return " ".join(self.words)

    @property
    def grid(self) -> tuple[tuple[str, ...], ...]:
        """Three rows of three words, as it is shown and written down."""
        return tuple(self.words[start : start + _ROW] for start in range(0, WORD_COUNT, _ROW))


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """What a case code opens: held for as long as one request or session needs it, and shown by no repr."""

    identity: HybridIdentity = field(repr=False)
    lookup_token: bytes = field(repr=False)
    signing_key: SigningKey = field(repr=False)

    @property
    def lookup_digest(self) -> str:
        """The only trace of the lookup token that a server keeps (hex)."""
        return lookup_digest(self.lookup_token)


def words_from_entropy(entropy: bytes, count: int) -> tuple[str, ...]:
    """Give `count` words from the first 11 × `count` bits, big-endian.

    :param entropy: random bytes, at least 16 and no fewer than the words take.
    :raises KeyShapeError: for fewer bytes.
    """
    bits = count * _BITS_PER_WORD
    spare = len(entropy) * 8 - bits
    if len(entropy) < _LEAST_ENTROPY or spare < 0:
        raise KeyShapeError(Refusal.KEY)
    number = int.from_bytes(entropy, "big") >> spare
    listed = words()
    return tuple(listed[(number >> (bits - _BITS_PER_WORD * place)) % _LIST_SIZE] for place in range(1, count + 1))


def normalise_words(raw: str, count: int) -> tuple[str, ...]:
    """Read typed words: any separators, capitals and forms of the letters; four letters or more of a word suffice.

    :raises CaseCodeError: unless exactly `count` words come out, all in the list.
    """
    if len(raw) > _MAX_TYPED:
        raise CaseCodeError(count=0, unknown_positions=())
    folded = unicodedata.normalize("NFKC", raw).lower()
    typed = "".join(character if character.isalpha() else " " for character in folded).split()
    found = [_by_prefix().get(token[:_PREFIX], "") for token in typed]
    unknown = tuple(
        place for place, (token, word) in enumerate(zip(typed, found, strict=True), 1) if not word.startswith(token)
    )
    if unknown or len(typed) != count:
        raise CaseCodeError(count=len(typed), unknown_positions=unknown)
    return tuple(found)


def normalise(raw: str) -> CaseCode:
    """Read a code as somebody typed it.

    :raises CaseCodeError: with the number of words found and the places of those that are not in the list.
    """
    return CaseCode(normalise_words(raw, WORD_COUNT))


def derive_root(code: CaseCode, installation_id: bytes) -> bytes:
    """Give the 32 bytes under everything that a source holds. Takes about 0.1 s of one core, on purpose.

    :param installation_id: the 16 random bytes made at founding.
    :raises KeyShapeError: for an installation id of another length.
    """
    if len(installation_id) != INSTALLATION_ID_SIZE:
        raise KeyShapeError(Refusal.KEY)
    # This PBKDF2 lets other threads run meanwhile (measured: two derivations on two cores take the time of one) and is
    # faster here than hashlib's, so a pool of threads is enough to keep a worker answering.
    kdf = PBKDF2HMAC(SHA256(), SEED_SIZE, installation_id + _SALT_SUFFIX, ITERATIONS)
    return kdf.derive(code.text.encode("ascii"))


def source_keys(root: bytes) -> SourceKeys:
    """Give what hangs under a root from `derive_root`; raises `KeyShapeError` unless it has 32 bytes."""
    if len(root) != SEED_SIZE:
        raise KeyShapeError(Refusal.KEY)
    return SourceKeys(
        identity=HybridIdentity(hkdf(root, Label.SOURCE_AGE)),
        lookup_token=hkdf(root, Label.SOURCE_LOOKUP),
        signing_key=SigningKey(hkdf(root, Label.SOURCE_SIGNING)),
    )


def derive(code: CaseCode, installation_id: bytes) -> SourceKeys:
    """Give a source's keys from the code and the 16-byte installation id; raises `KeyShapeError` for another length."""
    return source_keys(derive_root(code, installation_id))


def form_code(form_secret: bytes, face_secret: bytes) -> CaseCode:
    """Give the code of a form sent without JavaScript: the same form sent twice shows the same receipt.

    :param form_secret: 16 random bytes that the form carries and nobody stores.
    :param face_secret: the public face's own secret, 32 bytes or more: a form alone does not give its code.
    :raises KeyShapeError: for other lengths.
    """
    # The first part has one length only, so the two cannot be divided in another way.
    if len(form_secret) != FORM_SECRET_SIZE or len(face_secret) < _LEAST_FACE_SECRET:
        raise KeyShapeError(Refusal.KEY)
    return CaseCode.from_entropy(hkdf(form_secret + face_secret, Label.FORM_CODE))


def lookup_digest(token: bytes) -> str:
    """Give the SHA-256 of a lookup token in hex: a case's address in the database.

    A plain digest is enough, as the token has 99 bits behind 600,000 rounds.
    """
    return sha256(token).hexdigest()


@cache
def _by_prefix() -> dict[str, str]:
    return {word[:_PREFIX]: word for word in words()}
