"""What is shown of one family: its tables, and sums over years in the place of those that show too little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .closure import Closure, Spot
from .families import SMALL, Asked, Cell, FamilyCounts
from .lattice import Lattice, bits
from .protecting import Round, protect


class Deciding:
    """One family: what is shown of it, table by table."""

    def __init__(self, counts: FamilyCounts, earlier: Sequence[Mapping[Cell, int]]) -> None:
        self.counts = counts
        self.lattice = Lattice(counts)
        cells = [cell for table in counts.tables for some in (table.cells, *table.instead) for cell in some]
        self.spots = {cell: self._spot(cell) for cell in cells}
        before = {cell: value for shown in earlier for cell, value in shown.items()}
        old = {cell: self._spot(cell) for cell in before}
        closure = Closure(self.lattice, (*cells, *old))
        self.lattice.use(closure.labels)
        boxes = {*closure.boxes, *(spot.box for spot in (*self.spots.values(), *old.values()))}
        held: defaultdict[int, list[int]] = defaultdict(list)
        for box in sorted(boxes):
            for place in bits(box):
                held[place].append(box)
        self.values = self.lattice.values(held)
        self.frozen = {
            spot for cell, spot in old.items() if self._is_secret(spot) and self._value(spot) == before[cell]
        }
        self.closure = closure
        self.shown: set[Spot] = set()
        self.dropped: dict[str, int | None] = {}

    def _spot(self, cell: Cell) -> Spot:
        return Spot(*self.lattice.split(cell))

    def _value(self, spot: Spot) -> int:
        return self.values.get((spot.box, spot.labels), 0)

    def _is_secret(self, spot: Spot) -> bool:
        """Whether the register does not tell the count."""
        return spot.box != 0 and not self.lattice.is_known(spot.labels)

    def decide(self) -> None:
        """Show what can be of each table, then what can stand in the place of those that are hidden."""
        tables = {table.table: table for table in self.counts.tables}
        self._show([(table.cells, table.together) for table in tables.values()])
        for name, table in tables.items():
            if self._is_poor(table.cells):
                self.dropped[name] = None
        standing = [table.cells for name, table in tables.items() if name not in self.dropped]
        self.shown &= {spot for cells in standing for spot in self._of(cells)}
        for number in range(max((len(table.instead) for table in tables.values()), default=0)):
            open_ = [tables[name] for name, found in self.dropped.items() if found is None]
            tried = [table for table in open_ if number < len(table.instead)]
            kept = set(self.shown)
            self._show([(table.instead[number], ()) for table in tried])
            for table in tried:
                if not self._is_poor(table.instead[number]):
                    self.dropped[table.table] = number
                    kept.update(self._of(table.instead[number]))
            self.shown &= kept

    def result(self) -> dict[Cell, int]:
        """The cells that stand in tables and may be shown, with their counts."""
        found: dict[Cell, int] = {}
        for table in self.counts.tables:
            for cell in self._standing(table):
                spot = self.spots[cell]
                if not self._is_secret(spot):
                    found[cell] = self.lattice.cases(spot.box)
                elif self._is_shown(spot):
                    found[cell] = self._value(spot)
        depth = self.lattice.depth
        # In a year that has only had a first half this is the half's count too, also when the second has come.
        narrow = {(*self.lattice.narrowest(cell[:depth]), *cell[depth:]): value for cell, value in found.items()}
        return narrow | found

    def _standing(self, table: Asked) -> tuple[Cell, ...]:
        if table.table not in self.dropped:
            return table.cells
        number = self.dropped[table.table]
        return () if number is None else table.instead[number]

    def _of(self, cells: Iterable[Cell]) -> Iterator[Spot]:
        return (self.spots[cell] for cell in cells)

    def _is_shown(self, spot: Spot) -> bool:
        return spot in self.shown or (spot in self.frozen and self._value(spot) > SMALL)

    def _is_poor(self, cells: Sequence[Cell]) -> bool:
        """Whether more than half of what the register does not tell is hidden."""
        secret = [spot for spot in self._of(cells) if self._is_secret(spot)]
        return 2 * sum(not self._is_shown(spot) for spot in secret) > len(secret)

    def _show(self, tables: Sequence[tuple[Sequence[Cell], tuple[tuple[Cell, ...], ...]]]) -> None:
        """Show the cells of tables beside all that is shown already, except what must be hidden."""
        asked = [spot for cells, _ in tables for spot in self._of(cells) if self._is_secret(spot)]
        fresh = {spot for spot in asked if self._value(spot) > SMALL} - self.shown - self.frozen
        sets = [tuple(self._of(cells)) for _, together in tables for cells in together]
        round_ = Round(self.lattice, self.values, self.shown | self.frozen, fresh, sets)
        small = dict.fromkeys(spot for spot in asked if self._value(spot) <= SMALL)
        round_.hide_sets(spot for spot in small if spot not in self.frozen)
        if fresh:
            protect(round_, [*small, *self.closure.near(fresh, self.shown | self.frozen)])
        self.shown |= round_.left()
