"""A report as a tagged PDF (PDF/UA-1, ISO 14289-1): headings, header cells with their scope, bars with their numbers.

WeasyPrint is loaded when a PDF is made and not before: no face and no other command has anything of it in memory.
"""

from __future__ import annotations

import gc
import logging
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from .html import page, sheet
from .view import Shown

_FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
"""What the style sheet asks for and the machine's set-up brings."""
_LOCK = threading.Lock()
_SELDOM = 1_000_000
"""Objects between two looks. A report of fifty pages makes a few million, nearly all of which stay till the end."""
_BEYOND = re.compile("[^\n -~\xa0-\xff]")


def pdf(shown: Shown) -> bytes:
    """The PDF. Nothing is fetched: it needs no file and no address but the fonts of the machine."""
    from weasyprint import HTML  # noqa: PLC0415 - takes a second and 40 MB, which only this pays

    # It tells of every property that it does not know, also in the sheet that browsers without any style are given.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    text = _BEYOND.sub(_drawable, page(shown, sheet("print.css")))
    with _one_at_a_time():
        made = HTML(string=text, url_fetcher=_refuse).write_pdf(pdf_variant="pdf/ua-1", finisher=_scope)
    return bytes(made)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold others back, since fifty pages take 300 MB; and look for garbage seldom, which took a third of the time."""
    with _LOCK:
        before = gc.get_threshold()
        gc.set_threshold(_SELDOM, *before[1:])
        try:
            yield
        finally:
            gc.set_threshold(*before)


def _scope(_document: object, made: Any) -> None:  # noqa: ANN401 - pydyf has no types
    """Say of each header cell whether it heads its column or its row.

    WeasyPrint gives cells the names of their headers and leaves the scope out; readers use the one or the other (PDF
    32000-1, table 349).
    """
    objects: list[Any] = made.objects
    by_reference: dict[Any, Any] = {one.reference: one for one in objects if "S" in getattr(one, "keys", tuple)()}
    for cell in by_reference.values():
        if cell.get("S") != "/TH":
            continue
        row = by_reference[cell["P"]]
        group = by_reference[row["P"]]
        cell["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


def _drawable(found: re.Match[str]) -> str:
    """A character that the font has; else what it is like; else its name: PDF/UA takes none without a shape."""
    character = found.group()
    known = _known()
    if not known or ord(character) in known:
        return character
    alike = unicodedata.normalize("NFKC", character)
    # A sign that is markup would be read as such.
    if alike.isalnum() and all(ord(each) in known for each in alike):
        return alike
    name = unicodedata.name(character, "")
    return f"[{name.lower()}]" if name else "\N{REPLACEMENT CHARACTER}"


@cache
def _known() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - only a PDF needs it

    if not _FONT.is_file():
        return frozenset()
    with TTFont(_FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


class FetchRefused(Exception):
    """A document asked for something from elsewhere."""


def _refuse(url: str, *_: object, **__: object) -> Mapping[str, Any]:
    raise FetchRefused(url)
