"""Signing in with password and one-time code, sessions, and unlocking the handler identity."""

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
from tipportal.domain.texts import N_

from .context import Context
from .secrets import open_secret

# RFC 9106, section 4, second recommended option (64 MiB, 3 passes), in one lane: the pool has one worker per core.
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
TOTP_STEP = 30
_DUMMY = HASHER.hash("no account has this password")
_DUMMY_TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# As long as a sealed secret: nonce, 32 characters of base32, tag.
_NO_SECRET = bytes(12 + 32 + 16)
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
    """What the browser needs to unlock: the passphrase-sealed identity, and the key for sessionStorage."""

    account: Account
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
    counter = _matching_step(ctx, account, otp)
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
            session = Session(
                id_digest=_digest(secret),
                organisation_id=account.organisation_id,
                account_id=account.id,
                created_at=now,
            )
            uow.accounts.add_session(session)
            uow.log.append(_entry(ctx, EntryKind.SIGNED_IN, account))
            return SignedIn(account, secret)
        # No address in the entry: a typed address may be anybody's, and the log is a public record.
        uow.log.append(_entry(ctx, EntryKind.SIGN_IN_REFUSED, None))
    raise SignInRefused(_REFUSED)


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


def sign_out(ctx: Context, account: Account, session: Session) -> None:
    """End a session: the cookie is worth nothing from now on."""
    with ctx.storage.write() as uow:
        uow.accounts.delete_session(session.id_digest)
        uow.log.append(_entry(ctx, EntryKind.SIGNED_OUT, account))


def unlock(ctx: Context, account: Account, session: Session) -> Unlock:
    """Hand out the sealed identity and a fresh storage key for the session. Raises NotEntitled without keys."""
    if account.identity_file is None or account.recipient is None:
        raise NotEntitled(N_("Kontot har inga nycklar att låsa upp."))
    now = ctx.clock()
    # A second tab of the same session shares the key of the first: a new one would lock the first without a word.
    held = session.storage_key if session.unlocked_until > now else None
    key = held or ctx.random(32)
    with ctx.storage.write() as uow:
        uow.accounts.set_storage_key(session.id_digest, key, now + UNLOCK_IDLE_SECONDS)
        uow.log.append(_entry(ctx, EntryKind.IDENTITY_UNLOCKED, account))
    return Unlock(account, key)


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


def _matching_step(ctx: Context, account: Account | None, otp: str) -> int | None:
    # Without an account something is opened too, so that nobody is told apart by what is left out.
    sealed = None if account is None else account.totp_sealed
    secret = open_secret(ctx, "totp", sealed or _NO_SECRET)
    step = matching_step(secret.decode() if secret is not None else _DUMMY_TOTP, otp, ctx.clock())
    return step if secret is not None else None


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _entry(ctx: Context, kind: EntryKind, account: Account | None) -> Entry:
    return Entry(
        kind=kind,
        time=ctx.clock(),
        actor="system" if account is None else account.id,
        organisation_id=None if account is None else account.organisation_id,
        case=None,
        facts={},
    )
