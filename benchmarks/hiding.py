"""Hiding a year's publications of 50 organisations, and how many cells it hides against the optimum. In CPU seconds.

A year: the half-year's reports of the installation and of every organisation, then the year's, of a made-up log with
the cases of 50 organisations; what each publication of 51 reports may show is decided together, after all before it.
Give the number of entries of the log (300,000 hold about 9,000 cases in five years).

The optimum: on small tables the fewest cells that an attacker with linear programmes lets be hidden, found by trying
every choice; tables of one publication, since the best choice for a sequence depends on what comes after.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, islice, product
from random import Random

from benchmarks.bulk_log import bulk
from tests.domain.suppression.attacker import Known, ranges
from tipportal.domain.followup import building
from tipportal.domain.followup.facts import Folded
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, LogRange, ReportKind
from tipportal.domain.followup.requests import Request
from tipportal.domain.suppression.families import (
    ALL,
    SMALL,
    Asked,
    Atom,
    Cell,
    Family,
    FamilyCounts,
    Published,
    Variable,
)
from tipportal.domain.suppression.hiding import hide, hide_together
from tipportal.usecases.reporting.reading import Reader

ORGANISATIONS = 50
ENTRIES = 300_000
SMALL_TABLES = 60


def main(entries: int) -> None:
    """Print seconds for a year of publications, and a table of hidden cells."""
    folded = _folded(entries)
    print(f"{ORGANISATIONS} organisations, {entries:,} entries, {len(folded.cases):,} cases")
    year = _newest(folded) - 1
    earlier: list[Published] = []
    for kind, period in ((ReportKind.HALF_YEAR, Period(year, 1)), (ReportKind.ANNUAL, Period(year))):
        asked = [_request(folded, kind, period, scope) for scope in building.scopes_of(folded, period)]
        started = time.process_time()
        wishes = building.wishes(folded, asked)
        counted = time.process_time()
        plans = hide_together(wishes, earlier)
        hidden = time.process_time()
        cells = sum(
            len({cell for one in each.tables for cell in one.cells}) for wish in wishes for each in wish.families
        )
        shown = sum(len(some) for plan in plans for some in plan.counts.values())
        print(
            f"{period}: hiding {hidden - counted:.1f} s for {len(plans)} reports; "
            f"counting {counted - started:.1f} s; {cells} cells asked for, {shown} shown"
        )
        if earlier:
            started = time.process_time()
            hide_together(wishes)
            print(f"{period}: hiding {time.process_time() - started:.1f} s where no half-year was published before")
        earlier += [plan.published(f"{period} {number}") for number, plan in enumerate(plans)]
    _optimum()


def _folded(entries: int) -> Folded:
    reader, bodies = Reader(), bulk(entries, ORGANISATIONS)
    while some := list(islice(bodies, 5_000)):
        reader.take(range(reader.folded.size, reader.folded.size + len(some)), some)
    return reader.folded


def _newest(folded: Folded) -> int:
    if folded.as_of is None:
        raise ValueError(folded.size)
    return folded.as_of.year


def _request(folded: Folded, kind: ReportKind, period: Period, scope: str | None) -> Request:
    as_of = folded.as_of or period.last
    return Request(kind, period, scope, Audience.PUBLIC, as_of, LogRange("benchmark", folded.size, ""))


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
    main(int(sys.argv[1]) if sys.argv[1:] else ENTRIES)
