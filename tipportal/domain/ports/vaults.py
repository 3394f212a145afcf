"""What keeps reporters' identities, sealed apart."""

from __future__ import annotations

from typing import Protocol


class Vaults(Protocol):
    """Identity vaults and the shares of their keys."""
