"""Statistics that are no counts: what they need behind them, and bands for values that would point at somebody."""

from __future__ import annotations

from collections.abc import Sequence

from .families import SMALL

LEAST_BASE = SMALL + 1


def has_base(cases: int) -> bool:
    """Whether a median may be told: a statistic of fewer than five cases would be about somebody."""
    return cases >= LEAST_BASE


def band(value: int, edges: Sequence[int]) -> tuple[int, int | None]:
    """The band that a value lies in: from the first number up to, not including, the second (None: and more).

    ``edges`` rise; the first is at most the value. The worst value of a period is told so, and shares of acts where
    fewer than five people share them. Raises ValueError for a value below all edges.
    """
    if not edges or value < edges[0]:
        raise ValueError(f"no band holds {value}")
    at = max(place for place, edge in enumerate(edges) if edge <= value)
    return edges[at], edges[at + 1] if at + 1 < len(edges) else None


def people(count: int) -> tuple[int, int | None]:
    """A number of people as it may be told: fewer than five in a band, others as they are."""
    return (0, LEAST_BASE) if count <= SMALL else (count, count + 1)
