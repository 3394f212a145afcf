"""Epochs that trustees began whom a case's chain does not name: in which directory they stand, for who reads the chain.

A case's shares are split anew when trustees change, without a new epoch. If the new ones recover the case, its chain
names them for the first time in the epoch that they have signed; the directory of that time vouches for them.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tipportal.domain.cases import Case
from tipportal.domain.directory import PublishedSnapshot
from tipportal.domain.errors import NotFound
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope.directory import trustees_then, verify_directory
from tipportal.envelope.epochs import TrusteeSet
from tipportal.envelope.roots import DirectoryError, DirectoryFault

from . import directory, listed
from .context import Context


@dataclass(frozen=True, slots=True)
class LaterTrustees:
    """Gives a reader of one case's chain the trustees of an epoch, as `envelope.reading.FurtherTrustees`.

    ``versions``: of the directory, by epoch; only epochs whose trustees the epoch before does not name.
    """

    versions: Mapping[int, int]
    _ctx: Context = field(repr=False)
    _least: int

    def __call__(self, epoch: int, since: date, at: date) -> TrusteeSet:
        """Verify that directory, and give its trustees. Raises DirectoryError."""
        with self._ctx.storage.read() as uow:
            published = directory.whole(uow, self.versions.get(epoch, 0))
            installation = directory.installation_of(uow)
        if published is None:
            raise DirectoryError(DirectoryFault.NONE)
        found = verify_directory(published, installation=installation, days=())
        return trustees_then(found, least=self._least, since=since, at=at)


def later_trustees(ctx: Context, uow: UnitOfWork, case: Case) -> LaterTrustees:
    """Find where the trustees of a case's epochs stand who came after the epoch before."""
    people: dict[int, set[str]] = {}
    sets: dict[int, int] = {}
    for row in uow.trustees.of_case(case.id):
        people.setdefault(row.epoch, set()).add(row.trustee_id)
        sets[row.epoch] = row.set_version
    versions: dict[int, int] = {}
    if len(set(sets.values())) > 1:
        for epoch in uow.cases.epochs(case.id)[1:]:
            if people.get(epoch.epoch - 1) != people.get(epoch.epoch):
                found = _listing(uow, sets.get(epoch.epoch, 0), epoch.opened_on, case.directory_version)
                versions |= {} if found is None else {epoch.epoch: found}
    return LaterTrustees(versions, ctx, case.directory_version)


def _listing(uow: UnitOfWork, set_version: int, day: date, least: int) -> int | None:
    """The newest directory of a day that lists the trustees of a set, or None."""
    head, of_set = uow.directory.head(), uow.trustees.set_of(set_version)
    if head is None or of_set is None:
        return None
    wanted = {(hashlib.sha256(one.recipient).hexdigest(), one.verification_key) for one in of_set.trustees}
    until = bisect_right(range(1, head.version + 1), day, key=lambda version: _kept(uow, version).issued)
    for version in range(until, max(least, 1) - 1, -1):
        snapshot = listed.read_snapshot(_kept(uow, version).document).snapshot
        named = {(one.recipient, one.verification_key.raw) for one in snapshot.trustees}
        if (named, snapshot.threshold) == (wanted, of_set.threshold):
            return version
    return None


def _kept(uow: UnitOfWork, version: int) -> PublishedSnapshot:
    found = uow.directory.snapshot(version)
    if found is None:
        raise NotFound(N_("Sidan finns inte."))
    return found
