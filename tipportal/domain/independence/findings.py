"""What a proof finds: situations in which something is missing, and the two answers that it can give."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from tipportal.domain.policies.policy import Facts, Route


class How(enum.StrEnum):
    """In what way something keeps handlers out."""

    CONCERNED = "concerned"
    """A unit, a function, an organisation or a person is concerned, with its line of command."""
    PASSED_OVER = "passed_over"
    """The rule holds an organisation to be concerned."""
    OUT = "out"
    """A person is absent or gone."""
    INTERNALS = "internals"
    """Everybody of the organisation's and the receiving authority's own is out: the top."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One thing that keeps handlers out: ``what`` is a ``unit:``, ``function:``, ``organisation:`` or ``person:``."""

    how: How
    what: str


class Missing(enum.StrEnum):
    """What a situation lacks."""

    PANEL = "panel"
    STANDBY = "standby"
    OUTSIDE = "outside"
    """The last rung of the ladder isn't outside the organisation."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Facts that stand for all that lead to the same, the route, what is out, and who is left (ids)."""

    facts: Facts
    route: Route
    outages: tuple[Outage, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A situation that the policy doesn't stand, what it lacks, and how many more people would mend it.

    ``to_add``: how many handlers from units and parties that are not concerned would be enough.
    """

    situation: Situation
    missing: Missing
    to_add: int


@dataclass(frozen=True, slots=True)
class WeakPlace:
    """A party is concerned; when one of ``people`` is out as well (nobody more, if empty), there is no standby."""

    situation: Situation
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dependence:
    """The smallest number of people whose absence leaves a function without a panel of its own, and who they can be."""

    function: str
    people: tuple[str, ...]

    @property
    def figure(self) -> int:
        """Their number; 0 when the function cannot form a panel as it is."""
        return len(self.people)


@dataclass(frozen=True, slots=True)
class Proven:
    """The policy holds for any ``k`` people.

    ``weak_places``: where only a panel is left. ``firm_alone``: where one firm is the whole panel (invariant 1).
    ``turned_away``: facts that leave nobody to turn to, told to the source before the first free text.
    ``dependence`` is by function.
    """

    k: int
    weak_places: tuple[WeakPlace, ...]
    firm_alone: tuple[Situation, ...]
    turned_away: tuple[Situation, ...]
    dependence: Mapping[str, Dependence]


@dataclass(frozen=True, slots=True)
class Refuted:
    """The policy does not hold: the shortest counterexamples, those with the fewest things out first."""

    k: int
    counterexamples: tuple[Counterexample, ...]
    dependence: Mapping[str, Dependence]
