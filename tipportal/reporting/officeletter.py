"""A report as a *tjänsteskrivelse* (Office Open XML): what an officer puts before a committee to decide on.

It is to be worked on: name, registry number and date stand as places to fill in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from tipportal.domain.texts import N_

from .view import Shown, ShownRow, ShownSection, ShownTable
from .words import Words, plain

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

SUMMARY = "summary"
_FONT = "Arial"
_LANGUAGES = {"sv": "sv-SE", "en": "en-GB"}
_A4 = (210, 297)
_MARGIN = 25
_LABEL_SHARE = 0.4
_DENSE = 6
_SHORT = 13
"""Rows of a table that is not divided between pages, its head among them."""


def letter(shown: Shown) -> bytes:
    """The file: addressee, registry number, summary, the matter with its tables, and the proposed decision."""
    import docx  # noqa: PLC0415 - only this pays for it

    words = Words(shown.language)
    made = docx.Document()
    _prepare(made, shown)
    _opening(made, shown, words)
    summary, matter = _parted(shown)
    made.add_heading(words.text(N_("Sammanfattning")), 1)
    for text in summary:
        _prose(made, text)
    made.add_heading(words.text(N_("Beskrivning av ärendet")), 1)
    for section in matter:
        made.add_heading(section.title, 2)
        for text in section.paragraphs:
            _prose(made, text)
        for table in section.tables:
            _table(made, table, words)
    made.add_heading(words.text(N_("Förslag till beslut")), 1)
    proposed = words.text(N_("%(who)s godkänner uppföljningen och lägger den till handlingarna."))
    _prose(made, proposed % {"who": shown.addressee})
    made.add_heading(words.text(N_("Beslutsunderlag")), 1)
    _prose(made, _papers(shown, words))
    _closing(made, shown, words)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _parted(shown: Shown) -> tuple[tuple[str, ...], tuple[ShownSection, ...]]:
    """The paragraphs of the summary, and the sections of the matter.

    A report without a summary is summed up by the first paragraph of each section: its own words and no others.
    """
    for section in shown.sections:
        if section.id == SUMMARY:
            rest = tuple(each for each in shown.sections if each is not section or each.tables)
            return section.paragraphs, rest
    firsts = (section.paragraphs[0] for section in shown.sections if section.paragraphs and section.tables)
    return tuple(firsts), shown.sections


def _prepare(made: Document, shown: Shown) -> None:
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.shared import Mm, Pt, RGBColor  # noqa: PLC0415

    language = _LANGUAGES[shown.language]
    about = made.core_properties
    about.title, about.subject, about.language = shown.title, shown.scope, language
    about.author, about.comments = "", ""
    about.created = about.modified = datetime.fromisoformat(shown.as_of)
    page = made.sections[0]
    page.orientation = WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = Mm(_A4[0]), Mm(_A4[1])
    page.left_margin = page.right_margin = Mm(_MARGIN)
    sizes = {"Normal": 11, "Title": 20, "Heading 1": 15, "Heading 2": 12.5, "Caption": 10, "List Bullet": 9}
    for name, size in sizes.items():
        style: ParagraphStyle = made.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(_name(f"w:{theme}"), None)
        for script in ("w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(_name(script), _FONT)
    for tag in made.styles.element.iter(_name("w:lang")):
        for part in ("w:val", "w:eastAsia"):
            tag.set(_name(part), language)
    _page_numbers(page.footer.paragraphs[0], shown)


def _opening(made: Document, shown: Shown, words: Words) -> None:
    if shown.draft:
        made.add_paragraph().add_run(shown.draft).bold = True
    kind = made.add_paragraph()
    kind.add_run(words.text(N_("Tjänsteskrivelse"))).bold = True
    number = shown.registry_number or words.text(N_("[diarienummer]"))
    lines = (
        (words.text(N_("Dnr")), number),
        (words.text(N_("Datum")), words.text(N_("[datum]"))),
        (words.text(N_("Ansvarig tjänsteperson")), words.text(N_("[namn och titel]"))),
        (words.text(N_("Till")), shown.addressee),
    )
    for name, value in lines:
        one = made.add_paragraph()
        one.paragraph_format.space_after = 0
        one.add_run(f"{name}: ").bold = True
        one.add_run(value)
    made.add_heading(shown.title, 0)
    for name, value in shown.facts:
        one = made.add_paragraph()
        one.paragraph_format.space_after = 0
        one.add_run(f"{name}: {value}")


def _papers(shown: Shown, words: Words) -> str:
    values = {"title": shown.title, "day": shown.as_of}
    return words.text(N_("%(title)s, räknad ur händelseloggen med läget den %(day)s.")) % values


def _closing(made: Document, shown: Shown, words: Words) -> None:
    made.add_heading(shown.proof_title, 1)
    for text in shown.proof:
        _prose(made, text)
    for name, value in shown.proof_facts:
        _prose(made, f"{name}: {value}")
    if shown.checkpoint:
        made.add_heading(words.text(N_("Loggens undertecknade kontrollpunkt")), 2)
        _prose(made, shown.checkpoint)


def _prose(made: Document, text: str) -> Paragraph:
    one = made.add_paragraph(plain(text))
    one.paragraph_format.widow_control = True
    return one


def _table(made: Document, table: ShownTable, words: Words) -> None:
    from docx.shared import Pt  # noqa: PLC0415

    number = words.text(N_("Tabell %(number)s.")) % {"number": table.number}
    caption = made.add_paragraph(f"{number} {table.title}", "Caption")
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(12)
    if table.hidden:
        caption.paragraph_format.keep_with_next = False
        _prose(made, table.hidden)
        return
    drawn = made.add_table(rows=1 + len(table.rows), cols=1 + len(table.columns))
    drawn.style = made.styles["Table Grid"]
    _describe(drawn, table)
    grid = list(_cells(drawn))
    for place, label in enumerate((table.first, *(column.label for column in table.columns))):
        number_column = place > 0 and table.columns[place - 1].number
        _write(grid[0][place], label, table, bold=True, right=number_column)
    _mark(drawn.rows[0]._tr, "w:tblHeader")  # noqa: SLF001 - python-docx knows no repeated header
    for line, row in zip(grid[1:], table.rows, strict=True):
        _row(line, row, table)
    for each in drawn.rows:
        _mark(each._tr, "w:cantSplit")  # noqa: SLF001 - python-docx knows no unbroken row
    # A short table stays whole; of a long one a head and its first row, and the last two rows, stay together.
    for line in grid[:-1] if len(grid) <= _SHORT else (grid[0], *grid[-2:-1]):
        for one in line:
            one.paragraphs[0].paragraph_format.keep_with_next = True
    after = _prose(made, f"{words.text(N_('Vad siffrorna är:'))} {table.definition}")
    _small(after)
    after.paragraph_format.space_before = Pt(4)
    for note in table.notes:
        _small(made.add_paragraph(note, "List Bullet"))


def _cells(drawn: Table) -> Iterator[list[_Cell]]:
    # ``table.cell`` walks the whole table for each cell.
    cells = drawn._cells  # noqa: SLF001
    wide = len(drawn.columns)
    for start in range(0, len(cells), wide):
        yield cells[start : start + wide]


def _row(cells: list[_Cell], row: ShownRow, table: ShownTable) -> None:
    _write(cells[0], ("\N{NO-BREAK SPACE}" * 3 * row.level) + row.label, table, bold=row.total)
    for cell, column, figure in zip(cells[1:], table.columns, row.figures, strict=True):
        text = f"{figure.text}\n({figure.of})" if figure.of else figure.text
        _write(cell, text, table, bold=row.total, right=column.number)


def _write(cell: _Cell, text: str, table: ShownTable, *, bold: bool, right: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    one = cell.paragraphs[0]
    one.paragraph_format.space_after = 0
    run = one.add_run(text)
    run.bold = bold
    run.font.size = Pt(8 if len(table.columns) > _DENSE else 9)
    if right:
        one.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _describe(drawn: Table, table: ShownTable) -> None:
    """Its title and what it counts, for who hears the letter; widths that leave the label its room."""
    from docx.shared import Mm  # noqa: PLC0415

    properties = drawn._tbl.tblPr  # noqa: SLF001 - python-docx knows no descriptions of tables
    properties.append(_element("w:tblCaption", val=table.title))
    properties.append(_element("w:tblDescription", val=table.definition))
    room = _A4[0] - 2 * _MARGIN
    share = _LABEL_SHARE if len(table.columns) <= _DENSE else 1 / (len(table.columns) + 1)
    widths = [room * share, *[room * (1 - share) / max(1, len(table.columns))] * len(table.columns)]
    drawn.autofit = False
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = Mm(width)
    for line in _cells(drawn):
        for cell, width in zip(line, widths, strict=True):
            cell.width = Mm(width)


def _small(one: Paragraph) -> None:
    from docx.shared import Pt  # noqa: PLC0415

    one.paragraph_format.space_after = Pt(2)
    for run in one.runs:
        run.font.size = Pt(9)


def _page_numbers(one: Paragraph, shown: Shown) -> None:
    one.add_run(f"{shown.scope} – {shown.title}\t\t")
    for field in ("PAGE", "NUMPAGES"):
        for kind in ("begin", None, "end"):
            run = one.add_run()
            if kind is None:
                code = _element("w:instrText")
                code.text = field
                run._r.append(code)  # noqa: SLF001 - python-docx knows no fields
            else:
                run._r.append(_element("w:fldChar", fldCharType=kind))  # noqa: SLF001
        if field == "PAGE":
            one.add_run(" / ")


def _mark(row: BaseOxmlElement, name: str) -> None:
    row.get_or_add_trPr().append(_element(name))


def _element(name: str, **attributes: str) -> BaseOxmlElement:
    from docx.oxml import OxmlElement  # noqa: PLC0415

    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(_name(f"w:{key}"), value)
    return made


def _name(name: str) -> str:
    from docx.oxml.ns import qn  # noqa: PLC0415

    return qn(name)
