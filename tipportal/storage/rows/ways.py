"""Tables of the ways to people's keys."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, LargeBinary, Named, Table, Text, TypedColumns

from tipportal.domain.ways import WayKind

from .base import Closed, metadata, one_of, organisation


class KeyWayColumns(TypedColumns):
    """Sealed copies of people's identities, and what signs in beside them."""

    id: Named[str] = Column(Text, primary_key=True)
    organisation_id: Named[str] = organisation()
    account_id: Named[str] = Column(Text, ForeignKey("accounts.id"), nullable=False)
    kind: Named[WayKind] = Column(Closed(WayKind), nullable=False)
    label: Named[str] = Column(Text, nullable=False)
    place: Named[int] = Column(sa.Integer, nullable=False)
    added_on: Named[date] = Column(Date, nullable=False)
    file: Named[bytes] = Column(LargeBinary, nullable=False)
    credential_id: Named[bytes | None] = Column(LargeBinary, unique=True)
    public_key: Named[bytes | None] = Column(LargeBinary)
    sign_count: Named[int] = Column(sa.BigInteger, nullable=False)
    salt: Named[bytes | None] = Column(LargeBinary)


key_ways = Table(
    "key_ways",
    metadata,
    KeyWayColumns,
    one_of("kind", WayKind),
    # A passkey without its key could be used by nobody, a passphrase with one by somebody else.
    CheckConstraint(
        "(kind = 'passkey') = (credential_id IS NOT NULL AND public_key IS NOT NULL AND salt IS NOT NULL)",
        name="passkey_is_whole",
    ),
    sa.Index(None, "account_id"),
)


class SpentChallengeColumns(TypedColumns):
    """Challenges that somebody has answered: none is taken twice."""

    digest: Named[bytes] = Column(LargeBinary, primary_key=True)
    expires_at: Named[int] = Column(sa.BigInteger, nullable=False)


spent_challenges = Table("spent_challenges", metadata, SpentChallengeColumns)
