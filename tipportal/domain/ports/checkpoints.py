"""What keeps the log's checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from tipportal.domain.checkpoints import Acknowledgement, KeptCheckpoint, Mailing


class Checkpoints(Protocol):
    """Checkpoints by the log's size, which ones were mailed, and who has acknowledged which. Nothing is changed."""

    def keep(self, checkpoint: KeptCheckpoint) -> None:
        """Raises Conflict when one as large is kept already, or the log is not that large (guard)."""

    def newest(self) -> KeptCheckpoint | None: ...
    def of_size(self, size: int) -> KeptCheckpoint | None: ...
    def latest(self, many: int) -> Sequence[KeptCheckpoint]:
        """Newest first."""

    def all(self) -> Iterator[KeptCheckpoint]:
        """By size, streamed."""

    def mailed(self, mailing: Mailing) -> None:
        """Raises Conflict when one was mailed for the month (primary key)."""

    def mailing_of(self, month: str) -> Mailing | None: ...
    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Raises AlreadyDecided when the account has acknowledged that one (primary key)."""

    def acknowledgements(self) -> Iterator[Acknowledgement]:
        """By size and account, streamed."""

    def acknowledged_of(self, sizes: Sequence[int]) -> Sequence[Acknowledgement]:
        """Of some checkpoints, oldest first."""

    def last_acknowledged(self) -> int | None:
        """When one was last acknowledged, in UTC seconds."""
