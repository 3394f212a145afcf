"""The number of changes of the register: what was worked out from it holds as long as the number is the same."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from .prepared import Prepared
from .rows import installation

_VERSION = Prepared(sa.select(installation.c.register_version))
_RAISE = sa.update(installation).values(register_version=installation.c.register_version + 1)


class RegisterVersion:
    """The register's version in one transaction. Before founding there is none to raise: it is 0."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_raised = False

    def number(self) -> int:
        """The version, with the changes of this transaction."""
        row = _VERSION.row(self._connection, {})
        return 0 if row is None else int(row[0])

    def raised(self) -> None:
        """Raise the version by one: something was changed that a draw or a proof depends on."""
        self.is_raised = True
        self._connection.execute(_RAISE)
