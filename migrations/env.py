"""What Alembic runs: the revisions, in the transaction that ``tipportal.storage.schema`` hands in."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from tipportal.storage.rows import metadata


def run(connection: Connection) -> None:
    """Run within the caller's transaction, so that a revision that fails leaves nothing behind."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        # SQLite changes a table by building it anew.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
