"""A report as plain text for a terminal: nothing in it moves the cursor, and columns stand under each other."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

from .view import Shown, ShownRow, ShownTable

WIDTH = 100
_LEAST_LABEL = 16
_GAP = 2
_SHORT = 11
"""A heading of so many characters stands on one line, however narrow its figures are."""


def text_file(shown: Shown) -> bytes:
    """The text in UTF-8."""
    return ("\n".join(each.rstrip() for each in _lines(shown)) + "\n").encode()


def _lines(shown: Shown) -> Iterator[str]:
    yield from _wrapped(shown.title)
    yield "=" * min(WIDTH, _wide(shown.title))
    if shown.draft:
        yield from ("", shown.draft.upper())
    yield ""
    yield from _facts(shown.facts)
    for section in shown.sections:
        yield from ("", "", *_wrapped(section.title), "-" * min(WIDTH, _wide(section.title)))
        for text in section.paragraphs:
            yield from ("", *_wrapped(text))
        for table in section.tables:
            yield from ("", *_table(table))
    yield from ("", "", shown.proof_title, "-" * _wide(shown.proof_title))
    for text in shown.proof:
        yield from ("", *_wrapped(text))
    yield ""
    yield from _facts(shown.proof_facts)
    if shown.checkpoint:
        yield from ("", *(f"    {each}" for each in shown.checkpoint.split("\n")))


def _facts(facts: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, value in facts:
        yield from _wrapped(f"{name}: {value}", "    ")


def _table(table: ShownTable) -> Iterator[str]:
    yield from _wrapped(f"{table.number}. {table.title}")
    if table.hidden:
        yield from _wrapped(table.hidden)
        return
    cells = [[_cell(row, place) for place in range(len(table.columns))] for row in table.rows]
    widths = [
        max([_longest_word(column.label), min(_SHORT, _wide(column.label)), *(_wide(row[place]) for row in cells)])
        + _GAP
        for place, column in enumerate(table.columns)
    ]
    label = WIDTH - sum(widths)
    if label < _LEAST_LABEL:
        yield from _one_by_one(table, cells)
    else:
        label = min(label, max([_wide(table.first), *(_wide(_indented(row)) for row in table.rows)]))
        numbers = [column.number for column in table.columns]
        heads = list(zip([column.label for column in table.columns], widths, numbers, strict=True))
        yield from _laid(table.first, heads, label)
        yield "-" * (label + sum(widths))
        for row, shown in zip(table.rows, cells, strict=True):
            yield from _laid(_indented(row), list(zip(shown, widths, numbers, strict=True)), label)
    for text in (table.definition, *table.notes):
        yield from _wrapped(text, "  ", first="  ")


def _one_by_one(table: ShownTable, cells: list[list[str]]) -> Iterator[str]:
    """A table that is wider than a line: each row on lines of its own."""
    for row, shown in zip(table.rows, cells, strict=True):
        yield from _wrapped(row.label)
        for column, text in zip(table.columns, shown, strict=True):
            yield from _wrapped(f"{column.label}: {text}", "      ", first="    ")


def _laid(label: str, figures: list[tuple[str, int, bool]], width: int) -> Iterator[str]:
    """A row: the label on the left, numbers on the right of their columns, words not; as many lines as it takes."""
    left = _broken(label, width)
    right = [_broken(text, room - _GAP) for text, room, _ in figures]
    for number in range(max(len(left), *(len(each) for each in right), 1) if right else len(left)):
        pieces = [_padded(left[number] if number < len(left) else "", width)]
        for lines, (_, room, is_number) in zip(right, figures, strict=True):
            text = lines[number] if number < len(lines) else ""
            pieces.append(_padded(text if is_number else " " * _GAP + text, room, right=is_number))
        yield "".join(pieces).rstrip()


def _cell(row: ShownRow, place: int) -> str:
    shown = row.figures[place]
    return f"{shown.text} ({shown.of})" if shown.of else shown.text


def _indented(row: ShownRow) -> str:
    return "  " * row.level + row.label


def _longest_word(text: str) -> int:
    return min(20, max((_wide(word) for word in text.split()), default=0))


def _wrapped(text: str, rest: str = "", *, first: str = "") -> list[str]:
    return [
        each
        for part in text.split("\n")
        for each in textwrap.wrap(part, WIDTH, initial_indent=first, subsequent_indent=rest) or [""]
    ]


def _broken(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 4), drop_whitespace=True, subsequent_indent="") or [""]


def _wide(text: str) -> int:
    return sum(_columns(each) for each in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _padded(text: str, width: int, *, right: bool = False) -> str:
    room = " " * max(0, width - _wide(text))
    return room + text if right else text + room
