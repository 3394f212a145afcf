"""The search for moves that bring one cell nearer to a bound while all that is published stays as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, product
from typing import TypeAlias

from .families import SMALL
from .lattice import Kind, Step, bits
from .moves import Change, Equations, Found, Labels, Move, Table, Transfer

TRIES = 4_000
PRICED = 600
ENOUGH = 15
"""How many moves of a shape are looked at for one figure, of how many what they would hide is reckoned, and of how many
after one that hides a single cell. Bounds on time, not on what is safe."""


Undoing: TypeAlias = "tuple[Kind, Kind, list[int]]"
"""What a case is counted as and would be instead, and the places that have such cases."""


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
        self._undo: dict[object, tuple[int, dict[int, list[Undoing]]]] = {}
        self._odds: dict[object, tuple[tuple[Kind, Kind], ...]] = {}
        self._untold: dict[Labels, tuple[int, int]] = {}
        self._under_bits: dict[Labels, int] = {}
        self._cases_of: dict[int, dict[int, int]] = {}
        self._around: dict[int, list[list[int]]] = {}
        self._kin: dict[tuple[int, Kind], list[list[int]]] = {}
        self._pool: defaultdict[tuple[Labels, bool], dict[int, tuple[Transfer, ...]]] = defaultdict(dict)
        self._pooled: defaultdict[tuple[Labels, bool], int] = defaultdict(int)
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
        for place in bits(box & self._pooled[labels, up]):
            if self._helps(known[place], box, labels, table, up=up):
                return Move(known[place], self._times(known[place], table, need))
        for shape in (self._single, self._pair, self._odd, self._quadruple):
            for transfers, _ in islice(shape(box, labels, table, up=up, free=True), 1):
                # What is hidden later takes no move away: it stays free for all cells to come.
                known[transfers[0][0]] = transfers
                self._pooled[labels, up] |= 1 << transfers[0][0]
                return Move(transfers, self._times(transfers, table, need))
        return self._cheapest(box, labels, table, need, up=up)

    def _cheapest(self, box: int, labels: Labels, table: Table, need: int, *, up: bool) -> Move | None:
        """The move for which least must be hidden: fewest cells, then those of fewest cases."""
        best: Move | None = None
        cost, left = (0, 0, 0), PRICED
        shown, frozen = self.equations.shown, self.equations.frozen
        for shape in (self._single, self._pair, self._odd, self._quadruple):
            if cost[0] == 1:
                break
            for transfers, against in islice(shape(box, labels, table, up=up, free=False), min(left, PRICED)):
                left -= cost[1] == 1
                if left <= 0:
                    break
                cells = 0
                for each, mask in against:
                    if mask & frozen[each]:
                        break
                    cells += (mask & shown[each]).bit_count()
                else:
                    times = self._times(transfers, table, need)
                    price = cells * -(-need // times)
                    if best is None or (price, cells) <= cost[:2]:
                        hidden = tuple((each, shown[each] & mask) for each, mask in against if shown[each] & mask)
                        mine = (price, cells, self._cases_in(hidden))
                        if best is None or mine < cost:
                            if cost[1] != 1 and cells == 1:
                                left = ENOUGH
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
        for place, kind, count in self._cases(self._loose(box, labels), labels, self._true, up=up):
            here = holding[place]
            if any(not blocked(kind, step.into) & here for step in self.lattice.steps(labels, kind)):
                need -= count
                if need <= 0:
                    return True
        return need <= 0

    def _loose(self, box: int, labels: Labels) -> int:
        """The places of a box where a case can come under the labels or leave them alone: no count of them is told."""
        told = self.equations.told(labels)
        if not told:
            return box
        known = self._untold.get(labels)
        if known is None or known[0] != told:
            free = sum(1 << place for place, held in enumerate(self.equations.holding) if not held & told)
            known = self._untold[labels] = told, free
        return box & known[1]

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
        where = self._loose(box, labels) if free else box
        for place, kind, step in islice(self._first(where, labels, table, up=up), TRIES):
            mask = self.equations.holding[place]
            blocked = self.equations.blocked(kind, step.into) & mask
            if not (free and blocked):
                got, lost = self.equations.changes(kind, step.into)
                yield ((place, kind, step.into),), [(each, mask) for each in got | lost]

    def _pair(self, box: int, labels: Labels, table: Table, *, up: bool, free: bool) -> Iterator[Found]:
        """Two cases that change places, where one undoes all that the other does; one couple of each sort."""
        holding, alone = self.equations.holding, self.equations.alone
        for place, kind, step in islice(self._first(box, labels, table, up=up), TRIES):
            mask = self.equations.blocked(kind, step.into)
            if free and mask & alone[place]:
                continue
            here, got_lost = holding[place] & mask, self.equations.changes(kind, step.into)
            undoing = self._undoing(step, got_lost, mask)
            if free:
                back = self._usable(undoing.get(here, ()), box, labels, table)
                if back is not None:
                    yield ((place, kind, step.into), back), []
                continue
            changed = got_lost[0] | got_lost[1]
            for there, backs in undoing.items():
                back = self._usable(backs, box, labels, table)
                if back is not None:
                    yield ((place, kind, step.into), back), [(each, here ^ there) for each in changed]

    def _usable(self, backs: Sequence[Undoing], box: int, labels: Labels, table: Table) -> Transfer | None:
        """The first of these that there is a case for, and that does not undo what is sought in the box itself."""
        covers = self.lattice.covers
        for other, into, places in backs:
            matters = covers(labels, other) is not covers(labels, into)
            for where in places:
                if table.at(where).get(other) and not (matters and box >> where & 1):
                    return where, other, into
        return None

    def _undoing(self, step: Step, change: Change, mask: int) -> dict[int, list[Undoing]]:
        """The cases that undo all that a step changes in what is published, by the boxes of ``mask`` that hold them."""
        key = step.at, step.lost, step.got, change
        known = self._undo.get(key)
        if known is None or known[0] != mask:
            holding = self.equations.holding
            found: defaultdict[int, list[Undoing]] = defaultdict(list)
            for other, back in self._back(step):
                if self.equations.changes(other, back.into) == change[::-1]:
                    held: defaultdict[int, list[int]] = defaultdict(list)
                    for where in self.lattice.holding[other]:
                        held[holding[where] & mask].append(where)
                    for boxes, places in held.items():
                        found[boxes].append((other, back.into, places))
            known = self._undo[key] = mask, found
        return known[1]

    def _odd(self, box: int, labels: Labels, table: Table, *, up: bool, free: bool) -> Iterator[Found]:
        """Two cases that change places, where one undoes some of what the other does."""
        equations, holding, tries = self.equations, self.equations.holding, 0
        if len(self.lattice.holding) <= 2:  # noqa: PLR2004 - with two kinds each change undoes the other
            return
        for place, kind, step in self._first(box, labels, table, up=up):
            changed, here = equations.changes(kind, step.into), holding[place]
            partly = self._partly(step, changed)
            mine = equations.blocked(kind, step.into) if partly else 0
            for other, into in partly:
                matters = self.lattice.covers(labels, other) is not self.lattice.covers(labels, into)
                undone, theirs = equations.changes(other, into), equations.blocked(other, into)
                for where in self.lattice.holding[other]:
                    tries += 1
                    if tries > TRIES:
                        return
                    there = holding[where]
                    if free and ((mine & here & ~there) | (theirs & there & ~here)):
                        continue
                    if not table.at(where).get(other) or (matters and box >> where & 1):
                        continue
                    against = _net(changed, here, undone, there)
                    if not (free and equations.stands_against(against)):
                        yield ((place, kind, step.into), (where, other, into)), against

    def _partly(self, step: Step, change: Change) -> tuple[tuple[Kind, Kind], ...]:
        """The kinds in which a step's change can be undone, but not all that it changes in what is published."""
        key = step.at, step.lost, step.got, change
        found = self._odds.get(key)
        if found is None:
            found = self._odds[key] = tuple(
                (other, back.into)
                for other, back in self._back(step)
                if self.equations.changes(other, back.into) != change[::-1]
            )
        return found

    def _back(self, step: Step) -> tuple[tuple[Kind, Step], ...]:
        change = (step.at, step.lost, step.got)
        found = self._backs.get(change)
        if found is None:
            kinds = ((kind, self.lattice.back(step, kind)) for kind in self.lattice.holding)
            found = self._backs[change] = tuple((kind, back) for kind, back in kinds if back is not None)
        return found

    def _quadruple(self, box: int, labels: Labels, table: Table, *, up: bool, free: bool) -> Iterator[Found]:
        lattice, holding, alone, tries = self.lattice, self.equations.holding, self.equations.alone, 0
        for place, kind, step in self._first(box, labels, table, up=up):
            into = step.into
            near = self._near(place, into)
            if len(near) < 2:  # noqa: PLR2004 - a square has two sides
                continue
            blocked = self.equations.blocked(kind, into)
            if free and blocked & alone[place]:
                continue
            got, lost = self.equations.changes(kind, into)
            changed = got | lost
            ways = [
                [
                    one
                    for one in way
                    if not (box >> one & 1 or (free and blocked & alone[one])) and table.at(one).get(into)
                ]
                for way in near
            ]
            for one_way, other_way in combinations(ways, 2):
                for one, other in product(one_way, other_way):
                    tries += 1
                    if tries > TRIES:
                        return
                    last = lattice.where.corner(place, one, other)
                    if last is None or not table.at(last).get(kind):
                        continue
                    mask = _corners(holding[place], holding[one], holding[other], holding[last])
                    if not (free and blocked & mask):
                        transfers = ((place, kind, into), (one, into, kind), (other, into, kind), (last, kind, into))
                        yield transfers, [(each, mask) for each in changed]

    def _near(self, place: int, kind: Kind) -> list[list[int]]:
        """By variable the places that differ from one in it alone, and where cases of a kind truly are."""
        found = self._kin.get((place, kind))
        if found is None:
            base = self.lattice.base
            around = self._around.get(place)
            if around is None:
                around = self._around[place] = self.lattice.where.around(place)
            ways = [[other for other in way if kind in base[other]] for way in around]
            found = self._kin[place, kind] = [way for way in ways if way]
        return found


def _corners(first: int, second: int, third: int, last: int) -> int:
    """Boxes of which a square's alternating corners do not add up to nothing."""
    odd = first ^ second ^ third ^ last
    return odd | (first & last & ~second & ~third) | (second & third & ~first & ~last)


def _net(one: Change, here: int, two: Change, there: int) -> list[tuple[Labels, int]]:
    """By label the boxes whose count two transfers change together."""
    found = []
    for labels in one[0] | one[1] | two[0] | two[1]:
        first = (labels in one[0]) - (labels in one[1])
        second = (labels in two[0]) - (labels in two[1])
        cancel = first + second == 0
        found.append((labels, here ^ there if cancel else (here if first else 0) | (there if second else 0)))
    return found
