"""Routing facts: what a source may pick, and that not knowing is an answer."""

import pytest

from tipportal.domain.errors import Invalid
from tipportal.domain.routing import Candidate, Drawn, RoutingFacts, SubjectRole, parse_facts

AREAS = frozenset({"bygglov", "inkop"})
PARTIES = frozenset({"unit:legal", "function:tips"})


def test_facts_are_taken_as_chosen() -> None:
    facts = parse_facts("inkop", "manager", ["unit:legal", "unit:legal"], areas=AREAS, parties=PARTIES)
    assert facts == RoutingFacts("inkop", SubjectRole.MANAGER, frozenset({"unit:legal"}))
    assert facts.as_json() == {"area": "inkop", "concerns": ["unit:legal"], "subject_role": "manager"}


@pytest.mark.parametrize("area", ["", "unknown"])
@pytest.mark.parametrize("role", ["", "unknown"])
@pytest.mark.parametrize("concerns", [[], ["unknown"], ["none"], ["none", "unknown"]])
def test_not_knowing_is_an_answer_and_always_the_same_one(area: str, role: str, concerns: list[str]) -> None:
    assert parse_facts(area, role, concerns, areas=AREAS, parties=PARTIES) == RoutingFacts(
        "", SubjectRole.UNKNOWN, frozenset()
    )


def test_whom_the_source_names_stays_out_although_nobody_is_also_chosen() -> None:
    facts = parse_facts("", "", ["none", "unit:legal"], areas=AREAS, parties=PARTIES)
    assert facts.concerns == {"unit:legal"}


@pytest.mark.parametrize(
    ("area", "role", "concerns", "field"),
    [
        ("vägar", "", [], "area"),
        ("none", "", [], "area"),
        ("", "boss", [], "subject_role"),
        ("", "Manager", [], "subject_role"),
        ("", "", ["unit:other"], "concerns"),
        ("", "", ["legal"], "concerns"),
        ("", "", ["unit:legal", "\ud800"], "concerns"),
    ],
)
def test_facts_that_were_not_offered_are_refused_by_field(
    area: str, role: str, concerns: list[str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_facts(area, role, concerns, areas=AREAS, parties=PARTIES)
    assert refused.value.field == field


def test_members_are_numbered_panel_first() -> None:
    one, two, three = (Candidate(each, "f", "u", "o", False, 1, b"", b"") for each in "abc")  # noqa: FBT003 - as stored
    drawn = Drawn(panel=(two, one), standby=(three,))
    assert drawn.members() == (("h1", "panel", two), ("h2", "panel", one), ("h3", "standby", three))
