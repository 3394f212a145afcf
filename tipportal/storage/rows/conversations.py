"""Tables of filled-in forms of the dialogue, of what has been read of it, and of meetings."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from tipportal.domain.cases import Stream
from tipportal.domain.conversations import FormName, MeetingMode, Reader, Verdict

from .base import Closed, metadata, one_of


class FormColumns(TypedColumns):
    """What the forms of the dialogue are, by the number of their record. ``stream`` ties them to it."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    seq: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    stream: Named[Stream] = Column(Closed(Stream), nullable=False)
    form: Named[FormName] = Column(Closed(FormName), nullable=False)
    filled_on: Named[date] = Column(Date, nullable=False)
    mode: Named[MeetingMode | None] = Column(Closed(MeetingMode))
    answers: Named[int | None] = Column(sa.Integer)
    verdict: Named[Verdict | None] = Column(Closed(Verdict))


forms = Table(
    "forms",
    metadata,
    FormColumns,
    one_of("form", FormName),
    one_of("mode", MeetingMode),
    one_of("verdict", Verdict),
    CheckConstraint("stream = 'dialogue'", name="stream"),
    CheckConstraint("(mode IS NOT NULL) = (form = 'slots')", name="slots_have_a_mode"),
    CheckConstraint(
        "(form IN ('minutes_answer', 'slot_choice')) = (answers IS NOT NULL) AND (answers IS NULL) = (verdict IS NULL)",
        name="answers",
    ),
    # One answer to each, whoever sends at the same time.
    UniqueConstraint("case_id", "answers"),
    ForeignKeyConstraint(["case_id", "answers"], ["forms.case_id", "forms.seq"], name="fk_forms_answered"),
    ForeignKeyConstraint(["case_id", "stream", "seq"], ["records.case_id", "records.stream", "records.seq"]),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)


class ReadingColumns(TypedColumns):
    """The days on which either side had the dialogue open up to a record."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    reader: Named[Reader] = Column(Closed(Reader), primary_key=True)
    seq: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    read_on: Named[date] = Column(Date, nullable=False)
    settled: Named[bool] = Column(sa.Boolean, nullable=False)


_UNSETTLED_SQLITE = sa.text("settled = 0")
_UNSETTLED_POSTGRESQL = sa.text("NOT settled")

readings = Table(
    "readings",
    metadata,
    ReadingColumns,
    one_of("reader", Reader),
    CheckConstraint("seq >= 0", name="seq"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index("ix_readings_unsettled", "read_on", sqlite_where=_UNSETTLED_SQLITE, postgresql_where=_UNSETTLED_POSTGRESQL),
    sqlite_with_rowid=False,
)


class MeetingColumns(TypedColumns):
    """Meetings that were held."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    mode: Named[MeetingMode] = Column(Closed(MeetingMode), nullable=False)
    held_on: Named[date] = Column(Date, nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    offer: Named[int | None] = Column(sa.Integer)


meetings = Table(
    "meetings",
    metadata,
    MeetingColumns,
    one_of("mode", MeetingMode),
    ForeignKeyConstraint(["case_id", "offer"], ["forms.case_id", "forms.seq"]),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(None, "case_id"),
)
