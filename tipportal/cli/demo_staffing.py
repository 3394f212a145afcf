"""The demo's people: the smallest honest staffing of a municipality of 10,000, set up through the real use cases."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

import pyotp

from tipportal.domain.accounts import Account, Role
from tipportal.domain.organisations import Channel, Function, Ground, OrganisationKind, Unit
from tipportal.envelope import HybridIdentity
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.passphrase import HandlerIdentity, machine_passphrase, seal_identity_file
from tipportal.usecases import administer, enrol
from tipportal.usecases.context import Context

WORK_FACTOR = 15
DECIDED, IN_FORCE = timedelta(days=230), timedelta(days=200)
"""How long before the founding the handlers were designated, and since when that holds."""
SLUG = "bjorkvik"


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person with what they need to sign in. Only a demo writes such things down."""

    name: str
    title: str
    role: str
    email: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    passphrase: str = field(repr=False)

    def as_json(self) -> dict[str, str]:
        """The person as ``--json`` prints them (contract)."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Member:
    """A person with their account and, for a handler, keys."""

    person: Person
    account: Account
    identity: HandlerIdentity | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Municipality:
    """The staffed demo."""

    function: Function
    members: tuple[Member, ...]

    def handlers(self) -> tuple[Member, ...]:
        """Those who can be on a panel, in the order of ``HANDLERS``."""
        return tuple(member for member in self.members if member.account.role is Role.HANDLER)

    def named(self, name: str) -> Member:
        """The one whose name begins so. Raises StopIteration when nobody is called that."""
        return next(member for member in self.members if member.person.name.startswith(name))

    def by_recipient(self, recipient: bytes) -> Member:
        """The handler whose public key this is (1,216 bytes)."""
        return next(member for member in self.members if member.account.recipient == recipient)


@dataclass(frozen=True, slots=True)
class _Post:
    name: str
    title: str
    organisation: str
    unit: str
    rank: int
    ground: Ground = Ground.EMPLOYMENT


HANDLERS = (
    _Post("Anna Lindqvist", "kommunjurist", "bjorkvik", "Kommunkansliet", 1),
    _Post("Johan Ek", "controller", "bjorkvik", "Ekonomienheten", 1),
    _Post("Maria Sund", "utredare i grannkommunen", "alvnas", "Kansliet i Älvnäs", 2),
    _Post("Erik Holm", "internrevisor i grannkommunen", "alvnas", "Revisionsenheten i Älvnäs", 2),
    _Post("Sara Nyberg", "advokat, externt ombud", "advokat", "Advokatbyrån Norra", 9, Ground.CONTRACT_5_5),
)
ADMINISTRATORS = (
    administer.Founder("Karin Berg", "karin.berg@bjorkvik.example"),
    administer.Founder("Olof Dahl", "olof.dahl@alvnas.example"),
)


def staff(ctx: Context) -> Municipality:
    """Found the demo, enrol everybody, designate the handlers, and open both channels."""
    founded = administer.found(
        ctx, slug=SLUG, name="Björkviks kommun", kind=OrganisationKind.MUNICIPALITY, founders=ADMINISTRATORS
    )
    administer.add_organisation(
        ctx, slug="alvnas", name="Älvnäs kommun", kind=OrganisationKind.MUNICIPALITY, listed=False
    )
    administer.add_organisation(
        ctx, slug="advokat", name="Advokatbyrån Norra", kind=OrganisationKind.EXTERNAL, listed=False
    )
    members = [enrol_person(ctx, invited, "administratör") for invited in founded.invitations]
    auditor = administer.invite_person(
        ctx, organisation=SLUG, name="Lena Ström", email="lena.strom@bjorkvik.example", role=Role.AUDITOR
    )
    members.append(enrol_person(ctx, auditor, "förtroendevald revisor"))
    function = administer.add_function(ctx, organisation=SLUG, name="Visselblåsarfunktionen")
    for post in HANDLERS:
        member = _employ(ctx, post)
        _designate(ctx, function, member.account, post)
        members.append(member)
    route = (function.id, SLUG)
    administer.open_channels(ctx, organisation=SLUG, routes={Channel.TIP: route, Channel.REPORT: route})
    return Municipality(function, tuple(members))


def enrol_person(ctx: Context, invited: enrol.Invited, title: str) -> Member:
    """Do in the person's place what their browser does at enrolment."""
    welcome = enrol.welcome(ctx, invited.token)
    password = machine_passphrase(ctx.random)
    passphrase = machine_passphrase(ctx.random) if welcome.needs_keys else ""
    identity = None
    enrolment = enrol.Enrolment(
        token=invited.token, password=password, otp=pyotp.TOTP(welcome.totp_secret).at(ctx.clock())
    )
    if welcome.needs_keys:
        identity = HandlerIdentity(identity=HybridIdentity(ctx.random(32)), signing_key=SigningKey(ctx.random(32)))
        recipient = identity.identity.recipient.raw
        digest = hashlib.sha256(invited.token.encode()).digest()
        enrolment = replace(
            enrolment,
            recipient=recipient,
            verification_key=identity.signing_key.verification_key.raw,
            identity_file=seal_identity_file(identity, passphrase, random=ctx.random, work_factor=WORK_FACTOR),
            proof=identity.signing_key.sign(enrol.ENROL_CONTEXT + digest + recipient),
        )
    enrol.enrol(ctx, enrolment)
    with ctx.storage.read() as uow:
        account = uow.accounts.by_id(invited.account.id) or invited.account
    person = Person(
        name=account.name,
        title=title,
        role=account.role.value,
        email=account.email,
        password=password,
        totp_secret=welcome.totp_secret,
        passphrase=passphrase,
    )
    return Member(person, account, identity)


def _employ(ctx: Context, post: _Post) -> Member:
    unit: Unit = administer.add_unit(
        ctx, organisation=post.organisation, name=post.unit, external=post.ground is Ground.CONTRACT_5_5
    )
    email = f"{post.name.split()[0].lower()}.{post.name.split()[1].lower()}@{post.organisation}.example"
    invited = administer.invite_person(
        ctx, organisation=post.organisation, name=post.name, email=email, role=Role.HANDLER, unit_id=unit.id
    )
    return enrol_person(ctx, invited, post.title)


def _designate(ctx: Context, function: Function, account: Account, post: _Post) -> None:
    decided_on = ctx.today() - DECIDED
    administer.designate(
        ctx,
        function_id=function.id,
        account_id=account.id,
        ground=post.ground,
        decision_number=f"KS {decided_on.year}/118",
        decided_on=decided_on,
        valid_from=ctx.today() - IN_FORCE,
        rank=post.rank,
    )
