"""What 04 demands in which situation: the table of the proof, without the search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .board import Board
from .choosing import Pool
from .findings import How, Outage
from .outages import Outages


@dataclass(frozen=True, slots=True)
class Given:
    """Something that the facts keep out: the outage, its handlers, and how many whole parties they are."""

    outage: Outage
    out: int
    parties: int


@dataclass(frozen=True, slots=True)
class Demand:
    """``people`` must hold, whichever ``most`` people more fall away: with standby, or a panel alone.

    A panel alone suffices only where a whole party is out and one more: the weak places.
    """

    outages: tuple[Outage, ...]
    people: int
    most: int
    standby: bool
    more: Outages


class Demands:
    """The demands that hold on one board for any ``k`` people.

    A person who is concerned keeps out their line of command. Where that is a whole party, the person is
    looked at in two ways: as one more absence anywhere, and as a whole party that is concerned.
    """

    def __init__(self, board: Board, k: int) -> None:
        self._k = k
        parties = {person: board.parties_taken(out) for person, out in board.excluded_with.items()}
        self._alone = Outages(board.bit)
        self._persons = Outages({
            person: board.bit.get(person, 0) if parties[person] else out
            for person, out in board.excluded_with.items()
        })  # fmt: skip
        heads: dict[int, Given] = {}
        for person, out in board.excluded_with.items():
            # Whoever keeps out nobody else is an absence, of which more is demanded.
            if parties[person] and out != board.bit.get(person):
                heads.setdefault(out, Given(Outage(How.CONCERNED, f"person:{person}"), out, parties[person]))
        self._heads = tuple(heads.values())

    def of(self, pool: Pool, given: tuple[Given, ...]) -> Iterator[Demand] | None:
        """The demands for a pool when the facts keep out what is ``given``; None when 04 makes none."""
        people = pool.people
        for each in given:
            people &= ~each.out
        whole = [each.parties for each in given if each.parties]
        if not whole:
            return self._no_party(people, given)
        if len(whole) == 1 and whole[0] == 1 and len(given) == 1:
            return self._one_party(people, given)
        if len(whole) == 1 and (whole[0] == 1 or len(given) == 1):
            return iter([self._demand(given, people, 0, standby=False)])
        return None

    def top(self, pool: Pool) -> Demand | None:
        """All internals out, and each external in turn; None where the rule passes over an outside party as well."""
        if pool.passed_over & ~pool.internal:
            return None
        outage = Outage(How.INTERNALS, "")
        return Demand((outage,), pool.people & ~pool.internal, 1, standby=False, more=self._alone)

    def _no_party(self, people: int, given: tuple[Given, ...]) -> Iterator[Demand]:
        yield self._demand(given, people, self._k, standby=True)
        for head in self._heads if self._k else ():
            if not people & head.out:
                continue
            there, left = (*given, head), people & ~head.out
            if not given:
                yield self._demand(there, left, 0, standby=head.parties == 1)
                if head.parties == 1 and self._k > 1:
                    yield self._demand(there, left, 1, standby=False)
            elif len(given) == 1 and head.parties == 1:
                yield self._demand(there, left, 0, standby=False)

    def _one_party(self, people: int, given: tuple[Given, ...]) -> Iterator[Demand]:
        yield self._demand(given, people, 0, standby=True)
        if self._k:
            yield self._demand(given, people, 1, standby=False)

    def _demand(self, given: tuple[Given, ...], people: int, most: int, *, standby: bool) -> Demand:
        return Demand(tuple(each.outage for each in given), people, most, standby, self._persons)
