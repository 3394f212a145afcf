"""Invariant 1 of 04 on sets of handlers: when some of them can form a panel, and when nobody is indispensable.

Handlers are bits, and a set of them is an integer: tens of thousands of sets are asked about in a proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LEAST_UNITS = 2
FIRM_LEAST_NAMED = 3
"""One firm may be a whole panel only when its contract names as many persons (invariant 1)."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """What counts for a panel of ``size``: the unit of each handler, and the firms that may stand alone here.

    ``unit_of`` gives for each bit number the set of everybody in the same counted unit: an external party is one.
    ``alone`` holds for each such firm the set of its named handlers.
    """

    size: int
    unit_of: tuple[int, ...]
    alone: tuple[int, ...]

    def panel(self, people: int) -> bool:
        """Whether a valid panel can be formed: enough people, from two units at least or from a firm that may."""
        return self.mixed(people, self.size, LEAST_UNITS) or self.firm(people)

    def firm(self, people: int) -> bool:
        """Whether a firm that may be a whole panel has enough people left for it."""
        return any((people & firm).bit_count() >= self.size for firm in self.alone)

    def needs_firm(self, people: int) -> bool:
        """Whether a panel is possible only by a firm that stands alone, which reports must say."""
        return not self.mixed(people, self.size, LEAST_UNITS) and self.firm(people)

    def with_standby(self, people: int) -> bool:
        """Whether a panel and standby exist: whoever falls away from it, somebody can step in and it is valid again.

        That is so exactly when a panel is left whichever one of the people is taken away.
        """
        if self.mixed(people, self.size + 1, LEAST_UNITS + 1):
            return True
        return all(self.panel(people & ~bit) for bit in bits(people)) and people != 0

    def core(self, people: int, *, standby: bool) -> int:
        """A small part of ``people`` that already suffices (``people`` must): any set that breaks them hits it."""
        wanted = LEAST_UNITS + standby
        part, rest = 0, people
        while rest and wanted:
            one = rest & -rest
            part |= one
            rest &= ~self.unit_of[one.bit_length() - 1]
            wanted -= 1
        if wanted:
            # Too few units for one of each: two of each, so that each unit can lose one.
            for one in tuple(bits(part)):
                unit = people & self.unit_of[one.bit_length() - 1] & ~one
                part |= unit & -unit
        for one in bits(people & ~part):
            if part.bit_count() >= self.size + standby:
                break
            part |= one
        enough = self.with_standby(part) if standby else self.panel(part)
        return part if enough else people

    def mixed(self, people: int, count: int, units: int) -> bool:
        """Whether there are so many people, and they come from so many units."""
        if people.bit_count() < count:
            return False
        rest = people
        for _ in range(units):
            if not rest:
                return False
            rest &= ~self.unit_of[(rest & -rest).bit_length() - 1]
        return True


def bits(people: int) -> Iterator[int]:
    """Each member of a set as a set of its own, lowest first."""
    while people:
        one = people & -people
        yield one
        people ^= one
