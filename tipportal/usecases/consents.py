"""Trustees who approved a change in a second administrator's place, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from tipportal.domain.changes.change import Change
from tipportal.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class ApprovingTrustee:
    """A trustee who approved, with the key of the paper and its signature."""

    name: str
    verification_key: bytes
    signature: bytes


def consents_of(uow: UnitOfWork, change: Change) -> tuple[ApprovingTrustee, ...]:
    """Who approved a change as a trustee; nobody where another administrator did."""
    approvals = uow.changes.trustee_approvals(change.id)
    those = uow.trustees.set_of(approvals[0].set_version) if approvals else None
    known = {} if those is None else {each.id: each for each in those.trustees}
    return tuple(
        ApprovingTrustee(known[each.trustee_id].name, known[each.trustee_id].verification_key, each.signature)
        for each in approvals
    )
