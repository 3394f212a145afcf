"""Moves of cases that leave everything published as it was, and what would have to be hidden for one to do so.

Shapes, by what stands published: one case counted otherwise; two that change places (rectangles over two variables,
known or not); four over two known variables (cubes, with the category that changes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from .lattice import Kind, Lattice, bits

Labels: TypeAlias = "tuple[str, ...]"

Change: TypeAlias = "tuple[frozenset[Labels], frozenset[Labels]]"
"""The published labels that a case gets and loses."""


class Equations:
    """What is published: ``frozen`` by earlier publications, ``shown`` if this one shows it. Counts of boxes."""

    def __init__(
        self, lattice: Lattice, frozen: Iterable[tuple[int, Labels]], shown: Iterable[tuple[int, Labels]]
    ) -> None:
        self.lattice = lattice
        self.frozen: defaultdict[Labels, int] = defaultdict(int)
        self.shown: defaultdict[Labels, int] = defaultdict(int)
        self.bit: dict[int, int] = {}
        self.boxes: list[int] = []
        self.holding = [0] * len(lattice.places)
        self.alone = [0] * len(lattice.places)
        """Of each place the boxes that hold it, and those that hold no other."""
        for box, labels in frozen:
            self.frozen[labels] |= self._bit(box)
        for box, labels in shown:
            self.shown[labels] |= self._bit(box) & ~self.frozen[labels]
        self.labels = frozenset(self.frozen) | frozenset(self.shown)
        self._changes: dict[tuple[Kind, Kind], Change] = {}
        self._blocked: dict[tuple[Kind, Kind], int] = {}
        self.version = 0

    def _bit(self, box: int) -> int:
        if box not in self.bit:
            self.bit[box] = 1 << len(self.boxes)
            self.boxes.append(box)
            for place in bits(box):
                self.holding[place] |= self.bit[box]
                if box == 1 << place:
                    self.alone[place] |= self.bit[box]
        return self.bit[box]

    def hide(self, labels: Labels, mask: int) -> None:
        """Show these boxes no more."""
        if self.shown[labels] & mask:
            self.shown[labels] &= ~mask
            self.version += 1
            self._blocked.clear()

    def told(self, labels: Labels) -> int:
        """The boxes of which a count under these labels is published."""
        return self.frozen.get(labels, 0) | self.shown.get(labels, 0)

    def is_shown(self, box: int, labels: Labels) -> bool:
        """Whether this publication shows a cell (for the first time)."""
        return bool(self.shown.get(labels, 0) & self.bit.get(box, 0))

    def is_frozen(self, box: int, labels: Labels) -> bool:
        """Whether an earlier publication shows it."""
        return bool(self.frozen.get(labels, 0) & self.bit.get(box, 0))

    def stands_against(self, against: Iterable[tuple[Labels, int]]) -> bool:
        """Whether a published count would change."""
        return any((self.frozen[labels] | self.shown[labels]) & mask for labels, mask in against)

    def changes(self, kind: Kind, into: Kind) -> Change:
        """The published labels that a case gets and loses."""
        found = self._changes.get((kind, into))
        if found is None:
            before = self.lattice.labels(kind) & self.labels
            after = self.lattice.labels(into) & self.labels
            found = self._changes[kind, into] = (after - before, before - after)
        return found

    def blocked(self, kind: Kind, into: Kind) -> int:
        """The boxes of which a published count would change."""
        found = self._blocked.get((kind, into))
        if found is None:
            got, lost = self.changes(kind, into)
            found = 0
            for labels in got | lost:
                found |= self.frozen[labels] | self.shown[labels]
            self._blocked[kind, into] = found
        return found


class Table:
    """Counts that the published ones could come from, changed move by move from the true ones."""

    def __init__(self, base: list[dict[Kind, int]]) -> None:
        self._base = base
        self._own: dict[int, dict[Kind, int]] = {}

    def at(self, place: int) -> dict[Kind, int]:
        """The counts of a place."""
        return self._own.get(place, self._base[place])

    def is_changed(self, place: int) -> bool:
        """Whether cases of a place have moved."""
        return place in self._own

    def move(self, place: int, kind: Kind, into: Kind, cases: int) -> None:
        """Count cases of a place otherwise."""
        own = self._own.setdefault(place, dict(self._base[place]))
        own[kind] -= cases
        own[into] = own.get(into, 0) + cases


Transfer: TypeAlias = "tuple[int, Kind, Kind]"


Found: TypeAlias = "tuple[tuple[Transfer, ...], list[tuple[Labels, int]]]"
"""Transfers, and by label the boxes whose count they change."""


@dataclass(frozen=True, slots=True)
class Move:
    """Transfers that go together, so many times, and what stands published against them."""

    transfers: tuple[Transfer, ...]
    times: int
    against: tuple[tuple[Labels, int], ...] = ()
