from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from tests.storage import samples
from tests.support import databases
from tipportal.domain.handlinglog import EntryKind
from tipportal.storage import Database, StorageFault
from tipportal.storage.engines import normalised, writer_engine
from tipportal.storage.revision import HEAD
from tipportal.storage.rows import metadata
from tipportal.storage.schema import downgrade, newest, upgrade


@pytest.fixture
def empty_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    with databases.empty(database_kind, tmp_path) as url:
        yield url


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
    assert len(metadata.tables) == 22
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


def test_the_newest_revision_goes_and_comes_back_around_what_is_kept(
    empty_url: str, engine: Engine, tmp_path: Path
) -> None:
    upgrade(empty_url, "0001")
    database = Database(empty_url, tmp_path / "blobs")
    assert not database.is_current()
    samples.settle_in(database)
    case = samples.case()
    with database.write() as uow:
        kept = samples.submit(uow, case)
    for _ in range(2):
        upgrade(empty_url)
        assert database.is_current()
        with database.write() as uow:
            uow.attachments.add([samples.attached(kept[1])])
        downgrade(empty_url, "0001")
        assert "attachments" not in sa.inspect(engine).get_table_names()
        with database.read() as uow:
            assert uow.cases.last_record(case.id, kept[1].stream) == kept[1]
    database.close()


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
    assert without == set()
    nullable = {name for name, table in metadata.tables.items() if table.c.organisation_id.nullable}
    assert nullable == {"installation", "log_entries", "log_nodes", "pending_entries"}


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
