"""Setting up an installation: founding, organisations, units, functions, people, designations, opening channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tipportal.domain.accounts import Account, Role
from tipportal.domain.errors import Invalid, NotEntitled, NotFound
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.organisations import (
    Channel,
    Designation,
    Function,
    Ground,
    Organisation,
    OrganisationKind,
    Unit,
    valid_slug,
)
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.routing import Policy, staffing_faults
from tipportal.domain.texts import N_

from .context import Context
from .enrol import Invited, invite

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


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """A line of the administrator's checklist: an empty ``faults`` means that the channel may open."""

    organisation: Organisation
    channel: Channel
    open: bool
    faults: tuple[str, ...]


def found(ctx: Context, *, slug: str, name: str, kind: OrganisationKind, founders: Sequence[Founder]) -> Founded:
    """Found the installation: its random id, the host organisation, two administrators. Raises Invalid, Conflict."""
    if len({founder.email.strip().casefold() for founder in founders}) != FOUNDERS:
        raise Invalid(N_("En installation grundas av två olika administratörer."), field="administrator")
    with ctx.storage.write() as uow:
        installation_id = ctx.random(16)
        uow.found(installation_id, ctx.clock())
        organisation = _add_organisation(ctx, uow, slug=slug, name=name, kind=kind, listed=True)
        _log(ctx, uow, EntryKind.INSTALLATION_FOUNDED, organisation.id, {"installation": installation_id.hex()})
        _log(ctx, uow, EntryKind.ORGANISATION_ADDED, organisation.id, {"kind": kind.value, "slug": slug})
        invitations = tuple(
            _invite(
                ctx, uow, name=founder.name, email=founder.email, role=Role.ADMINISTRATOR, organisation=organisation
            )
            for founder in founders
        )
    return Founded(organisation, invitations)


def add_organisation(ctx: Context, *, slug: str, name: str, kind: OrganisationKind, listed: bool) -> Organisation:
    """Add an organisation. Raises Invalid, Conflict."""
    with ctx.storage.write() as uow:
        _must_be_founded(uow)
        organisation = _add_organisation(ctx, uow, slug=slug, name=name, kind=kind, listed=listed)
        _log(ctx, uow, EntryKind.ORGANISATION_ADDED, organisation.id, {"kind": kind.value, "slug": slug})
    return organisation


def add_unit(ctx: Context, *, organisation: str, name: str, external: bool) -> Unit:
    """Add a unit to an organisation (by slug). Raises NotFound, Invalid."""
    with ctx.storage.write() as uow:
        owner = _organisation(uow, organisation)
        unit = Unit(id=ctx.new_id(), organisation_id=owner.id, name=_named(name), external=external)
        uow.register.add_unit(unit)
        _log(ctx, uow, EntryKind.UNIT_ADDED, owner.id, {"unit": unit.id, "external": external})
    return unit


def add_function(ctx: Context, *, organisation: str, name: str) -> Function:
    """Add a function to an organisation (by slug). Raises NotFound, Invalid."""
    with ctx.storage.write() as uow:
        owner = _organisation(uow, organisation)
        function = Function(id=ctx.new_id(), organisation_id=owner.id, name=_named(name))
        uow.register.add_function(function)
        _log(ctx, uow, EntryKind.FUNCTION_ADDED, owner.id, {"function": function.id})
    return function


def invite_person(
    ctx: Context, *, organisation: str, name: str, email: str, role: Role, unit_id: str | None = None
) -> Invited:
    """Invite a person; a handler belongs to a unit. Raises NotFound, Invalid, Conflict."""
    with ctx.storage.write() as uow:
        owner = _organisation(uow, organisation)
        unit = None if unit_id is None else uow.register.unit(unit_id)
        if role is Role.HANDLER and (unit is None or unit.organisation_id != owner.id):
            raise Invalid(N_("En handläggare behöver höra till en enhet i organisationen."), field="unit")
        return _invite(ctx, uow, name=name, email=email, role=role, organisation=owner, unit=unit)


def designate(
    ctx: Context,
    *,
    function_id: str,
    account_id: str,
    ground: Ground,
    decision_number: str,
    decided_on: date,
    valid_from: date,
    valid_to: date | None = None,
    rank: int = 1,
) -> Designation:
    """Make a handler a member of a function by a decision (5 kap. 5 §). Raises NotFound, Invalid, NotEntitled."""
    if not decision_number.strip():
        raise Invalid(N_("Ange beslutets diarienummer."), field="decision_number")
    if valid_to is not None and valid_to < valid_from:
        raise Invalid(N_("Slutdatumet är före startdatumet."), field="valid_to")
    with ctx.storage.write() as uow:
        account = uow.accounts.by_id(account_id)
        function = uow.register.function(function_id)
        if account is None or function is None:
            raise NotFound(N_("Personen eller funktionen finns inte."))
        if account.role is not Role.HANDLER or account.unit_id is None:
            raise NotEntitled(N_("Bara handläggare som hör till en enhet kan utses."))
        designation = Designation(
            id=ctx.new_id(),
            organisation_id=function.organisation_id,
            function_id=function.id,
            account_id=account.id,
            unit_id=account.unit_id,
            ground=ground,
            decision_number=decision_number.strip(),
            decided_on=decided_on,
            valid_from=valid_from,
            valid_to=valid_to,
            rank=rank,
        )
        uow.register.add_designation(designation)
        facts: dict[str, Json] = {
            "designation": designation.id,
            "function": function.id,
            "account": account.id,
            "ground": ground.value,
            "decision": designation.decision_number,
            "valid_from": valid_from.isoformat(),
            "valid_to": None if valid_to is None else valid_to.isoformat(),
        }
        _log(ctx, uow, EntryKind.DESIGNATION_MADE, function.organisation_id, facts)
    return designation


def open_channels(ctx: Context, *, organisation: str, routes: Mapping[Channel, tuple[str, str]]) -> Policy:
    """Activate the next policy version of an organisation.

    ``routes``: per channel the default function's id and the receiving authority's slug.
    A default function that cannot form a panel is refused here, with the reasons, and never at the citizen.
    Raises NotFound, Invalid (empty policy), NotEntitled. The refusal is logged.
    """
    if not routes:
        raise Invalid(N_("Ange minst en kanal."), field="channel")
    with ctx.storage.write() as uow:
        owner = _organisation(uow, organisation)
        functions = [function_id for function_id, _ in routes.values()]
        if any(uow.register.function(function_id) is None for function_id in functions):
            raise NotFound(N_("Funktionen finns inte."))
        faults = [fault for function_id in functions for fault in _faults(ctx, uow, function_id)]
        if not faults:
            current = uow.register.policy(owner.id)
            policy = Policy(
                organisation_id=owner.id,
                version=0 if current is None else current.version + 1,
                default_function={channel: function_id for channel, (function_id, _) in routes.items()},
                authority={channel: _organisation(uow, slug).id for channel, (_, slug) in routes.items()},
            )
            uow.register.add_policy(policy, ctx.clock())
            facts: dict[str, Json] = {
                "version": policy.version,
                "default": {channel.value: function_id for channel, function_id in policy.default_function.items()},
                "authority": {channel.value: authority for channel, authority in policy.authority.items()},
            }
            _log(ctx, uow, EntryKind.POLICY_ACTIVATED, owner.id, facts)
            return policy
        _log(ctx, uow, EntryKind.POLICY_REFUSED, owner.id, {"faults": len(faults)})
    raise NotEntitled(" ".join(dict.fromkeys(faults)))


def present_routes(ctx: Context, organisation: str) -> dict[Channel, tuple[str, str]]:
    """The routes in force of an organisation (by slug), as ``open_channels`` takes them. Raises NotFound."""
    with ctx.storage.read() as uow:
        owner = _organisation(uow, organisation)
        policy = uow.register.policy(owner.id)
        if policy is None:
            return {}
        slugs = {known.id: known.slug for known in uow.register.organisations()}
        return {
            channel: (function_id, slugs[policy.authority[channel]])
            for channel, function_id in policy.default_function.items()
        }


def checklist(ctx: Context) -> tuple[ChannelStatus, ...]:
    """Which channels are open, and what is wrong with each today."""
    with ctx.storage.read() as uow:
        lines = []
        for organisation in uow.register.organisations():
            policy = uow.register.policy(organisation.id)
            if not organisation.listed:
                continue
            for channel in Channel:
                function_id = None if policy is None else policy.default_function.get(channel)
                faults = (
                    ("Kanalen har ingen mottagande funktion.",)
                    if function_id is None
                    else _faults(ctx, uow, function_id)
                )
                lines.append(ChannelStatus(organisation, channel, function_id is not None, tuple(faults)))
    return tuple(lines)


def people(ctx: Context) -> tuple[Account, ...]:
    """All accounts, for the administrator's register."""
    with ctx.storage.read() as uow:
        return tuple(uow.accounts.all())


def _faults(ctx: Context, uow: UnitOfWork, function_id: str) -> tuple[str, ...]:
    return staffing_faults(uow.register.candidates(function_id, ctx.today()))


def _add_organisation(
    ctx: Context, uow: UnitOfWork, *, slug: str, name: str, kind: OrganisationKind, listed: bool
) -> Organisation:
    if not valid_slug(slug):
        raise Invalid(
            N_("Adressnamnet får bara ha a–z, 0–9 och bindestreck, och får inte vara upptaget av portalen."),
            field="slug",
        )
    organisation = Organisation(id=ctx.new_id(), slug=slug, name=_named(name), kind=kind, listed=listed)
    uow.register.add_organisation(organisation)
    return organisation


def _invite(
    ctx: Context,
    uow: UnitOfWork,
    *,
    name: str,
    email: str,
    role: Role,
    organisation: Organisation,
    unit: Unit | None = None,
) -> Invited:
    unit_id = None if unit is None else unit.id
    invited = invite(ctx, uow, name=name, email=email, role=role, organisation_id=organisation.id, unit_id=unit_id)
    facts: dict[str, Json] = {"account": invited.account.id, "role": role.value, "unit": unit_id}
    _log(ctx, uow, EntryKind.ACCOUNT_INVITED, organisation.id, facts)
    return invited


def _organisation(uow: UnitOfWork, slug: str) -> Organisation:
    organisation = uow.register.organisation(slug)
    if organisation is None:
        raise NotFound(N_("Organisationen finns inte."))
    return organisation


def _must_be_founded(uow: UnitOfWork) -> None:
    if uow.installation_id() is None:
        raise NotEntitled(N_("Installationen är inte grundad. Kör först: tipportal found"))


def _named(name: str) -> str:
    if not name.strip():
        raise Invalid(N_("Skriv ett namn."), field="name")
    return name.strip()


def _log(ctx: Context, uow: UnitOfWork, kind: EntryKind, organisation_id: str, facts: dict[str, Json]) -> None:
    uow.log.append(
        Entry(kind=kind, time=ctx.clock(), actor="system", organisation_id=organisation_id, case=None, facts=facts)
    )
