"""Tables of reprisals that are feared or met, of after-care, and of the rights of whoever a case is about."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
)

from tipportal.domain.aftercare import Found, Phase
from tipportal.domain.subjectrights import Decision, Right

from .base import Closed, metadata, one_of


class ReprisalColumns(TypedColumns):
    """Concerns for reprisals, as members noted them."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    phase: Named[Phase] = Column(Closed(Phase), nullable=False)
    noted_on: Named[date] = Column(Date, nullable=False)
    member: Named[str] = Column(Text, nullable=False)


reprisals = Table(
    "reprisals",
    metadata,
    ReprisalColumns,
    one_of("phase", Phase),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "case_id"),
)


class AfterCareColumns(TypedColumns):
    """After-care that was done; each once."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    months: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    done_on: Named[date] = Column(Date, nullable=False)
    found: Named[Found] = Column(Closed(Found), nullable=False)
    member: Named[str] = Column(Text, nullable=False)


after_cares = Table(
    "after_cares",
    metadata,
    AfterCareColumns,
    one_of("found", Found),
    CheckConstraint("months IN (3, 6, 12)", name="months"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
)


class SubjectRightColumns(TypedColumns):
    """Rights that were handled."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    kind: Named[Right] = Column(Closed(Right), nullable=False)
    decision: Named[Decision] = Column(Closed(Decision), nullable=False)
    handled_on: Named[date] = Column(Date, nullable=False)
    review_on: Named[date | None] = Column(Date)
    member: Named[str] = Column(Text, nullable=False)
    record: Named[bytes] = Column(LargeBinary, nullable=False)


subject_rights = Table(
    "subject_rights",
    metadata,
    SubjectRightColumns,
    one_of("kind", Right),
    one_of("decision", Decision),
    CheckConstraint("(decision = 'deferred') = (review_on IS NOT NULL)", name="deferred_is_reviewed"),
    CheckConstraint("length(record) = 32", name="record"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "case_id"),
)
