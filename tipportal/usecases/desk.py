"""What a handler's pages show beside the sealed cases themselves: first screen, frame of a case, its log, approvals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tipportal.domain.accounts import Account
from tipportal.domain.approvals import ActKind, Proposal, ProposalState, why_not_approve
from tipportal.domain.cases import Case, GrantKind, Stream
from tipportal.domain.errors import NotFound
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.organisations import Channel, Organisation
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.pressing import Claim
from tipportal.envelope.canonical import encode_b64

from .context import Context
from .firstscreen import claims_of
from .handle import on_panel, refused
from .offers import Party, channel_page
from .seats import CaseTrustees, shown_proposals, trustees_of

_DATE_LENGTH = len("2026-01-31")
_LOOKING = frozenset({EntryKind.OPENED, EntryKind.FILE_OPENED, EntryKind.ACCESS_REFUSED, EntryKind.APPROVAL_REFUSED})
_FIRST = (EntryKind.CASE_RECEIVED, EntryKind.CASE_ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class CaseFrame:
    """What stands around a case before anything of it is opened.

    ``names`` are members' names by pseudonym, ``places`` the names of their units and functions and of the parties that
    a source can name, by id. ``decision``: why these receive it, sealed to them; ``commitment``: its digest in the log.
    ``trustees``: whom shares of the next epoch go to. ``claims``: what the case asks of the reader. ``revision`` is
    another one as soon as anybody has changed anything.
    """

    case: Case
    organisation: Organisation
    names: Mapping[str, str]
    panel: tuple[str, ...]
    parties: tuple[Party, ...]
    places: Mapping[str, str]
    decision: bytes | None = field(repr=False)
    commitment: str | None
    trustees: CaseTrustees
    claims: tuple[Claim, ...]
    revision: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of a case's log. ``time`` is an instant or a date, as the log has it.

    ``who`` is a person's name, or ``source``, ``staff_for_source`` or ``system``. ``record``: the digest, hex, of the
    sealed record that the entry is about, and ``proposal`` the proposal's id, where it names one.
    """

    time: str
    who: str
    kind: EntryKind
    record: str | None
    proposal: str | None


@dataclass(frozen=True, slots=True)
class Approval:
    """A proposal that waits for a second person, as its card shows it. ``why_not`` is empty when this person may.

    ``organisation`` is its name.
    """

    case: Case
    organisation: str
    proposal: Proposal
    payload: Mapping[str, object]
    proposer_name: str
    may_approve: tuple[str, ...]
    why_not: str


def case_frame(ctx: Context, account: Account, reference: str) -> CaseFrame:
    """What a case's page shows before anything is opened. Raises NotFound, logged, alike for unknown and foreign."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        organisation = None if case is None else uow.register.organisation_by_id(case.organisation_id)
        members = {} if case is None else _names(uow, case)
        coming = {} if case is None else _coming(uow, case)
        places = {} if case is None else _places(uow, case)
        decision = None if case is None else uow.cases.decision(case.id)
        commitment = None if case is None or decision is None else _commitment(uow, case)
        trustees = CaseTrustees(0, ()) if case is None else trustees_of(uow, case)
        claims = () if case is None else claims_of(ctx, uow, account, case)
        changed = "" if case is None else _revision(uow, case, account)
    if case is None or organisation is None:
        raise refused(ctx, account)
    names = coming | {member: name for member, (name, _) in members.items()}
    panel = tuple(name for name, acts in members.values() if acts)
    parties = _parties(ctx, organisation, case.channel)
    places |= {party.value.partition(":")[2]: party.name for party in parties}
    return CaseFrame(case, organisation, names, panel, parties, places, decision, commitment, trustees, claims, changed)


def revision(ctx: Context, account: Account, reference: str) -> str:
    """What changes as soon as anybody has changed the case; looking at it changes nothing. Raises NotFound."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        changed = None if case is None else _revision(uow, case, account)
    if changed is None:
        raise refused(ctx, account)
    return changed


def _revision(uow: UnitOfWork, case: Case, account: Account) -> str:
    """Every act on a case has its entry; what a source wrote may wait for its own, but its record is there.

    What others propose about the account itself does not count: whom it concerns is not told.
    """
    hidden = _about_me(uow, case, account)
    bodies = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    acts = sum(
        EntryKind(body["kind"]) not in _LOOKING and body["facts"].get("proposal") not in hidden for body in bodies
    )
    newest = uow.cases.last_record(case.id, Stream.DIALOGUE)
    return f"{acts}.{-1 if newest is None else newest.seq}.{case.epoch}"


def case_log(ctx: Context, account: Account, reference: str) -> tuple[LogLine, ...]:
    """The log entries of one of the handler's own cases, oldest first. Raises NotFound.

    Entries of a source's acts joined the log in an order that says nothing; those of one date are told as they must
    have happened.
    """
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        entries = [] if case is None else list(uow.log.entries_of_case(reference))
        hidden = set() if case is None else _about_me(uow, case, account)
        names = {} if case is None else {person.id: person.name for person in uow.accounts.all()}
    if case is None:
        raise refused(ctx, account)
    bodies = [body for body in map(json.loads, entries) if body["facts"].get("proposal") not in hidden]
    lines = []
    for time, together in groupby(bodies, key=lambda body: str(body["time"])):
        for body in sorted(together, key=_step) if len(time) == _DATE_LENGTH else together:
            actor = str(body["actor"])
            facts = body["facts"]
            named = (str(facts[name]) if facts.get(name) else None for name in ("record", "proposal"))
            lines.append(LogLine(time, names.get(actor, actor), EntryKind(body["kind"]), *named))
    return tuple(lines)


def approvals(ctx: Context, account: Account) -> tuple[Approval, ...]:
    """Proposals of others on the handler's cases that wait for a second person."""
    now = ctx.clock()
    with ctx.storage.read() as uow:
        cards = []
        for case, proposal in uow.proposals.open_for(account.id, now):
            members = _names(uow, case)
            others = tuple(
                name for member, (name, acts) in members.items() if acts and member != proposal.proposer_member
            )
            why_not = why_not_approve(
                proposal, account.id, on_panel=on_panel(ctx, uow, case, account.id), epoch=case.epoch, now=now
            )
            proposer_name = members.get(proposal.proposer_member, ("", False))[0]
            payload = json.loads(proposal.payload)
            organisation = uow.register.organisation_by_id(case.organisation_id)
            name = organisation.name if organisation is not None else ""
            cards.append(Approval(case, name, proposal, payload, proposer_name, others, why_not or ""))
    return tuple(cards)


def _about_me(uow: UnitOfWork, case: Case, account: Account) -> set[str]:
    """The proposals of the case about a colleague that the account does not decide: whom one concerns is not told."""
    shown = {proposal.id for proposal in shown_proposals(uow, case, account)}
    return {proposal.id for proposal in uow.proposals.of_case(case.id)} - shown


def _step(body: Mapping[str, Any]) -> tuple[int, int]:
    """Where an entry of a source's act stands among those of its date: received, acknowledged, then messages by seq."""
    kind = EntryKind(body["kind"])
    return (_FIRST.index(kind), 0) if kind in _FIRST else (len(_FIRST), int(body["facts"].get("seq", 0)))


def _parties(ctx: Context, organisation: Organisation, channel: Channel) -> tuple[Party, ...]:
    try:
        return channel_page(ctx, organisation.slug, channel).parties
    except NotFound:
        # The channel has been closed since; its cases are handled to their end, with ids where there were names.
        return ()


def _places(uow: UnitOfWork, case: Case) -> dict[str, str]:
    """Names of the units and functions of everybody who has had a key to the case, by id."""
    grants = [grant for grant in uow.cases.grants(case.id) if grant.kind in (GrantKind.PANEL, GrantKind.STANDBY)]
    units = uow.register.unit_names(sorted({grant.unit_id for grant in grants}))
    functions = {grant.function_id: uow.register.function(grant.function_id) for grant in grants}
    return {unit: f"{name}, {organisation}" for unit, name, organisation in units} | {
        function_id: function.name for function_id, function in functions.items() if function is not None
    }


def _coming(uow: UnitOfWork, case: Case) -> dict[str, str]:
    """The names of those whom open proposals would let in, by the pseudonym that they would have."""
    names = {person.id: person.name for person in uow.accounts.all()}
    waiting = [one for one in uow.proposals.of_case(case.id) if one.state is ProposalState.OPEN]
    prepared = [uow.separations.prepared(one.id) for one in waiting if one.kind is ActKind.ADD_MEMBER]
    coming = {one.member: names.get(one.account_id, one.member) for one in prepared if one is not None}
    keys = {encode_b64(key.verification_key): key.account_id for key in uow.register.handler_keys([*names])}
    for proposal in waiting:
        if proposal.kind is ActKind.RECLASSIFY:
            for member in json.loads(proposal.payload).get("panel", ()):
                account_id = keys.get(member["verification_key"], "")
                coming[member["id"]] = names.get(account_id, member["id"])
    return coming


def _commitment(uow: UnitOfWork, case: Case) -> str | None:
    """What the log says of the decision about who receives the case: SHA-256, hex."""
    bodies = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    received = [body["facts"] for body in bodies if body["kind"] == EntryKind.CASE_RECEIVED]
    return next((str(facts["decision"]) for facts in received if "decision" in facts), None)


def _names(uow: UnitOfWork, case: Case) -> dict[str, tuple[str, bool]]:
    """Name of each member of the case's newest epoch and whether they act in it now, by pseudonym, as drawn."""
    people = {person.id: person.name for person in uow.accounts.all()}
    return {seat.member: (people.get(seat.holder, seat.member), seat.acts) for seat in uow.separations.seats(case.id)}
