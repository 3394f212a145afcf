"""The views of this face; importing it puts them on the blueprint."""

from __future__ import annotations

from . import blueprint

__all__ = ["blueprint"]
