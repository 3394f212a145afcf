"""Keeps the handler directory."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.directory import DirectoryHead, PublishedRoot, PublishedSnapshot
from tipportal.domain.errors import Conflict
from tipportal.domain.texts import N_

from .faults import guarded
from .guards import DIRECTORY_DENSE
from .mapping import columns_of, values_of
from .prepared import Prepared
from .rows import directory_roots, directory_snapshots
from .versions import Versions

_ROOT = columns_of(directory_roots, PublishedRoot)
_SNAPSHOT = columns_of(directory_snapshots, PublishedSnapshot)
# Asked by every offer.
_HEAD = Prepared(
    sa.select(*columns_of(directory_snapshots, DirectoryHead)).order_by(directory_snapshots.c.version.desc()).limit(1)
)


class Directory:
    """Implements ``ports.Directory`` in one transaction."""

    def __init__(self, connection: Connection, versions: Versions) -> None:
        self._connection = connection
        self._versions = versions

    def add_root(self, root: PublishedRoot) -> None:
        """Keep a root. Raises Conflict unless it is the version after the newest."""
        taken = Conflict(N_("Roten är inte nästa version efter den senaste."), field="version")
        rules = {DIRECTORY_DENSE: taken, "pk_directory_roots": taken, "uq_directory_roots_digest": taken}
        with guarded(self._connection, rules):
            self._connection.execute(sa.insert(directory_roots), values_of(root))

    def roots(self) -> Sequence[PublishedRoot]:
        """All roots, from the first."""
        rows = self._connection.execute(sa.select(*_ROOT).order_by(directory_roots.c.version))
        return [PublishedRoot(*row) for row in rows]

    def add_snapshot(self, snapshot: PublishedSnapshot) -> None:
        """Keep a snapshot. Raises Conflict unless it is the version after the newest and names that one's digest."""
        taken = Conflict(N_("Katalogen har ändrats sedan förslaget lades. Lägg ett nytt förslag."), field="version")
        names = ("digest", "previous", "change_id")
        rules = {DIRECTORY_DENSE: taken, "pk_directory_snapshots": taken}
        with guarded(self._connection, rules | {f"uq_directory_snapshots_{name}": taken for name in names}):
            self._connection.execute(sa.insert(directory_snapshots), values_of(snapshot))
        self._versions.touched()

    def head(self) -> DirectoryHead | None:
        """The newest snapshot without its document, or None before the first."""
        row = _HEAD.row(self._connection, {})
        return None if row is None else DirectoryHead(*row)

    def snapshot(self, version: int) -> PublishedSnapshot | None:
        """The snapshot of a version."""
        query = sa.select(*_SNAPSHOT).where(directory_snapshots.c.version == version)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else PublishedSnapshot(*row)
