"""Tables of what was done at once, and of what holds a case back."""

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

from tipportal.domain.duties import DutyKind, RestrictionKind, Verdict

from .base import Closed, metadata, one_of

_IN_FORCE = sa.text("ended_on IS NULL")


class DutyColumns(TypedColumns):
    """Duties done by one, and their single review by another (04, invariant 4)."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    kind: Named[DutyKind] = Column(Closed(DutyKind), nullable=False)
    done_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    done_at: Named[int] = Column(sa.BigInteger, nullable=False)
    review_by: Named[date] = Column(Date, nullable=False)
    record: Named[bytes | None] = Column(LargeBinary)
    reviewed_by: Named[str | None] = Column(Text, ForeignKey("accounts.id"))
    reviewed_member: Named[str | None] = Column(Text)
    reviewed_at: Named[int | None] = Column(sa.BigInteger)
    verdict: Named[Verdict | None] = Column(Closed(Verdict))


duties = Table(
    "duties",
    metadata,
    DutyColumns,
    one_of("kind", DutyKind),
    one_of("verdict", Verdict),
    CheckConstraint("reviewed_by <> done_by", name="two_people"),
    CheckConstraint(
        "(verdict IS NULL) = (reviewed_by IS NULL) AND (verdict IS NULL) = (reviewed_at IS NULL)", name="reviewed"
    ),
    CheckConstraint("record IS NULL OR length(record) = 32", name="record"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "case_id"),
)


class RestrictionColumns(TypedColumns):
    """Restrictions of cases; one of a kind at a time."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    kind: Named[RestrictionKind] = Column(Closed(RestrictionKind), nullable=False)
    begun_on: Named[date] = Column(Date, nullable=False)
    review_on: Named[date | None] = Column(Date)
    ended_on: Named[date | None] = Column(Date)


restrictions = Table(
    "restrictions",
    metadata,
    RestrictionColumns,
    one_of("kind", RestrictionKind),
    CheckConstraint("ended_on IS NULL OR ended_on >= begun_on", name="in_order"),
    CheckConstraint("kind <> 'dialogue' OR review_on IS NOT NULL", name="dialogue_is_reviewed"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(
        "uq_restrictions_in_force", "case_id", "kind", unique=True, sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE
    ),
)
