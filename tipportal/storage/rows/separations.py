"""Tables of who has left a case, who has stepped in, and what proposals about its members carry."""

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
    UniqueConstraint,
)

from tipportal.domain.cases import GrantKind
from tipportal.domain.releases import ReleaseReason
from tipportal.domain.separations import SeparationKind

from .base import Closed, metadata, one_of
from .cases import MAX_IN_ROW


class SeparationColumns(TypedColumns):
    """Who has left a case, for good. A guard of ``grants`` refuses every new key of the case for them."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    member: Named[str] = Column(Text, nullable=False)
    kind: Named[SeparationKind] = Column(Closed(SeparationKind), nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    at: Named[int] = Column(sa.BigInteger, nullable=False)
    reasons: Named[bytes | None] = Column(LargeBinary)


separations = Table(
    "separations",
    metadata,
    SeparationColumns,
    one_of("kind", SeparationKind),
    CheckConstraint(f"length(reasons) <= {MAX_IN_ROW}", name="reasons_in_row"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "account_id"),
    sqlite_with_rowid=False,
)


class VacancyColumns(TypedColumns):
    """Seats whose holders left the installation while their cases were open, under the pseudonym that they had."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    member: Named[str] = Column(Text, primary_key=True)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    at: Named[int] = Column(sa.BigInteger, nullable=False)


vacancies = Table(
    "vacancies",
    metadata,
    VacancyColumns,
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "account_id"),
    sqlite_with_rowid=False,
)


class HiddenCaseColumns(TypedColumns):
    """Auditors and administrators before whom a case is as if it were not there: its facts concern them.

    Handlers need no row: that they have no key says as much.
    """

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)


hidden_cases = Table(
    "hidden_cases",
    metadata,
    HiddenCaseColumns,
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "account_id"),
    sqlite_with_rowid=False,
)


class ReleaseColumns(TypedColumns):
    """Which standbys have stepped in, once each and case."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    member: Named[str] = Column(Text, nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    reason: Named[ReleaseReason] = Column(Closed(ReleaseReason), nullable=False)
    at: Named[int] = Column(sa.BigInteger, nullable=False)


releases = Table(
    "releases",
    metadata,
    ReleaseColumns,
    one_of("reason", ReleaseReason),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)


class EndedExclusionColumns(TypedColumns):
    """Parties that two have let in again, under a salted digest."""

    proposal_id: Named[str] = Column(Text, ForeignKey("proposals.id"), primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    party: Named[str] = Column(Text, nullable=False)
    holds_from: Named[date] = Column(Date, nullable=False)


ended_exclusions = Table(
    "ended_exclusions",
    metadata,
    EndedExclusionColumns,
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    UniqueConstraint("case_id", "party"),
    sqlite_with_rowid=False,
)


class DeciderColumns(TypedColumns):
    """Who decides about a colleague."""

    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    proposal_id: Named[str] = Column(Text, ForeignKey("proposals.id"), primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)


deciders = Table("deciders", metadata, DeciderColumns, Index(None, "account_id"), sqlite_with_rowid=False)


class ReasonColumns(TypedColumns):
    """Reasons that are no record of the case, sealed to the deciders."""

    proposal_id: Named[str] = Column(Text, ForeignKey("proposals.id"), primary_key=True)
    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    file: Named[bytes] = Column(LargeBinary, nullable=False)


reasons = Table("reasons", metadata, ReasonColumns, sqlite_with_rowid=False)


class PreparedEpochColumns(TypedColumns):
    """Epochs that one member has made, for a second to sign."""

    proposal_id: Named[str] = Column(Text, ForeignKey("proposals.id"), primary_key=True)
    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    work_recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    dialogue_recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    signature: Named[bytes] = Column(LargeBinary, nullable=False)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    unit_id: Named[str] = Column(Text, nullable=False)
    function_id: Named[str] = Column(Text, nullable=False)


prepared_epochs = Table("prepared_epochs", metadata, PreparedEpochColumns, sqlite_with_rowid=False)


class PreparedGrantColumns(TypedColumns):
    """The keys that come with a prepared epoch."""

    proposal_id: Named[str] = Column(Text, ForeignKey("prepared_epochs.proposal_id"), primary_key=True)
    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    epoch: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    member: Named[str] = Column(Text, primary_key=True)
    kind: Named[GrantKind] = Column(Closed(GrantKind), primary_key=True)
    file: Named[bytes] = Column(LargeBinary, nullable=False)


prepared_grants = Table(
    "prepared_grants",
    metadata,
    PreparedGrantColumns,
    one_of("kind", GrantKind),
    CheckConstraint(f"length(file) <= {MAX_IN_ROW}", name="file_in_row"),
    sqlite_with_rowid=False,
)
