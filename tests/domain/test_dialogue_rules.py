"""The thirty days of a question, the seven days after a message in a closed case."""

from __future__ import annotations

from datetime import date

import pytest

from tipportal.domain.dialogue_rules import decide_reopening_by, may_close_unanswered, unanswered_until

LEAP = date(2028, 2, 1)


@pytest.mark.parametrize(
    ("asked", "today", "may"),
    [
        (date(2026, 11, 1), date(2026, 12, 1), False),
        (date(2026, 11, 1), date(2026, 12, 2), True),
        (date(2026, 12, 15), date(2027, 1, 14), False),
        (date(2026, 12, 15), date(2027, 1, 15), True),
        (LEAP, date(2028, 3, 2), False),
        (LEAP, date(2028, 3, 3), True),
    ],
)
def test_an_unanswered_question_permits_closing_after_thirty_whole_days(asked: date, today: date, *, may: bool) -> None:
    assert may_close_unanswered(asked, None, today) is may


def test_an_answered_question_never_permits_closing() -> None:
    asked = date(2026, 1, 1)
    assert not may_close_unanswered(asked, asked, date(2026, 12, 31))
    assert not may_close_unanswered(asked, date(2026, 5, 1), date(2026, 12, 31))
    with pytest.raises(ValueError, match="before"):
        may_close_unanswered(asked, date(2025, 12, 31), asked)


def test_the_last_day_of_a_question_is_the_thirtieth() -> None:
    assert unanswered_until(date(2026, 11, 1)) == date(2026, 12, 1)


def test_reopening_is_decided_within_seven_days_and_alarms_come_before_days_off() -> None:
    by = decide_reopening_by(date(2026, 12, 18))
    assert by.strict == date(2026, 12, 25)
    assert by.target == date(2026, 12, 23)
    assert by.law1930 == date(2026, 12, 28)
    assert decide_reopening_by(date(2026, 11, 2)).strict == decide_reopening_by(date(2026, 11, 2)).target
