"""Proposals and their single approval: both people stand in one row, under one CHECK."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.approvals import Proposal, ProposalState
from tipportal.domain.cases import Case
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.errors import AlreadyDecided, Conflict, NotEntitled, ProposalOpen
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .queries import awaits, held_by
from .rows import approvals, cases, proposals

_DECISION = ("approver", "approver_member", "approver_signature", "decided_at")
_CASE = columns_of(cases, Case)
PROPOSAL = (
    *columns_of(proposals, Proposal, *_DECISION),
    sa.func.coalesce(approvals.c.approver, proposals.c.declined_by),
    sa.func.coalesce(approvals.c.approver_member, proposals.c.declined_member),
    approvals.c.approver_signature,
    proposals.c.decided_at,
)
WITH_APPROVAL = sa.outerjoin(proposals, approvals, approvals.c.proposal_id == proposals.c.id)


class Proposals:
    """Implements ``ports.Proposals`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, proposal: Proposal) -> None:
        """Keep an open proposal. Raises ProposalOpen when one of the kind waits, Conflict on a reused nonce."""
        refusals = {
            "uq_proposals_one_open": ProposalOpen(
                N_(
                    "Det finns redan ett sådant förslag som väntar på godkännande. Den som lade det kan ta tillbaka "
                    "det, och de andra i ärendegruppen kan avslå det."
                )
            ),
            "uq_proposals_nonce": Conflict(N_("Förslaget har redan lagts."), field="nonce"),
        }
        with guarded(self._connection, refusals):
            # One that ran out before anybody noted it must not stand in the way, nor one of an epoch that is over:
            # nobody can approve it any more.
            self._expire(
                proposal.proposed_at,
                proposals.c.case_id == proposal.case_id,
                proposals.c.kind == proposal.kind,
                over=proposals.c.epoch < proposal.epoch,
            )
            self._connection.execute(sa.insert(proposals), values_of(proposal, *_DECISION))

    def by_id(self, proposal_id: str) -> Proposal | None:
        """The proposal with an id, with its decision."""
        query = sa.select(*PROPOSAL).select_from(WITH_APPROVAL).where(proposals.c.id == proposal_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Proposal(*row)

    def of_case(self, case_id: str) -> Sequence[Proposal]:
        """A case's proposals, oldest first."""
        query = (
            sa.select(*PROPOSAL)
            .select_from(WITH_APPROVAL)
            .where(proposals.c.case_id == case_id)
            .order_by(proposals.c.proposed_at, proposals.c.id)
        )
        return [Proposal(*row) for row in self._connection.execute(query)]

    def open_for(self, account_id: str, now: int) -> Sequence[tuple[Case, Proposal]]:
        """Proposals of others that the account can decide at ``now`` (UTC seconds), oldest first."""
        query = (
            sa.select(*_CASE, *PROPOSAL)
            .select_from(WITH_APPROVAL.join(cases, awaits(account_id, now)))
            .where(held_by(account_id, stockholm_date(now)))
            .order_by(proposals.c.proposed_at, proposals.c.id)
        )
        width = len(_CASE)
        return [(Case(*row[:width]), Proposal(*row[width:])) for row in self._connection.execute(query)]

    def decide(
        self,
        proposal_id: str,
        state: ProposalState,
        *,
        approver: str | None,
        approver_member: str | None,
        signature: bytes | None,
        now: int,
    ) -> None:
        """Approve or decline. Raises AlreadyDecided unless open at ``now``, NotEntitled when both are one person."""
        already = AlreadyDecided(N_("Förslaget är redan avgjort eller har gått ut."))
        refusals = {
            "pk_approvals": already,
            "ck_approvals_two_people": NotEntitled(
                N_("Du har själv lagt förslaget. Någon annan i ärendegruppen behöver godkänna.")
            ),
        }
        values: dict[str, Any] = {"state": state, "decided_at": now}
        if state is ProposalState.DECLINED:
            values |= {"declined_by": approver, "declined_member": approver_member}
        with guarded(self._connection, refusals):
            changed = self._connection.execute(
                sa.update(proposals)
                .where(
                    proposals.c.id == proposal_id,
                    proposals.c.state == ProposalState.OPEN,
                    proposals.c.expires_at > now,
                )
                .values(values)
            )
            if changed.rowcount != 1:
                raise already
            if state is ProposalState.APPROVED:
                self._connection.execute(
                    _APPROVE,
                    {
                        "proposal": proposal_id,
                        "by": approver,
                        "member": approver_member,
                        "signature": signature,
                        "at": now,
                    },
                )

    def approved(self) -> Iterator[str]:
        """The ids of all approved proposals: by their state or by an approval that stands beside it."""
        query = (
            sa.select(proposals.c.id)
            .select_from(WITH_APPROVAL)
            .where((proposals.c.state == ProposalState.APPROVED) | approvals.c.proposal_id.is_not(None))
        )
        yield from self._connection.execute(query).scalars()

    def expire(self, now: int) -> int:
        """Mark open proposals that ran out at ``now`` (UTC seconds); how many."""
        return self._expire(now)

    def _expire(self, now: int, *which: sa.ColumnElement[bool], over: sa.ColumnElement[bool] | None = None) -> int:
        past = proposals.c.expires_at <= now
        return self._connection.execute(
            sa.update(proposals)
            .where(proposals.c.state == ProposalState.OPEN, past if over is None else past | over, *which)
            .values(state=ProposalState.EXPIRED, decided_at=now)
        ).rowcount


_APPROVE = sa.insert(approvals).from_select(
    [
        "proposal_id",
        "organisation_id",
        "proposer",
        "approver",
        "approver_member",
        "approver_signature",
        "approved_at",
    ],
    sa.select(
        proposals.c.id,
        proposals.c.organisation_id,
        proposals.c.proposer,
        sa.bindparam("by", type_=sa.Text),
        sa.bindparam("member", type_=sa.Text),
        sa.bindparam("signature", type_=sa.LargeBinary),
        sa.bindparam("at", type_=sa.BigInteger),
    ).where(proposals.c.id == sa.bindparam("proposal", type_=sa.Text)),
)
