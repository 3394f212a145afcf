"""Accounts of the handler face: roles, permissions, invitations and sessions."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from .texts import N_

INVITATION_SECONDS = 7 * 24 * 3600
SESSION_SECONDS = 12 * 3600
UNLOCK_IDLE_SECONDS = 15 * 60
MIN_PASSWORD = 15
MAX_PASSWORD = 256
# Half a surrogate pair can arrive in JSON and cannot be written as UTF-8: neither hashed nor stored.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EMAIL = re.compile("[^@\\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}@[^@\\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,190}\\Z")


class Role(enum.StrEnum):
    """An account has one role: an administrator is never a handler (04, invariant 5)."""

    HANDLER = "handler"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Permission(enum.StrEnum):
    """What an endpoint requires. Every endpoint names exactly one; an endpoint without is refused to everybody."""

    PUBLIC = "public"
    SOURCE = "source"
    ENROL = "enrol"
    SIGN_IN = "sign_in"
    ACCOUNT = "account"
    HOLD_KEYS = "hold_keys"
    HANDLE = "handle"
    ADMINISTER = "administer"
    AUDIT = "audit"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.HANDLER: frozenset({Permission.ACCOUNT, Permission.HOLD_KEYS, Permission.HANDLE}),
    Role.ADMINISTRATOR: frozenset({Permission.ACCOUNT, Permission.HOLD_KEYS, Permission.ADMINISTER}),
    Role.AUDITOR: frozenset({Permission.ACCOUNT, Permission.AUDIT}),
}


class AccountState(enum.StrEnum):
    """Only an active account signs in. Enrolled: has made keys, which two administrators have not confirmed yet."""

    INVITED = "invited"
    ENROLLED = "enrolled"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the handler face. ``totp_counter`` is the last used time step: no code is taken twice."""

    id: str
    organisation_id: str
    role: Role
    name: str
    email: str
    state: AccountState
    unit_id: str | None
    password_hash: str | None = field(default=None, repr=False)
    totp_sealed: bytes | None = field(default=None, repr=False)
    totp_counter: int = 0
    recipient: bytes | None = None
    verification_key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A single-use enrolment link: only the token's digest is kept.

    ``totp_sealed`` is the secret offered at enrolment. ``founding``: whoever uses it is active at once, since nobody is
    there yet to confirm their keys.
    """

    token_digest: bytes
    organisation_id: str
    account_id: str
    expires_at: int
    totp_sealed: bytes = field(repr=False)
    used_at: int | None = None
    founding: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A handler's session: the cookie's random secret is kept as a digest only. Instants are UTC seconds.

    ``confirmed_at``: when its owner last showed who they are, at first by signing in.
    """

    id_digest: bytes
    organisation_id: str
    account_id: str
    created_at: int
    storage_key: bytes | None = field(default=None, repr=False)
    unlocked_until: int = 0
    confirmed_at: int = 0


@dataclass(frozen=True, slots=True)
class SourceSession:
    """A source's session without JavaScript (03): ``sealed`` opens only with the cookie's secret and the face's secret.

    ``expires_quarter`` is a quarter-hour count since 1970, so that no exact instant of a source's act is stored.
    """

    id_digest: bytes
    organisation_id: str
    case_id: str
    sealed: bytes = field(repr=False)
    expires_quarter: int = 0


def allows(role: Role, permission: Permission) -> bool:
    """Whether a signed-in role holds a permission. Public permissions are judged by the guard, not here."""
    return permission in ROLE_PERMISSIONS[role]


def needs_keys(role: Role) -> bool:
    """Whether a role signs what it does: handlers open cases, administrators sign changes, auditors only read."""
    return allows(role, Permission.HOLD_KEYS)


def normal_email(email: str) -> str | None:
    """The e-mail address in the form that is unique and looked up, or None when it is not one."""
    candidate = email.strip().casefold()
    return candidate if _EMAIL.match(candidate) else None


def password_fault(password: str) -> str | None:
    """Why a password cannot be chosen, in plain words; None when it can.

    ASVS 5.0, 6.2: its length counts, no rules of composition.
    """
    if len(password) < MIN_PASSWORD:
        return N_("Lösenordet behöver vara minst 15 tecken långt.")
    if len(password) > MAX_PASSWORD:
        return N_("Lösenordet får vara högst 256 tecken långt.")
    if _LONE_SURROGATE.search(password):
        return N_("Lösenordet innehåller ett tecken som inte går att spara.")
    return None
