"""Complementary hiding: what must be hidden beside small cells, so that each of them has a table for either bound."""

from __future__ import annotations

from collections.abc import Iterable

from .closure import Spot
from .families import SMALL
from .lattice import Lattice, bits
from .moves import Equations, Labels, Table
from .searching import Search


class Round:
    """Cells to be shown for the first time beside those that are: which of them must be hidden after all."""

    def __init__(
        self,
        lattice: Lattice,
        values: dict[tuple[int, Labels], int],
        settled: Iterable[Spot],
        fresh: Iterable[Spot],
    ) -> None:
        self.lattice = lattice
        self.values = values
        self.equations = Equations(
            lattice,
            sorted((spot.box, spot.labels) for spot in settled),
            sorted((spot.box, spot.labels) for spot in fresh),
        )
        self.search = Search(self.equations, values)

    def hide(self, against: Iterable[tuple[Labels, int]]) -> None:
        """Hide what stands against a move."""
        for labels, mask in against:
            self.equations.hide(labels, mask)

    def hide_around(self, box: int) -> None:
        """Hide every cell that shares places with a box."""
        near = sum(self.equations.bit[other] for other in self.equations.boxes if other & box)
        self.hide([(labels, shown & near) for labels, shown in sorted(self.equations.shown.items())])

    def left(self) -> set[Spot]:
        """The cells that can be shown."""
        return {
            Spot(self.equations.boxes[at], labels) for labels, mask in self.equations.shown.items() for at in bits(mask)
        }


def protect(round_: Round, spots: Iterable[Spot]) -> None:
    """Hide until every small one of these cells could be 0, and could be 4 or all there is."""
    for spot in dict.fromkeys(spots):
        value = round_.values.get((spot.box, spot.labels), 0)
        if value > SMALL or round_.equations.is_frozen(spot.box, spot.labels) or round_.lattice.is_known(spot.labels):
            continue
        for goal in (0, min(SMALL, round_.lattice.cases(spot.box))):
            if not _reach(round_, spot, value, goal):
                round_.hide_around(spot.box)
                if not _reach(round_, spot, value, goal):
                    # Not even with all of this publication hidden: then it must not tell anything more.
                    round_.hide_around(-1)
                    return


def _reach(round_: Round, spot: Spot, value: int, goal: int) -> bool:
    """Find a table in which the cell is ``goal``, hiding what stands in the way."""
    need, up = abs(goal - value), goal > value
    search = round_.search
    if (
        need == 0
        or search.swapped(spot.box, spot.labels, need, up=up)
        or search.free(spot.box, spot.labels, need, up=up)
    ):
        return True
    table = Table(round_.lattice.base)
    while need:
        move = search.best(spot.box, spot.labels, table, need, up=up)
        if move is None:
            return False
        round_.hide(move.against)
        for place, kind, into in move.transfers:
            table.move(place, kind, into, move.times)
        need -= move.times
    return True
