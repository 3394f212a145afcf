"""Verifying the log (05): its bytes, order and tree, signatures under acts by two, and that cases stand as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tipportal.domain.approvals import ENTRY_OF, ActKind
from tipportal.domain.cases import CaseState
from tipportal.domain.handlinglog import EntryKind, entry_bytes, leaf_hash, root_of_leaves
from tipportal.domain.ports import UnitOfWork
from tipportal.envelope import EnvelopeError
from tipportal.envelope.acts import check_payload, parse_act, verify_act
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.payloads import parse_payload

from .context import Context
from .logged_changes import ChangeAudit
from .logged_rows import RowAudit
from .logged_work import WorkAudit

Body: TypeAlias = dict[str, object]
_MEMBERS = frozenset({
    "v", "index", "kind", "time", "actor", "organisation", "case", "facts", "policy", "directory", "signatures",
})  # fmt: skip
SIGNERS = 2
_EFFECTS = frozenset(ENTRY_OF.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the log: at which index (None for the whole), and what, in plain words."""

    index: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What ``log verify`` saw: entries read, the tree's head in hex, and what is wrong. No findings: it holds."""

    size: int
    root: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a case stands after its entries so far."""

    state: CaseState = CaseState.ACKNOWLEDGED
    covered: object = None
    outcome: object = None


@dataclass(slots=True)
class _Audit:
    keys: dict[str, VerificationKey] = field(default_factory=dict)
    proposers: dict[str, str] = field(default_factory=dict)
    approved: dict[str, tuple[str, str, Body]] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    nonces: set[bytes] = field(default_factory=set)
    standings: dict[str, _Standing] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    rows: RowAudit = field(default_factory=RowAudit)
    work: WorkAudit = field(default_factory=WorkAudit)
    changes: ChangeAudit = field(init=False)

    def __post_init__(self) -> None:
        self.changes = ChangeAudit(self.keys, self.found)

    def found(self, index: int | None, what: str) -> None:
        self.findings.append(Finding(index, what))


def verify(ctx: Context) -> Verified:
    """Read the whole log and check it without trusting what the database says about itself.

    Every entry decodes strictly, stands at its own index and re-encodes to the same bytes; the tree recomputed from
    the entries is the stored one; every approved act carries the valid signatures of two different people, and nothing
    took effect without such an act; cases and approvals in the database are what the entries made of them. Rewriting
    the log from the first entry on is not seen here: that takes a kept checkpoint.
    """
    audit = _Audit()
    with ctx.storage.read() as uow:
        stored = uow.log.root()
        computed = root_of_leaves(_leaves(uow.log.entries(), audit))
        size = uow.log.size()
        _compare_cases(uow, audit)
        _compare_approvals(uow, audit)
        audit.changes.compare(uow)
        audit.rows.compare(uow, audit.keys, audit.found)
        audit.work.compare(uow, audit.found)
    if audit.size != size:
        audit.found(None, f"Loggen säger sig ha {size} poster men {audit.size} gick att läsa.")
    if computed != stored:
        audit.found(None, "Trädets huvud stämmer inte med posterna: loggen har ändrats.")
    return Verified(size, computed.hex(), tuple(audit.findings))


def _leaves(entries: Iterator[tuple[int, bytes]], audit: _Audit) -> Iterator[bytes]:
    for expected, (index, data) in enumerate(entries):
        audit.size += 1
        if index != expected:
            audit.found(index, f"Post {expected} saknas.")
        body = _decoded(index, data, audit)
        if body is not None:
            _follow(index, body, audit)
        yield leaf_hash(data)


def _decoded(index: int, data: bytes, audit: _Audit) -> Body | None:
    try:
        body: Body = json.loads(data)
        members = dict(body)
        own_index = members.pop("index")
        again = entry_bytes(members, index)  # type: ignore[arg-type] # whatever JSON there is: only its bytes count
        kind = EntryKind(str(body["kind"]))
    except (ValueError, KeyError, TypeError):
        audit.found(index, "Posten går inte att tolka.")
        return None
    if own_index != index or again != data or set(body) != _MEMBERS:
        audit.found(index, "Posten har ändrats eller flyttats.")
        return None
    return {**body, "kind": kind}


def _follow(index: int, body: Body, audit: _Audit) -> None:
    facts = body["facts"]
    if not isinstance(facts, dict):
        audit.found(index, "Posten saknar uppgifter.")
        return
    audit.changes.follow(index, body, facts)
    audit.rows.follow(body["kind"], facts)
    audit.work.follow(body["case"], body["kind"], facts)
    match body["kind"]:
        case EntryKind.ACCOUNT_ENROLLED if facts.get("verification_key"):
            _keep_key(index, facts, audit)
        case EntryKind.PROPOSED:
            audit.proposers[str(facts.get("proposal"))] = str(body["actor"])
        case EntryKind.APPROVED:
            _check_approval(index, body, facts, audit)
        case kind if kind in _EFFECTS:
            # An effect stands only on an act that two people signed for the same case and with the same content.
            expected = {name: value for name, value in facts.items() if name != "proposal"}
            if audit.approved.pop(str(facts.get("proposal")), None) != (kind, body["case"], expected):
                audit.found(index, "Beslutet saknar ett godkännande av två personer.")
        case _:
            pass
    if isinstance(body["case"], str):
        before = audit.standings.get(body["case"], _Standing())
        audit.standings[body["case"]] = _after(before, body["kind"], facts)


def _after(before: _Standing, kind: object, facts: Body) -> _Standing:
    match kind:
        case EntryKind.CASE_ASSESSED:
            return replace(before, state=CaseState.ASSESSED, covered=facts.get("covered"))
        case EntryKind.FOLLOW_UP_BEGUN:
            return replace(before, state=CaseState.UNDER_FOLLOW_UP)
        case EntryKind.FEEDBACK_GIVEN if before.state is not CaseState.CLOSED:
            return replace(before, state=CaseState.FEEDBACK_GIVEN)
        case EntryKind.CASE_CLOSED:
            return replace(before, state=CaseState.CLOSED, outcome=facts.get("outcome"))
        case EntryKind.CASE_RECLASSIFIED:
            return replace(before, state=CaseState.ACKNOWLEDGED, covered=None)
        case EntryKind.CASE_REOPENED:
            # Found not covered before: it is assessed anew.
            again = replace(before, state=CaseState.UNDER_FOLLOW_UP, outcome=None)
            return _Standing() if before.covered is False else again
        case _:
            return before


def _keep_key(index: int, facts: Body, audit: _Audit) -> None:
    account = str(facts.get("account"))
    try:
        key = VerificationKey(bytes.fromhex(str(facts["verification_key"])))
    except (EnvelopeError, ValueError):
        audit.found(index, "Kontots nyckel går inte att läsa.")
        return
    renewed = account in audit.changes.renewable
    audit.changes.renewable.discard(account)
    if account in audit.keys and not renewed:
        # An account is enrolled once, unless two restored it: a second key would let somebody else sign in its name.
        audit.found(index, "Kontot har fått en andra nyckel.")
        return
    audit.keys[account] = key


def _compare_cases(uow: UnitOfWork, audit: _Audit) -> None:
    expected = dict(audit.standings)
    for reference, state, covered, outcome in uow.cases.standings():
        standing = _Standing(state, covered, None if outcome is None else outcome.value)
        # A case whose entries still wait for their index has seen no act yet.
        if standing != expected.pop(reference, _Standing()):
            audit.found(None, f"Ärende {reference} står på ett annat sätt i databasen än i loggen.")
    for reference in sorted(expected):
        audit.found(None, f"Ärende {reference} finns i loggen men inte i databasen.")


def _compare_approvals(uow: UnitOfWork, audit: _Audit) -> None:
    for proposal in sorted(audit.decided.symmetric_difference(uow.proposals.approved())):
        audit.found(None, f"Förslag {proposal} är inte avgjort på samma sätt i databasen som i loggen.")


def _check_approval(index: int, body: Body, facts: Body, audit: _Audit) -> None:
    proposal = str(facts.get("proposal"))
    signatures = body["signatures"]
    signers = [entry for entry in signatures if isinstance(entry, dict)] if isinstance(signatures, list) else []
    names = [str(entry.get("signer")) for entry in signers]
    if len(names) != SIGNERS or len(set(names)) != SIGNERS:
        audit.found(index, "Godkännandet är inte undertecknat av två olika personer.")
        return
    if audit.proposers.get(proposal) != names[0] or body["actor"] != names[1]:
        audit.found(index, "Godkännandet hör inte till det förslag och de personer som det anger.")
        return
    try:
        act = parse_act(facts["act"])  # type: ignore[arg-type] # the parser refuses whatever is not an act
        payload = parse_payload(act.kind, facts["payload"])  # type: ignore[arg-type] # as above
        check_payload(act, payload)
        if len({audit.keys[name] for name in names}) != SIGNERS:
            audit.found(index, "Godkännandet är inte undertecknat med två olika nycklar.")
            return
        for name, entry in zip(names, signers, strict=True):
            verify_act(act, bytes.fromhex(str(entry.get("signature"))), audit.keys[name])
    except (EnvelopeError, KeyError, ValueError):
        audit.found(index, "En underskrift under beslutet stämmer inte.")
        return
    if act.case != body["case"]:
        audit.found(index, "Beslutet gäller ett annat ärende.")
        return
    if act.nonce in audit.nonces or str(body["time"]) >= str(act.to_json()["expires"]):
        audit.found(index, "Beslutet har använts förut eller hade gått ut.")
        return
    audit.nonces.add(act.nonce)
    audit.decided.add(proposal)
    content = facts["payload"]
    shown = {name: value for name, value in content.items() if name != "reasons"} if isinstance(content, dict) else {}
    audit.approved[proposal] = (ENTRY_OF[ActKind(act.kind.value)], act.case, shown)
