"""Changes in the database: what may not happen is a constraint."""

from __future__ import annotations

import dataclasses
import os
import threading
from datetime import date

import pytest

from tests.storage import samples
from tipportal.domain.accounts import AccountState
from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.standing import (
    ClockWatch,
    DecisionSubject,
    Opening,
    RecordedDecision,
    Review,
    ReviewKind,
    ReviewOutcome,
)
from tipportal.domain.errors import AlreadyDecided, Conflict, NotEntitled, Refusal
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.storage import Database

CHANGE = Change(
    id="c1", organisation_id=None, kind=ChangeKind.REGISTER, act=b"{}", payload=b"[]", base=3, nonce="0" * 32,
    proposer="anna", proposer_signature=os.urandom(64), proposed_at=samples.NOW, expires_at=samples.NOW + 100,
    state=ProposalState.OPEN,
)  # fmt: skip


@pytest.fixture
def proposed(town: Database) -> Database:
    """A town where a change waits."""
    with town.write() as uow:
        uow.changes.add(CHANGE)
    return town


def test_a_change_is_kept_with_its_approval(proposed: Database) -> None:
    signature = os.urandom(64)
    with proposed.write() as uow:
        assert uow.changes.by_id("c1") == CHANGE
        assert list(uow.changes.waiting(samples.NOW)) == [CHANGE]
        assert not uow.changes.waiting(samples.NOW + 100)
        uow.changes.decide("c1", ProposalState.APPROVED, approver="bo", signature=signature, now=samples.NOW + 1)
    approved = dataclasses.replace(
        CHANGE, state=ProposalState.APPROVED, approver="bo", approver_signature=signature, decided_at=samples.NOW + 1
    )
    with proposed.read() as uow:
        assert uow.changes.by_id("c1") == approved
        assert list(uow.changes.decided_since(samples.NOW)) == [approved]
        assert list(uow.changes.approved()) == [("c1", b"[]")]
        assert uow.changes.by_id("?") is None


def test_the_database_knows_that_both_are_different_people(proposed: Database) -> None:
    with proposed.write() as uow, pytest.raises(NotEntitled):
        uow.changes.decide("c1", ProposalState.APPROVED, approver="anna", signature=b"s", now=samples.NOW)


def test_a_change_is_decided_once_and_in_time(proposed: Database) -> None:
    with proposed.write() as uow:
        with pytest.raises(AlreadyDecided):
            uow.changes.decide("c1", ProposalState.APPROVED, approver="bo", signature=b"s", now=samples.NOW + 100)
        uow.changes.decide("c1", ProposalState.DECLINED, approver="bo", signature=None, now=samples.NOW)
        with pytest.raises(AlreadyDecided):
            uow.changes.decide("c1", ProposalState.APPROVED, approver="cilla", signature=b"s", now=samples.NOW)
        assert (uow.changes.by_id("c1") or CHANGE).approver == "bo"


def test_a_nonce_is_used_once(proposed: Database) -> None:
    with proposed.write() as uow, pytest.raises(Conflict):
        uow.changes.add(dataclasses.replace(CHANGE, id="c2"))


def test_two_approvals_at_once_leave_one(proposed: Database) -> None:
    ends: list[str] = []
    start = threading.Barrier(2)

    def approve(approver: str) -> None:
        start.wait()
        try:
            with proposed.write() as uow:
                uow.changes.decide("c1", ProposalState.APPROVED, approver=approver, signature=b"s", now=samples.NOW)
            ends.append("approved")
        except Refusal as refusal:
            ends.append(refusal.code)

    threads = [threading.Thread(target=approve, args=(who,)) for who in ("bo", "cilla")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["already_decided", "approved"]


def test_what_ran_out_is_marked(proposed: Database) -> None:
    with proposed.write() as uow:
        assert uow.changes.expire(samples.NOW + 99) == 0
        assert uow.changes.expire(samples.NOW + 100) == 1
        assert (uow.changes.by_id("c1") or CHANGE).state is ProposalState.EXPIRED


def test_the_newest_decision_of_a_subject_holds(proposed: Database) -> None:
    with proposed.write() as uow:
        owner = uow.register.organisations()[0].id
        for number, change_id in enumerate(("c1", "c2")):
            if change_id != "c1":
                uow.changes.add(dataclasses.replace(CHANGE, id=change_id, nonce="1" * 32))
            uow.changes.decide(
                change_id, ProposalState.APPROVED, approver="bo", signature=b"s", now=samples.NOW + number
            )
            taken = RecordedDecision(owner, DecisionSubject.DPIA, f"KS {number}", date(2026, 1, 2), change_id)
            uow.changes.record_decision(taken)
        assert [each.number for each in uow.changes.decisions()] == ["KS 1"]


def test_a_channel_is_closed_until_it_is_opened(town: Database) -> None:
    with town.write() as uow:
        owner = uow.register.organisations()[0].id
        assert not uow.changes.channel_open(owner, Channel.TIP)
        for opens, trial in ((True, True), (True, False), (False, False)):
            opening = Opening(owner, Channel.TIP, opens, trial, samples.NOW, None)
            uow.changes.set_channel(opening)
            assert uow.changes.openings() == [opening]
            assert uow.changes.channel_open(owner, Channel.TIP) is opens
            assert (Channel.TIP in uow.changes.channels_shown(owner)) is (opens and not trial)
        assert not uow.changes.channel_open(owner, Channel.REPORT)


def test_the_clocks_watch_is_one(town: Database) -> None:
    with town.write() as uow:
        assert uow.changes.clock_watch() is None
        for watch in (ClockWatch(7, None), ClockWatch(9, 8)):
            uow.changes.watch_clock(watch)
            assert uow.changes.clock_watch() == watch


def test_a_review_is_by_somebody_else_and_once(town: Database) -> None:
    with town.write() as uow:
        owner = uow.register.organisations()[0].id
        review = Review(
            id="r",
            organisation_id=owner,
            kind=ReviewKind.SUSPENSION,
            person_id="cilla",
            done_by="anna",
            done_at=samples.NOW,
            due_on=date(2026, 1, 2),
            was=AccountState.ACTIVE,
        )
        uow.changes.add_review(review)
        assert uow.changes.open_reviews() == [review]
        for nobody in ("anna", "cilla"):
            with pytest.raises(NotEntitled):
                uow.changes.settle_review("r", ReviewOutcome.LIFTED, by=nobody, now=samples.NOW)
        uow.changes.review_is_overdue("r", date(2026, 1, 3))
        uow.changes.settle_review("r", ReviewOutcome.LIFTED, by="bo", now=samples.NOW)
        with pytest.raises(AlreadyDecided):
            uow.changes.settle_review("r", ReviewOutcome.UPHELD, by="bo", now=samples.NOW)
        assert uow.changes.open_reviews() == []
        ended = [(each.id, each.overdue_on, each.reviewed_by) for each in uow.changes.ended_since("cilla", samples.NOW)]
        assert ended == [("r", date(2026, 1, 3), "bo")]
        assert not uow.changes.ended_since("cilla", samples.NOW + 1)
        assert not uow.changes.ended_since("bo", 0)


def test_an_absence_that_is_reviewed_keeps_its_own_days(town: Database) -> None:
    with town.write() as uow:
        owner = uow.register.organisations()[0].id
        days = [(None, True), (date(2026, 1, 30), False), (date(2026, 1, 31), True)]
        for number, (last, pauses) in enumerate(days):
            review = Review(
                id=f"r{number}",
                organisation_id=owner,
                kind=ReviewKind.ABSENCE,
                person_id="no-account",
                done_by="anna",
                done_at=samples.NOW,
                due_on=date(2026, 1, 5),
                absence_id=f"a{number}",
                first=date(2026, 1, 1),
                last=last,
            )
            uow.changes.add_review(review)
            assert uow.changes.review(review.id) == review
            assert review.pauses is pauses


def test_what_a_change_did_is_kept_in_words_with_its_values(proposed: Database) -> None:
    told = [
        Sentence("%(what)s: %(count)d", {"what": Sentence("dagar %(n)s", {"n": "x"}), "count": 3}),
        Sentence("%(day)s", {"day": date(2026, 1, 2)}),
    ]
    with proposed.write() as uow:
        assert uow.changes.told("c1") == []
        uow.changes.tell("c1", told)
        again = uow.changes.told("c1")
    assert [str(each) for each in again] == ["dagar x: 3", "2026-01-02"]
    assert again[0].values["what"] == told[0].values["what"]
