"""The draw against an oracle that shares no code with it; every rule taken away in turn must be noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest

from tests.support import draw_oracle
from tests.support.independence_oracle import Oracle
from tests.support.random_policies import AREAS, ROLES, TODAY, random_policy
from tipportal.domain.errors import NoPanel
from tipportal.domain.independence import board, choosing, drawing, staffing
from tipportal.domain.independence.board import Board
from tipportal.domain.independence.choosing import Chooser
from tipportal.domain.independence.drawing import Draw, Seat, Why, draw
from tipportal.domain.organisations import Channel, OrganisationKind
from tipportal.domain.policies.policy import Facts, Policy, Route
from tipportal.domain.policies.reading import read
from tipportal.domain.policies.register import Absence, DeclaredConflict, Firm, Register, RegisteredDesignation
from tipportal.domain.routing import SubjectRole

SAMPLES = 700
DAY = timedelta(days=1)
NOW = date(2026, 11, 22)
POLICY, REGISTER = read([("example", (Path(__file__).parents[3] / "docs" / "policy.example.toml").read_text())], NOW)


def _seed(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8)).digest()


@cache
def _samples() -> tuple[tuple[Oracle, Policy, Register, Facts, bytes], ...]:
    return tuple(_sample(number) for number in range(SAMPLES))


def _sample(number: int) -> tuple[Oracle, Policy, Register, Facts, bytes]:
    policy, register = random_policy(number)
    rnd = Random(number)  # noqa: S311 - made-up facts are no secret
    if rnd.random() < 0.3:
        # Away for a while, which no policy needs to be proven for.
        away = rnd.choice(register.people).id
        register = replace(register, absences=(*register.absences, Absence(away, TODAY - DAY, TODAY + DAY)))
    known = [
        *(f"unit:{unit.id}" for unit in register.units),
        *(f"function:{function.id}" for function in policy.functions),
        *(f"organisation:{each.id}" for each in register.organisations),
    ]
    facts = Facts(
        rnd.choice(list(Channel)),
        rnd.choice(policy.organisations),
        rnd.choice(AREAS),
        SubjectRole(rnd.choice(ROLES)),
        frozenset(rnd.sample(known, rnd.choice([0, 0, 1, 1, 2]))),
    )
    return Oracle(policy, register, TODAY), policy, register, facts, _seed(number)


def _drawn(policy: Policy, register: Register, facts: Facts, seed: bytes, today: date = TODAY) -> Draw | None:
    try:
        return draw(Chooser(policy, Board(policy, register, today)), facts, seed)
    except NoPanel:
        return None


def _faults(count: int) -> Iterator[tuple[int, str]]:
    for number, (oracle, policy, register, facts, seed) in enumerate(_samples()[:count]):
        yield from (
            (number, fault) for fault in draw_oracle.faults(oracle, facts, _drawn(policy, register, facts, seed))
        )


def test_whoever_is_drawn_is_what_the_design_asks_for_and_nobody_only_where_nobody_remains() -> None:
    assert list(_faults(SAMPLES)) == []
    drawn = [_drawn(*sample[1:]) for sample in _samples()]
    assert {each is None for each in drawn} == {True, False}
    assert {each.firm_alone for each in drawn if each} == {True, False}
    assert {each.rungs for each in drawn if each} == {0, 1}


def _nothing(*_: object) -> int:
    return 0


_mixed = staffing.Staffing.mixed
_eligible = choosing.Chooser.eligible
_pool = choosing.Chooser.pool
_serving = vars(board)["_serving"]


def _one_unit(self: staffing.Staffing, people: int, count: int, units: int) -> bool:
    return _mixed(self, people, count, units - 1)


def _any_function(self: Chooser, facts: Facts, deciding: int | None) -> choosing.Pool:
    pool = _pool(self, facts, deciding)
    functions = {*self.route(deciding, facts.channel).to, *(f for rung in self.policy.ladder for f in rung)}
    return replace(pool, functions=frozenset(functions), people=self._union(functions))


def _everybody(self: Chooser, facts: Facts) -> tuple[choosing.Pool, int]:
    pool = self.pool(facts, self.deciding(facts))
    return pool, pool.people


def _barred_too(policy: Policy, register: Register, today: date) -> object:
    people = tuple(replace(person, elected=False, auditor=False) for person in register.people)
    return _serving(policy, replace(register, people=people), today)


def _without_keys_too(policy: Policy, register: Register, today: date) -> object:
    people = tuple(replace(person, ready=True) for person in register.people)
    return _serving(policy, replace(register, people=people), today)


def _all_at_once(chooser: Chooser, pool: choosing.Pool) -> list[list[str]]:
    return [[function for level in LEVELS(chooser, pool) for function in level]]


LEVELS = vars(drawing)["_levels"]
MUTATIONS: dict[str, tuple[object, str, object]] = {
    "one unit is enough": (staffing.Staffing, "mixed", _one_unit),
    "an external party has several units": (Board, "_counted_unit", lambda self, person: self._unit[person]),
    "a panel need not become whole": (drawing, "_can_be_made_whole", lambda *_, **__: True),
    "a firm stands alone with two names": (board, "FIRM_LEAST_NAMED", 2),
    "a firm's other mandates do not matter": (Board, "_mandated", _nothing),
    "no firm may ever stand alone": (Board, "alone", lambda *_: ()),
    "whom the facts concern takes part": (choosing.Chooser, "eligible", _everybody),
    "what a rule excludes takes part": (choosing.Chooser, "passed_over", _nothing),
    "the line of command takes part": (Board, "_lines_of_command", lambda _: {}),
    "a conflict with an area or organisation does not matter": (Board, "kept_out", _nothing),
    "functions of another authority take part": (choosing.Chooser, "pool", _any_function),
    "the elected and auditors take part": (board, "_serving", _barred_too),
    "those without keys take part": (board, "_serving", _without_keys_too),
    "an expired designation counts": (RegisteredDesignation, "active", lambda *_: True),
    "a long absence does not pause": (Absence, "pauses", _nothing),
    "whoever is away is on the panel": (Absence, "away", _nothing),
    "the ladder joins at once": (drawing, "_levels", _all_at_once),
    "the ladder is not climbed": (drawing, "_levels", lambda chooser, pool: LEVELS(chooser, pool)[:1]),
    "rank does not matter": (Board, "rank", _nothing),
    "parties do not matter": (drawing, "_after", lambda seat, _: 2 * seat.place.external),
    "the external are as good as others": (drawing, "_after", lambda seat, parties: int(seat.place.party in parties)),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_rule_taken_away_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, replacement = MUTATIONS[name]
    _samples()
    monkeypatch.setattr(owner, attribute, replacement)
    assert next(_faults(SAMPLES), None) is not None


def _names(seats: tuple[Seat, ...]) -> list[str]:
    return [seat.person for seat in seats]


def _example(*concerns: str, seed: int = 0, register: Register = REGISTER, **facts: object) -> Draw | None:
    asked = replace(Facts(Channel.TIP, "bjorkvik", concerns=frozenset(concerns)), **facts)  # type: ignore[arg-type] # real fields
    return _drawn(POLICY, register, asked, _seed(seed), NOW)


def test_the_smallest_honest_staffing_draws_one_own_and_one_neighbour() -> None:
    pairs = set()
    for seed in range(64):
        drawn = _example(seed=seed)
        assert drawn is not None
        own, neighbour = _names(drawn.panel)
        pairs.add((own, neighbour))
        assert drawn.standby[-1].person == "sara"
        assert (drawn.rule, drawn.rungs, drawn.firm_alone) == (None, 0, False)
    assert pairs == {(own, neighbour) for own in ("anna", "johan") for neighbour in ("maria", "erik")}


def test_the_same_seed_gives_the_same_and_what_no_rule_asks_about_moves_nothing() -> None:
    assert len({_example(seed=1) for _ in range(5)}) == 1
    one, other = _example(seed=1), _example(seed=1, area="inkop")
    assert one is not None
    assert other is not None
    assert (one.panel, one.standby) == (other.panel, other.standby)


def test_nobody_who_was_kept_out_comes_in_when_one_more_is_concerned() -> None:
    for _, policy, register, facts, seed in _samples()[:150]:
        more = replace(facts, concerns=facts.concerns | {f"unit:{register.units[0].id}"})
        chooser = Chooser(policy, Board(policy, register, TODAY))
        if chooser.deciding(facts) != chooser.deciding(more):
            continue
        after, before = _drawn(policy, register, more, seed), _drawn(policy, register, facts, seed)
        if after is not None:
            assert before is not None
            assert {*_names(after.panel + after.standby)} <= {*_names(before.panel + before.standby)}


def test_everybody_concerned_is_turned_away_with_the_routes_that_remain() -> None:
    board_ = Board(POLICY, REGISTER, NOW)
    concerns = frozenset({f"function:{function.id}" for function in POLICY.functions})
    with pytest.raises(NoPanel) as refused:
        draw(Chooser(POLICY, board_), Facts(Channel.REPORT, "bjorkvik", concerns=concerns), _seed(0))
    assert "polisen" in refused.value.reason


def test_who_was_not_asked_stands_with_the_reason() -> None:
    register = replace(
        REGISTER,
        conflicts=(DeclaredConflict("sara", ("area:inkop",)),),
        people=tuple(replace(each, ready=each.id != "erik") for each in REGISTER.people),
        absences=(Absence("johan", NOW, NOW),),
    )
    drawn = _example("unit:kansli", area="inkop", register=register)
    assert drawn is None
    drawn = _example("unit:kansli", register=replace(register, absences=()))
    assert drawn is not None
    assert dict(drawn.passed_over) == {"anna": Why.CONCERNED, "erik": Why.NOT_SERVING}
    top = _example(subject_role=SubjectRole.SENIOR_POSITION)
    assert top is not None
    assert top.rule is not None
    assert set(_names(top.panel + top.standby)).isdisjoint({"anna", "johan"})


def test_away_for_a_day_stands_by_last() -> None:
    register = replace(REGISTER, absences=(Absence("johan", NOW - DAY, NOW),))
    for seed in range(8):
        drawn = _example(seed=seed, register=register)
        assert drawn is not None
        assert drawn.standby[-1] == replace(drawn.standby[-1], person="johan", away=True)
    back = _drawn(POLICY, register, Facts(Channel.TIP, "bjorkvik"), _seed(0), NOW + DAY)
    assert back is not None
    assert not any(seat.away for seat in back.panel + back.standby)


def test_a_firm_is_a_whole_panel_only_where_no_other_can_be_and_that_is_said() -> None:
    named = [person.id for person in REGISTER.people if person.id == "sara"]
    sara = next(person for person in REGISTER.people if person.id == "sara")
    three = [*named, "siv", "sten"]
    counsel = next(function for function in POLICY.functions if "sara" in function.members)
    held = next(each for each in REGISTER.designations if (each.person, each.function) == ("sara", counsel.id))
    employer = next(unit.organisation for unit in REGISTER.units if unit.id == sara.unit)
    register = replace(
        REGISTER,
        people=(*REGISTER.people, *(replace(sara, id=each, name=each) for each in three[1:])),
        designations=(*REGISTER.designations, *(replace(held, person=each) for each in three[1:])),
        firms=(Firm(employer, counsel.id, tuple(three)),),
    )
    policy = replace(
        POLICY,
        functions=tuple(replace(f, members=tuple(three)) if f is counsel else f for f in POLICY.functions),
        rules=(),
        ladder=((counsel.id,),),
        defaults=dict.fromkeys(Channel, Route((counsel.id,), "därför")),
    )
    kind = next(each.kind for each in REGISTER.organisations if each.id == employer)
    assert kind is OrganisationKind.EXTERNAL
    drawn = _drawn(policy, register, Facts(Channel.TIP, "bjorkvik"), _seed(0), NOW)
    assert drawn is not None
    assert drawn.firm_alone
    assert {*_names(drawn.panel + drawn.standby)} == {*three}
