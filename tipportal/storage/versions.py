"""The numbers of what draws depend on: what was worked out from them holds as long as they are the same."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain import ports

from .prepared import Prepared
from .rows import directory_snapshots, installation, trustee_sets

_REGISTER = Prepared(sa.select(installation.c.register_version))
_ALL = Prepared(
    sa.select(
        installation.c.register_version,
        sa.select(sa.func.coalesce(sa.func.max(directory_snapshots.c.version), 0)).scalar_subquery(),
        sa.select(sa.func.coalesce(sa.func.max(trustee_sets.c.version), 0))
        .where(trustee_sets.c.acknowledged_on.is_not(None))
        .scalar_subquery(),
    )
)
_RAISE = sa.update(installation).values(register_version=installation.c.register_version + 1)


class Versions:
    """The versions in one transaction, and whether it has raised any of them itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_raised = False
        self._is_touched = False

    def number(self) -> int:
        """The register's version, with the changes of this transaction. Before founding there is none to raise: 0."""
        row = _REGISTER.row(self._connection, {})
        return 0 if row is None else int(row[0])

    def raised(self) -> None:
        """Raise the register's version by one: something was changed that a draw or a proof depends on."""
        self.is_raised = True
        self._connection.execute(_RAISE)

    def touched(self) -> None:
        """Remember that this transaction has changed the directory or the trustees, which are numbered themselves."""
        self._is_touched = True

    def all(self) -> ports.Versions | None:
        """All of them, or None once this transaction has changed any: rolled back, its numbers are given again."""
        if self.is_raised or self._is_touched:
            return None
        row = _ALL.row(self._connection, {})
        return ports.Versions(0, 0, 0) if row is None else ports.Versions(*row)
