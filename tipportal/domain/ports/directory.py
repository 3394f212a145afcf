"""What keeps the handler directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tipportal.domain.directory import DirectoryHead, PublishedRoot, PublishedSnapshot


class Directory(Protocol):
    """Roots and snapshots, each version once and one after the other."""

    def add_root(self, root: PublishedRoot) -> None:
        """Raises Conflict unless it is the version after the newest."""

    def roots(self) -> Sequence[PublishedRoot]:
        """All, from the first."""

    def add_snapshot(self, snapshot: PublishedSnapshot) -> None:
        """Raises Conflict unless it is the version after the newest and names that one's digest."""

    def head(self) -> DirectoryHead | None:
        """The newest snapshot without its document, or None before the first."""

    def snapshot(self, version: int) -> PublishedSnapshot | None: ...
