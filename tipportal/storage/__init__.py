"""Storage: the only room that speaks SQL. It implements the ports of the domain on SQLite and on PostgreSQL."""

from __future__ import annotations

from .database import Database
from .faults import StorageFault

__all__ = ["Database", "StorageFault"]
