"""Which revision of the tables this version speaks, without loading what migrates them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

HEAD = "0023"
"""The newest revision in `migrations/`; a test compares."""

_REVISIONS: sa.Select[str] = sa.select(sa.column("version_num", sa.Text)).select_from(sa.table("alembic_version"))


def is_current(connection: Connection) -> bool:
    """Whether the database is at this version's newest revision; a database without tables is not."""
    try:
        return connection.execute(_REVISIONS).scalars().all() == [HEAD]
    except DBAPIError:
        return False
