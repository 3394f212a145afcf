"""Random breakdowns and sequences of publications, decided by the hider one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from tests.domain.suppression.attacker import Known
from tipportal.domain.suppression.families import (
    ALL,
    SMALL,
    Asked,
    Atom,
    Cell,
    Coordinate,
    Family,
    FamilyCounts,
    Published,
    Told,
    Variable,
    Wish,
)
from tipportal.domain.suppression.hiding import hide_together

FIRST, SECOND, YEAR = "1", "2", "year"
PERIODS = Variable("period", (FIRST, SECOND), {YEAR: (FIRST, SECOND)}, known=True)


@dataclass(frozen=True)
class History:
    """A breakdown, its counts, which reports were published in which order, and what they showed."""

    family: Family
    counts: Counter[Atom]
    reports: Sequence[tuple[str, str]]
    published: Sequence[Published]

    def known(self) -> Known:
        """What everybody knows in the end."""
        totals: Counter[tuple[str, ...]] = Counter()
        for atom, count in self.counts.items():
            totals[tuple(map(str, atom[: self.family.depth]))] += count
        shown: dict[Cell, int] = {}
        for one in self.published:
            shown.update(one.counts[self.family.id])
        return Known(self.family, totals, shown)

    def small(self) -> list[tuple[Cell, int]]:
        """Every cell of 0 to 4 that is no register total, of one category, and the greatest that it must allow for."""
        counted = FamilyCounts(self.family, self.counts)
        found = []
        depth, width = self.family.depth, len(self.family.variables)
        where = [(*variable.members, *variable.groups, ALL) for variable in self.family.variables[:depth]]
        for known in product(*where):
            total = counted.value((*known, *[ALL] * (width - depth)))
            for at, variable in enumerate(self.family.variables[depth:], depth):
                for label in (*variable.members, *variable.groups):
                    cell = tuple(known[i] if i < depth else label if i == at else ALL for i in range(width))
                    if total and counted.value(cell) <= SMALL:
                        found.append((cell, min(SMALL, total)))
        return found


def history(seed: int) -> History:
    """A random one; every third is published as time goes on, every third several reports at a time, in any order."""
    rnd = Random(seed)  # noqa: S311 - made-up counts are no secret
    family = _family(rnd)
    mean = rnd.choice((1, 3, 6, 10))
    counts = Counter({atom: _count(rnd, mean) for atom in _atoms(family)})
    scopes = [*family.variables[0].members, ALL]
    reports = [(scope, period) for scope in scopes for period in (FIRST, SECOND, YEAR)]
    rnd.shuffle(reports)
    del reports[rnd.randint(1, len(reports)) :]
    in_time = seed % 3 == 0
    if in_time:
        reports.sort(key=lambda report: report[1] != FIRST)
    whole = rnd.random() < 0.3
    at_once = rnd.randint(2, 4) if seed % 3 == 1 else 1
    return publish(family, counts, reports, whole=whole, in_time=in_time, at_once=at_once)


def publish(
    family: Family,
    counts: Counter[Atom],
    reports: Sequence[tuple[str, str]],
    *,
    whole: bool,
    in_time: bool = False,
    at_once: int = 1,
) -> History:
    """Publish reports (organisation, period) one after another. ``whole``: tables that show too little are left out.

    ``in_time``: a first half is published before there are any cases of the second. ``at_once``: how many are decided
    together; the second of them is then not published.
    """
    published: list[Published] = []
    period_at = next(at for at, variable in enumerate(family.variables) if variable.name == "period")
    for start in range(0, len(reports), at_once):
        wishes = []
        for scope, period in reports[start : start + at_once]:
            so_far = counts
            if in_time and period == FIRST:
                so_far = Counter({atom: count for atom, count in counts.items() if atom[period_at] == FIRST})
            cells = _cells(family, scope, period)
            tables = (Asked("all", cells),) if whole else tuple(Asked(str(cell), (cell,)) for cell in cells)
            wishes.append(Wish([FamilyCounts(family, so_far, tables)]))
        plans = hide_together(wishes, published)
        published += [plan.published(str(start + at)) for at, plan in enumerate(plans) if at != 1]
    return History(family, counts, reports, published)


def _cells(family: Family, scope: str, period: str) -> tuple[Cell, ...]:
    channels = [(*variable.members, ALL) for variable in family.variables if variable.name == "channel"]
    categories = family.variables[family.depth :]
    labels = [(*variable.members, *variable.groups, ALL) for variable in categories]
    return tuple(
        cell
        for cell in product((scope,), *channels, (period,), *labels)
        # Of two categories together only the installation's year is shown.
        if sum(label != ALL for label in cell[family.depth :]) < 2 or (scope == ALL and period == YEAR)
    )


def _family(rnd: Random) -> Family:
    organisations = Variable("organisation", tuple("ABC"[: rnd.choice((1, 2, 2, 3))]), known=True)
    form = rnd.choice(("plain", "plain", "plain", "grouped", "channels", "several", "crossed"))
    kinds = tuple("pqrs"[: rnd.choice((2, 3, 3, 4))])
    if form == "channels":
        channel = Variable("channel", ("report", "tip"), known=True)
        return Family(form, (organisations, channel, PERIODS, Variable("kind", kinds[:3])))
    if form == "several":
        told = rnd.choice((Told.SOME, Told.ANY))
        return Family(form, (organisations, PERIODS, Variable("kind", kinds[:3], told=told)))
    if form == "crossed":
        few = Variable("organisation", organisations.members[:2], known=True)
        return Family(form, (few, PERIODS, Variable("kind", kinds[:3]), Variable("other", ("x", "y"))))
    groups = {"group": kinds[:2]} if form == "grouped" and len(kinds) > 2 else {}
    return Family(form, (organisations, PERIODS, Variable("kind", kinds, groups)))


def _atoms(family: Family) -> list[Atom]:
    return list(product(*(_coordinates(variable) for variable in family.variables)))


def _coordinates(variable: Variable) -> tuple[Coordinate, ...]:
    if variable.told is Told.ONE:
        return variable.members
    some = [frozenset(one) for one in product(*((member, "") for member in variable.members))]
    sets = dict.fromkeys(one - {""} for one in some)
    return tuple(one for one in sets if one or variable.told is Told.ANY)


def _count(rnd: Random, mean: int) -> int:
    return rnd.choice((0, 0, rnd.randint(0, mean), rnd.randint(0, 3 * mean)))
