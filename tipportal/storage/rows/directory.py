"""Tables of the handler directory: nothing in them ever changes or goes."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, LargeBinary, Named, Table, Text, TypedColumns

from .base import metadata


class DirectoryRootColumns(TypedColumns):
    """Roots as they were signed offline. ``organisation_id`` is always null."""

    version: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    organisation_id: Named[str | None] = Column(Text)
    digest: Named[str] = Column(Text, nullable=False, unique=True)
    document: Named[bytes] = Column(LargeBinary, nullable=False)
    published_at: Named[int] = Column(sa.BigInteger, nullable=False)


directory_roots = Table(
    "directory_roots", metadata, DirectoryRootColumns, CheckConstraint("version >= 1", name="version")
)


class DirectorySnapshotColumns(TypedColumns):
    """Snapshots, each with the change that two administrators approved. ``organisation_id`` is always null."""

    version: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    organisation_id: Named[str | None] = Column(Text)
    root_version: Named[int] = Column(sa.Integer, ForeignKey("directory_roots.version"), nullable=False)
    digest: Named[str] = Column(Text, nullable=False, unique=True)
    previous: Named[str] = Column(Text, nullable=False, unique=True)
    issued: Named[date] = Column(Date, nullable=False)
    expires: Named[date] = Column(Date, nullable=False)
    change_id: Named[str] = Column(Text, ForeignKey("change_approvals.change_id"), nullable=False, unique=True)
    document: Named[bytes] = Column(LargeBinary, nullable=False)
    published_at: Named[int] = Column(sa.BigInteger, nullable=False)


directory_snapshots = Table(
    "directory_snapshots",
    metadata,
    DirectorySnapshotColumns,
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("expires >= issued", name="in_order"),
)
