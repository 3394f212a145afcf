"""Verifying changes by two administrators in the log: who signed, and that nothing changed without them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tipportal.domain.accounts import Role
from tipportal.domain.changes.by_trustees import KINDS
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.trustees import trustee_id
from tipportal.envelope import EnvelopeError
from tipportal.envelope.canonical import decode_b64
from tipportal.envelope.changes import (
    Assent,
    ChangeAct,
    change_payload_digest,
    parse_change,
    verify_change,
    verify_change_by_two,
)
from tipportal.envelope.keys import VerificationKey

from .logged_effects import EffectAudit
from .logtree import Found

Body: TypeAlias = dict[str, object]
FOUNDERS = 2
SIGNERS = 2
NEEDS: Mapping[EntryKind, frozenset[ChangeKind]] = {
    EntryKind.REGISTER_CHANGED: frozenset({ChangeKind.REGISTER}),
    **dict.fromkeys(
        (
            EntryKind.ORGANISATION_ADDED,
            EntryKind.ORGANISATION_CHANGED,
            EntryKind.UNIT_ADDED,
            EntryKind.FUNCTION_ADDED,
            EntryKind.DESIGNATION_MADE,
            EntryKind.DESIGNATION_ENDED,
            EntryKind.ABSENCE_ENDED,
            EntryKind.CONFLICT_ENDED,
        ),
        frozenset({ChangeKind.REGISTER, ChangeKind.POLICY}),
    ),
    EntryKind.POLICY_ACTIVATED: frozenset({ChangeKind.POLICY}),
    EntryKind.CHANNEL_OPENED: frozenset({ChangeKind.CHANNEL}),
    EntryKind.CHANNEL_CLOSED: frozenset({ChangeKind.CHANNEL}),
    EntryKind.DECISION_RECORDED: frozenset({ChangeKind.DECISION}),
    EntryKind.CLOCK_CONFIRMED: frozenset({ChangeKind.CLOCK}),
    EntryKind.ACCOUNT_INVITED: frozenset({ChangeKind.INVITE}),
    EntryKind.KEYS_CONFIRMED: frozenset({ChangeKind.KEYS}),
    EntryKind.ACCOUNT_RESTORED: frozenset({ChangeKind.RESTORE, ChangeKind.ACCOUNT}),
    EntryKind.ACCOUNT_CLOSED: frozenset({ChangeKind.ACCOUNT}),
    EntryKind.TRUSTEES_CHANGED: frozenset({ChangeKind.TRUSTEES}),
    EntryKind.CEREMONY_ACKNOWLEDGED: frozenset({ChangeKind.CEREMONY}),
    EntryKind.DIRECTORY_PUBLISHED: frozenset({ChangeKind.DIRECTORY}),
    EntryKind.RECOVERY_BEGUN: frozenset({ChangeKind.RECOVER_CASE}),
    EntryKind.REPORT_PUBLISHED: frozenset({ChangeKind.PUBLISH}),
}
"""Entries that stand only on an approved change of one of these kinds."""
MAY_NEED: Mapping[EntryKind, frozenset[ChangeKind]] = {
    EntryKind.ABSENCE_RECORDED: frozenset({ChangeKind.REGISTER, ChangeKind.POLICY}),
    EntryKind.CONFLICT_DECLARED: frozenset({ChangeKind.REGISTER, ChangeKind.POLICY}),
    EntryKind.ACCOUNT_SUSPENDED: frozenset({ChangeKind.ACCOUNT}),
}
"""What one person does at once, or two by a change."""

_LATER: Mapping[EntryKind, ChangeKind] = {EntryKind.CASE_RECOVERED: ChangeKind.RECOVER_CASE}
"""What follows from an approved change some time later, done by others."""
_OF_CHANGES = frozenset({EntryKind.CHANGE_DECLINED, EntryKind.CHANGE_REFUSED})


@dataclass(frozen=True, slots=True)
class LoggedTrustees:
    """A set of trustees as the log names it, by the change that named it: verification keys in hex, by id."""

    change: str
    threshold: int
    keys: Mapping[str, str]


@dataclass(slots=True)
class ChangeAudit:
    """Follows the log's entries about changes. ``keys`` are the verification keys by account, kept by the caller."""

    keys: Mapping[str, VerificationKey]
    found: Found
    installation: str = ""
    roles: dict[str, str] = field(default_factory=dict)
    founders: set[str] = field(default_factory=set)
    enrolled: set[str] = field(default_factory=set)
    active: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    renewable: set[str] = field(default_factory=set)
    proposed: dict[str, tuple[str, ChangeAct]] = field(default_factory=dict)
    approved: dict[str, ChangeAct] = field(default_factory=dict)
    consents: dict[str, set[tuple[str, bytes]]] = field(default_factory=dict)
    nonces: set[bytes] = field(default_factory=set)
    took_effect: set[str] = field(default_factory=set)
    effects: EffectAudit = field(default_factory=EffectAudit)
    sets: dict[int, LoggedTrustees] = field(default_factory=dict)
    in_force: int = 0
    suspended: dict[str, str] = field(default_factory=dict)
    """Accounts that are suspended: who did it alone, or nothing where two did."""
    others: dict[str, set[str]] = field(default_factory=dict)
    """Changes that trustees approved, each with the administrators who could have done so then."""

    def follow(self, index: int, body: Body, facts: Body) -> None:
        """Take in an entry and say what is wrong with it."""
        kind = body["kind"]
        match kind:
            case EntryKind.INSTALLATION_FOUNDED:
                self.installation = str(facts.get("installation"))
            case EntryKind.CHANGE_PROPOSED:
                self._propose(index, body, facts)
            case EntryKind.CHANGE_APPROVED:
                self._approve(index, body, facts)
            case EntryKind.SUSPENSION_LIFTED | EntryKind.SUSPENSION_LAPSED:
                self._judge_second_look(index, body, facts)
            case _ if isinstance(kind, EntryKind) and not self._is_founding(index, kind, facts):
                self._take_effect(index, kind, facts)
        self._remember(body, facts)

    def compare(self, uow: UnitOfWork) -> None:
        """Hold the changes in the database against those of the log."""
        kept = dict(uow.changes.approved())
        for change_id in sorted({*kept} ^ {*self.approved}):
            self.found(
                None, N_("Ändring %(change)s är inte avgjord på samma sätt i databasen som i loggen."), change=change_id
            )
        for change_id in sorted({*kept} & {*self.approved}):
            if _digest(kept[change_id]) != self.approved[change_id].payload:
                self.found(
                    None,
                    N_("Ändring %(change)s har ett annat innehåll i databasen än det undertecknade."),
                    change=change_id,
                )
            elif not self.effects.is_signed(change_id, kept[change_id]):
                self.found(
                    None, N_("Ändring %(change)s fick en annan verkan i loggen än den undertecknade."), change=change_id
                )
        self._compare_consents(uow)
        for number, those in sorted(self.sets.items()):
            if _named(kept.get(those.change, b"")) != (those.threshold, dict(those.keys)):
                self.found(
                    None, N_("Nyckelförvaltarna i grupp %(number)s är inte de som undertecknades."), number=number
                )
        for change_id in sorted({*self.approved} - self.took_effect):
            self.found(None, N_("Ändring %(change)s godkändes men fick ingen verkan."), change=change_id)

    def _compare_consents(self, uow: UnitOfWork) -> None:
        standing: dict[str, set[tuple[str, bytes]]] = defaultdict(set)
        for change_id, signer, signature in uow.changes.consents():
            standing[change_id].add((signer, signature))
        for change_id, consents in sorted(self.consents.items()):
            if standing[change_id] != consents:
                self.found(
                    None, N_("Ändring %(change)s har andra underskrifter i databasen än i loggen."), change=change_id
                )

    def _propose(self, index: int, body: Body, facts: Body) -> None:
        try:
            act = parse_change(facts["act"])  # type: ignore[arg-type] # the parser refuses whatever is not an act
        except (EnvelopeError, KeyError):
            self.found(index, N_("Förslaget till ändring går inte att läsa."))
            return
        self.proposed[str(facts.get("change"))] = (str(body["actor"]), act)

    def _approve(self, index: int, body: Body, facts: Body) -> None:
        change_id = str(facts.get("change"))
        proposer, proposed = self.proposed.pop(change_id, ("", None))
        raw = body["signatures"]
        signatures = [each for each in raw if isinstance(each, dict)] if isinstance(raw, list) else []
        signers = [str(each.get("signer")) for each in signatures]
        by_trustees = "set" in facts
        if not (self._are_trustees if by_trustees else self._are_two)(signers, proposer, body, facts):
            self.found(index, N_("Ändringen är inte undertecknad av den som föreslog och den som godkände."))
            return
        administrators = signers[:1] if by_trustees else signers
        if any(self.roles.get(each) != Role.ADMINISTRATOR or each not in self.active for each in administrators):
            self.found(index, N_("Ändringen är undertecknad av någon som inte var administratör."))
            return
        try:
            act = parse_change(facts["act"])  # type: ignore[arg-type] # the parser refuses whatever is not an act
            marks = [bytes.fromhex(str(each.get("signature"))) for each in signatures]
            if by_trustees:
                self._verify_trustees(act, signers, marks)
            else:
                verify_change_by_two(
                    act, *(Assent(name, self.keys[name], mark) for name, mark in zip(signers, marks, strict=True))
                )
        except (EnvelopeError, KeyError, ValueError):
            self.found(index, N_("En underskrift under ändringen stämmer inte."))
            return
        if act != proposed or act.kind.value != facts.get("kind") or act.installation != self.installation:
            self.found(index, N_("Ändringen är inte den som föreslogs."))
            return
        if act.nonce in self.nonces or str(body["time"]) >= str(act.to_json()["expires"]):
            self.found(index, N_("Ändringen har använts förut eller hade gått ut."))
            return
        self.nonces.add(act.nonce)
        self.approved[change_id] = act
        self.consents[change_id] = set(zip(signers, marks, strict=True))
        self.effects.approved(change_id)
        if by_trustees:
            administrators_then = {each for each in self.active if self.roles.get(each) == Role.ADMINISTRATOR}
            self.others[change_id] = administrators_then - {proposer}

    def _are_two(self, signers: Sequence[str], proposer: str, body: Body, facts: Body) -> bool:
        del facts
        return len(signers) == SIGNERS and [*signers] == [proposer, str(body["actor"])]

    def _are_trustees(self, signers: Sequence[str], proposer: str, body: Body, facts: Body) -> bool:
        """Whether the proposer handed in as many different trustees in force as it takes, for what they may approve."""
        those = self.sets.get(self.in_force)
        trustees = signers[1:]
        return (
            those is not None
            and facts["set"] == self.in_force
            and facts.get("kind") in KINDS
            and [proposer, proposer] == [*signers[:1], str(body["actor"])]
            and len({*trustees}) == len(trustees) >= those.threshold
            and {*trustees} <= {*those.keys}
        )

    def _verify_trustees(self, act: ChangeAct, signers: Sequence[str], marks: Sequence[bytes]) -> None:
        those = self.sets[self.in_force].keys
        keys = [self.keys[signers[0]], *(VerificationKey(bytes.fromhex(those[each])) for each in signers[1:])]
        for key, mark in zip(keys, marks, strict=True):
            verify_change(act, mark, key)

    def _take_effect(self, index: int, kind: EntryKind, facts: Body) -> None:
        if kind in _LATER:
            begun = self.approved.get(str(facts.get("change")))
            if begun is None or begun.kind.value != _LATER[kind]:
                self.found(index, N_("Det som ändrades saknar ett godkännande av två administratörer."))
            return
        wanted = NEEDS.get(kind)
        if wanted is None and "change" in facts:
            wanted = MAY_NEED.get(kind)
        if wanted is None:
            if kind not in _OF_CHANGES and "change" in facts:
                self.took_effect.add(str(facts["change"]))
            return
        act = self.approved.get(str(facts.get("change")))
        if act is None or ChangeKind(act.kind.value) not in wanted or not self.effects.belongs(kind, facts):
            self.found(index, N_("Det som ändrades saknar ett godkännande av två administratörer."))
            return
        self.took_effect.add(str(facts.get("change")))
        self._judge_replacement(index, facts)
        if act.kind.value == ChangeKind.RESTORE:
            self.renewable.add(str(facts.get("account")))

    def _judge_replacement(self, index: int, facts: Body) -> None:
        """Trustees replace an administrator where no other could have approved, and do nothing else."""
        others = self.others.get(str(facts.get("change")))
        if others is None:
            return
        account = str(facts.get("account"))
        if facts.get("role", self.roles.get(account)) != Role.ADMINISTRATOR or others - {account}:
            self.found(index, N_("Nyckelförvaltare har godkänt något annat än att en administratör ersätts."))

    def _judge_second_look(self, index: int, body: Body, facts: Body) -> None:
        """A suspension by one is lifted by another administrator alone; an administrator's may end by itself."""
        account, actor = str(facts.get("account")), str(body["actor"])
        by = self.suspended.get(account, "")
        if body["kind"] is EntryKind.SUSPENSION_LAPSED:
            holds = actor == "system" and self.roles.get(account) == Role.ADMINISTRATOR
        else:
            holds = self.roles.get(actor) == Role.ADMINISTRATOR and actor in self.active and actor != by
        if not holds or by == "":
            self.found(index, N_("En avstängning upphörde utan att någon fick häva den."))

    def _is_founding(self, index: int, kind: EntryKind, facts: Body) -> bool:
        """The first organisation, and the two who founded; a new link for one of them who has not enrolled."""
        if kind is EntryKind.ORGANISATION_ADDED:
            return index == 1
        account = str(facts.get("account"))
        if kind is not EntryKind.ACCOUNT_INVITED or "change" in facts:
            return False
        if account not in self.founders and len(self.founders) < FOUNDERS and not self.enrolled:
            self.founders.add(account)
        return account in self.founders and account not in self.enrolled

    def _remember(self, body: Body, facts: Body) -> None:
        account = str(facts.get("account"))
        match body["kind"]:
            case EntryKind.ACCOUNT_INVITED | EntryKind.ACCOUNT_ENROLLED:
                self.roles[account] = str(facts.get("role"))
                if body["kind"] is EntryKind.ACCOUNT_ENROLLED:
                    self.enrolled.add(account)
                    if account in self.founders and account not in self.renewable:
                        self.active.add(account)
                        self.confirmed.add(account)
            case EntryKind.KEYS_CONFIRMED:
                self.active.add(account)
                self.confirmed.add(account)
            case EntryKind.TRUSTEES_CHANGED:
                self._remember_trustees(facts)
            case EntryKind.CEREMONY_ACKNOWLEDGED if facts.get("set") in self.sets:
                self.in_force = int(str(facts["set"]))
            case _:
                self._remember_suspended(body, facts, account)

    def _remember_suspended(self, body: Body, facts: Body, account: str) -> None:
        match body["kind"]:
            case EntryKind.ACCOUNT_SUSPENDED | EntryKind.ACCOUNT_CLOSED:
                self.active.discard(account)
                # By two where a change stands behind it: then nobody alone undoes it.
                self.suspended[account] = "" if "change" in facts else str(body["actor"])
            case EntryKind.DUTY_REVIEWED if account in self.suspended:
                # Two have seen to it now.
                self.suspended[account] = ""
            case EntryKind.SUSPENSION_LIFTED | EntryKind.SUSPENSION_LAPSED:
                self.suspended.pop(account, None)
                if account in self.confirmed:
                    self.active.add(account)
            case EntryKind.ACCOUNT_RESTORED:
                self.suspended.pop(account, None)
                self._remember_restored(account)
            case _:
                pass

    def _remember_restored(self, account: str) -> None:
        if account in self.renewable:
            self.active.discard(account)
            self.confirmed.discard(account)
        elif account in self.confirmed:
            # Opened again before two had confirmed the keys, it waits for that as before.
            self.active.add(account)

    def _remember_trustees(self, facts: Body) -> None:
        number, threshold = facts.get("set"), facts.get("threshold")
        ids, keys = facts.get("trustees"), facts.get("verification_keys")
        if isinstance(number, int) and isinstance(threshold, int) and isinstance(ids, list) and isinstance(keys, list):
            named = {str(one): str(key) for one, key in zip(ids, keys, strict=False)}
            self.sets[number] = LoggedTrustees(str(facts.get("change")), threshold, named)


def _named(payload: bytes) -> tuple[int, dict[str, str]] | None:
    """Threshold and verification keys by id, as a change of trustees names them."""
    try:
        read = json.loads(payload)
        named = [(decode_b64(each["recipient"]), decode_b64(each["verification_key"])) for each in read["trustees"]]
        return int(read["threshold"]), {trustee_id(recipient, key): key.hex() for recipient, key in named}
    except (EnvelopeError, ValueError, KeyError, TypeError):
        return None


def _digest(payload: bytes) -> str | None:
    try:
        return change_payload_digest(json.loads(payload))
    except (EnvelopeError, ValueError):
        return None
