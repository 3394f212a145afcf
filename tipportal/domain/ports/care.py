"""What keeps concerns for reprisals, after-care, and handled rights of whoever a case is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tipportal.domain.aftercare import AfterCare, Reprisal
from tipportal.domain.subjectrights import HandledRight


class Care(Protocol):
    """Concerns for reprisals with their after-care, and rights."""

    def add_reprisal(self, reprisal: Reprisal) -> None: ...
    def reprisals(self, case_id: str) -> Sequence[Reprisal]:
        """Oldest first."""

    def add_after_care(self, done: AfterCare) -> None:
        """Raises IllegalTransition when it has been done (primary key)."""

    def after_cares(self, case_id: str) -> Sequence[AfterCare]:
        """By months."""

    def add_right(self, right: HandledRight) -> None: ...
    def rights(self, case_id: str) -> Sequence[HandledRight]:
        """Oldest first."""
