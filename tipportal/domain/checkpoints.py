"""Checkpoints of the handling log (05): C2SP ``tlog-checkpoint``, what is mailed, and how long nobody has answered.

https://c2sp.org/tlog-checkpoint. The text is signed as a note by ``tipportal.envelope.signednotes``.
"""

from __future__ import annotations

import base64
import binascii
import enum
from dataclasses import dataclass
from datetime import date

from .deadlines import stockholm_date

HASH_SIZE = 32
ALARM_DAYS = 35
"""After so many days without an auditor's acknowledgement something is wrong: a month, and some days to get to it."""
_MOST_DIGITS = 18
_LINES = 3


class CheckpointError(ValueError):
    """Not the text of a checkpoint."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A size of the log and the head of its tree then. ``root``: 32 bytes. ``origin`` names the log."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed: origin, size in decimal, head in base64, one to a line."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def origin_of(installation_id: bytes) -> str:
    """What a log is called. By its random id, since addresses change and checkpoints are kept for decades."""
    return f"tipportal/{installation_id.hex()}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text strictly; more lines may follow, as the specification allows. Raises CheckpointError."""
    lines = text.split("\n")
    if len(lines) <= _LINES or lines[-1] != "" or "" in lines[:-1]:
        raise CheckpointError
    origin, digits, encoded = lines[:_LINES]
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MOST_DIGITS or digits != str(int(digits)):
        raise CheckpointError
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise CheckpointError from None
    if len(root) != HASH_SIZE or base64.b64encode(root).decode() != encoded:
        raise CheckpointError
    return Checkpoint(origin, int(digits), root)


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint as the installation keeps it. ``note`` is the whole signed note, ``key`` what verifies it (vkey).

    ``made_at`` is UTC seconds; it is not signed.
    """

    size: int
    root: bytes
    note: str
    key: str
    made_at: int


class AcknowledgedBy(enum.StrEnum):
    """How an auditor answered: with the text that they had kept, or by a button that says they keep it."""

    TEXT = "text"
    BUTTON = "button"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An auditor has this checkpoint outside the installation. ``at`` is UTC seconds."""

    size: int
    account_id: str
    way: AcknowledgedBy
    at: int


@dataclass(frozen=True, slots=True)
class Mailing:
    """That the checkpoint of a month ("2026-11") has been mailed to the auditors. ``at`` is UTC seconds."""

    month: str
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class Witnessing:
    """How long it is since somebody outside acknowledged a checkpoint. ``days`` counts Stockholm days."""

    days: int
    ever: bool

    @property
    def overdue(self) -> bool:
        """Whether it has been too long."""
        return self.days > ALARM_DAYS


def witnessing(today: date, founded_on: date, last_acknowledged: int | None) -> Witnessing:
    """How long nobody has acknowledged, from the last time (UTC seconds) or else from the day of founding."""
    since = founded_on if last_acknowledged is None else stockholm_date(last_acknowledged)
    return Witnessing(max(0, (today - since).days), ever=last_acknowledged is not None)


def is_due(newest: KeptCheckpoint | None, size: int, today: date) -> bool:
    """Whether the day's checkpoint is still to be made: none today, and entries that the newest does not cover."""
    if size == 0:
        return False
    return newest is None or (size != newest.size and stockholm_date(newest.made_at) != today)


def month_of(day: date) -> str:
    """The month that a day belongs to, as 2026-11."""
    return f"{day.year:04}-{day.month:02}"
