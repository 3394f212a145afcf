"""What `tipportal archive` does: from a bundle and a passphrase to a package on the disk."""

from __future__ import annotations

import base64
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from tipportal import __version__
from tipportal.archive.content import Say
from tipportal.archive.package import PackageExists, package_room
from tipportal.delivery.wording import CatalogueMissing, translator
from tipportal.domain.ways import WayKind
from tipportal.envelope.passphrase import HandlerIdentity
from tipportal.usecases import archiving as usecase

from .archive_describing import Describer, faults_of
from .archive_opening import Bundle, identity_of, opened_case, proven_log, read_bundle
from .surroundings import handler_context

_STOCKHOLM = ZoneInfo("Europe/Stockholm")


def make(reference: str, out: Path, given: Path | None, email: str, language: str) -> None:
    """Make the package inside ``out``, from the bundle that is given or that the server makes for an account.

    Raises ClickException with one plain line, and exits 1 when something in the case does not hold.
    """
    made_at = datetime.now(_STOCKHOLM).replace(microsecond=0)
    try:
        with _bundle(reference, out, given, email) as (bundle, identity):
            if bundle.reference != reference:
                raise click.ClickException("The bundle is of another case.")
            say = _say(language)
            opened = opened_case(bundle, identity)
            proof = proven_log(bundle.content)
            with package_room(out, f"tipportal-{reference}") as room:
                case = Describer(bundle, opened, room, say).case(proof, language)
                room.finish(case, say, _log_file(bundle.content), made_at, ("tipportal", __version__))
    except PackageExists as error:
        raise click.ClickException(f"{error}: there is a package already; it is never written over") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or out}: {error.strerror or error}") from None
    click.echo(f"{out / case.package_id}: {len(case.documents)} documents")
    faults = [*faults_of(case), *([] if proof.holds else ["The proofs of the handling log do not hold."])]
    for fault in faults:
        click.echo(f"  {fault}", err=True)
    if faults:
        raise click.exceptions.Exit(1)


@contextmanager
def _bundle(reference: str, out: Path, given: Path | None, email: str) -> Iterator[tuple[Bundle, HandlerIdentity]]:
    if given is not None:
        bundle = read_bundle(given)
        yield bundle, bundle.unlock(_passphrase())
        return
    with handler_context() as ctx:
        with ctx.storage.read() as uow:
            account = uow.accounts.by_email(email.strip().lower())
            ways = [] if account is None else list(uow.ways.of(account.id))
        if account is None:
            raise click.ClickException("There is no such account.")
        # First the key, then the case: nobody fetches one in the name of somebody else.
        identity = identity_of([way.file for way in ways if way.kind is WayKind.PASSPHRASE], _passphrase())
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as file:
            usecase.write_bundle(ctx, usecase.fetch(ctx, account, reference), file)
            yield Bundle(zipfile.ZipFile(file)), identity


def _passphrase() -> str:
    return str(click.prompt("Passphrase", hide_input=True))


def _say(language: str) -> Say:
    try:
        translate = translator([language])
    except CatalogueMissing:
        raise click.ClickException("The texts of that language have not been built.") from None
    return lambda text: translate(language, text)


def _log_file(content: Mapping[str, Any]) -> bytes:
    """The case's part of the log for the package: each entry as the text whose bytes were hashed."""
    log = content["log"]
    entries = [
        {"index": one["index"], "text": base64.b64decode(one["entry"]).decode(), "path": one["path"]}
        for one in log["entries"]
    ]
    return json.dumps({**log, "entries": entries}, ensure_ascii=False, indent=1).encode()
