"""A small municipality and sealed-looking cases in it, for tests of storage. The bytes are random."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from datetime import date

from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.approvals import ActKind, Proposal, ProposalState
from tipportal.domain.cases import (
    Case,
    CaseState,
    Epoch,
    EpochState,
    Grant,
    GrantKind,
    RecordKind,
    SealedBy,
    StoredRecord,
    Stream,
)
from tipportal.domain.files import AttachedFile
from tipportal.domain.handlinglog import Entry, EntryKind
from tipportal.domain.organisations import (
    Channel,
    Designation,
    Function,
    Ground,
    Organisation,
    OrganisationKind,
    Unit,
)
from tipportal.domain.policies.policy import AuthorityRow, Policy, PolicyFunction, Route
from tipportal.domain.ports import UnitOfWork
from tipportal.storage import Database

DAY = date(2026, 3, 2)
NOW = 1_772_442_000
ORGANISATION = Organisation("o1", "exempelstad", "Exempelstad", OrganisationKind.MUNICIPALITY, listed=True)
HANDLERS = ("anna", "bo", "cilla")
RECORD_SIZE = 5_755


def account(account_id: str, unit_id: str = "u1") -> Account:
    """An active handler with keys."""
    return Account(
        id=account_id,
        organisation_id="o1",
        role=Role.HANDLER,
        name=account_id.title(),
        email=f"{account_id}@exempelstad.se",
        state=AccountState.ACTIVE,
        unit_id=unit_id,
        password_hash="argon",  # pragma: allowlist secret
        totp_sealed=b"sealed",
        recipient=os.urandom(1216),
        verification_key=os.urandom(32),
    )


def designation(account_id: str, unit_id: str = "u1", **changes: object) -> Designation:
    """A designation to the one function, until further notice."""
    made = Designation(
        id=f"d-{account_id}",
        organisation_id="o1",
        function_id="f1",
        account_id=account_id,
        unit_id=unit_id,
        ground=Ground.EMPLOYMENT,
        decision_number="KS 2026/1",
        decided_on=DAY,
        valid_from=DAY,
        valid_to=None,
        rank=0,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # the test names real fields


def policy(**changes: object) -> Policy:
    """A policy whose default function is the one function."""
    made = Policy(
        organisations=("o1",),
        functions=(PolicyFunction("f1", "Visselblåsarfunktionen", "o1", HANDLERS),),
        authorities=(AuthorityRow("o1"),),
        defaults=dict.fromkeys(Channel, Route(("f1",), "Det här gäller när ingen annan regel passar.")),
        ladder=(("f1",),),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # the test names real fields


def settle_in(database: Database) -> None:
    """Keep a municipality with three handlers in two units."""
    with database.write() as uow:
        uow.register.add_organisation(ORGANISATION)
        uow.register.add_unit(Unit("u1", "o1", "Kansliet", external=False))
        uow.register.add_unit(Unit("u2", "o1", "Ekonomi", external=False))
        uow.register.add_function(Function("f1", "o1", "Visselblåsarfunktionen"))
        for name, unit_id in zip(HANDLERS, ("u1", "u2", "u1"), strict=True):
            uow.accounts.add(account(name, unit_id))
            uow.register.add_designation(designation(name, unit_id))
        uow.register.add_policy(policy(), NOW)


def case(number: int = 1, **changes: object) -> Case:
    """A case of the municipality."""
    made = Case(
        id=f"case-{number}",
        organisation_id="o1",
        authority_id="o1",
        reference=f"AAA-{number:06d}",
        channel=Channel.TIP,
        state=CaseState.ACKNOWLEDGED,
        sealed_by=SealedBy.BROWSER,
        lookup_digest=hashlib.sha256(f"lookup {number}".encode()).digest(),
        source_recipient=os.urandom(1216),
        source_verification_key=os.urandom(32),
        genesis_hash="0" * 64,
        submission_digest=os.urandom(32),
        policy_version=0,
        directory_version=0,
        epoch=0,
        received_on=DAY,
        acknowledged_on=DAY,
        feedback_on=None,
        closed_on=None,
        covered=None,
        outcome=None,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # the test names real fields


def epoch(of: Case, number: int = 0, opened_by: str = "source") -> Epoch:
    """An open epoch of a case."""
    recipients = os.urandom(1216), os.urandom(1216)
    return Epoch("o1", of.id, number, *recipients, EpochState.OPEN, opened_by, of.received_on)


def grants(of: Case, number: int = 0, panel: tuple[str, ...] = HANDLERS[:2], standby: str = "cilla") -> list[Grant]:
    """Grants to a panel, a standby and the source."""
    holders = [(name, GrantKind.PANEL, f"h{place}") for place, name in enumerate(panel, start=1)]
    holders.append((standby, GrantKind.STANDBY, f"h{len(panel) + 1}"))
    holders.append(("source", GrantKind.SOURCE, "source"))
    return [
        Grant("o1", of.id, number, holder, kind, member, "u1", "f1", os.urandom(1691))
        for holder, kind, member in holders
    ]


def record(
    of: Case,
    stream: Stream,
    kind: RecordKind,
    prev: StoredRecord | None,
    *,
    author: str = "source",
    number: int = 0,
    size: int = RECORD_SIZE,
) -> StoredRecord:
    """A record that follows another: in its stream, or genesis, or nothing."""
    file = os.urandom(size)
    follows = prev is not None and prev.stream is stream
    return StoredRecord(
        id=os.urandom(16).hex(),
        organisation_id="o1",
        case_id=of.id,
        stream=stream,
        kind=kind,
        epoch=number,
        seq=prev.seq + 1 if prev is not None and follows else 0,
        prev=bytes(32) if prev is None else prev.digest,
        digest=hashlib.sha256(file).digest(),
        author=author,
        written_on=of.received_on,
        written_at=None if author == "source" else NOW,
        file=file,
    )


def first_records(of: Case) -> list[StoredRecord]:
    """Genesis, report and facts."""
    genesis = record(of, Stream.GENESIS, RecordKind.GENESIS, None)
    report = record(of, Stream.DIALOGUE, RecordKind.REPORT, genesis)
    facts = record(of, Stream.WORK, RecordKind.FACTS, genesis)
    return [genesis, report, facts]


def entry(kind: EntryKind = EntryKind.OPENED, case_reference: str | None = None, time: int | date = NOW) -> Entry:
    """A log entry."""
    return Entry(kind=kind, time=time, actor="anna", organisation_id="o1", case=case_reference, facts={})


def attached(to: StoredRecord, position: int = 0, **changes: object) -> tuple[AttachedFile, str]:
    """A file of a record, and the id of the upload that it was."""
    made = AttachedFile("o1", to.case_id, to.stream, to.seq, position, os.urandom(16).hex(), 5_755)
    return dataclasses.replace(made, **changes), os.urandom(16).hex()  # type: ignore[arg-type] # the test names real fields


def submit(uow: UnitOfWork, of: Case) -> list[StoredRecord]:
    """Keep a whole case as a submission does: its records."""
    uow.cases.add(of)
    uow.cases.add_epoch(epoch(of))
    uow.cases.add_grants(grants(of))
    kept = first_records(of)
    uow.cases.add_records(kept)
    uow.log.append_pending(entry(EntryKind.CASE_RECEIVED, of.reference, of.received_on))
    uow.log.append_pending(entry(EntryKind.CASE_ACKNOWLEDGED, of.reference, of.received_on))
    return kept


def proposal(of: Case, proposal_id: str = "p1", proposer: str = "anna", **changes: object) -> Proposal:
    """An open proposal to close a case."""
    made = Proposal(
        id=proposal_id,
        organisation_id="o1",
        case_id=of.id,
        epoch=0,
        kind=ActKind.CLOSE,
        act=b"act",
        payload=b"payload",
        nonce=os.urandom(16).hex(),
        proposer=proposer,
        proposer_member="h1",
        proposer_signature=os.urandom(64),
        proposed_at=NOW,
        expires_at=NOW + 1000,
        state=ProposalState.OPEN,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # the test names real fields
