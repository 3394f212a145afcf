"""Tables of disposal decisions, what two have decided of closed cases, what is left of disposed ones, and openings."""

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
    Named,
    Table,
    Text,
    TypedColumns,
)

from tipportal.domain.organisations import Channel
from tipportal.domain.retention import Keeping, Purpose

from .base import Closed, metadata, one_of, organisation


class DisposalRuleColumns(TypedColumns):
    """Disposal decisions, each as a change by two administrators recorded it."""

    change_id: Named[str] = Column(Text, ForeignKey("changes.id"), primary_key=True)
    organisation_id: Named[str] = organisation()
    channel: Named[Channel] = Column(Closed(Channel), nullable=False)
    number: Named[str] = Column(Text, nullable=False)
    decided_on: Named[date] = Column(Date, nullable=False)
    months: Named[int] = Column(sa.Integer, nullable=False)


disposal_rules = Table(
    "disposal_rules",
    metadata,
    DisposalRuleColumns,
    one_of("channel", Channel),
    CheckConstraint("months >= 0 AND months <= 1200", name="months"),
    CheckConstraint("length(number) BETWEEN 1 AND 100", name="number"),
    Index(None, "organisation_id"),
)


class KeepingColumns(TypedColumns):
    """What two have decided about a closed case; the newest decision stands."""

    case_id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    decision: Named[Keeping] = Column(Closed(Keeping), nullable=False)
    decision_number: Named[str] = Column(Text, nullable=False)
    decided_on: Named[date] = Column(Date, nullable=False)
    proposal_id: Named[str] = Column(Text, ForeignKey("proposals.id"), nullable=False)


keepings = Table(
    "keepings",
    metadata,
    KeepingColumns,
    one_of("decision", Keeping),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)


class ArchiveOpeningColumns(TypedColumns):
    """Locked cases opened by two, for a purpose and until a day."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    purpose: Named[Purpose] = Column(Closed(Purpose), nullable=False)
    asked_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    asked_on: Named[date] = Column(Date, nullable=False)
    allowed_by: Named[str | None] = Column(Text, ForeignKey("accounts.id"))
    until: Named[date | None] = Column(Date)


archive_openings = Table(
    "archive_openings",
    metadata,
    ArchiveOpeningColumns,
    one_of("purpose", Purpose),
    CheckConstraint("allowed_by <> asked_by", name="two_people"),
    CheckConstraint("(allowed_by IS NULL) = (until IS NULL)", name="allowed"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "case_id"),
)


class DisposedColumns(TypedColumns):
    """Stubs of disposed cases: nothing points from here to what is gone."""

    reference: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    authority_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    channel: Named[Channel] = Column(Closed(Channel), nullable=False)
    received_on: Named[date] = Column(Date, nullable=False)
    closed_on: Named[date] = Column(Date, nullable=False)
    disposed_on: Named[date] = Column(Date, nullable=False)
    decision_number: Named[str] = Column(Text, nullable=False)
    proposal_id: Named[str] = Column(Text, nullable=False, unique=True)


disposed_cases = Table(
    "disposed_cases",
    metadata,
    DisposedColumns,
    one_of("channel", Channel),
    CheckConstraint("received_on <= closed_on AND closed_on <= disposed_on", name="in_order"),
    sqlite_with_rowid=False,
)


class DisposedWithoutColumns(TypedColumns):
    """From whom a case was kept: they learn nothing of it from the log when it is gone either."""

    organisation_id: Named[str] = organisation()
    reference: Named[str] = Column(Text, ForeignKey("disposed_cases.reference"), primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)


disposed_without = Table(
    "disposed_without", metadata, DisposedWithoutColumns, Index(None, "account_id"), sqlite_with_rowid=False
)
