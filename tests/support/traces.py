"""What a text looks like on its way or on a disk, so that a search for it cannot be fooled by its spelling."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import numpy as np

_BEGINNING = 5
_PIECE = 1 << 18
"""Bytes that are looked at together: what is made of them stays in a processor's own memory."""
_THREE_BYTES = np.uint64(0xFFFFFF)


def spellings(text: str) -> tuple[bytes, ...]:
    """A text in clear, UTF-16, JSON, HTML, percent form, hex, and base64 at each of its three alignments."""
    raw = text.encode()
    plain = [
        raw,
        text.upper().encode(),
        text.lower().encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        html.escape(text).encode(),
    ]
    escaped = [json.dumps(text)[1:-1].encode(), repr(text)[1:-1].encode(), repr(raw)[2:-1].encode()]
    percent = [quote(text, safe="").encode(), quote_plus(text).encode(), quote(text).lower().encode()]
    in_hex = [raw.hex().encode(), raw.hex().upper().encode()]
    coded = [*_base64(raw), *_base64(text.encode("utf-16-le"))]
    return tuple(dict.fromkeys([*plain, *escaped, *percent, *in_hex, *coded]))


def _base64(raw: bytes) -> Iterator[bytes]:
    """The characters that stay the same whatever stands before and after, in both alphabets."""
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + raw)
        # Characters that share bits with the neighbours are left out.
        first = -(-shift * 8 // 6)
        last = (shift + len(raw)) * 8 // 6
        inner = coded[first:last]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def code_spellings(code: str) -> tuple[bytes, ...]:
    """A case code as somebody might write it down: separators, four-letter prefixes, capitals.

    The first three words are looked for: enough to be sure, and they catch a code that is cut.
    """
    words = code.split()[:3]
    ways = (
        separator.join(form)
        for form in (words, [word[:4] for word in words])
        for separator in (" ", "-", "", "\n", ",", ", ", '","', '", "', "', '")
    )
    return tuple(dict.fromkeys(spelling for way in ways for spelling in spellings(way)))


class Search:
    """A search for many needles at once, whatever the case of their ASCII letters."""

    def __init__(self, needles: Iterable[bytes]) -> None:
        # Needles of one text begin alike: what has none of their beginnings has none of them.
        self._alike: dict[bytes, list[bytes]] = {}
        for needle in needles:
            self._alike.setdefault(needle[:_BEGINNING].lower(), []).append(needle)
        self._short = [beginning for beginning in self._alike if len(beginning) < _BEGINNING]
        self._long = {_number(beginning): beginning for beginning in self._alike if len(beginning) == _BEGINNING}
        self._numbers = np.array(list(self._long), np.uint64)
        self._first = np.zeros(1 << 24, np.bool_)
        self._first[self._numbers & _THREE_BYTES] = True

    def found_in(self, content: bytes) -> list[bytes]:
        """Those needles that occur."""
        low = content.lower()
        candidates = [self._alike[beginning] for beginning in self._beginnings(low)]
        return [needle for group in candidates for needle in group if needle.lower() in low]

    def _beginnings(self, low: bytes) -> Iterator[bytes]:
        """Those beginnings that occur: one pass for all of them, as there are thousands where there are many codes."""
        yield from (beginning for beginning in self._short if beginning in low)
        found: set[int] = set()
        for start in range(0, len(low) - _BEGINNING + 1, _PIECE):
            piece = np.frombuffer(low[start : start + _PIECE + _BEGINNING - 1], np.uint8).astype(np.uint64)
            count = len(piece) - _BEGINNING + 1
            # The number that each five bytes make, as _number makes it.
            numbers = piece[:count].copy()
            for place in range(1, _BEGINNING):
                numbers |= piece[place : place + count] << np.uint64(8 * place)
            likely = numbers[self._first[numbers & _THREE_BYTES]]
            found.update(likely[np.isin(likely, self._numbers)].tolist())
        yield from (self._long[number] for number in found)


def _number(beginning: bytes) -> int:
    return int.from_bytes(beginning, "little")


def found_in(content: bytes, needles: Iterable[bytes]) -> list[bytes]:
    """Those needles that occur, whatever the case of their ASCII letters."""
    return Search(needles).found_in(content)


def found_below(folder: Path, needles: Iterable[bytes]) -> dict[str, list[bytes]]:
    """The files below a folder whose content or name holds a needle, by path."""
    search = Search(needles)
    found: dict[str, list[bytes]] = {}
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        if here := search.found_in(str(path.relative_to(folder)).encode() + b"\0" + content):
            found[str(path.relative_to(folder))] = here
    return found
