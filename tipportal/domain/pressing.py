"""Why a case needs its handlers, and by when: what stands on the first screen, as pure values (07)."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .duties import DutyKind

SOON_DAYS = 2


class Why(enum.StrEnum):
    """What asks for somebody, in the order in which it is said."""

    CLOCK = "clock"
    ALARM = "alarm"
    UNREAD = "unread"
    APPROVAL = "approval"
    REVIEW = "review"
    REOPENING = "reopening"
    RELEASE = "release"
    RETENTION = "retention"
    RESTRICTION = "restriction"
    DEFERRED = "deferred"
    AFTER_CARE = "after_care"
    HANDOVER = "handover"


AT_ONCE = frozenset({Why.ALARM, Why.UNREAD, Why.APPROVAL, Why.REVIEW, Why.REOPENING, Why.RELEASE, Why.RETENTION})
"""What needs somebody whatever its date is; the rest does when its date is near or has come."""
FROM_DAY = frozenset({Why.AFTER_CARE, Why.HANDOVER})
"""What begins on its day and is not done before."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a case asks of a handler. ``by``: the last day for it, or the day it begins; None where none is.

    ``since``: the day that it is counted from. ``months``: of after-care and of questions to a recipient. ``duty``:
    what was done at once and waits for review, which everybody in the case knows.
    """

    case_id: str
    why: Why
    by: date | None
    since: date | None = None
    months: int = 0
    duty: DutyKind | None = None

    def presses(self, today: date) -> bool:
        """Whether it stands under *Kräver åtgärd* on the Stockholm date ``today``."""
        if self.why in AT_ONCE:
            return True
        ahead = 0 if self.why in FROM_DAY else SOON_DAYS
        return self.by is not None and self.by <= today + timedelta(days=ahead)


def nearest(claims: Sequence[Claim]) -> Claim | None:
    """The one claim that a chip tells: the one with the first date."""
    order = list(Why)
    dated = [(claim.by, order.index(claim.why), number) for number, claim in enumerate(claims) if claim.by is not None]
    return claims[min(dated)[2]] if dated else None


def in_order(claims: Sequence[Claim]) -> list[Claim]:
    """Claims in the order in which a line says them, each kind once, with its first date."""
    order = list(Why)
    found: dict[Why, Claim] = {}
    for claim in sorted(claims, key=lambda one: (order.index(one.why), one.by or date.max)):
        found.setdefault(claim.why, claim)
    return list(found.values())
