"""What keeps the handler directory."""

from __future__ import annotations

from typing import Protocol


class Directory(Protocol):
    """Roots and snapshots, each version once."""
