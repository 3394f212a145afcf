"""Keeps the handler directory."""

from __future__ import annotations

from sqlalchemy import Connection


class Directory:
    """Implements ``ports.Directory`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
