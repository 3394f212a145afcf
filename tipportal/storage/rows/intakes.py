"""Tables of cases that staff entered, and of the codes that their sources replaced."""

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
)

from tipportal.domain.intake import Code, Documented
from tipportal.domain.triage import Origin

from .base import Closed, metadata, one_of


class IntakeColumns(TypedColumns):
    """How a case that staff entered came."""

    case_id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    origin: Named[Origin] = Column(Closed(Origin), nullable=False)
    documented: Named[Documented | None] = Column(Closed(Documented))
    code: Named[Code] = Column(Closed(Code), nullable=False)
    entered_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    entered_on: Named[date] = Column(Date, nullable=False)
    replaced_on: Named[date | None] = Column(Date)


intakes = Table(
    "intakes",
    metadata,
    IntakeColumns,
    one_of("origin", Origin),
    one_of("documented", Documented),
    one_of("code", Code),
    CheckConstraint("origin NOT IN ('report', 'tip')", name="entered"),
    CheckConstraint("(documented IS NOT NULL) = (origin = 'oral')", name="oral_is_documented"),
    CheckConstraint("(code = 'replaced') = (replaced_on IS NOT NULL)", name="replaced"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)


class ReplacedCodeColumns(TypedColumns):
    """The source's own keys from an epoch on; ``past`` is what opens that which lies before, sealed to them."""

    case_id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    verification_key: Named[bytes] = Column(LargeBinary, nullable=False)
    past: Named[bytes] = Column(LargeBinary, nullable=False)


replaced_codes = Table(
    "replaced_codes",
    metadata,
    ReplacedCodeColumns,
    CheckConstraint("epoch > 0", name="epoch"),
    ForeignKeyConstraint(["case_id"], ["intakes.case_id"]),
    ForeignKeyConstraint(["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"]),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)
