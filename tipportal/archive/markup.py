"""XML and HTML as trees of elements: whatever a stranger wrote stays text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Node: TypeAlias = "Element | str"
VOID = frozenset({"meta", "br"})
# XML 1.0, production 2, Char: anything else cannot stand in a document, not even escaped.
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its attributes and what stands in it."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Node, ...] = ()


def el(name: str, /, *children: Node | None, **attributes: str | None) -> Element:
    """An element. Children and attributes that are None are left out; a trailing underscore of a name too."""
    given = {key.rstrip("_"): value for key, value in attributes.items() if value is not None}
    return Element(name, given, tuple(child for child in children if child is not None))


def having(element: Element, attributes: Mapping[str, str]) -> Element:
    """The element with more attributes, by names that are none in Python."""
    return Element(element.name, {**element.attributes, **attributes}, element.children)


def xml_document(root: Element) -> bytes:
    """The bytes of an XML document in UTF-8."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_pieces(root, closes_void=True)) + "\n").encode()


def html_document(root: Element) -> str:
    """The text of an HTML document."""
    return "<!doctype html>\n" + "".join(_pieces(root, closes_void=False))


def _pieces(node: Node, *, closes_void: bool) -> Iterator[str]:
    if isinstance(node, str):
        yield _escaped(node)
        return
    attributes = "".join(f' {name}="{_escaped(value)}"' for name, value in node.attributes.items())
    if not node.children and (closes_void or node.name in VOID):
        yield f"<{node.name}{attributes}/>" if closes_void else f"<{node.name}{attributes}>"
        return
    yield f"<{node.name}{attributes}>"
    if node.name == "style" and not closes_void:
        # A style sheet is raw text in HTML, and only ever our own.
        yield "".join(child for child in node.children if isinstance(child, str))
    else:
        yield from _inside(node, closes_void=closes_void)
    yield f"</{node.name}>"


def _inside(node: Element, *, closes_void: bool) -> Iterator[str]:
    for child in node.children:
        yield from _pieces(child, closes_void=closes_void)


def _escaped(text: str) -> str:
    # A carriage return would be read as a line feed, and a line feed in an attribute as a space.
    return html.escape(_IMPOSSIBLE.sub(_REPLACEMENT, text)).replace("\r", "&#13;")
