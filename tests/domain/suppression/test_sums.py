"""Sums of kronor, medians, bands."""

from __future__ import annotations

from random import Random

import pytest

from tipportal.domain.suppression.bases import band, has_base, people
from tipportal.domain.suppression.families import ALL, Cell, MoneyCounts, Published, Variable
from tipportal.domain.suppression.hiding import hide
from tipportal.domain.suppression.money import is_wide, shown_sums

PLACES = Variable("organisation", ("a", "b"), known=True)
PERIODS = Variable("period", ("1", "2"), {"year": ("1", "2")}, known=True)
ENOUGH = (100, 100, 100, 100, 100)


def _money(amounts: dict[tuple[str, str], tuple[int, ...]], *asked: Cell) -> MoneyCounts:
    cases = {(place, half): 9 for place in ("a", "b") for half in ("1", "2")}
    return MoneyCounts("claimed", PLACES, PERIODS, amounts, cases, asked)


@pytest.mark.parametrize(
    ("amounts", "wide"),
    [
        (ENOUGH, True),
        (ENOUGH[1:], False),
        ((1600, 100, 100, 100, 100), True),
        ((1601, 100, 100, 100, 100), False),
        ((), False),
    ],
)
def test_a_sum_has_five_cases_behind_it_and_none_above_four_fifths(amounts: tuple[int, ...], *, wide: bool) -> None:
    assert is_wide(amounts) is wide


def test_a_level_is_shown_for_all_or_none() -> None:
    asked = (("a", "1"), (ALL, "1"))
    assert shown_sums(_money({("a", "1"): ENOUGH, ("b", "1"): ENOUGH}, *asked)) == set(asked)
    assert shown_sums(_money({("a", "1"): ENOUGH, ("b", "1"): (7,)}, *asked)) == {(ALL, "1")}


def test_where_the_register_has_no_case_there_is_nothing_to_hide() -> None:
    amounts = {("a", "1"): ENOUGH}
    money = MoneyCounts("claimed", PLACES, PERIODS, amounts, {("a", "1"): 5}, (("a", "1"), ("b", "1")))
    assert shown_sums(money) == {("a", "1"), ("b", "1")}


def test_a_year_after_a_half_needs_the_other_half_too() -> None:
    amounts = {("a", "1"): ENOUGH, ("b", "1"): ENOUGH, ("a", "2"): (5,)}
    year = _money(amounts, (ALL, "year"))
    assert shown_sums(year) == {(ALL, "year")}
    assert shown_sums(year, [{(ALL, "1")}]) == set()
    assert shown_sums(year, [{("a", "1")}]) == set()
    assert shown_sums(_money(amounts | {("b", "2"): ENOUGH}, (ALL, "year")), [{(ALL, "1")}]) == {(ALL, "year")}


def test_all_organisations_of_a_year_are_the_installation_too() -> None:
    amounts = {("a", "1"): ENOUGH, ("b", "1"): ENOUGH, ("a", "2"): (5,)}
    assert shown_sums(_money(amounts, ("a", "year"), ("b", "year"))) == {("a", "year"), ("b", "year")}
    assert shown_sums(_money(amounts, ("a", "year")), [{(ALL, "1")}]) == set()


def test_a_plan_tells_later_ones_which_sums_it_showed() -> None:
    money = _money({("a", "1"): ENOUGH, ("b", "1"): ENOUGH}, (ALL, "1"))
    plan = hide([], money=[money])
    assert plan.money_shown("claimed", (ALL, "1"))
    assert not plan.money_shown("claimed", (ALL, "year"))
    assert plan.published("summer") == Published("summer", {}, {"claimed": frozenset({(ALL, "1")})})


def test_no_difference_of_shown_sums_has_too_little_behind_it() -> None:
    """By brute force over what two shown sums of one kind differ by, for random amounts and orders."""
    rnd = Random(6)  # noqa: S311 - made-up amounts
    for _ in range(300):
        amounts = {
            (place, half): tuple(rnd.choice((10, 20, 900)) for _ in range(rnd.choice((0, 3, 5, 8))))
            for place in ("a", "b")
            for half in ("1", "2")
        }
        asked = [(place, period) for place in ("a", "b", ALL) for period in ("1", "2", "year")]
        rnd.shuffle(asked)
        shown: list[frozenset[Cell]] = []
        for cell in asked:
            shown.append(shown_sums(_money(amounts, cell), shown))
        told = {cell: _behind(amounts, cell) for cells in shown for cell in cells}
        assert all(is_wide(list(each.values())) for each in told.values())
        for one in told.values():
            for other in told.values():
                rest = {key: amount for key, amount in one.items() if key not in other}
                assert one.keys() <= other.keys() or not other.keys() <= one.keys() or is_wide(list(rest.values()))


def _behind(amounts: dict[tuple[str, str], tuple[int, ...]], cell: Cell) -> dict[tuple[str, str, int], int]:
    return {
        (place, half, at): amount
        for (place, half), some in amounts.items()
        if cell[0] in (ALL, place) and cell[1] in ("year", half)
        for at, amount in enumerate(some)
    }


def test_medians_need_five_and_worst_values_are_bands() -> None:
    assert [has_base(count) for count in (4, 5)] == [False, True]
    assert [band(value, (0, 8, 31, 91)) for value in (0, 7, 8, 400)] == [(0, 8), (0, 8), (8, 31), (91, None)]
    assert [people(count) for count in (0, 4, 5)] == [(0, 5), (0, 5), (5, 6)]
    with pytest.raises(ValueError, match="no band"):
        band(-1, (0, 8))
