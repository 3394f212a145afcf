"""The commands themselves: set up, look after, verify."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask

from tipportal.app import create_app
from tipportal.domain.organisations import OrganisationKind
from tipportal.storage.database import Database
from tipportal.storage.schema import upgrade
from tipportal.usecases import administer, scheduled
from tipportal.usecases.enrol import Invited

from .archiving import archive
from .demo import demo
from .directory import directory
from .entry import main
from .log import log, signer_for_tick
from .notices import notices, outgoing_of
from .records import registration, retention, write_feed
from .recovering import recover
from .routing import routing
from .serving import Server
from .setting_up import channels
from .surroundings import handler_context, plain_faults, read_settings


@main.command()
@click.option("--slug", required=True, help="Name in the address, for example exempelkommun.")
@click.option("--name", required=True, help="The organisation's name.")
@click.option("--kind", type=click.Choice([kind.value for kind in OrganisationKind]), default="municipality")
@click.option(
    "--administrator",
    "administrators",
    multiple=True,
    nargs=2,
    metavar="NAME EMAIL",
    help="Give it twice: an installation is founded by two.",
)
def found(slug: str, name: str, kind: str, administrators: tuple[tuple[str, str], ...]) -> None:
    """Found the installation with its first organisation and two administrators; prints their enrolment links.

    The same once more, before they have enrolled, prints new links and ends the old ones. Everything else is set up
    in the browser, by changes that both administrators sign.
    """
    if len(administrators) != administer.FOUNDERS:
        raise click.UsageError("Give --administrator NAME EMAIL exactly twice.")
    settings = read_settings()
    with handler_context() as ctx:
        founded = administer.found(
            ctx,
            slug=slug,
            name=name,
            kind=OrganisationKind(kind),
            founders=[administer.Founder(person, email) for person, email in administrators],
        )
    for invited in founded.invitations:
        _print_link(settings.handler_url, invited)


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's tables. Safe to run again."""
    settings = read_settings()
    with plain_faults():
        upgrade(settings.database_url)
    click.echo("The database is up to date.")


@main.command()
@click.option("--face", type=click.Choice(["public", "handler"]), default=None, help="One face; both when left out.")
def serve(face: str | None) -> None:
    """Serve the faces, or one of them, under gunicorn: processes of threads, no access log."""
    settings = read_settings()
    if face is not None:
        settings = replace(settings, faces=(face,))

    def make_app() -> Flask:
        return create_app(settings, Database(settings.database_url, settings.blobs_dir))

    # Made once before any worker, so that what is missing is said here and not in a loop of restarts.
    make_app()
    Server(
        make_app, bind=[settings.bind], workers=settings.workers, threads=settings.threads, https=settings.https
    ).run()


@main.command()
def tick() -> None:
    """Do all periodic work once. Idempotent, and safe in parallel: run it every quarter of an hour."""
    settings = read_settings()
    signer, outgoing = signer_for_tick(settings), outgoing_of(settings)
    with handler_context() as ctx:
        done = scheduled.tick(ctx, signer, outgoing)
        if settings.registration_dir is not None:
            write_feed(ctx, settings.registration_dir)
    click.echo(
        f"{done.entries_joined} entries joined, {done.rows_settled} rows settled, "
        f"{done.proposals_expired} proposals expired, {done.sessions_ended} sessions ended, "
        f"{done.files_removed} abandoned files removed, {done.standbys_released} cases given a standby, "
        f"{done.lines_registered} lines registered, {done.cases_locked} cases locked, "
        f"{done.checkpoints_made} checkpoints made, {done.report_files_made} files of reports made, "
        f"{done.letters_sent} letters sent"
    )
    if done.mail_down:
        # Everything waits, and the next tick tries again: administrators see it when it has been so for a day.
        click.echo("The mail server takes no mail: see tipportal notices check", err=True)
    if done.files_failed:
        click.echo("Files of a published report could not be made: is Pango (libpango-1.0-0) installed?", err=True)
    if done.log_disagrees:
        raise click.ClickException(
            "the handling log does not go on from its newest checkpoint: run tipportal log verify"
        )


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def secret(file: Path) -> None:
    """Make a face's secret key FILE: 32 random bytes, readable by its owner only. Never overwrites."""
    try:
        file.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    file.write_bytes(secrets.token_bytes(32))


def _print_link(handler_url: str, invited: Invited) -> None:
    # The token stands in the fragment, which no browser sends and no server logs.
    click.echo(
        f"{invited.account.name} <{invited.account.email}>: {handler_url}/handlaggare/registrera#{invited.token}"
    )


for command in (archive, demo, channels, directory, log, notices, recover, registration, retention, routing):
    main.add_command(command)
