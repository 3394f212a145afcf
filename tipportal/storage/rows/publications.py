"""Tables of the follow-up's reports: drafts, publications, and their files. A publication never changes."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
)

from tipportal.domain.followup.report import ReportKind

from .base import Closed, metadata, one_of


class ReportDraftColumns(TypedColumns):
    """Drafts of reports. ``organisation_id`` is null for the whole installation; ``first`` for those edited.

    ``set_id``: those that were computed together share it.
    """

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str | None] = Column(Text, ForeignKey("organisations.id"))
    kind: Named[ReportKind] = Column(Closed(ReportKind), nullable=False)
    period: Named[str] = Column(Text, nullable=False)
    size: Named[int] = Column(sa.BigInteger, nullable=False)
    as_of: Named[date] = Column(Date, nullable=False)
    document: Named[bytes] = Column(LargeBinary, nullable=False)
    shown: Named[bytes] = Column(LargeBinary, nullable=False)
    digest: Named[bytes] = Column(LargeBinary, nullable=False)
    after: Named[int] = Column(sa.Integer, nullable=False)
    made_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    made_at: Named[int] = Column(sa.BigInteger, nullable=False)
    first: Named[str | None] = Column(Text, unique=True)
    based_on: Named[str | None] = Column(Text)
    set_id: Named[str | None] = Column(Text)


report_drafts = Table(
    "report_drafts",
    metadata,
    ReportDraftColumns,
    one_of("kind", ReportKind),
    CheckConstraint("length(digest) = 32", name="digest"),
    CheckConstraint("(first IS NULL) <> (based_on IS NULL)", name="first_or_edited"),
)


class PublicationColumns(TypedColumns):
    """Published reports, numbered from 0 without a gap."""

    id: Named[str] = Column(Text, primary_key=True)
    position: Named[int] = Column(sa.Integer, nullable=False, unique=True)
    organisation_id: Named[str | None] = Column(Text, ForeignKey("organisations.id"))
    kind: Named[ReportKind] = Column(Closed(ReportKind), nullable=False)
    period: Named[str] = Column(Text, nullable=False)
    size: Named[int] = Column(sa.BigInteger, nullable=False)
    as_of: Named[date] = Column(Date, nullable=False)
    document: Named[bytes] = Column(LargeBinary, nullable=False)
    shown: Named[bytes] = Column(LargeBinary, nullable=False)
    digest: Named[bytes] = Column(LargeBinary, nullable=False, unique=True)
    registry_number: Named[str] = Column(Text, nullable=False)
    change_id: Named[str] = Column(Text, ForeignKey("changes.id"), nullable=False)
    published_at: Named[int] = Column(sa.BigInteger, nullable=False)
    together: Named[bool] = Column(sa.Boolean, nullable=False)


publications = Table(
    "publications",
    metadata,
    PublicationColumns,
    one_of("kind", ReportKind),
    CheckConstraint("length(digest) = 32", name="digest"),
    CheckConstraint("registry_number <> ''", name="registry_number"),
)


class PublicationFileColumns(TypedColumns):
    """Files of published reports by format and language."""

    publication_id: Named[str] = Column(Text, ForeignKey("publications.id"), primary_key=True)
    format: Named[str] = Column(Text, primary_key=True)
    language: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str | None] = Column(Text)
    data: Named[bytes] = Column(LargeBinary, nullable=False)
    made_at: Named[int] = Column(sa.BigInteger, nullable=False)


publication_files = Table("publication_files", metadata, PublicationFileColumns)
