"""What an approved change may leave in the log: its own entries right after it, once, and what was signed.

Without this, whoever holds the database could hang another effect on a change that two once approved.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tipportal.domain.handlinglog import EntryKind

Body: TypeAlias = dict[str, object]
_PARTS = frozenset({
    EntryKind.ORGANISATION_ADDED, EntryKind.UNIT_ADDED, EntryKind.FUNCTION_ADDED, EntryKind.DESIGNATION_MADE,
    EntryKind.DESIGNATION_ENDED, EntryKind.ABSENCE_RECORDED, EntryKind.ABSENCE_ENDED, EntryKind.CONFLICT_DECLARED,
    EntryKind.CONFLICT_ENDED, EntryKind.ORGANISATION_CHANGED,
})  # fmt: skip
"""Entries of single operations. The entry of another kind ends a change."""
_SIGNED = frozenset({
    "account", "recipient", "verification_key", "role", "unit", "subject", "number", "channel", "set", "threshold",
})  # fmt: skip
"""What an effect's entry repeats of the payload, under the same names."""


@dataclass(slots=True)
class EffectAudit:
    """Follows approvals and effects. ``ended`` are the facts of the entry that ended each change, ``parts`` others."""

    standing: str | None = None
    ended: dict[str, Body] = field(default_factory=dict)
    parts: dict[str, list[Body]] = field(default_factory=dict)

    def approved(self, change_id: str) -> None:
        """Take in an approval: what follows is its own effect, and none of those before."""
        self.standing = change_id

    def belongs(self, kind: EntryKind, facts: Body) -> bool:
        """Whether an entry is part of the change that was approved last, which nothing has ended yet."""
        change_id = str(facts.get("change"))
        if change_id != self.standing:
            return False
        own = {name: value for name, value in facts.items() if name != "change"}
        if kind in _PARTS:
            self.parts.setdefault(change_id, []).append(own)
        else:
            self.standing = None
            self.ended[change_id] = own
        return True

    def is_signed(self, change_id: str, payload: bytes) -> bool:
        """Whether the entries of a change say no more than its payload, whose digest has been judged."""
        read = json.loads(payload)
        if not isinstance(read, Mapping):
            return False
        said = self.ended.get(change_id, {})
        same = all(_plain(said[name]) == _plain(read[name]) for name in _SIGNED & said.keys() & read.keys())
        operations = read.get("operations")
        if not isinstance(operations, list):
            # A policy names operations in files of its own: what became of them follows from the register.
            return same
        return same and all(any(_within(part, each) for each in operations) for part in self.parts.get(change_id, []))


def _within(part: Body, operation: object) -> bool:
    return isinstance(operation, Mapping) and all(operation.get(name) == value for name, value in part.items())


def _plain(value: object) -> object:
    """A key in hex or base64 as the same bytes; anything else as it is."""
    if not isinstance(value, str):
        return value
    for read in (bytes.fromhex, _b64):
        try:
            found = read(value)
        except ValueError:
            continue
        if len(found) == _KEY_SIZE:
            return found
    return value


def _b64(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


_KEY_SIZE = 32
