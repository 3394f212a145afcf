"""Acts by two: a proposal is approved by somebody else on the panel, in the same epoch, in time, once."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.approvals import (
    ActKind,
    Proposal,
    ProposalState,
    check_approval,
    current_state,
    why_not_approve,
)
from tipportal.domain.errors import AlreadyDecided, NotEntitled

QUIET = settings(derandomize=True, deadline=None)
NOW = 1_780_000_000
PROPOSAL = Proposal(
    id="p",
    organisation_id="o",
    case_id="c",
    epoch=1,
    kind=ActKind.CLOSE,
    act=b"{}",
    payload=b"{}",
    nonce="00" * 16,
    proposer="anna",
    proposer_member="h1",
    proposer_signature=b"s",
    proposed_at=NOW - 100,
    expires_at=NOW + 100,
    state=ProposalState.OPEN,
)


def test_another_panel_member_may_approve() -> None:
    assert why_not_approve(PROPOSAL, "bo", on_panel=True, epoch=1, now=NOW) is None
    check_approval(PROPOSAL, "bo", on_panel=True, epoch=1, now=NOW)


@pytest.mark.parametrize(
    ("account", "on_panel", "epoch", "word"),
    [
        ("anna", True, 1, "själv"),
        ("bo", False, 1, "ingår"),
        ("anna", False, 1, "ingår"),
        ("bo", True, 0, "ändrats"),
        ("bo", True, 2, "ändrats"),
    ],
)
def test_nobody_else_may_and_each_is_told_why(account: str, epoch: int, word: str, *, on_panel: bool) -> None:
    with pytest.raises(NotEntitled, match=word):
        check_approval(PROPOSAL, account, on_panel=on_panel, epoch=epoch, now=NOW)


@pytest.mark.parametrize("state", [ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.EXPIRED])
def test_a_proposal_is_decided_once(state: ProposalState) -> None:
    with pytest.raises(AlreadyDecided):
        check_approval(replace(PROPOSAL, state=state), "bo", on_panel=True, epoch=1, now=NOW)


def test_a_proposal_expires_at_its_instant_without_anybody_writing_so() -> None:
    assert current_state(PROPOSAL, PROPOSAL.expires_at - 1) is ProposalState.OPEN
    assert current_state(PROPOSAL, PROPOSAL.expires_at) is ProposalState.EXPIRED
    with pytest.raises(AlreadyDecided):
        check_approval(PROPOSAL, "bo", on_panel=True, epoch=1, now=PROPOSAL.expires_at)


@pytest.mark.parametrize("state", [ProposalState.APPROVED, ProposalState.DECLINED])
def test_a_decided_proposal_does_not_expire(state: ProposalState) -> None:
    assert current_state(replace(PROPOSAL, state=state), PROPOSAL.expires_at + 1) is state


@QUIET
@given(
    state=st.sampled_from(ProposalState),
    account=st.sampled_from(["anna", "bo", "", "ANNA"]),
    on_panel=st.booleans(),
    epoch=st.integers(0, 3),
    now=st.integers(NOW - 200, NOW + 200),
)
def test_approval_needs_every_condition(
    *, state: ProposalState, account: str, on_panel: bool, epoch: int, now: int
) -> None:
    proposal = replace(PROPOSAL, state=state)
    conditions = (
        state is ProposalState.OPEN,
        now < proposal.expires_at,
        on_panel,
        account != proposal.proposer,
        epoch == proposal.epoch,
    )
    reason = why_not_approve(proposal, account, on_panel=on_panel, epoch=epoch, now=now)
    assert (reason is None) == all(conditions)
