"""Attached files on the pages without JavaScript: what may be chosen, and what a record carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from babel.units import format_unit
from flask import url_for
from flask_babel import get_locale, gettext

from tipportal.domain.errors import Refusal
from tipportal.domain.files import MAX_FILES, FileLimits, safe_name
from tipportal.domain.texts import N_
from tipportal.usecases.source_session import OpenedRecord

AGAIN = N_("Välj filerna igen: webbläsaren kan inte minnas dem åt dig.")
_STEP = 1024
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte")
_SMALL = 10


@dataclass(frozen=True, slots=True)
class FileField:
    """The field where files are chosen: its limits in words, what was wrong, and whether to choose again."""

    limits: str
    error: str = ""
    again: str = ""

    @classmethod
    def of(cls, limits: FileLimits, *, fault: Refusal | None = None, chosen: bool = False) -> FileField:
        """The field after ``fault``, or after a request that had ``chosen`` files and was answered with its form."""
        said = gettext(
            "Högst %(limit)d filer, var och en högst %(size)s.", limit=MAX_FILES, size=size_text(limits.max_file)
        )
        concerned = fault is not None and fault.field == "files"
        error = gettext(fault.reason) if fault is not None and concerned else ""
        return cls(said, error, gettext(AGAIN) if chosen else "")


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a record: its name made safe, its size in words, where it is fetched."""

    name: str = field(repr=False)
    size: str
    address: str


def shown_files(opened: OpenedRecord) -> Sequence[ShownFile]:
    """The files that a verified record names, in their order."""
    return [
        ShownFile(
            name=safe_name(attachment.name),
            size=size_text(attachment.size),
            address=url_for("public.opened_case_file", seq=opened.record.seq, position=position),
        )
        for position, attachment in enumerate(opened.attachments)
    ]


def size_text(size: int) -> str:
    """A size in bytes in words of the page's language, in steps of 1,024 as file managers count: "340 kB", "1,5 MB"."""
    amount, place = float(size), 0
    # What would be shown as 1,024 of a unit is one of the next.
    while place < len(_UNITS) - 1 and round(amount) >= _STEP:
        amount, place = amount / _STEP, place + 1
    shown = round(amount, 1) if place and amount < _SMALL else round(amount)
    return format_unit(shown, f"digital-{_UNITS[place]}", "short", locale=get_locale())
