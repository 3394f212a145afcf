"""Tables of cases, their epochs, grants and records, and of what a handler's list reads."""

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

from tipportal.domain.cases import AckException, CaseState, EpochState, GrantKind, Outcome, RecordKind, SealedBy, Stream
from tipportal.domain.files import MAX_FILES
from tipportal.domain.organisations import Channel

from .base import Closed, metadata, one_of, organisation

MAX_IN_ROW = 65_536
"""Bytes of a sealed file that a row holds; larger files lie in the blob store."""

# Written as each dialect compiles the same condition in a query, so that the index is found.
_UNSETTLED_SQLITE = sa.text("settled = 0")
_UNSETTLED_POSTGRESQL = sa.text("NOT settled")
_OPEN = sa.text("state = 'open'")
_NO_FEEDBACK = sa.text("feedback_on IS NULL")
_CLOSED = sa.text("state = 'closed'")
_DIALOGUE = sa.text("stream = 'dialogue'")
_IN_FILE = sa.text("blob_id IS NOT NULL")


class CaseColumns(TypedColumns):
    """What the server knows about a case: dates, never instants. ``settled``: see settling.py."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    authority_id: Named[str] = Column(Text, ForeignKey("organisations.id"), nullable=False)
    reference: Named[str] = Column(Text, nullable=False, unique=True)
    channel: Named[Channel] = Column(Closed(Channel), nullable=False)
    state: Named[CaseState] = Column(Closed(CaseState), nullable=False)
    sealed_by: Named[SealedBy] = Column(Closed(SealedBy), nullable=False)
    lookup_digest: Named[bytes] = Column(LargeBinary, nullable=False, unique=True)
    source_recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    source_verification_key: Named[bytes] = Column(LargeBinary, nullable=False)
    genesis_hash: Named[str | None] = Column(Text)
    submission_digest: Named[bytes] = Column(LargeBinary, nullable=False)
    policy_version: Named[int] = Column(sa.Integer, nullable=False)
    directory_version: Named[int] = Column(sa.Integer, nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    received_on: Named[date] = Column(Date, nullable=False)
    acknowledged_on: Named[date | None] = Column(Date)
    feedback_on: Named[date | None] = Column(Date)
    closed_on: Named[date | None] = Column(Date)
    covered: Named[bool | None] = Column(sa.Boolean)
    outcome: Named[Outcome | None] = Column(Closed(Outcome))
    ack_left_out: Named[AckException | None] = Column(Closed(AckException))
    settled: Named[bool] = Column(sa.Boolean, nullable=False)
    # Last, as it is long: who was chosen, who was not and why, sealed to the case's work recipient.
    decision: Named[bytes | None] = Column(LargeBinary)


cases = Table(
    "cases",
    metadata,
    CaseColumns,
    one_of("channel", Channel),
    one_of("state", CaseState),
    one_of("sealed_by", SealedBy),
    one_of("outcome", Outcome),
    one_of("ack_left_out", AckException),
    CheckConstraint("epoch >= 0", name="epoch"),
    ForeignKeyConstraint(["organisation_id", "policy_version"], ["policies.organisation_id", "policies.version"]),
    # Lets the tables below be tied to the case's own organisation by a foreign key.
    UniqueConstraint("id", "organisation_id"),
    # What the alarms read every time that ``tick`` runs.
    Index(
        "ix_cases_without_feedback",
        "received_on",
        "id",
        sqlite_where=_NO_FEEDBACK,
        postgresql_where=_NO_FEEDBACK,
    ),
    # What ``tick`` looks for when two years have passed.
    Index("ix_cases_closed", "closed_on", "id", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
    sqlite_with_rowid=False,
)


class EpochColumns(TypedColumns):
    """Periods of a case's keys."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    epoch: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    work_recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    dialogue_recipient: Named[bytes] = Column(LargeBinary, nullable=False)
    state: Named[EpochState] = Column(Closed(EpochState), nullable=False)
    opened_by: Named[str] = Column(Text, nullable=False)
    opened_on: Named[date] = Column(Date, nullable=False)
    settled: Named[bool] = Column(sa.Boolean, nullable=False)


epochs = Table(
    "epochs",
    metadata,
    EpochColumns,
    one_of("state", EpochState),
    CheckConstraint("epoch >= 0", name="epoch"),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    # Two open epochs would let a person who was left out of the newer one go on reading.
    Index("uq_epochs_one_open", "case_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    sqlite_with_rowid=False,
)


class GrantColumns(TypedColumns):
    """Sealed keys. ``released``: the holder is given the file; a standby's grant exists but is withheld."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    epoch: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    holder: Named[str] = Column(Text, primary_key=True)
    kind: Named[GrantKind] = Column(Closed(GrantKind), primary_key=True)
    member: Named[str] = Column(Text, nullable=False)
    unit_id: Named[str] = Column(Text, nullable=False)
    function_id: Named[str] = Column(Text, nullable=False)
    released: Named[bool] = Column(sa.Boolean, nullable=False)
    opened_on: Named[date | None] = Column(Date)
    file: Named[bytes] = Column(LargeBinary, nullable=False)


grants = Table(
    "grants",
    metadata,
    GrantColumns,
    one_of("kind", GrantKind),
    CheckConstraint("released OR kind NOT IN ('panel', 'source')", name="released"),
    CheckConstraint("(holder = 'source') = (kind = 'source')", name="source_is_source"),
    CheckConstraint(f"length(file) <= {MAX_IN_ROW}", name="file_in_row"),
    ForeignKeyConstraint(["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"]),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    # A pseudonym is one person for one purpose in an epoch.
    UniqueConstraint("case_id", "epoch", "member", "kind"),
    sqlite_with_rowid=False,
)


class RecordColumns(TypedColumns):
    """Sealed records. The chain is a foreign key of the table to itself: see the constraints."""

    id: Named[str] = Column(Text, nullable=False)
    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    stream: Named[Stream] = Column(Closed(Stream), primary_key=True)
    seq: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    kind: Named[RecordKind] = Column(Closed(RecordKind), nullable=False)
    epoch: Named[int] = Column(sa.Integer, nullable=False)
    digest: Named[bytes] = Column(LargeBinary, nullable=False)
    prev: Named[bytes] = Column(LargeBinary, nullable=False)
    prev_stream: Named[Stream | None] = Column(Closed(Stream))
    prev_seq: Named[int | None] = Column(sa.Integer)
    author: Named[str] = Column(Text, nullable=False)
    written_on: Named[date] = Column(Date, nullable=False)
    written_at: Named[int | None] = Column(sa.BigInteger)
    settled: Named[bool] = Column(sa.Boolean, nullable=False)
    blob_id: Named[str | None] = Column(Text)
    # Last: SQLite reads the columns before it without following the row to its overflow pages.
    body: Named[bytes | None] = Column(LargeBinary)


records = Table(
    "records",
    metadata,
    RecordColumns,
    one_of("stream", Stream),
    one_of("kind", RecordKind),
    CheckConstraint("(body IS NULL) <> (blob_id IS NULL)", name="body_or_blob"),
    CheckConstraint(f"length(body) <= {MAX_IN_ROW}", name="body_in_row"),
    CheckConstraint("length(digest) = 32 AND length(prev) = 32", name="digests"),
    CheckConstraint("author <> 'source' OR written_at IS NULL", name="source_without_instant"),
    # Number n stands on number n - 1, the first of a stream on genesis, and genesis on nothing. Together with the
    # foreign key below no gap, fork or wrong predecessor can be stored, whoever writes at the same time.
    CheckConstraint(
        "(stream = 'genesis' AND seq = 0 AND prev_stream IS NULL AND prev_seq IS NULL)"
        " OR (stream <> 'genesis' AND seq = 0 AND prev_stream = 'genesis' AND prev_seq = 0"
        " AND prev_stream IS NOT NULL AND prev_seq IS NOT NULL)"
        " OR (stream <> 'genesis' AND seq > 0 AND prev_stream = stream AND prev_seq = seq - 1"
        " AND prev_stream IS NOT NULL AND prev_seq IS NOT NULL)",
        name="chain",
    ),
    UniqueConstraint("case_id", "stream", "seq", "digest"),
    ForeignKeyConstraint(
        ["case_id", "prev_stream", "prev_seq", "prev"],
        ["records.case_id", "records.stream", "records.seq", "records.digest"],
        name="fk_records_chain",
    ),
    ForeignKeyConstraint(["case_id", "epoch"], ["epochs.case_id", "epochs.epoch"]),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index("uq_records_blob_id", "blob_id", unique=True, sqlite_where=_IN_FILE, postgresql_where=_IN_FILE),
    # What the diary feed of a working day reads.
    Index("ix_records_dialogue", "written_on", sqlite_where=_DIALOGUE, postgresql_where=_DIALOGUE),
    Index("ix_records_unsettled", "written_on", sqlite_where=_UNSETTLED_SQLITE, postgresql_where=_UNSETTLED_POSTGRESQL),
    sqlite_with_rowid=False,
)


class AttachmentColumns(TypedColumns):
    """Sealed files of records. ``upload_digest``: SHA-256 of the id under which it was sent, so that it is once."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    stream: Named[Stream] = Column(Closed(Stream), primary_key=True)
    seq: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    position: Named[int] = Column(sa.Integer, primary_key=True, autoincrement=False)
    blob_id: Named[str] = Column(Text, nullable=False, unique=True)
    upload_digest: Named[bytes] = Column(LargeBinary, nullable=False, unique=True)
    size: Named[int] = Column(sa.BigInteger, nullable=False)


attachments = Table(
    "attachments",
    metadata,
    AttachmentColumns,
    one_of("stream", Stream),
    CheckConstraint(f"position >= 0 AND position < {MAX_FILES}", name="position"),
    CheckConstraint("size > 0", name="size"),
    CheckConstraint("length(upload_digest) = 32", name="upload_digest"),
    ForeignKeyConstraint(["case_id", "stream", "seq"], ["records.case_id", "records.stream", "records.seq"]),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)


class ReadColumns(TypedColumns):
    """How far a holder has opened the dialogue of a case."""

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    seq: Named[int] = Column(sa.Integer, nullable=False)


reads = Table(
    "reads",
    metadata,
    ReadColumns,
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    sqlite_with_rowid=False,
)


class HoldingColumns(TypedColumns):
    """One narrow row per case that an account may see now, in the order of its list.

    It only orders and counts: whether the account may see the case is always asked of ``grants``, and of what
    designates it to the function that the grant is for. ``unread``: a message of the source that it has not opened.
    """

    organisation_id: Named[str] = Column(Text, nullable=False)
    case_id: Named[str] = Column(Text, primary_key=True)
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), primary_key=True)
    received_on: Named[date] = Column(Date, nullable=False)
    reference: Named[str] = Column(Text, nullable=False)
    channel: Named[Channel] = Column(Closed(Channel), nullable=False)
    state: Named[CaseState] = Column(Closed(CaseState), nullable=False)
    function_id: Named[str] = Column(Text, nullable=False)
    unread: Named[bool] = Column(sa.Boolean, nullable=False)


holdings = Table(
    "holdings",
    metadata,
    HoldingColumns,
    one_of("channel", Channel),
    one_of("state", CaseState),
    ForeignKeyConstraint(["case_id", "organisation_id"], ["cases.id", "cases.organisation_id"]),
    Index("ix_holdings_by_date", "account_id", "received_on", "reference"),
    # With what is counted and asked in it, so that neither reads anything else.
    Index("ix_holdings_by_state", "account_id", "state", "received_on", "reference", "function_id", "unread"),
    sqlite_with_rowid=False,
)
