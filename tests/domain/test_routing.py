"""The draw of a panel: the staffing table of the design, and what no draw may ever do."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.errors import Invalid, NoPanel
from tipportal.domain.routing import Candidate, Drawn, RoutingFacts, SubjectRole, draw, parse_facts, staffing_faults

QUIET = settings(derandomize=True, deadline=None, max_examples=150)
FUNCTION = "tips"
UNITS = ("legal", "control", "care", "north", "south", "firm", "bureau")
PARTY = {
    "legal": "ekby",
    "control": "ekby",
    "care": "ekby",
    "north": "neighbour",
    "south": "neighbour",
    "firm": "firm",
    "bureau": "firm",
}


def _candidate(account: str, unit: str, rank: int = 0, function: str = FUNCTION) -> Candidate:
    return Candidate(
        account_id=account,
        function_id=function,
        unit_id=unit,
        party=PARTY[unit],
        external=PARTY[unit] == "firm",
        rank=rank,
        recipient=account.encode(),
        verification_key=account.encode(),
    )


def _facts(*concerns: str) -> RoutingFacts:
    return RoutingFacts(area="", subject_role=SubjectRole.UNKNOWN, concerns=frozenset(concerns))


def _everyone(drawn: Drawn) -> list[Candidate]:
    return [*drawn.panel, *drawn.standby]


def _names(candidates: tuple[Candidate, ...]) -> list[str]:
    return [candidate.account_id for candidate in candidates]


def _counted_unit(candidate: Candidate) -> str:
    return candidate.party if candidate.external else candidate.unit_id


@st.composite
def _functions(draw_: st.DrawFn) -> list[Candidate]:
    """A function's candidates; now and then a person is designated for more than one unit."""
    places = draw_(
        st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from(UNITS), st.integers(0, 3)),
            max_size=9,
            unique_by=lambda p: p[:2],
        )
    )
    return [_candidate(f"person {person}", unit, rank) for person, unit, rank in places]


CONCERNS = st.frozensets(st.sampled_from([f"unit:{unit}" for unit in UNITS]), max_size=4).map(lambda c: _facts(*c))
SEEDS = st.binary(min_size=32, max_size=32)

# Smallest honest staffing of a municipality of 10,000 (04).
TABLE = (
    _candidate("own lawyer", "legal", 0),
    _candidate("own controller", "control", 0),
    _candidate("neighbour north", "north", 1),
    _candidate("neighbour south", "south", 1),
    _candidate("external lawyer", "firm", 2),
)


@QUIET
@given(SEEDS)
def test_the_smallest_honest_staffing_draws_one_own_and_one_neighbour(seed: bytes) -> None:
    drawn = draw(TABLE, _facts(), seed)
    own = {"own lawyer", "own controller"}
    neighbours = {"neighbour north", "neighbour south"}
    assert drawn.panel[0].account_id in own
    assert drawn.panel[1].account_id in neighbours
    assert [*_names(drawn.standby)] == [
        *(own - {drawn.panel[0].account_id}),
        *(neighbours - {drawn.panel[1].account_id}),
        "external lawyer",
    ]


def test_every_own_and_every_neighbour_is_drawn_in_the_long_run() -> None:
    pairs = {tuple(_names(draw(TABLE, _facts(), number.to_bytes(32)).panel)) for number in range(64)}
    assert pairs == {
        (own, neighbour)
        for own in ("own lawyer", "own controller")
        for neighbour in ("neighbour north", "neighbour south")
    }


@pytest.mark.parametrize(
    ("concerned", "panel"),
    [
        (("unit:legal",), {"own controller", "neighbour"}),
        (("unit:legal", "unit:control"), {"neighbour north", "neighbour south"}),
        (("unit:north", "unit:south"), {"own lawyer", "own controller"}),
        (("unit:legal", "unit:north", "unit:south"), {"own controller", "external lawyer"}),
        (("unit:firm",), {"own", "neighbour"}),
    ],
)
def test_whoever_is_concerned_makes_room_for_others(concerned: tuple[str, ...], panel: set[str]) -> None:
    drawn = draw(TABLE, _facts(*concerned), b"s" * 32)
    names = _names(drawn.panel)
    assert all(any(name.startswith(expected) for expected in panel) for name in names)
    assert all(any(name.startswith(expected) for name in names) for expected in panel)


@pytest.mark.parametrize(
    "concerned",
    [
        (f"function:{FUNCTION}",),
        tuple(f"unit:{unit}" for unit in UNITS),
        ("unit:legal", "unit:control", "unit:north", "unit:south"),
    ],
)
def test_a_case_that_concerns_everybody_is_turned_away_with_the_routes_that_remain(concerned: tuple[str, ...]) -> None:
    with pytest.raises(NoPanel) as refused:
        draw(TABLE, _facts(*concerned), b"s" * 32)
    assert "polisen" in refused.value.reason


@QUIET
@given(_functions(), CONCERNS, SEEDS)
def test_a_panel_is_two_people_from_two_units_or_there_is_none(
    candidates: list[Candidate], facts: RoutingFacts, seed: bytes
) -> None:
    touched = {c.account_id for c in candidates if f"unit:{c.unit_id}" in facts.concerns}
    free = [c for c in candidates if c.account_id not in touched]
    possible = any(a.account_id != b.account_id and _counted_unit(a) != _counted_unit(b) for a in free for b in free)
    if not possible:
        with pytest.raises(NoPanel):
            draw(candidates, facts, seed)
        return
    drawn = draw(candidates, facts, seed)
    first, second = drawn.panel
    assert first.account_id != second.account_id
    assert _counted_unit(first) != _counted_unit(second)
    assert first.verification_key != second.verification_key


@QUIET
@given(_functions(), CONCERNS, SEEDS)
def test_panel_and_standby_are_all_the_unconcerned_once_each_and_nobody_concerned(
    candidates: list[Candidate], facts: RoutingFacts, seed: bytes
) -> None:
    touched = {c.account_id for c in candidates if f"unit:{c.unit_id}" in facts.concerns}
    try:
        drawn = draw(candidates, facts, seed)
    except NoPanel:
        return
    names = [c.account_id for c in _everyone(drawn)]
    assert not touched & set(names)
    assert sorted(names) == sorted({c.account_id for c in candidates} - touched)
    assert all(c in candidates for c in _everyone(drawn))


@QUIET
@given(_functions(), CONCERNS, SEEDS)
def test_standby_stands_in_order_of_rank_each_by_their_first_designation(
    candidates: list[Candidate], facts: RoutingFacts, seed: bytes
) -> None:
    try:
        standby = draw(candidates, facts, seed).standby
    except NoPanel:
        return
    first = {c.account_id: min(other.rank for other in candidates if other.account_id == c.account_id) for c in standby}
    assert [c.rank for c in standby] == sorted(first.values())
    assert all(c.rank == first[c.account_id] for c in standby)


@QUIET
@given(_functions(), CONCERNS, SEEDS, st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_draw_in_whatever_order_the_candidates_come(
    candidates: list[Candidate],
    facts: RoutingFacts,
    seed: bytes,
    shuffler: Random,
) -> None:
    shuffled = list(candidates)
    shuffler.shuffle(shuffled)
    try:
        expected = draw(candidates, facts, seed)
    except NoPanel:
        with pytest.raises(NoPanel):
            draw(shuffled, facts, seed)
        return
    assert draw(shuffled, facts, seed) == expected


@QUIET
@given(_functions(), SEEDS)
def test_the_second_member_comes_from_another_organisation_if_one_can(candidates: list[Candidate], seed: bytes) -> None:
    try:
        first, second = draw(candidates, _facts(), seed).panel
    except NoPanel:
        return
    partners = [c for c in candidates if c.account_id != first.account_id and _counted_unit(c) != _counted_unit(first)]
    if any(c.party != first.party and not c.external for c in partners):
        assert second.party != first.party
        assert not second.external
    elif any(not c.external for c in partners):
        assert not second.external


@QUIET
@given(_functions(), CONCERNS, SEEDS, st.text(max_size=5), st.sampled_from(SubjectRole))
def test_nothing_but_who_is_concerned_moves_the_draw(
    candidates: list[Candidate], facts: RoutingFacts, seed: bytes, area: str, role: SubjectRole
) -> None:
    try:
        expected = draw(candidates, facts, seed)
    except NoPanel:
        return
    assert draw(candidates, replace(facts, area=area, subject_role=role), seed) == expected


@QUIET
@given(_functions(), CONCERNS, SEEDS, st.sampled_from(UNITS))
def test_naming_one_more_unit_never_brings_anybody_in(
    candidates: list[Candidate], facts: RoutingFacts, seed: bytes, unit: str
) -> None:
    try:
        after = draw(candidates, replace(facts, concerns=facts.concerns | {f"unit:{unit}"}), seed)
    except NoPanel:
        return
    assert {c.account_id for c in _everyone(after)} <= {c.account_id for c in _everyone(draw(candidates, facts, seed))}


def test_somebody_concerned_in_one_unit_is_out_of_all() -> None:
    candidates = [*TABLE, _candidate("own lawyer", "care")]
    drawn = draw(candidates, _facts("unit:care"), b"s" * 32)
    assert "own lawyer" not in [c.account_id for c in _everyone(drawn)]


def test_one_person_with_two_units_is_not_a_panel() -> None:
    with pytest.raises(NoPanel):
        draw([_candidate("a", "legal"), _candidate("a", "control")], _facts(), b"s" * 32)
    drawn = draw([_candidate("a", "legal"), _candidate("a", "control"), _candidate("b", "legal")], _facts(), b"s" * 32)
    assert {c.account_id: c.unit_id for c in drawn.panel} == {"a": "control", "b": "legal"}
    assert drawn.standby == ()


def test_an_external_party_is_one_unit_however_it_is_divided() -> None:
    firm = [_candidate("a", "firm"), _candidate("b", "bureau")]
    assert staffing_faults(firm)
    with pytest.raises(NoPanel):
        draw(firm, _facts(), b"s" * 32)


def test_members_are_numbered_panel_first() -> None:
    drawn = draw(TABLE, _facts(), b"s" * 32)
    members = drawn.members()
    assert [(member, role) for member, role, _ in members] == [
        ("h1", "panel"),
        ("h2", "panel"),
        ("h3", "standby"),
        ("h4", "standby"),
        ("h5", "standby"),
    ]
    assert tuple(candidate for _, _, candidate in members) == (*drawn.panel, *drawn.standby)


@pytest.mark.parametrize(
    ("staff", "faults"),
    [
        ((), 2),
        ((("a", "legal"),), 2),
        ((("a", "legal"), ("a", "control")), 1),
        ((("a", "legal"), ("b", "legal")), 1),
        ((("a", "legal"), ("b", "control")), 0),
        ((("a", "legal"), ("b", "firm")), 0),
    ],
)
def test_a_function_that_cannot_form_a_panel_is_told_why(staff: tuple[tuple[str, str], ...], faults: int) -> None:
    assert len(staffing_faults([_candidate(*place) for place in staff])) == faults


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
    assert parse_facts(area, role, concerns, areas=AREAS, parties=PARTIES) == _facts()


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
