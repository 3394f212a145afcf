"""The PDF: tagged as PDF/UA-1 asks, with its figures, and laid out so that nothing is parted that belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pdfua
import pikepdf
import pypdfium2
import pytest

from tests.support.reports import CHECKPOINT, harmful_year, municipal_year
from tipportal.reporting import Format, render


@pytest.fixture(scope="module")
def swedish(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "sv.pdf"
    path.write_bytes(render(municipal_year(5), Format.PDF, "sv", registry_number="KS 2027/12"))
    return path


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "harm.pdf"
    path.write_bytes(render(harmful_year(4), Format.PDF, "en", draft=True))
    return path


def pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every element of the structure, in reading order."""
    waiting = [pdf.Root.StructTreeRoot.K]
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Array):
            waiting.extend(reversed(list(each)))
        elif isinstance(each, pikepdf.Dictionary) and "/S" in each:
            yield each
            if "/K" in each:
                waiting.append(each.K)


def test_an_independent_checker_finds_nothing(swedish: Path, harmful: Path) -> None:
    for path in (swedish, harmful):
        # Not even the warning about headers without a scope that PDFs of WeasyPrint have: the room adds the scopes.
        assert pdfua.validate(str(path)).findings == ()


def test_it_says_what_it_is_and_in_which_language(swedish: Path, harmful: Path) -> None:
    for path, language in ((swedish, "sv"), (harmful, "en")):
        with pikepdf.open(path) as pdf:
            assert str(pdf.Root.Lang) == language
            assert bool(pdf.Root.MarkInfo.Marked)
            assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
            assert "Uppföljning av visselblåsning och tips 2026" in str(pdf.docinfo["/Title"])
            assert "<pdfuaid:part>1</pdfuaid:part>" in pdf.Root.Metadata.read_bytes().decode().replace(
                'pdfuaid:part="1"', "<pdfuaid:part>1</pdfuaid:part>"
            )


def test_tables_have_headers_with_scopes_and_cells_that_name_them(swedish: Path) -> None:
    with pikepdf.open(swedish) as pdf:
        found = list(elements(pdf))
        tables = [each for each in found if each.S == "/Table"]
        assert len(tables) >= 9
        headers = [each for each in found if each.S == "/TH"]
        scopes = {str(each.A.Scope) for each in headers}
        assert scopes == {"/Column", "/Row"}
        for each in headers:
            group = each.P.P.S
            assert str(each.A.Scope) == ("/Column" if group == "/THead" else "/Row")
        names = {str(each.ID) for each in headers}
        cells = [each for each in found if each.S == "/TD"]
        assert cells
        for each in cells:
            assert {str(header) for header in each.A.Headers} <= names
        # A table that goes on over the page has its header row again.
        parts = [each for each in tables if any(part.S == "/THead" for part in each.K if "/S" in part)]
        assert len(parts) >= 9
        assert sum(each.S == "/Caption" for each in found) == 9


def test_bars_are_figures_whose_alternative_text_has_the_number(swedish: Path) -> None:
    with pikepdf.open(swedish) as pdf:
        figures = [each for each in elements(pdf) if each.S == "/Figure"]
        assert figures
        texts = [str(each.Alt) for each in figures]
    assert all(text.startswith("Stapel: ") for text in texts)
    assert "Stapel: 11 av högst 32." in texts
    assert "Stapel: 1\xa0234\xa0567\xa0kr av högst 4\xa0938\xa0268\xa0kr." in texts
    assert "Stapel: 66,7\xa0% av högst 100,0\xa0%." in texts


def test_headings_become_bookmarks_in_their_order(swedish: Path) -> None:
    with pikepdf.open(swedish) as pdf:
        heads = [str(each.S) for each in elements(pdf) if str(each.S) in {"/H1", "/H2", "/H3"}]
        with pdf.open_outline() as outline:
            (top,) = outline.root
            titles = [str(each.title) for each in top.children]
    assert heads[0] == "/H1"
    assert heads.count("/H1") == 1
    assert "/H3" in heads
    assert str(top.title) == "Uppföljning av visselblåsning och tips 2026"
    assert titles[:2] == ["Avsnitt", "Avsnitt 1 om Ekköpings kommun"]
    assert titles[-1] == "Så kontrolleras siffrorna"


def test_pages_are_numbered_and_the_last_is_a_witness(swedish: Path) -> None:
    found = pages(swedish)
    for number, text in enumerate(found, 1):
        assert f"{number} / {len(found)}" in text
    end = " ".join("\n".join(found[-2:]).split())
    assert "0 – 48 529" in end
    for said in ("de 48 530 första posterna", "den 2027-01-15", "tipportal report verify"):
        assert said in end
    for part in CHECKPOINT.split():
        assert part in end.replace(" ", "") or part in end
    assert "KS 2027/12" in found[0]


def test_no_heading_stands_alone_and_no_header_row_without_rows(swedish: Path) -> None:
    heads = {"Område", "Avsnitt"}
    for text in pages(swedish):
        lines = [each for each in text.splitlines() if each.strip()]
        # The last lines are the footer: the title and the number of the page.
        body = [each for each in lines if not each.startswith("Hela portalen –") and " / " not in each]
        assert not body[-1].startswith("Avsnitt ")
        assert body[-1].split(" ")[0] not in heads
        assert not body[-1].startswith("Tabell ")


def test_harmful_names_keep_to_the_page_and_a_draft_says_so_on_each(harmful: Path) -> None:
    for text in pages(harmful):
        assert "Draft. The report has not been published." in text
        assert "\u202e" not in text
    document = pypdfium2.PdfDocument(harmful)
    try:
        for page in document:
            width, _height = page.get_size()
            for found in page.get_objects():
                left, _, right, _ = found.get_bounds() if hasattr(found, "get_bounds") else found.get_pos()
                # Within the margins of 18 mm, in points, but for a hair of a letter.
                assert left >= 49
                assert right <= width - 49
    finally:
        document.close()
