"""Keeps reporters' identities, sealed apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.approvals import ProposalState
from tipportal.domain.errors import Conflict
from tipportal.domain.texts import N_
from tipportal.domain.vaults import LentShare, Vault, VaultShare

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import lent_shares, proposals, vault_shares, vaults

_VAULT = columns_of(vaults, Vault)
_SHARE = columns_of(vault_shares, VaultShare)
_LENT = columns_of(lent_shares, LentShare)


class Vaults:
    """Implements ``ports.Vaults`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, vault: Vault, shares: Sequence[VaultShare]) -> None:
        """Keep a case's vault and its first shares. Raises Conflict when the case has one."""
        with guarded(self._connection, {"pk_vaults": Conflict(N_("Det finns redan."))}):
            self._connection.execute(sa.insert(vaults), values_of(vault))
            self._connection.execute(sa.insert(vault_shares), [values_of(share) for share in shares])

    def of_case(self, case_id: str) -> Vault | None:
        """The vault of a case."""
        row = self._connection.execute(sa.select(*_VAULT).where(vaults.c.case_id == case_id)).one_or_none()
        return None if row is None else Vault(*row)

    def shares(self, case_id: str) -> Sequence[VaultShare]:
        """The shares of a case's vault, by member."""
        query = sa.select(*_SHARE).where(vault_shares.c.case_id == case_id).order_by(vault_shares.c.member)
        return [VaultShare(*row) for row in self._connection.execute(query)]

    def share_of(self, case_id: str, holder: str) -> VaultShare | None:
        """The share of one holder."""
        query = sa.select(*_SHARE).where(vault_shares.c.case_id == case_id, vault_shares.c.holder == holder)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else VaultShare(*row)

    def split_anew(self, vault: Vault, shares: Sequence[VaultShare], epoch: int) -> None:
        """Replace all shares by those of the next version, in an epoch. Raises Conflict when the vault has moved."""
        changed = self._connection.execute(
            sa.update(vaults)
            .where(vaults.c.case_id == vault.case_id, vaults.c.version == vault.version)
            .values(version=vault.version + 1, epoch=epoch)
        )
        if changed.rowcount != 1:
            raise Conflict(N_("Någon annan har redan delat om valvet. Hämta ärendet igen."))
        for table in (lent_shares, vault_shares):
            self._connection.execute(sa.delete(table).where(table.c.case_id == vault.case_id))
        self._connection.execute(sa.insert(vault_shares), [values_of(share) for share in shares])

    def lend(self, lent: LentShare) -> None:
        """Keep a lent share, in place of one that the same person lent for the same purpose."""
        self._connection.execute(
            sa.delete(lent_shares).where(
                lent_shares.c.case_id == lent.case_id,
                lent_shares.c.purpose == lent.purpose,
                lent_shares.c.lender == lent.lender,
            )
        )
        self._connection.execute(sa.insert(lent_shares), values_of(lent))

    def keep_lent(self, case_id: str, lender: str, purposes: Collection[str]) -> None:
        """Forget what somebody has lent on a case for any other purpose."""
        self._connection.execute(
            sa.delete(lent_shares).where(
                lent_shares.c.case_id == case_id,
                lent_shares.c.lender == lender,
                lent_shares.c.purpose.not_in([*purposes]),
            )
        )

    def forget_lent(self) -> int:
        """Forget what was lent for acts that were declined or ran out; how many."""
        over = sa.exists().where(
            proposals.c.case_id == lent_shares.c.case_id,
            proposals.c.nonce == lent_shares.c.purpose,
            proposals.c.state.in_([ProposalState.DECLINED, ProposalState.EXPIRED]),
        )
        return self._connection.execute(sa.delete(lent_shares).where(over)).rowcount

    def lent(self, case_id: str, purpose: str) -> Sequence[LentShare]:
        """What has been lent for a purpose, by member."""
        query = (
            sa.select(*_LENT)
            .where(lent_shares.c.case_id == case_id, lent_shares.c.purpose == purpose)
            .order_by(lent_shares.c.member)
        )
        return [LentShare(*row) for row in self._connection.execute(query)]
