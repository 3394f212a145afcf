"""The routing policy: which functions receive a case, by which rules, and where it goes when they cannot (04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tipportal.domain.organisations import Channel
from tipportal.domain.routing import UNKNOWN, SubjectRole

PANEL_SIZE = 2
"""The smallest panel, and the one that holds where nothing else is said (invariant 1)."""
UNIT, FUNCTION, ORGANISATION = "unit:", "function:", "organisation:"
"""How a concerned party is written: one of these and the party's id."""


@dataclass(frozen=True, slots=True)
class PolicyFunction:
    """A function of one receiving authority, with its members (ids of people) in the order in which they are asked."""

    id: str
    name: str
    authority: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """The routing facts of one submission: ``area`` and ``subject_role`` may be ``unknown``.

    ``concerns`` holds ``unit:<id>``, ``function:<id>`` and ``organisation:<id>``.
    """

    channel: Channel
    organisation: str
    area: str = UNKNOWN
    subject_role: SubjectRole = SubjectRole.UNKNOWN
    concerns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class When:
    """The condition of a rule: each part names the values that it takes; an empty part takes all."""

    channels: tuple[Channel, ...] = ()
    organisations: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    subject_roles: tuple[SubjectRole, ...] = ()
    concerns: tuple[str, ...] = ()

    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The five parts in a fixed order."""
        return (self.channels, self.organisations, self.areas, self.subject_roles, self.concerns)

    def covers(self, other: When) -> bool:
        """Whether whatever meets ``other`` meets this too."""
        return all(
            not mine or (theirs and set(theirs) <= set(mine))
            for mine, theirs in zip(self.parts(), other.parts(), strict=True)
        )


@dataclass(frozen=True, slots=True)
class Route:
    """Where cases go: the functions together, how many handlers are on the panel, and why.

    ``excludes``: organisations that the rule holds to be concerned as a whole, so that none of theirs takes part.
    """

    to: tuple[str, ...]
    because: str
    panel_size: int = PANEL_SIZE
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition and a route. The first rule whose condition is met decides."""

    when: When
    route: Route


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """Who is the receiving authority for some channels, organisations and areas; an empty part takes all."""

    authority: str
    channels: tuple[Channel, ...] = ()
    organisations: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy. ``ladder``: groups of functions that join, one at a time, where the route's own do not suffice.

    The last group lies outside the organisation (invariant 6). ``authorities``: the first row that fits decides.
    """

    organisations: tuple[str, ...]
    functions: tuple[PolicyFunction, ...]
    authorities: tuple[AuthorityRow, ...]
    defaults: Mapping[Channel, Route]
    ladder: tuple[tuple[str, ...], ...]
    rules: tuple[Rule, ...] = ()

    def receivers(self, channel: Channel) -> frozenset[str]:
        """Every function, by id, that can receive a case of the channel: by default, by a rule, or from the ladder."""
        ruled = [rule.route for rule in self.rules if not rule.when.channels or channel in rule.when.channels]
        routed = [function for route in (self.defaults[channel], *ruled) for function in route.to]
        return frozenset({*routed, *(function for group in self.ladder for function in group)})


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A policy with the number under which it is in force for all organisations that it covers."""

    version: int
    policy: Policy
