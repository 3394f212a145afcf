"""When a standby steps in although nobody has left: the conditions of invariant 6 (04), as pure rules."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .cases import Case
from .deadlines import working_days_after
from .separations import LEAST_PEOPLE, Seat, suffices

OPENING_WORKING_DAYS = 2
ANSWER_WORKING_DAYS = 2
IDLE_WORKING_DAYS = 15
NEAR_WORKING_DAYS = 5
"""A statutory date is near when so many working days or fewer are left to it."""


class ReleaseReason(enum.StrEnum):
    """Why a standby has stepped in."""

    SEPARATION = "separation"
    TOO_FEW_PRESENT = "too_few_present"
    NOT_OPENED = "not_opened"
    UNANSWERED = "unanswered"
    IDLE = "idle"
    DATE_NEAR = "date_near"


@dataclass(frozen=True, slots=True)
class Release:
    """A standby's step into a case. ``at`` in UTC seconds."""

    organisation_id: str
    case_id: str
    account_id: str
    member: str
    epoch: int
    reason: ReleaseReason
    at: int


@dataclass(frozen=True, slots=True)
class Watched:
    """An open case as it is kept, with what decides whether a standby steps in. Instants are UTC seconds.

    ``written_on``: the latest day on which a member wrote. ``acted_at``: when somebody last proposed or decided an act.
    ``unanswered_at``: when the oldest open proposal was made. ``released_at``: when a standby last stepped in.
    """

    case: Case
    seats: tuple[Seat, ...]
    written_on: date | None
    acted_at: int | None
    unanswered_at: int | None
    released_at: int | None
    released_for: frozenset[ReleaseReason]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of an open case on a day, all as Stockholm dates.

    ``since``: when the present people had it all in hand: the day of receipt, or of the latest release or addition.
    ``unanswered_since``: the day of the oldest proposal that waits. ``done_on``: the latest day on which somebody did
    more than read. ``due``: the last working day for feedback, None when it has been given or none is owed.
    ``near_released``: a standby has stepped in already because that date was near.
    """

    today: date
    seats: Sequence[Seat]
    since: date
    done_on: date
    unanswered_since: date | None = None
    due: date | None = None
    near_released: bool = False


def release_reason(now: Situation) -> ReleaseReason | None:
    """Why a standby should step in now, the gravest reason first; None when nothing calls for it or nobody is left."""
    if not any(seat.here and not seat.acts for seat in now.seats):
        return None
    acting = [seat for seat in now.seats if seat.acts]
    if not suffices([seat for seat in acting if seat.present]):
        return ReleaseReason.TOO_FEW_PRESENT
    if sum(seat.opened for seat in acting) < LEAST_PEOPLE and _passed(now.since, OPENING_WORKING_DAYS, now.today):
        return ReleaseReason.NOT_OPENED
    # Each release begins the waiting anew: the one who stepped in gets the same time as those before.
    waiting = None if now.unanswered_since is None else max(now.unanswered_since, now.since)
    if waiting is not None and _passed(waiting, ANSWER_WORKING_DAYS, now.today):
        return ReleaseReason.UNANSWERED
    if _passed(max(now.done_on, now.since), IDLE_WORKING_DAYS, now.today):
        return ReleaseReason.IDLE
    near = now.due is not None and now.due <= working_days_after(now.today, NEAR_WORKING_DAYS)
    return ReleaseReason.DATE_NEAR if near and not now.near_released else None


def _passed(start: date, working_days: int, today: date) -> bool:
    """Whether more than so many working days have gone since ``start``, which is not counted."""
    return today > working_days_after(start, working_days)
