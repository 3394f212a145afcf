"""Keeps reporters' identities, sealed apart."""

from __future__ import annotations

from sqlalchemy import Connection


class Vaults:
    """Implements ``ports.Vaults`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
