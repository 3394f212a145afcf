"""The smallest honest staffing of the design: what it stands, where it is weak, and what each rule takes away."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tipportal.domain.independence.board import Board
from tipportal.domain.independence.choosing import AREAS, Chooser
from tipportal.domain.independence.findings import How, Missing, Proven, Refuted
from tipportal.domain.independence.proof import prove
from tipportal.domain.independence.words import ROLES, Words
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import Facts, Policy, Route, Rule, When
from tipportal.domain.policies.reading import read
from tipportal.domain.policies.register import Absence, DeclaredConflict, Register
from tipportal.domain.routing import SubjectRole

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
POLICY, REGISTER = read([("example", (Path(__file__).parents[3] / "docs" / "policy.example.toml").read_text())], TODAY)


def _eligible(facts: Facts, policy: Policy = POLICY, register: Register = REGISTER) -> set[str]:
    board = Board(policy, register, TODAY)
    return set(board.people(Chooser(policy, board).eligible(facts)[1]))


def _facts(*concerns: str, role: SubjectRole = SubjectRole.UNKNOWN, area: str = "unknown") -> Facts:
    return Facts(Channel.TIP, "bjorkvik", area, role, frozenset(concerns))


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        (_facts(), {"anna", "johan", "maria", "erik", "sara"}),
        (_facts("unit:kansli"), {"johan", "maria", "erik", "sara"}),
        (_facts("unit:kansli", "unit:advokat"), {"johan", "maria", "erik"}),
        (_facts("unit:ledning"), {"maria", "erik", "sara"}),
        (_facts("organisation:alvnas"), {"anna", "johan", "sara"}),
        (_facts("function:externt-ombud"), {"anna", "johan"}),
        (_facts("function:visselblasarfunktion"), set()),
        (_facts(role=SubjectRole.SENIOR_POSITION), {"maria", "erik", "sara"}),
    ],
)
def test_whom_the_facts_concern_is_out_with_the_line_of_command(facts: Facts, left: set[str]) -> None:
    assert _eligible(facts) == left


@pytest.mark.parametrize(
    ("subject", "facts"),
    [
        ("area:inkop", _facts(area="inkop")),
        ("organisation:bjorkvik", _facts()),
        ("organisation:alvnas", _facts("unit:kansli-alvnas")),
        ("unit:kansli", _facts("unit:ledning")),
    ],
)
def test_a_declared_conflict_keeps_out(subject: str, facts: Facts) -> None:
    register = replace(REGISTER, conflicts=(DeclaredConflict("sara", (subject,)),))
    assert _eligible(facts) - _eligible(facts, register=register) == {"sara"}


def test_who_is_concerned_keeps_out_who_declared_a_conflict_with_them() -> None:
    board = Board(POLICY, replace(REGISTER, conflicts=(DeclaredConflict("sara", ("person:anna",)),)), TODAY)
    assert board.people(board.excluded_with["anna"]) == ("anna", "sara")
    assert set(board.people(board.excluded_with["direktor"])) == {"anna", "johan"}


def test_the_smallest_honest_staffing_stands_any_one_but_not_any_two() -> None:
    result = prove(POLICY, REGISTER, 1, TODAY)
    assert isinstance(result, Proven)
    assert {weak.situation.outages[0].how for weak in result.weak_places} >= {How.INTERNALS, How.PASSED_OVER}
    assert not result.firm_alone
    assert {each.outages[-1].what for each in result.turned_away} >= {"function:visselblasarfunktion"}
    assert {name: found.figure for name, found in result.dependence.items()} == {
        "visselblasarfunktion": 4,
        "externt-ombud": 2,
    }
    pairs = prove(POLICY, REGISTER, 2, TODAY)
    assert isinstance(pairs, Refuted)
    assert pairs.counterexamples[0].missing is Missing.STANDBY


@pytest.mark.parametrize("gone", ["anna", "johan", "maria", "erik"])
def test_without_any_one_of_them_it_holds_no_longer_and_says_what_to_add(gone: str) -> None:
    register = replace(REGISTER, designations=tuple(each for each in REGISTER.designations if each.person != gone))
    result = prove(POLICY, register, 1, TODAY)
    assert isinstance(result, Refuted)
    words = Words(POLICY, register)
    for found in result.counterexamples:
        text = " ".join(str(sentence) for sentence in words.counterexample(found))
        assert "Lägg till 1 i " in text
        assert "%" not in text


@pytest.mark.parametrize(("days", "holds"), [(29, True), (30, False), (None, False)])
def test_an_absence_of_more_than_thirty_days_pauses_a_designation(days: int | None, *, holds: bool) -> None:
    last = None if days is None else TODAY + days * DAY
    register = replace(REGISTER, absences=(Absence("anna", TODAY, last),))
    assert isinstance(prove(POLICY, register, 1, TODAY), Proven) == holds
    assert isinstance(prove(POLICY, register, 1, TODAY - DAY), Proven)


def test_a_ladder_that_ends_inside_is_refuted() -> None:
    result = prove(replace(POLICY, ladder=(("externt-ombud",), ("visselblasarfunktion",))), REGISTER, 1, TODAY)
    assert isinstance(result, Refuted)
    assert result.counterexamples[0].missing is Missing.OUTSIDE
    assert "Stegen slutar inte utanför" in " ".join(
        map(str, Words(POLICY, REGISTER).counterexample(result.counterexamples[0]))
    )


def test_the_first_rule_that_fits_decides_and_facts_without_a_difference_are_one() -> None:
    rules = (
        Rule(When(areas=("inkop",), concerns=("unit:kansli",)), Route(("externt-ombud",), "a")),
        Rule(When(areas=("inkop", "bygglov")), Route(("externt-ombud",), "b")),
        Rule(When(channels=(Channel.REPORT,)), Route(("externt-ombud",), "c")),
    )
    policy = replace(POLICY, rules=rules)
    chooser = Chooser(policy, Board(policy, REGISTER, TODAY))
    assert chooser.deciding(_facts("unit:kansli", area="inkop")) == 0
    assert chooser.deciding(_facts("unit:ekonomi", area="inkop")) == 1
    assert chooser.deciding(_facts("unit:kansli", area="bygglov")) == 1
    assert chooser.deciding(_facts("unit:kansli")) is None
    assert chooser.deciding(replace(_facts(), channel=Channel.REPORT)) == 2
    classes = list(chooser.classes())
    assert len(classes) == 2 * 3
    assert sorted(area for each in classes[:3] for area in each.areas) == sorted(AREAS)


def test_every_role_but_the_unknown_has_words() -> None:
    assert set(ROLES) == set(SubjectRole) - {SubjectRole.UNKNOWN}
