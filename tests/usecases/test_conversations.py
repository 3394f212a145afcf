"""Minutes that the source checks, meeting times that they choose from, and what has been read of the dialogue."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, reply, seal_form, seal_text, write
from tipportal.domain.cases import Stream
from tipportal.domain.conversations import FormName, MeetingMode, Reader, Verdict, read_on
from tipportal.domain.duties import DutyKind
from tipportal.domain.errors import AlreadyDecided, Invalid, NotEntitled, NotFound
from tipportal.domain.intake import Code, Documented, Intake
from tipportal.domain.triage import Origin
from tipportal.envelope.bodies import FormBody
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import conversations, dialogue, duties, handle, source_session
from tipportal.usecases.dialogue import Answered, Written
from tipportal.usecases.source_session import Visitor

Said = dict[str, "str | tuple[str, ...]"]
MINUTES = "Hon såg fakturan den 3 mars."


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.report()


def fill(
    story: Story, case: PlayedCase, form: FormName, mode: MeetingMode | None = None, said: Said | None = None
) -> Written:
    record = seal_form(story.handler, case, form.value, said or {"text": MINUTES}, by="h1", stream=Stream.DIALOGUE)
    return conversations.fill(story.handler, case.members["h1"].account, case.reference, record, form, mode)


def answer(story: Story, case: PlayedCase, to: int, form: FormName, verdict: Verdict, **said: str) -> Written:
    answers = {"to": str(to), "verdict": verdict.value, **said}
    record = seal_form(story.public, case, form.value, answers, by=SOURCE, stream=Stream.DIALOGUE)
    answered = Answered(form, to, verdict)
    return dialogue.add_message(story.public, case.keys.lookup_token, record, answered=answered)


def logged(story: Story, case: PlayedCase) -> list[dict[str, Any]]:
    # What is pending joins the log right before an entry of a member.
    duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_SARAH)
    with story.handler.storage.read() as uow:
        return [json.loads(data) for data in uow.log.entries_of_case(case.reference)]


def staff_typed(story: Story, case: PlayedCase) -> None:
    """As if staff had entered the case and handed the code over."""
    with story.handler.storage.write() as uow:
        row = uow.cases.by_lookup(hashlib.sha256(case.keys.lookup_token).digest())
        assert row is not None
        typist = case.members["h1"].account.id
        uow.intakes.add(
            Intake(
                row.id, row.organisation_id, Origin.ORAL, Documented.MINUTES, Code.GIVEN, typist, story.handler.today()
            )
        )


def test_minutes_are_answered_once_and_the_log_tells_no_text(story: Story, case: PlayedCase) -> None:
    offered = fill(story, case, FormName.MINUTES)
    answer(story, case, offered.seq, FormName.MINUTES_ANSWER, Verdict.APPROVED)
    with pytest.raises(AlreadyDecided):
        answer(story, case, offered.seq, FormName.MINUTES_ANSWER, Verdict.CORRECTED, text="Nej.")

    lines = [line for line in logged(story, case) if line["kind"].startswith("minutes")]
    assert [line["kind"] for line in lines] == ["minutes_offered", "minutes_answered"]
    assert lines[1]["facts"]["verdict"] == "approved"
    # The source's act bears a day, the member's an instant.
    assert len(lines[1]["time"]) == len("2026-11-22") < len(lines[0]["time"])
    assert MINUTES not in json.dumps(lines)
    view = handle.open_case(story.handler, case.members["h2"].account, case.reference)
    assert [(form.form, form.verdict) for form in view.care.forms] == [
        (FormName.MINUTES, None),
        (FormName.MINUTES_ANSWER, Verdict.APPROVED),
    ]


def test_minutes_are_not_approved_with_a_code_that_staff_have_seen(story: Story, case: PlayedCase) -> None:
    staff_typed(story, case)
    offered = fill(story, case, FormName.MINUTES)
    with pytest.raises(NotEntitled):
        answer(story, case, offered.seq, FormName.MINUTES_ANSWER, Verdict.APPROVED)
    corrected = answer(story, case, offered.seq, FormName.MINUTES_ANSWER, Verdict.CORRECTED, text="Den 4 mars.")
    assert corrected.created


def test_times_are_offered_chosen_and_the_meeting_is_held(story: Story, case: PlayedCase) -> None:
    first = case.members["h1"].account
    offered = fill(story, case, FormName.SLOTS, MeetingMode.PHONE, {"mode": "phone", "slots": ("Mån 9", "Tis 10")})
    answer(story, case, offered.seq, FormName.SLOT_CHOICE, Verdict.CHOSEN, slot="Tis 10")
    story.clock.advance(DAY)
    today = story.handler.today()
    held = conversations.meeting_held(story.handler, first, case.reference, MeetingMode.PHONE, today, offer=offered.seq)
    kinds = [line["kind"] for line in logged(story, case)]
    assert [kind for kind in kinds if kind.startswith("meeting")] == [
        "meeting_offered",
        "meeting_chosen",
        "meeting_held",
    ]
    assert handle.open_case(story.handler, first, case.reference).care.meetings == (held,)
    for day, offer in ((today + timedelta(days=1), None), (today, 0)):
        with pytest.raises(Invalid):
            conversations.meeting_held(story.handler, first, case.reference, MeetingMode.PHONE, day, offer)


def test_an_answer_is_to_what_was_asked_and_by_its_own_form(story: Story, case: PlayedCase) -> None:
    offered = fill(story, case, FormName.MINUTES)
    for to, form, verdict in (
        (offered.seq, FormName.SLOT_CHOICE, Verdict.CHOSEN),
        (0, FormName.MINUTES_ANSWER, Verdict.APPROVED),
        (offered.seq, FormName.MINUTES_ANSWER, Verdict.CHOSEN),
    ):
        with pytest.raises(Invalid):
            answer(story, case, to, form, verdict)
    record = seal_form(story.public, case, "minutes_answer", {}, by=SOURCE, stream=Stream.DIALOGUE)
    with pytest.raises(Invalid):
        dialogue.add_message(story.public, case.keys.lookup_token, record)


def test_only_members_offer_and_only_what_is_theirs_to_offer(story: Story, case: PlayedCase) -> None:
    record = seal_form(story.handler, case, "minutes", {"text": "x"}, by="h1", stream=Stream.DIALOGUE)
    first, outside = case.members["h1"].account, story.outsider(case).account
    with pytest.raises(NotFound):
        conversations.fill(story.handler, outside, case.reference, record, FormName.MINUTES)
    for form, mode in (
        (FormName.MINUTES_ANSWER, None),
        (FormName.MINUTES, MeetingMode.PHONE),
        (FormName.SLOTS, None),
    ):
        with pytest.raises(Invalid):
            conversations.fill(story.handler, first, case.reference, record, form, mode)
    note = seal_text(story.handler, case, Kind.NOTE, "x", by="h1")
    with pytest.raises(Invalid):
        conversations.fill(story.handler, first, case.reference, note, FormName.MINUTES)


def test_feedback_is_read_once_and_only_the_day_is_kept(story: Story, case: PlayedCase) -> None:
    token = case.keys.lookup_token
    conversations.read_by_source(story.public, token, 0)
    question = write(story.handler, case, Kind.MESSAGE, "Vilken faktura?")
    case = story.tip()
    token = case.keys.lookup_token
    write(story.handler, case, Kind.MESSAGE, "Vilken faktura?")
    feedback = write(story.handler, case, Kind.FEEDBACK, "Vad: inget. Varför: inget fel.")
    assert question.seq
    conversations.read_by_source(story.public, token, feedback.seq - 1)
    assert "feedback_read" not in [line["kind"] for line in logged(story, case)]
    story.clock.advance(DAY)
    for _ in range(3):
        conversations.read_by_source(story.public, token, 2**30)
    read = [line for line in logged(story, case) if line["kind"] == "feedback_read"]
    assert [line["facts"] for line in read] == [{"seq": feedback.seq}]
    assert read[0]["time"] == story.public.today().isoformat()
    with story.handler.storage.read() as uow:
        assert [one.seq for one in uow.conversations.readings(stored_id(story, case))][-2:] == [1, 2]


def stored_id(story: Story, case: PlayedCase) -> str:
    return dialogue.open_by_token(story.public, case.keys.lookup_token).case.id


def test_the_source_sees_the_day_on_which_the_group_opened_what_they_wrote(story: Story, case: PlayedCase) -> None:
    written = reply(story.public, case, "Mer att berätta.")
    before = dialogue.open_by_token(story.public, case.keys.lookup_token).readings
    assert read_on(written.seq, before, Reader.GROUP) is None
    story.clock.advance(DAY)
    handle.open_case(story.handler, case.members["h2"].account, case.reference)
    opened_on = story.handler.today()
    story.clock.advance(DAY)
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    after = dialogue.open_by_token(story.public, case.keys.lookup_token).readings
    assert read_on(written.seq, after, Reader.GROUP) == opened_on


def test_without_javascript_the_source_reads_and_answers(story: Story, case: PlayedCase) -> None:
    offered = fill(story, case, FormName.MINUTES)
    visitor = Visitor(case.keys)
    opened = source_session.read_case(story.public, visitor)
    form = opened.records[-1].form
    assert form is not None
    assert (form.form, form.answers) == ("minutes", {"text": MINUTES})
    source_session.has_read(story.public, visitor, opened)

    body = FormBody("minutes_answer", {"to": str(offered.seq), "verdict": "approved"})
    given = Answered(FormName.MINUTES_ANSWER, offered.seq, Verdict.APPROVED)
    first = source_session.send_answer(story.public, visitor, body, given, form_nonce="0" * 32)
    again = source_session.send_answer(story.public, visitor, body, given, form_nonce="0" * 32)
    assert again == replace(first, created=False)
    newest = source_session.read_case(story.public, visitor).records[-1]
    assert newest.failed is None
    assert newest.form == body
