"""What keeps what was done at once, and what holds a case back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.cases import Case
from tipportal.domain.duties import Duty, Restriction, RestrictionKind, Verdict


class Duties(Protocol):
    """Duties done at once with their single review, and restrictions of cases."""

    def add(self, duty: Duty) -> None: ...
    def by_id(self, duty_id: str) -> Duty | None: ...
    def of_case(self, case_id: str) -> Sequence[Duty]:
        """Oldest first."""

    def review(self, duty_id: str, verdict: Verdict, *, by: str, member: str, now: int) -> None:
        """Raises AlreadyDecided when it has been reviewed, NotEntitled when both are one person (constraint)."""

    def to_review(self, account_id: str, today: date) -> Sequence[tuple[Case, Duty]]:
        """What others did on the account's own cases and nobody has reviewed, by the last day for it."""

    def restrict(self, restriction: Restriction) -> None:
        """Raises IllegalTransition when the case has one of the kind already."""

    def lift(self, case_id: str, kind: RestrictionKind, on: date) -> None:
        """Raises IllegalTransition when there is none."""

    def in_force(self, case_id: str, kind: RestrictionKind) -> Restriction | None: ...
    def to_look_at(self, account_id: str, today: date, by: date) -> Sequence[tuple[Case, Restriction]]:
        """Restrictions in force on the account's own cases that are to be looked at again by a date."""
