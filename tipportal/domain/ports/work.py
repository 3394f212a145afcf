"""What keeps what a case led to: measures, checklists, handovers with what came of them, and messages after closing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.cases import Case
from tipportal.domain.handovers import Ask, Handover, Report
from tipportal.domain.measures import Measure
from tipportal.domain.worklists import WorklistState


class Measures(Protocol):
    """Measures and corrections of them; nothing of it ever changes."""

    def add(self, measure: Measure) -> None:
        """Raises Conflict when what it corrects has been corrected already (constraint)."""

    def by_id(self, measure_id: str) -> Measure | None: ...
    def of_case(self, case_id: str) -> Sequence[Measure]:
        """As recorded, oldest first."""

    def every(self) -> Iterator[tuple[str, Measure]]:
        """All of them with the reference of their case, streamed: what the log is held against."""


class Worklists(Protocol):
    """How far the checklists of a case have come."""

    def of_case(self, case_id: str) -> Sequence[WorklistState]: ...
    def put(self, state: WorklistState, *, replaces: bytes | None) -> None:
        """Keep a new state in the place of the one whose record has the digest ``replaces``, None for the first.

        Raises Conflict when another stands there.
        """

    def every(self) -> Iterator[tuple[str, WorklistState]]:
        """All of them with the reference of their case, streamed."""


class Handovers(Protocol):
    """Handovers, what their recipients are asked, and what they answer."""

    def add(self, handover: Handover) -> None: ...
    def of_case(self, case_id: str) -> Sequence[Handover]:
        """Oldest first."""

    def by_id(self, handover_id: str) -> tuple[str, Handover] | None:
        """A handover with the reference of its case."""

    def asks_of_case(self, case_id: str) -> Sequence[Ask]:
        """By handover, then months."""

    def reports_of_case(self, case_id: str) -> Sequence[Report]:
        """By handover, then months."""

    def unasked(self, months: int, until: date, *, limit: int) -> Sequence[tuple[str, Handover]]:
        """Handovers until a date without that question, oldest first, with the references of their cases.

        Cases that are locked are left out: nobody could read the answer.
        """

    def ask(self, ask: Ask) -> None: ...
    def link(self, ask: Ask) -> None:
        """Write an ask's new link. Raises Conflict where the question is not there or has its answer."""

    def by_token(self, token_digest: bytes) -> tuple[Case, Handover, Ask] | None:
        """The unanswered question that a link leads to."""

    def report(self, report: Report) -> None:
        """Keep an answer; the link stops working. Raises Conflict when there is one already (constraint)."""

    def every(self) -> Iterator[tuple[str, Handover]]:
        """All of them with the reference of their case, streamed."""


class Reopenings(Protocol):
    """What the source wrote after a case was closed, and has not been decided about."""

    def asked_on(self, case: Case) -> tuple[date, int] | None:
        """The date of the source's first message since the case was closed that nobody has decided about, else None.

        With the number of the newest such message. A message of the very day of closing counts: of the source's acts
        only the date is kept.
        """

    def decline(self, case: Case, upto_seq: int, *, by: str, member: str, on: date, record: bytes) -> None:
        """Keep that what was written so far reopens nothing. Raises Conflict when that was decided already."""
