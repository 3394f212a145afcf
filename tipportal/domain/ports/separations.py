"""What keeps who has been kept out of a case, who has stepped in, and what was done at once."""

from __future__ import annotations

from typing import Protocol


class Separations(Protocol):
    """Exclusions, released standbys, duties done at once, restrictions of a case."""
