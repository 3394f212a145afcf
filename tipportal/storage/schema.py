"""Bringing a database to the tables of this version. Loads Alembic, so servers do not import it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from .engines import normalised, writer_engine
from .faults import translated


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database up to a revision, in one transaction, one program at a time. Does nothing when it is there.

    Raises ValueError for a URL of another kind of database, StorageFault or Busy when the database refuses.
    """
    _migrate(database_url, revision, down=False)


def downgrade(database_url: str, revision: str = "base") -> None:
    """Take the database down to a revision; at ``base`` nothing is left, log included."""
    _migrate(database_url, revision, down=True)


def newest() -> str | None:
    """The newest revision that the migrations lead to."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _migrate(database_url: str, revision: str, *, down: bool) -> None:
    engine = writer_engine(normalised(database_url))
    try:
        # The writer's lock is held throughout: two programs that start at once do not both migrate.
        with translated(), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            config = _config(connection)
            if down:
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
    finally:
        engine.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    # configparser reads percent signs.
    config.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _migrations() -> Path:
    package = Path(__file__).resolve().parent.parent
    installed = package / "migrations"
    # A wheel carries the folder inside the package; a checkout has it beside.
    return installed if installed.is_dir() else package.parent / "migrations"
