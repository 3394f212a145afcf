"""Tables of the log's checkpoints: kept, mailed, acknowledged. None of them ever changes a row."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Named, Table, Text, TypedColumns

from tipportal.domain.checkpoints import AcknowledgedBy

from .base import Closed, Position, metadata, one_of


class CheckpointColumns(TypedColumns):
    """Signed notes by the log's size. ``organisation_id`` is always null: the log is the whole installation's."""

    size: Named[int] = Column(Position, primary_key=True, autoincrement=False)
    organisation_id: Named[str | None] = Column(Text)
    root: Named[bytes] = Column(LargeBinary, nullable=False)
    note: Named[str] = Column(Text, nullable=False)
    key: Named[str] = Column(Text, nullable=False)
    made_at: Named[int] = Column(sa.BigInteger, nullable=False)


checkpoints = Table(
    "checkpoints",
    metadata,
    CheckpointColumns,
    CheckConstraint("size >= 1", name="size"),
    CheckConstraint("length(root) = 32", name="root"),
)


class MailingColumns(TypedColumns):
    """Which checkpoint was mailed to the auditors for a month."""

    month: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str | None] = Column(Text)
    size: Named[int] = Column(Position, ForeignKey("checkpoints.size"), nullable=False)
    at: Named[int] = Column(sa.BigInteger, nullable=False)


checkpoint_mailings = Table("checkpoint_mailings", metadata, MailingColumns)


class AcknowledgementColumns(TypedColumns):
    """Who outside the installation has which checkpoint."""

    size: Named[int] = Column(Position, ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    organisation_id: Named[str | None] = Column(Text)
    way: Named[AcknowledgedBy] = Column(Closed(AcknowledgedBy), nullable=False)
    at: Named[int] = Column(sa.BigInteger, nullable=False)


checkpoint_acknowledgements = Table(
    "checkpoint_acknowledgements", metadata, AcknowledgementColumns, one_of("way", AcknowledgedBy)
)
