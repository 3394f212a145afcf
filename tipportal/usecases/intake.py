"""Staff enter a case for somebody who does not use the forms, or what the function found or was told itself (07).

The panel is drawn as for a source, and whoever types is not put into it by that: they may never open the case again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account
from tipportal.domain.errors import NotEntitled
from tipportal.domain.intake import Stated, check_stated
from tipportal.domain.organisations import Channel, Organisation
from tipportal.domain.policies.policy import FUNCTION, UNIT
from tipportal.domain.routing import RoutingFacts
from tipportal.domain.texts import N_

from . import offers, submit, tickets
from .context import Context
from .offers import ChannelPage, Offer
from .submit import Entered, Receipt, Submission


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


def enter(ctx: Context, account: Account, submission: Submission, stated: Stated) -> Receipt:
    """Keep a case that a handler's browser has sealed for somebody.

    Raises NotEntitled, also for whoever is concerned by it, Invalid, and what ``submit.submit_case`` raises.
    """
    may_enter(ctx, account)
    ticket = tickets.redeem(ctx, submission.ticket)
    check_stated(stated, ticket.channel, ctx.today())
    _must_be_unconcerned(ctx, account, ticket.facts)
    return submit.submit_case(ctx, submission, entered=Entered(account.id, stated))


def _must_be_unconcerned(ctx: Context, account: Account, facts: RoutingFacts) -> None:
    with ctx.storage.read() as uow:
        own = {f"{FUNCTION}{one.function_id}" for one in uow.register.designations() if one.account_id == account.id}
    own.add(f"{UNIT}{account.unit_id}")
    if not own.isdisjoint(facts.concerns):
        raise NotEntitled(N_("Uppgifterna rör din egen enhet eller funktion. Lämna över till någon annan."))
