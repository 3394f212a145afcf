"""The case as a document that people read: a tagged PDF (PDF/UA-1) with text, headings and tables.

WeasyPrint is loaded when a PDF is made and not before: no face and no other command has anything of it in memory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tipportal.domain.texts import N_

from .content import ArchivedCase, Document, Say
from .markup import Element, el, html_document

_PICTURE = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_JOINING = re.compile("[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm;
  @bottom-left { content: string(case); font: 8pt DejaVu Sans, sans-serif; color: #444; }
  @bottom-right { content: counter(page) ' / ' counter(pages); font: 8pt DejaVu Sans, sans-serif; color: #444; } }
html { font: 10pt/1.5 DejaVu Sans, sans-serif; color: #111; }
h1 { font-size: 20pt; line-height: 1.2; margin: 0 0 2mm; overflow-wrap: anywhere; }
h2 { font-size: 14pt; margin: 10mm 0 3mm; break-after: avoid; }
h3 { font-size: 11pt; margin: 7mm 0 1mm; break-after: avoid; }
h4 { font-size: 9.5pt; margin: 3mm 0 0; break-after: avoid; }
p { margin: 0 0 2mm; white-space: pre-wrap; overflow-wrap: anywhere; }
.case { string-set: case content(text); color: #444; margin: 0 0 1mm; }
.about { color: #444; margin: 0; }
.fault { border-left: 1.2mm solid #a4001d; padding-left: 3mm; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; }
caption { text-align: left; font-weight: bold; padding: 0 0 1mm; }
th, td { text-align: left; vertical-align: top; padding: 1.2mm 3mm 1.2mm 0; border-bottom: 0.2mm solid #bbb;
  overflow-wrap: anywhere; }
tr { break-inside: avoid; }
table.facts th { width: 45mm; }
td.path { white-space: nowrap; }
td.digest { font: 7pt DejaVu Sans Mono, monospace; word-break: break-all; }
"""


def readable_html(case: ArchivedCase, say: Say, made_at: datetime) -> str:
    """The document as HTML: what the PDF is made of."""
    body = el(
        "body",
        el("p", f"{case.reference}, {case.organisation}", class_="case"),
        el("h1", case.title),
        _table(say(N_("Uppgifter om ärendet")), case.facts, class_="facts"),
        el("h2", say(N_("Handlingar"))),
        *_documents(case, say),
        el("h2", say(N_("Handläggningslogg"))),
        *_log(case, say),
        el("h2", say(N_("Om det här dokumentet"))),
        *(el("p", text) for text in _about(case, say, made_at)),
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("title", f"{case.reference}: {case.title}"),
        el("meta", name="generator", content="tipportal"),
        el("style", _STYLE),
    )
    return html_document(el("html", head, body, lang=case.language))


def readable_pdf(document: str) -> bytes:
    """The PDF of such a document. Nothing is fetched: it needs no file and no address but the fonts of the machine."""
    from weasyprint import HTML  # noqa: PLC0415 - takes a second and 40 MB, which only this pays

    # Pictures that stand for words have no glyph in the fonts of a server, and PDF/UA takes no character without one:
    # they are named. What was written stands as it was in the document's own file.
    named = _PICTURE.sub(_spelled, _JOINING.sub("", document))
    made = HTML(string=named, url_fetcher=_refuse).write_pdf(pdf_variant="pdf/ua-1")
    return bytes(made)


def _spelled(character: re.Match[str]) -> str:
    name = unicodedata.name(character.group(), "")
    return f"[{name.lower()}]" if name else "\ufffd"


class FetchRefused(Exception):
    """A document asked for something from elsewhere."""


def _refuse(url: str, *_: object, **__: object) -> Mapping[str, Any]:
    raise FetchRefused(url)


def _documents(case: ArchivedCase, say: Say) -> Iterator[Element]:
    if not case.documents:
        yield el("p", say(N_("Inga handlingar.")))
    for document in case.documents:
        yield el("h3", f"{document.number}. {document.title}")
        yield el("p", _about_document(document), class_="about")
        if document.fault:
            yield el("p", document.fault, class_="fault")
        for label, text in document.sections:
            if label:
                yield el("h4", label)
            yield el("p", text)
        if document.files:
            head = (say(N_("Fil")), say(N_("I paketet")), say(N_("Byte")), "SHA-256")
            yield el(
                "table",
                el("caption", say(N_("Bifogade filer"))),
                el("thead", el("tr", *(el("th", name, scope="col") for name in head))),
                el(
                    "tbody",
                    *(
                        el(
                            "tr",
                            el("td", file.name),
                            el("td", file.path, class_="path"),
                            el("td", str(file.size), class_="path"),
                            el("td", file.sha256, class_="digest"),
                        )
                        for file in document.files
                    ),
                ),
            )


def _about_document(document: Document) -> str:
    return document.agent if document.on is None else f"{document.on.isoformat()}, {document.agent}"


def _log(case: ArchivedCase, say: Say) -> Iterator[Element]:
    head = (say(N_("Post")), say(N_("När")), say(N_("Vem")), say(N_("Vad")))
    yield el("p", say(N_("Av tipslämnarens handlingar sparas bara dagen.")))
    if not case.log:
        return
    yield el(
        "table",
        el("thead", el("tr", *(el("th", name, scope="col") for name in head))),
        el(
            "tbody",
            *(
                el("tr", el("td", str(line.index)), el("td", line.when), el("td", line.who), el("td", line.what))
                for line in case.log
            ),
        ),
    )


def _about(case: ArchivedCase, say: Say, made_at: datetime) -> Iterator[str]:
    yield say(N_("Framställt %(when)s ur det som ärendegruppen kan läsa.")) % {
        "when": made_at.strftime("%Y-%m-%d %H:%M")
    }
    yield say(
        N_(
            "Tipslämnaren och handläggarna står med funktion, inte med namn. Det som tipslämnaren har lämnat om sig "
            "själv i identitetsvalvet ingår inte."
        )
    )
    proof = case.proof
    if not proof.holds:
        yield say(N_("Loggens bevis stämmer inte. Undersök det innan paketet levereras."))
        return
    yield say(N_("Varje post i loggen är bevisad mot loggens huvud %(root)s med %(size)s poster.")) % {
        "root": proof.root,
        "size": proof.size,
    }
    if proof.signed:
        yield say(
            N_("Loggen går vidare från den undertecknade kontrollpunkten vid %(signed)s poster, som ligger i paketet.")
        ) % {"signed": proof.signed}
    else:
        yield say(N_("Loggen har ännu ingen undertecknad kontrollpunkt."))


def _table(caption: str, rows: tuple[tuple[str, str], ...], *, class_: str) -> Element:
    return el(
        "table",
        el("caption", caption),
        el("tbody", *(el("tr", el("th", label, scope="row"), el("td", text)) for label, text in rows)),
        class_=class_,
    )
