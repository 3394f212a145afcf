"""Who may receive a tip or a report: what a form shows, and the panel that it is sealed to. Nothing here is stored."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tipportal.domain import riskareas, routing
from tipportal.domain.cases import reference
from tipportal.domain.errors import NotFound, PanelChanged
from tipportal.domain.organisations import Channel, Organisation
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import Candidate, Drawn, Policy, RoutingFacts
from tipportal.domain.texts import N_

from . import tickets
from .context import DIRECTORY_VERSION, Context

PANEL_CHANGED = N_("Mottagarna har ändrats sedan sidan öppnades. Inget har gått förlorat: försök igen.")


@dataclass(frozen=True, slots=True)
class OfferedMember:
    """A handler whom a client seals to, under the case's pseudonym."""

    id: str
    role: str
    function: str
    unit: str
    recipient: bytes
    verification_key: bytes


@dataclass(frozen=True, slots=True)
class Offer:
    """The panel for given routing facts. ``date`` is the Stockholm date that goes into the records."""

    ticket: str
    reference: str
    installation_id: bytes
    date: date
    organisation: Organisation
    authority: Organisation
    channel: Channel
    facts: RoutingFacts
    policy_version: int
    directory_version: int
    members: tuple[OfferedMember, ...]
    function_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """A unit that a source can name as concerned."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """What a form needs to know before it is shown: who receives, and which parties can be named as concerned."""

    organisation: Organisation
    authority: Organisation
    channel: Channel
    function_name: str
    parties: tuple[Party, ...]


def organisations(ctx: Context) -> tuple[Organisation, ...]:
    """The organisations that a source can choose between, by name."""
    with ctx.storage.read() as uow:
        return tuple(organisation for organisation in uow.register.organisations() if organisation.listed)


def channel_page(ctx: Context, slug: str, channel: Channel) -> ChannelPage:
    """What the form of a channel shows. Raises NotFound when the organisation or its channel does not exist."""
    with ctx.storage.read() as uow:
        organisation, policy = _open_channel(uow, slug, channel)
        return _page(ctx, uow, organisation, policy, channel)


def start_page(ctx: Context, slug: str) -> tuple[Organisation, tuple[ChannelPage, ...]]:
    """An organisation with its open channels. Raises NotFound."""
    with ctx.storage.read() as uow:
        organisation = uow.register.organisation(slug)
        if organisation is None or not organisation.listed:
            raise NotFound(N_("Sidan finns inte."))
        policy = uow.register.policy(organisation.id)
        if policy is None:
            return organisation, ()
        channels = [channel for channel in Channel if channel in policy.default_function]
        return organisation, tuple(_page(ctx, uow, organisation, policy, channel) for channel in channels)


def offer_panel(
    ctx: Context,
    slug: str,
    channel: Channel,
    *,
    area: str,
    subject_role: str,
    concerns: Sequence[str],
    form_nonce: str,
) -> Offer:
    """Choose the panel for routing facts. The same form and facts give the same panel, so asking tells nothing more.

    Nothing is stored. Raises NotFound, Invalid (with the field) and NoPanel.
    """
    today = ctx.today()
    with ctx.storage.read() as uow:
        organisation, policy = _open_channel(uow, slug, channel)
        candidates = uow.register.candidates(policy.default_function[channel], today)
        parties = frozenset(f"unit:{candidate.unit_id}" for candidate in candidates)
        facts = routing.parse_facts(area, subject_role, concerns, areas=riskareas.KEYS, parties=parties)
        drawn = _draw(ctx, candidates, policy, channel, facts, nonce=form_nonce)
        authority = uow.register.organisation_by_id(policy.authority[channel])
        asked = dict.fromkeys(candidate.function_id for candidate in drawn.panel)
        functions = [uow.register.function(function_id) for function_id in asked]
        installation_id = uow.installation_id()
    if authority is None or installation_id is None:
        raise NotFound(N_("Sidan finns inte."))
    case_reference = reference(ctx.random(16))
    ticket = tickets.Ticket(
        organisation_id=organisation.id,
        channel=channel,
        facts=facts,
        nonce=form_nonce,
        reference=case_reference,
        policy_version=policy.version,
        decision=_decision(drawn),
        expires_at=ctx.clock() + tickets.TICKET_SECONDS,
    )
    return Offer(
        ticket=tickets.issue(ctx, ticket),
        reference=case_reference,
        installation_id=installation_id,
        date=today,
        organisation=organisation,
        authority=authority,
        channel=channel,
        facts=facts,
        policy_version=policy.version,
        directory_version=DIRECTORY_VERSION,
        members=tuple(_offered(member, role, candidate) for member, role, candidate in drawn.members()),
        function_names=tuple(function.name for function in functions if function is not None),
    )


def redraw(ctx: Context, uow: UnitOfWork, policy: Policy, ticket: tickets.Ticket, today: date) -> Drawn:
    """Draw a ticket's panel again from the present register. Raises PanelChanged when it is another one."""
    candidates = uow.register.candidates(policy.default_function[ticket.channel], today)
    drawn = _draw(ctx, candidates, policy, ticket.channel, ticket.facts, nonce=ticket.nonce)
    if not hmac.compare_digest(_decision(drawn), ticket.decision):
        raise PanelChanged(PANEL_CHANGED)
    return drawn


def _open_channel(uow: UnitOfWork, slug: str, channel: Channel) -> tuple[Organisation, Policy]:
    organisation = uow.register.organisation(slug)
    policy = None if organisation is None else uow.register.policy(organisation.id)
    if organisation is None or policy is None or channel not in policy.default_function:
        raise NotFound(N_("Sidan finns inte."))
    return organisation, policy


def _page(ctx: Context, uow: UnitOfWork, organisation: Organisation, policy: Policy, channel: Channel) -> ChannelPage:
    function = uow.register.function(policy.default_function[channel])
    authority = uow.register.organisation_by_id(policy.authority[channel])
    if function is None or authority is None:
        raise NotFound(N_("Sidan finns inte."))
    candidates = uow.register.candidates(policy.default_function[channel], ctx.today())
    return ChannelPage(organisation, authority, channel, function.name, _parties(uow, candidates))


def _parties(uow: UnitOfWork, candidates: Sequence[Candidate]) -> tuple[Party, ...]:
    names = uow.register.unit_names(sorted({candidate.unit_id for candidate in candidates}))
    parties = [
        # An external party is a unit of its own, often by the same name.
        Party(f"unit:{unit_id}", name if name == organisation else f"{name}, {organisation}")
        for unit_id, name, organisation in names
    ]
    return tuple(sorted(parties, key=lambda party: party.name))


def _draw(
    ctx: Context,
    candidates: Sequence[Candidate],
    policy: Policy,
    channel: Channel,
    facts: RoutingFacts,
    *,
    nonce: str,
) -> Drawn:
    chosen = json.dumps(facts.as_json(), sort_keys=True).encode()
    seed = ctx.keyed("panel", policy.organisation_id.encode(), channel.value.encode(), nonce.encode(), chosen)
    return routing.draw(candidates, facts, seed)


def _decision(drawn: Drawn) -> str:
    parts = []
    for member, role, candidate in drawn.members():
        for part in (member.encode(), role.encode(), candidate.account_id.encode(), candidate.recipient):
            parts += [len(part).to_bytes(4, "big"), part]
        parts.append(candidate.verification_key)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _offered(member: str, role: str, candidate: Candidate) -> OfferedMember:
    return OfferedMember(
        id=member,
        role=role,
        function=candidate.function_id,
        unit=candidate.unit_id,
        recipient=candidate.recipient,
        verification_key=candidate.verification_key,
    )
