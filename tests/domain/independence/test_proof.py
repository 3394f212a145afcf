"""The proof against an oracle that tries everything; every rule taken away in turn, which the oracle must notice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.independence_oracle import Oracle, Question, Verdict
from tests.support.random_policies import AREAS, ROLES, TODAY, random_policy
from tipportal.domain.independence import board, choosing, demands, proof, staffing
from tipportal.domain.independence.findings import Missing, Proven, Refuted, WeakPlace
from tipportal.domain.independence.proof import prove
from tipportal.domain.independence.words import Words
from tipportal.domain.policies.policy import Facts, Policy
from tipportal.domain.policies.register import Absence, Register, RegisteredDesignation

SEEDS = st.integers(0, 2**32 - 1)
SAMPLES = 250
PROOF = vars(proof)["_Proof"]


@dataclass(frozen=True)
class _Case:
    policy: Policy
    register: Register
    k: int
    verdict: Verdict


def _case(seed: int, k: int) -> _Case:
    policy, register = random_policy(seed)
    return _Case(policy, register, k, Oracle(policy, register, TODAY).verdict(k, AREAS, ROLES))


def _proved(case: _Case) -> Proven | Refuted:
    return prove(case.policy, case.register, case.k, TODAY)


def _agrees(case: _Case) -> bool:
    result, verdict = _proved(case), case.verdict
    fewest = len(result.counterexamples[0].situation.outages) if isinstance(result, Refuted) else 0
    figures = {function: found.figure for function, found in result.dependence.items()}
    return (isinstance(result, Proven), fewest, figures) == (verdict.holds, verdict.fewest, verdict.dependence)


@pytest.mark.parametrize("part", range(4))
def test_the_proof_agrees_with_an_oracle_that_tries_everything(part: int) -> None:
    @settings(derandomize=True, deadline=None, max_examples=SAMPLES, database=None)
    @given(SEEDS)
    def agree(seed: int) -> None:
        assert _agrees(_case(4 * seed + part, k=2 if part == 0 else 1))

    agree()


@settings(derandomize=True, deadline=None, max_examples=200, database=None)
@given(SEEDS)
def test_every_counterexample_and_every_weak_place_is_true(seed: int) -> None:
    policy, register = random_policy(seed)
    oracle, result, words = Oracle(policy, register, TODAY), prove(policy, register, 1, TODAY), Words(policy, register)
    situations = result.weak_places if isinstance(result, Proven) else result.counterexamples
    for found in situations:
        facts, route, left = found.situation.facts, found.situation.route, frozenset(found.situation.left)
        question = Question(
            facts.channel, facts.organisation, facts.area, facts.subject_role, next(iter(facts.concerns), None)
        )
        authority = oracle.authority(question)
        reached = {*route.to, *(function for rung in policy.ladder for function in rung)}
        functions = {function for function in reached if oracle.functions[function].authority == authority}
        parties = {oracle.whole(facts.organisation), oracle.whole(authority)}
        has = partial(oracle.has, size=route.panel_size, functions=functions, parties=parties)
        panel, standby = partial(has, standby=False), partial(has, standby=True)
        if isinstance(found, WeakPlace):
            assert words.weak_place(found)
            assert panel(left)
            assert found.people or not standby(left)
            for person in found.people:
                assert standby(left)
                assert not standby(left - oracle.excluded_with(person))
        else:
            assert all(str(sentence) for sentence in words.counterexample(found))
            assert found.missing is not Missing.PANEL or not panel(left)
            assert found.missing is not Missing.STANDBY or (panel(left) and not standby(left))
            assert found.to_add


@cache
def _samples() -> tuple[_Case, ...]:
    return tuple(_case(seed, k=1) for seed in range(600))


def _nothing(*_: object) -> int:
    return 0


def _without_with_person(self: board.Board, person: str) -> int:
    return self._set([person]) | self._conflicts.get(f"person:{person}", 0)


def _inner_with_person(self: board.Board, person: str) -> int:
    return self._set([person, *self._line.get(person, ())])


def _plain_unit(self: board.Board, person: str) -> str:
    return self._unit[person]


def _panel_only(self: staffing.Staffing, people: int) -> bool:
    return self.panel(people)


def _one_fewer(self: staffing.Staffing, people: int) -> bool:
    return self.mixed(people, self.size - 1, staffing.LEAST_UNITS) or self.firm(people)


_mixed = staffing.Staffing.mixed
_alone = board.Board.alone
_pool = choosing.Chooser.pool
_serving: Callable[..., dict[str, set[str]]] = vars(board)["_serving"]


def _one_unit(self: staffing.Staffing, people: int, count: int, units: int) -> bool:
    return _mixed(self, people, count, units - 1)


def _any_client(self: board.Board, _: object, organisation: str, authority: str) -> tuple[int, ...]:
    return _alone(self, self.members, organisation, authority)


def _route_alone(self: choosing.Chooser, facts: Facts, deciding: int | None) -> choosing.Pool:
    pool = _pool(self, facts, deciding)
    return replace(pool, people=pool.people & self._union({*pool.route.to}))


def _every_authority(self: choosing.Chooser, facts: Facts, deciding: int | None) -> choosing.Pool:
    pool = _pool(self, facts, deciding)
    ladder = {function for rung in self.policy.ladder for function in rung}
    conflicts = self._board.kept_out(facts.organisation, facts.area)
    return replace(pool, people=self._union({*pool.route.to, *ladder}) & ~conflicts)


def _barred_too(policy: Policy, register: Register, today: date) -> dict[str, set[str]]:
    people = tuple(replace(person, elected=False, auditor=False) for person in register.people)
    return _serving(policy, replace(register, people=people), today)


def _no_relief(self: demands.Demands, people: int, given: tuple[demands.Given, ...]) -> object:
    yield self._demand(given, people, 1, standby=True)


MUTATIONS: dict[str, tuple[object, str, object]] = {
    "one person is a panel": (staffing.Staffing, "panel", _one_fewer),
    "one unit is enough": (staffing.Staffing, "mixed", _one_unit),
    "an external party has several units": (board.Board, "_counted_unit", _plain_unit),
    "a firm stands alone with two names": (board, "FIRM_LEAST_NAMED", 2),
    "a firm's other mandates do not matter": (board.Board, "_mandated", _nothing),
    "a firm needs not have the function as its client": (board.Board, "alone", _any_client),
    "no firm may ever stand alone": (board.Board, "alone", lambda *_: ()),
    "the line of command is not kept out": (board.Board, "_with_person", _without_with_person),
    "a conflict with a person does not matter": (board.Board, "_with_person", _inner_with_person),
    "a conflict with an area or organisation does not matter": (board.Board, "kept_out", _nothing),
    "whom the facts concern is not kept out": (board.Board, "excluded_by", _nothing),
    "an expired designation counts": (RegisteredDesignation, "active", lambda *_: True),
    "a long absence does not pause": (Absence, "pauses", _nothing),
    "any absence pauses": (Absence, "pauses", lambda self, today: self.first <= today),
    "the elected and auditors are handlers": (board, "_serving", _barred_too),
    "functions of another authority take part": (choosing.Chooser, "pool", _every_authority),
    "standby is not needed": (staffing.Staffing, "with_standby", _panel_only),
    "no relief where a whole party is concerned": (demands.Demands, "_one_party", _no_relief),
    "the top is not looked at": (demands.Demands, "top", lambda *_: None),
    "the ladder may end inside": (board.Board, "of_party", _nothing),
    "the ladder is not climbed": (choosing.Chooser, "pool", _route_alone),
    "what a rule excludes takes part": (choosing.Chooser, "passed_over", _nothing),
    "a concerned function is always turned away": (PROOF, "_all_functions", lambda _, c: "function" in str(c)),
    "a report that concerns every function is no exception": (PROOF, "_all_functions", _nothing),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_rule_taken_away_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, replacement = MUTATIONS[name]
    assert all(_agrees(case) for case in _samples()[:20])
    monkeypatch.setattr(owner, attribute, replacement)
    assert any(not _agrees(case) for case in _samples())
