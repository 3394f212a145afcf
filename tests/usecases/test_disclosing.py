"""Requests for release: the clock, the decision with its provisions, and nothing of who asks or why."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import date

import pytest

from tests.support.story import DAY, Story
from tests.usecases.test_retention import on
from tipportal.cli.demo_playing import seal_form
from tipportal.domain.disclosures import (
    Answered,
    Asked,
    Disclosure,
    LogRange,
    Provision,
    appeal_text,
    due_on,
)
from tipportal.domain.errors import AlreadyDecided, IllegalTransition, Invalid, NotFound
from tipportal.usecases import disclosing, logbook

SECRET = frozenset({Provision.OSL_32_3B})
NONE: frozenset[Provision] = frozenset()


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 23), date(2026, 11, 24)),
        (date(2026, 11, 27), date(2026, 11, 30)),
        (date(2026, 12, 23), date(2026, 12, 28)),
        (date(2027, 3, 25), date(2027, 3, 30)),
        (date(2028, 2, 28), date(2028, 2, 29)),
    ],
)
def test_due_on_the_next_working_day(received: date, due: date) -> None:
    assert due_on(received) == due


def test_there_is_no_place_for_who_asks_or_why() -> None:
    named = {field.name for field in dataclasses.fields(Disclosure)} | set(
        inspect.signature(disclosing.receive).parameters
    )
    assert named == {
        "id", "organisation_id", "asked", "case_id", "log_first", "log_last", "received_on", "due_on", "received_by",
        "answered", "provisions", "decided_by", "decided_on", "copy", "ctx", "account", "reference", "entries",
    }  # fmt: skip


def test_a_case_is_released_in_part_with_a_masked_copy_that_is_kept_sealed(story: Story) -> None:
    case = story.report()
    one, another = (case.members[name].account for name in ("h1", "h2"))
    request = disclosing.receive(story.handler, one, Asked.CASE, reference=case.reference)
    [shown] = disclosing.mine(story.handler, another)
    assert (shown.reference, shown.overdue) == (case.reference, False)
    story.clock.advance(2 * DAY)
    assert disclosing.mine(story.handler, another)[0].overdue
    for answered, provisions in ((Answered.GRANTED, SECRET), (Answered.REFUSED, NONE), (Answered.PARTLY, NONE)):
        with pytest.raises(Invalid):
            disclosing.decide(story.handler, another, request.id, answered, provisions)
    copy = seal_form(story.handler, case, "masked_copy", {"text": "█████ fakturerar två gånger."}, by="h2")
    decided = disclosing.decide(story.handler, another, request.id, Answered.PARTLY, SECRET, copy)
    assert (decided.answered, decided.provisions, decided.copy) == (Answered.PARTLY, "osl_32_3b", copy.digest)
    with pytest.raises(AlreadyDecided):
        disclosing.decide(story.handler, one, request.id, Answered.GRANTED, NONE)
    assert logbook.verify(story.handler).findings == ()


def test_refusing_takes_a_recorded_delegation(story: Story) -> None:
    case = story.tip()
    one = case.members["h1"].account
    request = disclosing.receive(story.handler, one, Asked.CASE, reference=case.reference)
    story.change("DELETE FROM decisions WHERE subject = 'delegation'")
    with pytest.raises(IllegalTransition):
        disclosing.decide(story.handler, one, request.id, Answered.REFUSED, SECRET)
    disclosing.decide(story.handler, one, request.id, Answered.GRANTED, NONE)


def test_a_case_that_is_not_ones_own_is_as_unknown(story: Story) -> None:
    case = story.tip()
    one, stranger = case.members["h1"].account, story.outsider(case).account
    told = set()
    for reference in (case.reference, "ABC-DEF-GHJ"):
        with pytest.raises(NotFound) as refusal:
            disclosing.receive(story.handler, stranger, Asked.CASE, reference=reference)
        told.add(refusal.value.reason)
    request = disclosing.receive(story.handler, one, Asked.CASE, reference=case.reference)
    for request_id in (request.id, "0" * 32):
        with pytest.raises(NotFound) as refusal:
            disclosing.decide(story.handler, stranger, request_id, Answered.GRANTED, NONE)
        told.add(refusal.value.reason)
    assert len(told) == 1
    assert disclosing.mine(story.handler, stranger) == ()


def test_a_range_of_the_log_must_be_there(story: Story) -> None:
    account = story.tip().members["h1"].account
    for asked, entries in ((Asked.LOG, None), (Asked.LOG, LogRange(3, 2)), (Asked.LOG, LogRange(0, 10**6))):
        with pytest.raises(Invalid):
            disclosing.receive(story.handler, account, asked, entries=entries)
    on(story, date(2026, 11, 27))
    request = disclosing.receive(story.handler, account, Asked.LOG, entries=LogRange(0, 2))
    assert request.due_on == date(2026, 11, 30)
    other = disclosing.receive(story.handler, account, Asked.OTHER)
    assert {each.request.id for each in disclosing.mine(story.handler, account)} == {request.id, other.id}


def test_the_appeal_notice_says_where_and_how_long() -> None:
    text = appeal_text(frozenset({Provision.OSL_32_3B, Provision.OSL_26_1}), "Björkviks kommun")
    for words in ("32 kap. 3 b § OSL; 26 kap. 1 § OSL", "kammarrätten", "tre veckor", "Björkviks kommun"):
        assert words in text
