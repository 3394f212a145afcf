"""Who is kept out by what: exclusion by line of command and declared conflict, on sets of handlers (04, Words).

A board is one register and one policy on one day, laid out so that a proof can ask about thousands of situations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tipportal.domain.organisations import OrganisationKind
from tipportal.domain.policies.policy import FUNCTION, ORGANISATION, UNIT, Policy
from tipportal.domain.policies.register import Firm, Register

from .staffing import FIRM_LEAST_NAMED


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person works: the unit, and the party that it belongs to. An external party counts as one unit."""

    unit: str
    party: str
    external: bool


class Board:
    """The handlers of a policy as bits, in the order of the register, and what excludes each of them.

    Handlers are members of a function with a designation that is active ``today`` and not paused by an absence, to
    whom something can be sealed; the elected and auditors never are. Sets of handlers are integers. ``away`` holds
    those who are absent today, for however short.
    """

    def __init__(self, policy: Policy, register: Register, today: date) -> None:
        self.register = register
        self.today = today
        self._units = {unit.id: unit for unit in register.units}
        self._unit = {person.id: person.unit for person in register.people}
        self._employer = {person.id: self._units[person.unit].organisation for person in register.people}
        self._party, self._parts = _trees({each.id: each.part_of for each in register.organisations})
        self._below = _trees({unit.id: unit.parent for unit in register.units})[1]
        self._external = {each.id for each in register.organisations if each.kind is OrganisationKind.EXTERNAL}
        serving = _serving(policy, register, today)
        self.handlers = tuple(person.id for person in register.people if any(person.id in s for s in serving.values()))
        self.bit = {person: 1 << number for number, person in enumerate(self.handlers)}
        self.everybody = (1 << len(self.handlers)) - 1
        self.members = {function: self._set(people) for function, people in serving.items()}
        self._listed = {function.id: function.members for function in policy.functions}
        self.parties = self._grouped(self._party[self._employer[person]] for person in self.handlers)
        counted = [self._counted_unit(person) for person in self.handlers]
        units = self._grouped(counted)
        self.unit_of = tuple(units[unit] for unit in counted)
        self._conflicts: dict[str, int] = defaultdict(int)
        for conflict in register.conflicts:
            for subject in conflict.subjects:
                self._conflicts[subject] |= self.bit.get(conflict.person, 0)
        self._line = self._lines_of_command()
        self.excluded_with = {person.id: self._with_person(person.id) for person in register.people}
        self.away = self._set(absence.person for absence in register.absences if absence.away(today))
        self._rank: dict[tuple[str, str], int] = {}
        for each in register.designations:
            if each.active(today):
                place = each.person, each.function
                # Of two decisions that overlap, the one by which the person is asked first counts.
                self._rank[place] = min(each.rank, self._rank.get(place, each.rank))
        self._firms = [(firm, self._set(firm.named_persons)) for firm in register.firms]

    def people(self, handlers: int) -> tuple[str, ...]:
        """The ids of a set of handlers."""
        return tuple(person for person, bit in self.bit.items() if handlers & bit)

    def place(self, person: str) -> Place:
        """Where a person works."""
        employer = self._employer[person]
        return Place(self._unit[person], self._party[employer], external=employer in self._external)

    def rank(self, person: str, function: str) -> int:
        """How early a handler is asked in a function: lower is earlier."""
        return self._rank[person, function]

    def parts(self, organisation: str) -> frozenset[str]:
        """An organisation and everything that is part of it, by ids."""
        return frozenset(self._parts[organisation])

    def party(self, organisation: str) -> str:
        """The party of an organisation: the whole that it is part of."""
        return self._party[organisation]

    def of_party(self, organisation: str) -> int:
        """All handlers of the party that an organisation belongs to."""
        return self.parties.get(self._party[organisation], 0)

    def parties_taken(self, handlers: int) -> int:
        """How many parties have all their handlers in this set."""
        return sum(not party & ~handlers for party in self.parties.values())

    def kept_out(self, organisation: str, area: str) -> int:
        """Those with a declared conflict with an organisation or an area."""
        return self._conflicts.get(f"{ORGANISATION}{organisation}", 0) | self._conflicts.get(f"area:{area}", 0)

    def excluded_by(self, concern: str) -> int:
        """Those whom a concerned ``unit:``, ``function:`` or ``organisation:`` keeps out.

        All people in it (in a unit: in those below it as well, and their heads), those above and below them in the
        line of command, and those with a declared conflict with any of it.
        """
        units, organisations, people = self._touched(concern)
        out = 0
        for person in people:
            # A policy may still list somebody who has left the register, whom nothing else knows.
            out |= self.excluded_with.get(person, 0)
        for subject in [*(f"{UNIT}{unit}" for unit in units), *(f"{ORGANISATION}{each}" for each in organisations)]:
            out |= self._conflicts.get(subject, 0)
        return out

    def everybody_kept_out(self, organisation: str, area: str, concerns: Iterable[str]) -> frozenset[str]:
        """As ``kept_out`` and ``excluded_by`` together, by ids: of all people in the register, not handlers alone."""
        found: set[str] = set()
        subjects = {f"{ORGANISATION}{organisation}", f"area:{area}"}
        for concern in concerns:
            units, organisations, people = self._touched(concern)
            found |= people.union(*(self._line.get(person, ()) for person in people))
            subjects |= {f"{UNIT}{unit}" for unit in units} | {f"{ORGANISATION}{each}" for each in organisations}
            subjects |= {f"person:{person}" for person in people}
        found |= {conflict.person for conflict in self.register.conflicts if not subjects.isdisjoint(conflict.subjects)}
        return frozenset(found)

    def alone(self, functions: Iterable[str], organisation: str, authority: str) -> tuple[int, ...]:
        """The firms that may be a whole panel here, each as the set of its handlers who may be on it (invariant 1)."""
        here = {self._party[organisation], self._party[authority]}
        asked = frozenset(functions)
        return tuple(
            named & self.members.get(firm.client, 0)
            for firm, named in self._firms
            if firm.client in asked and firm_may_stand_alone(firm) and not self._mandated(firm, here)
        )

    def _mandated(self, firm: Firm, parties: set[str]) -> bool:
        return any(self._party[each] in parties for each in firm.other_mandates)

    def _touched(self, concern: str) -> tuple[set[str], set[str], set[str]]:
        if concern.startswith(FUNCTION):
            return set(), set(), set(self._listed[concern.removeprefix(FUNCTION)])
        if concern.startswith(UNIT):
            start = concern.removeprefix(UNIT)
            units = self._below[start]
            organisations = {self._units[start].organisation}
        else:
            organisations = self._parts[concern.removeprefix(ORGANISATION)]
            units = {unit.id for unit in self.register.units if unit.organisation in organisations}
        people = {person.id for person in self.register.people if person.unit in units}
        heads = {head for unit in units if (head := self._units[unit].head) is not None}
        return units, organisations, people | heads

    def _lines_of_command(self) -> Mapping[str, set[str]]:
        line: dict[str, set[str]] = defaultdict(set)
        placed: dict[str, set[str]] = defaultdict(set)
        for person in self.register.people:
            placed[person.unit].add(person.id)
        for unit in self.register.units:
            if unit.head is not None:
                placed[unit.id].add(unit.head)
        for unit in self.register.units:
            if unit.head is None:
                continue
            for below in self._below[unit.id]:
                for subordinate in placed[below] - {unit.head}:
                    line[unit.head].add(subordinate)
                    line[subordinate].add(unit.head)
        return line

    def _with_person(self, person: str) -> int:
        return self._set([person, *self._line.get(person, ())]) | self._conflicts.get(f"person:{person}", 0)

    def _counted_unit(self, person: str) -> str:
        employer = self._employer[person]
        if employer in self._external:
            return f"{ORGANISATION}{self._party[employer]}"
        return f"{UNIT}{self._unit[person]}"

    def _grouped(self, keys: Iterable[str]) -> dict[str, int]:
        groups: dict[str, int] = defaultdict(int)
        for number, key in enumerate(keys):
            groups[key] |= 1 << number
        return groups

    def _set(self, people: Iterable[str]) -> int:
        out = 0
        for person in people:
            out |= self.bit.get(person, 0)
        return out


def firm_may_stand_alone(firm: Firm) -> bool:
    """Whether the contract names so many that the firm may be a whole panel, other conditions aside (invariant 1)."""
    return len(set(firm.named_persons)) >= FIRM_LEAST_NAMED


def _serving(policy: Policy, register: Register, today: date) -> dict[str, set[str]]:
    barred = {person.id for person in register.people if person.elected or person.auditor or not person.ready}
    paused = {absence.person for absence in register.absences if absence.pauses(today)}
    designated = {(each.person, each.function) for each in register.designations if each.active(today)}
    return {
        function.id: {p for p in function.members if (p, function.id) in designated and p not in barred | paused}
        for function in policy.functions
    }


def _trees(above: Mapping[str, str | None]) -> tuple[dict[str, str], dict[str, set[str]]]:
    """For each the root of its tree, and everything at and below it."""
    roots: dict[str, str] = {}
    below: dict[str, set[str]] = {each: set() for each in above}
    for each in above:
        at: str = each
        below[at].add(each)
        while (parent := above[at]) is not None:
            at = parent
            below[at].add(each)
        roots[each] = at
    return roots, below
