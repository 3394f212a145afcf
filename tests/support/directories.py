"""Roots and snapshots of a handler directory made with fixed keys, for tests of everything that stands on them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from tests.support.sealed_case import DAY, INSTALLATION, MEMBERS, Person, person, seed
from tipportal.envelope.changes import ChangeAct, ChangeKind, change_payload_digest, sign_change
from tipportal.envelope.directory import Published
from tipportal.envelope.genesis import OfferedMember
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.records import NO_DIGEST
from tipportal.envelope.roots import Root, RootAdministrator, RootSigningKey, SignedRoot, root_digest
from tipportal.envelope.snapshots import (
    ListedDesignation,
    ListedHandler,
    ListedTrustee,
    SignedSnapshot,
    Snapshot,
    SnapshotSignature,
    name_commitment,
    snapshot_digest,
)

ISSUED = DAY - timedelta(days=5)
EXPIRES = ISSUED + timedelta(days=35)
OLD_KEYS = tuple(RootSigningKey(seed(f"root {place}")) for place in range(3))
NEW_KEYS = (OLD_KEYS[0], *(RootSigningKey(seed(f"new root {place}")) for place in range(2)))
ADMINISTRATORS = {seed(name)[:16].hex(): person(name) for name in ("karin", "olof", "petra")}
KARIN, OLOF, PETRA = ADMINISTRATORS
TRUSTEES = tuple(person(f"trustee {place}") for place in range(3))


def make_root(
    version: int = 1,
    keys: Sequence[RootSigningKey] = OLD_KEYS,
    administrators: Sequence[str] = (KARIN, OLOF),
    installation: str = INSTALLATION.hex(),
) -> Root:
    """Give a root document."""
    return Root(
        installation=installation,
        version=version,
        issued=ISSUED - timedelta(days=100 - version),
        keys=tuple(key.public for key in keys),
        threshold=2,
        administrators=tuple(
            RootAdministrator(name, ADMINISTRATORS[name].signing_key.verification_key) for name in administrators
        ),
    )


def sign_root(root: Root, *keys: RootSigningKey) -> SignedRoot:
    """Give the root with these keys' signatures."""
    return SignedRoot(root, tuple(key.sign(root) for key in keys))


def listed(somebody: Person, name: str, *designations: ListedDesignation) -> ListedHandler:
    """Give a handler as the directory lists one."""
    return ListedHandler(
        id=seed(name)[:16].hex(),
        name=name_commitment(seed(name + "/salt")[:16], name),
        recipient=recipient_hash(somebody.identity.recipient),
        verification_key=somebody.signing_key.verification_key,
        designations=designations,
    )


def listed_member(member: OfferedMember, *, external: bool = False) -> ListedHandler:
    """Give an offered member as the directory lists one: designated since before the fixed day."""
    return ListedHandler(
        id=seed(member.id + member.unit)[:16].hex(),
        name=name_commitment(seed(member.id)[:16], member.id),
        recipient=recipient_hash(member.recipient),
        verification_key=member.verification_key,
        designations=(designation(member.function, member.unit, external=external),),
    )


def designation(
    function: str,
    unit: str,
    *,
    party: str | None = None,
    external: bool = False,
    first: date = DAY - timedelta(days=200),
    last: date | None = None,
) -> ListedDesignation:
    """Give a designation; the party of an external one is its unit unless another is named."""
    own = party or (unit if external else "bjorkvik")
    return ListedDesignation(function=function, unit=unit, party=own, external=external, first=first, last=last)


HANDLERS = tuple(listed_member(member, external=member.unit == "u-external") for member in MEMBERS)


def make_snapshot(
    root: Root,
    version: int = 1,
    previous: Snapshot | None = None,
    handlers: Sequence[ListedHandler] = HANDLERS,
    issued: date = ISSUED,
    expires: date = EXPIRES,
) -> Snapshot:
    """Give a snapshot under a root."""
    return Snapshot(
        installation=root.installation,
        version=version,
        root=root_digest(root),
        previous=NO_DIGEST if previous is None else snapshot_digest(previous),
        issued=issued,
        expires=expires,
        handlers=tuple(handlers),
        threshold=2,
        trustees=tuple(
            ListedTrustee(
                id=f"t{place}",
                recipient=recipient_hash(trustee.identity.recipient),
                verification_key=trustee.signing_key.verification_key,
            )
            for place, trustee in enumerate(TRUSTEES, 1)
        ),
    )


def sign_snapshot(
    snapshot: Snapshot,
    *names: str,
    kind: ChangeKind = ChangeKind.DIRECTORY,
    base: int | None = None,
    payload: str | None = None,
) -> SignedSnapshot:
    """Give the snapshot with the signatures of these administrators."""
    act = ChangeAct(
        installation=snapshot.installation,
        kind=kind,
        payload=payload or change_payload_digest(snapshot.to_json()),
        base=snapshot.version - 1 if base is None else base,
        expires=datetime(2026, 12, 1, 12, 0, tzinfo=UTC),
        nonce=seed(f"directory {snapshot.version}")[:16],
    )
    signatures = tuple(SnapshotSignature(name, sign_change(act, ADMINISTRATORS[name].signing_key)) for name in names)
    return SignedSnapshot(snapshot, act, signatures)


def published() -> Published:
    """Give the first directory, which holds on the fixed day."""
    root = make_root()
    return Published((sign_root(root, *OLD_KEYS[:2]),), sign_snapshot(make_snapshot(root), KARIN, OLOF))
