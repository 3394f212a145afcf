"""The readable document: tagged, in the language that was asked for, with all text and no address to fetch."""

from __future__ import annotations

from pathlib import Path

import pdfua
import pikepdf
import pypdfium2
import pytest

from tests.support.archived import Made, run
from tipportal.archive.markup import el, html_document, xml_document
from tipportal.archive.readable import readable_pdf


def _text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return " ".join(" ".join(pages).split())


@pytest.fixture(scope="module")
def english(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("english")
    result = run(made.case, out, "--bundle", str(made.bundle), "--language", "en")
    assert result.exit_code == 0, result.output
    return out / made.package.name / "representations" / "rep1" / "data" / "case.pdf"


def test_the_document_is_tagged_and_says_its_language_and_title(made: Made, english: Path) -> None:
    swedish = made.package / "representations" / "rep1" / "data" / "case.pdf"
    for path, language in ((swedish, "sv"), (english, "en")):
        with pikepdf.open(path) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert str(pdf.Root.Lang) == language
            assert "Uteblivna besök" in str(pdf.docinfo["/Title"])
        report = pdfua.validate(str(path))
        # How a table's heads belong to its cells is told by where they stand: a warning, no error.
        assert {found.rule_id for found in report.findings} <= {"UA-15-003"}, report.findings
        assert {found.severity for found in report.findings} <= {pdfua.Severity.WARNING}


def test_the_document_has_all_text(made: Made, english: Path) -> None:
    swedish = _text(made.package / "representations" / "rep1" / "data" / "case.pdf")
    for said in (
        "Grannen får aldrig sitt besök <mitt på dagen> & ingen svarar.",
        "[older woman]",
        "Varje onsdag.",
        "Utföraren har lämnat loggar.",
        "Besöken stäms av mot lås och larm.",
        "Utförarens loggar bekräftar det.",
        "Bilder på dörren (1).PNG",
        "Ärendet exporterades till arkiv",
        "Bevaras enligt KS 2026/9",
    ):
        assert said in swedish
    assert "Varje onsdag." in _text(english)
    assert "Documents" in _text(english)
    assert "Handlingar" not in _text(english)


def test_nothing_a_stranger_writes_is_markup_or_fetched(tmp_path: Path) -> None:
    evil = "<img src='http://192.0.2.1/x.png'><style>@import 'http://192.0.2.1/x.css'</style>&amp;\x00"
    body = el("html", el("head", el("title", "x")), el("body", el("p", evil)), lang="sv")
    path = tmp_path / "x.pdf"
    path.write_bytes(readable_pdf(html_document(body)))
    assert "<img src='http://192.0.2.1/x.png'>" in _text(path)
    assert xml_document(el("a", evil, b='"<&')).startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<a b="&quot;&lt;&amp;">'
    )
