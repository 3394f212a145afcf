"""A report as a spreadsheet (Office Open XML): a sheet for each table, numbers as numbers, notes, and definitions."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tipportal.domain.followup.report import Unit
from tipportal.domain.texts import N_

from .cells import cell
from .view import WHOLE_SHARE, Shown, ShownColumn, ShownFigure, ShownTable
from .words import Words, plain

LONGEST_NAME = 31
"""Characters that the name of a sheet may have."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_FORMATS = {Unit.SHARE: "0.0%", Unit.KRONOR: '#,##0 "kr"'}
_FIRST_WIDTH, _WIDTH, _TEXT_WIDTH = 46, 14, 60
_HEAD_ROW = 2
_LONGEST_CELL = 30_000

Looks = dict[str, Any]


def workbook(shown: Shown) -> bytes:
    """The file. No cell holds a formula, whatever somebody is called."""
    import xlsxwriter  # noqa: PLC0415 - only this pays for it

    out = io.BytesIO()
    words = Words(shown.language)
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties(
            {
                "title": shown.title,
                "subject": shown.scope,
                # The same report gives the same bytes.
                "created": datetime.fromisoformat(shown.as_of).replace(tzinfo=UTC),
            }
        )
        looks = _looks(book)
        names = SheetNames()
        _about(book.add_worksheet(names.of(words.text(N_("Rapport")))), shown, looks)
        for table in shown.tables:
            sheet = book.add_worksheet(names.of(f"{table.number}. {table.title}"))
            _table(sheet, shown, table, looks, words)
        _definitions(book.add_worksheet(names.of(words.text(N_("Definitioner")))), shown, looks, words)
    return out.getvalue()


class SheetNames:
    """Names that spreadsheets take: no longer than 31 characters, no two alike, without signs of addresses."""

    def __init__(self) -> None:
        # Excel keeps this one to itself.
        self._taken = {"history"}

    def of(self, wanted: str) -> str:
        """A name like the one that is wanted."""
        plain_name = " ".join(_FORBIDDEN.sub(" ", cell(wanted)).split()) or "–"
        name, number = plain_name[:LONGEST_NAME].strip(), 1
        while name.casefold() in self._taken:
            number += 1
            end = f" ({number})"
            name = plain_name[: LONGEST_NAME - len(end)].strip() + end
        self._taken.add(name.casefold())
        return name


def _looks(book: Any) -> Looks:  # noqa: ANN401 - XlsxWriter has no types
    base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    made = {
        "text": book.add_format({**base, "text_wrap": True}),
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
        "bold": book.add_format({**base, "bold": True, "text_wrap": True}),
        "head": book.add_format({**base, "bold": True, "text_wrap": True, "bottom": 2}),
        "number head": book.add_format({**base, "bold": True, "text_wrap": True, "bottom": 2, "align": "right"}),
        "label": book.add_format({**base, "text_wrap": True}),
        "under": book.add_format({**base, "text_wrap": True, "indent": 1}),
        "total": book.add_format({**base, "text_wrap": True, "bold": True, "top": 1}),
        "mark": book.add_format({**base, "align": "right"}),
        "total mark": book.add_format({**base, "align": "right", "bold": True, "top": 1}),
    }
    for unit in (each for each in Unit if each is not Unit.TEXT):
        shape = {**base, "num_format": _FORMATS.get(unit, "#,##0"), "align": "right"}
        made[unit.value] = book.add_format(shape)
        made[f"total {unit.value}"] = book.add_format({**shape, "bold": True, "top": 1})
    return made


def _about(sheet: Any, shown: Shown, looks: Looks) -> None:  # noqa: ANN401
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 90)
    _paper(sheet, shown)
    lines: list[tuple[str, str, str]] = [(shown.title, "", "title")]
    if shown.draft:
        lines.append((shown.draft, "", "bold"))
    lines += [(name, value, "text") for name, value in shown.facts]
    for section in shown.sections:
        if section.paragraphs:
            lines.append((section.title, "", "bold"))
        lines += [("", text, "text") for text in section.paragraphs]
    lines.append((shown.proof_title, "", "bold"))
    lines += [("", text, "text") for text in shown.proof]
    lines += [(name, value, "text") for name, value in shown.proof_facts]
    lines += [("", text, "text") for text in shown.checkpoint.split("\n")]
    for row, (left, right, look) in enumerate(lines):
        sheet.write_string(row, 0, _prose(left), looks[look])
        if right:
            sheet.write_string(row, 1, _prose(right), looks["text"])


def _table(sheet: Any, shown: Shown, table: ShownTable, looks: Looks, words: Words) -> None:  # noqa: ANN401
    sheet.set_column(0, 0, _FIRST_WIDTH)
    _paper(sheet, shown)
    sheet.write_string(0, 0, cell(table.title), looks["title"])
    if shown.draft:
        sheet.write_string(1, 0, shown.draft, looks["bold"])
    if table.hidden:
        sheet.write_string(_HEAD_ROW, 0, table.hidden, looks["text"])
        return
    heads = list(_heads(table, words))
    sheet.write_string(_HEAD_ROW, 0, cell(table.first), looks["head"])
    for place, (column, label) in enumerate(heads, 1):
        sheet.set_column(place, place, _WIDTH if column.number else _TEXT_WIDTH)
        sheet.write_string(_HEAD_ROW, place, cell(label), looks["number head" if column.number else "head"])
    sheet.freeze_panes(_HEAD_ROW + 1, 1)
    sheet.repeat_rows(_HEAD_ROW)
    for number, row in enumerate(table.rows, _HEAD_ROW + 1):
        look = "total" if row.total else "under" if row.level else "label"
        sheet.write_string(number, 0, cell(row.label), looks[look])
        place = 1
        for column, figure in zip(table.columns, row.figures, strict=True):
            for value, unit in _values(column, figure):
                _write(sheet, number, place, value, ("total " if row.total else "", unit), looks)
                place += 1
    below = _HEAD_ROW + len(table.rows) + 2
    for text in (table.definition, *table.notes):
        sheet.merge_range(below, 0, below, max(1, min(len(heads), 6)), "", looks["text"])
        sheet.write_string(below, 0, _prose(text), looks["text"])
        # Merged cells do not grow with their text.
        sheet.set_row(below, 14 * (1 + len(text) // 90))
        below += 1


def _heads(table: ShownTable, words: Words) -> Iterator[tuple[ShownColumn, str]]:
    """The columns of a sheet. A share has two more: what it is a share of, as numbers."""
    for column in table.columns:
        yield column, column.label
        if column.unit is Unit.SHARE:
            yield column, words.text(N_("%(column)s: antal")) % {"column": column.label}
            yield column, words.text(N_("%(column)s: av")) % {"column": column.label}


def _values(column: ShownColumn, shown: ShownFigure) -> Iterator[tuple[float | str, str]]:
    figure = shown.figure
    if column.unit is not Unit.SHARE:
        yield (shown.text if figure.value is None else figure.value), column.unit.value
        return
    yield (shown.text if figure.value is None else figure.value / WHOLE_SHARE), Unit.SHARE.value
    yield (figure.part if shown.of and figure.part is not None else ""), Unit.CASES.value
    yield (figure.base if shown.of and figure.base is not None else ""), Unit.CASES.value


def _write(
    sheet: Any,  # noqa: ANN401
    row: int,
    column: int,
    value: float | str,
    look: tuple[str, str],
    looks: Looks,
) -> None:
    total, unit = look
    if value == "":
        sheet.write_blank(row, column, None, looks["total" if total else "text"])
        return
    if not isinstance(value, str):
        sheet.write_number(row, column, value, looks[f"{total}{unit}"])
    elif unit == Unit.TEXT.value:
        sheet.write_string(row, column, _prose(value), looks["total" if total else "text"])
    else:
        # A mark is no formula; the dash that says "nothing to compute from" is no minus sign either.
        sheet.write_string(row, column, cell(value), looks[f"{total}mark"])


def _definitions(sheet: Any, shown: Shown, looks: Looks, words: Words) -> None:  # noqa: ANN401
    sheet.set_column(0, 0, _FIRST_WIDTH)
    sheet.set_column(1, 1, 110)
    _paper(sheet, shown)
    sheet.write_string(0, 0, words.text(N_("Tabell")), looks["head"])
    sheet.write_string(0, 1, words.text(N_("Vad siffrorna är")), looks["head"])
    for row, table in enumerate(shown.tables, 1):
        sheet.write_string(row, 0, cell(f"{table.number}. {table.title}"), looks["text"])
        sheet.write_string(row, 1, _prose(table.definition), looks["text"])


def _prose(text: str) -> str:
    """Running text in a cell: its lines stay, its beginning is no formula."""
    safe = plain(text).strip()[:_LONGEST_CELL]
    # The apostrophe that the first characters get, if any, before all of them.
    return f"'{safe}" if cell(safe[:1]).startswith("'") and not safe.startswith("'") else safe


def _paper(sheet: Any, shown: Shown) -> None:  # noqa: ANN401
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(1)
    # Ampersands begin codes in headers and footers.
    sheet.set_footer("&L" + f"{shown.scope} – {shown.title}"[:100].replace("&", "&&") + "&R&P / &N")
