"""The diary feed, registry numbers back in, and what is due of retention."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import click

from tipportal.domain.retention import complete_on
from tipportal.usecases import registration as feeding
from tipportal.usecases import retention as ending
from tipportal.usecases.context import Context

from .surroundings import handler_context, read_settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def registration() -> None:
    """The diary feed to the registrar, and registry numbers back."""


@registration.command("export")
@click.argument("directory", type=_FOLDER)
@click.option("--days", type=click.IntRange(1, 36_500), default=feeding.KEPT_DAYS, show_default=True)
def export_feed(directory: Path, days: int) -> None:
    """Write the diary files of the last DAYS days to DIRECTORY. What is there already is left as it is."""
    with handler_context() as ctx:
        many = write_feed(ctx, directory, days)
    click.echo(f"{many} files written to {directory}")


@registration.command("import")
@click.argument("file", type=_FILE)
def import_numbers(file: Path) -> None:
    """Take registry numbers from FILE: CSV in UTF-8 with the columns number,registry_number. All or none."""
    try:
        with handler_context() as ctx, file.open(encoding="utf-8-sig", newline="") as lines:
            many = feeding.take_registry_numbers(ctx, lines)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise click.ClickException(f"{file}: not a text file in UTF-8") from None
    click.echo(f"{many} registry numbers kept")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def retention(*, as_json: bool) -> None:
    """List closed cases with an alarm, by reference and dates only, and what has been disposed of."""
    days = read_settings().backup_days
    with handler_context() as ctx:
        due = [
            {
                "reference": each.case.reference,
                "organisation": each.case.organisation_id,
                "channel": each.case.channel.value,
                "stage": each.stage.value,
                "closed_on": None if each.case.closed_on is None else each.case.closed_on.isoformat(),
                "ends_on": each.clock.ends.isoformat(),
                "profile": each.profile.value,
                "decision": None if each.kept is None else each.kept.decision.value,
                "decision_number": None if each.kept is None else each.kept.decision_number,
            }
            for each in ending.due(ctx)
        ]
        disposed = [
            {
                "reference": stub.reference,
                "organisation": stub.organisation_id,
                "channel": stub.channel.value,
                "received_on": stub.received_on.isoformat(),
                "closed_on": stub.closed_on.isoformat(),
                "disposed_on": stub.disposed_on.isoformat(),
                "decision_number": stub.decision_number,
                "complete_on": complete_on(stub.disposed_on, days).isoformat(),
            }
            for stub in ending.disposed(ctx)
        ]
    if as_json:
        click.echo(json.dumps({"due": due, "disposed": disposed}, ensure_ascii=False))
        return
    for line in due:
        decided = line["decision"] or ("ask" if line["profile"] == "ask" else "no decision")
        click.echo(
            f"{line['reference']}  closed {line['closed_on']}  ends {line['ends_on']}  {line['stage']}  {decided}"
        )
    for gone in disposed:
        told = (gone["reference"], f"disposed {gone['disposed_on']}", gone["decision_number"])
        click.echo("  ".join((*told, f"out of the last backup {gone['complete_on']}")))


def write_feed(ctx: Context, directory: Path, days: int = feeding.KEPT_DAYS) -> int:
    """Put the diary files of some days into a folder, each whole or not at all; how many were missing."""
    written = 0
    for made in feeding.files(ctx, ctx.today() - timedelta(days=days)):
        for ending_with, content in ((".csv", made.csv), (".json", made.json)):
            path = directory / f"{made.name}{ending_with}"
            if not path.exists():
                _write(path, content)
                written += 1
    return written


def _write(path: Path, content: bytes) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        # The registrar's program may run as another user of the folder's group; nothing here is secret to it.
        Path(part.name).chmod(0o640)
        Path(part.name).replace(path)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
