"""Reprisals with after-care, and the rights of whoever a case is about."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, seal_form, stored
from tipportal.domain.accounts import Account
from tipportal.domain.aftercare import Found, Phase
from tipportal.domain.cases import CaseState, Stream
from tipportal.domain.errors import IllegalTransition, Invalid, NotFound
from tipportal.domain.pressing import Why
from tipportal.domain.subjectrights import Decision, Right
from tipportal.usecases import care, firstscreen, handle

WHY = "Att berätta nu skulle göra utredningen meningslös."


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.report()


def closed(story: Story, case: PlayedCase) -> date:
    today = story.handler.today()
    with story.handler.storage.write() as uow:
        uow.cases.advance(stored(story.handler, case), state=CaseState.CLOSED, closed_on=today)
    return today


def facts(story: Story, case: PlayedCase, kind: str) -> list[object]:
    with story.handler.storage.read() as uow:
        lines = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    return [line["facts"] for line in lines if line["kind"] == kind]


def needing(story: Story, account: Account) -> list[tuple[str, Why, int]]:
    """What the first screen asks for in the name of care, with its months."""
    today = story.handler.today()
    return [
        (one.row.case.reference, claim.why, claim.months)
        for one in firstscreen.first_screen(story.handler, account).needs_action
        for claim in one.claims
        if claim.presses(today) and claim.why in {Why.AFTER_CARE, Why.DEFERRED}
    ]


def test_after_care_comes_up_after_closing_and_is_done_by_a_member(story: Story, case: PlayedCase) -> None:
    first, second = case.members["h1"].account, case.members["h2"].account
    care.note_reprisal(story.handler, first, case.reference, Phase.FEARED)
    with pytest.raises(IllegalTransition):
        care.do_after_care(story.handler, first, case.reference, 3, Found.NOTHING)
    on = closed(story, case)
    assert needing(story, first) == []
    story.clock.advance(92 * DAY)
    assert story.handler.today() >= on + timedelta(days=90)
    assert needing(story, second) == [(case.reference, Why.AFTER_CARE, 3)]
    care.do_after_care(story.handler, second, case.reference, 3, Found.NO_ANSWER)
    assert needing(story, first) == []
    with pytest.raises(IllegalTransition):
        care.do_after_care(story.handler, first, case.reference, 3, Found.NOTHING)
    assert facts(story, case, "reprisal_reported") == [{"phase": "feared"}]
    assert facts(story, case, "after_care_done") == [{"months": 3, "found": "no_answer"}]


def test_a_right_is_handled_with_a_sealed_reason_and_deferral_comes_up_again(story: Story, case: PlayedCase) -> None:
    first = case.members["h1"].account
    review = story.handler.today() + timedelta(days=30)
    why = seal_form(story.handler, case, "subject_right", {"text": WHY}, by="h1")
    care.handle_right(
        story.handler, first, case.reference, why, right=Right.INFORMATION, decision=Decision.DEFERRED, review_on=review
    )
    assert needing(story, first) == []
    told = facts(story, case, "subject_right_handled")
    assert told == [
        {
            "right": "information",
            "decision": "deferred",
            "review_on": review.isoformat(),
            "record": why.digest.hex(),
        }
    ]
    story.clock.advance(30 * DAY)
    assert needing(story, first) == [(case.reference, Why.DEFERRED, 0)]
    given = seal_form(story.handler, case, "subject_right", {"text": "Berättat."}, by="h1")
    care.handle_right(
        story.handler, first, case.reference, given, right=Right.INFORMATION, decision=Decision.GIVEN, review_on=None
    )
    assert needing(story, first) == []
    view = handle.open_case(story.handler, first, case.reference)
    assert [one.decision for one in view.care.rights] == [Decision.DEFERRED, Decision.GIVEN]


def test_the_reason_goes_to_the_members_alone(story: Story, case: PlayedCase) -> None:
    first = case.members["h1"].account
    leaked = seal_form(story.handler, case, "subject_right", {"text": WHY}, by="h1", stream=Stream.DIALOGUE)
    with pytest.raises(Invalid):
        care.handle_right(
            story.handler, first, case.reference, leaked, right=Right.ACCESS, decision=Decision.GIVEN, review_on=None
        )


def test_strangers_to_a_case_meet_not_found(story: Story, case: PlayedCase) -> None:
    outside = story.outsider(case).account
    why = seal_form(story.handler, case, "subject_right", {"text": WHY}, by="h1")
    with pytest.raises(NotFound):
        care.note_reprisal(story.handler, outside, case.reference, Phase.HAPPENING)
    with pytest.raises(NotFound):
        care.do_after_care(story.handler, outside, case.reference, 3, Found.NOTHING)
    with pytest.raises(NotFound):
        care.handle_right(
            story.handler, outside, case.reference, why, right=Right.ACCESS, decision=Decision.GIVEN, review_on=None
        )
