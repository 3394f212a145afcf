"""When a case may go to an archive, and by whose decision (01; arkivlagen 3 §)."""

from __future__ import annotations

from collections.abc import Sequence

from .approvals import ActKind, Proposal, ProposalState
from .cases import Case, CaseState
from .deadlines import stockholm_date
from .errors import IllegalTransition
from .texts import N_


def may_export(case: Case) -> None:
    """Raise IllegalTransition unless a case is closed: an archive takes what is finished."""
    if case.state not in (CaseState.CLOSED, CaseState.LOCKED) or case.closed_on is None:
        raise IllegalTransition(N_("Ärendet är inte avslutat. Bara ett avslutat ärende exporteras till arkiv."))


def decided_export(case: Case, proposals: Sequence[Proposal]) -> Proposal | None:
    """The newest decision by two that lets the case be exported; None when there is none since it was closed.

    A case that was opened again takes a new decision: what two agreed to was another case.
    """
    closed_on = case.closed_on
    if case.state not in (CaseState.CLOSED, CaseState.LOCKED) or closed_on is None:
        return None
    decided = [
        proposal
        for proposal in proposals
        if proposal.kind is ActKind.EXPORT
        and proposal.state is ProposalState.APPROVED
        and proposal.decided_at is not None
        and stockholm_date(proposal.decided_at) >= closed_on
    ]
    return max(decided, key=lambda proposal: proposal.decided_at or 0, default=None)


def must_be_decided(case: Case, proposals: Sequence[Proposal]) -> Proposal:
    """The decision by two. Raises IllegalTransition when there is none."""
    may_export(case)
    decided = decided_export(case, proposals)
    if decided is None:
        raise IllegalTransition(
            N_("Två i ärendegruppen behöver först besluta att ärendet exporteras. Föreslå det på ärendets sida.")
        )
    return decided
