"""What finds the cases that need their handler, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.cases import CaseState
from tipportal.domain.pressing import Claim


class Pressing(Protocol):
    """What cases ask of one holder. Each question costs what the holder's own cases cost, however many others are."""

    def needing(
        self, account_id: str, *, received_by: Mapping[CaseState, date], alarmed_by: date, limit: int, now: int
    ) -> Sequence[str]:
        """Ids of own cases that may need action, at most ``limit`` for each kind of reason, the oldest first.

        ``received_by``: by state, the latest day of receipt whose date is near. ``alarmed_by``: the latest one that can
        have an alarm.
        """

    def claims(self, account_id: str, case_ids: Sequence[str], now: int) -> Sequence[Claim]:
        """What stands in the database about these cases; dates of their own clocks are not among it."""
