"""What keeps changes to register, policies, accounts and keys, by two administrators, and what they leave behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.by_trustees import TrusteeApproval
from tipportal.domain.changes.change import Change
from tipportal.domain.changes.standing import ClockWatch, Opening, RecordedDecision, Review, ReviewOutcome
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence


class Changes(Protocol):
    """Proposed changes and their single approval; decisions, openings of channels, the clock's watch, reviews."""

    def add(self, change: Change) -> None:
        """Raises Conflict on a reused nonce."""

    def tell(self, change_id: str, told: Sequence[Sentence]) -> None:
        """Keep in words what a change does: once it is decided nothing that holds can tell it any more."""

    def told(self, change_id: str) -> Sequence[Sentence]:
        """What was kept; nothing for changes of the days before."""

    def by_id(self, change_id: str) -> Change | None: ...
    def waiting(self, now: int) -> Sequence[Change]:
        """Open at ``now`` (UTC seconds), newest first."""

    def decided_since(self, since: int) -> Sequence[Change]:
        """Decided or expired from ``since`` (UTC seconds) on, newest first."""

    def decide(self, change_id: str, state: ProposalState, *, approver: str, signature: bytes | None, now: int) -> None:
        """Raises AlreadyDecided unless it was open at ``now``, NotEntitled when both people are the same."""

    def approve_by_trustees(
        self, change_id: str, set_version: int, signatures: Mapping[str, bytes], *, now: int
    ) -> None:
        """Approve with trustees of a set, by their ids. Raises AlreadyDecided, NotEntitled for too few of them."""

    def trustee_approvals(self, change_id: str) -> Sequence[TrusteeApproval]: ...
    def approved(self) -> Iterator[tuple[str, bytes]]:
        """The id and payload of each approved change, streamed."""

    def consents(self) -> Iterator[tuple[str, str, bytes]]:
        """Everybody who stands under an approved change, by its id, each with their signature, streamed."""

    def expire(self, now: int) -> int:
        """Mark open changes past their date; returns how many."""

    def record_decision(self, decision: RecordedDecision) -> None:
        """Keep a decision; the newest of a subject holds."""

    def decisions(self) -> Sequence[RecordedDecision]:
        """The newest of each organisation and subject."""

    def set_channel(self, opening: Opening) -> None: ...
    def channel_open(self, organisation_id: str, channel: Channel) -> bool:
        """Whether a channel has been opened. One that has not answers as one that does not exist."""

    def is_closed_case(self, organisation_id: str, reference: str) -> bool:
        """Whether an organisation has had a case by a reference that two have closed."""

    def channels_shown(self, organisation_id: str) -> frozenset[Channel]:
        """The channels that are open to everybody, those on trial left out."""

    def openings(self) -> Sequence[Opening]: ...
    def clock_watch(self) -> ClockWatch | None:
        """None before the first ``tick``."""

    def watch_clock(self, watch: ClockWatch) -> None: ...
    def add_review(self, review: Review) -> None: ...
    def review(self, review_id: str) -> Review | None: ...
    def open_reviews(self) -> Sequence[Review]:
        """Not yet looked at, the first due first."""

    def ended_since(self, person_id: str, since: int) -> Sequence[Review]:
        """Suspensions of a person, done from ``since`` (UTC seconds) on, that were lifted or lapsed."""

    def settle_review(self, review_id: str, outcome: ReviewOutcome, *, by: str | None, now: int) -> None:
        """Keep how it ended; by nobody where it lapsed.

        Raises AlreadyDecided when it has ended, NotEntitled for whoever did it or whom it is about.
        """

    def review_is_overdue(self, review_id: str, on: date) -> None:
        """Keep that it stands in the log that nobody looked in time."""
