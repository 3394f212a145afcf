"""What keeps the ways to a person's keys."""

from __future__ import annotations

from typing import Protocol


class Ways(Protocol):
    """Passphrases and passkeys: each a sealed copy of a person's identity."""
