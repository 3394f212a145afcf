"""Whether a value has the shape that a JSON schema asks for: the first fault, with the place where it stands.

Knows the words of JSON Schema that ``schema`` uses. A word that it does not know is an error of ours, not a pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

from .schema import Shape

_KNOWN = frozenset({
    "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "description", "enum", "items", "maxItems",
    "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minimum", "pattern", "properties",
    "propertyNames", "required", "title", "type",
})  # fmt: skip
DEEPEST = 60
"""Sentences inside sentences that are followed; real ones have a handful."""
_TYPES: Mapping[str, tuple[type, str]] = {
    "object": (dict, "an object"),
    "array": (list, "a list"),
    "string": (str, "text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "null": (type(None), "null"),
}
_HALF = re.compile("[\ud800-\udfff]")
"""Surrogates: JSON's escapes can write one alone, which no text in UTF-8 can have."""
_COMPOSED: Mapping[type, str] = {dict: "an object", list: "a list"}
_SHOWN = 40


class ShapeError(ValueError):
    """What is wrong, and where: ``place`` is written ``sections[2].tables[0].id``, empty for the whole."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place or 'the report'}: {fault}")
        self.place = place
        self.fault = fault


def check(value: object, shape: Shape, root: Shape) -> None:
    """Raise ShapeError unless ``value`` is as ``shape`` says; references are looked up in ``root``."""
    _check(value, shape, root, "", 0)


def _check(value: object, shape: Shape, root: Shape, place: str, depth: int) -> None:
    if unknown := shape.keys() - _KNOWN:
        raise TypeError(f"words of JSON Schema that are not known here: {sorted(unknown)}")
    if depth > DEEPEST:
        raise ShapeError(place, "too deep")
    chosen = _chosen(value, shape, root, place)
    if not _is(value, chosen["type"]):
        raise ShapeError(place, f"{_TYPES[chosen['type']][1]} was expected, not {_short(value)}")
    if isinstance(value, dict):
        _object(value, chosen, root, place, depth)
    elif isinstance(value, list):
        _list(value, chosen, root, place, depth)
    elif isinstance(value, str):
        _text(value, chosen, place)
    elif chosen["type"] == "integer" and isinstance(value, int):
        _whole(value, chosen, place)


def _chosen(value: object, shape: Shape, root: Shape, place: str) -> Shape:
    """What a reference names, and of alternatives the one whose kind of value it is: ours always differ in that."""
    if "$ref" in shape:
        return cast("Shape", root["$defs"][shape["$ref"].removeprefix("#/$defs/")])
    if "anyOf" not in shape:
        return shape
    named = [_chosen(value, each, root, place) for each in shape["anyOf"]]
    for each in named:
        if _is(value, each["type"]):
            return each
    spoken = " or ".join(_TYPES[each["type"]][1] for each in named)
    raise ShapeError(place, f"{spoken} was expected, not {_short(value)}")


def _is(value: object, name: str) -> bool:
    kind, _ = _TYPES[name]
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _object(value: dict[str, object], shape: Shape, root: Shape, place: str, depth: int) -> None:
    properties: Mapping[str, Shape] = shape.get("properties", {})
    for name in shape.get("required", ()):
        if name not in value:
            raise ShapeError(place, f"{name} is missing")
    if len(value) > shape.get("maxProperties", len(value)):
        raise ShapeError(place, f"has {len(value)} members, at most {shape['maxProperties']} are taken")
    for name, part in value.items():
        inside: Shape | bool = properties.get(name, shape["additionalProperties"])
        if isinstance(inside, bool):
            raise ShapeError(place, f"{_short(name)} is not known")
        if "propertyNames" in shape:
            _text(name, shape["propertyNames"], place)
        _check(part, inside, root, f"{place}.{name}" if place else name, depth + 1)


def _list(value: list[object], shape: Shape, root: Shape, place: str, depth: int) -> None:
    if not shape["minItems"] <= len(value) <= shape["maxItems"]:
        raise ShapeError(place, f"has {len(value)} elements, at most {shape['maxItems']} are taken")
    for index, each in enumerate(value):
        _check(each, shape["items"], root, f"{place}[{index}]", depth + 1)


def _whole(value: int, shape: Shape, place: str) -> None:
    if not shape["minimum"] <= value <= shape["maximum"]:
        raise ShapeError(place, f"lies outside {shape['minimum']} to {shape['maximum']}")


def _text(value: str, shape: Shape, place: str) -> None:
    if _HALF.search(value):
        raise ShapeError(place, f"has half a character: {_short(value)}")
    if "enum" in shape:
        if value not in shape["enum"]:
            raise ShapeError(place, f"{_short(value)} is not known")
        return
    if not shape["minLength"] <= len(value) <= shape["maxLength"]:
        raise ShapeError(place, f"has {len(value)} characters, {shape['minLength']} to {shape['maxLength']} are taken")
    # Ours are anchored; fullmatch, since Python's `$` would let a line break through at the end.
    if not _compiled(shape["pattern"]).fullmatch(value):
        raise ShapeError(place, f"is not written as it should be: {_short(value)}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removesuffix("$"))


def _short(value: object) -> str:
    text = ascii(value) if isinstance(value, str | int | None) else _COMPOSED.get(type(value), type(value).__name__)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
