"""What is counted, what a publication asks to show, and what it may: the interface of hiding.

A *family* is one breakdown of cases. Each case is counted once, under one coordinate for each variable of the family
(its *atom*); whatever a report shows is a sum of atoms, a *cell*: one label for each variable.

Breakdowns that share a variable, or of which one follows from another (open cases by age, and by outcome where one
outcome is "open"), must be one family with groups, else what one shows could give away what the other hides. ``hide``
refuses families with a category variable of the same name; it cannot see what merely follows.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

ALL = "*"
"""The label of all members of a variable."""

SMALL = 4
"""Counts from 0 to this look alike. A figure that is shown has at least one more behind it."""

Coordinate: TypeAlias = "str | frozenset[str]"
Atom: TypeAlias = "tuple[Coordinate, ...]"
"""One coordinate for each variable: a member, or where ``Told`` is not ONE the set of its members."""

Cell: TypeAlias = "tuple[str, ...]"
"""One label for each variable: a member, a group or ``ALL``."""


class Told(enum.Enum):
    """Under how many members of a variable a case is counted. Everybody knows which."""

    ONE = "one"
    SOME = "some"
    """One or several, as irregularity types."""
    ANY = "any"
    """None, one or several."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What cases are told apart by. ``groups``: further labels, each the union of members (a year of its halves).

    ``known``: organisation, channel, half-year – totals by all known variables together stand in the public register.
    Those are known for each member, so that half-years must be the finest period. Members include "not yet" and "not
    told" where that can be. Of several members (``told``) the label ``ALL`` is no sum but every case.
    """

    name: str
    members: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: bool = False
    told: Told = Told.ONE

    def under(self, label: str) -> frozenset[str]:
        """The members that a label covers. Raises KeyError for one that it does not have."""
        if label == ALL:
            return frozenset(self.members)
        if label in self.groups:
            return frozenset(self.groups[label])
        if label not in self.members:
            raise KeyError(f"{self.name}: {label}")
        return frozenset((label,))

    def covers(self, label: str, coordinate: Coordinate) -> bool:
        """Whether a case with this coordinate is counted under the label."""
        if label == ALL:
            return True
        members = self.under(label)
        return coordinate in members if isinstance(coordinate, str) else not members.isdisjoint(coordinate)


@dataclass(frozen=True, slots=True)
class Family:
    """One breakdown of cases. Known variables come first; ``id`` stays the same for as long as the meaning does."""

    id: str
    variables: tuple[Variable, ...]

    def __post_init__(self) -> None:
        known = [variable.known for variable in self.variables]
        if known != sorted(known, reverse=True):
            raise ValueError(f"family {self.id}: known variables come first")

    @property
    def depth(self) -> int:
        """How many of its variables the register knows."""
        return sum(variable.known for variable in self.variables)


@dataclass(frozen=True, slots=True)
class Asked:
    """A table that a publication would show: its cells, of any labels.

    ``together``: cells that are shown all or not at all (yes, no and not yet, which a share is computed from).
    ``instead``: cells that could stand in its place when more than half of it is hidden, best first, such as sums over
    three, four and five years (groups of the variable of half-years).
    """

    table: str
    cells: tuple[Cell, ...]
    together: tuple[tuple[Cell, ...], ...] = ()
    instead: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyCounts:
    """The counts of a family and the tables that are asked for.

    ``atoms`` hold the whole installation and every half-year that the variable names, whatever the scope of the
    report: what one organisation's report may show depends on what stands elsewhere. Atoms of no case may be left out.
    """

    family: Family
    atoms: Mapping[Atom, int]
    tables: tuple[Asked, ...] = ()

    def value(self, cell: Cell) -> int:
        """How many cases a cell has."""
        variables = self.family.variables
        return sum(
            count
            for atom, count in self.atoms.items()
            if all(variable.covers(label, at) for variable, label, at in zip(variables, cell, atom, strict=True))
        )


@dataclass(frozen=True, slots=True)
class MoneyCounts:
    """Kronor by organisation and half-year: one amount for each case that has one. Cells are (organisation, period).

    ``periods``: a variable of half-years whose groups are years. ``amounts``: by (organisation, half-year), above 0.
    ``cases``: by the same, how many cases the register has; where it has none the sum is known to be 0.
    """

    id: str
    organisations: Variable
    periods: Variable
    amounts: Mapping[tuple[str, str], tuple[int, ...]]
    cases: Mapping[tuple[str, str], int]
    asked: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What one report would show: its counts and its sums."""

    families: Sequence[FamilyCounts]
    money: Sequence[MoneyCounts] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What an earlier publication showed: by family the cells and what stood in them, by money the cells.

    A cell whose count has changed since is no longer held against the newer counts (see ``hiding``).
    """

    id: str
    counts: Mapping[str, Mapping[Cell, int]]
    money: Mapping[str, frozenset[Cell]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a publication may show. Whatever it does not name is hidden.

    ``counts``: by family the shown cells and their counts. ``tables``: the tables that are hidden whole, and which of
    their ``instead`` stands in their place (None: prose).
    """

    counts: Mapping[str, Mapping[Cell, int]]
    tables: Mapping[str, int | None] = field(default_factory=dict)
    money: Mapping[str, frozenset[Cell]] = field(default_factory=dict)

    def shown(self, family: str, cell: Cell) -> bool:
        """Whether a cell that was asked for may be shown."""
        return cell in self.counts.get(family, {})

    def money_shown(self, money: str, cell: Cell) -> bool:
        """Whether a sum that was asked for may be shown."""
        return cell in self.money.get(money, frozenset())

    def hidden_whole(self, table: str) -> bool:
        """Whether the table is left out (``Table.hidden``)."""
        return table in self.tables

    def published(self, publication: str) -> Published:
        """What the publication is to later ones."""
        return Published(publication, self.counts, self.money)
