"""An epoch that one member has made and a second has yet to sign: it comes with a proposal to let somebody in."""

from __future__ import annotations

from dataclasses import dataclass, field

from .cases import GrantKind


@dataclass(frozen=True, slots=True)
class PreparedGrant:
    """A sealed key for ``member`` in ``epoch``: of the new epoch for everybody, of earlier ones for the new member."""

    epoch: int
    member: str
    kind: GrantKind
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PreparedEpoch:
    """The next epoch's raw recipients, its maker's signature (64 bytes), and its keys.

    ``account_id`` is who is let in, ``member`` their new pseudonym.
    """

    organisation_id: str
    epoch: int
    work_recipient: bytes
    dialogue_recipient: bytes
    signature: bytes
    account_id: str
    member: str
    unit_id: str
    function_id: str
    grants: tuple[PreparedGrant, ...]
