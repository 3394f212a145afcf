"""Keeps trustees, their ceremonies and recoveries."""

from __future__ import annotations

from sqlalchemy import Connection


class Trustees:
    """Implements ``ports.Trustees`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
