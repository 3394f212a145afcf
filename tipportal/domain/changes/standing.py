"""What changes leave behind beside the register: decisions taken, channels open, the clock's watch, reviews owed."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tipportal.domain.accounts import AccountState
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.register import PAUSE_AFTER
from tipportal.domain.texts import N_

CLOCK_LEAP_SECONDS = 36 * 3600
"""A clock that has moved further since the last ``tick`` is not believed (04, invariant 6)."""


class DecisionSubject(enum.StrEnum):
    """What the go-live checklist wants an organisation to have decided."""

    GUIDELINES = "guidelines"
    DELEGATION = "delegation"
    INFORMATION_PLAN = "information_plan"
    DPIA = "dpia"
    PROCESSOR_AGREEMENT = "processor_agreement"
    TRIAL = "trial"
    """The test case that was handled from end to end, by its reference, or the protocol of a trial elsewhere."""


SUBJECTS: Mapping[DecisionSubject, str] = {
    DecisionSubject.GUIDELINES: N_("riktlinjer och rutiner för kanalen"),
    DecisionSubject.DELEGATION: N_("delegation av beslut om att inte lämna ut"),
    DecisionSubject.INFORMATION_PLAN: N_("informationshanteringsplan"),
    DecisionSubject.DPIA: N_("konsekvensbedömning avseende dataskydd"),
    DecisionSubject.PROCESSOR_AGREEMENT: N_("personuppgiftsbiträdesavtal"),
    DecisionSubject.TRIAL: N_("prov av kanalen från början till slut"),
}


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision of an organisation, by its registry number and day; ``change_id`` is the change that recorded it."""

    organisation_id: str
    subject: DecisionSubject
    number: str
    decided_on: date
    change_id: str


@dataclass(frozen=True, slots=True)
class Opening:
    """How a channel of an organisation stands since ``changed_at`` (UTC seconds).

    ``trial``: open to whoever has its address and shown nowhere, so that a test case can be handled from end to end.
    """

    organisation_id: str
    channel: Channel
    open: bool
    trial: bool
    changed_at: int
    change_id: str | None


@dataclass(frozen=True, slots=True)
class ClockWatch:
    """When ``tick`` last ran (UTC seconds), and since when the clock is doubted; None when it is believed."""

    last_tick: int
    doubted_since: int | None


class ReviewKind(enum.StrEnum):
    """What one person has done at once, outside every case."""

    SUSPENSION = "suspension"
    ABSENCE = "absence"


class ReviewOutcome(enum.StrEnum):
    """How a second look ended. ``lapsed``: nobody looked in time, and what was done ended by itself."""

    UPHELD = "upheld"
    LIFTED = "lifted"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Review:
    """What one person did at once, to be looked at by another by ``due_on``, who upholds or lifts it.

    ``person_id``: whom it is about. ``was``: the state of a suspended account before. ``absence_id``, ``first`` and
    ``last``: an absence as it was noted, which nothing else keeps when it is lifted. Instants are UTC seconds.
    ``overdue_on``: the day on which it stood in the log that nobody had looked in time.
    """

    id: str
    organisation_id: str
    kind: ReviewKind
    person_id: str
    done_by: str
    done_at: int
    due_on: date
    was: AccountState | None = None
    absence_id: str | None = None
    first: date | None = None
    last: date | None = None
    overdue_on: date | None = None
    reviewed_by: str | None = None
    reviewed_at: int | None = None
    outcome: ReviewOutcome | None = None

    @property
    def pauses(self) -> bool:
        """Whether it keeps somebody from their cases: a suspension, or an absence of more than thirty days."""
        if self.kind is ReviewKind.SUSPENSION:
            return True
        return self.first is None or self.last is None or self.last - self.first >= PAUSE_AFTER


def leapt(last_tick: int, now: int) -> bool:
    """Whether the clock moved, either way, more than 36 hours between two runs (UTC seconds)."""
    return abs(now - last_tick) > CLOCK_LEAP_SECONDS
