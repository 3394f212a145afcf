"""What one person must do at once, and who reviews it; and what holds a case back until two lift it (04).

Invariant 4: the few duties that the law wants at once are done by one member and reviewed by another within two working
days. Never the reporter's identity.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from .deadlines import working_days_after
from .errors import AlreadyDecided, IllegalTransition, NotEntitled
from .texts import N_

REVIEW_WORKING_DAYS = 2
RESTRICTION_DAYS = 30
"""A restricted dialogue is looked at again within as many days."""
_DAY = timedelta(days=1)


class DutyKind(enum.StrEnum):
    """The acts of one person that invariant 4 knows. Own recusal has a room of its own and is reviewed here too."""

    ACUTE_DANGER = "acute_danger"
    CONCERN_FOR_CHILD = "concern_for_child"
    LEX_SARAH = "lex_sarah"
    LEX_MARIA = "lex_maria"
    QUARANTINE = "quarantine"
    RECUSAL = "recusal"
    RELEASE_WITHOUT_SECRECY = "release_without_secrecy"


class Verdict(enum.StrEnum):
    """What the reviewer found. An objection undoes nothing: it says that the two must talk, and stands in the log."""

    UPHELD = "upheld"
    OBJECTED = "objected"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something done at once. ``done_at`` and ``reviewed_at`` are UTC seconds, ``review_by`` the last day for review.

    ``record`` is the digest (32 bytes) of the sealed note that says what was done, None where none was written.
    ``member`` and ``reviewed_member`` are pseudonyms in the case.
    """

    id: str
    organisation_id: str
    case_id: str
    kind: DutyKind
    done_by: str
    member: str
    done_at: int
    review_by: date
    record: bytes | None = None
    reviewed_by: str | None = None
    reviewed_member: str | None = None
    reviewed_at: int | None = None
    verdict: Verdict | None = None


class RestrictionKind(enum.StrEnum):
    """What holds a case back.

    In a restricted dialogue the source writes but attaches nothing; in quarantine nobody is handed the dialogue.
    """

    DIALOGUE = "dialogue"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction of a case, from its first day until it is lifted. ``review_on``: when it is looked at again."""

    id: str
    organisation_id: str
    case_id: str
    kind: RestrictionKind
    begun_on: date
    review_on: date | None
    ended_on: date | None = None


def review_by(done_on: date) -> date:
    """The last day on which another must have reviewed what was done on the Stockholm date ``done_on``."""
    return working_days_after(done_on, REVIEW_WORKING_DAYS)


def check_review(duty: Duty, account_id: str) -> None:
    """Raise unless this person may review: AlreadyDecided, or NotEntitled for whoever did it."""
    if duty.verdict is not None:
        raise AlreadyDecided(N_("Åtgärden är redan granskad."))
    if duty.done_by == account_id:
        raise NotEntitled(N_("Du har själv gjort åtgärden. Någon annan i ärendegruppen behöver granska den."))


def check_review_date(review_on: date, today: date) -> None:
    """Raise IllegalTransition unless a restriction is looked at again within thirty days."""
    if not today < review_on <= today + RESTRICTION_DAYS * _DAY:
        raise IllegalTransition(N_("En begränsad dialog ska prövas på nytt inom trettio dagar."))
