"""Hiding a year's publications of 50 organisations, and how many cells it hides against the optimum. In CPU seconds.

A year: every organisation's report and the installation's, one after another, each held against all before it and
against the half-year's reports of the summer. The optimum: on small tables the fewest cells that an attacker with
linear programmes lets be hidden, found by trying every choice; tables of one publication, since the best choice for a
sequence depends on what comes after.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from random import Random

from tests.domain.suppression.attacker import Known, ranges
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
)
from tipportal.domain.suppression.hiding import hide

ORGANISATIONS = tuple(f"org{number}" for number in range(50))
CHANNELS = ("report", "tip")
YEARS = range(2022, 2027)
HALVES = tuple(f"{year}-{half}" for year in YEARS for half in (1, 2))
SPANS = {str(year): (f"{year}-1", f"{year}-2") for year in YEARS} | {"2022..2026": HALVES}
KNOWN = (
    Variable("organisation", ORGANISATIONS, known=True),
    Variable("channel", CHANNELS, known=True),
    Variable("half_year", HALVES, SPANS, known=True),
)
PLAIN = {
    "origin": 4,
    "relation": 8,
    "named": 3,
    "reprisals": 3,
    "heard": 9,
    "dialogue": 3,
    "punctual": 6,
    "feedback": 6,
}
DATED = {"events": 20, "measures": 25, "recipients": 12, "results": 8}
SMALL_TABLES = 60


def main() -> None:
    """Print seconds for a year of publications, and a table of hidden cells."""
    families = list(_families(Random(6)))  # noqa: S311 - made-up counts
    cases = sum(sum(counts.values()) for _, counts in families[:1])
    print(f"{len(families)} families, {len(ORGANISATIONS)} organisations, {cases} cases in {len(YEARS)} years")
    earlier: list[Published] = []
    for period in ("2026-1", "2026"):
        started = time.process_time()
        shown, slowest = 0, 0.0
        for scope in (*ORGANISATIONS, ALL):
            begun = time.process_time()
            plan = hide([_report(family, counts, scope, period) for family, counts in families], earlier)
            slowest = max(slowest, time.process_time() - begun)
            earlier.append(plan.published(f"{scope} {period}"))
            shown += sum(len(cells) for cells in plan.counts.values())
        print(f"{period}: {time.process_time() - started:.1f} s for 51 reports, slowest {slowest:.2f} s; {shown} cells")
        started = time.process_time()
        once = [
            replace(
                counted,
                tables=tuple(
                    table for scope in (*ORGANISATIONS, ALL) for table in _report(family, counts, scope, period).tables
                ),
            )
            for family, counts in families
            for counted in [FamilyCounts(family, counts)]
        ]
        hide(once)
        print(f"{period}: {time.process_time() - started:.1f} s for all of them at once")
    _optimum()


def _families(rnd: Random) -> Iterator[tuple[Family, Counter[Atom]]]:
    places = [place for place in product(ORGANISATIONS, CHANNELS, HALVES) for _ in range(_cases(rnd, place))]
    for name, size in PLAIN.items():
        members = tuple(f"{name}{number}" for number in range(size))
        weights = [1 / (number + 1) for number in range(size)]
        kinds = rnd.choices(members, weights, k=len(places))
        yield (
            Family(name, (*KNOWN, Variable(name, members))),
            Counter((*at, kind) for at, kind in zip(places, kinds, strict=True)),
        )
    areas = tuple(f"area{number}" for number in range(47))
    standing = tuple(f"standing{number}" for number in range(24))
    groups = {"open": standing[:3], "aside": standing[3:14], "done": standing[14:]}
    course = (Variable("area", areas, told=Told.ANY), Variable("standing", standing, groups))
    weights = [1 / (number + 1) for number in range(len(areas))]
    counts: Counter[Atom] = Counter()
    for at in places:
        some = frozenset(rnd.choices(areas, weights, k=rnd.choice((0, 1, 1, 1, 2))))
        counts[*at, some, rnd.choices(standing, weights[:24])[0]] += 1
    yield Family("course", (*KNOWN, *course)), counts
    for name, size in DATED.items():
        keys = [f"{name}{number}" for number in range(size)]
        members = tuple(f"{key}@{half}" for key in keys for half in HALVES)
        spans = {
            f"{key}@{span}": tuple(f"{key}@{half}" for half in halves) for key in keys for span, halves in SPANS.items()
        }
        counts = Counter()
        for at in places:
            later = HALVES[HALVES.index(at[2]) :][:2]
            weights = [1 / (number + 1) for number in range(size)]
            happened: Coordinate = frozenset(
                f"{key}@{rnd.choice(later)}" for key in rnd.choices(keys, weights, k=rnd.choice((0, 1, 2)))
            )
            counts[*at, happened] += 1
        yield Family(name, (*KNOWN, Variable(name, members, spans, told=Told.ANY))), counts


def _cases(rnd: Random, place: tuple[str, ...]) -> int:
    size = 1 / (1 + ORGANISATIONS.index(place[0]) / 5)
    return round(rnd.uniform(0.6, 1.4) * size * (20 if place[1] == "report" else 60))


def _report(family: Family, counts: Counter[Atom], scope: str, period: str) -> FamilyCounts:
    asked = []
    spans = {"2026-1": ("2026-1", "2025-1"), "2026": ("2026-1", "2026-2", "2026", "2025")}[period]
    for channel in (*CHANNELS, ALL):
        if family.id in DATED:
            labels = [label for label in family.variables[3].members if label.endswith("@2026-1")]
            keys = [label.partition("@")[0] for label in labels]
            cells: list[Cell] = [(scope, channel, ALL, f"{key}@{span}") for key in keys for span in spans]
            several: list[Cell] = [(scope, channel, ALL, f"{key}@2022..2026") for key in keys]
        else:
            categories = family.variables[3:]
            singles = [
                tuple(label if at == place else ALL for at in range(len(categories)))
                for place, variable in enumerate(categories)
                for label in (*variable.members, *variable.groups)
            ]
            if len(categories) > 1 and scope == ALL:
                singles += list(product(categories[0].members, categories[1].groups))
            cells = [(scope, channel, span, *labels) for labels in singles for span in spans]
            several = [(scope, channel, "2022..2026", *labels) for labels in singles]
        asked.append(Asked(f"{family.id} {scope} {channel}", tuple(cells), (), (tuple(several),)))
    return FamilyCounts(family, counts, tuple(asked))


def _optimum() -> None:
    rows: Counter[str] = Counter()
    rnd = Random(6)  # noqa: S311 - made-up counts
    for _ in range(SMALL_TABLES):
        for name, family, cells in _small(rnd):
            counts: dict[Atom, int] = {
                atom: rnd.choice((0, rnd.randint(0, 6), rnd.randint(3, 20), rnd.randint(5, 40)))
                for atom in product(*(variable.members for variable in family.variables))
            }
            counted = FamilyCounts(family, counts, tuple(Asked(str(cell), (cell,)) for cell in cells))
            plan = hide([counted])
            small = sum(counted.value(cell) <= SMALL for cell in cells)
            ours = sum(not plan.shown(family.id, cell) for cell in cells)
            rows[f"{name} small"] += small
            rows[f"{name} ours"] += ours
            rows[f"{name} best"] += _best(counted, cells, ours)
            rows[f"{name} cells"] += len(cells)
    print(f"{'tables of':34}{'cells':>7}{'small':>7}{'hidden':>8}{'fewest':>8}")
    for name in dict.fromkeys(row.rpartition(" ")[0] for row in rows):
        columns = [rows[f"{name} {each}"] for each in ("cells", "small", "ours", "best")]
        print(f"{name:34}{columns[0]:7}{columns[1]:7}{columns[2]:8}{columns[3]:8}")


def _small(rnd: Random) -> Iterator[tuple[str, Family, list[Cell]]]:
    one = Variable("place", ("a",), known=True)
    two = Variable("place", ("a", "b"), known=True)
    halves = Variable("half", ("1", "2"), {"year": ("1", "2")}, known=True)
    kinds = Variable("kind", ("p", "q", "r", "s", "t")[: rnd.randint(3, 5)])
    yield "one breakdown", Family("f", (one, kinds)), [("a", kind) for kind in kinds.members]
    few = Variable("kind", ("p", "q", "r"))
    yield (
        "a year and its halves",
        Family("f", (halves, few)),
        list(product(("1", "2", "year"), few.members)),
    )
    yield (
        "two organisations and both",
        Family("f", (two, few)),
        list(product(("a", "b", ALL), few.members)),
    )
    other = Variable("other", ("x", "y", "z"))
    cells: list[Cell] = [*product(("a",), few.members, other.members)]
    margins: list[Cell] = [*product(("a",), few.members, (ALL,)), *product(("a",), (ALL,), other.members)]
    yield "two categories and their sums", Family("f", (one, few, other)), [*cells, *margins][:15]


def _best(counted: FamilyCounts, cells: list[Cell], ours: int) -> int:
    """The fewest cells to hide, by trying every choice of fewer than ours."""
    values = {cell: counted.value(cell) for cell in cells}
    depth = counted.family.depth
    totals: Counter[tuple[str, ...]] = Counter()
    for atom, count in counted.atoms.items():
        totals[tuple(map(str, atom[:depth]))] += count
    small = [cell for cell in cells if values[cell] <= SMALL]
    bounds = {cell: min(SMALL, counted.value((*cell[:depth], *[ALL] * (len(cell) - depth)))) for cell in small}
    large = [cell for cell in cells if values[cell] > SMALL]
    for more in range(ours - len(small)):
        choices = list(combinations(large, more))
        for start in range(0, len(choices), 40):
            attacks = [
                (Known(counted.family, totals, {cell: values[cell] for cell in large if cell not in hidden}), small)
                for hidden in choices[start : start + 40]
            ]
            for found in ranges(attacks):
                near = zip(small, found, strict=True)
                if all(one.low < 1e-6 and one.high > bounds[cell] - 1e-6 for cell, one in near):  # noqa: PLR2004
                    return len(small) + more
    return ours


if __name__ == "__main__":
    main()
