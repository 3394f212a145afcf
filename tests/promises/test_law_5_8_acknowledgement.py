"""Lag (2021:890) 5 kap. 8 §: acknowledgement within seven days, feedback within three months of that."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from tests.support.playing import new_form, send
from tests.support.setting_up import two
from tests.support.story import TIP, Story
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import agree, ask, propose, seal_case, seal_text, stored, write
from tipportal.domain.cases import CaseState
from tipportal.domain.errors import IllegalTransition
from tipportal.domain.organisations import Channel
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import handle
from tipportal.usecases.submit import Receipt, submit_case


def test_receipt_is_acknowledged_on_the_page_that_confirms_it_and_logged(story: Story) -> None:
    receipts = [_by_browser(story), send(story, new_form(story), channel=Channel.REPORT).receipt]

    for receipt in receipts:
        assert receipt.acknowledged_on == receipt.received_on == story.public.today()
        bodies = [
            json.loads(row["data"])
            for row in story.contents()["pending_entries"]
            if row["case_reference"] == receipt.reference
        ]
        assert {(body["kind"], body["time"]) for body in bodies} == {
            ("case_received", "2026-11-23"),
            ("case_acknowledged", "2026-11-23"),
        }
    assert {row["state"] for row in story.contents()["cases"]} == {CaseState.ACKNOWLEDGED}


@pytest.mark.parametrize(
    ("received", "feedback_by"),
    [
        (datetime(2026, 11, 30, 11, tzinfo=UTC), date(2027, 2, 28)),
        (datetime(2027, 11, 30, 11, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2027, 3, 31)),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), date(2027, 4, 1)),
    ],
)
def test_source_is_told_the_day_that_the_law_sets(story: Story, received: datetime, feedback_by: date) -> None:
    story.clock.now = int(received.timestamp())
    publish(two(story))

    assert _by_browser(story).feedback_by == feedback_by


def test_report_is_not_closed_or_answered_before_it_was_assessed_and_the_feedback_date_stays(story: Story) -> None:
    case = story.report()
    with pytest.raises(IllegalTransition):
        write(story.handler, case, Kind.FEEDBACK, "Klart.")
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    agree(
        story.handler,
        case,
        propose(
            story.handler,
            case,
            AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
            reasons,
        ),
    )
    handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    write(story.handler, case, Kind.FEEDBACK, "Det här har vi gjort.")
    first = stored(story.handler, case).feedback_on
    story.clock.advance(30 * 24 * 3600)

    write(story.handler, case, Kind.FEEDBACK, "Och det här.")

    assert first == date(2026, 11, 23)
    assert stored(story.handler, case).feedback_on == first


def _by_browser(story: Story) -> Receipt:
    offer = ask(story.public, Channel.REPORT)
    return submit_case(story.public, seal_case(story.public, offer, story.source(), TIP))
