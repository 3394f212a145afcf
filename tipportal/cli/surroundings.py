"""What every command needs: settings from the environment, the storage, and refusals turned into one plain line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from tipportal.contexts import context_for
from tipportal.domain.errors import Refusal
from tipportal.settings import Settings, SettingsError
from tipportal.storage.database import Database
from tipportal.storage.faults import StorageFault
from tipportal.usecases.context import Context


def read_settings() -> Settings:
    """The settings, or exit 2 with every fault at once."""
    try:
        return Settings.from_env(os.environ)
    except SettingsError as error:
        raise click.UsageError("\n".join(("The settings cannot be used:", *error.faults))) from None


@contextmanager
def plain_faults() -> Iterator[None]:
    """Turn a refusal, and what the database refuses, into exit 1 with one line."""
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(refusal.reason) from None
    except StorageFault as fault:
        raise click.ClickException(str(fault)) from None


@contextmanager
def handler_context() -> Iterator[Context]:
    """The handler face's context on the installation's database; a refusal becomes exit 1 with its reason."""
    settings = read_settings()
    database = Database(settings.database_url, settings.blobs_dir)
    try:
        with plain_faults():
            if not database.is_current():
                raise click.ClickException("the database lacks this version's tables; run first: tipportal db upgrade")
            yield context_for(settings, database, "handler")
    finally:
        database.close()
