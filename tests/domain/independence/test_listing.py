"""The weak places that the log lists: all of them counted, nobody named, in bounded room."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.random_policies import TODAY, random_policy
from tipportal.domain.independence.findings import How, Outage, Proven, Refuted, Situation, WeakPlace
from tipportal.domain.independence.listing import MOST_LINES, MOST_NAMED, Lack, ListedPlace, Out, Party, places
from tipportal.domain.independence.proof import prove
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import Facts, Route
from tipportal.domain.policies.register import Register

SEEDS = st.integers(0, 2**32 - 1)
REGISTER = random_policy(1)[1]
UNIT, PERSON = REGISTER.units[0], REGISTER.people[0]
HOME = {unit.id: unit.organisation for unit in REGISTER.units}


def _weak(
    *outages: Outage, people: tuple[str, ...] = (), area: str = "unknown", to: tuple[str, ...] = ("main",)
) -> WeakPlace:
    facts = Facts(Channel.TIP, "own", area=area)
    return WeakPlace(Situation(facts, Route(to, "så"), outages, ("p9",)), people)


def _proven(*weak: WeakPlace) -> Proven:
    return Proven(1, weak, (), (), {})


def _weigh(found: Proven | Refuted, register: Register) -> int:
    listed = places(found, register)
    return sum(line.number for line in listed.lines) + sum(listed.rest.values())


@settings(derandomize=True, deadline=None, max_examples=120, database=None)
@given(SEEDS)
def test_every_place_is_counted_once_and_nobody_is_named(seed: int) -> None:
    policy, register = random_policy(seed)
    found = prove(policy, register, 1, TODAY)
    listed = places(found, register)
    written = json.dumps(listed.to_json())

    assert _weigh(found, register) == len(found.weak_places if isinstance(found, Proven) else found.counterexamples)
    assert len(listed.lines) <= MOST_LINES
    for line in listed.lines:
        assert {each.of for each in line.out} <= {
            "",
            *(one.id for one in register.organisations),
            *(one.id for one in policy.functions),
        }
    assert not any(f'"{person.id}"' in written or f":{person.id}" in written for person in register.people)
    assert all((line.what in {Lack.ONE_MORE, Lack.NO_STANDBY}) == isinstance(found, Proven) for line in listed.lines)


def test_unit_and_person_stand_as_their_organisation() -> None:
    weak = _weak(Outage(How.CONCERNED, f"unit:{UNIT.id}"), Outage(How.OUT, f"person:{PERSON.id}"), people=("a", "b"))

    (line,) = places(_proven(weak), REGISTER).lines

    assert line.out == (
        Out(How.CONCERNED, Party.UNIT, UNIT.organisation), Out(How.OUT, Party.PERSON, HOME[PERSON.unit]),
    )  # fmt: skip
    assert (line.what, line.people) == (Lack.ONE_MORE, 2)


def test_rule_that_passes_over_two_organisations_names_both() -> None:
    weak = _weak(Outage(How.PASSED_OVER, "organisation:own,organisation:next"), Outage(How.INTERNALS, ""))

    (line,) = places(_proven(weak), REGISTER).lines

    assert [str(each) for each in line.out] == [
        "passed_over:organisation:own", "passed_over:organisation:next", "internals:internals:",
    ]  # fmt: skip


def test_those_that_look_alike_are_one_and_the_worst_come_first() -> None:
    units = [Outage(How.CONCERNED, f"unit:{unit.id}") for unit in REGISTER.units if unit.organisation == "own"]
    found = places(
        _proven(
            *(_weak(one, people=("a", "b", "c")) for one in units),
            _weak(Outage(How.CONCERNED, "organisation:next"), people=("a",), area="inkop"),
            _weak(Outage(How.CONCERNED, "function:out")),
        ),
        REGISTER,
    )

    assert [(line.what, line.people, line.number) for line in found.lines] == [
        (Lack.NO_STANDBY, 0, 1), (Lack.ONE_MORE, 1, 1), (Lack.ONE_MORE, 3, len(units)),
    ]  # fmt: skip
    assert found.lines[1].area == "inkop"
    assert "area" not in found.lines[0].to_json()


@pytest.mark.parametrize("more", [1, 30])
def test_more_than_there_is_room_for_are_counted_by_kind(more: int) -> None:
    one = _weak(Outage(How.CONCERNED, "function:out"))
    many = [
        replace(one, situation=replace(one.situation, facts=Facts(Channel.TIP, f"o{number}")))
        for number in range(MOST_LINES + more)
    ]

    found = places(_proven(*many), REGISTER)

    assert (len(found.lines), found.rest) == (MOST_LINES, {"no_standby": more})


def test_a_line_has_bounded_room() -> None:
    wide = _weak(
        *(Outage(How.CONCERNED, f"function:f{number}") for number in range(50)), to=tuple(f"f{n}" for n in range(50))
    )

    (line,) = places(_proven(wide), REGISTER).lines

    assert (len(line.to), len(line.out)) == (MOST_NAMED, MOST_NAMED)
    assert isinstance(line, ListedPlace)
