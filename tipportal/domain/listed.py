"""Lists in the handling log: the first lines, and of the others how many there are of each kind.

The log is kept for good and read whole: nothing in it may grow with the size of a register.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from .handlinglog import Json


class Line(Protocol):
    """One thing on a list: what kind of thing it is, and how many of it."""

    @property
    def what(self) -> enum.StrEnum:
        """Its kind, of a closed set."""

    @property
    def number(self) -> int:
        """How many it stands for, 1 or more."""

    def to_json(self) -> dict[str, Json]:
        """The line as it stands in the log."""


L = TypeVar("L", bound=Line)


@dataclass(frozen=True, slots=True)
class Listed(Generic[L]):
    """The lines that are told, and of the ``rest`` how many by kind."""

    lines: tuple[L, ...] = ()
    rest: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """The list as it stands in the log."""
        return {"lines": [line.to_json() for line in self.lines], "rest": dict(self.rest)}


def first(lines: Sequence[L], most: int) -> Listed[L]:
    """The first ``most`` lines, the others counted."""
    rest: Counter[str] = Counter()
    for line in lines[most:]:
        rest[line.what.value] += line.number
    return Listed(tuple(lines[:most]), dict(sorted(rest.items())))
