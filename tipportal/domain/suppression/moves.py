"""Moves of cases that leave everything published as it was, and what would have to be hidden for one to do so.

Shapes, by what stands published: one case counted otherwise; two that change places (rectangles over two variables,
known or not); four over two known variables (cubes, with the category that changes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import TypeAlias

from .families import SMALL
from .lattice import Kind, Lattice, Step, bits

Labels: TypeAlias = "tuple[str, ...]"

TRIES = 4_000
PRICED = 600
"""How many moves of a shape are looked at for one figure, and of how many what they would hide is reckoned. Bounds on
time, not on what is safe."""


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
        for box, labels in frozen:
            self.frozen[labels] |= self._bit(box)
        for box, labels in shown:
            self.shown[labels] |= self._bit(box) & ~self.frozen[labels]
        self.labels = frozenset(self.frozen) | frozenset(self.shown)
        self._changes: dict[tuple[Kind, Kind], tuple[frozenset[Labels], frozenset[Labels]]] = {}
        self._blocked: dict[tuple[Kind, Kind], int] = {}
        self.version = 0

    def _bit(self, box: int) -> int:
        if box not in self.bit:
            self.bit[box] = 1 << len(self.boxes)
            self.boxes.append(box)
            for place in bits(box):
                self.holding[place] |= self.bit[box]
        return self.bit[box]

    def hide(self, labels: Labels, mask: int) -> None:
        """Show these boxes no more."""
        if self.shown[labels] & mask:
            self.shown[labels] &= ~mask
            self.version += 1
            self._blocked.clear()

    def is_shown(self, box: int, labels: Labels) -> bool:
        """Whether this publication shows a cell (for the first time)."""
        return bool(self.shown.get(labels, 0) & self.bit.get(box, 0))

    def is_frozen(self, box: int, labels: Labels) -> bool:
        """Whether an earlier publication shows it."""
        return bool(self.frozen.get(labels, 0) & self.bit.get(box, 0))

    def stands_against(self, against: Iterable[tuple[Labels, int]]) -> bool:
        """Whether a published count would change."""
        return any((self.frozen[labels] | self.shown[labels]) & mask for labels, mask in against)

    def changes(self, kind: Kind, into: Kind) -> tuple[frozenset[Labels], frozenset[Labels]]:
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


class Search:
    """Looks for moves that bring one cell nearer to a bound."""

    def __init__(self, equations: Equations, values: dict[tuple[int, Labels], int]) -> None:
        self.equations = equations
        self.lattice = equations.lattice
        self.values = values
        self._true = Table(self.lattice.base)
        self._counts: dict[Labels, dict[int, int]] = {}
        self._classes: dict[tuple[Labels, int], tuple[int, int]] = {}
        self._holding: defaultdict[int, list[int]] = defaultdict(list)
        for place, held in enumerate(equations.holding):
            self._holding[held].append(place)
        self._backs: dict[tuple[int, frozenset[str], frozenset[str]], tuple[tuple[Kind, Step], ...]] = {}
        self._under_bits: dict[Labels, int] = {}
        self._cases_of: dict[int, dict[int, int]] = {}
        self._around: dict[int, dict[int, int]] = {}
        self._pool: defaultdict[tuple[Labels, bool], dict[int, tuple[Transfer, ...]]] = defaultdict(dict)
        self._class = {held: number for number, held in enumerate(self._holding)}
        self._touched: dict[int, int] = {}
        self._small: dict[Labels, dict[int, int]] | None = None

    def open(self, labels: Labels, boxes: Sequence[int]) -> Iterator[int]:
        """The small of these boxes, but for those of no case that ``swapped`` is sure to find cases for.

        Where the places of each sort have four cases under the labels, a box of none among them can get four or all.
        """
        if self._small is None:
            self._small = {}
            for (box, some), value in self.values.items():
                self._small.setdefault(some, {})[box] = value
        values, under, poor = self._small.get(labels, {}), self._under(labels), 0
        for number, places in enumerate(self._holding.values()):
            if sum(under.get(place, 0) for place in places) < SMALL:
                poor |= 1 << number
        for box in boxes:
            value = values.get(box, 0)
            if value <= SMALL and (value or self._touches(box) & poor):
                yield box

    def _touches(self, box: int) -> int:
        """Which sorts of places (by number) a box has some of."""
        found = self._touched.get(box)
        if found is None:
            found = 0
            for place in bits(box):
                found |= 1 << self._class[self.equations.holding[place]]
            self._touched[box] = found
        return found

    def best(self, box: int, labels: Labels, table: Table, need: int, *, up: bool) -> Move | None:
        """A move that nothing stands against, else the one for which least must be hidden, None: only frozen ones."""
        known = self._pool[labels, up]
        for place in bits(box):
            if place in known and self._helps(known[place], box, labels, table, up=up):
                return Move(known[place], self._times(known[place], table, need))
        for shape in (self._single, self._double, self._quadruple):
            for transfers, _ in islice(shape(box, labels, table, up=up, free=True), 1):
                # What is hidden later takes no move away: it stays free for all cells to come.
                known[transfers[0][0]] = transfers
                return Move(transfers, self._times(transfers, table, need))
        best: Move | None = None
        cost = (0, 0, 0)
        shown, frozen = self.equations.shown, self.equations.frozen
        for shape in (self._single, self._double, self._quadruple):
            for transfers, against in islice(shape(box, labels, table, up=up, free=False), PRICED):
                if any(frozen[each] & mask for each, mask in against):
                    continue
                times = self._times(transfers, table, need)
                hidden = tuple((each, shown[each] & mask) for each, mask in against if shown[each] & mask)
                cells = sum(mask.bit_count() for _, mask in hidden)
                if best is None or (cells * -(-need // times), cells) <= cost[:2]:
                    mine = (cells * -(-need // times), cells, self._cases_in(hidden))
                    if best is None or mine < cost:
                        best, cost = Move(transfers, times, hidden), mine
        return best

    def _helps(self, transfers: tuple[Transfer, ...], box: int, labels: Labels, table: Table, *, up: bool) -> bool:
        """Whether known transfers can be made in a table, and change a cell's count by one."""
        gained = 0
        for place, kind, into in transfers:
            if not table.at(place).get(kind):
                return False
            if box >> place & 1:
                gained += self.lattice.covers(labels, into) - self.lattice.covers(labels, kind)
        return gained == (1 if up else -1)

    @staticmethod
    def _times(transfers: tuple[Transfer, ...], table: Table, need: int) -> int:
        return min(need, *(table.at(place)[kind] for place, kind, _ in transfers))

    def _cases_in(self, hidden: tuple[tuple[Labels, int], ...]) -> int:
        boxes = self.equations.boxes
        return sum(self.values.get((boxes[at], labels), 0) for labels, mask in hidden for at in bits(mask))

    def free(self, box: int, labels: Labels, need: int, *, up: bool) -> bool:
        """Whether so many cases can each be counted otherwise with nothing standing against it."""
        holding, blocked = self.equations.holding, self.equations.blocked
        for place, kind, count in self._cases(box, labels, self._true, up=up):
            here = holding[place]
            if any(not blocked(kind, step.into) & here for step in self.lattice.steps(labels, kind)):
                need -= count
                if need <= 0:
                    return True
        return need <= 0

    def swapped(self, box: int, labels: Labels, need: int, *, up: bool) -> bool:
        """Whether so many cases can change places with cases elsewhere that the same published boxes hold.

        Two such cases, each counted as the other was, change nothing that is published, whatever they are.
        """
        mine_under: defaultdict[int, int] = defaultdict(int)
        under = self._under(labels)
        for place in bits(box & self._under_bits[labels]):
            mine_under[self.equations.holding[place]] += under[place]
        every = self._sorts(box)
        for held in every if up else mine_under:
            mine = mine_under.get(held, 0)
            all_under, all_cases = self._alike(labels, held)
            if up:
                need -= min(every[held] - mine, all_under - mine)
            else:
                need -= min(mine, all_cases - every[held] - (all_under - mine))
            if need <= 0:
                return True
        return need <= 0

    def _sorts(self, box: int) -> dict[int, int]:
        """How many cases a box has in places of each sort."""
        found = self._cases_of.get(box)
        if found is None:
            found = self._cases_of[box] = {}
            for place in bits(box):
                held = self.equations.holding[place]
                found[held] = found.get(held, 0) + self.lattice.total[place]
        return found

    def _under(self, labels: Labels) -> dict[int, int]:
        if labels not in self._counts:
            base = self.lattice.base
            self._counts[labels] = {
                place: sum(base[place][kind] for kind in kinds)
                for place, kinds in self.lattice.under.get(labels, {}).items()
            }
            self._under_bits[labels] = sum(1 << place for place in self._counts[labels])
        return self._counts[labels]

    def _alike(self, labels: Labels, held: int) -> tuple[int, int]:
        """Cases in all places that the same published boxes hold: those under the labels, and all."""
        if (labels, held) not in self._classes:
            under, total = self._under(labels), self.lattice.total
            places = self._holding[held]
            self._classes[labels, held] = sum(under.get(one, 0) for one in places), sum(total[one] for one in places)
        return self._classes[labels, held]

    def _cases(self, box: int, labels: Labels, table: Table, *, up: bool) -> Iterator[tuple[int, Kind, int]]:
        if up:
            for place in bits(box):
                for kind, count in table.at(place).items():
                    if count and not self.lattice.covers(labels, kind):
                        yield place, kind, count
            return
        under = self.lattice.under.get(labels, {})
        for place in bits(box):
            kinds = table.at(place)
            if table.is_changed(place):
                yield from ((place, kind, n) for kind, n in kinds.items() if n and self.lattice.covers(labels, kind))
            else:
                yield from ((place, kind, kinds[kind]) for kind in under.get(place, ()))

    def _first(self, box: int, labels: Labels, table: Table, *, up: bool) -> Iterator[tuple[int, Kind, Step]]:
        for place, kind, _ in self._cases(box, labels, table, up=up):
            for step in self.lattice.steps(labels, kind):
                yield place, kind, step

    def _single(self, box: int, labels: Labels, table: Table, *, up: bool, free: bool) -> Iterator[Found]:
        for place, kind, step in islice(self._first(box, labels, table, up=up), TRIES):
            mask = self.equations.holding[place]
            blocked = self.equations.blocked(kind, step.into) & mask
            if not (free and blocked):
                got, lost = self.equations.changes(kind, step.into)
                yield ((place, kind, step.into),), [(each, mask) for each in got | lost]

    def _double(self, box: int, labels: Labels, table: Table, *, up: bool, free: bool) -> Iterator[Found]:
        equations, holding, tries = self.equations, self.equations.holding, 0
        for place, kind, step in self._first(box, labels, table, up=up):
            changed, here = equations.changes(kind, step.into), holding[place]
            mine = equations.blocked(kind, step.into)
            for other, back in self._back(step):
                matters = self.lattice.covers(labels, other) is not self.lattice.covers(labels, back.into)
                undone = equations.changes(other, back.into)
                theirs = equations.blocked(other, back.into)
                plain = changed == (undone[1], undone[0])
                for where in self.lattice.holding[other]:
                    tries += 1
                    if tries > TRIES:
                        return
                    there = holding[where]
                    if free and ((mine & here & ~there) | (theirs & there & ~here)):
                        continue
                    if not table.at(where).get(other) or (matters and box >> where & 1):
                        continue
                    if plain:
                        against = [(each, here ^ there) for each in changed[0] | changed[1]]
                    else:
                        against = _net(changed, here, undone, there)
                    if not (free and equations.stands_against(against)):
                        yield ((place, kind, step.into), (where, other, back.into)), against

    def _back(self, step: Step) -> tuple[tuple[Kind, Step], ...]:
        change = (step.at, step.lost, step.got)
        found = self._backs.get(change)
        if found is None:
            kinds = ((kind, self.lattice.back(step, kind)) for kind in self.lattice.holding)
            found = self._backs[change] = tuple((kind, back) for kind, back in kinds if back is not None)
        return found

    def _quadruple(self, box: int, labels: Labels, table: Table, *, up: bool, free: bool) -> Iterator[Found]:
        lattice, holding, tries = self.lattice, self.equations.holding, 0
        for place, kind, step in self._first(box, labels, table, up=up):
            into = step.into
            blocked = self.equations.blocked(kind, into)
            got, lost = self.equations.changes(kind, into)
            near = [(at, one) for at, one in self._near(place, into, table) if not box >> one & 1]
            for (at, one), (other_at, other) in combinations(near, 2):
                tries += 1
                if tries > TRIES:
                    return
                if at == other_at:
                    continue
                corner = list(lattice.places[one])
                corner[other_at] = lattice.places[other][other_at]
                last = lattice.place(tuple(corner))
                if last is None or not table.at(last).get(kind):
                    continue
                mask = _corners(holding[place], holding[one], holding[other], holding[last])
                if not (free and blocked & mask):
                    transfers = ((place, kind, into), (one, into, kind), (other, into, kind), (last, kind, into))
                    yield transfers, [(each, mask) for each in got | lost]

    def _near(self, place: int, kind: Kind, table: Table) -> list[tuple[int, int]]:
        """Places that differ from one in one variable and hold cases of a kind: which variable, which place."""
        around = self._around.get(place)
        if around is None:
            around = self._around[place] = self.lattice.around(place)
        return [
            (around[other], other)
            for other in self.lattice.holding.get(kind, ())
            if other in around and table.at(other).get(kind)
        ]


def _corners(first: int, second: int, third: int, last: int) -> int:
    """Boxes of which a square's alternating corners do not add up to nothing."""
    odd = first ^ second ^ third ^ last
    return odd | (first & last & ~second & ~third) | (second & third & ~first & ~last)


def _net(
    one: tuple[frozenset[Labels], frozenset[Labels]],
    here: int,
    two: tuple[frozenset[Labels], frozenset[Labels]],
    there: int,
) -> list[tuple[Labels, int]]:
    """By label the boxes whose count two transfers change together."""
    found = []
    for labels in one[0] | one[1] | two[0] | two[1]:
        first = (labels in one[0]) - (labels in one[1])
        second = (labels in two[0]) - (labels in two[1])
        cancel = first + second == 0
        found.append((labels, here ^ there if cancel else (here if first else 0) | (there if second else 0)))
    return found
