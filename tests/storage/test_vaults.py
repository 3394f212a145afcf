"""Reporters' identities, sealed apart, in the tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.storage import samples
from tipportal.domain.errors import Conflict
from tipportal.domain.vaults import HolderKind, LentShare, Vault, VaultShare
from tipportal.storage import Database

CASE = samples.case()
VAULT = Vault("o1", CASE.id, b"r" * 1216, 0, 0, b"sealed")


def share(holder: str, member: str, version: int = 0) -> VaultShare:
    return VaultShare("o1", CASE.id, version, holder, HolderKind.HANDLER, member, b"share of " + holder.encode())


SHARES = (share("anna", "h1"), share("bo", "h2"), share("cilla", "h3"))
LENT = LentShare("o1", CASE.id, 0, "renewal", "anna", "h1", b"lent")


@pytest.fixture
def with_vault(town: Database) -> Database:
    with town.write() as uow:
        samples.submit(uow, CASE)
        uow.vaults.add(VAULT, SHARES)
    return town


def test_a_case_has_one_vault(with_vault: Database) -> None:
    with with_vault.write() as uow:
        assert uow.vaults.of_case(CASE.id) == VAULT
        assert tuple(uow.vaults.shares(CASE.id)) == SHARES
        assert uow.vaults.share_of(CASE.id, "bo") == SHARES[1]
        with pytest.raises(Conflict):
            uow.vaults.add(VAULT, SHARES)


def test_splitting_anew_replaces_every_share_and_what_was_lent(with_vault: Database) -> None:
    with with_vault.write() as uow:
        uow.vaults.lend(LENT)
        renewed = (share("bo", "h2", 1), share("cilla", "h3", 1))
        uow.vaults.split_anew(VAULT, renewed, 0)
        assert tuple(uow.vaults.shares(CASE.id)) == renewed
        assert not uow.vaults.lent(CASE.id, "renewal")
        assert uow.vaults.of_case(CASE.id) == replace(VAULT, version=1)


def test_a_second_splitting_of_the_same_version_is_refused(with_vault: Database) -> None:
    with with_vault.write() as uow:
        uow.vaults.split_anew(VAULT, SHARES[1:], 0)
        with pytest.raises(Conflict):
            uow.vaults.split_anew(VAULT, SHARES, 0)


def test_lending_again_replaces_what_was_lent(with_vault: Database) -> None:
    with with_vault.write() as uow:
        uow.vaults.lend(LENT)
        uow.vaults.lend(replace(LENT, file=b"again"))
        uow.vaults.lend(replace(LENT, purpose="p1"))
        assert [lent.file for lent in uow.vaults.lent(CASE.id, "renewal")] == [b"again"]
