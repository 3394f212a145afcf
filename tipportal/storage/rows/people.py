"""Tables of the installation, its organisations, and the people of the handler face."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, LargeBinary, Named, Table, Text, TypedColumns

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.organisations import Ground, OrganisationKind

from .base import Closed, metadata, one_of, organisation


class InstallationColumns(TypedColumns):
    """One row. ``organisation_id`` stays null: the installation is above its organisations."""

    id: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    organisation_id: Named[str | None] = Column(Text, ForeignKey("organisations.id"))
    installation_id: Named[bytes] = Column(LargeBinary, nullable=False)
    founded_at: Named[int] = Column(sa.BigInteger, nullable=False)
    register_version: Named[int] = Column(sa.BigInteger, nullable=False, server_default="0")


installation = Table(
    "installation",
    metadata,
    InstallationColumns,
    CheckConstraint("id = 1", name="one_row"),
    CheckConstraint("length(installation_id) = 16", name="installation_id_16"),
)


# The trees of organisations and units, and who leads a unit, are no foreign keys: a register that is read in as a whole
# has no order in which each row would find the one that it names. What is changed is checked as a whole before it is.
class OrganisationColumns(TypedColumns):
    """Municipalities, committees, companies. ``organisation_id`` is the row's own id."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    slug: Named[str] = Column(Text, nullable=False, unique=True)
    name: Named[str] = Column(Text, nullable=False)
    kind: Named[OrganisationKind] = Column(Closed(OrganisationKind), nullable=False)
    listed: Named[bool] = Column(sa.Boolean, nullable=False)
    part_of: Named[str | None] = Column(Text)
    succeeded_by: Named[str | None] = Column(Text)
    ended_on: Named[date | None] = Column(Date)


organisations = Table(
    "organisations",
    metadata,
    OrganisationColumns,
    CheckConstraint("organisation_id = id", name="own_id"),
    one_of("kind", OrganisationKind),
)


class UnitColumns(TypedColumns):
    """Parts of organisations."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    name: Named[str] = Column(Text, nullable=False)
    external: Named[bool] = Column(sa.Boolean, nullable=False)
    parent_id: Named[str | None] = Column(Text)
    head_id: Named[str | None] = Column(Text)
    ended_on: Named[date | None] = Column(Date)


units = Table("units", metadata, UnitColumns, sa.Index(None, "organisation_id"))


class FunctionColumns(TypedColumns):
    """Groups that receive cases."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    name: Named[str] = Column(Text, nullable=False)
    ended_on: Named[date | None] = Column(Date)


functions = Table("functions", metadata, FunctionColumns, sa.Index(None, "organisation_id"))


class DesignationColumns(TypedColumns):
    """Decisions that make people members of functions. ``account_id`` may be somebody's who has no account yet."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    function_id: Named[str] = Column(Text, ForeignKey("functions.id"), nullable=False)
    account_id: Named[str] = Column(Text, nullable=False)
    unit_id: Named[str] = Column(Text, ForeignKey("units.id"), nullable=False)
    ground: Named[Ground] = Column(Closed(Ground), nullable=False)
    decision_number: Named[str] = Column(Text, nullable=False)
    decided_on: Named[date] = Column(Date, nullable=False)
    valid_from: Named[date] = Column(Date, nullable=False)
    valid_to: Named[date | None] = Column(Date)
    rank: Named[int] = Column(sa.Integer, nullable=False)


designations = Table(
    "designations",
    metadata,
    DesignationColumns,
    one_of("ground", Ground),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_in_order"),
    sa.Index(None, "function_id"),
    sa.Index(None, "account_id"),
)


class PolicyColumns(TypedColumns):
    """Versions of routing policies. ``document`` is the policy as TOML in its exact form."""

    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), primary_key=True)
    version: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    document: Named[str] = Column(Text, nullable=False)
    activated_at: Named[int] = Column(sa.BigInteger, nullable=False)


policies = Table("policies", metadata, PolicyColumns, CheckConstraint("version >= 0", name="version"))


class AccountColumns(TypedColumns):
    """People of the handler face. What is secret is hashed or sealed before it comes here."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    role: Named[Role] = Column(Closed(Role), nullable=False)
    name: Named[str] = Column(Text, nullable=False)
    email: Named[str] = Column(Text, nullable=False, unique=True)
    state: Named[AccountState] = Column(Closed(AccountState), nullable=False)
    unit_id: Named[str | None] = Column(Text, ForeignKey("units.id"))
    password_hash: Named[str | None] = Column(Text)
    totp_sealed: Named[bytes | None] = Column(LargeBinary)
    totp_counter: Named[int] = Column(sa.BigInteger, nullable=False)
    recipient: Named[bytes | None] = Column(LargeBinary)
    verification_key: Named[bytes | None] = Column(LargeBinary)


accounts = Table(
    "accounts",
    metadata,
    AccountColumns,
    one_of("role", Role),
    one_of("state", AccountState),
    # Nobody is active who could sign in without a password or a second factor.
    CheckConstraint(
        "state <> 'active' OR (password_hash IS NOT NULL AND totp_sealed IS NOT NULL)", name="active_has_credentials"
    ),
)


class WithoutShortcutsColumns(TypedColumns):
    """Accounts whose owner has switched off the shortcuts of the keyboard."""

    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    organisation_id: Named[str] = organisation()


without_shortcuts = Table("without_shortcuts", metadata, WithoutShortcutsColumns)


class InvitationColumns(TypedColumns):
    """Single-use enrolment links, by digest."""

    token_digest: Named[bytes] = Column(LargeBinary, primary_key=True)
    organisation_id: Named[str] = organisation()
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    expires_at: Named[int] = Column(sa.BigInteger, nullable=False)
    totp_sealed: Named[bytes] = Column(LargeBinary, nullable=False)
    used_at: Named[int | None] = Column(sa.BigInteger)
    founding: Named[bool] = Column(sa.Boolean, nullable=False, server_default=sa.false())


invitations = Table("invitations", metadata, InvitationColumns)


class SessionColumns(TypedColumns):
    """Handlers' sessions, by digest of the cookie's secret."""

    id_digest: Named[bytes] = Column(LargeBinary, primary_key=True)
    organisation_id: Named[str] = organisation()
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    created_at: Named[int] = Column(sa.BigInteger, nullable=False)
    storage_key: Named[bytes | None] = Column(LargeBinary)
    unlocked_until: Named[int] = Column(sa.BigInteger, nullable=False)
    confirmed_at: Named[int] = Column(sa.BigInteger, nullable=False, server_default="0")


sessions = Table("sessions", metadata, SessionColumns, sa.Index(None, "created_at"))


class SourceSessionColumns(TypedColumns):
    """Sessions of sources without JavaScript: sealed keys, and a quarter-hour instead of an instant."""

    id_digest: Named[bytes] = Column(LargeBinary, primary_key=True)
    organisation_id: Named[str] = organisation()
    case_id: Named[str] = Column(Text, ForeignKey("cases.id"), nullable=False)
    sealed: Named[bytes] = Column(LargeBinary, nullable=False)
    expires_quarter: Named[int] = Column(sa.Integer, nullable=False)


source_sessions = Table("source_sessions", metadata, SourceSessionColumns, sqlite_with_rowid=False)
