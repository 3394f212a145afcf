"""What the use cases need from outside: time, randomness, and storage in units of work.

Storage implements them; tests and the composition root hand them in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias

from .accounts import Accounts
from .acts import Log, Proposals
from .care import Care
from .cases import Cases
from .changes import Changes
from .checkpoints import Checkpoints
from .conversations import Conversations
from .directory import Directory
from .duties import Duties
from .files import Attachments, Uploads
from .intakes import Intakes
from .notices import Outbox
from .pressing import Pressing
from .publications import Publications
from .register import Register
from .retention import Diary, Disclosures, Retention
from .separations import Separations
from .triage import Alarms, Links, Triages
from .trustees import Trustees
from .vaults import Vaults
from .ways import Ways
from .work import Handovers, Measures, Reopenings, Worklists

Clock: TypeAlias = Callable[[], int]
"""Gives the present instant as UTC seconds."""
RandomBytes: TypeAlias = Callable[[int], bytes]
"""Gives that many cryptographically random bytes."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Numbers of the register with its policies, of the directory, and of the trustees in force.

    Whatever changes what a draw depends on raises one of them.
    """

    register: int
    directory: int
    trustees: int


class UnitOfWork(Protocol):
    """One transaction: everything in it commits together with its log entry, or not at all."""

    register: Register
    accounts: Accounts
    alarms: Alarms
    care: Care
    cases: Cases
    conversations: Conversations
    intakes: Intakes
    attachments: Attachments
    proposals: Proposals
    publications: Publications
    changes: Changes
    checkpoints: Checkpoints
    diary: Diary
    directory: Directory
    disclosures: Disclosures
    duties: Duties
    handovers: Handovers
    measures: Measures
    outbox: Outbox
    pressing: Pressing
    reopenings: Reopenings
    retention: Retention
    separations: Separations
    trustees: Trustees
    vaults: Vaults
    ways: Ways
    worklists: Worklists
    links: Links
    triages: Triages
    log: Log

    def installation_id(self) -> bytes | None:
        """16 bytes made at founding, or None before it."""

    def founded_at(self) -> int | None:
        """When it was founded, in UTC seconds, or None before it."""

    def versions(self) -> Versions | None:
        """What stands for all that a draw depends on, or None once this unit of work has changed any of it."""

    def found(self, installation_id: bytes, now: int) -> None:
        """Raises Conflict when founded already (primary key)."""

    def settle(self, before: date, random: RandomBytes) -> int:
        """Rewrite the source rows dated before a day, so that row order and transaction numbers tell nothing."""


class Storage(Protocol):
    """Opens units of work; ``read`` never writes.

    ``write`` begins IMMEDIATE (SQLite) or takes the advisory lock (PostgreSQL) and commits at the end of the block,
    rolling back on any exception. It raises Busy when its turn does not come in time. ``uploads`` belong to no
    transaction.
    """

    @property
    def uploads(self) -> Uploads: ...
    def sweep_blobs(self, now: int) -> int:
        """Remove sealed files that nothing names and that are older than a day at ``now`` (UTC seconds); how many."""

    def write(self) -> AbstractContextManager[UnitOfWork]: ...
    def read(self) -> AbstractContextManager[UnitOfWork]: ...
