"""Signing in with password and one-time code or with a passkey, sessions, and unlocking a person's keys."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tipportal.domain.accounts import (
    SESSION_SECONDS,
    UNLOCK_IDLE_SECONDS,
    Account,
    AccountState,
    Session,
    normal_email,
)
from tipportal.domain.errors import Locked, NotEntitled, SignInRefused
from tipportal.domain.handlinglog import Entry, EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.ways import KeyWay

from .context import Context
from .entries import account_entry, system_entry
from .passkeys import Answered, Assertion, Purpose, RelyingParty, asserted
from .secrets import open_secret

# RFC 9106, section 4, second recommended option (64 MiB, 3 passes), in one lane: the pool has one worker per core.
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
TOTP_STEP = 30
# Of a password that nobody has kept, at HASHER's own cost: made once, for each command would wait for it at its start.
_DUMMY = (
    "$argon2id$v=19$m=65536,t=3,p=1$Pb0gedEVsjX7eb9akK0JTA"
    "$tAPincY0Hb01tai8cr9/q2S+GAMolum+Io6t9EuHVTs"  # pragma: allowlist secret
)
_DUMMY_TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# As long as a sealed secret: nonce, 32 characters of base32, tag.
_NO_SECRET = bytes(12 + 32 + 16)
# An Ed25519 key (COSE, RFC 9053) that is nobody's: judged for the sake of its time, and dropped whatever comes of it.
_NOBODYS_KEY = bytes.fromhex("a4010103272006215820") + bytes.fromhex("58" + 30 * "66" + "e6")
_PASSKEY_REFUSED = N_("Passkeyn känns inte igen här. Försök igen, eller logga in med lösenord och engångskod.")
_REFUSED = N_(
    "E-postadressen, lösenordet eller engångskoden stämmer inte. Kontrollera och försök igen med en ny engångskod."
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: ``secret`` goes into the cookie and is kept nowhere else."""

    account: Account
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unlock:
    """What the browser needs to unlock: the sealed identity, once for each way, and the key for sessionStorage."""

    account: Account
    ways: tuple[KeyWay, ...]
    storage_key: bytes = field(repr=False)


def check_password(account: Account | None, password: str) -> bool:
    """Verify a password. Slow on purpose, equally slow without an account: for the KDF pool, outside transactions."""
    stored = account.password_hash if account is not None and account.state is AccountState.ACTIVE else None
    try:
        HASHER.verify(stored or _DUMMY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def sign_in(ctx: Context, email: str, password: str, otp: str) -> SignedIn:
    """Sign in. Unknown address, wrong password and wrong code take the same steps and give the same answer.

    Raises SignInRefused. The refusal is logged although the request fails.
    """
    normal = normal_email(email)
    with ctx.storage.read() as uow:
        account = uow.accounts.by_email(normal) if normal else None
    password_right = check_password(account, password)
    counter = check_otp(ctx, account, otp)
    secret = ctx.random(32)
    now = ctx.clock()
    with ctx.storage.write() as uow:
        accepted = (
            account is not None
            and password_right
            and counter is not None
            # One conditional UPDATE: a code is taken once, also by two requests at the same time.
            and uow.accounts.use_totp(account.id, counter)
        )
        if accepted and account is not None:
            return _begin(ctx, uow, account, secret, now)
        # No address in the entry: a typed address may be anybody's, and the log is a public record.
        uow.log.append(_entry(ctx, EntryKind.SIGN_IN_REFUSED, None))
    raise SignInRefused(_REFUSED)


def sign_in_with_passkey(ctx: Context, party: RelyingParty, binding: bytes, assertion: Assertion) -> SignedIn:
    """Sign in with a passkey: who somebody is and that they are there, in one act of their device.

    ``binding``: what the challenge was bound to. An unknown passkey takes the same steps as a wrong answer. Raises
    SignInRefused. The refusal is logged although the request fails.
    """
    way, answered = check_passkey(ctx, party, Purpose.SIGN_IN, binding, assertion)
    secret = ctx.random(32)
    now = ctx.clock()
    with ctx.storage.write() as uow:
        account = uow.accounts.by_id("" if way is None else way.account_id)
        active = account is not None and account.state is AccountState.ACTIVE
        if active and use_passkey(uow, way, answered) and account is not None:
            return _begin(ctx, uow, account, secret, now)
        uow.log.append(_entry(ctx, EntryKind.SIGN_IN_REFUSED, None))
    raise SignInRefused(_PASSKEY_REFUSED)


def check_passkey(
    ctx: Context, party: RelyingParty, purpose: Purpose, binding: bytes, assertion: Assertion
) -> tuple[KeyWay | None, Answered | None]:
    """Judge a passkey's answer, outside transactions: whose way it is, and the answer if it is right."""
    with ctx.storage.read() as uow:
        way = uow.ways.by_credential(assertion.credential_id)
    # Without a passkey of ours a signature is judged too, so that nobody is told apart by what is left out.
    key = way.public_key if way is not None and way.public_key is not None else _NOBODYS_KEY
    answered = asserted(ctx, party, purpose, binding, assertion, key)
    return way, answered if way is not None else None


def use_passkey(uow: UnitOfWork, way: KeyWay | None, answered: Answered | None) -> bool:
    """Use a right answer up, in the transaction of what it allows; False when it is none, or was used before.

    Each is one conditional statement: an answer is taken once, also by two requests at the same time. A counter that
    does not go on from the last one is that of a copy.
    """
    return (
        way is not None
        and answered is not None
        and uow.ways.spend(answered.digest, answered.expires_at)
        and uow.ways.count_use(way.id, answered.sign_count)
    )


def account_of(ctx: Context, secret: bytes | None) -> tuple[Account, Session] | None:
    """Whose session a cookie's secret opens; None for unknown, expired or no longer active."""
    if secret is None:
        return None
    with ctx.storage.read() as uow:
        session = uow.accounts.session(_digest(secret))
        if session is None or session.created_at + SESSION_SECONDS <= ctx.clock():
            return None
        account = uow.accounts.by_id(session.account_id)
    if account is None or account.state is not AccountState.ACTIVE:
        return None
    return account, session


def is_designated(ctx: Context, account: Account) -> bool:
    """Whether a decision in force today makes a handler a member of some function: without one nobody reaches a case.

    A decision's last day ends at midnight in Stockholm, whoever is signed in.
    """
    with ctx.storage.read() as uow:
        return uow.register.is_designated(account.id, ctx.today())


def sign_out(ctx: Context, account: Account, session: Session) -> None:
    """End a session: the cookie is worth nothing from now on."""
    with ctx.storage.write() as uow:
        uow.accounts.delete_session(session.id_digest)
        uow.log.append(_entry(ctx, EntryKind.SIGNED_OUT, account))


def unlock(ctx: Context, account: Account, session: Session) -> Unlock:
    """Hand out the sealed identity and a fresh storage key for the session. Raises NotEntitled without keys."""
    if account.recipient is None:
        raise NotEntitled(N_("Kontot har inga nycklar att låsa upp."))
    now = ctx.clock()
    # A second tab of the same session shares the key of the first: a new one would lock the first without a word.
    held = session.storage_key if session.unlocked_until > now else None
    key = held or ctx.random(32)
    with ctx.storage.write() as uow:
        uow.accounts.set_storage_key(session.id_digest, key, now + UNLOCK_IDLE_SECONDS)
        uow.log.append(_entry(ctx, EntryKind.IDENTITY_UNLOCKED, account))
        ways = tuple(uow.ways.of(account.id))
    return Unlock(account, ways, key)


def storage_key(ctx: Context, session: Session) -> bytes:
    """The storage key while the identity is unlocked; asking moves the idle limit. Raises Locked."""
    now = ctx.clock()
    if session.storage_key is None or session.unlocked_until <= now:
        if session.storage_key is not None:
            lock(ctx, session)
        raise Locked(N_("Lås upp med din lösenfras."))
    with ctx.storage.write() as uow:
        uow.accounts.set_storage_key(session.id_digest, session.storage_key, now + UNLOCK_IDLE_SECONDS)
    return session.storage_key


def lock(ctx: Context, session: Session) -> Session:
    """Forget the storage key: what lies in sessionStorage can no longer be opened."""
    with ctx.storage.write() as uow:
        uow.accounts.set_storage_key(session.id_digest, None, 0)
    return replace(session, storage_key=None, unlocked_until=0)


def matching_step(secret: str, otp: str, now: int) -> int | None:
    """The time step (RFC 6238) of a one-time code, one step of drift either way; None when it fits none."""
    digits = "".join(character for character in otp if not character.isspace())
    totp = pyotp.TOTP(secret, interval=TOTP_STEP)
    step = now // TOTP_STEP
    found = None
    for candidate in (step - 1, step, step + 1):
        # All three are always compared, so time tells nothing about which one it was.
        if hmac.compare_digest(totp.at(candidate * TOTP_STEP).encode(), digits.encode()):
            found = candidate
    return found


def check_otp(ctx: Context, account: Account | None, otp: str) -> int | None:
    """The time step of an account's one-time code; None when it is wrong, or there is no account."""
    # Without an account something is opened too, so that nobody is told apart by what is left out.
    sealed = None if account is None else account.totp_sealed
    secret = open_secret(ctx, "totp", sealed or _NO_SECRET)
    step = matching_step(secret.decode() if secret is not None else _DUMMY_TOTP, otp, ctx.clock())
    return step if secret is not None else None


def _begin(ctx: Context, uow: UnitOfWork, account: Account, secret: bytes, now: int) -> SignedIn:
    session = Session(
        id_digest=_digest(secret),
        organisation_id=account.organisation_id,
        account_id=account.id,
        created_at=now,
        confirmed_at=now,
    )
    uow.accounts.add_session(session)
    uow.log.append(_entry(ctx, EntryKind.SIGNED_IN, account))
    return SignedIn(account, secret)


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _entry(ctx: Context, kind: EntryKind, account: Account | None) -> Entry:
    return system_entry(ctx, kind, {}) if account is None else account_entry(ctx, account, kind)
