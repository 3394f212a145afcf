"""Tables of changes by two administrators, and of what they leave behind beside the register."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from tipportal.domain.accounts import AccountState
from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.standing import DecisionSubject, ReviewKind, ReviewOutcome
from tipportal.domain.organisations import Channel

from .base import Closed, metadata, one_of


class ChangeColumns(TypedColumns):
    """Signed changes. Who declined stands here; who approved stands in ``change_approvals``, under its constraints.

    ``organisation_id`` is whose decision the change carries, null for the installation as a whole.
    """

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str | None] = Column(Text)
    kind: Named[ChangeKind] = Column(Closed(ChangeKind), nullable=False)
    act: Named[bytes] = Column(LargeBinary, nullable=False)
    payload: Named[bytes] = Column(LargeBinary, nullable=False)
    base: Named[int] = Column(sa.Integer, nullable=False)
    nonce: Named[str] = Column(Text, nullable=False, unique=True)
    proposer: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    proposer_signature: Named[bytes] = Column(LargeBinary, nullable=False)
    proposed_at: Named[int] = Column(sa.BigInteger, nullable=False)
    expires_at: Named[int] = Column(sa.BigInteger, nullable=False)
    state: Named[ProposalState] = Column(Closed(ProposalState), nullable=False)
    declined_by: Named[str | None] = Column(Text, ForeignKey("accounts.id"))
    decided_at: Named[int | None] = Column(sa.BigInteger)
    # What it does in words, as JSON: for who reads it later. Nothing is decided by it.
    told: Named[bytes | None] = Column(LargeBinary)


changes = Table(
    "changes",
    metadata,
    ChangeColumns,
    one_of("kind", ChangeKind),
    one_of("state", ProposalState),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("declined_by IS NULL OR state = 'declined'", name="declined"),
    # What an approval points to: it has to repeat the proposer, so that the two can be compared in one row.
    UniqueConstraint("id", "proposer"),
    Index(None, "state", "proposed_at"),
)


class ChangeApprovalColumns(TypedColumns):
    """The one approval that a change can have, by another administrator than the proposer (04, invariant 5)."""

    change_id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str | None] = Column(Text)
    proposer: Named[str] = Column(Text, nullable=False)
    approver: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    approver_signature: Named[bytes] = Column(LargeBinary, nullable=False)
    approved_at: Named[int] = Column(sa.BigInteger, nullable=False)


change_approvals = Table(
    "change_approvals",
    metadata,
    ChangeApprovalColumns,
    ForeignKeyConstraint(["change_id", "proposer"], ["changes.id", "changes.proposer"]),
    CheckConstraint("approver <> proposer", name="two_people"),
)


class TrusteeApprovalColumns(TypedColumns):
    """Where trustees approved in a second administrator's place: each of them once, by a set that they stand in."""

    change_id: Named[str] = Column(Text, ForeignKey("changes.id"), primary_key=True)
    organisation_id: Named[str | None] = Column(Text)
    set_version: Named[int] = Column(sa.Integer, nullable=False)
    trustee_id: Named[str] = Column(Text, primary_key=True)
    signature: Named[bytes] = Column(LargeBinary, nullable=False)
    approved_at: Named[int] = Column(sa.BigInteger, nullable=False)


trustee_approvals = Table(
    "trustee_approvals",
    metadata,
    TrusteeApprovalColumns,
    ForeignKeyConstraint(["set_version", "trustee_id"], ["trustees.set_version", "trustees.id"]),
    CheckConstraint("length(signature) = 64", name="signature"),
)


class DecisionColumns(TypedColumns):
    """Decisions that the go-live checklist asks for, each as a change recorded it."""

    change_id: Named[str] = Column(Text, ForeignKey("change_approvals.change_id"), primary_key=True)
    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    subject: Named[DecisionSubject] = Column(Closed(DecisionSubject), nullable=False)
    number: Named[str] = Column(Text, nullable=False)
    decided_on: Named[date] = Column(Date, nullable=False)


decisions = Table(
    "decisions",
    metadata,
    DecisionColumns,
    one_of("subject", DecisionSubject),
    Index(None, "organisation_id", "subject"),
)


class OpeningColumns(TypedColumns):
    """Which channels are open. ``change_id`` is null only for one that was open before changes took two."""

    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), primary_key=True)
    channel: Named[Channel] = Column(Closed(Channel), primary_key=True)
    open: Named[bool] = Column(sa.Boolean, nullable=False)
    trial: Named[bool] = Column(sa.Boolean, nullable=False)
    changed_at: Named[int] = Column(sa.BigInteger, nullable=False)
    change_id: Named[str | None] = Column(Text, ForeignKey("change_approvals.change_id"))


openings = Table(
    "openings",
    metadata,
    OpeningColumns,
    one_of("channel", Channel),
    CheckConstraint("open OR NOT trial", name="trial"),
)


class ClockWatchColumns(TypedColumns):
    """One row: when ``tick`` last ran. ``organisation_id`` is always null."""

    id: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    organisation_id: Named[str | None] = Column(Text)
    last_tick: Named[int] = Column(sa.BigInteger, nullable=False)
    doubted_since: Named[int | None] = Column(sa.BigInteger)


clock_watch = Table("clock_watch", metadata, ClockWatchColumns, CheckConstraint("id = 1", name="one_row"))


class ReviewColumns(TypedColumns):
    """What one person did at once, each to be looked at by another.

    ``person_id`` may have no account where it is an absence, and an absence that was lifted has no row of its own any
    more: neither is a foreign key.
    """

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    kind: Named[ReviewKind] = Column(Closed(ReviewKind), nullable=False)
    person_id: Named[str] = Column(Text, nullable=False)
    done_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    done_at: Named[int] = Column(sa.BigInteger, nullable=False)
    due_on: Named[date] = Column(Date, nullable=False)
    was: Named[AccountState | None] = Column(Closed(AccountState))
    absence_id: Named[str | None] = Column(Text)
    first: Named[date | None] = Column(Date)
    last: Named[date | None] = Column(Date)
    overdue_on: Named[date | None] = Column(Date)
    reviewed_by: Named[str | None] = Column(Text, ForeignKey("accounts.id"))
    reviewed_at: Named[int | None] = Column(sa.BigInteger)
    outcome: Named[ReviewOutcome | None] = Column(Closed(ReviewOutcome))


reviews = Table(
    "reviews",
    metadata,
    ReviewColumns,
    one_of("kind", ReviewKind),
    one_of("was", AccountState),
    one_of("outcome", ReviewOutcome),
    CheckConstraint("reviewed_by IS NULL OR reviewed_by NOT IN (done_by, person_id)", name="two_people"),
    CheckConstraint("(outcome IS NULL) = (reviewed_at IS NULL)", name="reviewed"),
    CheckConstraint("(reviewed_by IS NULL) = (outcome IS NULL OR outcome = 'lapsed')", name="by_somebody"),
    CheckConstraint("(kind = 'suspension') = (was IS NOT NULL)", name="suspension"),
    CheckConstraint("(kind = 'absence') = (absence_id IS NOT NULL)", name="absence"),
    Index(None, "person_id"),
)
