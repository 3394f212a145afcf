"""Text for the cells of spreadsheets: no program that opens one takes it for a formula."""

from __future__ import annotations

import unicodedata

from .words import line

_STARTS = frozenset("=+-@\N{MINUS SIGN}")
_QUOTE = "'"


def cell(text: str) -> str:
    """The text on one line, with an apostrophe before whatever could be read as a formula.

    Spreadsheets take ``= + - @`` for its beginning, some after spaces, tabs and line ends, which are gone here, and
    some take the full-width forms for the same (OWASP, "CSV Injection"). A quoted cell in a spreadsheet is not enough:
    the text is a formula again when somebody edits it or saves it as separated values.
    """
    safe = line(text)
    first = unicodedata.normalize("NFKC", safe[:1])[:1]
    return _QUOTE + safe if first in _STARTS and first else safe
