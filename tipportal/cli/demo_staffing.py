"""The demo's people: the smallest honest staffing of a municipality of 10,000, set up through the real use cases."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

import pyotp

from tipportal.domain.accounts import Account, Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Function, Ground, OrganisationKind
from tipportal.domain.ways import WayKind
from tipportal.envelope import HybridIdentity
from tipportal.envelope.checkphrase import check_phrase
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.passphrase import HandlerIdentity, machine_passphrase, seal_identity_file
from tipportal.usecases import administer, enrol
from tipportal.usecases.changing.invite import link_of
from tipportal.usecases.context import Context
from tipportal.usecases.ways import NewWay

from .demo_changes import Administrator, Administrators, Operation
from .demo_directory import publish
from .demo_policy import Decision, activate, decision, open_channels, policy_of, record_decisions
from .demo_trustees import DemoTrustee, appoint, rehearse

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


NOBODY = Function("", "", "")


@dataclass(frozen=True, slots=True)
class Municipality:
    """The staffed demo."""

    function: Function
    members: tuple[Member, ...]
    counsel: Function = NOBODY
    trustees: tuple[DemoTrustee, ...] = field(default=(), repr=False)

    def administrators(self, ctx: Context) -> Administrators:
        """The two founders, at work on an installation."""
        founders = [member for member in self.members if member.account.role is Role.ADMINISTRATOR]
        return Administrators(ctx, *map(signer, founders[: administer.FOUNDERS]))

    def handlers(self) -> tuple[Member, ...]:
        """Those who can be on a panel, in the order of ``HANDLERS``."""
        return tuple(member for member in self.members if member.account.role is Role.HANDLER)

    def outsiders(self) -> tuple[Member, ...]:
        """The handlers from elsewhere, who are the counsel."""
        elsewhere = {post.name for post in HANDLERS if post.organisation != SLUG}
        return tuple(member for member in self.handlers() if member.person.name in elsewhere)

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
AUDITOR = ("Lena Ström", "lena.strom@bjorkvik.example")
FUNCTION, COUNSEL = "Visselblåsarfunktionen", "Externt ombud"
EXTERNAL = "advokat"
OTHERS = (
    ("alvnas", "Älvnäs kommun", OrganisationKind.MUNICIPALITY),
    (EXTERNAL, "Advokatbyrån Norra", OrganisationKind.EXTERNAL),
)


def staff(ctx: Context) -> Municipality:
    """Found the demo, enrol everybody, designate the handlers, and open both channels."""
    founded = administer.found(
        ctx, slug=SLUG, name="Björkviks kommun", kind=OrganisationKind.MUNICIPALITY, founders=ADMINISTRATORS
    )
    return set_up(ctx, founded.organisation.id, founded.invitations)


def set_up(ctx: Context, home: str, invitations: Sequence[enrol.Invited]) -> Municipality:
    """What the two founders do in the municipality (its id) that they have been invited to."""
    founders = [enrol_person(ctx, invited, "administratör") for invited in invitations]
    two = Administrators(ctx, *map(signer, founders))
    register = _Register(ctx, home)
    two.register(register.operations())
    name, email = AUDITOR
    auditor = invite(two, "förtroendevald revisor", name=name, email=email, role=Role.AUDITOR, organisation=home)
    handlers = [register.employ(two, post) for post in HANDLERS]
    two.register(register.designations(handlers))
    municipality = Municipality(
        Function(register.function, home, FUNCTION),
        (*founders, auditor, *handlers),
        Function(register.counsel, home, COUNSEL),
    )
    prepare_organisation(two, municipality, home, home)
    municipality = replace(municipality, trustees=appoint(two, decided(ctx, home)))
    publish(two)
    rehearse(two, municipality.trustees)
    open_channels(two, decided(ctx, home))
    return municipality


def prepare_organisation(two: Administrators, municipality: Municipality, organisation: str, authority: str) -> None:
    """Let an organisation (id) use the municipality's function: its policy, and the decisions that are asked for."""
    by = decided(two.ctx, organisation)
    policy = policy_of(
        organisation,
        authority,
        (municipality.function.id, municipality.function.name, ids(municipality.handlers())),
        (municipality.counsel.id, municipality.counsel.name, ids(municipality.outsiders())),
    )
    activate(two, policy, by)
    record_decisions(two, by)


def decided(ctx: Context, organisation: str) -> Decision:
    """The one decision of an organisation on everything in the demo."""
    on = ctx.today() - DECIDED
    return decision(organisation, f"KS {on.year}/118", on)


def ids(members: Sequence[Member]) -> list[str]:
    """The members' ids."""
    return [member.account.id for member in members]


def signer(member: Member) -> Administrator:
    """An administrator with the key that they enrolled with. Raises ValueError for somebody without keys."""
    if member.identity is None:
        raise ValueError(member.person.name)
    return Administrator(member.account, member.identity.signing_key)


def invite(
    two: Administrators, title: str, *, name: str, email: str, role: Role, organisation: str, unit: str | None = None
) -> Member:
    """Invite somebody by two, enrol them, and have two confirm their keys."""
    ctx = two.ctx
    payload: dict[str, Json] = {
        "account": ctx.new_id(),
        "name": name,
        "email": email,
        "role": role.value,
        "organisation": organisation,
        "unit": unit,
        "decision": None,
    }
    change_id, act = two.propose(ChangeKind.INVITE, payload)
    two.approve(change_id, act)
    with ctx.storage.read() as uow:
        account = uow.accounts.by_id(str(payload["account"]))
    if account is None:
        raise LookupError(name)
    token = link_of(ctx, two.proposer.account, change_id)
    return confirm_keys(two, enrol_person(ctx, enrol.Invited(account, token), title))


def confirm_keys(two: Administrators, member: Member) -> Member:
    """Have two administrators confirm somebody's keys, with the six words that they read out."""
    if member.identity is None:
        return member
    recipient, key = member.identity.identity.recipient, member.identity.signing_key.verification_key
    payload: dict[str, Json] = {
        "account": member.account.id,
        "recipient": hashlib.sha256(recipient.raw).hexdigest(),
        "verification_key": base64.b64encode(key.raw).decode(),
    }
    two.make(ChangeKind.KEYS, payload, {"check_phrase": check_phrase(recipient, key)})
    with two.ctx.storage.read() as uow:
        return replace(member, account=uow.accounts.by_id(member.account.id) or member.account)


def enrol_person(ctx: Context, invited: enrol.Invited, title: str) -> Member:
    """Do in the person's place what their browser does at enrolment."""
    welcome = enrol.welcome(ctx, invited.token)
    password = machine_passphrase(ctx.random)
    passphrase = machine_passphrase(ctx.random) if welcome.needs_keys else ""
    # The second way, on paper in a safe: nobody needs it in the demo.
    reserve = machine_passphrase(ctx.random)
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
            ways=(_way(ctx, identity, "Lösenfras", passphrase), _way(ctx, identity, "Reserv", reserve)),
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


def _way(ctx: Context, identity: HandlerIdentity, label: str, passphrase: str) -> NewWay:
    file = seal_identity_file(identity, passphrase, random=ctx.random, work_factor=WORK_FACTOR)
    return NewWay(WayKind.PASSPHRASE, label, file)


class _Register:
    """What stands in the demo's register, under ids of its own."""

    def __init__(self, ctx: Context, home: str) -> None:
        self._ctx = ctx
        self._owners = {SLUG: home, **{slug: ctx.new_id() for slug, _, _ in OTHERS}}
        self._units = {post.unit: ctx.new_id() for post in HANDLERS}
        self.function, self.counsel = ctx.new_id(), ctx.new_id()
        self._home = home

    def operations(self) -> list[Operation]:
        """Organisations, units and functions."""
        return [
            *(
                {
                    "do": "add_organisation",
                    "id": self._owners[slug],
                    "slug": slug,
                    "name": name,
                    "kind": kind.value,
                    "listed": False,
                    "part_of": None,
                }
                for slug, name, kind in OTHERS
            ),
            *(
                {
                    "do": "add_unit",
                    "id": self._units[post.unit],
                    "organisation": self._owners[post.organisation],
                    "name": post.unit,
                    "external": post.organisation == EXTERNAL,
                    "parent": None,
                    "head": None,
                }
                for post in HANDLERS
            ),
            *(
                {"do": "add_function", "id": id_, "organisation": self._home, "name": name}
                for id_, name in ((self.function, FUNCTION), (self.counsel, COUNSEL))
            ),
        ]

    def employ(self, two: Administrators, post: _Post) -> Member:
        """A handler of the demo."""
        first, last = (part.lower() for part in post.name.split())
        email = f"{first}.{last}@{post.organisation}.example"
        owner, unit = self._owners[post.organisation], self._units[post.unit]
        return invite(two, post.title, name=post.name, email=email, role=Role.HANDLER, organisation=owner, unit=unit)

    def designations(self, handlers: Sequence[Member]) -> list[Operation]:
        """Everybody to the function, and those from elsewhere to the counsel."""
        found = []
        for member, post in zip(handlers, HANDLERS, strict=True):
            functions = (self.function,) if post.organisation == SLUG else (self.function, self.counsel)
            found += [designate(self._ctx, each, member, post.ground, post.rank) for each in functions]
        return found


def designate(ctx: Context, function: str, member: Member, ground: Ground, rank: int, number: str = "") -> Operation:
    """The operation that makes somebody a member of a function (id), by the demo's decision or another."""
    decided_on = ctx.today() - DECIDED
    return {
        "do": "designate",
        "id": ctx.new_id(),
        "function": function,
        "person": member.account.id,
        "ground": ground.value,
        "decision_number": number or f"KS {decided_on.year}/118",
        "decided_on": decided_on.isoformat(),
        "valid_from": (ctx.today() - IN_FORCE).isoformat(),
        "valid_to": None,
        "rank": rank,
    }
