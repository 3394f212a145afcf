"""What is shown of one family: its tables, and sums over years in the place of those that show too little."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from .closure import Closure, Spot
from .families import ALL, SMALL, Asked, Atom, Cell, Family, FamilyCounts
from .lattice import Lattice, Place, Places
from .parts import Part, split
from .protecting import Round, protect

Key: TypeAlias = "tuple[int, str]"
"""A table of one of the reports that are decided together: which report, which table."""


class _Piece:
    """A part of the family: what it has shown, and what an earlier publication did."""

    def __init__(
        self,
        part: Part,
        cells: Iterable[Cell],
        before: Mapping[Cell, int],
        shared: dict[tuple[Place, ...], Places],
    ) -> None:
        self.lattice = Lattice(part.counts, shared)
        self.spots = {cell: Spot(*self.lattice.split(part.cell(cell))) for cell in cells}
        self.closure = Closure(self.lattice, [part.cell(cell) for cell in self.spots])
        self.lattice.use(self.closure.labels)
        boxes = self.closure.boxes | {spot.box for spot in self.spots.values()}
        self.values = self.lattice.values(self.lattice.where.holding(boxes))
        old = {cell: value for cell, value in before.items() if cell in self.spots}
        self.frozen = {
            self.spots[cell] for cell, value in old.items() if self.is_secret(cell) and self.value(cell) == value
        }
        self.shown: set[Spot] = set()

    def value(self, cell: Cell) -> int:
        spot = self.spots[cell]
        return self.values.get((spot.box, spot.labels), 0)

    def is_secret(self, cell: Cell) -> bool:
        spot = self.spots[cell]
        return spot.box != 0 and not self.lattice.is_known(spot.labels)

    def is_shown(self, cell: Cell) -> bool:
        spot = self.spots[cell]
        return spot in self.shown or (spot in self.frozen and self.value(cell) > SMALL)

    def show(self, cells: Sequence[Cell]) -> None:
        """Show cells beside all that is shown already, except what must be hidden."""
        asked = {self.spots[cell]: self.value(cell) for cell in cells if self.is_secret(cell)}
        fresh = {spot for spot, value in asked.items() if value > SMALL} - self.shown - self.frozen
        if fresh:
            settled = self.shown | self.frozen
            round_ = Round(self.lattice, self.values, settled, fresh)
            small = [spot for spot, value in asked.items() if value <= SMALL]
            protect(round_, [*small, *self.closure.near(fresh, settled, round_.search.open)])
            self.shown |= round_.left()


class Deciding:
    """One family: what is shown of it, table by table."""

    def __init__(self, counts: FamilyCounts, earlier: Sequence[Mapping[Cell, int]]) -> None:
        self.counts = counts
        self._depth = counts.family.depth
        # A 0 was shown where there was no case at all: it says nothing of those that have come since.
        before = {cell: value for shown in earlier for cell, value in shown.items() if value}
        asked = [cell for table in counts.tables for some in (table.cells, *table.instead) for cell in some]
        cells = list(dict.fromkeys((*asked, *before)))
        for cell in cells:
            _check(counts.family, cell)
        parts, self._of = split(counts, cells)
        by_part: defaultdict[int, list[Cell]] = defaultdict(list)
        for cell, part in self._of.items():
            by_part[part].append(cell)
        wanted = {self._of[cell] for cell in asked if cell in self._of}
        shared: dict[tuple[Place, ...], Places] = {}
        self._pieces = {at: _Piece(part, by_part[at], before, shared) for at, part in enumerate(parts) if at in wanted}
        # Every case has one kind here: what is left is the register.
        self._register = Lattice(_register(counts))
        self.shown: set[Cell] = set()

    def decide(self, asked: Mapping[Key, Asked]) -> dict[Key, int | None]:
        """Show what can be of each table, then what can stand in the place of those that are hidden.

        Gives the tables that are hidden whole, and which of their ``instead`` stands there (None: none of them).
        """
        tables = list(asked.values())
        dropped: dict[Key, int | None] = {}
        self._show([table.cells for table in tables], [some for one in tables for some in one.together])
        for name, table in asked.items():
            if self._is_poor(table.cells):
                dropped[name] = None
        self._keep(cell for name, table in asked.items() if name not in dropped for cell in table.cells)
        for number in range(max((len(table.instead) for table in tables), default=0)):
            left = {name: asked[name] for name, found in dropped.items() if found is None}
            tried = {name: table.instead[number] for name, table in left.items() if number < len(table.instead)}
            kept = set(self.shown)
            self._show(list(tried.values()), [])
            for name, cells in tried.items():
                if not self._is_poor(cells):
                    dropped[name] = number
                    kept.update(cells)
            self._keep(kept)
        return dropped

    def result(self, tables: Iterable[Asked], dropped: Mapping[str, int | None]) -> dict[Cell, int]:
        """The cells that stand in tables and may be shown, with their counts. ``dropped``: the tables hidden whole."""
        found = {
            cell: self._value(cell)
            for table in tables
            for cell in (*table.cells, *_standing(table, dropped))
            if not self._is_secret(cell) or cell in self.shown
        }
        # In a year that has only had a first half this is the half's count too, also when the second has come.
        narrow = {
            (*self._register.where.narrowest(cell[: self._depth]), *cell[self._depth :]): value
            for cell, value in found.items()
        }
        return narrow | found

    def settle(self) -> None:
        """What is shown so far stays so, whatever is asked for next."""
        for piece in self._pieces.values():
            piece.frozen |= piece.shown
            piece.shown = set()
        self.shown = set()

    def _piece(self, cell: Cell) -> _Piece | None:
        return self._pieces[self._of[cell]] if cell in self._of else None

    def _value(self, cell: Cell) -> int:
        piece = self._piece(cell)
        if piece is not None and piece.is_secret(cell):
            return piece.value(cell)
        return self._register.cases(self._register.where.box(cell[: self._depth]))

    def _is_secret(self, cell: Cell) -> bool:
        """Whether the register does not tell the count."""
        piece = self._piece(cell)
        return piece is not None and piece.is_secret(cell)

    def _is_poor(self, cells: Sequence[Cell]) -> bool:
        """Whether more than half of what the register does not tell is hidden."""
        secret = [cell for cell in cells if self._is_secret(cell)]
        return 2 * sum(cell not in self.shown for cell in secret) > len(secret)

    def _show(self, tables: Sequence[Sequence[Cell]], together: Sequence[tuple[Cell, ...]]) -> None:
        asked = list(dict.fromkeys(cell for cells in tables for cell in cells if self._is_secret(cell)))
        by_part: defaultdict[int, list[Cell]] = defaultdict(list)
        for cell in self._whole(asked, together):
            by_part[self._of[cell]].append(cell)
        for part, cells in by_part.items():
            self._pieces[part].show(cells)
        self.shown.update(cell for cells in by_part.values() for cell in cells if self._is_shown(cell))
        self._keep(self._whole(self.shown, together))

    def _whole(self, cells: Iterable[Cell], together: Sequence[tuple[Cell, ...]]) -> list[Cell]:
        """Without those that cannot be shown since others that they go together with cannot."""
        left = dict.fromkeys(cells)
        small = {cell for cell in left if self._value(cell) <= SMALL}
        broken = True
        while broken:
            broken = False
            for some in together:
                secret = [cell for cell in some if self._is_secret(cell)]
                if any(cell not in left or cell in small for cell in secret) and any(
                    cell in left and cell not in small for cell in secret
                ):
                    broken = True
                    for cell in secret:
                        left.pop(cell, None)
        return list(left)

    def _is_shown(self, cell: Cell) -> bool:
        piece = self._piece(cell)
        return piece is not None and piece.is_shown(cell)

    def _keep(self, cells: Iterable[Cell]) -> None:
        """Show no others than these."""
        self.shown &= set(cells)
        for piece in self._pieces.values():
            piece.shown = {piece.spots[cell] for cell in self.shown if cell in piece.spots} & piece.shown


def _standing(table: Asked, dropped: Mapping[str, int | None]) -> tuple[Cell, ...]:
    if table.table not in dropped:
        return table.cells
    number = dropped[table.table]
    return () if number is None else table.instead[number]


def _check(family: Family, cell: Cell) -> None:
    if len(cell) != len(family.variables):
        raise ValueError(f"family {family.id}: {cell} does not fit")
    for variable, label in zip(family.variables, cell, strict=True):
        if label != ALL:
            variable.under(label)


def _register(counts: FamilyCounts) -> FamilyCounts:
    depth = counts.family.depth
    total: Counter[Atom] = Counter()
    for atom, count in counts.atoms.items():
        total[atom[:depth]] += count
    return FamilyCounts(Family(counts.family.id, counts.family.variables[:depth]), total)
