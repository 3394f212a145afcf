"""Forms, readings and meetings, cases that staff entered, and care, in the tables."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.storage import samples
from tipportal.domain.aftercare import AfterCare, Found, Phase, Reprisal
from tipportal.domain.cases import CaseState, RecordKind, StoredRecord, Stream
from tipportal.domain.conversations import FilledForm, FormName, Meeting, MeetingMode, Reader, Reading, Verdict
from tipportal.domain.errors import AlreadyDecided, IllegalTransition
from tipportal.domain.intake import Code, Documented, Intake, ReplacedCode
from tipportal.domain.triage import Origin
from tipportal.storage import Database

CASE = samples.case()
INTAKE = Intake(CASE.id, "o1", Origin.ORAL, Documented.MINUTES, Code.GIVEN, "anna", samples.DAY)
SLOTS = FilledForm("o1", CASE.id, 1, FormName.SLOTS, samples.DAY, mode=MeetingMode.PHONE)
CHOICE = FilledForm("o1", CASE.id, 2, FormName.SLOT_CHOICE, samples.DAY, answers=1, verdict=Verdict.CHOSEN)


@pytest.fixture
def town_with_case(town: Database) -> Database:
    with town.write() as uow:
        report = samples.submit(uow, CASE)[1]
        before: StoredRecord = report
        for author in ("h1", "source", "source"):
            before = samples.record(CASE, Stream.DIALOGUE, RecordKind.FORM, before, author=author)
            uow.cases.add_record(before)
    return town


def test_what_is_offered_has_one_answer(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.conversations.add_form(SLOTS)
        uow.conversations.add_form(CHOICE)
        with pytest.raises(AlreadyDecided):
            uow.conversations.add_form(replace(CHOICE, seq=3))
        uow.conversations.add_meeting(Meeting("m1", "o1", CASE.id, MeetingMode.PHONE, samples.DAY, "h1", offer=1))
        assert uow.conversations.forms(CASE.id) == [SLOTS, CHOICE]
        assert [meeting.offer for meeting in uow.conversations.meetings(CASE.id)] == [1]


def test_a_place_is_read_once_and_what_comes_later_anew(town_with_case: Database) -> None:
    later = samples.DAY + timedelta(days=3)
    with town_with_case.write() as uow:
        for seq, day in ((1, samples.DAY), (1, later), (0, later), (2, later)):
            uow.conversations.add_reading(Reading("o1", CASE.id, Reader.SOURCE, seq, day), settled=False)
        found = [(one.seq, one.read_on) for one in uow.conversations.readings(CASE.id)]
    assert found == [(1, samples.DAY), (2, later)]


def test_what_a_source_did_is_settled_with_its_day(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.intakes.add(INTAKE)
        uow.conversations.add_form(SLOTS)
        uow.conversations.add_form(CHOICE)
        uow.conversations.add_reading(Reading("o1", CASE.id, Reader.SOURCE, 3, samples.DAY), settled=False)
    after = samples.DAY + timedelta(days=1)
    with town_with_case.write() as uow:
        assert uow.settle(after, samples_random) > 0
    with town_with_case.write() as uow:
        assert uow.settle(after, samples_random) == 0
        assert uow.conversations.forms(CASE.id) == [SLOTS, CHOICE]
        assert uow.intakes.of_case(CASE.id) == INTAKE
        # Reading alone leaves no record, and is settled all the same.
        uow.conversations.add_reading(Reading("o1", CASE.id, Reader.SOURCE, 9, samples.DAY), settled=False)
    with town_with_case.write() as uow:
        assert uow.settle(after, samples_random) > 0
        assert [one.seq for one in uow.conversations.readings(CASE.id)] == [3, 9]


def samples_random(size: int) -> bytes:
    return hashlib.shake_256(b"order").digest(size)


def test_a_code_is_replaced_once_and_the_old_one_leads_nowhere(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.intakes.add(INTAKE)
        uow.cases.add_epoch(replace(uow.cases.epochs(CASE.id)[0], epoch=1, opened_by="source"))
        replaced = ReplacedCode(CASE.id, "o1", 1, b"r" * 1216, b"v" * 32, b"past")
        uow.intakes.replace_code(CASE, replaced, b"n" * 32, samples.DAY)
        assert uow.intakes.replaced(CASE.id) == replaced
        assert uow.intakes.of_case(CASE.id) == replace(INTAKE, code=Code.REPLACED, replaced_on=samples.DAY)
        assert uow.cases.by_lookup(CASE.lookup_digest) is None
        assert uow.cases.by_lookup(b"n" * 32) == replace(CASE, lookup_digest=b"n" * 32)
        with pytest.raises(AlreadyDecided):
            uow.intakes.replace_code(CASE, replaced, b"m" * 32, samples.DAY)


def test_after_care_is_for_closed_cases_with_a_concern_and_done_once(town_with_case: Database) -> None:
    done = AfterCare("o1", CASE.id, 3, samples.DAY, Found.NOTHING, "h1")
    with town_with_case.write() as uow:
        uow.cases.advance(CASE, state=CaseState.CLOSED, closed_on=samples.DAY)
        uow.care.add_reprisal(Reprisal("r1", "o1", CASE.id, Phase.FEARED, samples.DAY, "h1"))
        uow.care.add_after_care(done)
        with pytest.raises(IllegalTransition):
            uow.care.add_after_care(done)
        assert uow.care.after_cares(CASE.id) == [done]
