"""Ways to people's keys: whole or refused, each challenge once, and nobody's only copy is lost by a migration."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.storage import samples
from tests.support import databases
from tipportal.domain.errors import Conflict
from tipportal.domain.ways import KeyWay, WayKind
from tipportal.storage import Database, StorageFault
from tipportal.storage.engines import normalised
from tipportal.storage.schema import downgrade, upgrade

PAPER = KeyWay("w1", "o1", "anna", WayKind.PASSPHRASE, "Papper", 1, samples.DAY, b"sealed")
PHONE = dataclasses.replace(
    PAPER, id="w2", kind=WayKind.PASSKEY, place=2, credential_id=b"c", public_key=b"k", salt=bytes(32)
)


def test_ways_are_read_back_in_their_order(town: Database) -> None:
    with town.write() as uow:
        uow.ways.add(PHONE)
        uow.ways.add(PAPER)
    with town.read() as uow:
        assert list(uow.ways.of("anna")) == [PAPER, PHONE]
        assert list(uow.ways.of("bo")) == []
        assert uow.ways.by_credential(b"c") == PHONE
        assert uow.ways.by_credential(b"d") is None


def test_a_passkey_is_one_persons(town: Database) -> None:
    with town.write() as uow:
        uow.ways.add(PHONE)
        with pytest.raises(Conflict) as taken:
            uow.ways.add(dataclasses.replace(PHONE, id="w3", account_id="bo"))
    assert taken.value.field == "passkey"


@pytest.mark.parametrize(
    "way",
    [
        dataclasses.replace(PHONE, public_key=None),
        dataclasses.replace(PHONE, salt=None),
        dataclasses.replace(PHONE, credential_id=None),
        dataclasses.replace(PAPER, credential_id=b"c", public_key=b"k", salt=bytes(32)),
    ],
)
def test_half_a_passkey_is_refused(town: Database, way: KeyWay) -> None:
    with pytest.raises(StorageFault) as refused, town.write() as uow:
        uow.ways.add(way)
    assert refused.value.constraint == "ck_key_ways_passkey_is_whole"


def test_only_ones_own_way_is_removed(town: Database) -> None:
    with town.write() as uow:
        uow.ways.add(PAPER)
        assert not uow.ways.remove("bo", "w1")
        assert uow.ways.remove("anna", "w1")
        assert not uow.ways.remove("anna", "w1")


def test_a_counter_goes_on_or_stays_at_nothing(town: Database) -> None:
    with town.write() as uow:
        uow.ways.add(PHONE)
        assert [uow.ways.count_use("w2", count) for count in (0, 0, 3, 3, 2, 0, 4)] == [
            *(True, True, True),
            *(False, False, False, True),
        ]


def test_a_challenge_is_spent_once_and_forgotten_when_it_has_run_out(town: Database) -> None:
    with town.write() as uow:
        assert uow.ways.spend(b"one", 10)
        assert not uow.ways.spend(b"one", 10)
        assert uow.ways.spend(b"two", 11)
        assert uow.ways.forget_challenges(10) == 1
        assert not uow.ways.spend(b"two", 11)


@pytest.fixture
def url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    with databases.empty(database_kind, tmp_path) as made:
        yield made


def test_the_one_way_of_each_account_is_kept_upwards_and_downwards(url: str) -> None:
    upgrade(url, "0004")
    engine = sa.create_engine(normalised(url))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO organisations (id, organisation_id, slug, name, kind, listed) "
                "VALUES ('o1', 'o1', 'o', 'O', 'municipality', true)"
            )
            accounts = sa.table(
                "accounts",
                *map(sa.column, ("id", "organisation_id", "role", "name", "email", "state", "totp_counter")),
                sa.column("identity_file", sa.LargeBinary()),
            )
            row = {"organisation_id": "o1", "name": "N", "state": "invited", "totp_counter": 0}
            for name, role, file in (
                ("a", "handler", b"sealed a"),
                ("b", "handler", b"sealed b"),
                ("c", "auditor", None),
            ):
                made = sa.insert(accounts).values(id=name, email=name, role=role, identity_file=file, **row)
                connection.execute(made)
        upgrade(url, "0005")
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT account_id, kind, place, file FROM key_ways ORDER BY 1").all()
        assert [(*row[:3], bytes(row[3])) for row in found] == [
            ("a", "passphrase", 1, b"sealed a"),
            ("b", "passphrase", 1, b"sealed b"),
        ]
        downgrade(url, "0004")
        with engine.connect() as connection:
            back = connection.exec_driver_sql("SELECT id, identity_file FROM accounts ORDER BY 1").all()
        assert [(row[0], row[1] and bytes(row[1])) for row in back] == [
            *(("a", b"sealed a"), ("b", b"sealed b")),
            ("c", None),
        ]
    finally:
        engine.dispose()
