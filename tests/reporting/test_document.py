"""Reports as canonical JSON: nothing is lost, the digest is of these bytes, and what is no report is told where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.support.reports import harmful_year, municipal_year
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import (
    Audience,
    Column,
    Figure,
    Head,
    LogRange,
    Mark,
    Paragraph,
    Report,
    ReportKind,
    Section,
    Table,
    Unit,
    share,
)
from tipportal.domain.policies.explaining import Sentence
from tipportal.reporting import document
from tipportal.reporting.schema import SCHEMA

DOCS = Path(__file__).parents[2] / "docs"
S = Sentence


def small() -> Report:
    table = Table(
        id="received.channel",
        title=S("Mottagna %(year)s", {"year": "2026"}),
        first=S("Kanal"),
        columns=(Column("cases", S("Ärenden"), Unit.CASES, bars=True), Column("time", S("I tid"), Unit.SHARE)),
        heads=(Head("report", S("Rapporter")), Head("all", name="=1+1", total=True, level=1)),
        figures=((Figure(34), share(30, 34)), (Figure(mark=Mark.HIDDEN), Figure(mark=Mark.BAND, text=S("0–4")))),
        definition=S("Vad som räknades"),
        notes=(S("En not"),),
    )
    words = S("Funktionen tog emot %(count)s den %(day)s.", {"count": S("%(n)d ärenden", {"n": 34}), "day": "1 juni"})
    section = Section(
        "received", S("Mottaget"), (Paragraph("received.text", words, "Två har skrivit: 100 %."),), (table,)
    )
    return Report(
        kind=ReportKind.ANNUAL,
        period=Period(2026),
        scope="org-1",
        audience=Audience.PUBLIC,
        as_of=date(2027, 1, 15),
        log=LogRange("tipportal/00", 1234, "ab" * 32, "tipportal/00\n1200\nq6s=\n\n— tipportal/00 AAAA\n"),
        title=S("Årlig uppföljning %(period)s", {"period": "2026"}),
        sections=(section,),
        names={"org-1": "Omsorgsnämnden <b>"},
        earlier=("cd" * 32,),
        seed="frö",
    )


def altered(change: Callable[[Any], None]) -> bytes:
    made = json.loads(document.encode(small()))
    change(made)
    return json.dumps(made).encode()


def test_what_is_written_is_read_again() -> None:
    data = document.encode(small())
    assert document.decode(data) == small()
    assert document.encode(document.decode(data)) == data
    assert data == rfc8785.dumps(json.loads(data))
    assert document.digest(small()) == hashlib.sha256(data).hexdigest()


def test_a_file_that_an_editor_has_laid_out_anew_is_the_same_report() -> None:
    laid_out = "\ufeff" + json.dumps(json.loads(document.encode(small())), indent=4, ensure_ascii=True)
    assert document.decode(laid_out.encode()) == small()


def test_dates_among_the_values_are_written_as_text_and_no_edit_is_an_empty_one() -> None:
    words = S("Den %(day)s", {"day": date(2026, 2, 1)})
    section = Section("a", S("A"), (Paragraph("p", words, ""),))
    found = document.decode(document.encode(replace(small(), sections=(section,))))
    assert found.sections[0].paragraphs == (Paragraph("p", S("Den %(day)s", {"day": "2026-02-01"}), None),)


def test_a_figure_that_is_not_shown_does_not_tell_what_it_is_made_of() -> None:
    section = small().sections[0]
    figures = ((Figure(34), Figure(mark=Mark.NO_BASE, part=1, base=3)), section.tables[0].figures[1])
    report = replace(small(), sections=(replace(section, tables=(replace(section.tables[0], figures=figures),)),))
    found = document.decode(document.encode(report)).sections[0].tables[0].figures[0][1]
    assert found == Figure(mark=Mark.NO_BASE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("kind"), "the report: kind is missing"),
        (lambda d: d.update(more=1), "the report: 'more' is not known"),
        (lambda d: d.update(format="tipportal/report/2"), "format: 'tipportal/report/2' is not known"),
        (lambda d: d.update(kind="monthly"), "kind: 'monthly' is not known"),
        (lambda d: d.update(period="2026-3"), "period: is not written as it should be: '2026-3'"),
        (lambda d: d.update(as_of="2026-02-30"), "as_of: is no date"),
        (lambda d: d.update(as_of=["2026-02-30"]), "as_of: text was expected, not a list"),
        (lambda d: d["log"].update(size=-1), "log.size: lies outside 0 to 9007199254740991"),
        (lambda d: d["log"].update(size=True), "log.size: a whole number was expected, not True"),
        (lambda d: d["log"].update(root="AB" * 32), "log.root: is not written as it should be"),
        (lambda d: d["sections"].append(d["sections"][0]), "sections[1].id: 'received' stands twice"),
        (lambda d: d["names"].update({"a\nb": "x"}), "names: is not written as it should be"),
        (lambda d: d["names"].update({"a": "\ud800"}), "names.a: has half a character: '\\ud800'"),
    ],
)
def test_what_is_no_report_is_told_where(change: Callable[[Any], None], said: str) -> None:
    with pytest.raises(document.Unreadable) as refused:
        document.decode(altered(change))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t["figures"].pop(), "figures: has 1 rows for 2 heads"),
        (lambda t: t["figures"][1].pop(), "figures[1]: has 1 figures for 2 columns"),
        (lambda t: t["figures"][0][0].update(mark="hidden"), "figures[0][0]: has a value where none is shown"),
        (lambda t: t["figures"][0][0].update(value=None), "figures[0][0]: is shown and has no value"),
        (lambda t: t["figures"][1][0].update(base=3), "figures[1][0]: is not shown and tells what it is made of"),
        (lambda t: t["figures"][1][1].update(text=None), "figures[1][1]: is a band and does not say which"),
        (lambda t: t["heads"][0].update(words=None), "heads[0]: has neither words nor name"),
        (lambda t: t["columns"][1].update(key="cases"), "columns[1].key: 'cases' stands twice"),
        (lambda t: t["columns"][0].update(unit="cents"), "columns[0].unit: 'cents' is not known"),
        (lambda t: t["title"].update(msgid="%(year)9999999d"), "title.msgid: has a per cent sign"),
        (lambda t: t["title"].update(msgid="%s"), "title.msgid: has a per cent sign that is neither"),
        (lambda t: t["title"].update(msgid="%(month)s"), "title: has no value for 'month'"),
        (lambda t: t["title"].update(msgid="%(year)d"), "title: 'year' should be a whole number"),
        (lambda t: t["title"]["values"].update(year=None), "title.values.year: text or a whole number or an object"),
    ],
)
def test_tables_that_do_not_hold_together_are_told_where(change: Callable[[Any], None], said: str) -> None:
    with pytest.raises(document.Unreadable) as refused:
        document.decode(altered(lambda d: change(d["sections"][0]["tables"][0])))
    assert f"sections[0].tables[0].{said}" in str(refused.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON: line 1, column 1"),
        (b"{", "not JSON: line 1, column 2"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b"9" * 5_000, "is no whole number of ordinary size"),
        (b"1.0", "1.0 is no whole number"),
        (b"NaN", "NaN is no whole number"),
        (b'{"a": 1, "a": 2}', "'a' stands twice in one object"),
        (b"null", "the report: an object was expected, not None"),
        (b" " * (document.MOST_BYTES + 1), "at most"),
    ],
)
def test_files_that_are_no_json_of_ours_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(document.Unreadable) as refused:
        document.decode(data)
    assert said in str(refused.value)


def test_sentences_without_end_are_refused() -> None:
    sentence: dict[str, Any] = {"msgid": "a", "values": {}}
    for _ in range(100):
        sentence = {"msgid": "%(a)s", "values": {"a": sentence}}
    with pytest.raises(document.Unreadable, match="too deep"):
        document.decode(altered(lambda d: d.update(title=sentence)))


def test_nothing_is_published_that_could_not_be_read() -> None:
    with pytest.raises(document.Unreadable, match="has no value for 'who'"):
        document.encode(replace(small(), title=S("%(who)s")))


@given(st.text(max_size=300), st.integers(-(2**53) + 1, 2**53 - 1))
def test_any_name_and_any_number_comes_back(name: str, number: int) -> None:
    safe = "".join(each for each in name if each != "\0" and not "\ud800" <= each <= "\udfff")
    table = small().sections[0].tables[0]
    heads = (Head("a", name=safe), Head("b", S("%(x)s %%", {"x": safe})))
    figures = ((Figure(number), Figure(0)), (Figure(1), Figure(1)))
    section = Section("s", S("T"), (), (replace(table, heads=heads, figures=figures),))
    report = replace(small(), sections=(section,), names={"a": safe})
    assert document.decode(document.encode(report)) == report


def test_the_published_schema_is_the_readers() -> None:
    assert json.loads((DOCS / "report.schema.json").read_text()) == json.loads(json.dumps(SCHEMA))


@pytest.mark.parametrize("report", [small(), municipal_year(3), harmful_year(4)], ids=["small", "year", "harm"])
def test_an_independent_reader_of_the_schema_takes_what_is_published(report: Report) -> None:
    schema = json.loads((DOCS / "report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    reader = jsonschema.Draft202012Validator(schema)
    told = json.loads(document.encode(report))
    assert reader.is_valid(told)
    assert document.decode(document.encode(report)) == report


def test_an_independent_reader_of_the_schema_refuses_what_is_refused_here() -> None:
    reader = jsonschema.Draft202012Validator(json.loads((DOCS / "report.schema.json").read_text()))
    told = json.loads(document.encode(small()))
    others = [{key: value for key, value in told.items() if key != name} for name in told]
    for other in (*others, told | {"more": 1}, told | {"kind": "monthly"}, told | {"names": {"a\tb": "b"}}):
        assert not reader.is_valid(other)
        with pytest.raises(document.Unreadable):
            document.of_document(other)
