"""The handling log: its key, checkpoints, export and verification."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from tipportal.domain.checkpoints import KeptCheckpoint
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.keys import SEED_SIZE
from tipportal.envelope.signednotes import MAX_NOTE, NoteKey, NoteSigner, parse_signer, parse_vkey
from tipportal.settings import Settings
from tipportal.usecases import checkpoints, logbook, logexport
from tipportal.usecases.context import Context
from tipportal.usecases.logbook import Verified

from .surroundings import handler_context, read_settings

_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def log() -> None:
    """The handling log."""


@log.command()
@click.option("--new", is_flag=True, help="Make the key first. Never overwrites one.")
def key(*, new: bool) -> None:
    """Print the public key that verifies checkpoints; with --new, make the key's file (TIPPORTAL_LOG_KEY_FILE).

    Publish the line, and give it to the auditors: with it and a checkpoint of theirs anybody verifies the log.
    """
    path = read_settings().log_key_file
    if new:
        with handler_context() as ctx:
            make_signer(ctx, path)
    signer = read_signer(path)
    if signer is None:
        raise click.ClickException(f"{path}: there is no key; make it: tipportal log key --new")
    click.echo(signer.public.vkey())


@log.command()
@_JSON
def checkpoint(*, as_json: bool) -> None:
    """Sign the log as it is now, keep that, and print it. Refused when the log does not go on from the newest one."""
    path = read_settings().log_key_file
    signer = read_signer(path)
    if signer is None:
        raise click.ClickException(f"{path}: there is no key; make it: tipportal log key --new")
    with handler_context() as ctx:
        kept = checkpoints.make(ctx, signer)
    click.echo(_shown(kept) if as_json else kept.note, nl=as_json)


@log.command()
@click.argument("file", type=_FILE)
@click.option("--from", "start", type=click.IntRange(min=0), default=0, show_default=True, help="The first entry.")
def export(file: Path, start: int) -> None:
    """Write the log to FILE: every entry's exact bytes, and all kept checkpoints. Never overwrites."""
    with handler_context() as ctx:
        try:
            with file.open("xb") as out:
                many = logexport.export(ctx, out, start)
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from None
    click.echo(f"{many} entries written to {file}")


@log.command()
@click.option("--checkpoint", "kept", type=_THERE, multiple=True, help="A checkpoint that was kept elsewhere.")
@click.option("--export", "exported", type=_THERE, default=None, help="Verify this file; needs no database.")
@click.option("--key", "keys", multiple=True, metavar="VKEY", help="The public key. Needed with --export.")
@_JSON
def verify(*, kept: tuple[Path, ...], exported: Path | None, keys: tuple[str, ...], as_json: bool) -> None:
    """Verify every entry, the tree, and the two signatures under every act by two. Exit 1 when anything is wrong.

    A checkpoint that was kept elsewhere shows what no database can show of itself: that nothing was rewritten, cut off
    or put back since.
    """
    notes = [_read_note(path) for path in kept]
    if exported is None:
        if keys:
            raise click.UsageError("--key goes with --export: the database's log names its own keys.")
        with handler_context() as ctx:
            verified = logbook.verify(ctx, notes)
    else:
        if not keys:
            raise click.UsageError("With --export, give --key.")
        verified = _verify_file(exported, [_read_vkey(each) for each in keys], notes)
    _tell(verified, as_json=as_json)
    if verified.findings:
        sys.exit(1)


def make_signer(ctx: Context, path: Path) -> NoteSigner:
    """Make the log's key in a file that must not be there. Raises ClickException, and Conflict before founding."""
    made = NoteSigner(checkpoints.origin(ctx), os.urandom(SEED_SIZE))
    _write_key(path, made)
    return made


def read_signer(path: Path) -> NoteSigner | None:
    """The key in a file, or None where there is no file. Raises ClickException for one that cannot be used."""
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{path}: the log's key cannot be read") from None
    if mode & 0o077:
        raise click.ClickException(f"{path}: must be readable by its owner only (chmod 600)")
    try:
        return parse_signer(text)
    except EnvelopeError:
        raise click.ClickException(f"{path}: that is no key for checkpoints") from None


def signer_for_tick(settings: Settings) -> NoteSigner | None:
    """The key that the periodic work signs the day's checkpoint with, where there is one."""
    return read_signer(settings.log_key_file)


def _write_key(path: Path, signer: NoteSigner) -> None:
    try:
        path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
    path.write_text(signer.file_text())


def _verify_file(path: Path, keys: list[NoteKey], notes: list[str]) -> Verified:
    try:
        with path.open("rb") as lines:
            return logexport.verify_export(iter(lambda: lines.readline(logexport.MAX_LINE + 1), b""), keys, notes)
    except logexport.ExportError:
        raise click.ClickException(f"{path}: that is no export of a log, or it has been damaged") from None


def _read_vkey(line: str) -> NoteKey:
    try:
        return parse_vkey(line.strip())
    except EnvelopeError:
        raise click.ClickException("the key is not as `tipportal log key` prints it") from None


def _read_note(path: Path) -> str:
    try:
        with path.open("rb") as file:
            # One byte more than any of them has: a longer file is none, and is not read to its end to find out.
            return checkpoints.as_sent(file.read(MAX_NOTE + 1).decode())
    except (OSError, ValueError):
        raise click.ClickException(f"{path}: that is no checkpoint") from None


def _shown(kept: KeptCheckpoint) -> str:
    return json.dumps({"size": kept.size, "root": kept.root.hex(), "key": kept.key, "note": kept.note})


def _tell(verified: Verified, *, as_json: bool) -> None:
    if as_json:
        findings = [{"index": finding.index, "what": finding.what} for finding in verified.findings]
        told = {"size": verified.size, "root": verified.root, "covered": verified.covered, "kept": verified.outside}
        click.echo(json.dumps({**told, "findings": findings}, ensure_ascii=False))
        return
    click.echo(f"{verified.size} poster, trädets huvud {verified.root}")
    if verified.covered:
        click.echo(f"De första {verified.covered} omfattas av en undertecknad kontrollpunkt.")
    if verified.outside:
        click.echo(f"De första {verified.outside} är desamma som när den sparade kontrollpunkten gjordes.")
    for finding in verified.findings:
        where = "hela loggen" if finding.index is None else f"post {finding.index}"
        click.echo(f"FEL  {where}: {finding.what}")
    if not verified.findings:
        click.echo("Loggen är hel.")
