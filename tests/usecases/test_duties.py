"""What one member does at once, its review by another, and what a restricted or quarantined case still does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, seal_text, stored, write
from tipportal.domain.cases import RecordKind, Stream
from tipportal.domain.duties import DutyKind, Restriction, RestrictionKind, Verdict
from tipportal.domain.errors import (
    AlreadyDecided,
    IllegalTransition,
    Invalid,
    NotEntitled,
    NotFound,
    Quarantined,
)
from tipportal.envelope.records import Kind
from tipportal.usecases import duties, handle


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.report()


def test_a_duty_is_done_by_one_and_reviewed_by_another(story: Story, case: PlayedCase) -> None:
    first, second = case.members["h1"].account, case.members["h2"].account
    note = seal_text(story.handler, case, Kind.NOTE, "Ringde 112 klockan nio.", by="h1")

    duty = duties.do_at_once(story.handler, first, case.reference, DutyKind.ACUTE_DANGER, note)

    assert duty.record == note.digest
    assert [found.id for _, found in duties.waiting(story.handler, second).reviews] == [duty.id]
    assert not duties.waiting(story.handler, first).reviews
    with pytest.raises(NotEntitled):
        duties.review(story.handler, first, duty.id, Verdict.UPHELD)
    reviewed = duties.review(story.handler, second, duty.id, Verdict.UPHELD)
    assert (reviewed.verdict, reviewed.reviewed_member) == (Verdict.UPHELD, "h2")
    with pytest.raises(AlreadyDecided):
        duties.review(story.handler, second, duty.id, Verdict.OBJECTED)
    assert not duties.waiting(story.handler, second).reviews


def test_a_duty_needs_no_note_when_there_is_no_time(story: Story, case: PlayedCase) -> None:
    duty = duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.CONCERN_FOR_CHILD)
    assert duty.record is None


def test_only_a_note_can_say_what_was_done(story: Story, case: PlayedCase) -> None:
    message = seal_text(story.handler, case, Kind.MESSAGE, "Hej.", by="h1")
    with pytest.raises(Invalid):
        duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_MARIA, message)


def test_recusal_is_not_noted_as_any_duty(story: Story, case: PlayedCase) -> None:
    with pytest.raises(Invalid):
        duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.RECUSAL)


def test_strangers_to_a_case_meet_not_found(story: Story, case: PlayedCase) -> None:
    members = {member.account.id for member in case.members.values()}
    duty = duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_SARAH)
    withheld = case.members["h3"].account
    assert withheld.id in members
    with pytest.raises(NotFound):
        duties.do_at_once(story.handler, withheld, case.reference, DutyKind.LEX_SARAH)
    with pytest.raises(NotFound):
        duties.review(story.handler, withheld, duty.id, Verdict.UPHELD)
    with pytest.raises(NotFound):
        duties.review(story.handler, withheld, "0" * 32, Verdict.UPHELD)


def test_in_quarantine_nobody_is_handed_the_dialogue(story: Story, case: PlayedCase) -> None:
    first, second = case.members["h1"].account, case.members["h2"].account
    write(story.handler, case, Kind.MESSAGE, "Hej.")

    duties.do_at_once(story.handler, first, case.reference, DutyKind.QUARANTINE)

    view = handle.open_case(story.handler, second, case.reference)
    kinds = {record.kind for record in view.records if record.stream is Stream.DIALOGUE}
    assert kinds <= {RecordKind.EPOCH}
    assert view.restrictions == {RestrictionKind.QUARANTINE}
    with pytest.raises(Quarantined):
        write(story.handler, case, Kind.FEEDBACK, "Svar.", by="h2")
    with pytest.raises(Quarantined):
        handle.open_file(story.handler, second, case.reference, Stream.DIALOGUE, 0, 0)
    write(story.handler, case, Kind.NOTE, "Vi väntar på besked.", by="h2")
    with pytest.raises(IllegalTransition):
        duties.do_at_once(story.handler, second, case.reference, DutyKind.QUARANTINE)


def test_a_restriction_comes_up_before_its_day(story: Story, case: PlayedCase) -> None:
    first = case.members["h1"].account
    today = story.handler.today()
    with story.handler.storage.write() as uow:
        row = stored(story.handler, case)
        uow.duties.restrict(
            Restriction("r1", row.organisation_id, row.id, RestrictionKind.DIALOGUE, today, today + timedelta(days=30))
        )
    assert not duties.waiting(story.handler, first).restrictions
    story.clock.advance(28 * 24 * 3600)
    assert len(duties.waiting(story.handler, first).restrictions) == 1


def test_the_log_tells_of_duty_and_review(story: Story, case: PlayedCase) -> None:
    duty = duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.QUARANTINE)
    duties.review(story.handler, case.members["h2"].account, duty.id, Verdict.OBJECTED)
    with story.handler.storage.read() as uow:
        told = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    assert [line["kind"] for line in told][-3:] == ["duty_done", "quarantined", "duty_reviewed"]
    assert told[-1]["facts"] == {"duty": duty.id, "act": "quarantine", "verdict": "objected"}
