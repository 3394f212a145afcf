"""Letters by mail (04, invariant 2): which there are, when they go, and what became of them.

No letter says anything of a case, and none follows on what a source does: those who handle cases get the same one every
working day at the same hour, whether something waits or not. What is mailed at once is about the person's own account.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from .accounts import Account, AccountState, Role
from .deadlines import is_working_day, stockholm_date
from .organisations import Absence

LEASE_SECONDS = 30 * 60
"""A letter that somebody is sending is nobody else's for so long; then whoever was sending it has stopped."""
LATE_SECONDS = 24 * 3600
"""When the oldest letter has waited so long, administrators are warned."""
WITHOUT_MAIL_SECONDS = 12 * 3600
"""Where no mail is set up a letter is kept for so long: mail that is set up meanwhile still takes it."""
GIVE_UP_SECONDS = 30 * 24 * 3600
KEPT_SECONDS = 30 * 24 * 3600
"""What became of a letter is kept for so long."""
_RETRY_SECONDS = 15 * 60
_LONGEST_RETRY_SECONDS = 6 * 3600
_HOUR = 3600
_STOCKHOLM = ZoneInfo("Europe/Stockholm")


class NoticeKind(enum.StrEnum):
    """What a letter is about. Only the last goes to a mailbox and not to a person."""

    DIGEST = "digest"
    INVITED = "invited"
    SIGN_IN = "sign_in"
    ACCESS = "access"
    CHECKPOINT = "checkpoint"


class NoticeState(enum.StrEnum):
    """What became of a letter.

    Refused: the address is wrong, or its mailbox takes nothing. Bounced: taken, and sent back later. Withdrawn: a newer
    one stands in its place, or nobody wants it any more.
    """

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    BOUNCED = "bounced"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter in the outbox: to whom and of which kind, never what stands in it.

    ``account_id``: None for the auditors' mailbox. ``day`` is the Stockholm date that it belongs to, ``due`` the
    instant that it waits since, ``size`` the checkpoint's. Instants are UTC seconds. ``attempts`` counts how
    often somebody has taken it to send it, and tells apart who did last. ``code`` is the server's last answer.
    """

    id: str
    organisation_id: str | None
    kind: NoticeKind
    account_id: str | None
    day: date
    due: int
    size: int | None = None
    state: NoticeState = NoticeState.WAITING
    attempts: int = 0
    next_attempt: int = 0
    claimed_until: int = 0
    code: int = 0
    settled_at: int | None = None


@dataclass(frozen=True, slots=True)
class AddressFault:
    """An address that took no letter the last time. ``account_id``: None for the auditors' mailbox.

    ``code`` is the server's answer (RFC 5321, 4.2), 0 where there was none. ``at`` is UTC seconds.
    """

    account_id: str | None
    state: NoticeState
    code: int
    at: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is handed to the mail server. ``id`` is the same each time that it is tried."""

    id: str
    to: str
    subject: str
    text: str = field(repr=False)
    due: int


class Delivery(enum.StrEnum):
    """How the server answered: ``LATER`` is about this letter, ``DOWN`` about all of them."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one attempt. ``code`` is the server's answer, 0 where there was none."""

    outcome: Delivery
    code: int = 0


def digest_due(now: int, at: time) -> tuple[date, int] | None:
    """The Stockholm date of today and the instant of its digest, both as they are at ``now``; None where none is due.

    ``at`` is a time of day in Stockholm. Working days only.
    """
    today = stockholm_date(now)
    due = hour_of(today, at)
    return (today, due) if is_working_day(today) and now >= due else None


def hour_of(day: date, at: time) -> int:
    """The instant of a time of day in Stockholm, as UTC seconds."""
    return int(datetime.combine(day, at, _STOCKHOLM).timestamp())


def gets_digest(account: Account) -> bool:
    """Whether a person is among those who get the daily letter: everybody who handles cases or changes.

    Auditors have nothing to do from one day to the next; theirs is the month's letter.
    """
    return account.state is AccountState.ACTIVE and account.role in {Role.HANDLER, Role.ADMINISTRATOR}


def is_away(absences: Sequence[Absence], person_id: str, today: date) -> bool:
    """Whether a person is away on the Stockholm date ``today``."""
    return any(
        each.person_id == person_id and each.first <= today and (each.last is None or today <= each.last)
        for each in absences
    )


def whole_hour(now: int) -> int:
    """The full hour before ``now`` (UTC seconds): what stands in a letter as its date."""
    return now - now % _HOUR


def retry_after(attempts: int) -> int:
    """Seconds until a letter is tried again after so many attempts: twice as long each time, six hours at most."""
    return int(min(_RETRY_SECONDS * 2 ** max(0, min(attempts, 10) - 1), _LONGEST_RETRY_SECONDS))


def sent_on(due: int) -> datetime:
    """The date that stands in a letter."""
    return datetime.fromtimestamp(due, tz=UTC)
