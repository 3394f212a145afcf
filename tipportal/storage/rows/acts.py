"""Tables of acts by two people, and of the handling log."""

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

from tipportal.domain.approvals import ActKind, ProposalState

from .base import Closed, Position, metadata, one_of

# Several may be open about colleagues: a refusal would tell the one concerned that theirs is.
_ONE = sa.text("state = 'open' AND kind <> 'exclude_member'")


class ProposalColumns(TypedColumns):
    """Signed proposals. Who declined stands here; who approved stands in ``approvals``, under its constraints."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    kind: Named[ActKind] = Column(Closed(ActKind), nullable=False)
    act: Named[bytes] = Column(LargeBinary, nullable=False)
    payload: Named[bytes] = Column(LargeBinary, nullable=False)
    nonce: Named[str] = Column(Text, nullable=False, unique=True)
    proposer: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    proposer_member: Named[str] = Column(Text, nullable=False)
    proposer_signature: Named[bytes] = Column(LargeBinary, nullable=False)
    proposed_at: Named[int] = Column(sa.BigInteger, nullable=False)
    expires_at: Named[int] = Column(sa.BigInteger, nullable=False)
    state: Named[ProposalState] = Column(Closed(ProposalState), nullable=False)
    declined_by: Named[str | None] = Column(Text, ForeignKey("accounts.id"))
    declined_member: Named[str | None] = Column(Text)
    decided_at: Named[int | None] = Column(sa.BigInteger)


proposals = Table(
    "proposals",
    metadata,
    ProposalColumns,
    one_of("kind", ActKind),
    one_of("state", ProposalState),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("declined_by IS NULL OR state = 'declined'", name="declined"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    ForeignKeyConstraint(["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"]),
    # What an approval points to: it has to repeat the proposer, so that the two can be compared in one row.
    UniqueConstraint("id", "proposer"),
    Index("uq_proposals_one_open", "case_id", "kind", unique=True, sqlite_where=_ONE, postgresql_where=_ONE),
    Index(None, "case_id"),
)


class ApprovalColumns(TypedColumns):
    """The one approval that a proposal can have, by somebody else than the proposer (04, invariant 3)."""

    proposal_id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    proposer: Named[str] = Column(Text, nullable=False)
    approver: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    approver_member: Named[str] = Column(Text, nullable=False)
    approver_signature: Named[bytes] = Column(LargeBinary, nullable=False)
    approved_at: Named[int] = Column(sa.BigInteger, nullable=False)


approvals = Table(
    "approvals",
    metadata,
    ApprovalColumns,
    ForeignKeyConstraint(["proposal_id", "proposer"], ["proposals.id", "proposals.proposer"]),
    CheckConstraint("approver <> proposer", name="two_people"),
)


class LogEntryColumns(TypedColumns):
    """The handling log: canonical bytes and their leaf hash, by index.

    ``organisation_id`` is null for acts of the whole installation. Neither it nor the case is a foreign key: an entry
    stays when what it tells of is disposed of.
    """

    position: Named[int] = Column(Position, primary_key=True, autoincrement=False)
    organisation_id: Named[str | None] = Column(Text)
    case_reference: Named[str | None] = Column(Text)
    leaf: Named[bytes] = Column(LargeBinary, nullable=False)
    data: Named[bytes] = Column(LargeBinary, nullable=False)


log_entries = Table(
    "log_entries",
    metadata,
    LogEntryColumns,
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("length(leaf) = 32", name="leaf"),
    Index(None, "case_reference", "position"),
)


class LogNodeColumns(TypedColumns):
    """Complete subtrees from level 1 up; level 0 is ``log_entries.leaf``.

    ``organisation_id`` is always null: the tree spans the whole installation.
    """

    level: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    position: Named[int] = Column(sa.BigInteger, primary_key=True, autoincrement=False)
    organisation_id: Named[str | None] = Column(Text)
    hash: Named[bytes] = Column(LargeBinary, nullable=False)


log_nodes = Table(
    "log_nodes",
    metadata,
    LogNodeColumns,
    CheckConstraint("level >= 1", name="level"),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("length(hash) = 32", name="hash"),
    sqlite_with_rowid=False,
)


class PendingEntryColumns(TypedColumns):
    """Entries of a source's act that wait for their index, by case (empty for none) and random key."""

    case_reference: Named[str] = Column(Text, primary_key=True)
    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str | None] = Column(Text)
    on_date: Named[date] = Column(Date, nullable=False)
    data: Named[bytes] = Column(LargeBinary, nullable=False)


pending_entries = Table(
    "pending_entries",
    metadata,
    PendingEntryColumns,
    sqlite_with_rowid=False,
)
