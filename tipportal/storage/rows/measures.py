"""Tables of what a case led to: measures, checklists, and messages after closing that reopened nothing."""

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

from tipportal.domain.measures import MOST_KRONOR, MeasureKind, NoMeasureReason, SanctionStep

from .base import Closed, metadata, one_of

_OF_CASE = (["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"])
AMOUNT_COLUMNS = ("claimed", "recovered", "stopped", "cost")


class MeasureColumns(TypedColumns):
    """Measures, and corrections of them: a row never changes, and stands in the place of one other at most."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    kind: Named[MeasureKind] = Column(Closed(MeasureKind), nullable=False)
    taken_on: Named[date] = Column(Date, nullable=False)
    claimed: Named[int | None] = Column(sa.BigInteger)
    recovered: Named[int | None] = Column(sa.BigInteger)
    stopped: Named[int | None] = Column(sa.BigInteger)
    cost: Named[int | None] = Column(sa.BigInteger)
    step: Named[SanctionStep | None] = Column(Closed(SanctionStep))
    reason: Named[NoMeasureReason | None] = Column(Closed(NoMeasureReason))
    record: Named[bytes] = Column(LargeBinary, nullable=False)
    recorded_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    recorded_at: Named[int] = Column(sa.BigInteger, nullable=False)
    corrects: Named[str | None] = Column(Text, ForeignKey("measures.id"), unique=True)
    withdrawn: Named[bool] = Column(sa.Boolean, nullable=False)
    handover: Named[str | None] = Column(Text)


measures = Table(
    "measures",
    metadata,
    MeasureColumns,
    one_of("kind", MeasureKind),
    one_of("step", SanctionStep),
    one_of("reason", NoMeasureReason),
    *(CheckConstraint(f"{name} >= 0 AND {name} <= {MOST_KRONOR}", name=name) for name in AMOUNT_COLUMNS),
    CheckConstraint(
        "(kind = 'recovery_claim') = (claimed IS NOT NULL) AND (kind = 'recovery_claim') = (recovered IS NOT NULL)"
        " AND (kind = 'stopped_payment') = (stopped IS NOT NULL)"
        " AND (kind = 'external_investigation') = (cost IS NOT NULL)",
        name="amounts",
    ),
    CheckConstraint("(kind = 'sanction') = (step IS NOT NULL)", name="sanction"),
    CheckConstraint("(kind = 'no_measure') = (reason IS NOT NULL)", name="no_measure"),
    CheckConstraint("(kind = 'handed_over') = (handover IS NOT NULL)", name="handed_over"),
    CheckConstraint("corrects <> id", name="corrects_another"),
    CheckConstraint("length(record) = 32", name="record"),
    ForeignKeyConstraint(*_OF_CASE),
    Index(None, "case_id"),
)


class WorklistColumns(TypedColumns):
    """How far each checklist of a case has come."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    worklist: Named[str] = Column(Text, primary_key=True)
    done: Named[int] = Column(sa.Integer, nullable=False)
    of: Named[int] = Column(sa.Integer, nullable=False)
    record: Named[bytes] = Column(LargeBinary, nullable=False)
    updated_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    updated_on: Named[date] = Column(Date, nullable=False)


worklists = Table(
    "worklists",
    metadata,
    WorklistColumns,
    CheckConstraint('done >= 0 AND done <= "of"', name="done"),
    CheckConstraint("length(record) = 32", name="record"),
    ForeignKeyConstraint(*_OF_CASE),
)


class DeclinedReopeningColumns(TypedColumns):
    """Messages after closing that were read and reopened nothing: all of the dialogue up to ``upto_seq``."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    upto_seq: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    declined_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    declined_on: Named[date] = Column(Date, nullable=False)
    record: Named[bytes] = Column(LargeBinary, nullable=False)


declined_reopenings = Table(
    "declined_reopenings",
    metadata,
    DeclinedReopeningColumns,
    CheckConstraint("upto_seq >= 0", name="upto_seq"),
    CheckConstraint("length(record) = 32", name="record"),
    ForeignKeyConstraint(*_OF_CASE),
)
