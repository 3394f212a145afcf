from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.organisations import RESERVED_SLUGS, Designation, Ground, valid_slug

QUIET = settings(derandomize=True, deadline=None)
DATES = st.dates(date(2020, 1, 1), date(2050, 1, 1))


def _designation(valid_from: date, valid_to: date | None) -> Designation:
    return Designation(
        id="d",
        organisation_id="o",
        function_id="f",
        account_id="a",
        unit_id="u",
        ground=Ground.EMPLOYMENT,
        decision_number="KS 2026/1",
        decided_on=date(2020, 1, 1),
        valid_from=valid_from,
        valid_to=valid_to,
        rank=0,
    )


def test_a_designation_holds_on_its_first_and_last_day_and_not_outside() -> None:
    designation = _designation(date(2026, 3, 1), date(2026, 3, 31))
    assert not designation.active(date(2026, 2, 28))
    assert designation.active(date(2026, 3, 1))
    assert designation.active(date(2026, 3, 31))
    assert not designation.active(date(2026, 4, 1))


@QUIET
@given(DATES, DATES)
def test_a_designation_until_further_notice_holds_from_its_first_day_on(valid_from: date, today: date) -> None:
    assert _designation(valid_from, None).active(today) == (today >= valid_from)


@QUIET
@given(DATES, st.integers(1, 5000), DATES)
def test_a_designation_that_ends_before_it_begins_never_holds(valid_from: date, days: int, today: date) -> None:
    assert not _designation(valid_from, valid_from - timedelta(days=days)).active(today)


@pytest.mark.parametrize("slug", ["ekby", "ab", "norra-ekby", "bolag2", "a" * 40])
def test_slugs_that_may_name_an_organisation(slug: str) -> None:
    assert valid_slug(slug)


@pytest.mark.parametrize(
    "slug",
    [
        "a",
        "a" * 41,
        "Ekby",
        "åby",
        "2ekby",
        "-ekby",
        "ek/by",
        "ek by",
        "ek.by",
        "ek%2e",
        "ekby\n",
        "ekby\x00",
        "ek_by",
        "..",
        "ékby",
    ],
)
def test_slugs_that_may_not(slug: str) -> None:
    assert not valid_slug(slug)


@pytest.mark.parametrize(
    "word",
    ["api", "arende", "handlaggare", "healthz", "readyz", "metrics", "lamna", "static", "sv", "en", "fi", "ar", ""],
)
def test_no_organisation_is_called_like_a_route_or_a_language(word: str) -> None:
    assert word in RESERVED_SLUGS
    assert not valid_slug(word)
