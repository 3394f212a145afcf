"""Tables of trustees, their ceremonies and recoveries. A source's act writes ``case_trustees``: it has no rowid."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from tipportal.domain.trustees import RecoveryState

from .base import Closed, metadata, one_of


class TrusteeSetColumns(TypedColumns):
    """Sets of trustees, by version. The organisation is the one that decided on them."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    version: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    threshold: Named[int] = Column(sa.Integer, nullable=False)
    change_id: Named[str] = Column(Text, nullable=False)
    acknowledged_on: Named[date | None] = Column(Date)


trustee_sets = Table(
    "trustee_sets",
    metadata,
    TrusteeSetColumns,
    CheckConstraint("threshold >= 2", name="threshold"),
)


class TrusteeColumns(TypedColumns):
    """The trustees of each set, in its order. The same person with the same keys has the same id in several."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    set_version: Named[int] = Column(sa.Integer, ForeignKey("trustee_sets.version"), primary_key=True)
    position: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    id: Named[str] = Column(Text, nullable=False)
    name: Named[str] = Column(Text, nullable=False)
    organisation: Named[str] = Column(Text, nullable=False)
    unit: Named[str] = Column(Text, nullable=False)
    unit_id: Named[str | None] = Column(Text)
    recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    verification_key: Named[bytes] = Column(LargeBinary, nullable=False)


trustees = Table(
    "trustees",
    metadata,
    TrusteeColumns,
    CheckConstraint("length(recipient) = 1216", name="recipient"),
    CheckConstraint("length(verification_key) = 32", name="verification_key"),
    UniqueConstraint("set_version", "id"),
)


class CaseTrusteeColumns(TypedColumns):
    """Whom each epoch of a case names as its trustees."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    epoch: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    member: Named[str] = Column(Text, primary_key=True)
    trustee_id: Named[str] = Column(Text, nullable=False)
    set_version: Named[int] = Column(sa.Integer, ForeignKey("trustee_sets.version"), nullable=False)


case_trustees = Table(
    "case_trustees",
    metadata,
    CaseTrusteeColumns,
    UniqueConstraint("case_id", "epoch", "trustee_id"),
    ForeignKeyConstraint(["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"]),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)


class RecoveryColumns(TypedColumns):
    """Recoveries of single cases."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    change_id: Named[str] = Column(Text, nullable=False)
    why: Named[str] = Column(Text, nullable=False)
    begun_on: Named[date] = Column(Date, nullable=False)
    state: Named[RecoveryState] = Column(Closed(RecoveryState), nullable=False)
    epoch: Named[int | None] = Column(sa.Integer)


recoveries = Table(
    "recoveries",
    metadata,
    RecoveryColumns,
    one_of("state", RecoveryState),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
)
sa.Index(
    "uq_recoveries_open_case_id",
    recoveries.c.case_id,
    unique=True,
    sqlite_where=sa.text("state = 'open'"),
    postgresql_where=sa.text("state = 'open'"),
)


class DrillColumns(TypedColumns):
    """Rehearsals with a set of trustees."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    id: Named[str] = Column(Text, primary_key=True)
    set_version: Named[int] = Column(sa.Integer, ForeignKey("trustee_sets.version"), nullable=False)
    done_on: Named[date] = Column(Date, nullable=False)
    trustees: Named[str] = Column(Text, nullable=False)


drills = Table("drills", metadata, DrillColumns)


class RenewedSharesColumns(TypedColumns):
    """Cases whose trustees' shares a member has made: until then they are as the source's browser left them."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    member: Named[str] = Column(Text, nullable=False)


renewed_shares = Table(
    "renewed_shares",
    metadata,
    RenewedSharesColumns,
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)
