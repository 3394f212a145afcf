"""What keeps letters until they are sent, and what sends them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from tipportal.domain.notices import AddressFault, Delivered, Letter, Notice, NoticeState


class Outbox(Protocol):
    """Letters that wait and what became of those before. Instants are UTC seconds."""

    def add(self, notices: Sequence[Notice]) -> None:
        """Raises Conflict when somebody has the day's digest already."""

    def has_due(self, now: int) -> bool:
        """Whether a letter waits that nobody is sending."""

    def claim(self, now: int, until: int, limit: int) -> Sequence[Notice]:
        """Take letters that are due, in an order that tells nothing: nobody else is given them before ``until``."""

    def settle(self, notice: Notice, state: NoticeState, *, code: int, now: int) -> bool:
        """Keep what became of a letter; False when somebody else has taken it since."""

    def put_off(self, notice: Notice, until: int, *, code: int) -> bool:
        """Let a letter be tried again from ``until`` on; False when somebody else has taken it since."""

    def give_back(self, notices: Sequence[Notice]) -> None:
        """Let others take letters that were not tried at all."""

    def has_digest(self, day: date) -> bool: ...
    def renew_digests(self, day: date, now: int) -> Sequence[str]:
        """Make the digests of days before that still wait, and that nobody is sending, those of a day: whose (ids)."""

    def end_older(self, due_before: int, state: NoticeState, now: int) -> int:
        """End what still waits, was due before an instant, and nobody is sending; how many."""

    def forget(self, settled_before: int) -> int:
        """Delete what became of letters before an instant; how many."""

    def oldest_waiting(self) -> int | None:
        """When the oldest letter that waits was due."""

    def faults(self) -> Sequence[AddressFault]:
        """The addresses that took no letter the last time, the newest fault first."""

    def bounced(self, account_id: str | None, now: int) -> bool:
        """Keep that the last letter sent to somebody came back; False where none was sent."""


class Mailer(Protocol):
    """A connection to the mail server, made when the first letter is sent."""

    def send(self, letter: Letter) -> Delivered:
        """Hand over one letter. Raises nothing: what goes wrong is the answer."""


class Post(Protocol):
    """The mail server."""

    def open(self) -> AbstractContextManager[Mailer]: ...
