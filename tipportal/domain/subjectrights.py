"""The rights of whoever a case is about (design 01; GDPR art. 14-16; lag 2018:218, 5 kap. 1 §; OSL 17:3 b, 32:3 b).

What was said and why is a sealed form. Here stands only that a right was handled, how, and when it comes up again.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from .errors import Invalid
from .texts import N_

LONGEST_DEFERRAL_DAYS = 183
"""Information that is deferred is looked at again within half a year, as long as it is not given."""


class Right(enum.StrEnum):
    """Information to the data subject, access, comment on what is said, correction noted beside it."""

    INFORMATION = "information"
    ACCESS = "access"
    COMMENT = "comment"
    CORRECTION = "correction"


class Decision(enum.StrEnum):
    """What was decided. Only information is deferred, with a day on which it is looked at again."""

    GIVEN = "given"
    DEFERRED = "deferred"
    PARTLY = "partly"
    REFUSED = "refused"
    NOTED = "noted"


DECISIONS = {
    Right.INFORMATION: frozenset({Decision.GIVEN, Decision.DEFERRED}),
    Right.ACCESS: frozenset({Decision.GIVEN, Decision.PARTLY, Decision.REFUSED}),
    Right.COMMENT: frozenset({Decision.NOTED}),
    Right.CORRECTION: frozenset({Decision.NOTED, Decision.REFUSED}),
}


@dataclass(frozen=True, slots=True)
class HandledRight:
    """A right that a member handled. ``record`` is the digest (32 bytes) of the sealed form that says why."""

    id: str
    organisation_id: str
    case_id: str
    kind: Right
    decision: Decision
    handled_on: date
    review_on: date | None
    member: str
    record: bytes


def check_right(right: Right, decision: Decision, review_on: date | None, today: date) -> None:
    """Raise Invalid naming the field that cannot be so."""
    if decision not in DECISIONS[right]:
        raise Invalid(N_("Det beslutet passar inte till den rättigheten."), field="decision")
    if (decision is Decision.DEFERRED) != (review_on is not None):
        raise Invalid(N_("Ange när ett uppskov ska prövas igen."), field="review_on")
    if review_on is not None and not today < review_on <= today + timedelta(days=LONGEST_DEFERRAL_DAYS):
        raise Invalid(N_("Ett uppskov ska prövas igen inom ett halvår."), field="review_on")
