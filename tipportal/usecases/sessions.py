"""A person's own sessions, and showing once more who they are before they change what lets them in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import date

from tipportal.domain.accounts import SESSION_SECONDS, Account, Session
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.errors import ConfirmFirst, NotFound, SignInRefused
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.ways import CONFIRMED_SECONDS

from .context import Context
from .entries import account_entry
from .passkeys import Assertion, Purpose, RelyingParty
from .sign_in import check_otp, check_passkey, check_password, use_passkey

_REFUSED = N_("Lösenordet, engångskoden eller passkeyn stämmer inte. Försök igen med en ny engångskod.")


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session as its owner sees it: the day it began, nothing of where. ``handle`` names it to its owner alone."""

    handle: str = field(repr=False)
    begun_on: date
    is_this: bool


def require_confirmed(ctx: Context, session: Session) -> None:
    """Raise ConfirmFirst unless the session's owner showed who they are within the last five minutes."""
    if not is_confirmed(ctx, session):
        raise ConfirmFirst(N_("Visa först vem du är: med lösenord och engångskod, eller med en passkey."))


def is_confirmed(ctx: Context, session: Session) -> bool:
    """Whether the session's owner showed who they are within the last five minutes."""
    return session.confirmed_at <= ctx.clock() < session.confirmed_at + CONFIRMED_SECONDS


def confirm_with_password(ctx: Context, account: Account, session: Session, password: str, otp: str) -> None:
    """Show who one is with password and one-time code: for the KDF pool. Raises SignInRefused; a refusal is logged."""
    right = check_password(account, password)
    counter = check_otp(ctx, account, otp)
    with ctx.storage.write() as uow:
        if right and counter is not None and uow.accounts.use_totp(account.id, counter):
            return uow.accounts.confirm_session(session.id_digest, ctx.clock())
        _log(ctx, uow, account, EntryKind.SIGN_IN_REFUSED)
    raise SignInRefused(_REFUSED)


def confirm_with_passkey(
    ctx: Context, party: RelyingParty, account: Account, session: Session, assertion: Assertion
) -> None:
    """Show who one is with a passkey of one's own. Raises SignInRefused; a refusal is logged."""
    way, answered = check_passkey(ctx, party, Purpose.CONFIRM, session.id_digest, assertion)
    with ctx.storage.write() as uow:
        own = way is not None and way.account_id == account.id
        if own and use_passkey(uow, way, answered):
            return uow.accounts.confirm_session(session.id_digest, ctx.clock())
        _log(ctx, uow, account, EntryKind.SIGN_IN_REFUSED)
    raise SignInRefused(_REFUSED)


def my_sessions(ctx: Context, account: Account, session: Session) -> tuple[ShownSession, ...]:
    """A person's sessions that still hold, newest first."""
    with ctx.storage.read() as uow:
        held = uow.accounts.sessions_of(account.id)
    return tuple(
        ShownSession(_handle(ctx, each), stockholm_date(each.created_at), each.id_digest == session.id_digest)
        for each in held
        if each.created_at + SESSION_SECONDS > ctx.clock()
    )


def end_session(ctx: Context, account: Account, session: Session, handle: str) -> None:
    """End one of one's own sessions. Raises ConfirmFirst, NotFound."""
    require_confirmed(ctx, session)
    with ctx.storage.write() as uow:
        for each in uow.accounts.sessions_of(account.id):
            if hmac.compare_digest(_handle(ctx, each), handle):
                uow.accounts.delete_session(each.id_digest)
                return _log(ctx, uow, account, EntryKind.SESSION_REVOKED)
    raise NotFound(N_("Inloggningen är redan avslutad."))


def end_other_sessions(ctx: Context, account: Account, session: Session) -> int:
    """End all of one's own sessions but this one; how many. Raises ConfirmFirst."""
    require_confirmed(ctx, session)
    with ctx.storage.write() as uow:
        ended = uow.accounts.delete_sessions_of(account.id, but=session.id_digest)
        if ended:
            _log(ctx, uow, account, EntryKind.SESSION_REVOKED)
    return ended


def _handle(ctx: Context, session: Session) -> str:
    # Not the digest itself: tokens of the session's pages are bound to that.
    return ctx.keyed("session/handle", session.id_digest).hex()


def _log(ctx: Context, uow: UnitOfWork, account: Account, kind: EntryKind) -> None:
    uow.log.append(account_entry(ctx, account, kind))
