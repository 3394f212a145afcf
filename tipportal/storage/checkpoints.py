"""Keeps the log's checkpoints: rows are added, and never anything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.checkpoints import Acknowledgement, KeptCheckpoint, Mailing
from tipportal.domain.errors import AlreadyDecided, Conflict
from tipportal.domain.texts import N_

from .faults import guarded
from .guards import CHECKPOINT_APPEND_ONLY, CHECKPOINT_GROWS
from .mapping import columns_of, values_of
from .rows import checkpoint_acknowledgements, checkpoint_mailings, checkpoints

_KEPT = columns_of(checkpoints, KeptCheckpoint)
_MAILED = columns_of(checkpoint_mailings, Mailing)
_ACKNOWLEDGED = columns_of(checkpoint_acknowledgements, Acknowledgement)


class Checkpoints:
    """Implements ``ports.Checkpoints`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint. Raises Conflict when one as large is kept already, or the log is not that large."""
        there = Conflict(N_("En kontrollpunkt av den storleken finns redan."))
        with guarded(self._connection, {CHECKPOINT_GROWS: there}):
            self._connection.execute(sa.insert(checkpoints), values_of(checkpoint))

    def newest(self) -> KeptCheckpoint | None:
        """The one of the largest size."""
        found = self.latest(1)
        return found[0] if found else None

    def of_size(self, size: int) -> KeptCheckpoint | None:
        """The one of a size."""
        row = self._connection.execute(sa.select(*_KEPT).where(checkpoints.c.size == size)).one_or_none()
        return None if row is None else KeptCheckpoint(*row)

    def latest(self, many: int) -> Sequence[KeptCheckpoint]:
        """The largest ones, newest first."""
        query = sa.select(*_KEPT).order_by(checkpoints.c.size.desc()).limit(many)
        return [KeptCheckpoint(*row) for row in self._connection.execute(query)]

    def all(self) -> Iterator[KeptCheckpoint]:
        """Every one, by size."""
        for row in self._connection.execute(sa.select(*_KEPT).order_by(checkpoints.c.size)):
            yield KeptCheckpoint(*row)

    def mailed(self, mailing: Mailing) -> None:
        """Keep that one was mailed. Raises Conflict when one was for that month."""
        there = Conflict(N_("Månadens kontrollpunkt är redan skickad."))
        with guarded(self._connection, {CHECKPOINT_APPEND_ONLY: there}):
            self._connection.execute(sa.insert(checkpoint_mailings), values_of(mailing))

    def mailing_of(self, month: str) -> Mailing | None:
        """What was mailed for a month."""
        query = sa.select(*_MAILED).where(checkpoint_mailings.c.month == month)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Mailing(*row)

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Keep an acknowledgement. Raises AlreadyDecided when the account has acknowledged that one."""
        there = AlreadyDecided(N_("Du har redan bekräftat den kontrollpunkten."))
        with guarded(self._connection, {CHECKPOINT_APPEND_ONLY: there}):
            self._connection.execute(sa.insert(checkpoint_acknowledgements), values_of(acknowledgement))

    def acknowledgements(self) -> Iterator[Acknowledgement]:
        """Every one, by size and account."""
        acknowledged = checkpoint_acknowledgements.c
        query = sa.select(*_ACKNOWLEDGED).order_by(acknowledged.size, acknowledged.account_id)
        for row in self._connection.execute(query):
            yield Acknowledgement(*row)

    def acknowledged_of(self, sizes: Sequence[int]) -> Sequence[Acknowledgement]:
        """Those of some checkpoints, oldest first."""
        acknowledged = checkpoint_acknowledgements.c
        query = (
            sa.select(*_ACKNOWLEDGED)
            .where(acknowledged.size.in_(sizes))
            .order_by(acknowledged.at, acknowledged.account_id)
        )
        return [Acknowledgement(*row) for row in self._connection.execute(query)]

    def last_acknowledged(self) -> int | None:
        """When one was last acknowledged, in UTC seconds."""
        return self._connection.execute(sa.select(sa.func.max(checkpoint_acknowledgements.c.at))).scalar_one()
