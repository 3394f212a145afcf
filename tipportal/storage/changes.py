"""Keeps changes to register, policies, accounts and keys, by two administrators."""

from __future__ import annotations

from sqlalchemy import Connection


class Changes:
    """Implements ``ports.Changes`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
