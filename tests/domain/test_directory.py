"""Who stands in the next directory: everybody of now, and whoever has stood there before, with an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tipportal.domain.directory import (
    DirectoryHead,
    Entry,
    Listing,
    Names,
    carried,
    differences,
    entries_of,
    next_expiry,
)
from tipportal.domain.organisations import Ground, OrganisationKind
from tipportal.domain.policies.register import (
    Person,
    Register,
    RegisteredDesignation,
    RegisteredOrganisation,
    RegisteredUnit,
)

DAY = date(2026, 11, 22)
BEGAN = date(2026, 1, 1)
HERE = Listing("f", "u", "town", external=False, first=BEGAN, last=None)
ANNA = Entry("anna", ("r1", "k1"), (HERE,))
BO = Entry("bo", ("r2", "k2"), (HERE,))
NAMES = Names({"anna": "Anna", "bo": "Bo"}, {"f": "Funktionen"}, {"u": "Kansliet"})
KEYS = {"anna": ("r1", "k1"), "sara": ("r3", "k3"), "lena": ("r4", "k4")}
REGISTER = Register(
    organisations=(
        RegisteredOrganisation("town", "Staden", OrganisationKind.MUNICIPALITY),
        RegisteredOrganisation("board", "Nämnden", OrganisationKind.COMMITTEE, part_of="town"),
        RegisteredOrganisation("firm", "Byrån", OrganisationKind.EXTERNAL),
    ),
    units=(RegisteredUnit("u", "Kansliet", "board"), RegisteredUnit("x", "Kontoret", "firm")),
    people=(
        Person("anna", "Anna", "u"),
        Person("bo", "Bo", "u"),
        Person("sara", "Sara", "x"),
        Person("lena", "Lena", "u", elected=True),
    ),
    designations=tuple(
        RegisteredDesignation(person, "f", Ground.EMPLOYMENT, "KS 1", BEGAN)
        for person in ("anna", "bo", "sara", "lena")
    ),
)


def test_whoever_has_keys_and_is_designated() -> None:
    """Bo has no keys yet; Lena is elected. The party is the whole tree, and an external one says so."""
    external = Listing("f", "x", "firm", external=True, first=BEGAN, last=None)
    assert entries_of(REGISTER, KEYS) == (ANNA, Entry("sara", ("r3", "k3"), (external,)))
    nobody = replace(REGISTER, designations=())
    assert entries_of(nobody, KEYS) == ()


def test_nothing_changes_by_itself() -> None:
    assert carried((ANNA, BO), (ANNA, BO), DAY) == (ANNA, BO)


def test_whoever_left_stays_with_an_end() -> None:
    gone = replace(BO, listings=(replace(HERE, last=DAY),))
    assert carried((ANNA, BO), (ANNA,), DAY) == (ANNA, gone)
    # And the end stays as it was.
    assert carried((ANNA, gone), (ANNA,), DAY + timedelta(days=30)) == (ANNA, gone)


def test_old_keys_stay_with_an_end() -> None:
    new = replace(ANNA, keys=("r9", "k9"))
    assert carried((ANNA,), (new,), DAY) == (new, replace(ANNA, listings=(replace(HERE, last=DAY),)))


def test_a_place_that_was_left_stays_with_an_end() -> None:
    moved = replace(ANNA, listings=(replace(HERE, unit="v"),))
    (after,) = carried((ANNA,), (moved,), DAY)
    assert after.listings == (replace(HERE, unit="v"), replace(HERE, last=DAY))


def test_what_had_not_begun_is_no_past() -> None:
    coming = replace(BO, listings=(replace(HERE, first=DAY + timedelta(days=1)),))
    assert carried((coming,), (), DAY) == (replace(BO, listings=()),)


def test_an_end_that_the_register_sets_counts() -> None:
    ended = replace(ANNA, listings=(replace(HERE, last=DAY + timedelta(days=9)),))
    assert carried((ANNA,), (ended,), DAY) == (ended,)


def test_differences_in_words() -> None:
    def told(before: tuple[Entry, ...], after: tuple[Entry, ...]) -> list[str]:
        return [str(line) for line in differences(before, after, NAMES)]

    assert told((ANNA,), (ANNA,)) == ["Inget annat ändras än hur länge katalogen gäller."]
    since = "Funktionen, Kansliet, från 2026-01-01 tills vidare."
    assert told((ANNA,), (ANNA, BO)) == ["Bo är ny i katalogen.", f"Bo: {since}"]
    assert told((ANNA,), (replace(ANNA, keys=("r9", "k9")),)) == ["Anna har nya nycklar.", f"Anna: {since}"]
    ended = replace(ANNA, listings=(replace(HERE, last=DAY),))
    until = "Anna: Funktionen, Kansliet, från 2026-01-01 till och med 2026-11-22."
    assert told((ANNA,), (ended,)) == [until]


def test_in_force_from_the_first_to_the_last_day() -> None:
    head = DirectoryHead(1, 1, "", DAY, next_expiry(DAY))
    assert (head.expires - head.issued).days == 35
    assert [head.in_force(DAY + timedelta(days=days)) for days in (-1, 0, 35, 36)] == [False, True, True, False]
