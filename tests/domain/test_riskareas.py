import re
import unicodedata

from tipportal.domain.riskareas import KEYS, RISK_AREAS, risk_area

# Misspelt in the table they come from.
SLIPS = ("Byggtreprenader", "Hysesavtal")


def test_there_are_47_areas_each_with_its_own_key_and_name() -> None:
    assert len(RISK_AREAS) == 47
    assert len({area.key for area in RISK_AREAS}) == 47
    assert len({area.name_sv for area in RISK_AREAS}) == 47
    assert {area.key for area in RISK_AREAS} == KEYS


def test_keys_are_ascii_slugs_that_never_collide_with_an_answer() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", area.key) for area in RISK_AREAS)
    assert not KEYS & {"unknown", "none", "prefer_not"}


def test_names_are_mended_and_composed() -> None:
    for area in RISK_AREAS:
        assert not area.name_sv.startswith(SLIPS)
        assert area.name_sv == unicodedata.normalize("NFC", area.name_sv).strip()


def test_names_stand_in_the_order_of_the_swedish_alphabet() -> None:
    def place(name: str) -> list[int]:
        return ["abcdefghijklmnopqrstuvwxyzåäö".find(letter) for letter in name.casefold()]

    names = [area.name_sv for area in RISK_AREAS]
    assert names == sorted(names, key=place)


def test_an_area_is_found_by_its_key_alone() -> None:
    assert all(risk_area(area.key) is area for area in RISK_AREAS)
    assert risk_area("") is None
    assert risk_area("Bygglov") is None
