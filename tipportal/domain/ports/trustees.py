"""What keeps trustees, their ceremonies and recoveries."""

from __future__ import annotations

from typing import Protocol


class Trustees(Protocol):
    """Trustees of an installation, and recoveries of single cases."""
