"""``directory``: two administrators of the root sign the next snapshot of the handler directory (03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tipportal.domain.changes.change import Change, ChangeKind
from tipportal.domain.changes.faults import faulty
from tipportal.domain.directory import VALID_DAYS, PublishedSnapshot
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError
from tipportal.envelope.canonical import Json, canonical, parse_canonical
from tipportal.envelope.changes import parse_change
from tipportal.envelope.directory import check_snapshot
from tipportal.envelope.snapshots import SignedSnapshot, Snapshot, SnapshotSignature, parse_snapshot, snapshot_digest
from tipportal.usecases import listed
from tipportal.usecases.context import Context
from tipportal.usecases.directory import NO_ROOT, newest_root, snapshot_for, tell

from .effect import Applied, Effect, Payload


def _parsed(payload: Payload) -> Snapshot:
    try:
        # What was signed are these bytes: read as every client will read them.
        return parse_snapshot(parse_canonical(canonical(payload), max_size=listed.MAX_DOCUMENT))
    except EnvelopeError:
        raise faulty(N_("Förslaget är ingen katalog.")) from None


def _check(ctx: Context, uow: UnitOfWork, payload: Payload) -> None:
    if newest_root(uow) is None:
        raise faulty(NO_ROOT)
    snapshot = _parsed(payload)
    today = ctx.today()
    if not snapshot.issued <= today <= snapshot.expires <= snapshot.issued + timedelta(days=VALID_DAYS):
        raise faulty(N_("Katalogen gäller inte idag, eller längre än %(days)s dagar."), days=VALID_DAYS)
    # Administrators decide that it is published; what it says follows from the register and the accounts alone.
    if snapshot != snapshot_for(ctx, uow, snapshot.issued, snapshot.expires):
        raise faulty(N_("Registret eller katalogen har ändrats sedan förslaget lades. Lägg ett nytt förslag."))


def _apply(ctx: Context, uow: UnitOfWork, change: Change, payload: Payload) -> Applied:
    snapshot, root = _parsed(payload), newest_root(uow)
    act: Json = parse_canonical(change.act)
    signed = SignedSnapshot(
        snapshot,
        parse_change(act),
        (
            SnapshotSignature(change.proposer, change.proposer_signature),
            SnapshotSignature(change.approver or "", change.approver_signature or b""),
        ),
    )
    if root is None:
        raise faulty(NO_ROOT)
    try:
        check_snapshot(signed, root)
    except EnvelopeError:
        # Whoever is not in the root may administer everything else, but clients would not take this.
        raise faulty(N_("Båda som skriver under behöver stå som administratörer i katalogens rot.")) from None
    published = PublishedSnapshot(
        version=snapshot.version,
        root_version=root.version,
        digest=snapshot_digest(snapshot),
        previous=snapshot.previous,
        issued=snapshot.issued,
        expires=snapshot.expires,
        change_id=change.id,
        document=canonical(signed.to_json()),
        published_at=ctx.clock(),
    )
    uow.directory.add_snapshot(published)
    return Applied(
        EntryKind.DIRECTORY_PUBLISHED,
        {
            "version": snapshot.version,
            "digest": published.digest,
            "root": root.version,
            "expires": snapshot.expires.isoformat(),
        },
    )


def _tell(ctx: Context, uow: UnitOfWork, payload: Payload) -> Sequence[Sentence]:
    del ctx
    return tell(uow, _parsed(payload))


EFFECT = Effect(ChangeKind.DIRECTORY, _check, _apply, _tell, base=listed.version)
