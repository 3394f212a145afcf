"""Duties done at once: when another must have looked, and who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tipportal.domain.duties import Duty, DutyKind, Verdict, check_review, check_review_date, review_by
from tipportal.domain.errors import AlreadyDecided, IllegalTransition, NotEntitled

DUTY = Duty("d1", "o1", "c1", DutyKind.ACUTE_DANGER, "anna", "h1", 1_772_442_000, date(2026, 3, 4))


@pytest.mark.parametrize(
    ("done", "by"),
    [
        (date(2026, 3, 2), date(2026, 3, 4)),
        (date(2026, 3, 5), date(2026, 3, 9)),
        (date(2026, 3, 6), date(2026, 3, 10)),
        (date(2026, 3, 7), date(2026, 3, 10)),
        # Maundy Thursday: Good Friday, the weekend and Easter Monday do not count.
        (date(2026, 4, 2), date(2026, 4, 8)),
        (date(2025, 12, 23), date(2025, 12, 30)),
    ],
)
def test_another_looks_within_two_working_days(done: date, by: date) -> None:
    assert review_by(done) == by


def test_nobody_reviews_what_they_did_themselves() -> None:
    with pytest.raises(NotEntitled):
        check_review(DUTY, "anna")
    check_review(DUTY, "bo")


def test_a_duty_is_reviewed_once() -> None:
    with pytest.raises(AlreadyDecided):
        check_review(replace(DUTY, verdict=Verdict.UPHELD), "bo")


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 3, 1), date(2026, 4, 2)])
def test_a_restriction_is_looked_at_again_within_thirty_days(day: date) -> None:
    with pytest.raises(IllegalTransition):
        check_review_date(day, date(2026, 3, 2))
    check_review_date(date(2026, 4, 1), date(2026, 3, 2))
    check_review_date(date(2026, 3, 3), date(2026, 3, 2))
