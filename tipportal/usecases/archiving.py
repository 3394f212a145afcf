"""A closed case as it goes to an archive: everything sealed of it, in one file that a member opens elsewhere.

The server opens nothing here. The vault with a reporter's name is never part of it, not even sealed: whoever two have
let see the name writes down in the case what an archive needs of it, or it stays out (04, invariant 6).
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO

from tipportal.domain.accounts import Account
from tipportal.domain.archiving import must_be_decided
from tipportal.domain.cases import Case, Epoch, Grant, GrantKind, StoredRecord, Stream
from tipportal.domain.errors import FileNotFound, NotFound
from tipportal.domain.files import AttachedFile
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Organisation
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.retention import Kept
from tipportal.domain.texts import N_
from tipportal.domain.treeproofs import consistency_path, inclusion_path
from tipportal.domain.ways import WayKind
from tipportal.envelope.canonical import encode_b64
from tipportal.envelope.errors import EnvelopeError

from .context import Context
from .handle import case_entry, must_not_be_quarantined, refused
from .latertrustees import LaterTrustees, later_trustees
from .locking import must_be_readable
from .seats import shown_proposals

VERSION = 1
BUNDLE = "bundle.json"


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """One entry of the case's part of the log: its exact bytes, and the path from it to the head of the tree."""

    index: int
    data: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LogPart:
    """The case's part of the handling log, proven against the head of ``size`` entries.

    ``checkpoint`` is the newest signed one, of the first ``signed`` entries; ``consistency`` proves that the head goes
    on from it. None and 0 where none has been made.
    """

    entries: tuple[LoggedEntry, ...]
    size: int
    root: bytes
    checkpoint: str | None
    key: str | None
    signed: int
    consistency: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SealedCase:
    """Everything of a case that goes to an archive, as the server has it. ``places``: functions' names by id."""

    case: Case
    organisation: Organisation
    authority: Organisation
    installation_id: bytes
    epochs: tuple[Epoch, ...]
    grants: tuple[Grant, ...]
    records: tuple[StoredRecord, ...]
    attachments: tuple[AttachedFile, ...]
    trustees: LaterTrustees
    places: dict[str, str]
    keys: tuple[bytes, ...]
    log: LogPart
    kept: Kept | None
    registry_number: str | None
    decision: str


def fetch(ctx: Context, account: Account, reference: str) -> SealedCase:
    """Fetch a case that two have decided to export; logged as the act of reading that it is.

    Raises NotFound, IllegalTransition, CaseLocked, Quarantined.
    """
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            decided = must_be_decided(case, uow.proposals.of_case(case.id))
            must_be_readable(uow, case, ctx.today())
            must_not_be_quarantined(uow, case)
            facts: dict[str, Json] = {"archive": True, "proposal": decided.id}
            uow.log.append(case_entry(ctx, account, case, EntryKind.OPENED, facts))
            return _sealed(ctx, uow, case, account, decided.id)
    raise refused(ctx, account)


def write_bundle(ctx: Context, sealed: SealedCase, out: BinaryIO) -> None:
    """Write a fetched case to one file: a ZIP archive of ``bundle.json`` and the sealed files, nothing compressed.

    Raises FileNotFound when a file is gone from the disk: half a case is none.
    """
    # What is sealed looks like noise: compressing it gains nothing, and sizes would tell.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(BUNDLE), json.dumps(bundle_json(sealed)))
        for file in sealed.attachments:
            try:
                content = ctx.storage.uploads.open(file.blob_id)
            except FileNotFoundError:
                raise FileNotFound(N_("En av ärendets filer finns inte kvar på servern.")) from None
            with content, archive.open(_entry(file_name(file.stream.value, file.seq, file.position)), "w") as kept:
                shutil.copyfileobj(content, kept)


def file_name(stream: str, seq: int, position: int) -> str:
    """Where a sealed file stands in a bundle."""
    return f"files/{stream}-{seq}-{position}.age"


def bundle_json(sealed: SealedCase) -> dict[str, Any]:
    """What the command line reads: `docs/protocol.md`, section 7d."""
    case, log = sealed.case, sealed.log
    grants = {grant.epoch: grant for grant in sealed.grants}
    return {
        "v": VERSION,
        "reference": case.reference,
        "installation": sealed.installation_id.hex(),
        "decision": sealed.decision,
        "channel": case.channel.value,
        "state": case.state.value,
        "outcome": None if case.outcome is None else case.outcome.value,
        "covered": case.covered,
        "organisation": {"name": sealed.organisation.name, "kind": sealed.organisation.kind.value},
        "authority": sealed.authority.name,
        "received_on": case.received_on.isoformat(),
        "feedback_on": None if case.feedback_on is None else case.feedback_on.isoformat(),
        "closed_on": None if case.closed_on is None else case.closed_on.isoformat(),
        "registry_number": sealed.registry_number,
        "kept": None
        if sealed.kept is None
        else {
            "decision": sealed.kept.decision.value,
            "number": sealed.kept.decision_number,
            "on": sealed.kept.decided_on.isoformat(),
        },
        "places": sealed.places,
        "keys": [encode_b64(file) for file in sealed.keys],
        "source": {
            "recipient": encode_b64(case.source_recipient),
            "verification_key": encode_b64(case.source_verification_key),
        },
        "epochs": [_epoch(epoch, grants.get(epoch.epoch), sealed) for epoch in sealed.epochs],
        "records": [
            {
                "stream": record.stream.value,
                "epoch": record.epoch,
                "seq": record.seq,
                "file": encode_b64(record.file),
            }
            for record in sealed.records
        ],
        "log": {
            "entries": [
                {"index": one.index, "entry": encode_b64(one.data), "path": [step.hex() for step in one.path]}
                for one in log.entries
            ],
            "size": log.size,
            "root": log.root.hex(),
            "checkpoint": log.checkpoint,
            "key": log.key,
            "signed": log.signed,
            "consistency": [step.hex() for step in log.consistency],
        },
    }


def _entry(name: str) -> zipfile.ZipInfo:
    # No time of its own: when a source's file was kept is nobody's business.
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _epoch(epoch: Epoch, grant: Grant | None, sealed: SealedCase) -> dict[str, Any]:
    return {
        "epoch": epoch.epoch,
        "work": encode_b64(epoch.work_recipient),
        "dialogue": encode_b64(epoch.dialogue_recipient),
        "grant": None if grant is None else encode_b64(grant.file),
        "trustees": _trustees(sealed, epoch),
    }


def _trustees(sealed: SealedCase, epoch: Epoch) -> dict[str, Any] | None:
    """Trustees whom the chain does not name, as this server verified them in its directory (protocol, 4)."""
    if epoch.epoch not in sealed.trustees.versions:
        return None
    before = sealed.epochs[epoch.epoch - 1].opened_on
    try:
        named = sealed.trustees(epoch.epoch, before, epoch.opened_on)
    except EnvelopeError:
        return None
    return {
        "threshold": named.threshold,
        "trustees": [
            {"id": one.id, "recipient": one.recipient, "verification_key": encode_b64(one.verification_key.raw)}
            for one in named.trustees
        ],
    }


def _sealed(ctx: Context, uow: UnitOfWork, case: Case, account: Account, decision: str) -> SealedCase:
    organisation = uow.register.organisation_by_id(case.organisation_id)
    authority = uow.register.organisation_by_id(case.authority_id)
    installation_id = uow.installation_id()
    if organisation is None or installation_id is None:
        raise NotFound(N_("Sidan finns inte."))
    holders = [grant for grant in uow.cases.grants(case.id) if grant.kind in (GrantKind.PANEL, GrantKind.STANDBY)]
    functions = {grant.function_id: uow.register.function(grant.function_id) for grant in holders}
    diary = [line for line in uow.diary.of_case(case.reference) if line.registry_number]
    return SealedCase(
        case=case,
        organisation=organisation,
        authority=authority or organisation,
        installation_id=installation_id,
        epochs=tuple(uow.cases.epochs(case.id)),
        grants=tuple(uow.cases.grants_of(case.id, account.id)),
        records=tuple(uow.cases.records(case.id, list(Stream))),
        attachments=tuple(uow.attachments.of_case(case.id, list(Stream))),
        trustees=later_trustees(ctx, uow, case),
        places={key: function.name for key, function in functions.items() if function is not None},
        keys=tuple(way.file for way in uow.ways.of(account.id) if way.kind is WayKind.PASSPHRASE),
        log=_log_part(uow, case, account),
        kept=uow.retention.kept(case.id),
        registry_number=diary[0].registry_number if diary else None,
        decision=decision,
    )


def _log_part(uow: UnitOfWork, case: Case, account: Account) -> LogPart:
    shown = {proposal.id for proposal in shown_proposals(uow, case, account)}
    # Whom a proposal about a colleague concerns is not told of it, here as little as on the page.
    hidden = {proposal.id for proposal in uow.proposals.of_case(case.id)} - shown
    size = uow.log.size()
    entries = []
    for data in uow.log.entries_of_case(case.reference):
        body = json.loads(data)
        if body["facts"].get("proposal") not in hidden:
            index = int(body["index"])
            entries.append(LoggedEntry(index, data, inclusion_path(index, size, uow.log.node)))
    newest = uow.checkpoints.newest()
    stands = newest is not None and newest.size <= size
    return LogPart(
        entries=tuple(entries),
        size=size,
        root=uow.log.root(),
        checkpoint=newest.note if newest is not None and stands else None,
        key=newest.key if newest is not None and stands else None,
        signed=newest.size if newest is not None and stands else 0,
        consistency=consistency_path(newest.size, size, uow.log.node) if newest is not None and stands else (),
    )
