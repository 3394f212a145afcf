"""Staff enter a case for somebody who does not use the forms, or what the function found or was told itself (07).

The panel is drawn as for a source, and whoever types is not put into it by that: they may never open the case again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case
from tipportal.domain.errors import NotEntitled
from tipportal.domain.intake import Stated, check_stated
from tipportal.domain.organisations import Channel, Organisation
from tipportal.domain.policies.policy import FUNCTION, UNIT
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import RoutingFacts
from tipportal.domain.texts import N_
from tipportal.domain.triage import Origin

from . import offers, submit, tickets
from .context import Context
from .handle import refused
from .links import link_entered
from .offers import ChannelPage, Offer
from .submit import Entered, Receipt, Submission


@dataclass(frozen=True, slots=True)
class Followed:
    """A case of one's own in which somebody told of reprisals: what a case of their own begins with."""

    reference: str
    slug: str
    channel: Channel
    origin: Origin


@dataclass(frozen=True, slots=True)
class Open:
    """An organisation with the channels that a case can be entered in."""

    organisation: Organisation
    channels: tuple[Channel, ...]


def may_enter(ctx: Context, account: Account) -> None:
    """Raise NotEntitled unless the account is designated to some function today."""
    with ctx.storage.read() as uow:
        serves = uow.register.is_designated(account.id, ctx.today())
    if not serves:
        raise NotEntitled(N_("Bara den som är utsedd att ta emot rapporter och tips kan registrera ett ärende."))


def open_channels(ctx: Context) -> tuple[Open, ...]:
    """Where a case can be entered: the open channels of listed organisations."""
    found = [offers.start_page(ctx, organisation.slug) for organisation in offers.organisations(ctx)]
    return tuple(Open(organisation, tuple(page.channel for page in pages)) for organisation, pages in found if pages)


def page(ctx: Context, account: Account, slug: str, channel: Channel) -> ChannelPage:
    """What the form shows. Raises NotEntitled, NotFound."""
    may_enter(ctx, account)
    return offers.channel_page(ctx, slug, channel)


def offer(
    ctx: Context,
    account: Account,
    slug: str,
    channel: Channel,
    *,
    area: str,
    subject_role: str,
    concerns: Sequence[str],
) -> Offer:
    """The panel, drawn as for a source. Asking again on the same day gives the same: nobody picks their readers.

    Raises NotEntitled, NotFound, Invalid and NoPanel.
    """
    may_enter(ctx, account)
    seed = ctx.keyed("intake", account.id.encode(), ctx.today().isoformat().encode())
    return offers.offer_panel(
        ctx, slug, channel, area=area, subject_role=subject_role, concerns=concerns, form_nonce=seed[:16].hex()
    )


def followed(ctx: Context, account: Account, reference: str) -> Followed:
    """What the case of reprisals begins with that follows from one of the handler's own. Raises NotFound."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        organisation = None if case is None else uow.register.organisation_by_id(case.organisation_id)
        if case is not None and organisation is not None:
            intake = uow.intakes.of_case(case.id)
            told = intake is not None and intake.origin is Origin.ORAL
            # Who has a case of their own writes in it; who came by telephone calls again.
            return Followed(case.reference, organisation.slug, case.channel, Origin.ORAL if told else Origin.WRITTEN)
    raise refused(ctx, account)


def enter(
    ctx: Context, account: Account, submission: Submission, stated: Stated, *, follows: str | None = None
) -> Receipt:
    """Keep a case that a handler's browser has sealed for somebody.

    ``follows``: the reference of a case of the handler's own that it is linked with from the first moment.
    Raises NotEntitled, also for whoever is concerned by it, Invalid, NotFound for another's case, and what
    ``submit.submit_case`` raises.
    """
    may_enter(ctx, account)
    if follows is not None:
        followed(ctx, account, follows)
    ticket = tickets.redeem(ctx, submission.ticket)
    check_stated(stated, ticket.channel, ctx.today())
    _must_be_unconcerned(ctx, account, ticket.facts)

    def also(uow: UnitOfWork, case: Case) -> None:
        if follows is not None:
            link_entered(ctx, uow, account, follows, case)

    return submit.submit_case(ctx, submission, entered=Entered(account.id, stated, also))


def _must_be_unconcerned(ctx: Context, account: Account, facts: RoutingFacts) -> None:
    with ctx.storage.read() as uow:
        own = {f"{FUNCTION}{one.function_id}" for one in uow.register.designations() if one.account_id == account.id}
    own.add(f"{UNIT}{account.unit_id}")
    if not own.isdisjoint(facts.concerns):
        raise NotEntitled(N_("Uppgifterna rör din egen enhet eller funktion. Lämna över till någon annan."))
