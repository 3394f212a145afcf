"""Tables of reporters' identities, sealed apart. A source's act writes them: no rowid, as in ``cases``."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from tipportal.domain.vaults import HolderKind

from .base import Closed, metadata, one_of
from .cases import MAX_IN_ROW

_OF_CASE = (["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"])


class VaultColumns(TypedColumns):
    """One vault for a case."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    version: Named[int] = Column(sa.Integer, nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    file: Named[bytes] = Column(LargeBinary, nullable=False)


vaults = Table(
    "vaults",
    metadata,
    VaultColumns,
    CheckConstraint("version >= 0", name="version"),
    ForeignKeyConstraint(["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"]),
    CheckConstraint("length(recipient) = 1216", name="recipient"),
    CheckConstraint(f"length(file) <= {MAX_IN_ROW}", name="file_in_row"),
    ForeignKeyConstraint(*_OF_CASE),
    sqlite_with_rowid=False,
)


class VaultShareColumns(TypedColumns):
    """Shares of vaults' keys. A holder is an account or a trustee, so it is no foreign key."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, ForeignKey("vaults.case_id"), primary_key=True)
    holder: Named[str] = Column(Text, primary_key=True)
    version: Named[int] = Column(sa.Integer, nullable=False)
    kind: Named[HolderKind] = Column(Closed(HolderKind), nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    file: Named[bytes] = Column(LargeBinary, nullable=False)


vault_shares = Table(
    "vault_shares",
    metadata,
    VaultShareColumns,
    one_of("kind", HolderKind),
    CheckConstraint(f"length(file) <= {MAX_IN_ROW}", name="file_in_row"),
    UniqueConstraint("case_id", "member"),
    ForeignKeyConstraint(*_OF_CASE),
    sqlite_with_rowid=False,
)


class LentShareColumns(TypedColumns):
    """Shares that members have lent each other: for an opening (the proposal's id) or for a renewal."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, ForeignKey("vaults.case_id"), primary_key=True)
    purpose: Named[str] = Column(Text, primary_key=True)
    lender: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    version: Named[int] = Column(sa.Integer, nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    file: Named[bytes] = Column(LargeBinary, nullable=False)


lent_shares = Table(
    "lent_shares",
    metadata,
    LentShareColumns,
    CheckConstraint(f"length(file) <= {MAX_IN_ROW}", name="file_in_row"),
    ForeignKeyConstraint(*_OF_CASE),
    sqlite_with_rowid=False,
)
