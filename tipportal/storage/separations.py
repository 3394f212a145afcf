"""Keeps who has been kept out of a case, who has stepped in, and what was done at once."""

from __future__ import annotations

from sqlalchemy import Connection


class Separations:
    """Implements ``ports.Separations`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
