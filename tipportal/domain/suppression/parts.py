"""A family in parts that tell nothing of each other: figures of one part are the same whatever those of another are.

Variables whose labels are never asked for together can be anything beside each other; and of a variable under which a
case has none, one or several members, each member can, but for those that a label counts together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .families import ALL, Atom, Cell, Coordinate, Family, FamilyCounts, Told, Variable

Member = tuple[int, str]
"""A category variable's place in the family, and one of its members."""


@dataclass(frozen=True, slots=True)
class Part:
    """A family of some of the category variables and members, and at which places of a cell those stand."""

    counts: FamilyCounts
    at: tuple[int, ...]
    depth: int

    def cell(self, cell: Cell) -> Cell:
        """A cell of the whole family as one of this part."""
        return (*cell[: self.depth], *(cell[at] for at in self.at))


def split(counts: FamilyCounts, cells: Sequence[Cell]) -> tuple[list[Part], dict[Cell, int]]:
    """The parts, and which of them each cell that is no register total belongs to.

    Places that no cell speaks of are left out: nothing is known of what happens there.
    """
    family = counts.family
    depth = family.depth
    tied = _tied(family, cells)
    asked = dict.fromkeys(tied[member] for cell in cells for member in _of(family, cell))
    number = {root: at for at, root in enumerate(asked)}
    of = {member: number[root] for member, root in tied.items() if root in number}
    parts = []
    atoms = _projected(counts, of, cells)
    for part in range(len(number)):
        members: defaultdict[int, set[str]] = defaultdict(set)
        for (place, name), mine in of.items():
            if mine == part:
                members[place].add(name)
        at = tuple(sorted(members))
        variables = tuple(_narrowed(family.variables[place], members[place]) for place in at)
        sub = Family(f"{family.id} {part}", (*family.variables[:depth], *variables))
        parts.append(Part(FamilyCounts(sub, atoms[part]), at, depth))
    return parts, {cell: of[member] for cell in cells for member in _of(family, cell)}


def _of(family: Family, cell: Cell) -> Iterator[Member]:
    for at in range(family.depth, len(family.variables)):
        if cell[at] != ALL:
            yield from ((at, member) for member in sorted(family.variables[at].under(cell[at]))[:1])


def _tied(family: Family, cells: Iterable[Cell]) -> dict[Member, Member]:
    """For each member of a variable that is asked for, the one that stands for all it is tied to."""
    root: dict[Member, Member] = {}

    def find(member: Member) -> Member:
        while root.setdefault(member, member) != member:
            root[member] = root[root[member]]
            member = root[member]
        return member

    def tie(members: Iterable[Member]) -> None:
        found = [find(member) for member in members]
        for other in found[1:]:
            root[find(other)] = find(found[0])

    asked: defaultdict[int, set[str]] = defaultdict(set)
    for labels in dict.fromkeys(cell[family.depth :] for cell in cells):
        told = [(at, label) for at, label in enumerate(labels, family.depth) if label != ALL]
        for at, label in told:
            asked[at].add(label)
        tie((at, member) for at, label in told for member in family.variables[at].under(label))
    for at, some in asked.items():
        variable = family.variables[at]
        for label in labels_of(variable, some):
            tie((at, member) for member in variable.under(label))
        if variable.told is not Told.ANY:
            tie((at, member) for member in variable.members)
    return {member: find(member) for member in sorted(root)}


def _projected(counts: FamilyCounts, of: Mapping[Member, int], cells: Sequence[Cell]) -> list[Counter[Atom]]:
    family, depth = counts.family, counts.family.depth
    parts = max(of.values(), default=-1) + 1
    at = [sorted({place for (place, _), mine in of.items() if mine == part}) for part in range(parts)]
    found: list[Counter[Atom]] = [Counter() for _ in range(parts)]
    spoken = _Spoken(family.variables[:depth], {cell[:depth] for cell in cells})
    total: Counter[tuple[str, ...]] = Counter()
    for atom, count in counts.atoms.items():
        where = tuple(str(one) for one in atom[:depth])
        if count > 0 and spoken(where):
            total[where] += count
            for part, members in _pieces(family, atom, of).items():
                found[part][*where, *(frozenset(members.get(place, ())) for place in at[part])] += count
    for part, some in enumerate(found):
        # Whoever is under no member of a part is counted there as such.
        rest = Counter(total)
        for atom, count in some.items():
            rest[tuple(str(one) for one in atom[:depth])] -= count
        some.update({(*where, *(frozenset[str]() for _ in at[part])): count for where, count in rest.items() if count})
    return found


def _pieces(family: Family, atom: Atom, of: Mapping[Member, int]) -> dict[int, dict[int, set[str]]]:
    found: dict[int, dict[int, set[str]]] = {}
    for place, coordinate in enumerate(atom[family.depth :], family.depth):
        _check(family, place, coordinate)
        for member in (coordinate,) if isinstance(coordinate, str) else coordinate:
            part = of.get((place, member))
            if part is not None:
                found.setdefault(part, {}).setdefault(place, set()).add(member)
    return found


class _Spoken:
    """Tells whether any cell counts a place."""

    def __init__(self, variables: Sequence[Variable], labels: set[tuple[str, ...]]) -> None:
        self._boxes = [
            [variable.under(label) for variable, label in zip(variables, some, strict=True)] for some in sorted(labels)
        ]
        self._known: dict[tuple[str, ...], bool] = {}

    def __call__(self, where: tuple[str, ...]) -> bool:
        if where not in self._known:
            self._known[where] = any(
                all(at in members for at, members in zip(where, box, strict=True)) for box in self._boxes
            )
        return self._known[where]


def _check(family: Family, at: int, coordinate: Coordinate) -> None:
    variable = family.variables[at]
    members = {coordinate} if isinstance(coordinate, str) else coordinate
    wrong = len(members) != 1 if variable.told is Told.ONE else variable.told is Told.SOME and not members
    if wrong or not all(member in variable.members for member in members):
        raise ValueError(f"family {family.id}: {variable.name} cannot be {sorted(members)}")


def _narrowed(variable: Variable, members: set[str]) -> Variable:
    groups = {label: some for label, some in variable.groups.items() if members.issuperset(some)}
    mine = tuple(member for member in variable.members if member in members)
    return Variable(variable.name, mine, groups, told=variable.told)


def labels_of(variable: Variable, asked: set[str]) -> tuple[str, ...]:
    """Members, groups of members, and groups of groups (several years) that have been asked for."""
    groups = {label: frozenset(members) for label, members in variable.groups.items()}
    by_member: defaultdict[str, list[str]] = defaultdict(list)
    for label, members in groups.items():
        for member in members:
            by_member[member].append(label)
    found = list(variable.members)
    for label, members in groups.items():
        near = {other for member in members for other in by_member[member]}
        parts = [groups[other] for other in near if groups[other] < members]
        if label in asked or not parts or frozenset().union(*parts) < members:
            found.append(label)
    return tuple(found)
