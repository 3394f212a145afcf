"""Which cells must not be inferred: those asked for, and those that follow from them or could be asked for later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from .families import ALL, Cell
from .lattice import Lattice
from .moves import Labels
from .parts import labels_of


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A cell by its places (as bits) and its labels of categories."""

    box: int
    labels: Labels


class Closure:
    """The cells that must not be inferred: those that are asked for, and those that follow or could be asked for."""

    def __init__(self, lattice: Lattice, cells: Sequence[Cell]) -> None:
        self._lattice = lattice
        depth = lattice.depth
        known = lattice.family.variables[:depth]
        every: set[Labels] = {cell[depth:] for cell in cells}
        single = {at for labels in every for at, label in enumerate(labels) if label != ALL}
        places = [labels_of(variable, {cell[at] for cell in cells}) for at, variable in enumerate(known)]
        levels = {tuple(label == ALL for label in cell[:depth]) for cell in cells}
        free = [not variable.groups for variable in known]
        wide = {
            tuple(choice)
            for level in levels
            for choice in product(*((True, False) if loose else (at,) for loose, at in zip(free, level, strict=True)))
        }
        self.by_labels: dict[Labels, set[int]] = {}
        boxes = {level: self._boxes(places, level) for level in wide | levels}
        self._all = all_boxes = {box for level in wide for box in boxes[level]}
        for at in single:
            for label in labels_of(lattice.categories[at], {labels[at] for labels in every}):
                labels = tuple(label if place == at else ALL for place in range(len(lattice.categories)))
                self.by_labels[labels] = all_boxes
        for cell in cells:
            labels = cell[depth:]
            if sum(label != ALL for label in labels) > 1:
                level = tuple(label == ALL for label in cell[:depth])
                self.by_labels.setdefault(labels, set()).update(boxes[level])
        self.labels = frozenset(self.by_labels) | frozenset(every)
        self.boxes = frozenset(box for some in self.by_labels.values() for box in some)

    def _boxes(self, places: Sequence[Sequence[str]], level: tuple[bool, ...]) -> frozenset[int]:
        options = tuple((ALL,) if whole else tuple(labels) for whole, labels in zip(level, places, strict=True))
        return self._lattice.where.boxes(options)

    def near(
        self, fresh: Iterable[Spot], others: Iterable[Spot], some: Callable[[Labels, Sequence[int]], Iterable[int]]
    ) -> Iterator[Spot]:
        """The cells that what is shown for the first time could tell anything about; for each labels ``some`` boxes."""
        reach = 0
        for spot in fresh:
            reach |= spot.box
        boxes, before = {spot.box for spot in others}, -1
        while before != reach:
            before = reach
            for box in boxes:
                if box & reach:
                    reach |= box
        order = [box for box in self._lattice.where.ordered(self.boxes) if box & reach]
        for labels in sorted(self.by_labels):
            mine = self.by_labels[labels]
            yield from (Spot(box, labels) for box in some(labels, order if mine is self._all else _in(order, mine)))


def _in(order: Sequence[int], some: set[int]) -> list[int]:
    return [box for box in order if box in some]
