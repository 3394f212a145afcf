from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from tests.storage import samples
from tests.support import databases
from tipportal.domain.cases import RecordKind, Stream
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import AuthorityRow, PolicyInForce
from tipportal.domain.policies.writing import write_policy
from tipportal.storage import Database, StorageFault
from tipportal.storage.engines import normalised, writer_engine
from tipportal.storage.revision import HEAD
from tipportal.storage.rows import metadata
from tipportal.storage.schema import downgrade, newest, upgrade

# What an old policy says apart for each channel, a converted one does too.
_BY_CHANNEL = tuple(AuthorityRow("o1", (channel,)) for channel in (Channel.REPORT, Channel.TIP))


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    made = writer_engine(normalised(empty_url))
    yield made
    made.dispose()


def _shape(engine: Engine) -> dict[str, object]:
    """Everything a reflection sees, so that two ways to the same tables can be compared."""
    inspector = sa.inspect(engine)
    tables = {
        name: {
            "columns": {str(column["name"]): (str(column["type"]), column["nullable"]) for column in columns},
            "pk": inspector.get_pk_constraint(name)["constrained_columns"],
            "fks": sorted(str(sorted(key.items(), key=str)) for key in inspector.get_foreign_keys(name)),
            "uniques": sorted(str(rule["name"]) for rule in inspector.get_unique_constraints(name)),
            "checks": sorted((str(rule["name"]), rule["sqltext"]) for rule in inspector.get_check_constraints(name)),
            "indexes": sorted(str(index["name"]) for index in inspector.get_indexes(name)),
        }
        for name in inspector.get_table_names()
        if name != "alembic_version" and (columns := inspector.get_columns(name))
    }
    with engine.connect() as connection:
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' OR sql LIKE '%WITHOUT ROWID%' ORDER BY 1"
            if engine.dialect.name == "sqlite"
            else "SELECT tgname, tgtype, pg_get_functiondef(tgfoid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        )
        found = connection.exec_driver_sql(query).all()
        guards = [(row[0], "WITHOUT ROWID" if "WITHOUT ROWID" in row[1:] else str(row[-1])) for row in found]
    names = [name for name, _ in guards]
    return {"tables": tables, "guards": guards if engine.dialect.name == "postgresql" else names}


def test_the_newest_revision_gives_the_tables_of_the_program(empty_url: str, engine: Engine) -> None:
    upgrade(empty_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_tables_made_directly_are_those_of_the_revisions(
    empty_url: str, engine: Engine, database_kind: str, tmp_path: Path
) -> None:
    upgrade(empty_url)
    migrated = _shape(engine)
    (tmp_path / "other").mkdir()
    with databases.empty(database_kind, tmp_path / "other") as url:
        other = writer_engine(normalised(url))
        metadata.create_all(other)
        made = _shape(other)
        other.dispose()
    assert made == migrated
    assert len(metadata.tables) > 22
    assert migrated["guards"]


def test_up_with_data_down_and_up_again(empty_url: str, engine: Engine, tmp_path: Path) -> None:
    case = samples.case()
    for _ in range(2):
        upgrade(empty_url)
        database = Database(empty_url, tmp_path / "blobs")
        assert database.is_current()
        samples.settle_in(database)
        with database.write() as uow:
            kept = samples.submit(uow, case)
            attached, upload = samples.attached(kept[1])
            uow.attachments.add([(attached, upload)])
            uow.log.append(samples.entry(EntryKind.OPENED, case.reference))
            uow.proposals.add(samples.proposal(case))
        # Again: nothing to do, and everything stays.
        upgrade(empty_url)
        with database.read() as uow:
            assert uow.cases.by_lookup(case.lookup_digest) == case
            assert uow.cases.last_record(case.id, kept[1].stream) == kept[1]
            assert uow.attachments.of_case(case.id, [kept[1].stream]) == [attached]
            assert uow.log.size() == 3
        database.close()
        # The guard of the log does not stand in the way of leaving the schema altogether.
        downgrade(empty_url)
        assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            left = "SELECT count(*) FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
            assert connection.exec_driver_sql(left).scalar_one() == 0


def test_revisions_go_and_come_back_around_what_is_kept(empty_url: str, engine: Engine, tmp_path: Path) -> None:
    upgrade(empty_url)
    database = Database(empty_url, tmp_path / "blobs")
    samples.settle_in(database)
    case = samples.case()
    with database.write() as uow:
        kept = samples.submit(uow, case)
    for _ in range(2):
        downgrade(empty_url, "0001")
        assert not database.is_current()
        assert {"attachments", "people"}.isdisjoint(sa.inspect(engine).get_table_names())
        upgrade(empty_url)
        assert database.is_current()
        with database.write() as uow:
            assert uow.cases.last_record(case.id, kept[1].stream) == kept[1]
            assert uow.register.policy("o1") == PolicyInForce(0, samples.policy(authorities=_BY_CHANNEL))
            uow.attachments.add([samples.attached(kept[1])])
    database.close()


def test_old_policies_become_whole_ones_and_what_was_designated_by_rank_their_members(
    empty_url: str, engine: Engine, tmp_path: Path
) -> None:
    upgrade(empty_url)
    database = Database(empty_url, tmp_path / "blobs")
    samples.settle_in(database)
    downgrade(empty_url, "0002")
    old = {"authority": {"tip": "o1"}, "default_function": {"tip": "f1"}, "panel_size": 2}
    with engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT document FROM policies").scalar_one()
        assert json.loads(found)["default_function"] == {"tip": "f1", "report": "f1"}
        connection.exec_driver_sql(f"UPDATE policies SET document = '{json.dumps(old)}'")  # noqa: S608 - our own text
        connection.exec_driver_sql("UPDATE designations SET rank = 9 WHERE account_id = 'anna'")
    upgrade(empty_url)
    with database.read() as uow:
        found = uow.register.policy("o1")
        text = database_text(engine)
    database.close()
    assert found is not None
    assert found.policy.functions[0].members == ("bo", "cilla", "anna")
    assert list(found.policy.defaults) == [Channel.TIP]
    assert write_policy(found.policy) == text


def database_text(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT document FROM policies").scalar_one())


def test_a_database_with_rows_that_the_old_one_does_not_know_stays(
    empty_url: str, engine: Engine, tmp_path: Path
) -> None:
    upgrade(empty_url)
    database = Database(empty_url, tmp_path / "blobs")
    samples.settle_in(database)
    case = samples.case()
    with database.write() as uow:
        kept = samples.submit(uow, case)
        uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.NOTICE, kept[1], author="h1"))
    database.close()
    with pytest.raises(RuntimeError, match="records"):
        downgrade(empty_url, "0002")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM records").scalar_one() == 4


def test_the_revision_that_servers_expect_is_the_newest() -> None:
    assert newest() == HEAD


def test_an_old_database_is_not_current(empty_url: str, tmp_path: Path) -> None:
    database = Database(empty_url, tmp_path / "blobs")
    assert not database.is_current()
    with pytest.raises(StorageFault), database.read() as uow:
        uow.installation_id()
    upgrade(empty_url)
    assert database.is_current()
    database.close()


def test_a_revision_that_fails_leaves_nothing(empty_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE approvals (x INTEGER)")
    with pytest.raises(StorageFault):
        upgrade(empty_url)
    assert set(sa.inspect(engine).get_table_names()) == {"approvals"}


def test_every_table_names_its_organisation() -> None:
    without = {name for name, table in metadata.tables.items() if "organisation_id" not in table.c}
    # A challenge that has been answered is nobody's: it only keeps the same answer from being taken twice.
    # Working days of the diary feed are the installation's.
    assert without == {"diary_days", "spent_challenges"}
    nullable = {
        name for name, table in metadata.tables.items() if name not in without and table.c.organisation_id.nullable
    }
    # What is above the organisations, or may be.
    assert nullable == {
        "change_approvals", "changes", "checkpoint_acknowledgements", "checkpoint_mailings", "checkpoints",
        "clock_watch", "directory_roots", "directory_snapshots", "installation",
        "log_entries", "log_nodes", "outbox", "pending_entries", "publication_files", "publications", "report_drafts",
        "trustee_approvals",
    }  # fmt: skip


def test_no_identifier_comes_from_a_sequence(engine: Engine) -> None:
    metadata.create_all(engine)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            assert connection.exec_driver_sql("SELECT count(*) FROM pg_sequences").scalar_one() == 0
        else:
            counted = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'"
            ).scalars()
            written_by_sources = {
                "cases", "epochs", "grants", "records", "pending_entries", "source_sessions", "holdings",
                "attachments",
            }  # fmt: skip
            assert written_by_sources.isdisjoint(counted)
