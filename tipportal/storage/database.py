"""The database: opens units of work, each one transaction."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain import ports
from tipportal.domain.errors import Conflict
from tipportal.domain.ports import RandomBytes
from tipportal.domain.texts import N_

from .accounts import Accounts
from .alarms import Alarms
from .attachments import Attachments
from .blobs import BlobStore, StagedBlobs
from .care import Care
from .cases import Cases
from .changes import Changes
from .checkpoints import Checkpoints
from .conversations import Conversations
from .directory import Directory
from .duties import Duties
from .engines import ASK_AGAIN_SECONDS, BUSY_SECONDS, normalised, reader_engine, writer_engine
from .faults import busy, guarded, translated
from .handovers import Handovers
from .intakes import Intakes
from .log import Log
from .measures import Measures, Reopenings, Worklists
from .notices import Outbox
from .prepared import Prepared, execute
from .pressing import Pressing
from .proposals import Proposals
from .publications import Publications
from .register import Register
from .registration import Diary, Disclosures
from .retention import Retention
from .revision import is_current
from .rows import attachments, installation, records
from .separations import Separations
from .settling import settle
from .triage import Links, Triages
from .trustees import Trustees
from .uploads import Uploads
from .vaults import Vaults
from .versions import Versions
from .ways import Ways

_INSTALLATION_ID = Prepared(sa.select(installation.c.installation_id))


class Work:
    """Implements ``ports.UnitOfWork``: one connection, one transaction, all aggregates."""

    register: ports.Register
    accounts: ports.Accounts
    alarms: ports.Alarms
    care: ports.Care
    cases: ports.Cases
    conversations: ports.Conversations
    intakes: ports.Intakes
    attachments: ports.Attachments
    proposals: ports.Proposals
    changes: ports.Changes
    checkpoints: ports.Checkpoints
    diary: ports.Diary
    directory: ports.Directory
    disclosures: ports.Disclosures
    duties: ports.Duties
    handovers: ports.Handovers
    measures: ports.Measures
    outbox: ports.Outbox
    pressing: ports.Pressing
    publications: ports.Publications
    reopenings: ports.Reopenings
    retention: ports.Retention
    separations: ports.Separations
    trustees: ports.Trustees
    vaults: ports.Vaults
    ways: ports.Ways
    worklists: ports.Worklists
    links: ports.Links
    triages: ports.Triages
    log: ports.Log

    def __init__(self, connection: Connection, blobs: StagedBlobs, random: RandomBytes) -> None:
        self._versions = Versions(connection)
        self.register = Register(connection, self._versions)
        self.accounts = Accounts(connection, self._versions)
        self.alarms = Alarms(connection)
        self.care = Care(connection)
        self.cases = Cases(connection, blobs)
        self.conversations = Conversations(connection)
        self.intakes = Intakes(connection)
        self.attachments = Attachments(connection, blobs)
        self.proposals = Proposals(connection)
        self.changes = Changes(connection)
        self.checkpoints = Checkpoints(connection)
        self.diary = Diary(connection)
        self.disclosures = Disclosures(connection)
        self.directory = Directory(connection, self._versions)
        self.duties = Duties(connection)
        self.handovers = Handovers(connection)
        self.measures = Measures(connection)
        self.outbox = Outbox(connection)
        self.pressing = Pressing(connection)
        self.publications = Publications(connection)
        self.reopenings = Reopenings(connection)
        retention = Retention(connection, blobs)
        self.retention = retention
        self.separations = Separations(connection)
        self.trustees = Trustees(connection, self._versions)
        self.vaults = Vaults(connection)
        self.ways = Ways(connection)
        self.worklists = Worklists(connection)
        self.links = Links(connection)
        self.triages = Triages(connection)
        self.log = Log(connection, random)
        self.has_settled = False
        self.disposes = retention
        self._connection = connection
        self._blobs = blobs

    def installation_id(self) -> bytes | None:
        """16 bytes made at founding, or None before it."""
        row = _INSTALLATION_ID.row(self._connection, {})
        return None if row is None else row[0]

    def founded_at(self) -> int | None:
        """When the installation was founded, in UTC seconds, or None before it."""
        return self._connection.execute(sa.select(installation.c.founded_at)).scalar_one_or_none()

    def versions(self) -> ports.Versions | None:
        """What stands for all that a draw depends on, or None once this unit of work has changed any of it."""
        return self._versions.all()

    def found(self, installation_id: bytes, now: int) -> None:
        """Keep the installation's 16 bytes, made at ``now`` (UTC seconds). Raises Conflict when founded already."""
        founded = Conflict(N_("Installationen är redan grundad."))
        with guarded(self._connection, {"pk_installation": founded}):
            self._connection.execute(
                sa.insert(installation), {"id": 1, "installation_id": installation_id, "founded_at": now}
            )

    def settle(self, before: date, random: RandomBytes) -> int:
        """Write the source rows dated before a day again, so that their order tells nothing; how many."""
        self.has_settled = True
        return settle(self._connection, self._blobs, before, random)


class Database:
    """Implements ``ports.Storage`` on SQLite or PostgreSQL, with sealed files above 64 KiB under ``blobs_dir``.

    Safe to share between threads; a process that forks makes its own. ``random`` names rows and files.
    """

    def __init__(self, url: str, blobs_dir: Path, random: RandomBytes = os.urandom) -> None:
        """Make the engines; nothing is opened before the first transaction. Raises ValueError for an unusable URL."""
        parsed = normalised(url)
        self._writer = writer_engine(parsed)
        self._reader = reader_engine(parsed)
        self._blobs = BlobStore(blobs_dir, random)
        self._uploads = Uploads(self._blobs, random)
        self._random = random
        # SQLite lets waiting writers poll; those of one process can be told when it is their turn.
        self._turn = threading.Lock()

    @property
    def uploads(self) -> ports.Uploads:
        """Sealed files that wait for their record."""
        return self._uploads

    @contextmanager
    def write(self) -> Iterator[ports.UnitOfWork]:
        """One serialised transaction, committed at the end of the block, rolled back on any exception.

        Raises Busy when the writer's turn does not come in time, StorageFull, StorageFault when the database refuses.
        """
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise busy()
        staged = StagedBlobs(self._blobs)
        try:
            with translated(), self._writer.begin() as connection:
                work = Work(connection, staged, self._random)
                try:
                    yield work
                except BaseException:
                    # Not when the commit itself fails: it may have reached the disk, and its rows name these files.
                    staged.discard()
                    raise
            # Only now: had the commit failed, its rows would still name these files.
            staged.remove_dropped()
            if work.has_settled or work.disposes.has_disposed:
                self._forget_journal()
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[ports.UnitOfWork]:
        """One transaction on one consistent state, which cannot write. Raises Busy, StorageFault."""
        with translated(), self._reader.begin() as connection:
            yield Work(connection, StagedBlobs(self._blobs), self._random)

    def is_current(self) -> bool:
        """Whether the database answers and is at this version's newest revision."""
        with translated(), self._reader.begin() as connection:
            return is_current(connection)

    def sweep_blobs(self, now: int) -> int:
        """Remove files that nothing names and that are older than a day at ``now`` (UTC seconds); how many."""
        with translated(), self._reader.begin() as connection:
            of_records = sa.select(records.c.blob_id).where(records.c.blob_id.is_not(None))
            named = connection.execute(of_records.union_all(sa.select(attachments.c.blob_id))).scalars()
            return self._blobs.sweep(frozenset(name for name in named if name is not None), now)

    def close(self) -> None:
        """Close the pooled connections."""
        self._writer.dispose()
        self._reader.dispose()

    def _forget_journal(self) -> None:
        # SQLite's journal still holds the day's writes in their order; once in the file, it is emptied.
        if self._writer.dialect.name != "sqlite":
            return
        until = time.monotonic() + BUSY_SECONDS
        with translated(), self._writer.connect() as connection:
            # Refused, as the first column says, while somebody still reads what was before or another process writes.
            while execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)", fetch=True)[0][0]:
                if time.monotonic() > until:
                    return
                time.sleep(ASK_AGAIN_SECONDS)
