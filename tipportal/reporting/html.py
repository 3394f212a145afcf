"""A report as a web page: one markup for the pages of both faces, for a file of its own, and for the PDF.

It works without script and asks for nothing: bars are drawn by presentation attributes, which no policy forbids.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from tipportal.domain.texts import N_

from .view import Shown, ShownTable
from .words import Words

LONGEST_WORD = 30
_PIECE = re.compile(r"\S{1,12}")
_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_ZERO = "\N{ZERO WIDTH SPACE}"
ROOM = Path(__file__).resolve().parent


def fragment(shown: Shown) -> str:
    """The report as an ``article`` with its own first heading, to stand on a page."""
    words = Words(shown.language)

    def drawn(table: ShownTable) -> Markup:
        number = words.text(N_("Tabell %(number)s.")) % {"number": table.number}
        # Our own template, which escapes what it shows.
        return Markup(_template("table.html").render(table=table, number=number, _=words.text))  # noqa: S704  # nosec B704

    return _template("fragment.html").render(shown=shown, drawn=drawn, _=words.text)


def page(shown: Shown, style: str) -> str:
    """The report as a whole document with a style sheet of ours inside."""
    # Both are our own: the fragment escapes what it shows, and the sheet is a file of this room.
    body = Markup(fragment(shown))  # noqa: S704  # nosec B704
    written = Markup(style)  # noqa: S704  # nosec B704
    return _template("page.html").render(shown=shown, body=body, style=written)


def page_file(shown: Shown) -> bytes:
    """The report as a file that a browser opens, now or in ten years: nothing is fetched."""
    return page(shown, sheet("screen.css")).encode()


@cache
def sheet(name: str) -> str:
    """A style sheet of this room."""
    return (ROOM / "styles" / name).read_text("utf-8")


def breakable(text: str) -> str:
    """The text with places where a word of more than ``LONGEST_WORD`` letters may break: no width is then exceeded."""
    return _LONG.sub(lambda found: _ZERO.join(_PIECE.findall(found.group())), text)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(ROOM / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["breakable"] = breakable
    return made


def _template(name: str) -> Template:
    return _environment().get_template(name)
