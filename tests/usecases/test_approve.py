from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.playing import new_epoch
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import (
    PlayedCase,
    act_on,
    agree,
    offered_proposal,
    propose,
    seal_text,
    sign,
    stored,
    write,
)
from tipportal.domain.approvals import Proposal, ProposalState
from tipportal.domain.cases import CaseState, Outcome
from tipportal.domain.errors import (
    AlreadyDecided,
    BadSignature,
    IllegalTransition,
    Invalid,
    NotEntitled,
    NotFound,
    ProposalOpen,
    Refusal,
)
from tipportal.envelope.acts import parse_act
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.payloads import AssessPayload, ClosePayload, Payload
from tipportal.envelope.payloads import Outcome as ActOutcome
from tipportal.envelope.records import Kind
from tipportal.usecases import approve, handle, scheduled
from tipportal.usecases.effects.effect import OfferedProposal
from tipportal.usecases.sealedfiles import SealedFile


def test_report_is_assessed_followed_up_answered_and_closed_by_two(story: Story) -> None:
    case = story.report()

    agree(story.handler, case, _assess(story, case))
    assert stored(story.handler, case).covered is True
    handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    write(story.handler, case, Kind.FEEDBACK, "Vi har ändrat rutinen.")
    closed = agree(story.handler, case, _close(story, case, by="h2"), by="h1")

    assert (closed.state, closed.outcome) == (CaseState.CLOSED, Outcome.CONFIRMED)
    assert closed.closed_on == closed.feedback_on == story.handler.today()
    assert stored(story.handler, case) == closed


def test_proposal_changes_nothing_until_somebody_else_approves(story: Story) -> None:
    case = story.report()
    before = stored(story.handler, case)

    proposal = _assess(story, case)

    assert stored(story.handler, case) == before
    assert proposal.state is ProposalState.OPEN
    h1, h2 = (case.members[member].account for member in ("h1", "h2"))
    assert [waiting.proposal.id for waiting in approve.waiting(story.handler, h2)] == [proposal.id]
    assert approve.waiting(story.handler, h1) == ()
    assert handle.counts(story.handler, h2)["waiting"] == 1


def test_proposer_cannot_approve_not_even_in_another_session(story: Story) -> None:
    case = story.report()
    proposal = _assess(story, case)
    with story.database.read() as uow:
        in_another_session = uow.accounts.by_id(case.members["h1"].account.id)
    assert in_another_session is not None

    refusal = _refused(story, case, proposal, by="h1")
    with pytest.raises(NotEntitled):
        approve.approve(story.handler, in_another_session, proposal.id, _signature(case, proposal, "h1"))

    assert isinstance(refusal, NotEntitled)
    assert stored(story.handler, case).covered is None


def test_standby_and_strangers_cannot_propose_or_approve_and_learn_nothing(story: Story) -> None:
    case = story.report()
    proposal = _assess(story, case)
    standby = story.outsider(case)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    payload = AssessPayload(covered=False, ground="no_public_interest", reasons=reasons.digest.hex())
    offered = offered_proposal(standby, act_on(story.handler, case, payload), payload, reasons)

    for proposal_id in (proposal.id, "0" * 32, "", "åäö"):
        with pytest.raises(NotFound):
            approve.approve(story.handler, standby.account, proposal_id, bytes(64))
        with pytest.raises(NotFound):
            approve.decline(story.handler, standby.account, proposal_id)
    with pytest.raises(NotFound):
        approve.propose(story.handler, standby.account, case.reference, offered)

    kinds = [row["data"].count(b"access_refused") for row in story.contents()["log_entries"]]
    assert sum(kinds) == 9
    assert stored(story.handler, case).covered is None


def test_of_many_approvals_at_once_one_takes_effect(story: Story) -> None:
    case = story.report()
    proposal = _assess(story, case)
    signature = _signature(case, proposal, "h2")
    account = case.members["h2"].account
    together = threading.Barrier(6)

    def decide(number: int) -> str:
        together.wait()
        try:
            if number % 2:
                approve.decline(story.handler, account, proposal.id)
                return "declined"
            approve.approve(story.handler, account, proposal.id, signature)
        except AlreadyDecided:
            return "late"
        return "approved"

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(decide, range(6)))

    assert results.count("late") == 5
    took_effect = results.count("approved") == 1
    assert (stored(story.handler, case).covered is True) == took_effect
    with story.database.read() as uow:
        kept = uow.proposals.by_id(proposal.id)
    assert kept is not None
    assert kept.state is (ProposalState.APPROVED if took_effect else ProposalState.DECLINED)


def test_proposal_expires_after_fourteen_days(story: Story) -> None:
    case = story.report()
    proposal = _assess(story, case)
    signature = _signature(case, proposal, "h2")
    story.clock.advance(14 * DAY)

    assert isinstance(_refused(story, case, proposal), AlreadyDecided)
    assert approve.waiting(story.handler, case.members["h2"].account) == ()
    assert handle.counts(story.handler, case.members["h2"].account)["waiting"] == 0
    # The act's own date counts, whatever the column beside it is made to say.
    story.change("UPDATE proposals SET expires_at = expires_at + 1000000")
    with pytest.raises(Invalid):
        approve.approve(story.handler, case.members["h2"].account, proposal.id, signature)
    assert stored(story.handler, case).covered is None


def test_expired_proposal_leaves_room_for_a_new_one(story: Story) -> None:
    case = story.report()
    first = _assess(story, case)
    with pytest.raises(ProposalOpen):
        _assess(story, case)
    story.clock.advance(14 * DAY - 1)
    with pytest.raises(ProposalOpen):
        _assess(story, case)
    story.clock.advance(1)

    second = _assess(story, case)

    assert isinstance(_refused(story, case, first), AlreadyDecided)
    agree(story.handler, case, second)
    story.clock.advance(15 * DAY)
    assert scheduled.tick(story.handler).proposals_expired == 0


def test_bad_signature_is_refused_at_both_ends(story: Story) -> None:
    case = story.report()
    payload, reasons = _reasons(story, case)
    act = act_on(story.handler, case, payload)
    good = offered_proposal(case.members["h1"], act, payload, reasons)
    other = sign(case.members["h2"], act)

    for signature in (other, bytes(64), good.signature[:-1], b"", bytes([*good.signature[:-1], 255])):
        with pytest.raises(BadSignature):
            approve.propose(
                story.handler, case.members["h1"].account, case.reference, replace(good, signature=signature)
            )
    proposal = approve.propose(story.handler, case.members["h1"].account, case.reference, good)
    for signature in (good.signature, bytes(64), b"", other[:-1]):
        with pytest.raises(BadSignature):
            approve.approve(story.handler, case.members["h2"].account, proposal.id, signature)

    assert stored(story.handler, case).covered is None
    agree(story.handler, case, proposal)


def test_act_must_be_about_this_case_as_it_is_now(story: Story) -> None:
    case, other = story.report(), story.report()
    payload, reasons = _reasons(story, case)
    act = act_on(story.handler, case, payload)
    late = datetime.fromtimestamp(story.clock() + 15 * DAY, UTC)
    before = story.contents()

    for changed in (
        replace(act, case=other.reference),
        replace(act, genesis="0" * 64),
        replace(act, epoch=1),
        replace(act, payload="0" * 64),
        replace(act, policy=1),
        replace(act, directory=2),
        replace(act, expires=late),
        replace(act, expires=datetime.fromtimestamp(story.clock(), UTC)),
    ):
        with pytest.raises(Invalid):
            _hand_in(story, case, offered_proposal(case.members["h1"], changed, payload, reasons))
    good = offered_proposal(case.members["h1"], act, payload, reasons)
    for offered in (
        replace(good, act={**good.act, "extra": 1}),
        replace(good, act={name: value for name, value in good.act.items() if name != "nonce"}),
        replace(good, act={**good.act, "nonce": "A" * 32}),
        replace(good, act={**good.act, "kind": "erase"}),
        replace(good, act={**good.act, "expires": "2026-12-01"}),
        replace(good, act={}),
        replace(good, payload={**good.payload, "covered": False}),
        replace(good, payload={**good.payload, "covered": "yes"}),
        replace(good, payload={}),
    ):
        with pytest.raises(Invalid):
            _hand_in(story, case, offered)
    _, elsewhere = _reasons(story, case)
    with pytest.raises(Invalid):
        _hand_in(story, case, replace(good, reasons=elsewhere))
    assert story.contents() == before


def test_proposal_of_an_earlier_epoch_is_not_approved(story: Story) -> None:
    case = story.report()
    proposal = _assess(story, case)
    # A later version changes keys when a group changes; here only keys that the server has seen are changed.
    story.change("UPDATE epochs SET opened_by = 'server' WHERE case_id = :id", id=stored(story.handler, case).id)
    new_epoch(story, case).begin(story, case)

    assert isinstance(_refused(story, case, proposal), NotEntitled)
    assert approve.waiting(story.handler, case.members["h2"].account) == ()
    assert stored(story.handler, case).covered is None


def test_same_act_is_not_proposed_twice(story: Story) -> None:
    case = story.report()
    payload, reasons = _reasons(story, case)
    offered = offered_proposal(case.members["h1"], act_on(story.handler, case, payload), payload, reasons)
    proposal = _hand_in(story, case, offered)
    approve.decline(story.handler, case.members["h2"].account, proposal.id)
    before = story.contents()

    with pytest.raises(Refusal):
        _hand_in(story, case, offered)

    assert story.contents() == before


def test_both_may_decline_and_a_declined_proposal_stays_declined(story: Story) -> None:
    case = story.report()
    for by in ("h1", "h2"):
        proposal = _assess(story, case)
        approve.decline(story.handler, case.members[by].account, proposal.id)
        assert isinstance(_refused(story, case, proposal), AlreadyDecided)
        with pytest.raises(AlreadyDecided):
            approve.decline(story.handler, case.members["h2"].account, proposal.id)
    assert stored(story.handler, case).covered is None


def test_illegal_steps_are_refused_when_proposed_and_leave_nothing(story: Story) -> None:
    report, tip = story.report(), story.tip()
    before = story.contents()

    with pytest.raises(IllegalTransition):
        _close(story, report)
    with pytest.raises(IllegalTransition):
        _assess(story, tip)
    with pytest.raises(IllegalTransition):
        _close(story, tip)
    with pytest.raises(IllegalTransition):
        handle.begin_follow_up(story.handler, report.members["h1"].account, report.reference)
    with pytest.raises(IllegalTransition):
        write(story.handler, report, Kind.FEEDBACK, "Klart.")
    assert story.contents() == before

    agree(story.handler, report, _assess(story, report, covered=False))
    with pytest.raises(IllegalTransition):
        _assess(story, report)
    write(story.handler, report, Kind.FEEDBACK, "Omfattas inte.")
    with pytest.raises(IllegalTransition):
        _close(story, report, ActOutcome.CONFIRMED)
    agree(story.handler, report, _close(story, report, ActOutcome.NOT_COVERED))
    with pytest.raises(IllegalTransition):
        _close(story, report, ActOutcome.NOT_COVERED)


def test_step_that_became_illegal_meanwhile_is_refused_when_approved(story: Story) -> None:
    tip = story.tip()
    handle.begin_follow_up(story.handler, tip.members["h1"].account, tip.reference)
    proposal = _close(story, tip)
    story.change("UPDATE cases SET state = 'acknowledged'")

    assert isinstance(_refused(story, tip, proposal), IllegalTransition)
    assert stored(story.handler, tip).outcome is None


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE proposals SET payload = (SELECT payload FROM proposals WHERE kind = 'close') WHERE kind = 'assess'",
        "UPDATE proposals SET proposer_signature = (SELECT proposer_signature FROM proposals WHERE kind = 'close')",
        "UPDATE proposals SET case_id = (SELECT id FROM cases WHERE reference = :other) WHERE kind = 'assess'",
        "UPDATE proposals SET act = (SELECT act FROM proposals WHERE kind = 'close') WHERE kind = 'assess'",
        "UPDATE accounts SET verification_key = (SELECT verification_key FROM accounts WHERE id = :admin)",
    ],
    ids=["payload", "signature", "case", "act", "key"],
)
def test_proposal_that_was_edited_in_the_database_is_not_approved(story: Story, edit: str) -> None:
    case, other = story.report(), story.tip()
    handle.begin_follow_up(story.handler, other.members["h1"].account, other.reference)
    _close(story, other)
    proposal = _assess(story, case)
    with story.sql() as connection:
        values = {"other": other.reference, "admin": story.outsider(case).account.id}
        connection.exec_driver_sql(
            edit.replace(":other", f"'{values['other']}'").replace(":admin", f"'{values['admin']}'")
        )
    before = stored(story.handler, case), stored(story.handler, other)

    account = case.members["h2"].account
    if "verification_key" in edit:
        with story.database.read() as uow:
            account = uow.accounts.by_id(account.id) or account
    with pytest.raises((Invalid, BadSignature, NotFound, NotEntitled)):
        approve.approve(story.handler, account, proposal.id, _signature(case, proposal, "h2"))

    assert (stored(story.handler, case), stored(story.handler, other)) == before


def test_refused_approval_is_logged_although_it_failed(story: Story) -> None:
    case = story.report()
    proposal = _assess(story, case)
    entries = len(story.contents()["log_entries"])

    _refused(story, case, proposal, by="h1")

    added = story.contents()["log_entries"][entries:]
    assert len(story.contents()["log_entries"]) == entries + 1
    assert added
    newest = max(story.contents()["log_entries"], key=lambda row: row["position"])
    assert b'"kind":"approval_refused"' in newest["data"]
    assert b'"code":"not_entitled"' in newest["data"]


def _reasons(story: Story, case: PlayedCase, *, by: str = "h1", covered: bool = True) -> tuple[Payload, SealedFile]:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by=by)
    ground = "public_interest" if covered else "no_public_interest"
    return AssessPayload(covered=covered, ground=ground, reasons=reasons.digest.hex()), reasons


def _assess(story: Story, case: PlayedCase, *, covered: bool = True) -> Proposal:
    payload, reasons = _reasons(story, case, covered=covered)
    return propose(story.handler, case, payload, reasons)


def _close(story: Story, case: PlayedCase, outcome: ActOutcome = ActOutcome.CONFIRMED, *, by: str = "h1") -> Proposal:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by=by)
    return propose(story.handler, case, ClosePayload(outcome, reasons.digest.hex()), reasons, by=by)


def _hand_in(story: Story, case: PlayedCase, offered: OfferedProposal) -> Proposal:
    return approve.propose(story.handler, case.members["h1"].account, case.reference, offered)


def _signature(case: PlayedCase, proposal: Proposal, by: str) -> bytes:
    return sign(case.members[by], parse_act(parse_canonical(proposal.act)))


def _refused(story: Story, case: PlayedCase, proposal: Proposal, *, by: str = "h2") -> Refusal:
    with pytest.raises(Refusal) as refused:
        agree(story.handler, case, proposal, by=by)
    return refused.value
