"""A second opinion on policies, written from the design's words and docs/policy.md, by trying everything.

It shares the values that describe a policy and a register with the program, and none of its code. Nothing is clever
here: sets of names, all situations one by one, all panels one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product
from typing import Protocol

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import Policy, Route, When
from tipportal.domain.policies.register import Firm, Register

People = frozenset[str]


class Holds(Protocol):
    """Whether what is left when some are out holds."""

    def __call__(self, out: People, *, standby: bool) -> bool: ...


@dataclass(frozen=True)
class Verdict:
    """Whether the policy holds, and otherwise with how few things out at once it fails; dependence by function."""

    holds: bool
    fewest: int
    dependence: dict[str, int]


@dataclass(frozen=True)
class Question:
    """One combination of facts."""

    channel: Channel
    organisation: str
    area: str
    role: str
    concern: str | None


class Oracle:
    """Knows one policy and register on one day."""

    def __init__(self, policy: Policy, register: Register, today: date) -> None:
        self.policy, self.register, self.today = policy, register, today
        self.home = {unit.id: unit.organisation for unit in register.units}
        self.works_in = {person.id: person.unit for person in register.people}
        self.part_of = {each.id: each.part_of for each in register.organisations}
        self.kind = {each.id: each.kind for each in register.organisations}
        self.parent = {unit.id: unit.parent for unit in register.units}
        self.functions = {function.id: function for function in policy.functions}
        self.serving = {function: self.serving_in(function) for function in self.functions}
        self.everybody = frozenset().union(*(self.members(function) for function in self.functions))
        self.people = sorted(self.works_in)
        self.panels: dict[object, bool] = {}
        self.answers: dict[object, list[int]] = {}
        self.taken: dict[People, int] = {}

    def members(self, function: str) -> People:
        return self.serving[function]

    def serving_in(self, function: str) -> People:
        """Who may act in a function today: by a decision in force, with keys, not long away, no elected, no auditor."""
        return frozenset(
            person.id
            for person in self.register.people
            if person.id in self.functions[function].members
            and person.ready
            and not person.elected
            and not person.auditor
            and any(
                each.person == person.id
                and each.function == function
                and each.valid_from <= self.today
                and (each.valid_to is None or each.valid_to >= self.today)
                for each in self.register.designations
            )
            and not any(
                each.person == person.id
                and each.first <= self.today
                and (each.last is None or (self.today <= each.last and (each.last - each.first).days >= 30))
                for each in self.register.absences
            )
        )

    def whole(self, organisation: str) -> str:
        """The party that an organisation belongs to."""
        while (above := self.part_of[organisation]) is not None:
            organisation = above
        return organisation

    def party(self, person: str) -> str:
        return self.whole(self.home[self.works_in[person]])

    def unit(self, person: str) -> str:
        """An external party is one unit."""
        organisation = self.home[self.works_in[person]]
        return f"party {self.whole(organisation)}" if self.kind[organisation] == "external" else self.works_in[person]

    def is_below(self, unit: str, top: str) -> bool:
        at: str | None = unit
        while at is not None and at != top:
            at = self.parent[at]
        return at == top

    def is_above(self, one: str, other: str) -> bool:
        """Whether one leads a unit in or under which the other works or leads."""
        if one == other:
            return False
        places = [self.works_in[other], *(unit.id for unit in self.register.units if unit.head == other)]
        return any(
            self.is_below(place, unit.id) for unit in self.register.units if unit.head == one for place in places
        )

    def declared(self, subjects: set[str]) -> People:
        return frozenset(each.person for each in self.register.conflicts if subjects & set(each.subjects))

    def excluded_with(self, person: str) -> People:
        """Anyone concerned, above or below in the line of command, or with a declared conflict with them."""
        line = {other for other in self.people if self.is_above(other, person) or self.is_above(person, other)}
        return (frozenset(line | {person}) | self.declared({f"person:{person}"})) & self.everybody

    def excluded_by(self, concern: str) -> People:
        kind, _, id_ = concern.partition(":")
        units: set[str] = set()
        organisations: set[str] = set()
        concerned: set[str] = set()
        if kind == "function":
            concerned |= set(self.functions[id_].members)
        elif kind == "unit":
            units = {unit for unit in self.home if self.is_below(unit, id_)}
            organisations = {self.home[id_]}
        else:
            for each in self.part_of:
                at: str | None = each
                while at is not None:
                    if at == id_:
                        organisations.add(each)
                    at = self.part_of[at]
            units = {unit for unit, home in self.home.items() if home in organisations}
        concerned |= {person for person, unit in self.works_in.items() if unit in units}
        concerned |= {unit.head for unit in self.register.units if unit.id in units and unit.head is not None}
        subjects = {f"unit:{unit}" for unit in units} | {f"organisation:{each}" for each in organisations}
        out = self.declared(subjects)
        for person in concerned:
            out |= self.excluded_with(person)
        return out & self.everybody

    def meets(self, when: When, question: Question) -> bool:
        return (
            (not when.channels or question.channel in when.channels)
            and (not when.organisations or question.organisation in when.organisations)
            and (not when.areas or question.area in when.areas)
            and (not when.subject_roles or question.role in when.subject_roles)
            and (not when.concerns or question.concern in when.concerns)
        )

    def route(self, question: Question) -> Route:
        for rule in self.policy.rules:
            if self.meets(rule.when, question):
                return rule.route
        return self.policy.defaults[question.channel]

    def authority(self, question: Question) -> str:
        for row in self.policy.authorities:
            if (
                (not row.channels or question.channel in row.channels)
                and (not row.organisations or question.organisation in row.organisations)
                and (not row.areas or question.area in row.areas)
            ):
                return row.authority
        raise AssertionError(question)

    def may_stand_alone(self, firm: Firm, functions: set[str], parties: set[str]) -> bool:
        """Three or more named persons, no other mandate for the municipality, and the function as its client."""
        return (
            len(set(firm.named_persons)) >= 3
            and firm.client in functions
            and not any(self.whole(each) in parties for each in firm.other_mandates)
        )

    def is_panel(self, panel: People, size: int, functions: set[str], parties: set[str]) -> bool:
        """Invariant 1."""
        if len(panel) < size:
            return False
        if len({self.unit(person) for person in panel}) >= 2:
            return True
        return any(
            self.may_stand_alone(firm, functions, parties)
            and panel <= set(firm.named_persons) & self.members(firm.client)
            for firm in self.register.firms
        )

    def has(self, people: People, size: int, functions: set[str], parties: set[str], *, standby: bool) -> bool:
        """Whether among these a panel can be chosen, with standby for whoever falls away from it if so asked."""
        key = (people, size, frozenset(functions), frozenset(parties), standby)
        if key not in self.panels:
            self.panels[key] = any(
                self.is_panel(panel, size, functions, parties)
                and (
                    not standby
                    or all(
                        any(
                            self.is_panel(panel - {gone} | {stepping_in}, size, functions, parties)
                            for stepping_in in people - panel
                        )
                        for gone in panel
                    )
                )
                for panel in map(frozenset, combinations(sorted(people), size))
            )
        return self.panels[key]

    def parties_taken(self, out: People) -> int:
        if out not in self.taken:
            parties = {self.party(person) for person in self.everybody}
            self.taken[out] = sum({p for p in self.everybody if self.party(p) == party} <= out for party in parties)
        return self.taken[out]

    def failures(self, k: int, areas: list[str], roles: list[str]) -> Iterator[int]:
        """For each situation that fails, how many things are out in it."""
        concerns = [
            None,
            *(f"unit:{unit}" for unit in self.home),
            *(f"function:{function}" for function in self.functions),
            *(f"organisation:{each}" for each in self.part_of),
        ]
        excluded_with = {person: self.excluded_with(person) for person in self.people}
        excluded_by = {concern: self.excluded_by(concern) for concern in concerns if concern is not None}
        for facts in product(self.policy.defaults, self.policy.organisations, areas, roles, concerns):
            yield from self.failures_of(Question(*facts), k, excluded_with, excluded_by)

    def failures_of(
        self, question: Question, k: int, excluded_with: dict[str, People], excluded_by: dict[str, People]
    ) -> Iterator[int]:
        route, authority = self.route(question), self.authority(question)
        ladder = {function for rung in self.policy.ladder for function in rung}
        functions = {f for f in {*route.to, *ladder} if self.functions[f].authority == authority}
        parties = {self.whole(question.organisation), self.whole(authority)}
        conflicted = self.declared({f"organisation:{question.organisation}", f"area:{question.area}"})
        pool = frozenset().union(*(self.members(f) for f in functions)) - conflicted

        def holds(out: People, *, standby: bool) -> bool:
            return self.has(pool - out, route.panel_size, functions, parties, standby=standby)

        internals = frozenset(person for person in self.everybody if self.party(person) in parties)
        last = [self.members(f) for f in self.policy.ladder[-1] if self.functions[f].authority == authority]
        if not any(last) or internals & frozenset().union(*last):
            yield 0
        given: list[People] = []
        passed_over = frozenset().union(*(excluded_by[f"organisation:{each}"] for each in route.excludes))
        if passed_over:
            given.append(passed_over)
        if question.concern is not None and excluded_by[question.concern] & pool - passed_over:
            given.append(excluded_by[question.concern])
        concerned = frozenset() if question.concern is None else excluded_by[question.concern]
        if not (passed_over | concerned) - internals:
            yield from (
                1 if not holds(internals, standby=False) else 2
                for out in [frozenset(), *(frozenset({person}) for person in pool - internals)]
                if not holds(internals | out, standby=False)
            )
        if question.concern is not None and question.concern.startswith("function:"):
            members = self.members(question.concern.removeprefix("function:"))
            if all(self.members(function) <= members for function in self.functions):
                return  # a report that concerns every function is turned away
        # The same people kept out of the same pool is the same question, whichever facts asked it.
        key = (pool, tuple(given), route.panel_size, frozenset(functions), frozenset(parties))
        if key not in self.answers:
            self.answers[key] = list(self.demanded(given, holds, k, excluded_with))
        yield from self.answers[key]

    def demanded(self, given: list[People], holds: Holds, k: int, excluded_with: dict[str, People]) -> Iterator[int]:
        """The table of docs/policy.md; a thing that happens is a fact or a person."""
        for count in range(k + 1):
            for persons in combinations(self.people, count):
                # Each of them absent, or concerned with their line of command.
                for ways in product([False, True], repeat=count):
                    steps = [
                        excluded_with[person] if concerned else frozenset({person})
                        for person, concerned in zip(persons, ways, strict=True)
                    ]
                    out = frozenset().union(*given, *steps)
                    standby = self.standby_demanded(given, steps, ways)
                    if standby is not None and not holds(out, standby=standby):
                        yield len(given) + count

    def standby_demanded(self, given: list[People], steps: list[People], ways: tuple[bool, ...]) -> bool | None:
        """True: panel and standby. False: a panel suffices. None: more than the design asks."""
        taken = [self.parties_taken(each) for each in given]
        taken += [self.parties_taken(step) if concerned else 0 for step, concerned in zip(steps, ways, strict=True)]
        whole = [count for count in taken if count]
        if not whole:
            return True
        if len(whole) > 1 or len(taken) > 2:
            return None
        if len(taken) == 1:
            return whole[0] == 1
        return False if whole[0] == 1 else None

    def verdict(self, k: int, areas: list[str], roles: list[str]) -> Verdict:
        """Try everything."""
        failures = list(self.failures(k, areas, roles))
        return Verdict(not failures, min(failures, default=0), {f: self.dependence(f) for f in self.functions})

    def dependence(self, function: str) -> int:
        routes = [*self.policy.defaults.values(), *(rule.route for rule in self.policy.rules)]
        size = max((route.panel_size for route in routes if function in route.to), default=2)
        members, authority = self.members(function), self.functions[function].authority
        for count in range(len(members) + 1):
            for away in combinations(sorted(members), count):
                left = members - frozenset(away)
                if not self.has(left, size, {function}, {self.whole(authority)}, standby=False):
                    return count
        raise AssertionError(function)
