"""What hiding decides, case by case."""

from __future__ import annotations

import pytest

from tipportal.domain.suppression.families import (
    ALL,
    Asked,
    Atom,
    Cell,
    Family,
    FamilyCounts,
    Published,
    Told,
    Variable,
    Wish,
)
from tipportal.domain.suppression.hiding import hide, hide_together

PLACE = Variable("place", ("a", "b"), known=True)
HALVES = ("2025-1", "2025-2", "2026-1", "2026-2")
WHEN = Variable("when", HALVES, {"2025": HALVES[:2], "2026": HALVES[2:], "2025..2026": HALVES}, known=True)
KIND = Variable("kind", ("p", "q", "r"))
FAMILY = Family("f", (PLACE, WHEN, KIND))


def _counts(half: str, place: str = "a", **kinds: int) -> dict[Atom, int]:
    return {(place, half, kind): count for kind, count in kinds.items()}


def _table(period: str, place: str = "a", name: str = "t") -> Asked:
    return Asked(name, tuple((place, period, kind) for kind in KIND.members))


def _shown(counts: dict[Atom, int], *tables: Asked, earlier: tuple[Published, ...] = ()) -> set[Cell]:
    return set(hide([FamilyCounts(FAMILY, counts, tables)], earlier).counts["f"])


def test_large_figures_stand() -> None:
    assert _shown(_counts("2026-1", p=5, q=30, r=8), _table("2026-1")) == {("a", "2026-1", kind) for kind in "pqr"}


def test_one_small_figure_takes_the_smallest_other_with_it() -> None:
    each = [Asked(kind, (("a", "2026-1", kind),)) for kind in "pqr"]
    assert _shown(_counts("2026-1", p=2, q=30, r=8), *each) == {("a", "2026-1", "q")}


def test_small_figures_that_hide_each_other_take_nothing_with_them() -> None:
    family = Family("f", (PLACE, Variable("kind", ("p", "q", "r", "s"))))
    counts: dict[Atom, int] = {("a", "p"): 3, ("a", "q"): 3, ("a", "r"): 9, ("a", "s"): 12}
    each = tuple(Asked(kind, (("a", kind),)) for kind in "pqrs")
    assert set(hide([FamilyCounts(family, counts, each)]).counts["f"]) == {("a", "r"), ("a", "s")}


def test_two_small_figures_whose_sum_is_small_are_not_enough() -> None:
    each = [Asked(kind, (("a", "2026-1", kind),)) for kind in "pqr"]
    assert _shown(_counts("2026-1", p=0, q=1, r=20), *each) == set()


def test_what_the_register_says_is_always_shown() -> None:
    counts = _counts("2026-1", p=1)
    asked = Asked("t", (("a", "2026-1", ALL), ("a", "2025-1", "p"), ("a", "2026-1", "p")))
    assert hide([FamilyCounts(FAMILY, counts, (asked,))]).counts["f"] == {
        ("a", "2026-1", ALL): 1,
        ("a", "2025-1", "p"): 0,
    }


def test_a_year_after_its_half_gives_away_no_small_second_half() -> None:
    first, second = _counts("2026-1", p=9, q=9, r=9), _counts("2026-2", p=2, q=9, r=9)
    half = hide([FamilyCounts(FAMILY, first, (_table("2026-1"),))])
    assert half.shown("f", ("a", "2026-1", "p"))
    each = [Asked(kind, (("a", "2026", kind),)) for kind in "pqr"]
    assert ("a", "2026", "p") in _shown(first | second, *each)
    after = _shown(first | second, *each, earlier=(half.published("summer"),))
    assert ("a", "2026", "p") not in after
    assert len(after) == 1


def test_a_year_so_far_is_remembered_as_the_half_that_it_was() -> None:
    first, second = _counts("2026-1", p=9, q=9, r=9), _counts("2026-2", p=2, q=9, r=9)
    so_far = hide([FamilyCounts(FAMILY, first, (_table("2026"),))])
    assert so_far.shown("f", ("a", "2026-1", "p"))
    each = [Asked(kind, (("a", "2026", kind),)) for kind in "pqr"]
    assert ("a", "2026", "p") not in _shown(first | second, *each, earlier=(so_far.published("summer"),))


def test_the_whole_after_one_organisation_gives_away_no_small_other() -> None:
    counts = _counts("2026-1", p=9, q=9, r=9) | _counts("2026-1", place="b", p=1, q=9, r=9)
    one = hide([FamilyCounts(FAMILY, counts, (_table("2026-1"),))])
    each = [Asked(kind, ((ALL, "2026-1", kind),)) for kind in "pqr"]
    assert (ALL, "2026-1", "p") not in _shown(counts, *each, earlier=(one.published("committee"),))
    # And the other way round: the whole first, then nothing of the one that the small figure would follow from.
    whole = hide([FamilyCounts(FAMILY, counts, tuple(each))])
    both = [Asked(kind, (("a", "2026-1", kind),)) for kind in "pqr"]
    later = _shown(counts, *both, earlier=(whole.published("whole"),))
    assert not (whole.shown("f", (ALL, "2026-1", "p")) and ("a", "2026-1", "p") in later)


def test_a_figure_that_was_corrected_since_is_not_held_against_the_new_one() -> None:
    old = Published("summer", {"f": {("a", "2026-1", "p"): 7}})
    counts = _counts("2026-1", p=6, q=9, r=9)
    assert len(_shown(counts, _table("2026-1"), earlier=(old,))) == 3


def test_nothing_published_before_the_first_case_says_anything_of_it() -> None:
    empty = hide([FamilyCounts(FAMILY, {}, (_table("2026"),))])
    assert empty.shown("f", ("a", "2026", "p"))
    counts = _counts("2026-1", p=0, q=20, r=20)
    each = [Asked(kind, (("a", "2026", kind),)) for kind in "pqr"]
    after = _shown(counts, *each, earlier=(empty.published("spring"),))
    assert [("a", "2026", kind) in after for kind in "pqr"].count(True) == 1
    assert ("a", "2026", "p") not in after


def test_a_table_with_more_than_half_hidden_gives_way_to_years() -> None:
    counts = _counts("2025-1", p=9, q=20, r=0) | _counts("2026-1", p=1, q=2, r=30)
    instead = (tuple(("a", "2025..2026", kind) for kind in "pqr"),)
    asked = Asked("t", _table("2026-1").cells, instead=instead)
    plan = hide([FamilyCounts(FAMILY, counts, (asked,))])
    assert plan.hidden_whole("t")
    assert plan.tables["t"] == 0
    assert set(plan.counts["f"]) == set(instead[0])
    nothing = hide([FamilyCounts(FAMILY, _counts("2026-1", p=1, q=2, r=1), (asked,))])
    assert nothing.tables == {"t": None}
    assert nothing.counts["f"] == {}


def test_what_a_share_is_made_of_is_shown_together() -> None:
    cells = _table("2026-1").cells
    asked = [Asked(kind, (("a", "2026-1", kind),), (cells,)) for kind in "p"]
    every = [Asked(kind, (("a", "2026-1", kind),)) for kind in "qr"]
    assert _shown(_counts("2026-1", p=9, q=9, r=2), *asked, *every) == set()
    assert len(_shown(_counts("2026-1", p=9, q=9, r=5), *asked, *every)) == 3


def test_of_none_or_several_each_stands_for_itself() -> None:
    family = Family("f", (PLACE, Variable("type", ("p", "q"), told=Told.ANY)))
    counts: dict[Atom, int] = {("a", frozenset("pq")): 2, ("a", frozenset("p")): 6, ("a", frozenset[str]()): 1}
    each = tuple(Asked(kind, (("a", kind),)) for kind in "pq")
    assert hide([FamilyCounts(family, counts, each)]).counts["f"] == {("a", "p"): 8}


def test_the_same_counts_in_any_order_give_the_same_plan() -> None:
    counts = _counts("2026-1", p=2, q=9, r=9) | _counts("2026-2", p=9, q=1, r=9)
    other = dict(reversed(counts.items()))
    tables = tuple(_table(period, name=period) for period in ("2026-1", "2026-2", "2026"))
    assert hide([FamilyCounts(FAMILY, counts, tables)]) == hide([FamilyCounts(FAMILY, other, tables)])


def test_families_that_share_a_variable_are_refused() -> None:
    other = Family("g", (PLACE, KIND))
    with pytest.raises(ValueError, match="kind"):
        hide([FamilyCounts(FAMILY, {}), FamilyCounts(other, {})])


@pytest.mark.parametrize("told", list(Told))
def test_a_case_that_cannot_be_is_refused(told: Told) -> None:
    family = Family("f", (PLACE, Variable("type", ("p", "q"), told=told)))
    wrong = frozenset({"x"}) if told is Told.ANY else frozenset[str]()
    with pytest.raises(ValueError, match="type cannot be"):
        hide([FamilyCounts(family, {("a", wrong): 1}, (Asked("t", (("a", "p"),)),))])


def test_a_label_that_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError, match="x"):
        _shown(_counts("2026-1", p=5), Asked("t", (("a", "2026-1", "x"),)))
    with pytest.raises(ValueError, match="does not fit"):
        _shown(_counts("2026-1", p=5), Asked("t", (("a", "2026-1"),)))
    with pytest.raises(ValueError, match="come first"):
        Family("f", (KIND, PLACE))


def _wish(counts: dict[Atom, int], *tables: Asked) -> Wish:
    return Wish([FamilyCounts(FAMILY, counts, tables)])


def test_the_first_of_several_reports_shows_what_it_would_alone() -> None:
    counts = _counts("2026-1", p=6, q=9, r=30) | _counts("2026-1", "b", p=7, q=2, r=8)
    whole, one, other = (_table("2026-1", place, "t") for place in (ALL, "a", "b"))
    alone = hide([FamilyCounts(FAMILY, counts, (whole,))])
    together = hide_together([_wish(counts, whole), _wish(counts, one), _wish(counts, other)])
    assert together[0] == alone
    assert alone.counts["f"][ALL, "2026-1", "p"] == 13
    # What is left of one place after the other is the other: the two show the same kinds or neither does.
    assert {cell[2] for cell in together[1].counts["f"]} == {cell[2] for cell in together[2].counts["f"]}


def test_reports_decided_together_do_not_depend_on_which_comes_first_of_the_others() -> None:
    counts = _counts("2026-1", p=6, q=3, r=30) | _counts("2026-1", "b", p=7, q=2, r=8)
    whole, one, other = (_wish(counts, _table("2026-1", place)) for place in (ALL, "a", "b"))
    first, second = hide_together([whole, one, other]), hide_together([whole, other, one])
    assert first == [second[0], second[2], second[1]]


def test_tables_of_one_name_in_two_reports_are_hidden_each_for_itself() -> None:
    counts = _counts("2026-1", p=6, q=9, r=30) | _counts("2026-1", "b", p=1, q=1, r=1)
    plans = hide_together([_wish(counts, _table("2026-1", "a")), _wish(counts, _table("2026-1", "b"))])
    assert [plan.hidden_whole("t") for plan in plans] == [False, True]


def test_reports_that_count_differently_are_not_decided_together() -> None:
    with pytest.raises(ValueError, match="count differently"):
        hide_together([_wish(_counts("2026-1", p=6)), _wish(_counts("2026-1", p=7))])
