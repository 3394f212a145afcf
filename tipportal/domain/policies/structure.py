"""Whether a value has the shape that a JSON schema asks for, told in Swedish with the path to each fault.

Knows the words of JSON Schema that ``schema.py`` uses. A word that it does not know is an error of ours, not a pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from tipportal.domain.texts import N_

from .explaining import Sentence
from .positions import Path

_TYPES: Mapping[str, tuple[type, str]] = {
    "object": (dict, N_("en tabell")),
    "array": (list, N_("en lista")),
    "string": (str, N_("en text")),
    "integer": (int, N_("ett heltal")),
    "boolean": (bool, N_("true eller false")),
}
_KNOWN = frozenset({
    "$schema", "additionalProperties", "enum", "format", "items", "maxItems", "maxLength", "maximum", "minItems",
    "minLength", "minProperties", "minimum", "pattern", "properties", "required", "title", "type", "uniqueItems",
})  # fmt: skip


def shape_faults(value: object, schema: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Sentence]]:
    """What in ``value`` is not as the schema says; nothing when all is well."""
    if unknown := schema.keys() - _KNOWN:
        raise ValueError(f"words of JSON Schema that are not known here: {sorted(unknown)}")
    name = _spoken(path)
    if "enum" in schema or "format" in schema:
        yield from _named_value(value, schema, path)
        return
    kind, spoken = _TYPES[schema["type"]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        yield path, Sentence(N_("%(name)s ska vara %(kind)s."), {"name": name, "kind": Sentence(spoken)})
    elif isinstance(value, dict):
        yield from _table(value, schema, path)
    elif isinstance(value, list):
        yield from _array(value, schema, path)
    elif isinstance(value, str):
        yield from _text(value, schema, path)
    elif kind is int and isinstance(value, int) and not schema["minimum"] <= value <= schema["maximum"]:
        limits = {"name": name, "least": schema["minimum"], "most": schema["maximum"]}
        yield path, Sentence(N_("%(name)s ska vara minst %(least)d och högst %(most)d."), limits)


def _named_value(value: object, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Sentence]]:
    """One of the words of a list, or a date."""
    if "enum" in schema and (not isinstance(value, str) or value not in schema["enum"]):
        values = {"name": _spoken(path), "value": _short(value)}
        yield path, Sentence(N_("%(name)s har ett okänt värde: %(value)s."), values)
    if "format" in schema and (not isinstance(value, date) or isinstance(value, datetime)):
        yield path, Sentence(N_("%(name)s ska vara ett datum, till exempel 2026-01-31."), {"name": _spoken(path)})


def _table(value: dict[str, object], schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Sentence]]:
    properties = schema["properties"]
    if len(value) < schema.get("minProperties", 0):
        yield path, Sentence(N_("%(name)s är tom."), {"name": _spoken(path)})
    for key in schema["required"]:
        if key not in value:
            yield path, Sentence(N_("%(name)s saknar %(key)s."), {"name": _spoken(path), "key": key})
    for key, part in value.items():
        if key in properties:
            yield from shape_faults(part, properties[key], (*path, key))
        else:
            yield (*path, key), Sentence(N_("Okänt namn: %(key)s."), {"key": _short(key)})


def _array(value: list[object], schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Sentence]]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if len(value) < least:
        yield path, Sentence(N_("%(name)s är tom."), {"name": _spoken(path)})
    if len(value) > most:
        values = {"name": _spoken(path), "count": len(value), "most": most}
        yield (
            (*path, most),
            Sentence(N_("%(name)s förekommer %(count)d gånger. Högst %(most)d gånger är tillåtet."), values),
        )
        return
    seen: list[object] = []
    for index, element in enumerate(value):
        yield from shape_faults(element, schema["items"], (*path, index))
        if schema.get("uniqueItems"):
            if element in seen:
                values = {"name": _spoken(path), "value": _short(element)}
                yield (*path, index), Sentence(N_("%(name)s nämner %(value)s två gånger."), values)
            seen.append(element)


def _text(value: str, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Sentence]]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        limits = {"name": _spoken(path), "least": schema["minLength"], "most": schema["maxLength"]}
        yield path, Sentence(N_("%(name)s ska ha minst %(least)d och högst %(most)d tecken."), limits)
    # Our patterns are all anchored; fullmatch, since Python's `$` would let a line break through at the end.
    if not re.fullmatch(schema["pattern"], value) or value.endswith("\n"):
        values = {"name": _spoken(path), "value": _short(value)}
        yield path, Sentence(N_("%(name)s är inte skrivet på rätt sätt: %(value)s."), values)


def _spoken(path: Path) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str)) or "filen"


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else value
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - as much as fits on a line
