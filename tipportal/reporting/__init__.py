"""Reports of the follow-up in the formats that people read: web page, PDF, spreadsheet, letter, separated values, text.

What the libraries of a format take to load is paid when it is written and not before.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from importlib import import_module

from tipportal.domain.followup.report import Report

from . import document, html
from .view import shown
from .words import LANGUAGES, CatalogueMissing, told

__all__ = ["FORMATS", "LANGUAGES", "MEDIA", "CatalogueMissing", "Format", "document", "fragment", "render", "told"]


class Format(enum.StrEnum):
    """The formats; the value is how a file's name ends, but for text."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    HTML = "html"
    TEXT = "text"


FORMATS = (Format.PDF, Format.DOCX, Format.XLSX, Format.CSV, Format.JSON)
"""What a published report is given out in, beside the page itself."""
MEDIA: Mapping[Format, str] = {
    Format.PDF: "application/pdf",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.JSON: "application/json",
    Format.HTML: "text/html; charset=utf-8",
    Format.TEXT: "text/plain; charset=utf-8",
}
_WRITERS: Mapping[Format, tuple[str, str]] = {
    Format.PDF: ("pdf", "pdf"),
    Format.DOCX: ("officeletter", "letter"),
    Format.XLSX: ("xlsx", "workbook"),
    Format.CSV: ("separated", "separated"),
    Format.HTML: ("html", "page_file"),
    Format.TEXT: ("terminal", "text_file"),
}


def fragment(report: Report, language: str, *, draft: bool = False, registry_number: str | None = None) -> str:
    """The report as an ``article`` of HTML, with its own first heading, for a page of either face."""
    return html.fragment(shown(report, language, draft=draft, registry_number=registry_number))


def render(
    report: Report, form: Format, language: str, *, draft: bool = False, registry_number: str | None = None
) -> bytes:
    """The report as a file. ``draft`` marks it as one, but for JSON: those are the bytes that two sign.

    Raises CatalogueMissing, and Unreadable for a report that does not hold together.
    """
    if form is Format.JSON:
        return document.encode(report)
    module, name = _WRITERS[form]
    made = getattr(import_module(f".{module}", __name__), name)(
        shown(report, language, draft=draft, registry_number=registry_number)
    )
    return bytes(made)
