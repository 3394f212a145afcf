"""Tables of handovers, of what their recipients are asked, and of what they answer."""

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
)

from tipportal.domain.handovers import ASK_MONTHS, LegalBasis, Recipient, Result, Told
from tipportal.domain.measures import MOST_KRONOR

from .base import Closed, metadata, one_of
from .cases import MAX_IN_ROW

_OF_CASE = (["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"])
_MONTHS = f"months IN ({', '.join(map(str, ASK_MONTHS))})"


class HandoverColumns(TypedColumns):
    """What two have handed over."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    proposal_id: Named[str] = Column(Text, ForeignKey("proposals.id"), nullable=False, unique=True)
    recipient: Named[Recipient] = Column(Closed(Recipient), nullable=False)
    basis: Named[LegalBasis] = Column(Closed(LegalBasis), nullable=False)
    notice: Named[Told] = Column(Closed(Told), nullable=False)
    content: Named[bytes] = Column(LargeBinary, nullable=False)
    handed_on: Named[date] = Column(Date, nullable=False)


handovers = Table(
    "handovers",
    metadata,
    HandoverColumns,
    one_of("recipient", Recipient),
    one_of("basis", LegalBasis),
    one_of("notice", Told),
    CheckConstraint("length(content) = 32", name="content"),
    ForeignKeyConstraint(*_OF_CASE),
    Index(None, "case_id"),
    # What is asked about is found by its day, however many there are.
    Index(None, "handed_on", "id"),
)


class AskColumns(TypedColumns):
    """Questions that are due to recipients, with the digest of the link in use."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    handover_id: Named[str] = Column(Text, ForeignKey("handovers.id"), primary_key=True)
    months: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    asked_on: Named[date] = Column(Date, nullable=False)
    token_digest: Named[bytes | None] = Column(LargeBinary, unique=True)
    epoch: Named[int | None] = Column(sa.Integer)


handover_asks = Table(
    "handover_asks",
    metadata,
    AskColumns,
    CheckConstraint(_MONTHS, name="months"),
    CheckConstraint("length(token_digest) = 32", name="token_digest"),
    CheckConstraint("(token_digest IS NULL) = (epoch IS NULL)", name="link"),
    ForeignKeyConstraint(*_OF_CASE),
    Index(None, "case_id"),
)


class HandoverReportColumns(TypedColumns):
    """What recipients answered, sealed; each question once."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    handover_id: Named[str] = Column(Text, primary_key=True)
    months: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    reported_on: Named[date] = Column(Date, nullable=False)
    result: Named[Result] = Column(Closed(Result), nullable=False)
    kronor: Named[int | None] = Column(sa.BigInteger)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    file: Named[bytes] = Column(LargeBinary, nullable=False)


handover_reports = Table(
    "handover_reports",
    metadata,
    HandoverReportColumns,
    one_of("result", Result),
    CheckConstraint(_MONTHS, name="months"),
    CheckConstraint(f"kronor >= 0 AND kronor <= {MOST_KRONOR}", name="kronor"),
    CheckConstraint(f"length(file) <= {MAX_IN_ROW}", name="file_in_row"),
    ForeignKeyConstraint(["handover_id", "months"], ["handover_asks.handover_id", "handover_asks.months"]),
    ForeignKeyConstraint(["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"]),
    ForeignKeyConstraint(*_OF_CASE),
    Index(None, "case_id"),
    sqlite_with_rowid=False,
)
