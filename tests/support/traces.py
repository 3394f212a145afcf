"""What a text looks like on its way or on a disk, so that a search for it cannot be fooled by its spelling."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

_BEGINNING = 5


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


def found_in(content: bytes, needles: Iterable[bytes]) -> list[bytes]:
    """Those needles that occur, whatever the case of their ASCII letters."""
    low = content.lower()
    # Needles of one text begin alike: most content is done with after a few beginnings.
    alike: dict[bytes, list[bytes]] = {}
    for needle in needles:
        alike.setdefault(needle[:_BEGINNING].lower(), []).append(needle)
    candidates = (group for beginning, group in alike.items() if beginning in low)
    return [needle for group in candidates for needle in group if needle.lower() in low]


def found_below(folder: Path, needles: Iterable[bytes]) -> dict[str, list[bytes]]:
    """The files below a folder whose content or name holds a needle, by path."""
    wanted = tuple(needles)
    found: dict[str, list[bytes]] = {}
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        if here := found_in(str(path.relative_to(folder)).encode() + b"\0" + content, wanted):
            found[str(path.relative_to(folder))] = here
    return found
