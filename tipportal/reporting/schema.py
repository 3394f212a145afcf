"""The published JSON schema of reports, from which the reader's own checks of shape are made.

Being the reader's own table, the schema cannot promise something else than what is taken. ``docs/report.schema.json``
is this value; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tipportal.domain.followup.report import Audience, Mark, ReportKind, Unit

FORMAT = "tipportal/report/1"
"""What a file says that it is. Another shape gets another number; this one is read for ever."""
MOST = 2**53 - 1
"""The greatest whole number that every reader of JSON reads exactly (RFC 8259, section 6)."""

Shape = Mapping[str, Any]

_LINE = "^[^\\u0000-\\u001f\\u007f]*$"
_TEXT = "^[^\\u0000]*$"


def _text(most: int, *, pattern: str = _TEXT, least: int = 0) -> Shape:
    return {"type": "string", "minLength": least, "maxLength": most, "pattern": pattern}


def _list(items: Shape, most: int, least: int = 0) -> Shape:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _object(**required: Shape) -> Shape:
    return {"type": "object", "properties": required, "required": list(required), "additionalProperties": False}


def _one_of(words: type[Audience | Mark | ReportKind | Unit]) -> Shape:
    return {"type": "string", "enum": [word.value for word in words]}


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


_WHOLE: Shape = {"type": "integer", "minimum": -MOST, "maximum": MOST}
_COUNT: Shape = {"type": "integer", "minimum": 0, "maximum": MOST}
_FLAG: Shape = {"type": "boolean"}
_ID = _text(200, pattern=_LINE, least=1)
_DATE = _text(10, pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_HASH = _text(64, pattern="^[0-9a-f]{64}$")
_SENTENCE: Shape = {"$ref": "#/$defs/sentence"}
_FIGURE = _object(
    value=_or_null(_WHOLE),
    mark=_one_of(Mark),
    part=_or_null(_COUNT),
    base=_or_null(_COUNT),
    text=_or_null(_SENTENCE),
)
_HEAD = _object(
    key=_ID,
    words=_or_null(_SENTENCE),
    name=_or_null(_text(20_000)),
    total=_FLAG,
    level={"type": "integer", "minimum": 0, "maximum": 9},
)
_COLUMN = _object(key=_ID, words=_SENTENCE, unit=_one_of(Unit), bars=_FLAG)
_TABLE = _object(
    id=_ID,
    title=_SENTENCE,
    first=_SENTENCE,
    columns=_list(_COLUMN, 200),
    heads=_list(_HEAD, 20_000),
    figures=_list(_list({"$ref": "#/$defs/figure"}, 200), 20_000),
    definition=_SENTENCE,
    notes=_list(_SENTENCE, 200),
    hidden=_FLAG,
)
_PARAGRAPH = _object(id=_ID, words=_SENTENCE, edited=_or_null(_text(20_000, least=1)))
_SECTION = _object(id=_ID, title=_SENTENCE, paragraphs=_list(_PARAGRAPH, 500), tables=_list(_TABLE, 500))
_LOG = _object(origin=_text(500, pattern=_LINE), size=_COUNT, root=_HASH, checkpoint=_or_null(_text(20_000)))

SCHEMA: Shape = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "tipportal follow-up report",
    "description": (
        "A report of the annual follow-up, in canonical JSON (RFC 8785). Its digest in the handling log is the SHA-256 "
        "of these bytes. Words are Swedish sentences with %(name)s and %(name)d places; values fill them, a sentence "
        "among the values first. A share's value is in thousandths, with part and base; money is in whole kronor."
    ),
    **_object(
        format={"type": "string", "enum": [FORMAT]},
        kind=_one_of(ReportKind),
        period=_text(6, pattern="^2[01][0-9]{2}(-[12])?$"),
        scope=_or_null(_ID),
        audience=_one_of(Audience),
        as_of=_DATE,
        log=_LOG,
        title=_SENTENCE,
        sections=_list(_SECTION, 200),
        names={"type": "object", "additionalProperties": _text(20_000), "propertyNames": _ID, "maxProperties": 100_000},
        earlier=_list(_HASH, 100_000),
        definitions={"type": "integer", "minimum": 1, "maximum": 1_000_000},
        seed=_or_null(_ID),
        together={"type": "boolean"},
    ),
    "$defs": {
        "sentence": _object(
            msgid=_text(20_000),
            values={
                "type": "object",
                "additionalProperties": {"anyOf": [_text(20_000), _WHOLE, _SENTENCE]},
                "propertyNames": _ID,
                "maxProperties": 100,
            },
        ),
        "figure": _FIGURE,
    },
}
