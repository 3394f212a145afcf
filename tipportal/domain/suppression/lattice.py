"""A family's cells as what they add up: which cases each holds, what a case that moves would change.

Cases of a register total (organisation, channel, half-year: a *place*) can be counted otherwise among themselves, but
never move to another place, since the register gives each place's total away. Places without cases hold nothing that
could be told, so that cells which differ only by such places are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from .families import ALL, Atom, Cell, Family, FamilyCounts, Told, Variable

Kind: TypeAlias = "tuple[frozenset[str], ...]"
"""A case's members, for each category variable."""

Place: TypeAlias = "tuple[str, ...]"
"""A member of each known variable."""

Shape: TypeAlias = "tuple[bool, ...]"
"""Of which variables a cell has all."""


@dataclass(frozen=True, slots=True)
class Step:
    """A case that is counted under ``into`` instead: one variable loses and gets members."""

    into: Kind
    at: int
    lost: frozenset[str]
    got: frozenset[str]


class Places:
    """The places that have cases, in their order, and which of them labels cover.

    Parts of a family have the same: what is reckoned for one of them is there for all.
    """

    def __init__(self, places: tuple[Place, ...], variables: tuple[Variable, ...]) -> None:
        self.places = places
        self._variables = variables
        self._under: dict[tuple[int, str], int] = {}
        self._narrowest: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._boxes: dict[tuple[tuple[str, ...], ...], frozenset[int]] = {}
        self._held: dict[frozenset[int], list[list[int]]] = {}
        self._ordered: dict[frozenset[int], tuple[int, ...]] = {}
        # A place as one number, a digit for each known variable; and by what is left without a digit, a line of places.
        base = 1 + max((len(variable.members) for variable in self._variables), default=0)
        self._digits = [
            [numbers[where[at]] * base**at for where in self.places]
            for at, variable in enumerate(self._variables)
            for numbers in [{name: number for number, name in enumerate(variable.members)}]
        ]
        self._codes = [sum(digit[place] for digit in self._digits) for place in range(len(self.places))]
        self._lines: list[defaultdict[int, list[int]]] = [defaultdict(list) for _ in self._digits]
        for line, digit in zip(self._lines, self._digits, strict=True):
            for place, code in enumerate(self._codes):
                line[code - digit[place]].append(place)
        self._coded = {code: place for place, code in enumerate(self._codes)}

    def boxes(self, labels: tuple[tuple[str, ...], ...]) -> frozenset[int]:
        """The boxes of every combination of labels, one sequence of them for each variable; none without a place."""
        found = self._boxes.get(labels)
        if found is None:
            found = self._boxes[labels] = frozenset(self.box(one) for one in product(*labels)) - {0}
        return found

    def ordered(self, boxes: frozenset[int]) -> tuple[int, ...]:
        """The boxes, those of fewest places first."""
        found = self._ordered.get(boxes)
        if found is None:
            found = self._ordered[boxes] = tuple(sorted(boxes, key=lambda box: (box.bit_count(), box)))
        return found

    def holding(self, boxes: frozenset[int]) -> list[list[int]]:
        """Of each place those of the boxes that hold it, in their order."""
        found = self._held.get(boxes)
        if found is None:
            found = self._held[boxes] = [[] for _ in self.places]
            for box in sorted(boxes):
                for place in bits(box):
                    found[place].append(box)
        return found

    def corner(self, place: int, one: int, other: int) -> int | None:
        """The place that has cases and differs from one as two others do, each of which differs in one variable."""
        codes = self._codes
        return self._coded.get(codes[one] + codes[other] - codes[place])

    def around(self, place: int) -> list[list[int]]:
        """By variable the places that differ from one in it alone."""
        code, found = self._codes[place], []
        for line, digit in zip(self._lines, self._digits, strict=True):
            found.append([other for other in line[code - digit[place]] if other != place])
        return found

    def box(self, labels: tuple[str, ...]) -> int:
        """The places (as bits) under a label for each known variable."""
        found = (1 << len(self.places)) - 1
        for at, label in enumerate(labels):
            if (at, label) not in self._under:
                members = self._variables[at].under(label)
                self._under[at, label] = sum(1 << i for i, where in enumerate(self.places) if where[at] in members)
            found &= self._under[at, label]
        return found

    def narrowest(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """The labels of fewest members for the known variables that hold the same places."""
        known = self._narrowest.get(labels)
        if known is None:
            known = self._narrowest[labels] = self._narrowed(labels)
        return known

    def _narrowed(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        box, found = self.box(labels), labels
        if not box:
            return labels
        for at, variable in enumerate(self._variables):
            for label in sorted((*variable.members, *variable.groups), key=lambda one: (len(variable.under(one)), one)):
                fewer = (*found[:at], label, *found[at + 1 :])
                if len(variable.under(label)) < len(variable.under(found[at])) and self.box(fewer) == box:
                    found = fewer
                    break
        return found


class Lattice:
    """A family with its counts, places and kinds in numbers."""

    def __init__(self, counts: FamilyCounts, shared: dict[tuple[Place, ...], Places] | None = None) -> None:
        self.family: Family = counts.family
        self.depth = self.family.depth
        self.categories: tuple[Variable, ...] = self.family.variables[self.depth :]
        self.places: list[tuple[str, ...]] = []
        self.base: list[dict[Kind, int]] = []
        self._place: dict[tuple[str, ...], int] = {}
        for atom in sorted(counts.atoms, key=_in_order):
            if counts.atoms[atom] > 0:
                self._add(atom, counts.atoms[atom])
        numbered = tuple(self.places)
        found = None if shared is None else shared.get(numbered)
        self.where = found or Places(numbered, self.family.variables[: self.depth])
        if shared is not None:
            shared[numbered] = self.where
        self.total = [sum(kinds.values()) for kinds in self.base]
        self._cases: dict[int, int] = {}
        self._told: dict[tuple[str, ...], bool] = {}
        self._labels: dict[Kind, frozenset[tuple[str, ...]]] = {}
        self._steps: dict[tuple[tuple[str, ...], Kind], tuple[Step, ...]] = {}
        self._wanted: frozenset[tuple[str, ...]] = frozenset()
        self._shapes: frozenset[Shape] = frozenset()
        self._covering: list[dict[str, tuple[str, ...]]] = []
        self.under: dict[tuple[str, ...], dict[int, list[Kind]]] = {}
        self.holding: defaultdict[Kind, list[int]] = defaultdict(list)
        for place, kinds in enumerate(self.base):
            for kind in kinds:
                self.holding[kind].append(place)

    def _add(self, atom: Atom, count: int) -> None:
        where = tuple(str(at) for at in atom[: self.depth])
        if where not in self._place:
            self._place[where] = len(self.places)
            self.places.append(where)
            self.base.append({})
        kind = tuple(frozenset((at,)) if isinstance(at, str) else at for at in atom[self.depth :])
        held = self.base[self._place[where]]
        held[kind] = held.get(kind, 0) + count

    def split(self, cell: Cell) -> tuple[int, tuple[str, ...]]:
        """A cell's places, and its labels of categories."""
        if len(cell) != len(self.family.variables):
            raise ValueError(f"family {self.family.id}: {cell} does not fit")
        for variable, label in zip(self.categories, cell[self.depth :], strict=True):
            variable.under(label)
        return self.where.box(cell[: self.depth]), cell[self.depth :]

    def is_known(self, labels: tuple[str, ...]) -> bool:
        """Whether every case is under the labels, so that the register tells the count."""
        found = self._told.get(labels)
        if found is None:
            found = self._told[labels] = all(
                label == ALL or (variable.told is not Told.ANY and variable.under(label) >= set(variable.members))
                for variable, label in zip(self.categories, labels, strict=True)
            )
        return found

    def cases(self, box: int) -> int:
        """How many cases the register has in a box."""
        found = self._cases.get(box)
        if found is None:
            found = self._cases[box] = sum(self.total[place] for place in bits(box))
        return found

    def use(self, wanted: frozenset[tuple[str, ...]]) -> None:
        """Count these labels of categories, and no others."""
        self._wanted = wanted
        self._shapes = frozenset(tuple(label == ALL for label in labels) for labels in wanted)
        self._covering = [
            _covering(variable, {labels[at] for labels in wanted}) for at, variable in enumerate(self.categories)
        ]
        self._labels.clear()
        self.under = {}
        for place, kinds in enumerate(self.base):
            for kind in kinds:
                for labels in self.labels(kind):
                    self.under.setdefault(labels, {}).setdefault(place, []).append(kind)

    def labels(self, kind: Kind) -> frozenset[tuple[str, ...]]:
        """The labels in use that a case is counted under."""
        found = self._labels.get(kind)
        if found is None:
            options = [
                {label for member in members for label in covering[member]}
                for members, covering in zip(kind, self._covering, strict=True)
            ]
            under: set[tuple[str, ...]] = set()
            for shape in self._shapes:
                under.update(product(*((ALL,) if whole else some for whole, some in zip(shape, options, strict=True))))
            found = self._labels[kind] = self._wanted & under
        return found

    def covers(self, labels: tuple[str, ...], kind: Kind) -> bool:
        """Whether a case of a kind is counted under labels in use."""
        return labels in self.labels(kind)

    def _missing(self, labels: tuple[str, ...], kind: Kind) -> list[int]:
        return [
            at
            for at, (label, members) in enumerate(zip(labels, kind, strict=True))
            if label != ALL and members.isdisjoint(self.categories[at].under(label))
        ]

    def steps(self, labels: tuple[str, ...], kind: Kind) -> tuple[Step, ...]:
        """How a case of a kind can come to stand under the labels, or where it does, not to: one variable changes."""
        known = self._steps.get((labels, kind))
        if known is None:
            missing = self._missing(labels, kind)
            if not missing:
                known = tuple(
                    step for at, label in enumerate(labels) if label != ALL for step in self._out(kind, at, label)
                )
            else:
                known = tuple(self._into(kind, missing[0], labels[missing[0]])) if len(missing) == 1 else ()
            self._steps[labels, kind] = known
        return known

    def _out(self, kind: Kind, at: int, label: str) -> Iterator[Step]:
        variable = self.categories[at]
        under = variable.under(label)
        lost = kind[at] & under
        if variable.told is Told.ANY or (variable.told is Told.SOME and kind[at] > lost):
            yield self._step(kind, at, lost, frozenset())
            return
        for member in variable.members:
            if member not in under and member not in kind[at]:
                yield self._step(kind, at, lost, frozenset((member,)))

    def _into(self, kind: Kind, at: int, label: str) -> Iterator[Step]:
        variable = self.categories[at]
        for member in variable.members:
            if member in variable.under(label):
                if variable.told is not Told.ONE:
                    yield self._step(kind, at, frozenset(), frozenset((member,)))
                    continue
                for old in sorted(kind[at]):
                    yield self._step(kind, at, frozenset((old,)), frozenset((member,)))

    @staticmethod
    def _step(kind: Kind, at: int, lost: frozenset[str], got: frozenset[str]) -> Step:
        return Step((*kind[:at], (kind[at] - lost) | got, *kind[at + 1 :]), at, lost, got)

    def back(self, step: Step, kind: Kind) -> Step | None:
        """What would undo a step's change of its variable in a case of another kind, if it can be."""
        members = kind[step.at]
        if not members >= step.got or members & step.lost:
            return None
        undone = self._step(kind, step.at, step.got, step.lost)
        empty = not undone.into[step.at]
        return None if empty and self.categories[step.at].told is not Told.ANY else undone

    def values(self, boxes: Sequence[Sequence[int]]) -> dict[tuple[int, tuple[str, ...]], int]:
        """Counts above 0 by box and labels in use. ``boxes``: those of each place."""
        found: defaultdict[tuple[int, tuple[str, ...]], int] = defaultdict(int)
        for place, kinds in enumerate(self.base):
            here: defaultdict[tuple[str, ...], int] = defaultdict(int)
            for kind, count in kinds.items():
                for labels in self.labels(kind):
                    here[labels] += count
            for box in boxes[place]:
                for labels, count in here.items():
                    found[box, labels] += count
        return dict(found)


def _in_order(atom: Atom) -> tuple[tuple[str, ...], ...]:
    return tuple((at,) if isinstance(at, str) else tuple(sorted(at)) for at in atom)


def _covering(variable: Variable, wanted: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {member: [] for member in variable.members}
    for label in sorted(wanted - {ALL}):
        for member in variable.under(label):
            found[member].append(label)
    return {member: tuple(labels) for member, labels in found.items()}


def bits(number: int) -> Iterator[int]:
    """The places of a number's bits, lowest first."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low
