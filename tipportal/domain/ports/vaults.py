"""What keeps reporters' identities, sealed apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from tipportal.domain.vaults import LentShare, Vault, VaultShare


class Vaults(Protocol):
    """Identity vaults and the shares of their keys."""

    def add(self, vault: Vault, shares: Sequence[VaultShare]) -> None:
        """Raises Conflict when the case has one."""

    def of_case(self, case_id: str) -> Vault | None: ...
    def shares(self, case_id: str) -> Sequence[VaultShare]:
        """Those of the present splitting, by member."""

    def share_of(self, case_id: str, holder: str) -> VaultShare | None: ...
    def split_anew(self, vault: Vault, shares: Sequence[VaultShare], epoch: int) -> None:
        """Replace all shares by those of the next version; what was lent goes too. Raises Conflict if it has moved."""

    def lend(self, lent: LentShare) -> None:
        """Keep a lent share; again by the same person for the same purpose replaces it."""

    def keep_lent(self, case_id: str, lender: str, purposes: Collection[str]) -> None:
        """Forget what somebody has lent on a case for any other purpose."""

    def forget_lent(self) -> int:
        """Forget what was lent for acts that were declined or ran out; how many."""

    def lent(self, case_id: str, purpose: str) -> Sequence[LentShare]: ...
