"""Tables of the diary feed, and of requests for release."""

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

from tipportal.domain.disclosures import Answered, Asked
from tipportal.domain.organisations import Channel
from tipportal.domain.registration import Direction, Document

from .base import Closed, metadata, one_of, organisation


class DiaryDayColumns(TypedColumns):
    """Working days whose files have been made up, each once; ``upto`` is the last day that is in them."""

    fed_on: Named[date] = Column(Date, primary_key=True)
    upto: Named[date] = Column(Date, nullable=False, unique=True)


diary_days = Table("diary_days", metadata, DiaryDayColumns, CheckConstraint("upto < fed_on", name="days_that_are_over"))


class DiaryEntryColumns(TypedColumns):
    """Lines of the register, by their random numbers. They outlive their case, as the register does."""

    number: Named[str] = Column(Text, primary_key=True)
    case_number: Named[str] = Column(Text, nullable=False)
    organisation_id: Named[str] = organisation()
    authority_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    channel: Named[Channel] = Column(Closed(Channel), nullable=False)
    document: Named[Document] = Column(Closed(Document), nullable=False)
    direction: Named[Direction] = Column(Closed(Direction), nullable=False)
    dated: Named[date] = Column(Date, nullable=False)
    fed_on: Named[date] = Column(Date, ForeignKey("diary_days.fed_on"), nullable=False)
    reference: Named[str] = Column(Text, nullable=False)
    seq: Named[int] = Column(sa.Integer, nullable=False)
    registry_number: Named[str | None] = Column(Text)


diary_entries = Table(
    "diary_entries",
    metadata,
    DiaryEntryColumns,
    one_of("channel", Channel),
    one_of("document", Document),
    one_of("direction", Direction),
    CheckConstraint("dated < fed_on", name="days_that_are_over"),
    CheckConstraint("length(registry_number) BETWEEN 1 AND 40", name="registry_number"),
    UniqueConstraint("reference", "seq"),
    Index(None, "fed_on"),
    sqlite_with_rowid=False,
)


class DisclosureColumns(TypedColumns):
    """Requests for release: neither who asks nor why has a place here (TF 2 kap. 18 §)."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    asked: Named[Asked] = Column(Closed(Asked), nullable=False)
    case_id: Named[str | None] = Column(Text)
    log_first: Named[int | None] = Column(sa.BigInteger)
    log_last: Named[int | None] = Column(sa.BigInteger)
    received_on: Named[date] = Column(Date, nullable=False)
    due_on: Named[date] = Column(Date, nullable=False)
    received_by: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    answered: Named[Answered | None] = Column(Closed(Answered))
    provisions: Named[str | None] = Column(Text)
    decided_by: Named[str | None] = Column(Text, ForeignKey("accounts.id"))
    decided_on: Named[date | None] = Column(Date)
    copy: Named[bytes | None] = Column(LargeBinary)


disclosures = Table(
    "disclosures",
    metadata,
    DisclosureColumns,
    one_of("asked", Asked),
    one_of("answered", Answered),
    CheckConstraint("(asked = 'case') = (case_id IS NOT NULL)", name="of_a_case"),
    CheckConstraint(
        "(asked = 'log') = (log_first IS NOT NULL) AND (log_first IS NULL) = (log_last IS NULL)", name="of_the_log"
    ),
    CheckConstraint("due_on > received_on", name="due"),
    CheckConstraint(
        "(answered IS NULL) = (decided_by IS NULL) AND (answered IS NULL) = (decided_on IS NULL)", name="decided"
    ),
    CheckConstraint("copy IS NULL OR length(copy) = 32", name="copy"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "case_id"),
    Index(None, "received_by"),
)
