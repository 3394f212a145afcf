"""Keeps changes by two administrators, and the decisions, openings, watch and reviews that they leave behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.approvals import ProposalState
from tipportal.domain.cases import CaseState
from tipportal.domain.changes.by_trustees import TrusteeApproval
from tipportal.domain.changes.change import Change
from tipportal.domain.changes.standing import (
    ClockWatch,
    DecisionSubject,
    Opening,
    RecordedDecision,
    Review,
    ReviewKind,
    ReviewOutcome,
)
from tipportal.domain.errors import AlreadyDecided, Conflict, NotEntitled
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from .faults import guarded
from .guards import ENOUGH_APPROVE, TRUSTEES_REPLACE
from .mapping import columns_of, values_of
from .prepared import Prepared
from .rows import cases, change_approvals, changes, clock_watch, decisions, openings, reviews, trustee_approvals

_DECIDED = ("approver", "approver_signature", "decided_at")
_CHANGE = (
    *columns_of(changes, Change, *_DECIDED),
    sa.func.coalesce(change_approvals.c.approver, changes.c.declined_by),
    change_approvals.c.approver_signature,
    changes.c.decided_at,
)
_WITH_APPROVAL = sa.outerjoin(changes, change_approvals, change_approvals.c.change_id == changes.c.id)
_DECISION = columns_of(decisions, RecordedDecision)
_OPENING = columns_of(openings, Opening)
_REVIEW = columns_of(reviews, Review)
_BY_TRUSTEE = columns_of(trustee_approvals, TrusteeApproval)
# Asked by every submission.
_CHANNEL_OPEN = Prepared(
    sa.select(openings.c.open).where(
        openings.c.organisation_id == sa.bindparam("organisation_id"), openings.c.channel == sa.bindparam("channel")
    )
)
_APPROVE = sa.insert(change_approvals).from_select(
    ["change_id", "organisation_id", "proposer", "approver", "approver_signature", "approved_at"],
    sa.select(
        changes.c.id,
        changes.c.organisation_id,
        changes.c.proposer,
        sa.bindparam("by", type_=sa.Text),
        sa.bindparam("signature", type_=sa.LargeBinary),
        sa.bindparam("at", type_=sa.BigInteger),
    ).where(changes.c.id == sa.bindparam("change", type_=sa.Text)),
)


class Changes:
    """Implements ``ports.Changes`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, change: Change) -> None:
        """Keep an open change. Raises Conflict on a reused nonce."""
        used = Conflict(N_("Förslaget har redan lagts."), field="nonce")
        with guarded(self._connection, {"uq_changes_nonce": used}):
            self._connection.execute(sa.insert(changes), values_of(change, *_DECIDED))

    def tell(self, change_id: str, told: Sequence[Sentence]) -> None:
        """Keep in words what a change does."""
        said = json.dumps([each.to_json() for each in told], ensure_ascii=False).encode()
        self._connection.execute(sa.update(changes).where(changes.c.id == change_id).values(told=said))

    def told(self, change_id: str) -> Sequence[Sentence]:
        """What was kept; nothing for changes of the days before."""
        said = self._connection.execute(sa.select(changes.c.told).where(changes.c.id == change_id)).scalar_one_or_none()
        return [] if said is None else [Sentence.of_json(each) for each in json.loads(said)]

    def by_id(self, change_id: str) -> Change | None:
        """The change with an id, with its decision."""
        row = self._connection.execute(_select().where(changes.c.id == change_id)).one_or_none()
        return None if row is None else Change(*row)

    def waiting(self, now: int) -> Sequence[Change]:
        """Open at ``now`` (UTC seconds), newest first."""
        return self._all(changes.c.state == ProposalState.OPEN, changes.c.expires_at > now)

    def decided_since(self, since: int) -> Sequence[Change]:
        """Decided or marked as expired from ``since`` (UTC seconds) on, newest first."""
        return self._all(changes.c.state != ProposalState.OPEN, changes.c.decided_at >= since)

    def decide(self, change_id: str, state: ProposalState, *, approver: str, signature: bytes | None, now: int) -> None:
        """Approve or decline. Raises AlreadyDecided unless open at ``now``, NotEntitled when both are one person."""
        already = AlreadyDecided(N_("Förslaget är redan avgjort eller har gått ut."))
        own = N_("Du har själv föreslagit ändringen. En annan administratör behöver godkänna.")
        refusals = {"pk_change_approvals": already, "ck_change_approvals_two_people": NotEntitled(own)}
        values: dict[str, Any] = {"state": state, "decided_at": now}
        if state is ProposalState.DECLINED:
            values["declined_by"] = approver
        with guarded(self._connection, refusals):
            if state is ProposalState.APPROVED:
                # First who approved: without that the database approves nothing (guards.py).
                self._connection.execute(
                    _APPROVE, {"change": change_id, "by": approver, "signature": signature, "at": now}
                )
            self._close(change_id, values, now, already)

    def approve_by_trustees(
        self, change_id: str, set_version: int, signatures: Mapping[str, bytes], *, now: int
    ) -> None:
        """Approve with trustees of a set in a second administrator's place; ``signatures`` by trustee's id.

        Raises AlreadyDecided unless open at ``now`` (UTC seconds), NotEntitled for another kind of change or too few.
        """
        already = AlreadyDecided(N_("Förslaget är redan avgjort eller har gått ut."))
        refusals = {
            "pk_trustee_approvals": already,
            TRUSTEES_REPLACE: NotEntitled(N_("Nyckelförvaltare kan inte godkänna det här.")),
            ENOUGH_APPROVE: NotEntitled(N_("För få nyckelförvaltare har skrivit under.")),
        }
        change = self.by_id(change_id)
        if change is None or change.state is not ProposalState.OPEN:
            raise already
        approvals = [
            TrusteeApproval(change_id, change.organisation_id, set_version, one, signature, now)
            for one, signature in signatures.items()
        ]
        with guarded(self._connection, refusals):
            for approval in approvals:
                self._connection.execute(sa.insert(trustee_approvals), values_of(approval))
            self._close(change_id, {"state": ProposalState.APPROVED, "decided_at": now}, now, already)

    def trustee_approvals(self, change_id: str) -> Sequence[TrusteeApproval]:
        """The trustees' signatures under a change, by their ids; none where two administrators decided."""
        query = (
            sa.select(*_BY_TRUSTEE)
            .where(trustee_approvals.c.change_id == change_id)
            .order_by(trustee_approvals.c.trustee_id)
        )
        return [TrusteeApproval(*row) for row in self._connection.execute(query)]

    def _close(self, change_id: str, values: Mapping[str, Any], now: int, already: AlreadyDecided) -> None:
        closed = self._connection.execute(
            sa.update(changes)
            .where(changes.c.id == change_id, changes.c.state == ProposalState.OPEN, changes.c.expires_at > now)
            .values(values)
        )
        if closed.rowcount != 1:
            raise already

    def approved(self) -> Iterator[tuple[str, bytes]]:
        """The id and payload of each change that is approved by its state or by an approval that stands beside it."""
        query = (
            sa.select(changes.c.id, changes.c.payload)
            .select_from(_WITH_APPROVAL)
            .where((changes.c.state == ProposalState.APPROVED) | change_approvals.c.change_id.is_not(None))
        )
        yield from ((change_id, payload) for change_id, payload in self._connection.execute(query))

    def consents(self) -> Iterator[tuple[str, str, bytes]]:
        """Who stands under an approved change, by its id: proposer, approver, trustees, each with their signature."""
        approved = changes.c.state == ProposalState.APPROVED
        yield from (
            (change_id, signer, signature)
            for change_id, signer, signature in self._connection.execute(
                sa.union_all(
                    sa.select(changes.c.id, changes.c.proposer, changes.c.proposer_signature).where(approved),
                    sa.select(
                        change_approvals.c.change_id, change_approvals.c.approver, change_approvals.c.approver_signature
                    ),
                    sa.select(
                        trustee_approvals.c.change_id, trustee_approvals.c.trustee_id, trustee_approvals.c.signature
                    ),
                )
            )
        )

    def expire(self, now: int) -> int:
        """Mark open changes that ran out at ``now`` (UTC seconds); how many."""
        return self._connection.execute(
            sa.update(changes)
            .where(changes.c.state == ProposalState.OPEN, changes.c.expires_at <= now)
            .values(state=ProposalState.EXPIRED, decided_at=now)
        ).rowcount

    def record_decision(self, decision: RecordedDecision) -> None:
        """Keep a decision. Of several about one subject the one that was decided last holds."""
        self._connection.execute(sa.insert(decisions), values_of(decision))

    def decisions(self) -> Sequence[RecordedDecision]:
        """The newest of each organisation and subject."""
        query = (
            sa.select(*_DECISION)
            .join(change_approvals, change_approvals.c.change_id == decisions.c.change_id)
            .order_by(change_approvals.c.approved_at, decisions.c.decided_on)
        )
        newest: dict[tuple[str, DecisionSubject], RecordedDecision] = {}
        for row in self._connection.execute(query):
            decision = RecordedDecision(*row)
            newest[decision.organisation_id, decision.subject] = decision
        return list(newest.values())

    def set_channel(self, opening: Opening) -> None:
        """Open or close a channel."""
        values = values_of(opening)
        changed = self._connection.execute(
            sa.update(openings)
            .where(openings.c.organisation_id == opening.organisation_id, openings.c.channel == opening.channel)
            .values(values)
        )
        if changed.rowcount == 0:
            self._connection.execute(sa.insert(openings), values)

    def channel_open(self, organisation_id: str, channel: Channel) -> bool:
        """Whether a channel has been opened, and not been closed again."""
        row = _CHANNEL_OPEN.row(self._connection, {"organisation_id": organisation_id, "channel": channel})
        return row is not None and bool(row[0])

    def channels_shown(self, organisation_id: str) -> frozenset[Channel]:
        """The channels that are open to everybody, those on trial left out."""
        shown = sa.and_(openings.c.organisation_id == organisation_id, openings.c.open, sa.not_(openings.c.trial))
        return frozenset(self._connection.execute(sa.select(openings.c.channel).where(shown)).scalars())

    def is_closed_case(self, organisation_id: str, reference: str) -> bool:
        """Whether an organisation has a case by a reference, and it is closed."""
        query = sa.select(cases.c.id).where(
            cases.c.organisation_id == organisation_id,
            cases.c.reference == reference,
            cases.c.state == CaseState.CLOSED,
        )
        return self._connection.execute(query).first() is not None

    def openings(self) -> Sequence[Opening]:
        """Every channel that has been opened, also if it has been closed again."""
        query = sa.select(*_OPENING).order_by(openings.c.organisation_id, openings.c.channel)
        return [Opening(*row) for row in self._connection.execute(query)]

    def clock_watch(self) -> ClockWatch | None:
        """When ``tick`` last ran, and whether the clock is doubted; None before the first run."""
        row = self._connection.execute(sa.select(clock_watch.c.last_tick, clock_watch.c.doubted_since)).one_or_none()
        return None if row is None else ClockWatch(*row)

    def watch_clock(self, watch: ClockWatch) -> None:
        """Keep what the newest run saw."""
        values = values_of(watch)
        if self._connection.execute(sa.update(clock_watch).values(values)).rowcount == 0:
            self._connection.execute(sa.insert(clock_watch), {"id": 1, **values})

    def add_review(self, review: Review) -> None:
        """Keep that another administrator has something to look at."""
        self._connection.execute(sa.insert(reviews), values_of(review))

    def review(self, review_id: str) -> Review | None:
        """The review with an id."""
        row = self._connection.execute(sa.select(*_REVIEW).where(reviews.c.id == review_id)).one_or_none()
        return None if row is None else Review(*row)

    def open_reviews(self) -> Sequence[Review]:
        """Not yet looked at, the first due first."""
        query = (
            sa.select(*_REVIEW)
            .where(reviews.c.outcome.is_(None))
            .order_by(reviews.c.due_on, reviews.c.done_at, reviews.c.id)
        )
        return [Review(*row) for row in self._connection.execute(query)]

    def ended_since(self, person_id: str, since: int) -> Sequence[Review]:
        """Suspensions of a person, done from ``since`` (UTC seconds) on, that were lifted or lapsed."""
        query = sa.select(*_REVIEW).where(
            reviews.c.person_id == person_id,
            reviews.c.kind == ReviewKind.SUSPENSION,
            reviews.c.done_at >= since,
            reviews.c.outcome.in_([ReviewOutcome.LIFTED, ReviewOutcome.LAPSED]),
        )
        return [Review(*row) for row in self._connection.execute(query)]

    def settle_review(self, review_id: str, outcome: ReviewOutcome, *, by: str | None, now: int) -> None:
        """Keep how it ended. Raises AlreadyDecided when it has, NotEntitled for whoever has a part in it."""
        own = NotEntitled(N_("Någon annan än den som gjorde det, och den det gäller, behöver granska det."))
        with guarded(self._connection, {"ck_reviews_two_people": own}):
            changed = self._connection.execute(
                sa.update(reviews)
                .where(reviews.c.id == review_id, reviews.c.outcome.is_(None))
                .values(reviewed_by=by, reviewed_at=now, outcome=outcome)
            )
        if changed.rowcount != 1:
            raise AlreadyDecided(N_("Det är redan granskat."))

    def review_is_overdue(self, review_id: str, on: date) -> None:
        """Keep that it stands in the log that nobody looked in time."""
        self._connection.execute(sa.update(reviews).where(reviews.c.id == review_id).values(overdue_on=on))

    def _all(self, *which: sa.ColumnElement[bool]) -> Sequence[Change]:
        query = _select().where(*which).order_by(changes.c.proposed_at.desc(), changes.c.id)
        return [Change(*row) for row in self._connection.execute(query)]


def _select() -> sa.Select[Any]:
    return sa.select(*_CHANGE).select_from(_WITH_APPROVAL)
