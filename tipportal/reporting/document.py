"""A report as canonical JSON (RFC 8785), whose digest the handling log keeps, and back again, strictly.

What is written is checked as what is read is: nothing is published that could not be read again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NoReturn, cast

import rfc8785

from tipportal.domain.errors import Invalid
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
)
from tipportal.domain.handlinglog import Json
from tipportal.domain.policies.explaining import Sentence

from .schema import FORMAT, SCHEMA
from .shapes import ShapeError, check

MOST_BYTES = 32 * 2**20
"""Greater files are not read: the largest report of ours is a hundredth of it."""
_MOST_DIGITS = 20
_PLACE = re.compile(r"%(?:\((?P<name>[A-Za-z_][A-Za-z0-9_]*)\)(?P<kind>[sd])|%)")
"""What may follow a per cent sign. A width, as in ``%(x)999999999d``, would fill the memory of whoever reads."""

Object = dict[str, Any]


class Unreadable(ValueError):
    """Not a report. Its text says what is wrong and where, in English, for whoever has the file before them."""


def encode(report: Report) -> bytes:
    """The canonical bytes of a report. Raises Unreadable for a report that could not be read again."""
    made = to_document(report)
    _check(made)
    return bytes(rfc8785.dumps(made))


def digest(report: Report) -> str:
    """SHA-256 of the canonical bytes, hexadecimal: what ``report_published`` keeps."""
    return hashlib.sha256(encode(report)).hexdigest()


def decode(data: bytes) -> Report:
    """The report that a file holds, however it is laid out. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"the file has {len(data)} bytes, at most {MOST_BYTES} are read")
    try:
        found = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except UnicodeDecodeError as fault:
        raise Unreadable(f"byte {fault.start} is not UTF-8") from None
    except json.JSONDecodeError as fault:
        raise Unreadable(f"not JSON: line {fault.lineno}, column {fault.colno}: {fault.msg}") from None
    except RecursionError:
        raise Unreadable("the file is nested too deep") from None
    except ValueError as fault:
        raise Unreadable(str(fault)) from None
    return of_document(found)


def to_document(report: Report) -> Object:
    """The report as what JSON has: objects, lists, text, whole numbers, true, false and null."""
    return {
        "format": FORMAT,
        "kind": report.kind.value,
        "period": str(report.period),
        "scope": report.scope,
        "audience": report.audience.value,
        "as_of": report.as_of.isoformat(),
        "log": {
            "origin": report.log.origin,
            "size": report.log.size,
            "root": report.log.root,
            "checkpoint": report.log.checkpoint,
        },
        "title": report.title.to_json(),
        "sections": [_section(section) for section in report.sections],
        "names": dict(report.names),
        "earlier": list(report.earlier),
        "definitions": report.definitions,
        "seed": report.seed,
        "together": report.together,
    }


def of_document(found: object) -> Report:
    """The report that such a value says. Raises Unreadable with the place of the first fault."""
    _check(found)
    told = cast("Object", found)
    return Report(
        kind=ReportKind(told["kind"]),
        period=Period.read(told["period"]),
        scope=told["scope"],
        audience=Audience(told["audience"]),
        as_of=date.fromisoformat(told["as_of"]),
        log=LogRange(**told["log"]),
        title=Sentence.of_json(told["title"]),
        sections=tuple(_read_section(each) for each in told["sections"]),
        names=told["names"],
        earlier=tuple(told["earlier"]),
        definitions=told["definitions"],
        seed=told["seed"],
        together=told["together"],
    )


def _section(section: Section) -> Object:
    return {
        "id": section.id,
        "title": section.title.to_json(),
        "paragraphs": [
            # An empty text is none: the computed one stands.
            {"id": one.id, "words": one.words.to_json(), "edited": one.edited or None}
            for one in section.paragraphs
        ],
        "tables": [_table(table) for table in section.tables],
    }


def _table(table: Table) -> Object:
    return {
        "id": table.id,
        "title": table.title.to_json(),
        "first": table.first.to_json(),
        "columns": [
            {"key": one.key, "words": one.words.to_json(), "unit": one.unit.value, "bars": one.bars}
            for one in table.columns
        ],
        "heads": [
            {"key": one.key, "words": _maybe(one.words), "name": one.name, "total": one.total, "level": one.level}
            for one in table.heads
        ],
        "figures": [
            [
                {
                    "value": one.value,
                    "mark": one.mark.value,
                    # What a figure is made of leaves with it alone: else a hidden one could be computed.
                    "part": one.part if one.mark is Mark.SHOWN else None,
                    "base": one.base if one.mark is Mark.SHOWN else None,
                    "text": _maybe(one.text),
                }
                for one in row
            ]
            for row in table.figures
        ],
        "definition": table.definition.to_json(),
        "notes": [note.to_json() for note in table.notes],
        "hidden": table.hidden,
    }


def _maybe(sentence: Sentence | None) -> Json:
    return None if sentence is None else sentence.to_json()


def _read_section(told: Object) -> Section:
    paragraphs = tuple(
        Paragraph(one["id"], Sentence.of_json(one["words"]), one["edited"]) for one in told["paragraphs"]
    )
    tables = tuple(_read_table(each) for each in told["tables"])
    return Section(told["id"], Sentence.of_json(told["title"]), paragraphs, tables)


def _read_table(told: Object) -> Table:
    return Table(
        id=told["id"],
        title=Sentence.of_json(told["title"]),
        first=Sentence.of_json(told["first"]),
        columns=tuple(
            Column(one["key"], Sentence.of_json(one["words"]), Unit(one["unit"]), one["bars"])
            for one in told["columns"]
        ),
        heads=tuple(
            Head(one["key"], _read_maybe(one["words"]), one["name"], one["total"], one["level"])
            for one in told["heads"]
        ),
        figures=tuple(tuple(_read_figure(one) for one in row) for row in told["figures"]),
        definition=Sentence.of_json(told["definition"]),
        notes=tuple(Sentence.of_json(note) for note in told["notes"]),
        hidden=told["hidden"],
    )


def _read_figure(told: Object) -> Figure:
    return Figure(told["value"], Mark(told["mark"]), told["part"], told["base"], _read_maybe(told["text"]))


def _read_maybe(told: Object | None) -> Sentence | None:
    return None if told is None else Sentence.of_json(told)


def _check(found: object) -> None:
    """Shape first, then what no shape can say."""
    try:
        check(found, SCHEMA, SCHEMA)
        told = cast("Object", found)
        _check_dates(told)
        _check_ids(told)
        for place, sentence in _sentences(found, ""):
            _check_sentence(place, sentence)
    except ShapeError as fault:
        raise Unreadable(str(fault)) from None


def _check_dates(told: Object) -> None:
    try:
        date.fromisoformat(told["as_of"])
    except ValueError:
        raise ShapeError("as_of", "is no date") from None
    try:
        Period.read(told["period"])
    except Invalid:
        raise ShapeError("period", "is no year or half-year") from None


def _check_ids(told: Object) -> None:
    """Ids name one thing each; figures fit their table; a mark and its figure agree."""
    paragraphs: set[str] = set()
    tables: set[str] = set()
    sections: set[str] = set()
    for here, section in enumerate(told["sections"]):
        place = f"sections[{here}]"
        _unique(section["id"], sections, f"{place}.id")
        for index, one in enumerate(section["paragraphs"]):
            _unique(one["id"], paragraphs, f"{place}.paragraphs[{index}].id")
        for index, table in enumerate(section["tables"]):
            where = f"{place}.tables[{index}]"
            _unique(table["id"], tables, f"{where}.id")
            _check_table(table, where)


def _check_table(table: Object, place: str) -> None:
    keys: set[str] = set()
    for index, one in enumerate(table["columns"]):
        _unique(one["key"], keys, f"{place}.columns[{index}].key")
    for index, one in enumerate(table["heads"]):
        if one["words"] is None and one["name"] is None:
            raise ShapeError(f"{place}.heads[{index}]", "has neither words nor name")
    rows = table["figures"]
    if len(rows) != len(table["heads"]):
        raise ShapeError(f"{place}.figures", f"has {len(rows)} rows for {len(table['heads'])} heads")
    for index, row in enumerate(rows):
        if len(row) != len(table["columns"]):
            raise ShapeError(f"{place}.figures[{index}]", f"has {len(row)} figures for {len(table['columns'])} columns")
        for column, figure in enumerate(row):
            _check_figure(figure, table["columns"][column]["unit"], f"{place}.figures[{index}][{column}]")


def _check_figure(figure: Object, unit: str, place: str) -> None:
    shown = figure["mark"] == Mark.SHOWN
    in_words = unit == Unit.TEXT
    if figure["value"] is not None and (not shown or in_words):
        raise ShapeError(place, "has a value where none is shown")
    if shown and figure["value"] is None and not in_words:
        raise ShapeError(place, "is shown and has no value")
    if figure["mark"] == Mark.BAND and figure["text"] is None:
        raise ShapeError(place, "is a band and does not say which")
    if not shown and (figure["part"] is not None or figure["base"] is not None):
        raise ShapeError(place, "is not shown and tells what it is made of")


def _unique(name: str, seen: set[str], place: str) -> None:
    if name in seen:
        raise ShapeError(place, f"{name!a} stands twice")
    seen.add(name)


def _sentences(found: object, place: str) -> Iterator[tuple[str, Object]]:
    """Every sentence, with where it stands. What has a msgid is one; no other object may have that name."""
    if isinstance(found, dict):
        if "msgid" in found:
            yield place, found
        for name, part in found.items():
            # Names of people and houses are free text by free ids, and no sentences.
            if name != "names" or place:
                yield from _sentences(part, f"{place}.{name}" if place else name)
    elif isinstance(found, list):
        for index, part in enumerate(found):
            yield from _sentences(part, f"{place}[{index}]")


def _check_sentence(place: str, sentence: Object) -> None:
    msgid, values = sentence["msgid"], sentence["values"]
    if "%" in _PLACE.sub("", msgid):
        raise ShapeError(f"{place}.msgid", "has a per cent sign that is neither %(name)s, %(name)d nor %%")
    for found in _PLACE.finditer(msgid):
        name = found["name"]
        if name is None:
            continue
        if name not in values:
            raise ShapeError(place, f"has no value for {name!a}")
        if found["kind"] == "d" and not isinstance(values[name], int):
            raise ShapeError(place, f"{name!a} should be a whole number")


def _once(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{ascii(twice)[:40]} stands twice in one object")
    return found


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= _MOST_DIGITS else _refuse_number(digits)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is no whole number of ordinary size")
