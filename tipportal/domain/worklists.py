"""Checklists per kind of case (06; the seed of Nacka municipality, sections 6.5 and 11): data files, read strictly.

They remind; they decide nothing. Each says when a human last read it against the law, and from what.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .errors import Invalid
from .texts import N_

STALE_DAYS = 365
_KEY = re.compile(r"[a-z][a-z0-9_]{0,25}\Z")
MOST_ITEMS = 30
"""A filled-in form has 64 fields at most: a note for each item, and its own."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do or to have considered. ``writes``: it is answered in words. Texts are Swedish and msgids."""

    key: str
    text: str
    hint: str
    writes: bool


@dataclass(frozen=True, slots=True)
class Worklist:
    """A checklist. ``check_law``: parts of it rest on what nobody has read in the law itself, and it says so."""

    key: str
    name: str
    when: str
    reviewed_on: date
    source: str
    check_law: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class WorklistState:
    """How far a case's checklist has come. ``record``: digest (32 bytes) of the sealed form with ticks and notes."""

    organisation_id: str
    case_id: str
    worklist: str
    done: int
    of: int
    record: bytes
    updated_by: str
    updated_on: date


def is_stale(reviewed_on: date, today: date) -> bool:
    """Whether a data file was last read against its source more than a year before ``today``."""
    return today - reviewed_on > timedelta(days=STALE_DAYS)


def check_progress(worklist: Worklist, done: int) -> None:
    """Raise Invalid unless so many items can have been done."""
    if not 0 <= done <= len(worklist.items):
        raise Invalid(N_("Checklistan har inte så många punkter."), field="done")


def read_worklist(text: str) -> Worklist:
    """Read a data file strictly. Raises ValueError."""
    data = tomllib.loads(text)
    _exactly(data, {"key", "name", "when", "reviewed_on", "source", "check_law", "item"})
    if type(data["reviewed_on"]) is not date or not isinstance(data["check_law"], bool):
        raise ValueError("reviewed_on is a date, check_law is true or false")
    items = tuple(_item(each) for each in data["item"])
    keys = [item.key for item in items]
    if not 1 <= len(items) <= MOST_ITEMS or len(set(keys)) != len(keys):
        raise ValueError("between 1 and 30 items, each with a key of its own")
    return Worklist(
        key=_key(data["key"]),
        name=_text(data["name"]),
        when=_text(data["when"]),
        reviewed_on=data["reviewed_on"],
        source=_text(data["source"]),
        check_law=data["check_law"],
        items=items,
    )


def in_order(worklists: Sequence[Worklist], order: Sequence[str]) -> tuple[Worklist, ...]:
    """The checklists in the order in which a page shows them. Raises ValueError unless each stands in it once."""
    by_key = {worklist.key: worklist for worklist in worklists}
    if len(by_key) != len(worklists) or sorted(by_key) != sorted(order):
        raise ValueError("each checklist stands once in the order")
    return tuple(by_key[key] for key in order)


def _item(item: Mapping[str, object]) -> Item:
    _exactly(item, {"key", "text", "hint", "writes"} & ({"key", "text"} | set(item)))
    writes = item.get("writes", False)
    if not isinstance(writes, bool):
        raise ValueError("writes is true or false")  # noqa: TRY004 - of the file, as everything here
    return Item(_key(item["key"]), _text(item["text"]), str(item.get("hint", "")), writes)


def _key(value: object) -> str:
    if not isinstance(value, str) or not _KEY.match(value):
        raise ValueError("a key is lower-case letters, digits and underscores")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is not empty")
    return value


def _exactly(item: Mapping[str, object], names: set[str]) -> None:
    if set(item) != names:
        raise ValueError(f"members are {sorted(names)}")
