"""What keeps accounts, invitations and sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from tipportal.domain.accounts import Account, AccountState, Invitation, Session, SourceSession


class Accounts(Protocol):
    """Accounts, invitations and sessions."""

    def add(self, account: Account) -> None:
        """Raises Conflict when the e-mail address is taken."""

    def by_email(self, email: str) -> Account | None: ...
    def by_id(self, account_id: str) -> Account | None: ...
    def all(self) -> Sequence[Account]: ...
    def by_ids(self, account_ids: Sequence[str]) -> Sequence[Account]:
        """Those of the accounts that exist, in no particular order."""

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
        """Take an invited account to ``state``; False when it was not invited (one statement, no check before)."""

    def change_state(self, account_id: str, to: AccountState, *, of: Collection[AccountState]) -> bool:
        """Take an account from one of the states ``of`` to another; False when it was in none of them."""

    def invite_again(self, account_id: str) -> None:
        """Take an account back to invited, without password, one-time codes and keys."""

    def set_password(self, account_id: str, password_hash: str) -> None: ...

    def use_totp(self, account_id: str, counter: int) -> bool:
        """Mark a time step as used; False when it, or a later one, was used before (one conditional UPDATE)."""

    def add_invitation(self, invitation: Invitation) -> None: ...
    def invitation(self, token_digest: bytes) -> Invitation | None: ...
    def use_invitation(self, token_digest: bytes, now: int) -> bool:
        """Single use: one conditional UPDATE; False when used or expired."""

    def withdraw_invitations(self, account_id: str) -> None:
        """End the account's enrolment links that have not been used."""

    def has_shortcuts(self, account_id: str) -> bool:
        """Whether the shortcuts of the keyboard are on: they are until their owner switches them off."""

    def set_shortcuts(self, account: Account, *, on: bool) -> None: ...
    def add_session(self, session: Session) -> None: ...
    def session(self, id_digest: bytes) -> Session | None: ...
    def set_storage_key(self, id_digest: bytes, key: bytes | None, unlocked_until: int) -> None: ...
    def confirm_session(self, id_digest: bytes, now: int) -> None:
        """Keep that the session's owner showed at ``now`` (UTC seconds) who they are."""

    def sessions_of(self, account_id: str) -> Sequence[Session]:
        """An account's sessions, newest first."""

    def delete_sessions_of(self, account_id: str, *, but: bytes | None = None) -> int:
        """End an account's sessions, all or all but one (its digest); how many."""

    def forget_storage_keys(self, now: int) -> None:
        """Forget the keys of sessions whose idle time is over at ``now`` (UTC seconds)."""

    def delete_session(self, id_digest: bytes) -> None: ...
    def delete_sessions_before(self, created_before: int) -> int: ...
    def add_source_session(self, session: SourceSession) -> None: ...
    def source_session(self, id_digest: bytes) -> SourceSession | None: ...
    def touch_source_session(self, id_digest: bytes, expires_quarter: int) -> None: ...
    def delete_source_session(self, id_digest: bytes) -> None: ...
    def delete_source_sessions_before(self, quarter: int) -> int: ...
