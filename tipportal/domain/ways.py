"""Ways to a person's keys: each is the same identity, sealed under something else that the person has (03)."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date

from .texts import N_

LEAST_WAYS = 2
"""With one way, a lost paper or a broken device would cost the person every case."""
MOST_WAYS = 10
MAX_LABEL = 60
CONFIRMED_SECONDS = 5 * 60
"""How long ago, at most, somebody has shown who they are before they change their ways, password or sessions."""
CHALLENGE_SECONDS = 5 * 60


class WayKind(enum.StrEnum):
    """What the identity is sealed under."""

    PASSPHRASE = "passphrase"  # noqa: S105  # nosec B105 - the name of a kind
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class KeyWay:
    """One way. ``file`` is an age file of the identity, which the server cannot open. ``place``: from 1, as added.

    A passkey also signs in: ``credential_id`` and ``public_key`` (COSE, RFC 9052) are its own, ``sign_count`` is
    the highest that it has shown. ``salt`` is what its PRF is asked with (32 bytes), drawn for this way alone.
    """

    id: str
    organisation_id: str
    account_id: str
    kind: WayKind
    label: str
    place: int
    added_on: date
    file: bytes = field(repr=False)
    credential_id: bytes | None = field(default=None, repr=False)
    public_key: bytes | None = field(default=None, repr=False)
    sign_count: int = 0
    salt: bytes | None = field(default=None, repr=False)


def label_fault(label: str) -> str | None:
    """Why a way cannot be called so, in plain words; None when it can."""
    if not label.strip():
        return N_("Skriv ett namn, till exempel ”Min dator”.")
    if len(label) > MAX_LABEL:
        return N_("Namnet får vara högst 60 tecken långt.")
    return None


def may_lose(count: int) -> bool:
    """Whether somebody with so many ways can do without one of them."""
    return count > LEAST_WAYS
