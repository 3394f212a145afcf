from __future__ import annotations

import dataclasses
import os
import threading

import pytest

from tests.storage import samples
from tests.storage.raw import refused, statements
from tipportal.domain.approvals import ActKind, Proposal, ProposalState
from tipportal.domain.errors import AlreadyDecided, Conflict, NotEntitled, ProposalOpen, Refusal
from tipportal.domain.ports import UnitOfWork
from tipportal.storage import Database

CASE = samples.case()
SIGNATURE = os.urandom(64)


@pytest.fixture
def proposed(town: Database) -> Proposal:
    made = samples.proposal(CASE)
    with town.write() as uow:
        samples.submit(uow, CASE)
        uow.proposals.add(made)
    return made


def _approve(uow: UnitOfWork, proposal: Proposal, by: str = "bo", now: int = samples.NOW) -> None:
    uow.proposals.decide(
        proposal.id, ProposalState.APPROVED, approver=by, approver_member="h2", signature=SIGNATURE, now=now
    )


def test_an_approval_stands_beside_the_proposal(town: Database, proposed: Proposal) -> None:
    with town.write() as uow:
        assert uow.proposals.by_id("p1") == proposed
        assert uow.proposals.by_id("?") is None
        _approve(uow, proposed)
    with town.read() as uow:
        approved = uow.proposals.by_id("p1")
    assert approved == dataclasses.replace(
        proposed,
        state=ProposalState.APPROVED,
        approver="bo",
        approver_member="h2",
        approver_signature=SIGNATURE,
        decided_at=samples.NOW,
    )


def test_one_of_an_epoch_that_is_over_stands_in_nobodys_way(town: Database, proposed: Proposal) -> None:
    def again(epoch: int) -> Proposal:
        return dataclasses.replace(proposed, id=f"p{epoch + 2}", nonce=f"{epoch + 2:032x}", epoch=epoch)

    with town.write() as uow:
        with pytest.raises(ProposalOpen):
            uow.proposals.add(again(0))
        uow.cases.close_epoch(CASE.id, 0)
        uow.cases.add_epoch(samples.epoch(CASE, 1))
        uow.proposals.add(again(1))
        ended = uow.proposals.by_id("p1")
    assert ended is not None
    assert (ended.state, ended.decided_at) == (ProposalState.EXPIRED, samples.NOW)


def test_a_proposal_is_decided_once(town: Database, proposed: Proposal) -> None:
    with town.write() as uow:
        _approve(uow, proposed)
        with pytest.raises(AlreadyDecided):
            _approve(uow, proposed, "cilla")
        with pytest.raises(AlreadyDecided):
            uow.proposals.decide(
                "p1", ProposalState.DECLINED, approver="cilla", approver_member="h3", signature=None, now=samples.NOW
            )


def test_a_declined_proposal_says_by_whom(town: Database, proposed: Proposal) -> None:
    with town.write() as uow:
        uow.proposals.decide(
            "p1", ProposalState.DECLINED, approver="bo", approver_member="h2", signature=None, now=samples.NOW
        )
        declined = uow.proposals.by_id("p1")
        with pytest.raises(AlreadyDecided):
            _approve(uow, proposed)
    assert declined is not None
    assert (declined.state, declined.approver, declined.approver_member) == (ProposalState.DECLINED, "bo", "h2")


def test_nobody_approves_their_own_proposal(town: Database, proposed: Proposal) -> None:
    with town.write() as uow, pytest.raises(NotEntitled):
        _approve(uow, proposed, "anna")
    with town.read() as uow:
        found = uow.proposals.by_id("p1")
    assert found == proposed


@pytest.mark.usefixtures("proposed")
def test_the_database_itself_wants_two_people(town: Database) -> None:
    insert = "INSERT INTO approvals VALUES ('p1', 'o1', '{proposer}', '{approver}', 'h2', {signature}, 1)"
    signature = "x'00'" if statements(town) == "sqlite" else r"'\x00'"
    same = insert.format(proposer="anna", approver="anna", signature=signature)
    assert refused(town, same) == "ck_approvals_two_people"
    # Naming another proposer does not help: the proposal says who it was.
    assert refused(town, insert.format(proposer="bo", approver="anna", signature=signature)) is not None
    other = insert.format(proposer="anna", approver="bo", signature=signature)
    assert refused(town, other, other.replace("'bo'", "'cilla'")) == "pk_approvals"


def test_of_two_approvals_at_once_one_counts(town: Database, proposed: Proposal) -> None:
    start = threading.Barrier(2)
    results: list[str] = []

    def approve(by: str) -> None:
        start.wait()
        try:
            with town.write() as uow:
                _approve(uow, proposed, by)
            results.append("approved")
        except Refusal as refusal:
            results.append(refusal.code)

    threads = [threading.Thread(target=approve, args=(by,)) for by in ("bo", "cilla")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["already_decided", "approved"]


def test_one_proposal_of_a_kind_waits_at_a_time(town: Database, proposed: Proposal) -> None:
    again = samples.proposal(CASE, "p2", "bo")
    with town.write() as uow:
        with pytest.raises(ProposalOpen):
            uow.proposals.add(again)
        with pytest.raises(Conflict, match="redan lagts"):
            uow.proposals.add(samples.proposal(CASE, "p3", kind=ActKind.ASSESS, nonce=proposed.nonce))
        uow.proposals.add(samples.proposal(CASE, "p4", kind=ActKind.ASSESS))
        # Once the first ran out it does not stand in the way, even if nobody has noted it.
        late = dataclasses.replace(again, proposed_at=proposed.expires_at, expires_at=proposed.expires_at + 10)
        uow.proposals.add(late)
        states = [(found.id, found.state) for found in uow.proposals.of_case(CASE.id)]
    assert states == [("p1", ProposalState.EXPIRED), ("p4", ProposalState.OPEN), ("p2", ProposalState.OPEN)]


def test_a_proposal_that_ran_out_is_not_approved(town: Database, proposed: Proposal) -> None:
    with town.write() as uow:
        with pytest.raises(AlreadyDecided):
            _approve(uow, proposed, now=proposed.expires_at)
        assert uow.proposals.expire(proposed.expires_at - 1) == 0
        assert uow.proposals.expire(proposed.expires_at) == 1
        with pytest.raises(AlreadyDecided):
            _approve(uow, proposed, now=samples.NOW)


def test_proposals_wait_for_the_others_on_the_panel(town: Database, proposed: Proposal) -> None:
    with town.read() as uow:
        assert uow.proposals.open_for("bo", samples.NOW) == [(CASE, proposed)]
        assert uow.proposals.open_for("bo", proposed.expires_at) == []
        for somebody in ("anna", "cilla", "nobody"):
            assert uow.proposals.open_for(somebody, samples.NOW) == []
        assert uow.cases.counts_for("bo", samples.NOW)["waiting"] == 1
        assert uow.cases.counts_for("bo", proposed.expires_at)["waiting"] == 0
        assert uow.cases.counts_for("anna", samples.NOW)["waiting"] == 0
        assert [row.waits_for_me for row in uow.cases.rows_for("bo", after=None, limit=9, now=samples.NOW)] == [True]
        assert [row.waits_for_me for row in uow.cases.rows_for("anna", after=None, limit=9, now=samples.NOW)] == [False]
    with town.write() as uow:
        uow.cases.add_epoch(samples.epoch(CASE, 1, "anna"))
        uow.cases.add_grants(samples.grants(CASE, 1))
        uow.cases.advance(CASE, epoch=1)
        # The panel changed: the proposal was made under other keys.
        assert uow.proposals.open_for("bo", samples.NOW) == []


def test_only_a_decision_closes_a_proposal(town: Database, proposed: Proposal) -> None:
    del proposed
    assert refused(town, "UPDATE proposals SET state = 'approved'") == "ck_proposals_decided"
    assert refused(town, "UPDATE proposals SET declined_by = 'bo'") == "ck_proposals_declined"
