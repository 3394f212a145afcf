"""Founding an installation, by its first two administrators, and what they read. Everything else is ``changes``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tipportal.domain.accounts import Account, AccountState, Role, normal_email
from tipportal.domain.errors import Conflict, Invalid
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Organisation, OrganisationKind, valid_slug
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_

from .context import Context
from .enrol import Invited, invite
from .entries import system_entry

FOUNDERS = 2


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the two first administrators."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Founded:
    """A new installation: the host organisation and the founders' invitations."""

    organisation: Organisation
    invitations: tuple[Invited, ...] = field(repr=False)


def found(ctx: Context, *, slug: str, name: str, kind: OrganisationKind, founders: Sequence[Founder]) -> Founded:
    """Found the installation: its random id, the host organisation, two administrators.

    The same founding once more gives new links to those of the two who have not enrolled. Raises Invalid, Conflict.
    """
    emails = {normal_email(founder.email) for founder in founders}
    if len(emails) != FOUNDERS or None in emails:
        raise Invalid(N_("En installation grundas av två olika administratörer."), field="administrator")
    with ctx.storage.write() as uow:
        if uow.installation_id() is None:
            organisation = _organisation(ctx, uow, slug, name, kind)
            return Founded(organisation, tuple(_invite(ctx, uow, founder, organisation) for founder in founders))
        return _again(ctx, uow, slug, founders)


def people(ctx: Context) -> tuple[Account, ...]:
    """All accounts, for the administrator's register."""
    with ctx.storage.read() as uow:
        return tuple(uow.accounts.all())


def _organisation(ctx: Context, uow: UnitOfWork, slug: str, name: str, kind: OrganisationKind) -> Organisation:
    if not valid_slug(slug):
        raise Invalid(
            N_("Adressnamnet får bara ha a–z, 0–9 och bindestreck, och får inte vara upptaget av portalen."),
            field="slug",
        )
    if not name.strip():
        raise Invalid(N_("Skriv ett namn."), field="name")
    installation_id = ctx.random(16)
    uow.found(installation_id, ctx.clock())
    organisation = Organisation(id=ctx.new_id(), slug=slug, name=name.strip(), kind=kind, listed=True)
    uow.register.add_organisation(organisation)
    _log(ctx, uow, EntryKind.INSTALLATION_FOUNDED, organisation.id, {"installation": installation_id.hex()})
    _log(ctx, uow, EntryKind.ORGANISATION_ADDED, organisation.id, {"kind": kind.value, "slug": slug})
    return organisation


def _invite(ctx: Context, uow: UnitOfWork, founder: Founder, organisation: Organisation) -> Invited:
    invited = invite(
        ctx,
        uow,
        name=founder.name,
        email=founder.email,
        role=Role.ADMINISTRATOR,
        organisation_id=organisation.id,
        unit_id=None,
        founding=True,
    )
    facts: dict[str, Json] = {"account": invited.account.id, "role": Role.ADMINISTRATOR.value, "unit": None}
    _log(ctx, uow, EntryKind.ACCOUNT_INVITED, organisation.id, facts)
    return invited


def _again(ctx: Context, uow: UnitOfWork, slug: str, founders: Sequence[Founder]) -> Founded:
    """New links for founders who have not enrolled: nobody else can come in this way, however often it is tried."""
    organisation = uow.register.organisation(slug)
    known = [uow.accounts.by_email(normal_email(founder.email) or "") for founder in founders]
    accounts = [account for account in known if account is not None and account.role is Role.ADMINISTRATOR]
    waiting = {account.email for account in accounts if account.state is AccountState.INVITED}
    if organisation is None or len(accounts) != FOUNDERS or len(uow.accounts.all()) != FOUNDERS or not waiting:
        raise Conflict(N_("Installationen är redan grundad."))
    # Only while the two are all that there are: after that an invitation is a change by two like any other.
    left = [founder for founder in founders if normal_email(founder.email) in waiting]
    return Founded(organisation, tuple(_invite(ctx, uow, founder, organisation) for founder in left))


def _log(ctx: Context, uow: UnitOfWork, kind: EntryKind, organisation_id: str, facts: Mapping[str, Json]) -> None:
    uow.log.append(system_entry(ctx, kind, facts, organisation_id))
