"""What both faces' pages of the follow-up have in common: a report's language, its markup, and its files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from flask import Response
from markupsafe import Markup

from tipportal.domain.errors import Busy, NotFound
from tipportal.domain.followup.report import Report
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_
from tipportal.reporting import FORMATS, LANGUAGES, MEDIA, Format, fragment, told

from .languages import language

NAMES: Mapping[Format, str] = {
    Format.PDF: "PDF",
    Format.DOCX: "Word (DOCX)",
    Format.XLSX: "Excel (XLSX)",
    Format.CSV: "CSV",
    Format.JSON: "JSON",
}
PLACES = 2
_FREE = threading.BoundedSemaphore(PLACES)


@contextmanager
def place() -> Iterator[None]:
    """A place for what takes seconds: to count a whole log, or to draw a PDF. Raises Busy; nobody stands in a queue.

    Two in a process, whatever number of threads it has: they are there for those who only want to read a page. Two and
    not one, so that who presses twice gets the file. PDFs, which take the memory, take turns all the same.
    """
    if not _FREE.acquire(blocking=False):
        raise Busy(N_("Just nu tas andra rapporter fram. Vänta en stund och försök igen."))
    try:
        yield
    finally:
        _FREE.release()


def report_language() -> str:
    """The page's language where reports are written in it, else Swedish."""
    here = language()
    return here if here in LANGUAGES else LANGUAGES[0]


def told_here(sentence: Sentence) -> str:
    """A sentence of a report, in the language that reports have on this page."""
    return told(sentence, report_language())


def markup(report: Report, *, draft: bool = False, registry_number: str | None = None) -> Markup:
    """The report as part of a page."""
    made = fragment(report, report_language(), draft=draft, registry_number=registry_number)
    return Markup(made)  # noqa: S704  # nosec B704 - made by our own templates, which escape what they show


def links(address: Callable[[str], str], there: Collection[tuple[str, str]] | None = None) -> list[tuple[str, str]]:
    """The formats to fetch a report in: name and address. ``there``: formats and languages of which there are files."""
    wanted = [form for form in FORMATS if there is None or (form.value, report_language()) in there]
    return [(NAMES[form], address(form.value)) for form in wanted]


def format_of(word: str) -> Format:
    """The format that an address names. Raises NotFound for one that reports are not given out in."""
    found = next((form for form in FORMATS if form.value == word), None)
    if found is None:
        raise NotFound(N_("Sidan finns inte."))
    return found


def file_answer(data: bytes, form: Format, name: str) -> Response:
    """A report's file, to be saved under a name without its ending."""
    answer = Response(data, content_type=MEDIA[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form.value}"'
    return answer
