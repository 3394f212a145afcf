"""What is hidden, attacked by somebody who knows all that is public; and hiding with a rule taken away, which falls."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.suppression.attacker import Known, Range, impossible, ranges
from tests.domain.suppression.histories import FIRST, PERIODS, SECOND, YEAR, History, history, publish
from tipportal.domain.suppression import closure, deciding, hiding, protecting
from tipportal.domain.suppression.families import ALL, SMALL, Atom, Cell, Family, FamilyCounts, Told, Variable

HISTORIES = int(os.environ.get("TIPPORTAL_TEST_HISTORIES", "400"))
"""Sequences of publications, each of several tables: more of them on request."""
WHOLE_NUMBERS = 50
AT_ONCE = 60
CLOSE = 1e-6


@cache
def _histories() -> tuple[History, ...]:
    return tuple(history(seed) for seed in range(HISTORIES))


def _narrowed(histories: Sequence[History]) -> list[tuple[History, Cell, Range]]:
    """Cells of 0 to 4 that the attacker can tell more of than that they are 0 to 4."""
    found = []
    for start in range(0, len(histories), AT_ONCE):
        some = histories[start : start + AT_ONCE]
        known = [(one.known(), one.small()) for one in some]
        told = ranges([(public, [cell for cell, _ in small]) for public, small in known])
        for one, (_, small), each in zip(some, known, told, strict=True):
            for (cell, most), span in zip(small, each, strict=True):
                if span.low > CLOSE or span.high < most - CLOSE:
                    found.append((one, cell, span))
    return found


def test_nobody_narrows_a_small_figure_by_linear_programmes() -> None:
    histories = _histories()
    assert _narrowed(histories) == []
    # The histories say something: many cells stand, many are hidden though they are large, all forms occur.
    assert {one.family.id for one in histories} == {"plain", "grouped", "channels", "several", "crossed"}
    shown = [cell for one in histories for publication in one.published for cell in publication.counts[one.family.id]]
    assert len(shown) > 5 * HISTORIES
    assert sum(len(one.reports) for one in histories) > 4 * HISTORIES


def test_nobody_narrows_a_small_figure_by_whole_numbers() -> None:
    """Not the ends alone: each number between them stands in a table of whole cases that agrees with all told."""
    histories = _histories()[:WHOLE_NUMBERS]
    for start in range(0, len(histories), 10):
        some = histories[start : start + 10]
        guesses = [[(cell, value) for cell, most in one.small() for value in range(most + 1)] for one in some]
        assert not impossible([(one.known(), each) for one, each in zip(some, guesses, strict=True)])


def test_what_is_shown_is_true_and_never_small() -> None:
    for one in _histories()[::4]:
        counted = FamilyCounts(one.family, one.counts)
        width, depth = len(one.family.variables), one.family.depth
        for cell, count in one.known().published.items():
            total = counted.value((*cell[:depth], *[ALL] * (width - depth)))
            assert count == counted.value(cell)
            assert count > SMALL or not total or cell[depth:] == (ALL,) * (width - depth)


@given(
    st.integers(1, 3).flatmap(
        lambda organisations: st.tuples(
            st.just(organisations),
            st.lists(st.integers(0, 14), min_size=organisations * 6, max_size=organisations * 6),
            st.permutations([(of, when) for of in ("A", "B", "C", ALL) for when in (FIRST, SECOND, YEAR)]),
            st.integers(1, 8),
        )
    )
)
@settings(max_examples=80, deadline=None)
def test_whatever_the_counts_and_the_order(drawn: tuple[int, list[int], list[tuple[str, str]], int]) -> None:
    number, values, order, length = drawn
    members = tuple("ABC"[:number])
    family = Family("f", (Variable("organisation", members, known=True), PERIODS, Variable("kind", ("p", "q", "r"))))
    atoms: list[Atom] = [(of, when, kind) for of in members for when in (FIRST, SECOND) for kind in ("p", "q", "r")]
    reports = [report for report in order if report[0] in (*members, ALL)][:length]
    counts: Counter[Atom] = Counter(dict(zip(atoms, values, strict=True)))
    assert _narrowed([publish(family, counts, reports, whole=False)]) == []


_Deciding = deciding.Deciding
_reach = protecting.__dict__["_reach"]


def _nothing(*_: object) -> None:
    """Hide small cells alone."""


def _first_time(counts: FamilyCounts, _: object) -> deciding.Deciding:
    return _Deciding(counts, [])


def _downwards_alone(round_: object, spot: object, value: int, goal: int) -> bool:
    return goal > value or bool(_reach(round_, spot, value, goal))


def _upwards_alone(round_: object, spot: object, value: int, goal: int) -> bool:
    return goal < value or bool(_reach(round_, spot, value, goal))


def _not_near(*_: object) -> list[object]:
    return []


@pytest.mark.parametrize(
    ("where", "name", "instead"),
    [
        pytest.param(deciding, "protect", _nothing, id="no complementary hiding"),
        pytest.param(hiding, "Deciding", _first_time, id="earlier publications ignored"),
        pytest.param(protecting, "_reach", _downwards_alone, id="nothing told apart from what could be larger"),
        pytest.param(protecting, "_reach", _upwards_alone, id="nothing told apart from what could be nothing"),
        pytest.param(closure.Closure, "near", _not_near, id="only the cells that are asked for"),
    ],
)
def test_the_attacker_notices_a_rule_taken_away(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, instead: object
) -> None:
    monkeypatch.setattr(where, name, instead)
    assert _narrowed([history(seed) for seed in range(40)])


def test_the_attacker_is_no_straw_man() -> None:
    """What it finds by hand: a difference, bounds by a total, and that a half need not be whole in a relaxation."""
    family = Family("f", (Variable("place", ("a",), known=True), PERIODS, Variable("kind", ("p", "q", "r"))))
    totals: dict[tuple[str, ...], int] = {("a", FIRST): 20, ("a", SECOND): 10}
    public = Known(family, totals, {("a", YEAR, "p"): 12, ("a", FIRST, "p"): 9})
    asked: list[Cell] = [("a", SECOND, "p"), ("a", SECOND, "q"), ("a", FIRST, "q")]
    assert ranges([(public, asked)]) == [[Range(3, 3), Range(0, 7), Range(0, 11)]]
    guess = partial(lambda value: impossible([(public, [(("a", SECOND, "q"), value)])]))
    assert [guess(value) for value in (0, 7, 8)] == [False, False, True]


def test_the_attacker_knows_how_many_kinds_a_case_has() -> None:
    place = Variable("place", ("a",), known=True)
    for told, low in ((Told.SOME, 4), (Told.ANY, 0)):
        family = Family("f", (place, Variable("kind", ("p", "q"), told=told)))
        public = Known(family, {("a",): 10}, {("a", "p"): 6})
        assert ranges([(public, [("a", "q")])]) == [[Range(low, 10)]]
