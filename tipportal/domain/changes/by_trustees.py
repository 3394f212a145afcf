"""Replacing a lost administrator: one administrator and as many trustees as it takes, in a second one's place (04).

Nothing else: as soon as two administrators can act, and for whatever is not an administrator's account, two decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tipportal.domain.accounts import Account, Role
from tipportal.domain.texts import N_

from .change import ChangeKind, is_entitled

KINDS = frozenset({ChangeKind.RESTORE, ChangeKind.INVITE, ChangeKind.KEYS})
"""An account is given back, a new one is made, and the keys of either are confirmed."""


@dataclass(frozen=True, slots=True)
class TrusteeApproval:
    """A trustee's signature (64 bytes) under a change's act, with the key of the own paper. ``approved_at``: UTC s."""

    change_id: str
    organisation_id: str | None
    set_version: int
    trustee_id: str
    signature: bytes
    approved_at: int


def why_not_by_trustees(
    kind: ChangeKind, role: Role | None, subject: str, proposer: str, accounts: Iterable[Account]
) -> str | None:
    """Why trustees cannot approve a change in a second administrator's place, in plain words; None when they can.

    ``subject``: the account's id that the change is about, with its ``role``; ``accounts``: everybody's.
    """
    if kind not in KINDS or role is not Role.ADMINISTRATOR or subject == proposer:
        return N_(
            "Nyckelförvaltare kan bara vara med om att ersätta en administratör. Annat avgör två administratörer."
        )
    if any(is_entitled(each) for each in accounts if each.id not in {proposer, subject}):
        return N_("Det finns en annan administratör som kan godkänna. Då behövs inga nyckelförvaltare.")
    return None
