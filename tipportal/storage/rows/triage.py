"""Tables of what the follow-up counts of each case, of links, and of alarms raised."""

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
)

from tipportal.domain.alarms import AlarmStep, Watch
from tipportal.domain.links import LinkKind
from tipportal.domain.triage import HeardHow, Origin, RelationGroup, ReprisalConcern
from tipportal.domain.triage import Named as NamedOrNot

from .base import Closed, metadata, one_of

_STANDING = sa.text("ended_on IS NULL")


class TriageColumns(TypedColumns):
    """The newest facts of a case. ``types``, ``areas`` and ``reasons`` hold keys with a space between them."""

    case_id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    version: Named[int] = Column(sa.Integer, nullable=False)
    origin: Named[Origin] = Column(Closed(Origin), nullable=False)
    types: Named[str] = Column(Text, nullable=False)
    areas: Named[str] = Column(Text, nullable=False)
    relation: Named[RelationGroup] = Column(Closed(RelationGroup), nullable=False)
    named: Named[NamedOrNot] = Column(Closed(NamedOrNot), nullable=False)
    reprisals: Named[ReprisalConcern] = Column(Closed(ReprisalConcern), nullable=False)
    heard_how: Named[HeardHow] = Column(Closed(HeardHow), nullable=False)
    reasons: Named[str] = Column(Text, nullable=False)
    member: Named[str] = Column(Text, nullable=False)
    entered_at: Named[int] = Column(sa.BigInteger, nullable=False)


triages = Table(
    "triages",
    metadata,
    TriageColumns,
    one_of("origin", Origin),
    one_of("relation", RelationGroup),
    one_of("named", NamedOrNot),
    one_of("reprisals", ReprisalConcern),
    one_of("heard_how", HeardHow),
    CheckConstraint("version >= 1", name="version"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
)


class LinkColumns(TypedColumns):
    """One direction of a link between two cases of one authority: each link is two rows.

    ``mark`` is what the log of ``case_id`` calls it; the log of the other case has another.
    """

    mark: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, nullable=False)
    other_case_id: Named[str] = Column(Text, nullable=False)
    kind: Named[LinkKind] = Column(Closed(LinkKind), nullable=False)
    linked_on: Named[date] = Column(Date, nullable=False)
    ended_on: Named[date | None] = Column(Date)


case_links = Table(
    "case_links",
    metadata,
    LinkColumns,
    one_of("kind", LinkKind),
    CheckConstraint("case_id <> other_case_id", name="two_cases"),
    CheckConstraint("ended_on IS NULL OR ended_on >= linked_on", name="in_order"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    ForeignKeyConstraint(["other_case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index(
        "uq_case_links_standing",
        "case_id",
        "other_case_id",
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    ),
    Index(None, "other_case_id"),
)


class AlarmColumns(TypedColumns):
    """Alarms that have been raised, each once: the clock, who was alarmed, and the target that it was for."""

    case_id: Named[str] = Column(Text, primary_key=True)
    watch: Named[Watch] = Column(Closed(Watch), primary_key=True)
    step: Named[AlarmStep] = Column(Closed(AlarmStep), primary_key=True)
    due: Named[date] = Column(Date, primary_key=True)
    organisation_id: Named[str] = Column(Text, nullable=False)
    raised_on: Named[date] = Column(Date, nullable=False)


alarms = Table(
    "alarms",
    metadata,
    AlarmColumns,
    one_of("watch", Watch),
    one_of("step", AlarmStep),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)
