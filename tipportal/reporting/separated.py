"""A report's figures as comma-separated values (RFC 4180): one row for each figure of each table.

One file and not one for each table: it can be filtered, joined and appended to last year's as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from tipportal.domain.followup.report import Unit

from .cells import cell
from .view import WHOLE_SHARE, Shown, ShownFigure

COLUMNS = (
    "report", "period", "scope", "as_of", "status", "section", "table", "table_title", "row", "row_label", "is_total",
    "column", "column_label", "unit", "value", "part", "base", "mark", "text",
)  # fmt: skip
_MARK = "\ufeff"
"""Without it spreadsheets take the letters å, ä and ö for others."""
_DECIMALS = 3


def separated(shown: Shown) -> bytes:
    """The file: UTF-8 with its mark, lines end as RFC 4180 says, every text quoted and no number.

    ``value`` is whole but for shares, which are written ``0.375``. Names in the head are English in every language.
    """
    out = io.StringIO()
    out.write(_MARK)
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(shown))
    return out.getvalue().encode()


def _rows(shown: Shown) -> Iterator[list[object]]:
    about = [shown.kind.value, shown.period, cell(shown.scope), shown.as_of, "draft" if shown.draft else ""]
    for section in shown.sections:
        for table in section.tables:
            if table.hidden:
                continue
            for row in table.rows:
                for column, figure in zip(table.columns, row.figures, strict=True):
                    yield [
                        *about,
                        cell(section.id),
                        cell(table.id),
                        cell(table.title),
                        cell(row.key),
                        cell(row.label),
                        "yes" if row.total else "no",
                        cell(column.key),
                        cell(column.label),
                        column.unit.value,
                        *_figure(figure, column.unit),
                    ]


def _figure(shown: ShownFigure, unit: Unit) -> list[object]:
    figure = shown.figure
    value: object = "" if figure.value is None else figure.value
    if unit is Unit.SHARE and figure.value is not None:
        value = round(figure.value / WHOLE_SHARE, _DECIMALS)
    words = "" if figure.value is not None else cell(shown.text)
    return [
        value,
        "" if figure.part is None or not shown.of else figure.part,
        "" if figure.base is None or not shown.of else figure.base,
        figure.mark.value,
        words,
    ]
