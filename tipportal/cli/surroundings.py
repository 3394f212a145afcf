"""What every command needs: settings from the environment, the storage, and refusals turned into one plain line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from tipportal.app import context_for
from tipportal.domain.errors import Refusal
from tipportal.settings import Settings, SettingsError
from tipportal.storage.database import Database
from tipportal.usecases.context import Context


def read_settings() -> Settings:
    """The settings, or exit 2 with every fault at once."""
    try:
        return Settings.from_env(os.environ)
    except SettingsError as error:
        raise click.UsageError("\n".join(("The settings cannot be used:", *error.faults))) from None


@contextmanager
def handler_context() -> Iterator[Context]:
    """The handler face's context on the installation's database; a refusal becomes exit 1 with its reason."""
    settings = read_settings()
    database = Database(settings.database_url, settings.blobs_dir)
    try:
        yield context_for(settings, database, "handler")
    except Refusal as refusal:
        raise click.ClickException(refusal.reason) from None
    finally:
        database.close()
