"""The proof before activation (04): a policy holds for every combination of facts and any k people, or here is why not.

Concerned, absent and gone are all "out"; being concerned keeps out the line of command as well and so includes the
others. What is demanded where is the table in ``docs/policy.md``; ``demands.py`` is that table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tipportal.domain.policies.policy import FUNCTION, ORGANISATION, UNIT, Facts, Policy
from tipportal.domain.policies.register import Register

from .board import Board
from .choosing import Chooser, Pool
from .demands import Demand, Demands, Given
from .dependence import dependence
from .findings import Counterexample, Dependence, How, Missing, Outage, Proven, Refuted, Situation, WeakPlace
from .staffing import Staffing

MOST_SHOWN = 5
"""Counterexamples that are given: the shortest; mending one mends most of the others."""


def prove(policy: Policy, register: Register, k: int, today: date) -> Proven | Refuted:
    """Prove that a panel and standby exist whatever the facts and whichever ``k`` people are out, or refute it.

    ``policy`` and ``register`` are sound (``policies.reading`` reads no others), ``k`` is 1 or on request 2, ``today``
    is the Stockholm date by which designations and absences are judged.
    """
    board = Board(policy, register, today)
    return _Proof(policy, board, k).run()


@dataclass(slots=True)
class _Problem:
    """All facts that lead to the same pool, and the concerned parties that do."""

    pool: Pool
    facts: Facts
    concerns: dict[str | None, None] = field(default_factory=dict)


class _Proof:
    def __init__(self, policy: Policy, board: Board, k: int) -> None:
        self._policy = policy
        self._board = board
        self._k = k
        self._chooser = Chooser(policy, board)
        self._demands = Demands(board, k)
        register = board.register
        self._parties: dict[str, Given] = {}
        for concern in (
            *(f"{UNIT}{unit.id}" for unit in register.units),
            *(f"{FUNCTION}{function.id}" for function in policy.functions),
            *(f"{ORGANISATION}{organisation.id}" for organisation in register.organisations),
        ):
            out = board.excluded_by(concern)
            self._parties[concern] = Given(Outage(How.CONCERNED, concern), out, board.parties_taken(out))
        self._counterexamples: list[Counterexample] = []
        self._weak: dict[tuple[object, ...], WeakPlace] = {}
        self._firms: dict[tuple[object, ...], Situation] = {}
        self._turned_away: dict[tuple[object, ...], Situation] = {}

    def run(self) -> Proven | Refuted:
        figures = self._figures()
        for problem in self._problems():
            self._solve(problem)
        if self._counterexamples:
            return Refuted(self._k, self._shortest(), figures)
        return Proven(
            self._k,
            tuple(self._weak.values()),
            tuple(self._firms.values()),
            tuple(self._turned_away.values()),
            figures,
        )

    def _problems(self) -> Iterator[_Problem]:
        """The different pools that facts lead to, each once, with every concerned party under which they do."""
        in_rules = self._chooser.concerns_in_rules()
        elsewhere: dict[str | None, None] = dict.fromkeys([None, *(c for c in self._parties if c not in in_rules)])
        problems: dict[Pool, _Problem] = {}
        pools: dict[tuple[object, ...], Pool] = {}
        for some in self._chooser.classes():
            facts = some.facts()
            cases = [(facts, elsewhere)]
            cases += [(replace(facts, concerns=frozenset({c})), {c: None}) for c in sorted(in_rules)]
            for each, concerns in cases:
                deciding = self._chooser.deciding(each)
                key = (deciding, each.channel, each.organisation, each.area)
                if key not in pools:
                    pools[key] = self._chooser.pool(each, deciding)
                problem = problems.setdefault(pools[key], _Problem(pools[key], each))
                problem.concerns.update(concerns)
        yield from problems.values()

    def _solve(self, problem: _Problem) -> None:
        pool = problem.pool
        if not pool.last or pool.last & pool.internal:
            self._counterexamples.append(
                Counterexample(self._situation(problem, None, (), pool.last), Missing.OUTSIDE, 1)
            )
        top = self._demands.top(pool)
        inside = [concern for concern in problem.concerns if self._is_inside(pool, concern)]
        if top is not None and inside:
            self._judge(problem, inside[0], top)
        seen = set()
        for concern in problem.concerns:
            given = self._given(pool, concern)
            # Parties that keep out the same people, and as many parties, ask for the same proof.
            key = tuple((each.out & pool.people, each.parties) for each in given)
            if self._all_functions(concern):
                self._turn_away(problem, concern, given)
                continue
            if key in seen:
                continue
            seen.add(key)
            demands = self._demands.of(pool, given)
            if demands is None:
                self._turn_away(problem, concern, given)
                continue
            for demand in demands:
                self._judge(problem, concern, demand)

    def _is_inside(self, pool: Pool, concern: str | None) -> bool:
        """Whether what is concerned keeps out nobody from outside, so that the top is the facts' own top."""
        return concern is None or not self._parties[concern].out & ~pool.internal

    def _given(self, pool: Pool, concern: str | None) -> tuple[Given, ...]:
        given = []
        if pool.passed_over:
            what = ",".join(f"{ORGANISATION}{each}" for each in pool.route.excludes)
            parties = self._board.parties_taken(pool.passed_over)
            given.append(Given(Outage(How.PASSED_OVER, what), pool.passed_over, parties))
        if concern is not None:
            party = self._parties[concern]
            # A concern that takes away nobody else is no further thing that has happened.
            if party.out & pool.people & ~pool.passed_over:
                given.append(party)
        return tuple(given)

    def _all_functions(self, concern: str | None) -> bool:
        """Whether a concerned function leaves no function with a single member who isn't in it."""
        if concern is None or not concern.startswith(FUNCTION):
            return False
        members = self._board.members[concern.removeprefix(FUNCTION)]
        return not self._board.everybody & ~members

    def _judge(self, problem: _Problem, concern: str | None, demand: Demand) -> None:
        staffing, people = problem.pool.staffing, demand.people
        found = demand.more.shortest(staffing, people, demand.most, standby=demand.standby)
        if found is not None:
            self._refute(problem, concern, demand, found)
            return
        if staffing.alone:
            without = replace(staffing, alone=())
            relied = demand.more.shortest(without, people, demand.most, standby=False)
            if relied is not None:
                self._note(self._firms, problem, concern, demand, relied)
        if not demand.standby:
            self._note_weak(problem, concern, demand)

    def _refute(self, problem: _Problem, concern: str | None, demand: Demand, found: tuple[str, ...]) -> None:
        staffing, left = problem.pool.staffing, self._left(demand, found)
        missing = Missing.PANEL if not staffing.panel(left) else Missing.STANDBY
        situation = self._situation(problem, concern, self._outages(demand, found), left)
        to_add = _needed(staffing, left, standby=demand.standby)
        self._counterexamples.append(Counterexample(situation, missing, to_add))

    def _note_weak(self, problem: _Problem, concern: str | None, demand: Demand) -> None:
        staffing = problem.pool.staffing
        if not staffing.with_standby(demand.people):
            people: tuple[str, ...] = ()
        elif demand.most:
            people = tuple(demand.more.each(staffing, demand.people, standby=True))
            if not people:
                return
        else:
            return
        situation = self._situation(problem, concern, demand.outages, demand.people)
        self._weak.setdefault((demand.outages, people, demand.people), WeakPlace(situation, people))

    def _note(
        self,
        notes: dict[tuple[object, ...], Situation],
        problem: _Problem,
        concern: str | None,
        demand: Demand,
        found: tuple[str, ...],
    ) -> None:
        outages, left = self._outages(demand, found), self._left(demand, found)
        notes.setdefault((outages, left), self._situation(problem, concern, outages, left))

    def _turn_away(self, problem: _Problem, concern: str | None, given: tuple[Given, ...]) -> None:
        people = problem.pool.people
        for each in given:
            people &= ~each.out
        if not problem.pool.staffing.panel(people):
            outages = tuple(each.outage for each in given)
            self._turned_away.setdefault((outages, people), self._situation(problem, concern, outages, people))

    def _situation(self, problem: _Problem, concern: str | None, outages: tuple[Outage, ...], left: int) -> Situation:
        concerns = frozenset() if concern is None else frozenset({concern})
        facts = replace(problem.facts, concerns=concerns)
        return Situation(facts, problem.pool.route, outages, self._board.people(left))

    def _outages(self, demand: Demand, found: tuple[str, ...]) -> tuple[Outage, ...]:
        alone = self._board.bit
        return demand.outages + tuple(
            Outage(How.OUT if demand.more.taken_by[person] == alone.get(person) else How.CONCERNED, f"person:{person}")
            for person in found
        )

    def _left(self, demand: Demand, found: tuple[str, ...]) -> int:
        left = demand.people
        for person in found:
            left &= ~demand.more.taken_by[person]
        return left

    def _shortest(self) -> tuple[Counterexample, ...]:
        told: dict[tuple[object, ...], Counterexample] = {}
        for each in sorted(self._counterexamples, key=lambda each: len(each.situation.outages)):
            told.setdefault((each.situation.outages, each.missing, each.situation.left), each)
        fewest = min(len(each.situation.outages) for each in told.values())
        return tuple(each for each in told.values() if len(each.situation.outages) == fewest)[:MOST_SHOWN]

    def _figures(self) -> Mapping[str, Dependence]:
        return {function.id: dependence(self._policy, self._board, function) for function in self._policy.functions}


def _needed(staffing: Staffing, left: int, *, standby: bool) -> int:
    """How many more people, each from an unconcerned unit of their own, would be enough."""
    units = staffing.unit_of
    added = 0
    while not (staffing.with_standby(left) if standby else staffing.panel(left)):
        new = 1 << len(units)
        units = (*units, new)
        staffing = replace(staffing, unit_of=units)
        left |= new
        added += 1
    return added
