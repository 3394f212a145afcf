"""The handler directory: who may be a member of a case, signed by two administrators of the root.

`docs/protocol.md`, section 9. A client holds every offered member against it before it seals anything, and every member
of a chain when a case is opened: a server cannot make up a handler. Snapshots follow one another, last at most 35 days,
and keep everybody who has ever stood there, so that an old case can be checked as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from tipportal.envelope.canonical import Json, Members
from tipportal.envelope.changes import ChangeKind, change_payload_digest, verify_change
from tipportal.envelope.epochs import TrusteeSet
from tipportal.envelope.genesis import Member, OfferedMember, Role
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.refusals import SignatureError
from tipportal.envelope.roots import (
    MAX_ROOTS,
    DirectoryError,
    DirectoryFault,
    Root,
    SignedRoot,
    parse_signed_root,
    root_digest,
    verify_roots,
)
from tipportal.envelope.snapshots import (
    SIGNERS,
    ListedDesignation,
    SignedSnapshot,
    Snapshot,
    parse_signed_snapshot,
    snapshot_digest,
)
from tipportal.envelope.trustees import OfferedTrustee, Trustee

LONGEST: Final = timedelta(days=35)
LEAST_OF_A_FIRM: Final = 3
"""An external firm may be a whole panel only with three named persons or more (04, invariant 1)."""


@dataclass(frozen=True, slots=True)
class Published:
    """All that a client is given: the roots from the first, and the newest snapshot under the last of them."""

    roots: tuple[SignedRoot, ...]
    newest: SignedSnapshot

    def to_json(self) -> dict[str, Json]:
        """Give the answer of `GET /api/directory`."""
        return {"roots": [root.to_json() for root in self.roots], "directory": self.newest.to_json()}


@dataclass(frozen=True, slots=True)
class Remembered:
    """The highest that a client has seen: versions and digests of the root and of the snapshot under it."""

    root: int
    root_digest: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory that holds, with the root that it stands under."""

    root: Root
    snapshot: Snapshot

    def remembered(self) -> Remembered:
        """Give what to remember of it."""
        return Remembered(
            self.root.version, root_digest(self.root), self.snapshot.version, snapshot_digest(self.snapshot)
        )


class MemberFault(StrEnum):
    """Why somebody is no member as the directory has it. The values are the same in browsers."""

    UNLISTED = "member_unlisted"
    NOT_DESIGNATED = "member_not_designated"
    ONE_PARTY = "panel_one_party"
    TRUSTEE_UNLISTED = "trustee_unlisted"
    TRUSTEE_THRESHOLD = "trustee_threshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A member as records name one, for being looked up: `recipient` is a hex digest."""

    function: str
    unit: str
    recipient: str
    verification_key: VerificationKey
    panel: bool


def parse_published(value: Json) -> Published:
    """Read the answer of `GET /api/directory`.

    :raises DirectoryError: ``directory_none`` where nothing has been published.
    :raises ShapeError: for anything malformed.
    """
    members = Members(value, frozenset({"roots", "directory"}))
    if members.value("directory") is None:
        raise DirectoryError(DirectoryFault.NONE)
    roots = tuple(parse_signed_root(item) for item in members.items("roots", most=MAX_ROOTS))
    return Published(roots, parse_signed_snapshot(members.value("directory")))


def trustees_then(found: Directory, *, least: int, since: date, at: date) -> TrusteeSet:
    """Give a directory's trustees if they may have begun an epoch on the day `at`, after one begun on the day `since`.

    Only those count who may have been given shares of the keys before: the directory has been in force on some day
    between, and is none from before the case. Who left before `since` holds nothing of it and cannot take it over, not
    even together with a server that lies about the day of the new record.

    :param least: the version that the case's genesis names.
    :raises DirectoryError: ``directory_rollback``, ``directory_not_yet`` or ``directory_stale``.
    """
    snapshot = found.snapshot
    if snapshot.version < least:
        raise DirectoryError(DirectoryFault.ROLLBACK)
    if snapshot.issued > at:
        raise DirectoryError(DirectoryFault.NOT_YET)
    if not since <= min(at, snapshot.expires):
        raise DirectoryError(DirectoryFault.STALE)
    return TrusteeSet(
        tuple(
            Trustee(id=one.id, recipient=one.recipient, verification_key=one.verification_key)
            for one in snapshot.trustees
        ),
        snapshot.threshold,
    )


def check_snapshot(signed: SignedSnapshot, root: Root) -> None:
    """Return if two administrators of this root have signed this snapshot for this installation.

    :raises DirectoryError: ``directory_installation``, ``directory_wrong_root``, ``directory_validity`` or
        ``directory_signatures``.
    """
    snapshot, act = signed.snapshot, signed.act
    if not root.installation == snapshot.installation == act.installation:
        raise DirectoryError(DirectoryFault.INSTALLATION)
    if snapshot.root != root_digest(root):
        raise DirectoryError(DirectoryFault.WRONG_ROOT)
    if not timedelta(0) <= snapshot.expires - snapshot.issued <= LONGEST:
        raise DirectoryError(DirectoryFault.VALIDITY)
    decided = (
        act.kind is ChangeKind.DIRECTORY
        and act.base == snapshot.version - 1
        and act.payload == change_payload_digest(snapshot.to_json())
    )
    keys = {administrator.id: administrator.key for administrator in root.administrators}
    who = {signature.administrator for signature in signed.signatures}
    if not decided or len(signed.signatures) != SIGNERS or len(who) != SIGNERS or not who <= keys.keys():
        raise DirectoryError(DirectoryFault.SIGNATURES)
    try:
        for signature in signed.signatures:
            verify_change(act, signature.signature, keys[signature.administrator])
    except SignatureError:
        raise DirectoryError(DirectoryFault.SIGNATURES) from None


def verify_directory(
    published: Published, *, installation: str, days: Iterable[date], remembered: Remembered | None = None
) -> Directory:
    """Give the directory if root and administrators signed it, it is in force on these days, and none newer was seen.

    :param installation: 32 hex digits.
    :raises DirectoryError: with what is wrong.
    """
    root = verify_roots(published.roots, installation)
    snapshot = published.newest.snapshot
    check_snapshot(published.newest, root)
    for day in days:
        check_in_force(snapshot, day)
    directory = Directory(root, snapshot)
    if remembered is not None:
        _check_remembered(published, directory.remembered(), remembered)
    return directory


def check_in_force(snapshot: Snapshot, day: date) -> None:
    """Return if the snapshot is in force on the day; raises `DirectoryError`: ``directory_stale``, ``…_not_yet``."""
    if day > snapshot.expires:
        raise DirectoryError(DirectoryFault.STALE)
    if day < snapshot.issued:
        raise DirectoryError(DirectoryFault.NOT_YET)


def member_faults(snapshot: Snapshot, members: Sequence[Named], day: date) -> tuple[MemberFault, ...]:
    """Give what is wrong with a case's members on a day: not listed with these keys, not designated, all of one party.

    An external party counts as one unit, whatever units its people name; a firm is a whole panel only with three
    persons or more who are designated to the function.
    """
    by_key = {(handler.recipient, handler.verification_key): handler for handler in snapshot.handlers}
    faults: dict[MemberFault, None] = {}
    parties: dict[tuple[str, str], ListedDesignation] = {}
    for member in members:
        listed = by_key.get((member.recipient, member.verification_key))
        if listed is None:
            faults[MemberFault.UNLISTED] = None
            continue
        held = [one for one in listed.designations if one.holds(member.function, member.unit, day)]
        if not held:
            faults[MemberFault.NOT_DESIGNATED] = None
        elif member.panel:
            place = ("party", held[0].party) if held[0].external else ("unit", held[0].unit)
            parties[place] = held[0]
    if not faults and len(parties) == 1 and not _firm_suffices(snapshot, next(iter(parties.values())), day):
        faults[MemberFault.ONE_PARTY] = None
    return tuple(faults)


def named_member(member: Member) -> Named:
    """Give a member of a record for being looked up."""
    return Named(
        function=member.function,
        unit=member.unit,
        recipient=member.recipient,
        verification_key=member.verification_key,
        panel=member.role is Role.PANEL,
    )


def offer_faults(
    snapshot: Snapshot, members: Sequence[OfferedMember], trustees: Sequence[OfferedTrustee], threshold: int, day: date
) -> tuple[MemberFault, ...]:
    """Give what is wrong with an offer as the directory has it, nothing if it may be sealed to on the day."""
    named = [named_member(member.named()) for member in members]
    offered = [(trustee.named().recipient, trustee.verification_key) for trustee in trustees]
    return (*member_faults(snapshot, named, day), *trustee_faults(snapshot, offered, threshold))


def trustee_faults(
    snapshot: Snapshot, trustees: Iterable[tuple[str, VerificationKey]], threshold: int
) -> tuple[MemberFault, ...]:
    """Give what is wrong with offered trustees, each a recipient hash and a key: unlisted, or another threshold."""
    listed = {(trustee.recipient, trustee.verification_key) for trustee in snapshot.trustees}
    faults = [MemberFault.TRUSTEE_UNLISTED] if not listed.issuperset(trustees) else []
    return (*faults, MemberFault.TRUSTEE_THRESHOLD) if threshold != snapshot.threshold else tuple(faults)


def _firm_suffices(snapshot: Snapshot, held: ListedDesignation, day: date) -> bool:
    named = sum(
        any(
            one.external and one.party == held.party and one.holds(held.function, one.unit, day)
            for one in handler.designations
        )
        for handler in snapshot.handlers
    )
    return held.external and named >= LEAST_OF_A_FIRM


def _check_remembered(published: Published, now: Remembered, seen: Remembered) -> None:
    if now.root < seen.root:
        raise DirectoryError(DirectoryFault.ROOT_ROLLBACK)
    if root_digest(published.roots[seen.root - 1].root) != seen.root_digest:
        raise DirectoryError(DirectoryFault.FORKED)
    # A new root ends what the old one's administrators may have counted up to (TUF: fast-forward attacks).
    if now.root == seen.root and now.version < seen.version:
        raise DirectoryError(DirectoryFault.ROLLBACK)
    if now.version == seen.version and now.digest != seen.digest and now.root == seen.root:
        raise DirectoryError(DirectoryFault.FORKED)
