"""The search for people whose absence breaks a panel. Exact, yet it need not try all of them.

Whoever breaks a set of handlers must take somebody from every part of it that suffices on its own. So it is enough to
look at one small such part, and to go on with those alone who keep one of its members out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from .staffing import Staffing, bits


class Outages:
    """People who may fall away, each with the set of handlers that then are out."""

    def __init__(self, taken_by: Mapping[str, int]) -> None:
        self.taken_by = taken_by
        self._takers: dict[int, list[str]] = defaultdict(list)
        for person, taken in taken_by.items():
            for bit in bits(taken):
                self._takers[bit].append(person)

    def shortest(self, staffing: Staffing, people: int, most: int, *, standby: bool) -> tuple[str, ...] | None:
        """The fewest people, ``most`` at most, whose falling away leaves no panel (or no standby), or None."""
        for count in range(most + 1):
            found = self._search(staffing, people, count, standby=standby)
            if found is not None:
                return found
        return None

    def each(self, staffing: Staffing, people: int, *, standby: bool) -> Iterator[str]:
        """Everybody whose falling away alone leaves no panel (or no standby), where there is one with them."""
        for person in self._hitting(staffing.core(people, standby=standby)):
            if not _holds(staffing, people & ~self.taken_by[person], standby=standby):
                yield person

    def _search(self, staffing: Staffing, people: int, count: int, *, standby: bool) -> tuple[str, ...] | None:
        if not _holds(staffing, people, standby=standby):
            return ()
        if not count:
            return None
        tried = set()
        for person in self._hitting(staffing.core(people, standby=standby)):
            left = people & ~self.taken_by[person]
            if left in tried:
                continue
            tried.add(left)
            found = self._search(staffing, left, count - 1, standby=standby)
            if found is not None:
                return (person, *found)
        return None

    def _hitting(self, core: int) -> Iterable[str]:
        return dict.fromkeys(person for bit in bits(core) for person in self._takers[bit])


def _holds(staffing: Staffing, people: int, *, standby: bool) -> bool:
    return staffing.with_standby(people) if standby else staffing.panel(people)
