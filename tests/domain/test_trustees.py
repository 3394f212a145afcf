"""Who gets a share: nobody concerned, as long as enough others remain."""

from __future__ import annotations

import pytest

from tipportal.domain.trustees import Trustee, is_concerned, next_pseudonyms, trustee_id, without_concerned

PARENTS = {"office": None, "archive": "office", "shelf": "archive", "roads": "office", "loop": "ring", "ring": "loop"}
PEOPLE = tuple(Trustee(f"id{n}", f"N{n}", "o", "u", None, bytes([n]), bytes([n])) for n in range(3))


@pytest.mark.parametrize(
    ("unit", "concerns", "concerned"),
    [
        ("archive", {"unit:archive"}, True),
        ("archive", {"unit:office"}, True),
        ("archive", {"unit:shelf"}, True),
        ("archive", {"unit:roads"}, False),
        ("archive", {"organisation:town"}, True),
        ("archive", {"organisation:other", "function:archive"}, False),
        ("archive", set(), False),
        ("loop", {"unit:ring"}, True),
        (None, {"unit:archive", "organisation:"}, False),
    ],
)
def test_the_line_of_command_is_concerned(unit: str | None, concerns: set[str], *, concerned: bool) -> None:
    assert is_concerned(unit, concerns, PARENTS, "town") is concerned


def test_the_concerned_get_no_share_if_enough_others_remain() -> None:
    assert without_concerned(PEOPLE, {"id1"}, 2) == (PEOPLE[0], PEOPLE[2])
    assert without_concerned(PEOPLE, {"id1"}, 3) == PEOPLE
    assert without_concerned(PEOPLE, {"id0", "id1"}, 2) == PEOPLE
    assert without_concerned(PEOPLE, (), 2) == PEOPLE


def test_pseudonyms_are_never_given_twice() -> None:
    assert next_pseudonyms((), 2) == ("t1", "t2")
    assert next_pseudonyms({"t2", "t10"}, 2) == ("t11", "t12")


def test_an_id_is_of_both_keys() -> None:
    assert len({trustee_id(b"a", b"b"), trustee_id(b"a", b"c"), trustee_id(b"c", b"b")}) == 3
