"""The words of case codes: easy to write down, hard to mistake for one another, and never changed."""

import hashlib
import re
from collections import Counter, defaultdict
from importlib.resources import files
from itertools import combinations

import pytest

# Append-never: a case code is words of this very list, in this very order. Another list would orphan every code.
DIGEST = "89d855233ad29521898fda9d730fe257e2d807afa8656a9f9d2391d6e7a5ecd8"  # pragma: allowlist secret
RAW = files("tipportal.envelope").joinpath("wordlist.txt").read_bytes()
WORDS = RAW.decode("ascii").splitlines()


def _distance(one: str, other: str) -> int:
    """Levenshtein's edit distance, by the table of its definition."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above = row
        row = [place]
        for column, against in enumerate(other, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != against)))
    return row[-1]


def _shortenings(word: str) -> set[str]:
    """The word itself and every way to leave one letter out of it."""
    return {word} | {word[:place] + word[place + 1 :] for place in range(len(word))}


def test_pinned() -> None:
    """Byte for byte the list that codes have been given out from."""
    assert hashlib.sha256(RAW).hexdigest() == DIGEST, "the word list has changed: every code given out would be lost"


def test_one_word_a_line() -> None:
    """LF after every word, also the last, and nothing else."""
    assert "".join(f"{word}\n" for word in WORDS).encode("ascii") == RAW, "lines end otherwise than by one LF"
    assert all(WORDS), "there is an empty line"


def test_eleven_bits() -> None:
    """As many words as 11 bits tell apart."""
    assert len(WORDS) == 2**11, f"{len(WORDS)} words"


def test_no_duplicates() -> None:
    """No word has two indices."""
    twice = [word for word, count in Counter(WORDS).items() if count > 1]
    assert not twice, f"more than once: {twice}"


def test_sorted() -> None:
    """In the order of their bytes, so that a word's index can be checked by eye."""
    misplaced = [word for word, expected in zip(WORDS, sorted(WORDS), strict=True) if word != expected]
    assert not misplaced, f"out of order: {misplaced[:2]}"


def test_length() -> None:
    """Four to eight letters: room for the prefix, and three words fit a row of a narrow screen."""
    wrong = [word for word in WORDS if not 4 <= len(word) <= 8]
    assert not wrong, f"too short or too long: {wrong}"


def test_letters() -> None:
    """Letters that every keyboard has, without q and w, which Swedish words hardly use."""
    wrong = [word for word in WORDS if not re.fullmatch("[a-pr-vx-z]+", word)]
    assert not wrong, f"other letters: {wrong}"


def test_first_four_letters() -> None:
    """Four letters are enough to know the word."""
    starts = defaultdict(list)
    for word in WORDS:
        starts[word[:4]].append(word)
    shared = [same for same in starts.values() if len(same) > 1]
    assert not shared, f"the same first four letters: {shared}"


def test_one_slip_never_gives_another_word() -> None:
    """Any two words are at least two edits apart."""
    # Words one edit apart share a shortening, so only such pairs need the table.
    near = defaultdict(list)
    for word in WORDS:
        for shortening in _shortenings(word):
            near[shortening].append(word)
    pairs = {pair for group in near.values() for pair in combinations(group, 2)}
    close = sorted(pair for pair in pairs if _distance(*pair) < 2)
    assert not close, f"one slip apart: {close}"


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("panna", "panna", 0),
        ("panna", "kanna", 1),
        ("panna", "pannas", 1),
        ("panna", "pana", 1),
        ("panna", "kanot", 3),
        ("kitten", "sitting", 3),
    ],
)
def test_the_measure(one: str, other: str, distance: int) -> None:
    """The distance is the textbook's, and whatever is one edit apart shares a shortening."""
    assert _distance(one, other) == distance
    assert distance != 1 or _shortenings(one) & _shortenings(other)
