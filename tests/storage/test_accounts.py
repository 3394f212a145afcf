from __future__ import annotations

import dataclasses
import threading

import pytest

from tests.storage import samples
from tipportal.domain.accounts import Account, AccountState, Invitation, Session
from tipportal.domain.errors import Conflict
from tipportal.storage import Database, StorageFault

INVITED = dataclasses.replace(
    samples.account("dora"),
    state=AccountState.INVITED,
    password_hash=None,
    totp_sealed=None,
    recipient=None,
    verification_key=None,
)


def _enrol(database: Database, account: Account) -> bool:
    with database.write() as uow:
        return uow.accounts.enrol(
            account.id,
            password_hash="argon",  # pragma: allowlist secret
            totp_sealed=b"sealed",
            totp_counter=7,
            recipient=b"recipient",
            verification_key=b"key",
            state=AccountState.ACTIVE,
        )


def test_accounts_are_read_back(town: Database) -> None:
    with town.write() as uow:
        uow.accounts.add(INVITED)
    with town.read() as uow:
        assert uow.accounts.by_id("dora") == uow.accounts.by_email("dora@exempelstad.se") == INVITED
        assert uow.accounts.by_id("?") is uow.accounts.by_email("?") is None
        assert [account.id for account in uow.accounts.all()] == ["anna", "bo", "cilla", "dora"]


def test_an_email_address_belongs_to_one_account(town: Database) -> None:
    with town.write() as uow, pytest.raises(Conflict) as taken:
        uow.accounts.add(dataclasses.replace(INVITED, email="anna@exempelstad.se"))
    assert taken.value.field == "email"


def test_an_account_enrols_once(town: Database) -> None:
    with town.write() as uow:
        uow.accounts.add(INVITED)
    assert _enrol(town, INVITED)
    assert not _enrol(town, INVITED)
    with town.read() as uow:
        enrolled = uow.accounts.by_id("dora")
    assert enrolled == dataclasses.replace(
        INVITED,
        state=AccountState.ACTIVE,
        password_hash="argon",  # pragma: allowlist secret
        totp_sealed=b"sealed",
        totp_counter=7,
        recipient=b"recipient",
        verification_key=b"key",
    )


def test_nobody_is_active_without_credentials(town: Database) -> None:
    whole = samples.account("eva")
    for lacking in (dataclasses.replace(whole, password_hash=None), dataclasses.replace(whole, totp_sealed=None)):
        with town.write() as uow, pytest.raises(StorageFault, match="active_has_credentials"):
            uow.accounts.add(lacking)


def test_a_one_time_code_is_taken_once(town: Database) -> None:
    with town.write() as uow:
        assert uow.accounts.use_totp("anna", 100)
        assert not uow.accounts.use_totp("anna", 100)
        assert not uow.accounts.use_totp("anna", 99)
        assert uow.accounts.use_totp("anna", 101)
        assert not uow.accounts.use_totp("nobody", 101)


def test_a_one_time_code_sent_twice_at_once_signs_in_one(town: Database) -> None:
    start = threading.Barrier(4)
    taken: list[bool] = []

    def use() -> None:
        start.wait()
        with town.write() as uow:
            taken.append(uow.accounts.use_totp("anna", 100))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False, False, False, True]


def test_an_enrolment_link_works_once_and_in_time(town: Database) -> None:
    link = Invitation(b"digest", "o1", "anna", expires_at=100, totp_sealed=b"sealed")
    with town.write() as uow:
        uow.accounts.add_invitation(link)
        assert uow.accounts.invitation(b"digest") == link
        assert uow.accounts.invitation(b"other") is None
        assert not uow.accounts.use_invitation(b"digest", 100)
        assert uow.accounts.use_invitation(b"digest", 99)
        assert not uow.accounts.use_invitation(b"digest", 99)
        assert not uow.accounts.use_invitation(b"other", 99)
        assert uow.accounts.invitation(b"digest") == dataclasses.replace(link, used_at=99)


def test_sessions_end(town: Database) -> None:
    with town.write() as uow:
        for digest, created_at in ((b"a", 10), (b"b", 20), (b"c", 30)):
            uow.accounts.add_session(Session(digest, "o1", "anna", created_at))
        uow.accounts.set_storage_key(b"c", b"key", 40)
        assert uow.accounts.session(b"c") == Session(b"c", "o1", "anna", 30, b"key", 40)
        uow.accounts.set_storage_key(b"c", None, 0)
        assert uow.accounts.session(b"c") == Session(b"c", "o1", "anna", 30)
        assert uow.accounts.delete_sessions_before(20) == 1
        uow.accounts.delete_session(b"b")
        assert [uow.accounts.session(digest) is None for digest in (b"a", b"b", b"c")] == [True, True, False]
