"""The table of letters that wait to be sent, and of what became of them."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Named, Table, Text, TypedColumns

from tipportal.domain.notices import NoticeKind, NoticeState

from .base import Closed, metadata, one_of

_DIGEST = sa.text("kind = 'digest'")
_WAITING = sa.text("state = 'waiting'")


class OutboxColumns(TypedColumns):
    """To whom and of which kind; never a case, and no text. Without an account it is the auditors' mailbox."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str | None] = Column(Text, ForeignKey("organisations.id"))
    kind: Named[NoticeKind] = Column(Closed(NoticeKind), nullable=False)
    account_id: Named[str | None] = Column(Text, ForeignKey("accounts.id"))
    day: Named[date] = Column(Date, nullable=False)
    due: Named[int] = Column(sa.BigInteger, nullable=False)
    size: Named[int | None] = Column(sa.BigInteger)
    state: Named[NoticeState] = Column(Closed(NoticeState), nullable=False)
    attempts: Named[int] = Column(sa.Integer, nullable=False)
    next_attempt: Named[int] = Column(sa.BigInteger, nullable=False)
    claimed_until: Named[int] = Column(sa.BigInteger, nullable=False)
    code: Named[int] = Column(sa.Integer, nullable=False)
    settled_at: Named[int | None] = Column(sa.BigInteger)


outbox = Table(
    "outbox",
    metadata,
    OutboxColumns,
    one_of("kind", NoticeKind),
    one_of("state", NoticeState),
    CheckConstraint("(kind = 'checkpoint') = (account_id IS NULL)", name="to_whom"),
    CheckConstraint("(kind = 'checkpoint') = (size IS NOT NULL)", name="checkpoint"),
    CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled"),
    Index("uq_outbox_digest", "day", "account_id", unique=True, sqlite_where=_DIGEST, postgresql_where=_DIGEST),
    Index("ix_outbox_waiting", "next_attempt", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index("ix_outbox_account_id", "account_id", "settled_at"),
    sqlite_with_rowid=False,
)
