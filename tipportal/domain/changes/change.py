"""A change by two administrators: proposed and signed by one, approved and signed by another who is independent."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.approvals import ProposalState
from tipportal.domain.errors import AlreadyDecided, NotEntitled
from tipportal.domain.policies.register import Register
from tipportal.domain.texts import N_


class ChangeKind(enum.StrEnum):
    """What takes two administrators. The enumeration only grows."""

    REGISTER = "register"
    POLICY = "policy"
    CHANNEL = "channel"
    DECISION = "decision"
    INVITE = "invite"
    KEYS = "keys"
    ACCOUNT = "account"
    TRUSTEES = "trustees"
    CEREMONY = "ceremony"
    DIRECTORY = "directory"
    CLOCK = "clock"
    RECOVER_CASE = "recover_case"
    RESTORE = "restore"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Change:
    """A signed change. ``act`` and ``payload`` are canonical JSON bytes; instants are UTC seconds.

    ``organisation_id`` is the organisation whose decision it carries, None for the installation as a whole. ``base`` is
    the version of what it builds on. ``proposer`` and ``approver`` are account ids; of a declined change the
    ``approver`` is whoever declined it.
    """

    id: str
    organisation_id: str | None
    kind: ChangeKind
    act: bytes
    payload: bytes
    base: int
    nonce: str
    proposer: str
    proposer_signature: bytes
    proposed_at: int
    expires_at: int
    state: ProposalState
    approver: str | None = None
    approver_signature: bytes | None = None
    decided_at: int | None = None


def state_at(change: Change, now: int) -> ProposalState:
    """The state at ``now`` (UTC seconds): an open change past its date has expired without anybody writing so."""
    if change.state is ProposalState.OPEN and now >= change.expires_at:
        return ProposalState.EXPIRED
    return change.state


def is_entitled(account: Account | None) -> bool:
    """Whether an account can sign changes: an active administrator with a key."""
    return (
        account is not None
        and account.role is Role.ADMINISTRATOR
        and account.state is AccountState.ACTIVE
        and account.verification_key is not None
    )


def nearest_manager(register: Register, person: str) -> str | None:
    """The nearest manager of a person (ids): the head of their unit, or of the unit above for whoever heads it.

    None where the register names nobody. A circle of units, which no sound register has, ends the search.
    """
    units = {unit.id: unit for unit in register.units}
    at = next((each.unit for each in register.people if each.id == person), None)
    seen: set[str] = set()
    while at is not None and at in units and at not in seen:
        seen.add(at)
        head = units[at].head
        if head is not None and head != person:
            return head
        at = units[at].parent
    return None


def why_not_together(register: Register, one: str, other: str) -> str | None:
    """Why two people (ids) cannot make a change together, in plain words; None when they can (04, invariant 5)."""
    if one == other:
        return N_("Du har själv föreslagit ändringen. En annan administratör behöver godkänna.")
    managers: Mapping[str, str | None] = {person: nearest_manager(register, person) for person in (one, other)}
    if managers[one] is not None and managers[one] == managers[other]:
        return N_("Ni har samma närmaste chef. En administratör med en annan chef behöver godkänna.")
    if managers[one] == other or managers[other] == one:
        return N_("En av er är den andras närmaste chef. En annan administratör behöver godkänna.")
    return None


def why_not_approve(change: Change, account: Account, register: Register, *, base: int, now: int) -> str | None:
    """Why this person may not approve at ``now``, in plain words; None when they may.

    ``base`` is the present version of what the change builds on: entitlement is judged when it takes effect.
    """
    if state_at(change, now) is not ProposalState.OPEN:
        return N_("Förslaget är redan avgjort eller har gått ut.")
    if not is_entitled(account):
        return N_("Bara en aktiv administratör med egna nycklar kan ändra.")
    together = why_not_together(register, change.proposer, account.id)
    if together is not None:
        return together
    if change.base != base:
        return STALE
    return None


STALE = N_("Det som ändringen bygger på har ändrats sedan förslaget lades. Lägg ett nytt förslag.")


def check_open(change: Change, now: int) -> None:
    """Raise AlreadyDecided unless the change waits at ``now`` (UTC seconds)."""
    if state_at(change, now) is not ProposalState.OPEN:
        raise AlreadyDecided(N_("Förslaget är redan avgjort eller har gått ut."))


def check_entitled(account: Account | None) -> None:
    """Raise NotEntitled unless the account can sign changes."""
    if not is_entitled(account):
        raise NotEntitled(N_("Bara en aktiv administratör med egna nycklar kan ändra."))


def check_together(register: Register, one: str, other: str) -> None:
    """Raise NotEntitled unless two people can make a change together."""
    reason = why_not_together(register, one, other)
    if reason is not None:
        raise NotEntitled(reason)
