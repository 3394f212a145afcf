"""What staff may state of a case that they enter, what after-care comes when, and how rights are decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tipportal.domain.aftercare import after_care_of, check_after_care, still_due
from tipportal.domain.cases import AckException
from tipportal.domain.conversations import FormName, Reader, Reading, Verdict, check_answer, check_held, read_on
from tipportal.domain.errors import IllegalTransition, Invalid
from tipportal.domain.intake import Code, Documented, Stated, check_stated
from tipportal.domain.organisations import Channel
from tipportal.domain.subjectrights import Decision, Right, check_right
from tipportal.domain.triage import Origin

TODAY = date(2026, 11, 22)
ORAL = Stated(
    origin=Origin.ORAL,
    received_on=date(2026, 11, 20),
    acknowledged_on=date(2026, 11, 20),
    ack_left_out=None,
    documented=Documented.MINUTES,
    code=Code.GIVEN,
)
OWN = Stated(
    origin=Origin.OWN_CONTROL,
    received_on=TODAY,
    acknowledged_on=None,
    ack_left_out=AckException.NO_REPORTER,
    documented=None,
    code=Code.NOT_WANTED,
)


@pytest.mark.parametrize("stated", [ORAL, replace(ORAL, received_on=date(2025, 11, 21), acknowledged_on=TODAY), OWN])
def test_what_holds_is_taken(stated: Stated) -> None:
    check_stated(stated, Channel.TIP, TODAY)
    check_stated(
        replace(ORAL, acknowledged_on=None, ack_left_out=AckException.REVEALS, code=Code.NOT_WANTED),
        Channel.REPORT,
        TODAY,
    )


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (replace(ORAL, origin=Origin.REPORT), "origin"),
        (replace(ORAL, received_on=date(2026, 11, 23)), "received_on"),
        (replace(ORAL, received_on=date(2025, 11, 20)), "received_on"),
        (replace(ORAL, documented=None), "documented"),
        (replace(ORAL, origin=Origin.WRITTEN), "documented"),
        (replace(ORAL, acknowledged_on=None), "acknowledged_on"),
        (replace(ORAL, ack_left_out=AckException.WAIVED), "acknowledged_on"),
        (replace(ORAL, acknowledged_on=None, ack_left_out=AckException.NO_REPORTER), "acknowledged_on"),
        (replace(OWN, ack_left_out=AckException.WAIVED), "acknowledged_on"),
        (replace(ORAL, acknowledged_on=date(2026, 11, 19)), "acknowledged_on"),
        (replace(ORAL, acknowledged_on=date(2026, 11, 23)), "acknowledged_on"),
        (replace(ORAL, code=Code.REPLACED), "code"),
        (replace(OWN, code=Code.GIVEN), "code"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(stated: Stated, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_stated(stated, Channel.TIP, TODAY)
    assert refused.value.field == field


def test_without_a_reporter_there_is_no_report() -> None:
    with pytest.raises(Invalid) as refused:
        check_stated(OWN, Channel.REPORT, TODAY)
    assert refused.value.field == "channel"


def test_after_care_comes_at_three_six_and_twelve_months() -> None:
    closed = date(2027, 11, 30)
    days = [date(2028, 2, 29), date(2028, 5, 30), date(2028, 11, 30)]
    assert [due.due_on for due in after_care_of(closed)] == days
    assert not still_due(closed, [], date(2028, 2, 28))
    assert [due.months for due in still_due(closed, [], date(2028, 2, 29))] == [3]
    assert [due.months for due in still_due(closed, [3], date(2029, 1, 1))] == [6, 12]
    check_after_care(closed, 3, [], date(2028, 2, 29))


@pytest.mark.parametrize(("closed", "months", "done"), [(None, 3, []), (TODAY, 3, []), (date(2026, 1, 1), 3, [3])])
def test_after_care_out_of_its_time_is_refused(closed: date | None, months: int, done: list[int]) -> None:
    with pytest.raises(IllegalTransition):
        check_after_care(closed, months, done, TODAY)


def test_only_deferred_information_is_looked_at_again_and_within_half_a_year() -> None:
    check_right(Right.INFORMATION, Decision.DEFERRED, date(2027, 5, 24), TODAY)
    check_right(Right.ACCESS, Decision.PARTLY, None, TODAY)
    for right, decision, review_on in (
        (Right.INFORMATION, Decision.DEFERRED, None),
        (Right.INFORMATION, Decision.DEFERRED, TODAY),
        (Right.INFORMATION, Decision.DEFERRED, date(2027, 5, 25)),
        (Right.INFORMATION, Decision.GIVEN, date(2027, 1, 1)),
        (Right.ACCESS, Decision.DEFERRED, date(2027, 1, 1)),
        (Right.COMMENT, Decision.REFUSED, None),
    ):
        with pytest.raises(Invalid):
            check_right(right, decision, review_on, TODAY)


def test_a_record_is_read_on_the_first_day_that_it_was_open() -> None:
    days = tuple(
        Reading("o1", "c1", reader, seq, day)
        for reader, seq, day in (
            (Reader.SOURCE, 2, date(2026, 1, 5)),
            (Reader.SOURCE, 4, date(2026, 1, 9)),
            (Reader.GROUP, 3, date(2026, 1, 7)),
        )
    )
    assert [read_on(seq, days, Reader.SOURCE) for seq in (1, 2, 3, 4, 5)] == [
        date(2026, 1, 5),
        date(2026, 1, 5),
        date(2026, 1, 9),
        date(2026, 1, 9),
        None,
    ]
    assert read_on(4, days, Reader.GROUP) is None


def test_an_answer_is_of_its_form_and_a_meeting_is_past() -> None:
    check_answer(FormName.MINUTES_ANSWER, Verdict.CORRECTED)
    for form, verdict in ((FormName.MINUTES_ANSWER, Verdict.CHOSEN), (FormName.SLOTS, Verdict.CHOSEN)):
        with pytest.raises(Invalid):
            check_answer(form, verdict)
    check_held(TODAY, TODAY, TODAY)
    for held in (date(2026, 11, 23), date(2024, 1, 1)):
        with pytest.raises(Invalid):
            check_held(held, TODAY, TODAY)
