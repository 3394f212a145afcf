"""Handing over by two, what its recipient is asked and answers, and what comes in after closing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date

import pytest

from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import (
    PlayedCase,
    act_on,
    agree,
    offered_proposal,
    propose,
    reply,
    seal_form,
    seal_notice,
    seal_text,
    stored,
    write,
)  # fmt: skip
from tipportal.cli.demo_work import propose_handing_over
from tipportal.domain.errors import Conflict, IllegalTransition, Invalid, NotFound
from tipportal.domain.handovers import Handover, LegalBasis, Recipient, Result, Told
from tipportal.domain.measures import MeasureKind
from tipportal.envelope.bodies import NoticeKind
from tipportal.envelope.payloads import AssessPayload, ClosePayload, Outcome
from tipportal.envelope.records import Kind
from tipportal.usecases import approve, handle, handovers, logbook, reopenings, scheduled

TOKEN = b"t" * 32
CONTENT = {"content": "Fakturor för mars till maj ska granskas."}


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.tip()


def _hand_over(story: Story, case: PlayedCase) -> Handover:
    proposal = propose_handing_over(story.handler, case, Recipient.POLICE, LegalBasis.OSL_10_24, CONTENT)
    agree(story.handler, case, proposal)
    with story.database.read() as uow:
        (made,) = uow.handovers.of_case(stored(story.handler, case).id)
    return made


def _kinds(story: Story) -> list[str]:
    with story.database.read() as uow:
        return [json.loads(data)["kind"] for _, data in uow.log.entries()]


def _link(story: Story, case: PlayedCase, handover: Handover, months: int = 3, token: bytes = TOKEN) -> None:
    digest = hashlib.sha256(token).digest()
    epoch = stored(story.handler, case).epoch
    handovers.make_link(story.handler, case.members["h1"].account, handover.id, months, digest, epoch)


def test_two_hand_over_what_both_have_seen_and_it_counts_as_a_measure(story: Story, case: PlayedCase) -> None:
    made = _hand_over(story, case)
    assert (made.recipient, made.basis, made.notice) == (Recipient.POLICE, LegalBasis.OSL_10_24, Told.NOT_NEEDED)
    with story.database.read() as uow:
        (measure,) = uow.measures.of_case(made.case_id)
    assert (measure.facts.kind, measure.handover, measure.record) == (MeasureKind.HANDED_OVER, made.id, made.content)
    assert _kinds(story)[-2:] == ["handed_over", "measure_recorded"]
    assert logbook.verify(story.handler).findings == ()
    story.change("UPDATE handovers SET recipient = 'ivo'")
    assert [made.id in finding.what for finding in logbook.verify(story.handler).findings] == [True]


@pytest.mark.parametrize(
    ("recipient", "basis"),
    [
        (Recipient.AUDITORS, LegalBasis.NO_SECRECY),
        (Recipient.POLICE, LegalBasis.ACT_2024_307),
        (Recipient.HEAD_OF_HR, LegalBasis.OSL_10_15A),
        (Recipient.TAX_AGENCY, LegalBasis.BENEFIT_CRIME_ACT_6),
        # A tip is no case under the act.
        (Recipient.COMMITTEE, LegalBasis.ACT_5_10_OSL_10_28),
    ],
)
def test_a_basis_holds_only_for_whom_it_names(
    story: Story, case: PlayedCase, recipient: Recipient, basis: LegalBasis
) -> None:
    with pytest.raises(IllegalTransition):
        propose_handing_over(story.handler, case, recipient, basis, CONTENT)


def test_the_reporter_is_told_with_the_approval(story: Story) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Omfattas.", by="h1")
    covered = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    agree(story.handler, case, propose(story.handler, case, covered, reasons))
    proposal = propose_handing_over(
        story.handler, case, Recipient.COMMITTEE, LegalBasis.ACT_5_10_OSL_10_28, CONTENT, notice=Told.GIVEN
    )
    with pytest.raises(Invalid):
        agree(story.handler, case, proposal)
    told = seal_notice(story.handler, case, NoticeKind.HANDED_OVER, "Nämnden får veta detta.", by="h2")
    agree(story.handler, case, proposal, records=[told])
    assert logbook.verify(story.handler).findings == ()


def test_other_content_than_was_signed_is_refused(story: Story, case: PlayedCase) -> None:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    payload = ClosePayload(Outcome.CONFIRMED, reasons.digest.hex())
    form = seal_form(story.handler, case, "handover", CONTENT, by="h1", after=reasons)
    handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    offered = offered_proposal(case.members["h1"], act_on(story.handler, case, payload), payload, reasons)
    with pytest.raises(Invalid):
        approve.propose(story.handler, case.members["h1"].account, case.reference, replace(offered, content=form))


def test_each_question_is_raised_once_when_it_is_due(story: Story, case: PlayedCase) -> None:
    made = _hand_over(story, case)
    assert scheduled.tick(story.handler).handovers_asked == 0
    story.clock.advance(92 * DAY)
    assert scheduled.tick(story.handler).handovers_asked == 1
    assert scheduled.tick(story.handler).handovers_asked == 0
    story.clock.advance(700 * DAY)
    assert handovers.ask_due(story.handler) == 3
    with story.database.read() as uow:
        assert [ask.months for ask in uow.handovers.asks_of_case(made.case_id)] == [3, 6, 12, 24]


def test_a_recipient_answers_once_by_the_newest_link(story: Story, case: PlayedCase) -> None:
    made = _hand_over(story, case)
    with pytest.raises(NotFound):
        _link(story, case, made)
    story.clock.advance(92 * DAY)
    handovers.ask_due(story.handler)
    _link(story, case, made, token=b"o" * 32)
    _link(story, case, made)
    with pytest.raises(NotFound):
        handovers.question(story.public, b"o" * 32)
    asked = handovers.question(story.public, TOKEN)
    assert (asked.handover, asked.months, asked.reference) == (made.id, 3, case.reference)
    epoch, file = handovers.seal_answer(story.public, TOKEN, {"text": "Förundersökning är inledd."})
    given = handovers.Answer(Result.RECOVERY_CLAIM, 15_000, epoch, file)
    handovers.answer(story.public, TOKEN, given)
    for call in (
        lambda: handovers.question(story.public, TOKEN),
        lambda: handovers.answer(story.public, TOKEN, given),
        lambda: handovers.question(story.public, None),
    ):
        with pytest.raises(NotFound):
            call()
    with pytest.raises(Conflict):
        _link(story, case, made)
    with story.database.read() as uow:
        (report,) = uow.handovers.reports_of_case(made.case_id)
        case_log = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    assert (report.result, report.kronor, report.file) == (Result.RECOVERY_CLAIM, 15_000, file)
    assert case_log[-1]["facts"] == {"handover": made.id, "months": 3, "result": "recovery_claim", "kronor": 15_000}
    assert logbook.verify(story.handler).findings == ()


def _close(story: Story, case: PlayedCase) -> None:
    handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Klart.", by="h1")
    agree(
        story.handler,
        case,
        propose(story.handler, case, ClosePayload(Outcome.CONFIRMED, reasons.digest.hex()), reasons),
    )


def _asked(story: Story, case: PlayedCase) -> tuple[date, int] | None:
    return handle.open_case(story.handler, case.members["h1"].account, case.reference).work.reopening


def test_a_message_after_closing_waits_for_a_decision(story: Story, case: PlayedCase) -> None:
    reply(story.public, case, "Före.")
    story.clock.advance(DAY)
    _close(story, case)
    write(story.handler, case, Kind.MESSAGE, "Ärendet är avslutat.")
    assert _asked(story, case) is None
    story.clock.advance(DAY)
    written = reply(story.public, case, "Det fortsätter.")
    on = story.handler.today()
    assert _asked(story, case) == (on, written.seq)
    story.clock.advance(DAY)
    newest = reply(story.public, case, "Varje vecka.")
    assert _asked(story, case) == (on, newest.seq)
    form = seal_form(story.handler, case, "reopening_declined", {"reasons": "Redan känt."}, by="h1")
    first = case.members["h1"].account
    with pytest.raises(IllegalTransition):
        reopenings.decline(story.handler, first, case.reference, form, upto_seq=written.seq)
    reopenings.decline(story.handler, first, case.reference, form, upto_seq=newest.seq)
    assert _asked(story, case) is None
    assert _kinds(story)[-2] == "reopening_declined"
    with pytest.raises(IllegalTransition):
        reopenings.decline(story.handler, first, case.reference, form, upto_seq=newest.seq)
    assert logbook.verify(story.handler).findings == ()
