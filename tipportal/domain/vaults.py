"""A reporter's name and contact, sealed apart: who holds a share of its key, and who has agreed to open it (03, 04)."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from .errors import IllegalTransition, NotEntitled
from .texts import N_

OPENERS = 2


class HolderKind(enum.StrEnum):
    """Who holds a share. A trustee's is for recovery alone."""

    HANDLER = "handler"
    TRUSTEE = "trustee"


@dataclass(frozen=True, slots=True)
class Vault:
    """A case's vault: its public recipient (1,216 bytes) and the sealed record.

    ``version`` counts the splittings, ``epoch`` is the case's at the newest.
    """

    organisation_id: str
    case_id: str
    recipient: bytes
    version: int
    epoch: int
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class VaultShare:
    """One share of the key, an age file to ``holder``: an account or a trustee, known in the case as ``member``."""

    organisation_id: str
    case_id: str
    version: int
    holder: str
    kind: HolderKind
    member: str
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LentShare:
    """A member's opened share, sealed anew to those who may decide with them: what makes two out of one.

    ``purpose`` is the proposal that it belongs to, or ``renewal``. It serves one splitting: ``version``.
    """

    organisation_id: str
    case_id: str
    version: int
    purpose: str
    lender: str
    member: str
    file: bytes = field(repr=False)


def check_renewal(lent: LentShare | None, vault: Vault, account_id: str) -> None:
    """Raise unless somebody else has lent a share of the present splitting: nobody splits a vault anew alone."""
    if lent is None or lent.version != vault.version:
        raise IllegalTransition(N_("Någon annan i ärendegruppen behöver först lämna sin del."))
    if lent.lender == account_id:
        raise NotEntitled(N_("Du har själv lämnat din del. Någon annan i ärendegruppen delar om valvet."))
