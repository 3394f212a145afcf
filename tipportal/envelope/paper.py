"""A 32-byte secret on paper: six rows of four words, each with two check digits; `docs/protocol.md`, section 3.

For what must outlive every computer: trustees' identities and the keys of the directory's root. A row whose digits do
not fit is named, so that whoever types it back looks in the right place. The digits find mistakes; they hide nothing
and protect from nobody.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from tipportal.envelope.casecode import CaseCodeError, normalise_words, words, words_from_entropy
from tipportal.envelope.hybrid import SEED_SIZE
from tipportal.envelope.refusals import KeyShapeError, PaperError, Refusal

ROWS: Final = 6
ROW_WORDS: Final = 4
_WORDS: Final = ROWS * ROW_WORDS
_WORD_BITS: Final = 11
_CONTEXT: Final = b"tipportal/paper/v1\0"
_DIGITS: Final = 100
_MAX_TYPED: Final = 1024
_ROW_PATTERN: Final = re.compile(r"([^0-9]+)([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One line on paper: four words and what they must add up to (``"00"`` to ``"99"``)."""

    words: tuple[str, ...] = field(repr=False)
    check: str = field(repr=False)


def paper_rows(secret: bytes) -> tuple[PaperRow, ...]:
    """Give the six rows of a 32-byte secret: its bits and eight of its digest, 11 to a word.

    :raises KeyShapeError: for another length.
    """
    if len(secret) != SEED_SIZE:
        raise KeyShapeError(Refusal.KEY)
    listed = words_from_entropy(secret + _tail(secret), _WORDS)
    rows = (listed[start : start + ROW_WORDS] for start in range(0, _WORDS, ROW_WORDS))
    return tuple(PaperRow(row, _check(place, row)) for place, row in enumerate(rows, 1))


def read_paper(typed: str) -> bytes:
    """Give the secret that somebody typed back: each row its four words (four letters suffice), then its two digits.

    :raises PaperError: reason ``paper_words`` or ``paper_check``, with the rows (from 1) that are wrong; none of them
        where the rows themselves are not six, or do not belong to one paper.
    """
    found = _ROW_PATTERN.findall(typed) if len(typed) <= _MAX_TYPED else []
    rest = _ROW_PATTERN.sub("", typed).strip()
    if len(found) != ROWS or rest:
        raise PaperError(Refusal.PAPER_WORDS)
    rows: list[tuple[str, ...]] = []
    unknown, wrong = [], []
    for place, (text, check) in enumerate(found, 1):
        try:
            row = normalise_words(text, ROW_WORDS)
        except CaseCodeError:
            unknown.append(place)
            continue
        rows.append(row)
        if check != _check(place, row):
            wrong.append(place)
    if unknown:
        raise PaperError(Refusal.PAPER_WORDS, unknown)
    if wrong:
        raise PaperError(Refusal.PAPER_CHECK, wrong)
    places = {word: place for place, word in enumerate(words())}
    number = 0
    for word in (word for row in rows for word in row):
        number = number << _WORD_BITS | places[word]
    entropy = number.to_bytes(SEED_SIZE + 1, "big")
    secret = entropy[:SEED_SIZE]
    if entropy[SEED_SIZE:] != _tail(secret):
        raise PaperError(Refusal.PAPER_CHECK)
    return secret


def _tail(secret: bytes) -> bytes:
    return sha256(_CONTEXT + secret).digest()[:1]


def _check(place: int, row: tuple[str, ...]) -> str:
    number = int.from_bytes(sha256(_CONTEXT + f"{place} {' '.join(row)}".encode()).digest()[:4], "big")
    return f"{number % _DIGITS:02d}"
