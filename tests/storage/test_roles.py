"""In production the program's role on PostgreSQL can read the handling log and add to it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.storage import samples
from tests.support import databases
from tipportal.domain.handlinglog import EntryKind
from tipportal.storage import Database

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "postgresql-roles.sql"
APP = "tipportal_app"
GUARDED = (
    "log_entries", "log_nodes", "checkpoints", "checkpoint_mailings", "checkpoint_acknowledgements", "directory_roots",
    "directory_snapshots", "publications", "publication_files",
)  # fmt: skip


@pytest.fixture
def url() -> Iterator[str]:
    """The app's own URL of a migrated database that belongs to somebody else."""
    with databases.fresh("postgresql", Path()) as owner:
        plain = owner.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
                connection.execute(f"CREATE ROLE {APP} LOGIN".encode())
            for _ in range(2):
                # psql's variable is the one thing in the file that the server itself does not know.
                connection.execute(ROLES.read_text().replace(':"app"', f'"{APP}"').encode())
        yield sa.make_url(owner).set(username=APP).render_as_string(hide_password=False)


def test_the_program_works_under_its_role(url: str, tmp_path: Path) -> None:
    database = Database(url, tmp_path / "blobs")
    assert database.is_current()
    samples.settle_in(database)
    with database.write() as uow:
        samples.submit(uow, samples.case())
        uow.log.append(samples.entry(EntryKind.SIGNED_IN))
        uow.log.append(samples.entry(EntryKind.SIGNED_OUT))
    with database.write() as uow:
        uow.settle(samples.DAY, bytes)
    with database.read() as uow:
        assert uow.log.size() >= 2
    database.close()


@pytest.mark.parametrize("table", GUARDED)
def test_nothing_that_is_logged_can_be_changed_and_no_guard_taken_away(url: str, table: str) -> None:
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    for statement in (
        f"UPDATE {table} SET organisation_id = 'x'",  # noqa: S608 - a name of ours
        f"DELETE FROM {table}",  # noqa: S608 - as above
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table}",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (x integer)",
        "UPDATE alembic_version SET version_num = '0001'",
    ):
        with psycopg.connect(plain) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
