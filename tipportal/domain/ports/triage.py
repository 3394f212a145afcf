"""What keeps the facts that the follow-up counts, links between cases, and alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tipportal.domain.alarms import Alarm
from tipportal.domain.cases import Case
from tipportal.domain.links import Link
from tipportal.domain.triage import Triage


class Triages(Protocol):
    """The newest facts of each case."""

    def of_case(self, case_id: str) -> Triage | None: ...
    def keep(self, triage: Triage) -> None:
        """Version 1 is the first; each later one takes the place of the one before it. Raises TriageChanged."""


class Links(Protocol):
    """Links between cases of one authority, each kept once for either case."""

    def add(self, links: Sequence[Link]) -> None:
        """Both directions at once. Raises IllegalTransition when the two are linked already."""

    def end(self, link: Link, on: date) -> Sequence[Link]:
        """End both directions of a link; gives both as they were. Raises IllegalTransition when it has ended."""

    def standing(self, case_id: str, account_id: str, today: date) -> Sequence[tuple[Link, Case]]:
        """The links of a case whose other case the account may see today, with that case, oldest first."""

    def linkable(self, case: Case, account_id: str, today: date, limit: int) -> Sequence[Case]:
        """Other cases of the same authority that the account may see today, newest first."""


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A case in which an alarm may be due, with those that have been raised in it."""

    case: Case
    raised: frozenset[Alarm]


class Alarms(Protocol):
    """Alarms that have been raised, each once."""

    def awaiting(self, today: date, after: tuple[date, str] | None, limit: int) -> Sequence[Awaiting]:
        """A keyset page of cases in which a step may be reached on ``today``, by date of receipt, then id.

        ``after`` is the (received_on, id) of the last case of the page before.
        """

    def awaiting_end(self, closed_by: date, after: tuple[date, str] | None, limit: int) -> Sequence[Awaiting]:
        """The same of closed cases that nobody has decided about, by day of closing, then id: until both are raised."""

    def raise_all(self, raised: Sequence[tuple[Case, Alarm]], on: date) -> None: ...
    def of_cases(self, case_ids: Sequence[str]) -> dict[str, tuple[Alarm, ...]]:
        """What has been raised in each of these cases, oldest date first."""
