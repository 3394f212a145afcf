"""Who may receive a tip or a report: what a form shows, and the panel that it is sealed to. Nothing here is stored."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tipportal.domain import riskareas, routing
from tipportal.domain.cases import reference
from tipportal.domain.errors import NotFound, PanelChanged
from tipportal.domain.organisations import Channel, Organisation
from tipportal.domain.policies.policy import FUNCTION, UNIT, Facts
from tipportal.domain.policies.register import RegisteredUnit
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import Candidate, Drawn, RoutingFacts
from tipportal.domain.texts import N_

from . import tickets
from .boards import LaidOut
from .choosing import Choice, choose, known_parties, laid_out_for
from .context import Context
from .trustees import CaseTrustees, for_new_case

MOST_UNITS = 20
"""More units than this make a form that nobody reads to its end, and a page that takes too long to come."""
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
class OfferedTrustee:
    """A trustee whom a client seals a share to, under the case's pseudonym."""

    id: str
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
    trustees: tuple[OfferedTrustee, ...] = ()
    trustee_threshold: int = 0


@dataclass(frozen=True, slots=True)
class Party:
    """A unit or function that a source can name as concerned."""

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
        return tuple(each for each in uow.register.organisations() if each.listed and each.ended_on is None)


def channel_page(ctx: Context, slug: str, channel: Channel) -> ChannelPage:
    """What the form of a channel shows. Raises NotFound when the organisation or its channel does not exist."""
    with ctx.storage.read() as uow:
        organisation, laid_out = _open_channel(ctx, uow, slug, channel)
    return _page(organisation, laid_out, channel)


def start_page(ctx: Context, slug: str) -> tuple[Organisation, tuple[ChannelPage, ...]]:
    """An organisation with its open channels. Raises NotFound."""
    with ctx.storage.read() as uow:
        organisation = uow.register.organisation(slug)
        if organisation is None or not organisation.listed:
            raise NotFound(N_("Sidan finns inte."))
        laid_out = ctx.boards.of(uow, organisation.id, ctx.today())
        if laid_out is None:
            return organisation, ()
        shown = uow.changes.channels_shown(organisation.id)
        channels = [channel for channel in Channel if channel in shown and channel in laid_out.in_force.policy.defaults]
    return organisation, tuple(_page(organisation, laid_out, channel) for channel in channels)


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
        organisation, laid_out = _open_channel(ctx, uow, slug, channel)
    parties = known_parties(laid_out.in_force.policy, laid_out.board)
    facts = routing.parse_facts(area, subject_role, concerns, areas=riskareas.KEYS, parties=parties)
    choice = choose(ctx, laid_out, organisation.id, channel, facts, form_nonce)
    trustees = for_new_case(laid_out, facts.concerns)
    authority, installation_id = laid_out.organisations.get(choice.authority_id), laid_out.installation_id
    if authority is None or installation_id is None or laid_out.directory is None:
        raise NotFound(N_("Sidan finns inte."))
    directory_version = laid_out.directory.version
    case_reference = reference(ctx.random(16))
    ticket = tickets.Ticket(
        organisation_id=organisation.id,
        channel=channel,
        facts=facts,
        nonce=form_nonce,
        reference=case_reference,
        policy_version=choice.policy_version,
        directory_version=directory_version,
        decision=_decision(choice.drawn, trustees),
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
        policy_version=choice.policy_version,
        directory_version=directory_version,
        members=tuple(_offered(member, role, candidate) for member, role, candidate in choice.drawn.members()),
        function_names=choice.function_names,
        trustees=tuple(
            OfferedTrustee(one.member, one.trustee.recipient, one.trustee.verification_key) for one in trustees.named
        ),
        trustee_threshold=trustees.threshold,
    )


def present(ctx: Context, uow: UnitOfWork, ticket: tickets.Ticket) -> LaidOut:
    """What a ticket's panel is drawn from now. Raises PanelChanged when its channel is not open any more."""
    try:
        return laid_out_for(ctx, uow, ticket.organisation_id, ticket.channel)
    except NotFound:
        raise PanelChanged(PANEL_CHANGED) from None


def redraw(ctx: Context, laid_out: LaidOut, ticket: tickets.Ticket) -> tuple[Choice, CaseTrustees]:
    """Draw a ticket's panel again, and its trustees. Raises PanelChanged when they are others, NoPanel."""
    choice = choose(ctx, laid_out, ticket.organisation_id, ticket.channel, ticket.facts, ticket.nonce)
    trustees = for_new_case(laid_out, ticket.facts.concerns)
    if choice.policy_version != ticket.policy_version or not hmac.compare_digest(
        _decision(choice.drawn, trustees), ticket.decision
    ):
        raise PanelChanged(PANEL_CHANGED)
    return choice, trustees


def _open_channel(ctx: Context, uow: UnitOfWork, slug: str, channel: Channel) -> tuple[Organisation, LaidOut]:
    organisation = uow.register.organisation(slug)
    if organisation is None:
        raise NotFound(N_("Sidan finns inte."))
    return organisation, laid_out_for(ctx, uow, organisation.id, channel)


def _page(organisation: Organisation, laid_out: LaidOut, channel: Channel) -> ChannelPage:
    policy, facts = laid_out.in_force.policy, Facts(channel, organisation.id)
    authority = laid_out.organisations.get(laid_out.chooser.authority(facts))
    asked = policy.defaults[channel].to[0]
    name = next((function.name for function in policy.functions if function.id == asked), None)
    if name is None or authority is None:
        raise NotFound(N_("Sidan finns inte."))
    return ChannelPage(organisation, authority, channel, name, _parties(organisation, laid_out))


def _parties(organisation: Organisation, laid_out: LaidOut) -> tuple[Party, ...]:
    """The units of the organisation and of all that is part of it, by name; then the functions that may receive.

    Of many units only the upper ones: whoever names one of them names all that is below it.
    """
    register, own = laid_out.board.register, laid_out.board.parts(organisation.id)
    names = {each.id: each.name for each in register.organisations}
    units = [
        # An external party is a unit of its own, often by the same name.
        Party(
            f"{UNIT}{unit.id}",
            unit.name if unit.name == names[unit.organisation] else f"{unit.name}, {names[unit.organisation]}",
        )
        for unit in _upper([unit for unit in register.units if unit.organisation in own])
    ]
    functions = [Party(f"{FUNCTION}{function.id}", function.name) for function in laid_out.in_force.policy.functions]
    return (*sorted(units, key=lambda party: party.name), *functions)


def _upper(units: Sequence[RegisteredUnit]) -> Sequence[RegisteredUnit]:
    """As many levels of the tree as can be shown, one at least."""
    shown: list[RegisteredUnit] = []
    below = {unit.id: unit for unit in units}
    while below and (not shown or len(shown) < MOST_UNITS):
        level = [unit for unit in below.values() if unit.parent not in below]
        if shown and len(shown) + len(level) > MOST_UNITS:
            break
        shown += level
        for unit in level:
            del below[unit.id]
    return shown


def _decision(drawn: Drawn, trustees: CaseTrustees) -> str:
    parts = []
    for member, role, candidate in drawn.members():
        for part in (member.encode(), role.encode(), candidate.account_id.encode(), candidate.recipient):
            parts += [len(part).to_bytes(4, "big"), part]
        parts.append(candidate.verification_key)
    parts += [f"{trustees.set_version} {one.member} {one.trustee.id}".encode() for one in trustees.named]
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
