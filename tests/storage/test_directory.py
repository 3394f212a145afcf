"""A version of the directory stands once, one after the other, and never changes."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import timedelta

import pytest

from tests.storage import samples
from tests.storage.raw import refused
from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.directory import PublishedRoot, PublishedSnapshot
from tipportal.domain.errors import Conflict
from tipportal.storage import Database

NO_DIGEST = "0" * 64


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _root(version: int) -> PublishedRoot:
    return PublishedRoot(version, _digest(f"root {version}"), b"{}", samples.NOW)


def _snapshot(version: int) -> PublishedSnapshot:
    return PublishedSnapshot(
        version=version,
        root_version=1,
        digest=_digest(str(version)),
        previous=_digest(str(version - 1)) if version > 1 else NO_DIGEST,
        issued=samples.DAY,
        expires=samples.DAY + timedelta(days=35),
        change_id=f"c{version}",
        document=b'{"snapshot":1}',
        published_at=samples.NOW,
    )


@pytest.fixture
def two(town: Database) -> Database:
    """A root and two snapshots, and approved changes for more."""
    with town.write() as uow:
        for version in range(1, 5):
            change = Change(
                id=f"c{version}",
                organisation_id=None,
                kind=ChangeKind.DIRECTORY,
                act=b"{}",
                payload=b"{}",
                base=version - 1,
                nonce=f"{version:032x}",
                proposer="anna",
                proposer_signature=bytes(64),
                proposed_at=samples.NOW,
                expires_at=samples.NOW + 1000,
                state=ProposalState.OPEN,
            )
            uow.changes.add(change)
            uow.changes.decide(change.id, ProposalState.APPROVED, approver="bo", signature=bytes(64), now=samples.NOW)
        uow.directory.add_root(_root(1))
        uow.directory.add_snapshot(_snapshot(1))
        uow.directory.add_snapshot(_snapshot(2))
    return town


def test_nothing_at_first(database: Database) -> None:
    with database.read() as uow:
        assert uow.directory.head() is None
        assert uow.directory.roots() == []
        assert uow.directory.snapshot(1) is None


def test_what_is_kept(two: Database) -> None:
    with two.read() as uow:
        head = uow.directory.head()
        assert head is not None
        assert (head.version, head.digest, head.expires) == (2, _snapshot(2).digest, _snapshot(2).expires)
        assert uow.directory.snapshot(1) == _snapshot(1)
        assert uow.directory.roots() == [_root(1)]


@pytest.mark.parametrize("version", [1, 2, 4])
def test_versions_follow_one_another(two: Database, version: int) -> None:
    with pytest.raises(Conflict), two.write() as uow:
        uow.directory.add_snapshot(dataclasses.replace(_snapshot(version), digest=_digest("new"), change_id="c3"))
    if version != 2:
        with pytest.raises(Conflict), two.write() as uow:
            uow.directory.add_root(_root(version if version == 1 else 3))


def test_each_names_the_one_before_it(two: Database) -> None:
    for previous in (NO_DIGEST, _digest("another"), _snapshot(1).digest):
        with pytest.raises(Conflict), two.write() as uow:
            uow.directory.add_snapshot(dataclasses.replace(_snapshot(3), previous=previous))
    with two.write() as uow:
        uow.directory.add_snapshot(_snapshot(3))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE directory_roots SET document = document",
        "UPDATE directory_snapshots SET expires = expires",
        "DELETE FROM directory_roots",
        "DELETE FROM directory_snapshots WHERE version = 2",
    ],
)
def test_nothing_changes_or_goes(two: Database, statement: str) -> None:
    assert refused(two, statement) == "directory_append_only"
