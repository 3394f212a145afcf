"""What keeps changes to register, policies, accounts and keys, by two administrators."""

from __future__ import annotations

from typing import Protocol


class Changes(Protocol):
    """Proposed changes and their single approval."""
