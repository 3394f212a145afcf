"""Tables of people, their absences and conflicts, of firms and agreements, and of what the newest proofs found."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Named, Table, Text, TypedColumns

from tipportal.domain.organisations import SharingBasis

from .base import Closed, metadata, one_of, organisation


class PersonColumns(TypedColumns):
    """People of the register. Somebody with an account has its id, and need not stand here."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    name: Named[str] = Column(Text, nullable=False)
    unit_id: Named[str] = Column(Text, ForeignKey("units.id"), nullable=False)
    elected: Named[bool] = Column(sa.Boolean, nullable=False)
    auditor: Named[bool] = Column(sa.Boolean, nullable=False)
    ended_on: Named[date | None] = Column(Date)


people = Table("people", metadata, PersonColumns, Index(None, "organisation_id"))


# A person of these tables is one of ``people`` or of ``accounts``, so no foreign key can say which.
class AbsenceColumns(TypedColumns):
    """Who is away when."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    person_id: Named[str] = Column(Text, nullable=False)
    first: Named[date] = Column(Date, nullable=False)
    last: Named[date | None] = Column(Date)


absences = Table(
    "absences",
    metadata,
    AbsenceColumns,
    CheckConstraint("last IS NULL OR last >= first", name="in_order"),
    Index(None, "person_id"),
)


class ConflictColumns(TypedColumns):
    """Declared conflicts of interest, one subject in each row."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    person_id: Named[str] = Column(Text, nullable=False)
    subject: Named[str] = Column(Text, nullable=False)
    declared_on: Named[date] = Column(Date, nullable=False)
    ended_on: Named[date | None] = Column(Date)


conflicts = Table("conflicts", metadata, ConflictColumns, Index(None, "person_id"))


class FirmColumns(TypedColumns):
    """Contracts of external firms. ``named_persons`` and ``other_mandates`` are ids with spaces between them."""

    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), primary_key=True)
    client_function_id: Named[str] = Column(Text, ForeignKey("functions.id"), nullable=False)
    named_persons: Named[str] = Column(Text, nullable=False)
    other_mandates: Named[str] = Column(Text, nullable=False)
    ended_on: Named[date | None] = Column(Date)


firms = Table("firms", metadata, FirmColumns)


class SharingAgreementColumns(TypedColumns):
    """Decisions that let a function of another organisation receive an organisation's cases."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    function_id: Named[str] = Column(Text, ForeignKey("functions.id"), nullable=False)
    basis: Named[SharingBasis] = Column(Closed(SharingBasis), nullable=False)
    decision_number: Named[str] = Column(Text, nullable=False)
    decided_on: Named[date] = Column(Date, nullable=False)
    valid_from: Named[date] = Column(Date, nullable=False)
    valid_to: Named[date | None] = Column(Date)


sharing_agreements = Table(
    "sharing_agreements",
    metadata,
    SharingAgreementColumns,
    one_of("basis", SharingBasis),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_in_order"),
    Index(None, "organisation_id"),
)


class ProofColumns(TypedColumns):
    """What the newest proof of each organisation's policy found. ``findings`` is JSON, read by ``policies`` only."""

    organisation_id: Named[str] = Column(Text, ForeignKey("organisations.id"), primary_key=True)
    policy_version: Named[int] = Column(sa.Integer, nullable=False)
    register_version: Named[int] = Column(sa.BigInteger, nullable=False)
    proven_on: Named[date] = Column(Date, nullable=False)
    holds: Named[bool] = Column(sa.Boolean, nullable=False)
    findings: Named[str] = Column(Text, nullable=False)


proofs = Table("proofs", metadata, ProofColumns)
