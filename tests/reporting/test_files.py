"""Spreadsheets, separated values, letters and text: right numbers, no formula, and what their readers need."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from tests.support.reports import CHECKPOINT, HARMFUL, harmful_year, municipal_year
from tipportal.domain.followup.report import Mark, Unit
from tipportal.reporting import FORMATS, LANGUAGES, MEDIA, Format, document, render
from tipportal.reporting.terminal import WIDTH
from tipportal.reporting.xlsx import SheetNames

FORMULA = {"=", "+", "-", "@", "\t", "\r", "\n", "\u2212"}


def workbook(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def letter(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def rows_of(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_format_is_written_in_every_language() -> None:
    report = municipal_year(2)
    for form in Format:
        if form is Format.PDF:
            continue
        written = {render(report, form, language) for language in LANGUAGES}
        # What two signed is the same in all languages.
        assert len(written) == (1 if form is Format.JSON else 2)
    assert set(FORMATS) <= set(MEDIA) == set(Format)
    assert render(report, Format.JSON, "en", draft=True) == document.encode(report)


def texts_of(book: openpyxl.Workbook) -> Iterator[str]:
    for sheet in book:
        for row in sheet.iter_rows():
            for each in row:
                assert each.data_type != "f", each.coordinate
                assert each.hyperlink is None
                if isinstance(each.value, str):
                    yield each.value


def test_no_cell_of_a_spreadsheet_starts_a_formula() -> None:
    data = render(harmful_year(), Format.XLSX, "sv")
    for text in texts_of(workbook(data)):
        assert unicodedata.normalize("NFKC", text.lstrip())[:1] not in FORMULA, text[:40]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not [name for name in parts.namelist() if "external" in name.lower() or "vba" in name.lower()]
        assert all(b"<f>" not in parts.read(name) for name in parts.namelist())


def test_figures_of_a_spreadsheet_are_numbers_and_hidden_ones_are_two_dots() -> None:
    book = workbook(render(municipal_year(), Format.XLSX, "sv"))
    counts, money, shares = book["1. Ärenden per år"], book["2. Belopp"], book["3. I tid"]
    assert [each.value for each in counts[3]] == ["Område", *(f"År {year}" for year in range(2022, 2027))]
    assert [each.value for each in counts[5]] == ["Omsorgsnämnden", 7, 8, 9, 10, 11]
    assert [each.value for each in counts[8]] == ["Bostads AB Ekhem", 28, 29, "..", 31, 32]
    assert counts["B5"].number_format == "#,##0"
    assert [each.value for each in money[5]] == ["Omsorgsnämnden", 1_234_567, "×"]
    assert money["B5"].number_format == '#,##0 "kr"'
    assert [each.value for each in shares[3]] == [
        "Område", "Bekräftat i tid", "Bekräftat i tid: antal", "Bekräftat i tid: av",
        "Återkopplat", "Återkopplat: antal", "Återkopplat: av",
    ]  # fmt: skip
    assert [each.value for each in shares[5]][:4] == ["Omsorgsnämnden", 0.667, 4, 6]
    assert shares["B5"].number_format == "0.0%"
    assert [each.value for each in shares[4]][:5] == ["Ekköpings kommun", "–", None, None, ".."]
    assert counts.freeze_panes == "B4"


def test_words_of_a_spreadsheet_stand_on_the_left_and_break_their_lines() -> None:
    book = workbook(render(municipal_year(), Format.XLSX, "sv"))

    for sheet in (book.worksheets[0], book.worksheets[-1]):
        written = [cell for row in sheet.iter_rows(min_col=2) for cell in row if cell.value]
        assert written
        assert {cell.alignment.horizontal for cell in written} == {None}
        assert all(cell.alignment.wrap_text for cell in written)


def test_a_spreadsheet_has_a_sheet_for_each_table_with_names_that_are_taken() -> None:
    for report in (municipal_year(), harmful_year()):
        book = workbook(render(report, Format.XLSX, "sv", draft=True))
        tables = [table for section in report.sections for table in section.tables]
        assert len(book.sheetnames) == len(tables) + 2
        assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
        for name in book.sheetnames:
            assert 0 < len(name) <= 31
            assert not set(name) & set("[]:*?/\\")
            assert not name.startswith("'")
        assert book.sheetnames[-1] == "Definitioner"
        assert "Utkast. Rapporten är inte publicerad." in [each.value for each in book.worksheets[0]["A"]]
    notes = [each.value for each in workbook(render(municipal_year(), Format.XLSX, "sv"))["1. Ärenden per år"]["A"]]
    assert "Ett ärende kan höra till flera områden." in notes


def test_names_of_sheets_are_made_unlike_each_other() -> None:
    names = SheetNames()
    found = [names.of(each) for each in ("History", "a/b", "A?B", "x" * 40, "x" * 40, "", "''", "[]")]
    assert found == ["History (2)", "a b", "A B (2)", "x" * 31, "x" * 27 + " (2)", "–", "– (2)", "– (3)"]


def test_separated_values_have_every_figure_and_no_formula() -> None:
    report = harmful_year()
    rows = rows_of(render(report, Format.CSV, "sv"))
    tables = [table for section in report.sections for table in section.tables if not table.hidden]
    assert len(rows) == sum(len(table.heads) * len(table.columns) for table in tables)
    for row in rows:
        for text in row.values():
            assert unicodedata.normalize("NFKC", text.lstrip())[:1] not in FORMULA, text[:40]
            assert "\n" not in text
            assert "\r" not in text
    first, share_of = rows[0], next(row for row in rows if row["unit"] == Unit.SHARE and row["mark"] == Mark.SHOWN)
    assert (first["table"], first["row"], first["column"], first["value"]) == ("counts-0", "row-0", "2022", "0")
    assert (share_of["value"], share_of["part"], share_of["base"]) == ("0.667", "4", "6")
    hidden = [row for row in rows if row["mark"] == Mark.HIDDEN]
    assert hidden
    assert {(row["value"], row["part"], row["base"], row["text"]) for row in hidden} == {("", "", "", "..")}
    assert {row["status"] for row in rows_of(render(report, Format.CSV, "en", draft=True))} == {"draft"}


@pytest.mark.parametrize(("language", "tag"), [("sv", "sv-SE"), ("en", "en-GB")])
def test_a_letter_says_its_language_everywhere(language: str, tag: str) -> None:
    made = letter(render(municipal_year(3), Format.DOCX, language))
    assert made.core_properties.language == tag
    languages = {each.get(qn("w:val")) for each in made.styles.element.iter(qn("w:lang"))}
    assert languages == {tag}


def test_a_letter_is_addressed_numbered_and_ends_in_a_proposal() -> None:
    made = letter(render(municipal_year(3), Format.DOCX, "sv"))
    lines = [each.text for each in made.paragraphs]
    assert "Dnr: [diarienummer]" in lines
    assert "Till: Kommunstyrelsen" in lines
    assert "Datum: [datum]" in lines
    heads = [each.text for each in made.paragraphs if str(each.style and each.style.name) in {"Title", "Heading 1"}]
    assert heads == [
        "Uppföljning av visselblåsning och tips 2026",
        "Sammanfattning",
        "Beskrivning av ärendet",
        "Förslag till beslut",
        "Beslutsunderlag",
        "Så kontrolleras siffrorna",
    ]
    assert "Kommunstyrelsen godkänner uppföljningen och lägger den till handlingarna." in lines
    assert any("c2lnbmF0dXJlc2ln" in each for each in lines)
    numbered = letter(render(municipal_year(3), Format.DOCX, "sv", draft=True, registry_number="KS 2027/12"))
    assert "Dnr: KS 2027/12" in [each.text for each in numbered.paragraphs]
    assert numbered.paragraphs[0].text == "Utkast. Rapporten är inte publicerad."


def test_tables_of_a_letter_repeat_their_heads_and_stay_whole() -> None:
    made = letter(render(municipal_year(3), Format.DOCX, "sv"))
    assert len(made.tables) == 6
    for table in made.tables:
        first, *rest = table._tbl.tr_lst  # noqa: SLF001 - what Word reads
        assert first.find(f".//{qn('w:tblHeader')}") is not None
        assert all(row.find(f".//{qn('w:tblHeader')}") is None for row in rest)
        assert all(row.find(f".//{qn('w:cantSplit')}") is not None for row in (first, *rest))
        assert table._tbl.tblPr.find(qn("w:tblCaption")) is not None  # noqa: SLF001
        assert all(each.paragraphs[0].paragraph_format.keep_with_next for each in table.rows[0].cells)
        assert str(table.cell(1, 1).paragraphs[0].alignment) == "RIGHT (2)"
        before = table._tbl.getprevious()  # noqa: SLF001
        assert before is not None
        assert before.find(f".//{qn('w:keepNext')}") is not None
    assert [each.text for each in made.tables[0].rows[5].cells] == ["Bostads AB Ekhem", "28", "29", "..", "31", "32"]


def test_a_letter_with_harmful_names_can_be_read_and_has_no_field_of_theirs() -> None:
    data = render(harmful_year(), Format.DOCX, "sv")
    made = letter(data)
    assert any(each.text == HARMFUL[0] for each in made.paragraphs)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        body = parts.read("word/document.xml")
    assert b"w:instrText" not in body
    assert b"w:hyperlink" not in body
    assert b"\x1b" not in body


def test_text_for_a_terminal_moves_no_cursor_and_stays_within_its_width() -> None:
    for report in (municipal_year(), harmful_year()):
        text = render(report, Format.TEXT, "sv").decode()
        assert not {unicodedata.category(each) for each in text.replace("\n", "")} & {"Cc", "Cf", "Cs"}
        # A checkpoint is copied from here, so its lines stay whole.
        wide = {each.strip() for each in text.splitlines() if len(each) > WIDTH}
        assert wide <= set(CHECKPOINT.splitlines())
    lines = render(municipal_year(), Format.TEXT, "sv").decode().splitlines()
    assert "Omsorgsnämnden                 7        8        9       10       11" in lines


def test_the_same_report_gives_the_same_spreadsheet() -> None:
    assert render(municipal_year(2), Format.XLSX, "sv") == render(municipal_year(2), Format.XLSX, "sv")


def test_nothing_is_loaded_before_it_is_needed() -> None:
    init = Path(__file__).parents[2] / "tipportal" / "reporting"
    for name in ("weasyprint", "docx", "xlsxwriter", "fontTools"):
        for path in init.glob("*.py"):
            at_the_top = [each for each in path.read_text().splitlines() if each.startswith(("import ", "from "))]
            assert not [each for each in at_the_top if each.split()[1].startswith(name)], path
