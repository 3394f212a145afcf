"""`tipportal archive`: a member exports a closed case with their own key, on a machine of theirs."""

from __future__ import annotations

import os
from pathlib import Path

import click

_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_USUAL_DATA = "/var/lib/tipportal"


@click.command()
@click.argument("reference")
@click.option("--out", type=_DIRECTORY, required=True, help="A directory of yours; the package is made inside it.")
@click.option("--bundle", "given", type=_THERE, help="The file from the case's page. Needs no database.")
@click.option("--account", help="Without --bundle: your e-mail address, on the server.")
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", show_default=True)
def archive(reference: str, out: Path, given: Path | None, account: str | None, language: str) -> None:
    """Export a closed case to an archive: an E-ARK package with ERMS metadata and a readable PDF.

    Two of the case's members decide on it first, in their browsers. Asks for your passphrase. What is opened is written
    to the directory alone, readable by you only: the case in clear. Never on the server's own disk.
    """
    _warn_of_server(out)
    if (given is None) is (account is None):
        raise click.UsageError("Give either --bundle, or --account on the server.")
    from . import archive_making  # noqa: PLC0415 - the words of a face and what opens cases, which only this needs

    archive_making.make(reference, out, given, account or "", language)


def _warn_of_server(out: Path) -> None:
    data = Path(os.environ.get("TIPPORTAL_DATA_DIR") or _USUAL_DATA).resolve()
    if out.resolve().is_relative_to(data):
        click.echo(
            f"Warning: {out} lies among the server's own data, and its backups would hold the case in clear. "
            "Use a machine of your own, or remove the package as soon as it is delivered.",
            err=True,
        )
