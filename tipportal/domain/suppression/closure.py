"""Which cells must not be inferred: those asked for, and those that follow from them or could be asked for later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from .families import ALL, Cell, Told, Variable
from .lattice import Lattice
from .moves import Labels


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
        places = [_labels(variable, {cell[at] for cell in cells}) for at, variable in enumerate(known)]
        levels = {tuple(label == ALL for label in cell[:depth]) for cell in cells}
        free = [not variable.groups for variable in known]
        wide = {
            tuple(choice)
            for level in levels
            for choice in product(*((True, False) if loose else (at,) for loose, at in zip(free, level, strict=True)))
        }
        self.by_labels: dict[Labels, set[int]] = {}
        boxes = {level: self._boxes(places, level) for level in wide | levels}
        all_boxes = {box for level in wide for box in boxes[level]}
        for at in single:
            for label in _labels(lattice.categories[at], {labels[at] for labels in every}):
                labels = tuple(label if place == at else ALL for place in range(len(lattice.categories)))
                self.by_labels[labels] = all_boxes
        for cell in cells:
            labels = cell[depth:]
            if sum(label != ALL for label in labels) > 1:
                level = tuple(label == ALL for label in cell[:depth])
                self.by_labels.setdefault(labels, set()).update(boxes[level])
        self.labels = frozenset(self.by_labels) | frozenset(every)
        self.boxes = frozenset(box for some in self.by_labels.values() for box in some)

    def _boxes(self, places: Sequence[Sequence[str]], level: tuple[bool, ...]) -> set[int]:
        options = [(ALL,) if whole else labels for whole, labels in zip(level, places, strict=True)]
        return {self._lattice.box(labels) for labels in product(*options)} - {0}

    def near(self, fresh: Iterable[Spot], others: Iterable[Spot]) -> Iterator[Spot]:
        """The cells that what is shown for the first time could tell anything about."""
        reach = 0
        for spot in fresh:
            reach |= spot.box
        boxes, before = {spot.box for spot in others}, -1
        while before != reach:
            before = reach
            for box in boxes:
                if box & reach:
                    reach |= box
        members = self._members(fresh, others)
        order = sorted({box for box in self.boxes if box & reach}, key=lambda box: (box.bit_count(), box))
        for labels in sorted(self.by_labels):
            if members is not None and members.isdisjoint(self._lattice.categories[0].under(labels[0])):
                continue
            mine = self.by_labels[labels]
            yield from (Spot(box, labels) for box in order if box in mine)

    def _members(self, fresh: Iterable[Spot], others: Iterable[Spot]) -> set[str] | None:
        """Of a single category of none or several, the members that labels tie to what is shown; None: all are tied."""
        categories = self._lattice.categories
        if len(categories) != 1 or categories[0].told is not Told.ANY:
            return None
        found = {member for spot in fresh for member in categories[0].under(spot.labels[0])}
        labels, before = [categories[0].under(spot.labels[0]) for spot in others], -1
        while before != len(found):
            before = len(found)
            for members in labels:
                if not members.isdisjoint(found):
                    found |= members
        return found


def _labels(variable: Variable, asked: set[str]) -> tuple[str, ...]:
    """Members, groups of members, and groups of groups (several years) that have been asked for."""
    groups = {label: frozenset(members) for label, members in variable.groups.items()}
    found = list(variable.members)
    for label, members in groups.items():
        parts = [part for part in groups.values() if part < members]
        if label in asked or not parts or frozenset().union(*parts) < members:
            found.append(label)
    return tuple(found)
