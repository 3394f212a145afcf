"""Verifying the log (05): its bytes, order and tree, signatures under acts by two, and that cases stand as it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TypeAlias

from tipportal.domain.approvals import ENTRY_OF, ActKind
from tipportal.domain.cases import CaseState
from tipportal.domain.checkpoints import KeptCheckpoint, origin_of
from tipportal.domain.handlinglog import EntryKind, LoggedChunk, entry_bytes
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.treeproofs import Completed, GrowingTree
from tipportal.envelope import EnvelopeError
from tipportal.envelope.acts import check_payload, parse_act, verify_act
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.payloads import parse_payload

from .context import Context
from .logged_changes import ChangeAudit
from .logged_disposals import DisposalAudit
from .logged_rows import RowAudit
from .logged_work import WorkAudit
from .logtree import Found, Mark, MarkedTree, Marks, read_keys, read_mark

Body: TypeAlias = dict[str, object]
_MEMBERS = frozenset({
    "v", "index", "kind", "time", "actor", "organisation", "case", "facts", "policy", "directory", "signatures",
})  # fmt: skip
SIGNERS = 2
_MOST_FINDINGS = 1_000
_COMPARED = 512
"""Subtrees of one level that are compared at a time."""
SYSTEM = "system"
_EFFECTS = frozenset(ENTRY_OF.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the log: at which index (None for the whole), and what, in plain words."""

    index: int | None
    said: Sentence

    @property
    def what(self) -> str:
        """What it is, in Swedish."""
        return str(self.said)


@dataclass(frozen=True, slots=True)
class Verified:
    """What ``log verify`` saw: entries read, the tree's head in hex, and what is wrong. No findings: it holds."""

    size: int
    root: str
    findings: tuple[Finding, ...]
    covered: int = 0
    """How many of the entries a signed checkpoint agrees with."""
    outside: int = 0
    """The same, by a checkpoint that was kept elsewhere."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a case stands after its entries so far."""

    state: CaseState = CaseState.ACKNOWLEDGED
    covered: object = None
    outcome: object = None


@dataclass(slots=True)
class Audit:
    """Follows entries one by one, from a database or a file, and gathers what is wrong with them."""

    keys: dict[str, VerificationKey] = field(default_factory=dict)
    proposers: dict[str, str] = field(default_factory=dict)
    approved: dict[str, tuple[str, str, Body]] = field(default_factory=dict)
    decided: dict[str, str] = field(default_factory=dict)
    """Approved proposals, each with its case."""
    disposals: DisposalAudit = field(default_factory=DisposalAudit)
    nonces: set[bytes] = field(default_factory=set)
    standings: dict[str, _Standing] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    log_keys: dict[str, int] = field(default_factory=dict)
    """Keys that sign checkpoints, with the entry that names each."""
    acknowledged: set[tuple[int, str]] = field(default_factory=set)
    expected: int = 0
    whole: bool = True
    """Whether every entry from the first on is seen: only then is it known who has which key."""
    rows: RowAudit = field(default_factory=RowAudit)
    work: WorkAudit = field(default_factory=WorkAudit)
    changes: ChangeAudit = field(init=False)

    def __post_init__(self) -> None:
        self.changes = ChangeAudit(self.keys, self.found)

    def found(self, index: int | None, msgid: str, /, **values: object) -> None:
        """Remember something that is wrong, up to a thousand."""
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(Finding(index, Sentence(msgid, values)))

    def take(self, index: int, data: bytes) -> None:
        """Take the next entry, at the index that it is said to have."""
        if index != self.expected:
            self.found(index, N_("Post %(index)s saknas."), index=self.expected)
        self.expected = index + 1
        self.size += 1
        body = _decoded(index, data, self)
        if body is None or not self.whole:
            return
        try:
            _follow(index, body, self)
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
            # In a file that a stranger wrote a fact may be of any kind: a list where a name should be is no name.
            self.found(index, N_("Posten går inte att tolka."))


def verify(ctx: Context, outside: Sequence[str] = ()) -> Verified:
    """Read the whole log and check it without trusting what the database says about itself.

    Every entry decodes strictly, stands at its own index and re-encodes to the same bytes; the tree recomputed from
    the entries is the stored one; every approved act carries the valid signatures of two different people, and nothing
    took effect without such an act; cases and approvals in the database are what the entries made of them. Every
    checkpoint that the database keeps is signed with a key that the log names, and agrees with the tree.

    Whoever rewrites the log from the first entry on, checkpoints and key too, is seen by ``outside`` alone: signed
    notes that somebody has kept elsewhere.
    """
    audit = Audit()
    with ctx.storage.read() as uow:
        size = uow.log.size()
        rows = list(uow.checkpoints.all())
        marks = _read_outside(outside, audit.found)
        sizes = {row.size for row in rows} | {mark.checkpoint.size for mark in marks}
        marked = MarkedTree(GrowingTree(), sizes)
        tree = TreeCheck(uow, marked, audit.found)
        for chunk in uow.log.chunks():
            for index, data in zip(chunk.indices, chunk.entries, strict=True):
                audit.take(index, data)
            tree.take(chunk)
        tree.finish()
        root, stored = marked.tree.root(), _stored_root(uow)
        _compare_cases(uow, audit)
        _compare_approvals(uow, audit)
        audit.changes.compare(uow)
        audit.rows.compare(uow, audit.keys, audit.found)
        audit.work.compare(uow, audit.found, audit.disposals.gone)
        audit.disposals.compare(uow, audit.found)
        origin = origin_of(uow.installation_id() or b"")
        _compare_acknowledgements(uow, audit)
    if audit.size != size:
        audit.found(
            None, N_("Loggen säger sig ha %(size)s poster men %(read)s gick att läsa."), size=size, read=audit.size
        )
    if root != stored:
        audit.found(None, N_("Trädets huvud stämmer inte med posterna: loggen har ändrats."))
    keys = read_keys(audit.log_keys, audit.found)
    # Of a gap the size tells nothing: what lies after it is counted by its own index.
    judge = Marks(origin, keys, marked.roots, audit.expected, audit.found, has_all=True)
    judged = judge.judge([*_kept_marks(rows, audit.found), *marks])
    return Verified(audit.size, root.hex(), tuple(audit.findings), max(judged.kept, judged.outside), judged.outside)


@dataclass(slots=True)
class TreeCheck:
    """Hashes entries and holds leaves and subtrees against the stored ones. Memory for some thousands of hashes."""

    uow: UnitOfWork
    marked: MarkedTree
    found: Found
    differs: bool = False
    """A subtree has been found to differ: those after it are not compared."""
    _waiting: dict[int, Completed] = field(default_factory=dict)

    def take(self, chunk: LoggedChunk) -> None:
        """Take the next entries; the first of them that its hash does not fit is named."""
        sha256 = hashlib.sha256
        # Written out, as leaf_hash is: a million entries are a million of these.
        leaves = [sha256(b"\x00" + data).digest() for data in chunk.entries]
        if leaves != list(chunk.leaves):
            pairs = zip(chunk.indices, leaves, chunk.leaves, strict=True)
            index = next(index for index, computed, stored in pairs if computed != stored)
            self.found(index, N_("Posten har ändrats: den stämmer inte med sin kontrollsumma."))
        for made in self.marked.add(leaves):
            waiting = self._waiting.get(made.level)
            if waiting is None:
                self._waiting[made.level] = made
            else:
                waiting.hashes.extend(made.hashes)
            if waiting is not None and len(waiting.hashes) >= _COMPARED:
                self._compare(self._waiting.pop(made.level))

    def finish(self) -> None:
        """Compare what is left."""
        while self._waiting:
            self._compare(self._waiting.pop(min(self._waiting)))

    def _compare(self, made: Completed) -> None:
        if self.differs:
            return
        stored = self.uow.log.nodes(made.level, made.first, len(made.hashes))
        if stored == made.hashes:
            return
        self.differs = True
        pairs = zip_longest(made.hashes, stored[: len(made.hashes)])
        at = next(place for place, (computed, there) in enumerate(pairs, made.first) if computed != there)
        first, last = at << made.level, (at + 1 << made.level) - 1
        self.found(
            first,
            N_("Trädet stämmer inte med posterna: delträdet över post %(first)s till %(last)s har ändrats."),
            first=first,
            last=last,
        )


def _stored_root(uow: UnitOfWork) -> bytes | None:
    try:
        return uow.log.root()
    except LookupError:
        return None


def _read_outside(notes: Sequence[str], found: Found) -> list[Mark]:
    marks = []
    for note in notes:
        mark = read_mark(note, outside=True)
        if mark is None:
            found(None, N_("Den sparade kontrollpunkten går inte att läsa."))
        else:
            marks.append(mark)
    return marks


def _kept_marks(rows: Sequence[KeptCheckpoint], found: Found) -> list[Mark]:
    marks = []
    for row in rows:
        mark = read_mark(row.note, outside=False)
        if mark is None or (mark.checkpoint.size, mark.checkpoint.root) != (row.size, row.root):
            found(None, N_("Kontrollpunkten på %(size)s poster har ändrats i databasen."), size=row.size)
        else:
            marks.append(mark)
    return marks


def _compare_acknowledgements(uow: UnitOfWork, audit: Audit) -> None:
    kept = {(each.size, each.account_id) for each in uow.checkpoints.acknowledgements()}
    for size, account in sorted(kept ^ audit.acknowledged):
        audit.found(
            None,
            N_(
                "Bekräftelsen av kontrollpunkten på %(size)s poster av %(account)s står inte lika i databasen och "
                "loggen."
            ),
            size=size,
            account=account,
        )


def _decoded(index: int, data: bytes, audit: Audit) -> Body | None:
    try:
        body: Body = json.loads(data)
        members = dict(body)
        own_index = members.pop("index")
        again = entry_bytes(members, index)  # type: ignore[arg-type] # whatever JSON there is: only its bytes count
        kind = EntryKind(str(body["kind"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        audit.found(index, N_("Posten går inte att tolka."))
        return None
    if own_index != index or again != data or set(body) != _MEMBERS:
        audit.found(index, N_("Posten har ändrats eller flyttats."))
        return None
    return {**body, "kind": kind}


def _follow(index: int, body: Body, audit: Audit) -> None:
    facts = body["facts"]
    if not isinstance(facts, dict):
        audit.found(index, N_("Posten saknar uppgifter."))
        return
    audit.changes.follow(index, body, facts)
    audit.rows.follow(body["kind"], facts)
    audit.work.follow(body["case"], body["kind"], facts)
    audit.disposals.follow(index, body, facts, audit.found)
    match body["kind"]:
        case EntryKind.ACCOUNT_ENROLLED if facts.get("verification_key"):
            _keep_key(index, facts, audit)
        case EntryKind.LOG_KEY_SET if body["actor"] == SYSTEM:
            audit.log_keys.setdefault(str(facts.get("key")), index)
        case EntryKind.CHECKPOINT_ACKNOWLEDGED if isinstance(facts.get("size"), int):
            audit.acknowledged.add((int(str(facts["size"])), str(body["actor"])))
        case EntryKind.PROPOSED:
            audit.proposers[str(facts.get("proposal"))] = str(body["actor"])
        case EntryKind.APPROVED:
            _check_approval(index, body, facts, audit)
        case kind if kind in _EFFECTS:
            # An effect stands only on an act that two people signed for the same case and with the same content.
            expected = {name: value for name, value in facts.items() if name != "proposal"}
            if audit.approved.pop(str(facts.get("proposal")), None) != (kind, body["case"], expected):
                audit.found(index, N_("Beslutet saknar ett godkännande av två personer."))
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
        case EntryKind.CASE_CLOSED | EntryKind.CASE_LOCKED:
            locked = kind is EntryKind.CASE_LOCKED
            outcome = before.outcome if locked else facts.get("outcome")
            return replace(before, state=CaseState.LOCKED if locked else CaseState.CLOSED, outcome=outcome)
        case EntryKind.CASE_REOPENED | EntryKind.CASE_RECLASSIFIED:
            # Found not covered before, or a report only now: it is assessed anew.
            anew = kind is EntryKind.CASE_RECLASSIFIED or before.covered is False
            return _Standing() if anew else replace(before, state=CaseState.UNDER_FOLLOW_UP, outcome=None)
        case _:
            return before


def _keep_key(index: int, facts: Body, audit: Audit) -> None:
    account = str(facts.get("account"))
    try:
        key = VerificationKey(bytes.fromhex(str(facts["verification_key"])))
    except (EnvelopeError, ValueError):
        audit.found(index, N_("Kontots nyckel går inte att läsa."))
        return
    renewed = account in audit.changes.renewable
    audit.changes.renewable.discard(account)
    if account in audit.keys and not renewed:
        # An account is enrolled once, unless two restored it: a second key would let somebody else sign in its name.
        audit.found(index, N_("Kontot har fått en andra nyckel."))
        return
    audit.keys[account] = key


def _compare_cases(uow: UnitOfWork, audit: Audit) -> None:
    # What is left of a case that was disposed of is its stub: see DisposalAudit.
    expected = {name: each for name, each in audit.standings.items() if name not in audit.disposals.gone}
    for reference, state, covered, outcome in uow.cases.standings():
        standing = _Standing(state, covered, None if outcome is None else outcome.value)
        # A case whose entries still wait for their index has seen no act yet.
        if standing != expected.pop(reference, _Standing()):
            audit.found(None, N_("Ärende %(case)s står på ett annat sätt i databasen än i loggen."), case=reference)
    for reference in sorted(expected):
        audit.found(None, N_("Ärende %(case)s finns i loggen men inte i databasen."), case=reference)


def _compare_approvals(uow: UnitOfWork, audit: Audit) -> None:
    decided = {proposal for proposal, case in audit.decided.items() if case not in audit.disposals.gone}
    for proposal in sorted(decided.symmetric_difference(uow.proposals.approved())):
        audit.found(
            None, N_("Förslag %(proposal)s är inte avgjort på samma sätt i databasen som i loggen."), proposal=proposal
        )


def _check_approval(index: int, body: Body, facts: Body, audit: Audit) -> None:
    proposal = str(facts.get("proposal"))
    signatures = body["signatures"]
    signers = [entry for entry in signatures if isinstance(entry, dict)] if isinstance(signatures, list) else []
    names = [str(entry.get("signer")) for entry in signers]
    if len(names) != SIGNERS or len(set(names)) != SIGNERS:
        audit.found(index, N_("Godkännandet är inte undertecknat av två olika personer."))
        return
    if audit.proposers.get(proposal) != names[0] or body["actor"] != names[1]:
        audit.found(index, N_("Godkännandet hör inte till det förslag och de personer som det anger."))
        return
    try:
        act = parse_act(facts["act"])  # type: ignore[arg-type] # the parser refuses whatever is not an act
        payload = parse_payload(act.kind, facts["payload"])  # type: ignore[arg-type] # as above
        check_payload(act, payload)
        if len({audit.keys[name] for name in names}) != SIGNERS:
            audit.found(index, N_("Godkännandet är inte undertecknat med två olika nycklar."))
            return
        for name, entry in zip(names, signers, strict=True):
            verify_act(act, bytes.fromhex(str(entry.get("signature"))), audit.keys[name])
    except (EnvelopeError, KeyError, ValueError):
        audit.found(index, N_("En underskrift under beslutet stämmer inte."))
        return
    if act.case != body["case"]:
        audit.found(index, N_("Beslutet gäller ett annat ärende."))
        return
    if act.nonce in audit.nonces or str(body["time"]) >= str(act.to_json()["expires"]):
        audit.found(index, N_("Beslutet har använts förut eller hade gått ut."))
        return
    audit.nonces.add(act.nonce)
    audit.decided[proposal] = act.case
    content = facts["payload"]
    shown = {name: value for name, value in content.items() if name != "reasons"} if isinstance(content, dict) else {}
    audit.approved[proposal] = (ENTRY_OF[ActKind(act.kind.value)], act.case, shown)
