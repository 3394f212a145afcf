"""Accounts, invitations and sessions. What may happen once is one conditional statement, not a look and a write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.accounts import Account, AccountState, Invitation, Session, SourceSession
from tipportal.domain.errors import Conflict
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import accounts, invitations, sessions, source_sessions, without_shortcuts
from .versions import Versions

_ACCOUNT = columns_of(accounts, Account)
_INVITATION = columns_of(invitations, Invitation)
_SESSION = columns_of(sessions, Session)
_SOURCE_SESSION = columns_of(source_sessions, SourceSession)


class Accounts:
    """Implements ``ports.Accounts`` in one transaction."""

    def __init__(self, connection: Connection, register: Versions) -> None:
        self._connection = connection
        # Who has an account, in which state, unit and with which keys, is part of the register: each change raises it.
        self._register = register

    def add(self, account: Account) -> None:
        """Keep an account. Raises Conflict when the e-mail address is taken."""
        taken = Conflict(N_("Det finns redan ett konto med den e-postadressen."), field="email")
        with guarded(self._connection, {"uq_accounts_email": taken}):
            self._connection.execute(sa.insert(accounts), values_of(account))
        self._register.raised()

    def by_email(self, email: str) -> Account | None:
        """The account with an e-mail address in its normal form."""
        return self._one(accounts.c.email == email)

    def by_id(self, account_id: str) -> Account | None:
        """The account with an id."""
        return self._one(accounts.c.id == account_id)

    def all(self) -> Sequence[Account]:
        """Every account, by name."""
        query = sa.select(*_ACCOUNT).order_by(accounts.c.name, accounts.c.id)
        return [Account(*row) for row in self._connection.execute(query)]

    def by_ids(self, account_ids: Sequence[str]) -> Sequence[Account]:
        """Those of the accounts that exist."""
        query = sa.select(*_ACCOUNT).where(accounts.c.id.in_(account_ids))
        return [Account(*row) for row in self._connection.execute(query)]

    def enrol(
        self,
        account_id: str,
        *,
        password_hash: str,
        totp_sealed: bytes,
        totp_counter: int,
        recipient: bytes | None,
        verification_key: bytes | None,
        state: AccountState,
    ) -> bool:
        """Take an invited account to ``state``; False when it was not invited."""
        self._register.raised()
        return self._changed(
            sa.update(accounts)
            .where(accounts.c.id == account_id, accounts.c.state == AccountState.INVITED)
            .values(
                state=state,
                password_hash=password_hash,
                totp_sealed=totp_sealed,
                totp_counter=totp_counter,
                recipient=recipient,
                verification_key=verification_key,
            )
        )

    def change_state(self, account_id: str, to: AccountState, *, of: Collection[AccountState]) -> bool:
        """Take an account from one of the states ``of`` to another; False when it was in none of them."""
        self._register.raised()
        held = sa.update(accounts).where(accounts.c.id == account_id, accounts.c.state.in_(of))
        return self._changed(held.values(state=to))

    def invite_again(self, account_id: str) -> None:
        """Take an account back to invited, without password, one-time codes and keys."""
        self._register.raised()
        own = sa.update(accounts).where(accounts.c.id == account_id).values(state=AccountState.INVITED)
        self._connection.execute(
            own.values(password_hash=None, totp_sealed=None, recipient=None, verification_key=None)
        )

    def set_password(self, account_id: str, password_hash: str) -> None:
        """Replace an account's password."""
        self._connection.execute(
            sa.update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash)
        )

    def use_totp(self, account_id: str, counter: int) -> bool:
        """Mark a time step as used; False when it, or a later one, was used before."""
        return self._changed(
            sa.update(accounts)
            .where(accounts.c.id == account_id, accounts.c.totp_counter < counter)
            .values(totp_counter=counter)
        )

    def add_invitation(self, invitation: Invitation) -> None:
        """Keep an enrolment link by its digest."""
        self._connection.execute(sa.insert(invitations), values_of(invitation))

    def invitation(self, token_digest: bytes) -> Invitation | None:
        """The enrolment link with a digest, used or not."""
        query = sa.select(*_INVITATION).where(invitations.c.token_digest == token_digest)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Invitation(*row)

    def use_invitation(self, token_digest: bytes, now: int) -> bool:
        """Use a link at ``now`` (UTC seconds), once; False when used or expired."""
        return self._changed(
            sa.update(invitations)
            .where(
                invitations.c.token_digest == token_digest,
                invitations.c.used_at.is_(None),
                invitations.c.expires_at > now,
            )
            .values(used_at=now)
        )

    def withdraw_invitations(self, account_id: str) -> None:
        """End the account's enrolment links that have not been used."""
        self._connection.execute(
            sa.delete(invitations).where(invitations.c.account_id == account_id, invitations.c.used_at.is_(None))
        )

    def has_shortcuts(self, account_id: str) -> bool:
        """Whether the account's owner has not switched off the shortcuts of the keyboard."""
        query = sa.select(without_shortcuts.c.account_id).where(without_shortcuts.c.account_id == account_id)
        return self._connection.execute(query).one_or_none() is None

    def set_shortcuts(self, account: Account, *, on: bool) -> None:
        """Keep the owner's choice."""
        mine = without_shortcuts.c.account_id == account.id
        self._connection.execute(sa.delete(without_shortcuts).where(mine))
        if not on:
            row = {"account_id": account.id, "organisation_id": account.organisation_id}
            self._connection.execute(sa.insert(without_shortcuts), row)

    def add_session(self, session: Session) -> None:
        """Keep a handler's session."""
        self._connection.execute(sa.insert(sessions), values_of(session))

    def session(self, id_digest: bytes) -> Session | None:
        """The handler's session with a digest; the caller judges its age."""
        row = self._connection.execute(sa.select(*_SESSION).where(sessions.c.id_digest == id_digest)).one_or_none()
        return None if row is None else Session(*row)

    def set_storage_key(self, id_digest: bytes, key: bytes | None, unlocked_until: int) -> None:
        """Set or forget the key under which the browser keeps the unlocked identity, and when it goes (UTC seconds)."""
        self._connection.execute(
            sa.update(sessions)
            .where(sessions.c.id_digest == id_digest)
            .values(storage_key=key, unlocked_until=unlocked_until)
        )

    def confirm_session(self, id_digest: bytes, now: int) -> None:
        """Keep that the session's owner showed at ``now`` (UTC seconds) who they are."""
        self._connection.execute(sa.update(sessions).where(sessions.c.id_digest == id_digest).values(confirmed_at=now))

    def sessions_of(self, account_id: str) -> Sequence[Session]:
        """An account's sessions, newest first."""
        query = sa.select(*_SESSION).where(sessions.c.account_id == account_id)
        newest_first = query.order_by(sessions.c.created_at.desc(), sessions.c.id_digest)
        return [Session(*row) for row in self._connection.execute(newest_first)]

    def delete_sessions_of(self, account_id: str, *, but: bytes | None = None) -> int:
        """End an account's sessions, all or all but one (its digest); how many."""
        own = sa.delete(sessions).where(sessions.c.account_id == account_id)
        return self._connection.execute(own if but is None else own.where(sessions.c.id_digest != but)).rowcount

    def forget_storage_keys(self, now: int) -> None:
        """Forget the keys of sessions whose idle time is over at ``now`` (UTC seconds)."""
        self._connection.execute(
            sa.update(sessions)
            .where(sessions.c.storage_key.is_not(None), sessions.c.unlocked_until <= now)
            .values(storage_key=None, unlocked_until=0)
        )

    def delete_session(self, id_digest: bytes) -> None:
        """End a handler's session."""
        self._connection.execute(sa.delete(sessions).where(sessions.c.id_digest == id_digest))

    def delete_sessions_before(self, created_before: int) -> int:
        """End the sessions begun before an instant (UTC seconds); how many."""
        return self._connection.execute(sa.delete(sessions).where(sessions.c.created_at < created_before)).rowcount

    def add_source_session(self, session: SourceSession) -> None:
        """Keep a source's session."""
        self._connection.execute(sa.insert(source_sessions), values_of(session))

    def source_session(self, id_digest: bytes) -> SourceSession | None:
        """The source's session with a digest; the caller judges its age."""
        query = sa.select(*_SOURCE_SESSION).where(source_sessions.c.id_digest == id_digest)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else SourceSession(*row)

    def touch_source_session(self, id_digest: bytes, expires_quarter: int) -> None:
        """Let a source's session last until a quarter-hour."""
        self._connection.execute(
            sa.update(source_sessions)
            .where(source_sessions.c.id_digest == id_digest)
            .values(expires_quarter=expires_quarter)
        )

    def delete_source_session(self, id_digest: bytes) -> None:
        """End a source's session: the row is gone, and overwritten on SQLite."""
        self._connection.execute(sa.delete(source_sessions).where(source_sessions.c.id_digest == id_digest))

    def delete_source_sessions_before(self, quarter: int) -> int:
        """End the sources' sessions that expired before a quarter-hour; how many."""
        return self._connection.execute(
            sa.delete(source_sessions).where(source_sessions.c.expires_quarter < quarter)
        ).rowcount

    def _one(self, condition: sa.ColumnElement[bool]) -> Account | None:
        row: Any = self._connection.execute(sa.select(*_ACCOUNT).where(condition)).one_or_none()
        return None if row is None else Account(*row)

    def _changed(self, statement: sa.Update) -> bool:
        return self._connection.execute(statement).rowcount == 1
