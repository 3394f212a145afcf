"""Sentences with values: a Swedish msgid and what stands in its places, so that any language can be shown.

A value may be a sentence itself, to be translated first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentence:
    """A msgid with the values for its ``%(name)s`` places. As text it is Swedish."""

    msgid: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.msgid % self.values

    def __hash__(self) -> int:
        return hash(str(self))
