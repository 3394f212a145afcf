"""Which sums of kronor a publication may show (06): at least five cases behind each, the largest at most 80 per cent.

Levels are shown all or none: a period for the organisations each, a period for the installation. What has been shown
of a level once counts as all of it. From shown periods others follow (a year less its first half), and from all
organisations the installation: every sum that follows must have enough behind it too. Overlapping periods whose
difference is no period (three years, and the next three) are not looked at beyond that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

from .families import ALL, SMALL, Cell, MoneyCounts

LARGEST_PERCENT = 80
"""The share of a sum that its largest amount may have."""

MOST_PERIODS = 12
"""Half-years whose every combination is looked at; more than that in one chain of periods shows nothing."""


def is_wide(amounts: Sequence[int]) -> bool:
    """Whether a sum of these amounts, one for each case, may be shown."""
    return len(amounts) > SMALL and 100 * max(amounts) <= LARGEST_PERCENT * sum(amounts)


def shown_sums(money: MoneyCounts, earlier: Sequence[Iterable[Cell]] = ()) -> frozenset[Cell]:
    """The cells asked for that may be shown, after those that earlier publications have shown."""
    levels = _Levels(money)
    shown = {levels.level(cell) for cells in earlier for cell in cells}
    found: set[Cell] = set()
    # The installation first, then shorter periods: each tells more than the next can.
    for cell in sorted(set(money.asked), key=lambda cell: (cell[0] != ALL, len(money.periods.under(cell[1])), cell)):
        level = levels.level(cell)
        if level in shown or levels.is_safe(shown | {level}):
            shown.add(level)
            found.add(cell)
    return frozenset(found)


class _Levels:
    """A level is the half-years that a sum is over, and whether it is told for each organisation."""

    def __init__(self, money: MoneyCounts) -> None:
        self._money = money
        self._wide: dict[tuple[bool, frozenset[str] | None], bool] = {}

    def level(self, cell: Cell) -> tuple[bool, frozenset[str]]:
        organisation, period = cell
        self._money.organisations.under(organisation)
        return organisation != ALL, self._money.periods.under(period)

    def is_safe(self, shown: Iterable[tuple[bool, frozenset[str]]]) -> bool:
        """Whether every sum that follows from these levels has enough behind it."""
        each = [periods for by_organisation, periods in shown if by_organisation]
        whole = [periods for by_organisation, periods in shown if not by_organisation] + each
        told = frozenset().union(*each)
        for halves in _following(whole):
            # The installation's half-year less an organisation's year bounds what the others have in that half.
            by_organisation = halves is not None and not told.isdisjoint(halves)
            if not self._is_wide((False, halves)) or (by_organisation and not self._is_wide((True, halves))):
                return False
        return True

    def _is_wide(self, key: tuple[bool, frozenset[str] | None]) -> bool:
        by_organisation, halves = key
        if halves is None:
            return False
        if key not in self._wide:
            organisations = sorted(self._money.organisations.members)
            groups = [[one] for one in organisations] if by_organisation else [organisations]
            self._wide[key] = all(self._is_wide_for(group, halves) for group in groups)
        return self._wide[key]

    def _is_wide_for(self, organisations: Sequence[str], halves: frozenset[str]) -> bool:
        keys = [(organisation, half) for organisation in organisations for half in halves]
        if not any(self._money.cases.get(key, 0) for key in keys):
            return True
        return is_wide([amount for key in keys for amount in self._money.amounts.get(key, ())])


def _following(periods: Iterable[frozenset[str]]) -> Iterable[frozenset[str] | None]:
    """Every set of half-years whose sum follows from those of the periods; None where there are too many to tell."""
    for chain in _chains(set(periods)):
        halves = sorted(frozenset().union(*chain))
        # Half-years that stand together in every period are one.
        parts: dict[tuple[bool, ...], set[str]] = {}
        for half in halves:
            parts.setdefault(tuple(half in period for period in chain), set()).add(half)
        if len(parts) > MOST_PERIODS:
            yield None
            continue
        basis = _basis([[Fraction(member[at]) for member in parts] for at in range(len(chain))])
        for size in range(1, len(parts) + 1):
            for some in combinations(range(len(parts)), size):
                if _is_spanned(basis, [Fraction(at in some) for at in range(len(parts))]):
                    members = list(parts.values())
                    yield frozenset().union(*(members[at] for at in some))


def _chains(periods: set[frozenset[str]]) -> list[list[frozenset[str]]]:
    """Periods that overlap each other, directly or by others."""
    chains: list[list[frozenset[str]]] = []
    for period in sorted(periods, key=sorted):
        near = [chain for chain in chains if any(period & other for other in chain)]
        chains = [chain for chain in chains if chain not in near]
        chains.append([period, *(other for chain in near for other in chain)])
    return chains


def _basis(rows: list[list[Fraction]]) -> list[tuple[int, list[Fraction]]]:
    basis: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        rest = _reduced(basis, row)
        pivot = next((at for at, value in enumerate(rest) if value), None)
        if pivot is not None:
            basis.append((pivot, [value / rest[pivot] for value in rest]))
    return basis


def _reduced(basis: list[tuple[int, list[Fraction]]], row: list[Fraction]) -> list[Fraction]:
    for pivot, base in basis:
        if row[pivot]:
            factor = row[pivot]
            row = [value - factor * other for value, other in zip(row, base, strict=True)]
    return row


def _is_spanned(basis: list[tuple[int, list[Fraction]]], row: list[Fraction]) -> bool:
    return not any(_reduced(basis, row))
