"""Invitations and enrolment: a single-use link through which a person makes their own keys."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

import pyotp

from tipportal.domain.accounts import (
    INVITATION_SECONDS,
    Account,
    AccountState,
    Invitation,
    Role,
    needs_keys,
    normal_email,
    password_fault,
)
from tipportal.domain.errors import EnrolmentRefused, Invalid
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.notices import NoticeKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError

from .context import Context
from .entries import account_entry, system_entry
from .notices import tell
from .passkeys import Purpose, RelyingParty, new_challenge
from .sealedfiles import recipient_of, verification_key_of
from .secrets import open_secret, seal_secret
from .sign_in import HASHER, matching_step
from .ways import NewWay, check_enough, judged, keep

ENROL_CONTEXT = b"tipportal/enrol/v1\0"
_REFUSED = N_("Länken är redan använd, har gått ut eller är inte fullständig. Be en administratör om en ny.")


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as handed over: ``token`` goes into the link and is kept nowhere."""

    account: Account
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the enrolment page shows: who is invited, the secret for the one-time codes, and a passkey's challenge."""

    account: Account
    needs_keys: bool
    founding: bool
    challenge: bytes = field(repr=False)
    totp_secret: str = field(repr=False)
    totp_address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the browser hands in. Whoever signs what they do brings keys, and ways to them; an auditor has none."""

    token: str = field(repr=False)
    password: str = field(repr=False)
    otp: str = field(repr=False)
    recipient: bytes | None = None
    verification_key: bytes | None = None
    proof: bytes | None = field(default=None, repr=False)
    ways: tuple[NewWay, ...] = field(default=(), repr=False)


def invite(
    ctx: Context,
    uow: UnitOfWork,
    *,
    name: str,
    email: str,
    role: Role,
    organisation_id: str,
    unit_id: str | None,
    founding: bool = False,
) -> Invited:
    """Make an invited account and its single-use link, inside the caller's transaction. Raises Invalid, Conflict.

    The same invitation once more gives a new link and ends the old ones, while nobody has enrolled. ``founding``: one
    of the two first administrators, who are active as soon as they have enrolled.
    """
    normal = normal_email(email)
    if normal is None:
        raise Invalid(N_("Skriv en e-postadress, till exempel anna@exempel.se."), field="email")
    if not name.strip():
        raise Invalid(N_("Skriv personens namn."), field="name")
    known = uow.accounts.by_email(normal)
    if known is not None and known.state is AccountState.INVITED:
        asked = (known.name, known.role, known.organisation_id, known.unit_id)
        if asked == (name.strip(), role, organisation_id, unit_id):
            return Invited(known, new_link(ctx, uow, known, founding=founding))
    account = Account(
        id=ctx.new_id(),
        organisation_id=organisation_id,
        role=role,
        name=name.strip(),
        email=normal,
        state=AccountState.INVITED,
        unit_id=unit_id,
    )
    uow.accounts.add(account)
    return Invited(account, new_link(ctx, uow, account, founding=founding))


def welcome(ctx: Context, token: str) -> Welcome:
    """What the enrolment page shows for a link. Raises EnrolmentRefused, the same for unknown, used and expired."""
    with ctx.storage.read() as uow:
        invitation = uow.accounts.invitation(_digest(token))
        account = None if invitation is None else uow.accounts.by_id(invitation.account_id)
    if invitation is None or account is None or invitation.used_at is not None or invitation.expires_at <= ctx.clock():
        raise EnrolmentRefused(_REFUSED)
    secret = open_secret(ctx, "totp", invitation.totp_sealed)
    if secret is None:
        raise EnrolmentRefused(_REFUSED)
    address = pyotp.TOTP(secret.decode()).provisioning_uri(name=account.email, issuer_name="tipportal")
    challenge = new_challenge(ctx, Purpose.ENROL, invitation.token_digest)
    return Welcome(account, needs_keys(account.role), invitation.founding, challenge, secret.decode(), address)


def enrol(ctx: Context, enrolment: Enrolment, party: RelyingParty | None = None) -> Account:
    """Use a link: set the password, prove the one-time code, and keep the public keys and the ways to them.

    ``party``: who a passkey among them was made for; without it none is taken.

    Raises EnrolmentRefused, Conflict (a passkey that is somebody's), Invalid (password, otp, recipient,
    verification_key, proof, ways, label, file, passkey).
    A wrong field uses nothing up: the link still works. A link that was ours
    and is refused is logged although the request fails.
    """
    try:
        greeted = welcome(ctx, enrolment.token)
    except EnrolmentRefused:
        with ctx.storage.write() as uow:
            # A link that was never ours leaves nothing: otherwise anybody could make the log grow.
            if uow.accounts.invitation(_digest(enrolment.token)) is not None:
                _log_refusal(ctx, uow)
        raise
    fault = password_fault(enrolment.password)
    if fault is not None:
        raise Invalid(fault, field="password")
    counter = matching_step(greeted.totp_secret, enrolment.otp, ctx.clock())
    if counter is None:
        raise Invalid(N_("Engångskoden stämmer inte. Vänta på nästa kod och försök igen."), field="otp")
    keys = _keys(greeted, enrolment)
    binding = _digest(enrolment.token)
    ways = judged(ctx, party, Purpose.ENROL, binding, enrolment.ways)
    password_hash = HASHER.hash(enrolment.password)
    with ctx.storage.write() as uow:
        account = greeted.account
        used = uow.accounts.use_invitation(binding, ctx.clock())
        if used and uow.accounts.enrol(
            account.id,
            password_hash=password_hash,
            totp_sealed=seal_secret(ctx, "totp", greeted.totp_secret.encode()),
            totp_counter=counter,
            recipient=keys[0],
            verification_key=keys[1],
            state=_first_state(greeted),
        ):
            for way, answered in ways:
                keep(ctx, uow, account, way, answered)
            uow.log.append(
                account_entry(
                    ctx,
                    account,
                    EntryKind.ACCOUNT_ENROLLED,
                    {
                        "account": account.id,
                        "role": account.role.value,
                        # Public keys stand in the log so that signatures can be verified from an export alone.
                        "recipient": None if keys[0] is None else hashlib.sha256(keys[0]).hexdigest(),
                        "verification_key": None if keys[1] is None else keys[1].hex(),
                    },
                )
            )
            # Whoever used the link in the person's place is found out by this.
            tell(ctx, uow, account, NoticeKind.SIGN_IN)
            return uow.accounts.by_id(account.id) or account
        _log_refusal(ctx, uow)
    raise EnrolmentRefused(_REFUSED)


def _log_refusal(ctx: Context, uow: UnitOfWork) -> None:
    # Nothing of the link: whoever has an old one is not to be known by the log.
    uow.log.append(system_entry(ctx, EntryKind.ENROLMENT_REFUSED, {}))


def new_link(ctx: Context, uow: UnitOfWork, account: Account, *, founding: bool = False) -> str:
    """Make an invited account's single-use link, in the place of those that were not used: its token."""
    uow.accounts.withdraw_invitations(account.id)
    token = base64.urlsafe_b64encode(ctx.random(32)).decode().rstrip("=")
    secret = base64.b32encode(ctx.random(20)).decode()
    uow.accounts.add_invitation(
        Invitation(
            token_digest=_digest(token),
            organisation_id=account.organisation_id,
            account_id=account.id,
            expires_at=ctx.clock() + INVITATION_SECONDS,
            totp_sealed=seal_secret(ctx, "totp", secret.encode()),
            founding=founding,
        )
    )
    return token


def _first_state(greeted: Welcome) -> AccountState:
    # Without keys there is nothing to confirm; at the founding nobody is there to confirm them.
    return AccountState.ENROLLED if greeted.needs_keys and not greeted.founding else AccountState.ACTIVE


def _keys(greeted: Welcome, enrolment: Enrolment) -> tuple[bytes | None, bytes | None]:
    if not greeted.needs_keys:
        if enrolment.ways:
            raise Invalid(N_("Kontot har inga nycklar."), field="ways")
        return None, None
    if enrolment.recipient is None or enrolment.verification_key is None:
        raise Invalid(N_("Nycklarna saknas. Sidan behöver JavaScript för att skapa dem."), field="recipient")
    recipient_of(enrolment.recipient, field="recipient")
    key = verification_key_of(enrolment.verification_key, field="verification_key")
    check_enough(enrolment.ways)
    message = ENROL_CONTEXT + _digest(enrolment.token) + enrolment.recipient
    try:
        # Proof of possession: nobody can enrol with somebody else's public key.
        key.verify(enrolment.proof or b"", message)
    except EnvelopeError:
        raise Invalid(N_("Signaturen stämmer inte."), field="proof") from None
    return enrolment.recipient, enrolment.verification_key


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
