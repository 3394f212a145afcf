"""Sentences with values: a Swedish msgid and what stands in its places, so that any language can be shown.

A value may be a sentence itself, to be translated first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tipportal.domain.handlinglog import Json


@dataclass(frozen=True, slots=True)
class Sentence:
    """A msgid with the values for its ``%(name)s`` places. As text it is Swedish."""

    msgid: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.msgid % self.values

    def to_json(self) -> dict[str, Json]:
        """The sentence to be kept and told later, in any language: numbers stay numbers, what else there is is text."""
        return {"msgid": self.msgid, "values": {name: _kept(value) for name, value in self.values.items()}}

    @classmethod
    def of_json(cls, kept: Mapping[str, Json]) -> Sentence:
        """The sentence that ``to_json`` gave."""
        values = kept["values"] if isinstance(kept["values"], Mapping) else {}
        return cls(
            str(kept["msgid"]),
            {name: cls.of_json(value) if isinstance(value, Mapping) else value for name, value in values.items()},
        )

    def __hash__(self) -> int:
        return hash(str(self))


def _kept(value: object) -> Json:
    if isinstance(value, Sentence):
        return value.to_json()
    return value if isinstance(value, int) else str(value)
