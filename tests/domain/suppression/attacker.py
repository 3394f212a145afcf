"""An attacker who knows the register's totals and all publications, and solves linear programmes. Not the hider's code.

A breakdown is given as plain labels: each case lies at a place (a tuple of members of known variables) and has a kind
(for each category a member, or a set of members). What is hidden is any number of cases at each place and kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import block_diag, csr_array, vstack

from tipportal.domain.suppression.families import Cell, Family, Told, Variable


@dataclass(frozen=True)
class Known:
    """What the attacker knows: how many cases each place has, and what has been published of which cell."""

    family: Family
    totals: Mapping[tuple[str, ...], int]
    published: Mapping[Cell, int]


@dataclass(frozen=True)
class Range:
    """What a cell can be, as far as the attacker can tell."""

    low: float
    high: float


def ranges(attacks: Sequence[tuple[Known, Sequence[Cell]]]) -> list[list[Range]]:
    """For each attack and each of its cells the least and the greatest it can be: one large linear programme."""
    equations, right, costs = [], [], []
    for known, cells in attacks:
        matrix, values, rows = _system(known, cells)
        for row in rows:
            for sign in (1, -1):
                equations.append(matrix)
                right.append(values)
                costs.append(sign * row)
    if not equations:
        return [[] for _ in attacks]
    cost = np.concatenate(costs)
    solved = linprog(cost, A_eq=block_diag(equations, "csr"), b_eq=np.concatenate(right), method="highs")
    assert solved.status == 0, solved.message
    found = iter(_parts(solved.x * cost, [len(one) for one in costs]))
    return [[Range(next(found), -next(found)) for _ in cells] for _, cells in attacks]


def impossible(attacks: Sequence[tuple[Known, Sequence[tuple[Cell, int]]]]) -> bool:
    """Whether some cell cannot have a given value in any table of whole numbers: one large integer programme."""
    equations, right = [], []
    for known, guesses in attacks:
        matrix, values, rows = _system(known, [cell for cell, _ in guesses])
        for row, (_, value) in zip(rows, guesses, strict=True):
            equations.append(vstack([matrix, csr_array(row.reshape(1, -1))]))
            right.append(np.append(values, value))
    if not equations:
        return False
    whole, wanted = block_diag(equations, "csr"), np.concatenate(right)
    count = whole.shape[1]
    solved = milp(
        np.zeros(count),
        constraints=LinearConstraint(whole, wanted, wanted),
        integrality=np.ones(count),
        bounds=Bounds(0, np.inf),
    )
    assert solved.status in (0, 2), solved.message
    return bool(solved.status == 2)


def _system(known: Known, cells: Sequence[Cell]) -> tuple[csr_array, np.ndarray, list[np.ndarray]]:
    """Equations and their right sides, and each cell as a row over the same unknowns."""
    family = known.family
    places = [place for place, count in known.totals.items() if count]
    depth = sum(variable.known for variable in family.variables)
    kinds = list(product(*(_options(variable) for variable in family.variables[depth:])))
    at = np.array(
        [[_within(family.variables[:depth], cell, place) for place in places] for cell in (*known.published, *cells)]
    )
    of = np.array(
        [
            [_within(family.variables[depth:], cell[depth:], kind) for kind in kinds]
            for cell in (*known.published, *cells)
        ]
    )
    shape = (len(known.published) + len(cells), len(places), 1)
    rows = (at.reshape(shape) * of.reshape(len(of), 1, len(kinds))).reshape(len(of), -1).astype(float)
    registers = np.kron(np.eye(len(places)), np.ones(len(kinds)))
    matrix = csr_array(np.vstack([registers, rows[: len(known.published)]]))
    right = np.array([*(known.totals[place] for place in places), *known.published.values()], float)
    return matrix, right, list(rows[len(known.published) :])


def _options(variable: Variable) -> list[frozenset[str]]:
    """What a case can be in a variable."""
    if variable.told is Told.ONE:
        return [frozenset((member,)) for member in variable.members]
    sizes = range(0 if variable.told is Told.ANY else 1, len(variable.members) + 1)
    return [frozenset(some) for some in chain.from_iterable(combinations(variable.members, size) for size in sizes)]


def _within(variables: Sequence[Variable], labels: Sequence[str], coordinates: Sequence[str | frozenset[str]]) -> bool:
    for variable, label, at in zip(variables, labels, coordinates, strict=False):
        members = {at} if isinstance(at, str) else at
        covered = variable.members if label == "*" else variable.groups.get(label, (label,))
        if label != "*" and not members & set(covered):
            return False
    return True


def _parts(values: np.ndarray, lengths: Sequence[int]) -> list[float]:
    ends = np.cumsum(lengths)
    return [float(part.sum()) for part in np.split(values, ends[:-1])]
