"""Which rule decides about a submission, and who can then be asked. Facts that nothing distinguishes are one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import AuthorityRow, Facts, Policy, Route
from tipportal.domain.riskareas import RISK_AREAS
from tipportal.domain.routing import UNKNOWN, SubjectRole

from .board import Board
from .staffing import Staffing

AREAS: tuple[str, ...] = (UNKNOWN, *(area.key for area in RISK_AREAS))


@dataclass(frozen=True, slots=True)
class Pool:
    """Who can be asked under a route: handlers of its functions and of the whole ladder, without declared conflicts.

    ``functions``: those of the route and the ladder that receive for this authority. ``passed_over``: those whom the
    route's ``excludes`` keep out (they are still in ``people``). ``internal``: handlers of the organisation's and of
    the receiving authority's own party. ``last``: everybody on the ladder's last rung. Routes with different words and
    the same people ask for one proof: they are equal.
    """

    route: Route = field(compare=False)
    functions: frozenset[str] = field(compare=False)
    people: int
    passed_over: int
    internal: int
    last: int
    staffing: Staffing


@dataclass(frozen=True, slots=True)
class FactClass:
    """Facts that no rule, row of authorities, conflict or party distinguishes: any one of ``facts`` stands for all."""

    channel: Channel
    organisations: tuple[str, ...]
    areas: tuple[str, ...]
    subject_roles: tuple[SubjectRole, ...]

    def facts(self) -> Facts:
        """The one that stands for them: with "vet inte" where that is among them."""
        return Facts(self.channel, self.organisations[0], self.areas[0], self.subject_roles[0])


class Chooser:
    """The rules of a policy, laid out so that finding the one that decides takes no walk through them."""

    def __init__(self, policy: Policy, board: Board) -> None:
        self.policy = policy
        self.board = board
        self._board = board
        whens = [rule.when for rule in policy.rules]
        self._channels = _Taken([when.channels for when in whens])
        self._organisations = _Taken([when.organisations for when in whens])
        self._areas = _Taken([when.areas for when in whens])
        self._roles = _Taken([when.subject_roles for when in whens])
        self._concerns = _Taken([when.concerns for when in whens])
        self._authority_of = {function.id: function.authority for function in policy.functions}
        self._excludes: dict[tuple[str, ...], int] = {}

    def deciding(self, facts: Facts) -> int | None:
        """The number (from 0) of the rule that decides, None when the channel's default does."""
        met = (
            self._channels.by(facts.channel)
            & self._organisations.by(facts.organisation)
            & self._areas.by(facts.area)
            & self._roles.by(facts.subject_role)
        )
        concerned = self._concerns.unasked
        for concern in facts.concerns:
            concerned |= self._concerns.by(concern)
        met &= concerned
        return (met & -met).bit_length() - 1 if met else None

    def authority(self, facts: Facts) -> str:
        """The receiving authority. Raises StopIteration for an organisation that the policy does not cover."""
        return next(row.authority for row in self.policy.authorities if _fits(row, facts))

    def route(self, deciding: int | None, channel: Channel) -> Route:
        """The route of a rule, or of the channel's default."""
        return self.policy.defaults[channel] if deciding is None else self.policy.rules[deciding].route

    def pool(self, facts: Facts, deciding: int | None) -> Pool:
        """Who can be asked under the rule that decides; whom the facts concern is not looked at here."""
        board, route, authority = self._board, self.route(deciding, facts.channel), self.authority(facts)
        ours = {id_ for id_, theirs in self._authority_of.items() if theirs == authority}
        ladder = {function for rung in self.policy.ladder for function in rung}
        functions = ours & {*route.to, *ladder}
        conflicts = board.kept_out(facts.organisation, facts.area)
        return Pool(
            route=route,
            functions=frozenset(functions),
            people=self._union(functions) & ~conflicts,
            passed_over=self.passed_over(route),
            internal=board.of_party(facts.organisation) | board.of_party(authority),
            last=self._union(ours & {*self.policy.ladder[-1]}),
            staffing=Staffing(
                route.panel_size, board.unit_of, board.alone(sorted(functions), facts.organisation, authority)
            ),
        )

    def passed_over(self, route: Route) -> int:
        """Those whom a route's ``excludes`` keep out."""
        if route.excludes not in self._excludes:
            out = 0
            for organisation in route.excludes:
                out |= self._board.excluded_by(f"organisation:{organisation}")
            self._excludes[route.excludes] = out
        return self._excludes[route.excludes]

    def eligible(self, facts: Facts) -> tuple[Pool, int]:
        """The pool of a submission and, of its people, those whom neither the route nor the facts keep out."""
        pool = self.pool(facts, self.deciding(facts))
        out = pool.passed_over
        for concern in facts.concerns:
            out |= self._board.excluded_by(concern)
        return pool, pool.people & ~out

    def classes(self) -> Iterator[FactClass]:
        """Every combination of channel, organisation, area and role, each class once."""
        rows, board = self.policy.authorities, self._board
        row_organisations = _Taken([row.organisations for row in rows])
        row_areas = _Taken([row.areas for row in rows])
        organisations = _classes(
            self.policy.organisations,
            lambda o: (self._organisations.by(o), row_organisations.by(o), board.kept_out(o, ""), board.party(o)),
        )
        areas = _classes(AREAS, lambda a: (self._areas.by(a), row_areas.by(a), board.kept_out("", a)))
        roles = _classes(tuple(SubjectRole), self._roles.by)
        for channel in sorted(self.policy.defaults):
            for some in organisations:
                for area in areas:
                    for role in roles:
                        yield FactClass(channel, some, area, role)

    def concerns_in_rules(self) -> frozenset[str]:
        """Every concerned party that some rule asks about."""
        return frozenset(concern for rule in self.policy.rules for concern in rule.when.concerns)

    def _union(self, functions: set[str]) -> int:
        out = 0
        for function in functions:
            out |= self._board.members[function]
        return out


class _Taken:
    """For one part of a condition: which rules take which value, as sets of rules."""

    def __init__(self, parts: Sequence[tuple[str, ...]]) -> None:
        self.unasked = 0
        self._asked: dict[str, int] = defaultdict(int)
        for number, part in enumerate(parts):
            if not part:
                self.unasked |= 1 << number
            for value in part:
                self._asked[value] |= 1 << number

    def by(self, value: str) -> int:
        return self.unasked | self._asked.get(value, 0)


def _fits(row: AuthorityRow, facts: Facts) -> bool:
    return (
        (not row.channels or facts.channel in row.channels)
        and (not row.organisations or facts.organisation in row.organisations)
        and (not row.areas or facts.area in row.areas)
    )


_T = TypeVar("_T", bound=str)


def _classes(values: Sequence[_T], told_apart_by: Callable[[_T], Hashable]) -> tuple[tuple[_T, ...], ...]:
    classes: dict[Hashable, list[_T]] = defaultdict(list)
    for value in values:
        classes[told_apart_by(value)].append(value)
    return tuple(map(tuple, classes.values()))
