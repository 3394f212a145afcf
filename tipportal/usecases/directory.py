"""The handler directory: what clients are given, what stands in the next snapshot, and the root from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.directory import (
    WARN_DAYS,
    DirectoryHead,
    Entry,
    Listing,
    Names,
    PublishedRoot,
    carried,
    differences,
    entries_of,
    next_expiry,
)
from tipportal.domain.errors import Invalid, NoPanel, NotEntitled, NotFound
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError
from tipportal.envelope import submission as sealing
from tipportal.envelope.canonical import Json, canonical, encode_b64, parse_canonical
from tipportal.envelope.directory import Published, offer_faults, verify_directory
from tipportal.envelope.hybrid import HybridRecipient
from tipportal.envelope.keys import VerificationKey, recipient_hash
from tipportal.envelope.records import NO_DIGEST
from tipportal.envelope.roots import (
    DirectoryError,
    DirectoryFault,
    Root,
    SignedRoot,
    check_successor,
    fingerprint,
    parse_signed_root,
    root_digest,
)
from tipportal.envelope.snapshots import (
    NAME_SALT_SIZE,
    ListedDesignation,
    ListedHandler,
    ListedTrustee,
    Snapshot,
    name_commitment,
)

from . import listed
from .context import Context
from .entries import system_entry

NO_ROOT = N_("Ingen rot är publicerad. Gör roten med tipportal directory och publicera den först.")

NOT_LISTED = N_(
    "Mottagarna stämmer inte med katalogen över handläggare, så inget har skickats. Berätta på en annan väg."
)


@dataclass(frozen=True, slots=True)
class NextSnapshot:
    """What the next snapshot would be, and what it changes, in sentences. ``base`` is what its act carries."""

    payload: Mapping[str, Json]
    base: int
    lines: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How it stands with the directory. ``root``: the newest root, ``words``: its fingerprint."""

    root: Root | None
    words: tuple[str, ...]
    head: DirectoryHead | None
    today: date

    @property
    def holds(self) -> bool:
        """Whether a directory is in force today."""
        return self.head is not None and self.head.in_force(self.today)

    @property
    def days_left(self) -> int:
        """How many days after today it still holds; negative when it does not."""
        return -1 if self.head is None else (self.head.expires - self.today).days

    @property
    def soon(self) -> bool:
        """Whether the next snapshot ought to be signed now."""
        return self.root is not None and self.days_left < WARN_DAYS


def status(ctx: Context) -> Status:
    """How it stands with the directory today."""
    with ctx.storage.read() as uow:
        return status_of(uow, ctx.today())


def status_of(uow: UnitOfWork, today: date) -> Status:
    """As `status`, in the caller's transaction."""
    head, root = uow.directory.head(), newest_root(uow)
    return Status(root, () if root is None else fingerprint(root), head, today)


def published(ctx: Context, version: int | None = None) -> dict[str, Json]:
    """What clients are given: the roots and the newest snapshot, or the directory as it was at a version.

    Raises NotFound for a version that there is not.
    """
    with ctx.storage.read() as uow:
        head = uow.directory.head()
        if head is None and version is None:
            return {"roots": [], "directory": None}
        kept = None if head is None else uow.directory.snapshot(head.version if version is None else version)
        if kept is None:
            raise NotFound(N_("Sidan finns inte."))
        roots = [root.document for root in uow.directory.roots() if root.version <= kept.root_version]
    return {"roots": [_json(root) for root in roots], "directory": _json(kept.document)}


def whole(uow: UnitOfWork, version: int | None = None) -> Published | None:
    """The newest directory as clients verify it, or that of a version; None where there is none."""
    kept = uow.directory.snapshot(listed.version(uow) if version is None else version)
    if kept is None:
        return None
    roots = [read_root(root.document) for root in uow.directory.roots() if root.version <= kept.root_version]
    return Published(tuple(roots), listed.read_snapshot(kept.document))


def must_list(ctx: Context, offer: sealing.Offer) -> None:
    """Check an offer as a browser does before it seals: where the server seals in a source's place.

    Raises NoPanel unless the whole directory holds and lists every member and trustee; nothing is sealed then.
    """
    with ctx.storage.read() as uow:
        newest = whole(uow)
    try:
        if newest is None:
            raise DirectoryError(DirectoryFault.NONE)
        found = verify_directory(newest, installation=offer.installation, days=[offer.at])
        faults = offer_faults(found.snapshot, offer.members, offer.trustees, offer.threshold, offer.at)
    except EnvelopeError:
        raise NoPanel(NOT_LISTED) from None
    if faults:
        raise NoPanel(NOT_LISTED)


def newest_root(uow: UnitOfWork) -> Root | None:
    """The newest root, whether a snapshot stands under it yet or not."""
    roots = uow.directory.roots()
    return read_root(roots[-1].document).root if roots else None


def read_root(document: bytes) -> SignedRoot:
    """Read a kept root; raises `ShapeError` for one that was damaged."""
    return parse_signed_root(parse_canonical(document))


def publish_root(ctx: Context, document: Json) -> Root:
    """Keep a root that was made and signed offline; the next snapshot stands under it.

    Nobody here may change a root: what counts are the signatures of its keys and of those before them. The
    administrators that it names must have these keys here, or no snapshot could ever be signed under it.

    Raises Invalid, Conflict, NotEntitled.
    """
    try:
        signed = parse_signed_root(document)
    except EnvelopeError:
        raise Invalid(N_("Filen är ingen undertecknad rot."), field="root") from None
    with ctx.storage.write() as uow:
        if signed.root.installation != installation_of(uow):
            raise Invalid(N_("Roten gäller en annan installation."), field="installation")
        try:
            check_successor(signed, newest_root(uow))
        except EnvelopeError:
            raise Invalid(
                N_("Roten följer inte på den senaste, eller saknar underskrifter av tillräckligt många nycklar."),
                field="signatures",
            ) from None
        for administrator in signed.root.administrators:
            account = uow.accounts.by_id(administrator.id)
            if (
                account is None
                or account.role is not Role.ADMINISTRATOR
                or account.verification_key != administrator.key.raw
            ):
                raise Invalid(N_("Roten nämner en administratör som har andra nycklar här."), field="administrators")
        root = signed.root
        kept = PublishedRoot(root.version, root_digest(root), canonical(signed.to_json()), ctx.clock())
        uow.directory.add_root(kept)
        uow.log.append(
            system_entry(ctx, EntryKind.DIRECTORY_ROOT_PUBLISHED, {"version": root.version, "digest": kept.digest})
        )
    return root


def root_request(ctx: Context) -> dict[str, Json]:
    """What the machine that makes the next root needs to be told: where it is for, what was before, who signs."""
    with ctx.storage.read() as uow:
        roots = uow.directory.roots()
        administrators: list[Json] = [
            {
                "id": account.id,
                "name": account.name,
                "recipient": encode_b64(account.recipient),
                "verification_key": encode_b64(account.verification_key),
            }
            for account in uow.accounts.all()
            if account.role is Role.ADMINISTRATOR
            and account.state is AccountState.ACTIVE
            and account.recipient is not None
            and account.verification_key is not None
        ]
        return {
            "installation": installation_of(uow),
            "date": ctx.today().isoformat(),
            "previous": _json(roots[-1].document) if roots else None,
            "administrators": administrators,
        }


def next_snapshot(ctx: Context) -> NextSnapshot:
    """What the next snapshot would be, from the register and the accounts of now. Raises Invalid without a root."""
    with ctx.storage.read() as uow:
        snapshot = snapshot_for(ctx, uow, ctx.today(), next_expiry(ctx.today()))
        return NextSnapshot(snapshot.to_json(), snapshot.version - 1, tell(uow, snapshot))


def snapshot_for(ctx: Context, uow: UnitOfWork, issued: date, expires: date) -> Snapshot:
    """Compute the snapshot that follows, issued on a day. Raises Invalid without a root."""
    root = newest_root(uow)
    if root is None:
        raise Invalid(NO_ROOT, field="payload")
    before = listed.current(uow)
    people = {account.id: account for account in uow.accounts.all() if account.role is Role.HANDLER}
    keys = {
        each.account_id: (
            recipient_hash(HybridRecipient(each.recipient)),
            VerificationKey(each.verification_key).raw.hex(),
        )
        for each in uow.register.handler_keys(sorted(people))
    }
    old = () if before is None else entries(before.signed.snapshot)
    commitments = {} if before is None else {one.id: one.name for one in before.signed.snapshot.handlers}
    threshold, trustees = _trustees(uow)
    found = carried(old, entries_of(uow.register.snapshot(), keys), issued)
    return Snapshot(
        installation=root.installation,
        version=1 if before is None else before.head.version + 1,
        root=root_digest(root),
        previous=NO_DIGEST if before is None else before.head.digest,
        issued=issued,
        expires=expires,
        handlers=tuple(
            ListedHandler(
                id=entry.account,
                name=(
                    name_of(ctx, entry.account, people[entry.account].name)
                    if entry.account in people
                    else commitments[entry.account]
                ),
                recipient=entry.keys[0],
                verification_key=VerificationKey(bytes.fromhex(entry.keys[1])),
                designations=tuple(_designation(one) for one in entry.listings),
            )
            for entry in sorted(found, key=lambda entry: (entry.account, entry.keys))
        ),
        threshold=threshold,
        trustees=trustees,
    )


def entries(snapshot: Snapshot) -> tuple[Entry, ...]:
    """Give those who stand in a snapshot, for being compared."""
    return tuple(
        Entry(
            handler.id,
            (handler.recipient, handler.verification_key.raw.hex()),
            tuple(
                Listing(one.function, one.unit, one.party, one.external, one.first, one.last)
                for one in handler.designations
            ),
        )
        for handler in snapshot.handlers
    )


def tell(uow: UnitOfWork, snapshot: Snapshot) -> tuple[Sentence, ...]:
    """Say what a snapshot changes, for whoever signs it."""
    before = listed.current(uow)
    old = () if before is None else entries(before.signed.snapshot)
    names = Names(
        people={account.id: account.name for account in uow.accounts.all()},
        functions={function.id: function.name for function in uow.register.functions()},
        units={unit.id: unit.name for unit in uow.register.units()},
    )
    until = Sentence(
        N_(
            "Katalogen, version %(version)s, gäller %(issued)s till och med %(expires)s. Den har %(count)s handläggare."
        ),
        {
            "version": snapshot.version,
            "issued": snapshot.issued.isoformat(),
            "expires": snapshot.expires.isoformat(),
            "count": len(snapshot.handlers),
        },
    )
    trustees, new = _tell_trustees(uow, snapshot, before), entries(snapshot)
    return (until, *trustees, *(() if trustees and old == new else differences(old, new, names)))


def _tell_trustees(uow: UnitOfWork, snapshot: Snapshot, before: listed.Current | None) -> tuple[Sentence, ...]:
    was = None if before is None else (before.signed.snapshot.threshold, before.signed.snapshot.trustees)
    if (was or (0, ())) == (snapshot.threshold, snapshot.trustees):
        return ()
    known = uow.trustees.current()
    called = {each.id: each.name for each in known.trustees} if known is not None else {}
    names = ", ".join(called.get(each.id, each.id) for each in snapshot.trustees)
    said = N_("Nyckelförvaltare i katalogen: %(names)s. %(threshold)s av dem behövs för att återställa ett ärende.")
    return (Sentence(said, {"names": names, "threshold": snapshot.threshold}),)


def name_of(ctx: Context, account_id: str, name: str) -> str:
    """The commitment to a handler's name. The salt is the handler face's own, so it can be shown to be right later."""
    salt = ctx.keyed("directory-name", account_id.encode(), name.encode())[:NAME_SALT_SIZE]
    return name_commitment(salt, name)


def revealed(ctx: Context) -> Sequence[tuple[str, str, bool]]:
    """The id and name of each handler in the newest directory, and whether the commitment is to that name."""
    with ctx.storage.read() as uow:
        found = listed.current(uow)
        names = {account.id: account.name for account in uow.accounts.all()}
    if found is None:
        return []
    return [
        (handler.id, names.get(handler.id, ""), handler.name == name_of(ctx, handler.id, names.get(handler.id, "")))
        for handler in found.signed.snapshot.handlers
    ]


def installation_of(uow: UnitOfWork) -> str:
    """The installation's id, 32 hex digits. Raises NotEntitled before the founding."""
    installation_id = uow.installation_id()
    if installation_id is None:
        raise NotEntitled(N_("Installationen är inte grundad. Kör först: tipportal found"))
    return installation_id.hex()


def _trustees(uow: UnitOfWork) -> tuple[int, tuple[ListedTrustee, ...]]:
    those = uow.trustees.current()
    if those is None:
        return 0, ()
    return those.threshold, tuple(
        ListedTrustee(
            id=each.id,
            recipient=recipient_hash(HybridRecipient(each.recipient)),
            verification_key=VerificationKey(each.verification_key),
        )
        for each in those.trustees
    )


def _designation(one: Listing) -> ListedDesignation:
    return ListedDesignation(
        function=one.function, unit=one.unit, party=one.party, external=one.external, first=one.first, last=one.last
    )


def _json(document: bytes) -> Json:
    found: Json = json.loads(document)
    return found
