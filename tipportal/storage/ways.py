"""Keeps the ways to a person's keys."""

from __future__ import annotations

from sqlalchemy import Connection


class Ways:
    """Implements ``ports.Ways`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
