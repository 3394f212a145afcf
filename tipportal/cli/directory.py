"""The handler directory: its root, made and signed on a machine without a network, and what is published."""

from __future__ import annotations

import json
import os
import time
from datetime import date
from pathlib import Path

import click

from tipportal.domain.deadlines import stockholm_date
from tipportal.envelope import EnvelopeError
from tipportal.envelope.canonical import Json, Members
from tipportal.envelope.checkphrase import check_phrase
from tipportal.envelope.directory import Remembered, parse_published, verify_directory
from tipportal.envelope.hybrid import RECIPIENT_SIZE, HybridRecipient
from tipportal.envelope.keys import VERIFICATION_KEY_SIZE, VerificationKey
from tipportal.envelope.paper import paper_rows, read_paper
from tipportal.envelope.refusals import PaperError
from tipportal.envelope.roots import (
    DirectoryError,
    Root,
    RootAdministrator,
    RootSigningKey,
    SignedRoot,
    check_successor,
    fingerprint,
    parse_root,
    parse_root_key,
    parse_signed_root,
    signers,
)
from tipportal.usecases import directory as published_directory
from tipportal.usecases.context import Context

from .surroundings import handler_context

_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MAX_FILE = 16 * 1024 * 1024


@click.group()
def directory() -> None:
    """The handler directory and its offline root.

    Once, and when root keys or administrators change: `directory show --request` on the server; then, on a machine
    without a network: `directory key` once per key holder, `directory root`, `directory sign` by at least two; then
    `directory publish` on the server, and two administrators sign the next directory in their browsers.
    """


@directory.command()
@click.argument("file", type=_FILE)
def key(file: Path) -> None:
    """Make a root key: its words for paper, and its public half in FILE. Never overwrites.

    The words are shown once and kept nowhere: write them down twice, and let nobody keep two keys.
    """
    seed = os.urandom(32)
    public = RootSigningKey(seed).public
    _write_new(file, public.to_json())
    click.echo(f"Root key {public.id}. Write these rows on paper, with their digits:")
    for place, row in enumerate(paper_rows(seed), 1):
        click.echo(f"  {place}.  {' '.join(row.words)}  {row.check}")


@directory.command()
@click.argument("request", type=_THERE)
@click.option("--key", "keys", type=_THERE, multiple=True, help="The public half of a root key. Give three or more.")
@click.option("--threshold", type=click.IntRange(2, 9), default=2, show_default=True, help="How many keys must sign.")
@click.option("--administrator", "ids", multiple=True, metavar="ACCOUNT", help="All of the request's when left out.")
@click.option("--out", type=_FILE, required=True, help="The root to be signed.")
def root(request: Path, keys: tuple[Path, ...], threshold: int, ids: tuple[str, ...], out: Path) -> None:
    """Make the next root, unsigned, from what `directory show --request` gave. Needs no network and no database.

    Compare each administrator's check phrase with what they have before anybody signs: whom this root names is whom
    every browser trusts.
    """
    try:
        asked = Members(_read(request), frozenset({"installation", "date", "previous", "administrators"}))
        before = None if asked.value("previous") is None else parse_signed_root(asked.value("previous")).root
        everybody = map(_administrator, asked.items("administrators", most=100))
        people = [each for each in everybody if not ids or each[2].id in ids]
        made = Root(
            installation=asked.free_text("installation"),
            version=1 if before is None else before.version + 1,
            issued=asked.day("date"),
            keys=tuple(parse_root_key(_read(path)) for path in keys) or (() if before is None else before.keys),
            threshold=threshold,
            administrators=tuple(administrator for _, _, administrator in people),
        )
        parse_root(made.to_json())
    except EnvelopeError:
        raise click.ClickException(
            "a root needs three different keys or more, a threshold below their number, and two administrators"
        ) from None
    _write_new(out, {"previous": asked.value("previous"), **SignedRoot(made, ()).to_json()})
    click.echo(f"root {made.version}, fingerprint {' '.join(fingerprint(made))}")
    for name, phrase, administrator in people:
        click.echo(f"administrator {administrator.id}  {name}: {phrase}")


@directory.command()
@click.argument("file", type=_THERE)
def sign(file: Path) -> None:
    """Sign the root in FILE with a key on paper: asks for its rows, keeps nothing but the signature."""
    previous, signed = _carried(file)
    typed = click.prompt("The six rows, with their digits", hide_input=True, err=True)
    try:
        signing = RootSigningKey(read_paper(typed))
    except PaperError as error:
        rows = f"row {', '.join(map(str, error.rows))}" if error.rows else "the rows"
        raise click.ClickException(f"{rows}: not as on the paper") from None
    known = {each.id for root_ in (signed.root, previous and previous.root) if root_ for each in root_.keys}
    if signing.public.id not in known:
        raise click.ClickException("that key is neither of this root nor of the one before it")
    others = tuple(signature for signature in signed.signatures if signature.key != signing.public.id)
    signed = SignedRoot(signed.root, (*others, signing.sign(signed.root)))
    carried: dict[str, Json] = {"previous": None if previous is None else previous.to_json(), **signed.to_json()}
    file.write_text(json.dumps(carried, indent=1) + "\n")
    click.echo(f"signed with {signing.public.id}: {_missing(signed, previous)}")


@directory.command()
@click.argument("file", type=_THERE)
def publish(file: Path) -> None:
    """Publish a signed root on the server. The next directory that two administrators sign stands under it."""
    _, signed = _carried(file)
    with handler_context() as ctx:
        made = published_directory.publish_root(ctx, signed.to_json())
    click.echo(f"root {made.version} published, fingerprint {' '.join(fingerprint(made))}")
    click.echo("It holds from the next directory on: two of its administrators sign that in their browsers.")


@directory.command()
@click.option("--request", is_flag=True, help="What `directory root` needs, as JSON.")
@click.option("--json", "as_json", is_flag=True, help="All that clients are given, as JSON.")
@click.option("--reveal", is_flag=True, help="The handlers by name.")
def show(*, request: bool, as_json: bool, reveal: bool) -> None:
    """Show how it stands with the directory. Exit 1 when none is in force."""
    with handler_context() as ctx:
        if request:
            click.echo(json.dumps(published_directory.root_request(ctx), indent=1))
            return
        if as_json:
            click.echo(json.dumps(published_directory.published(ctx)))
            return
        if reveal:
            for account, name, right in published_directory.revealed(ctx):
                click.echo(f"{account}  {name}{'' if right else '  (another name is committed to)'}")
            return
        now = published_directory.status(ctx)
    if now.root is None:
        click.echo("No root is published.")
    else:
        click.echo(f"root {now.root.version}, fingerprint {' '.join(now.words)}")
    if now.head is None:
        click.echo("No directory is published.")
    else:
        state = "in force" if now.holds else "not in force"
        click.echo(f"directory {now.head.version}, {now.head.issued} to {now.head.expires}: {state}")
    if not now.holds:
        raise click.exceptions.Exit(1)


@directory.command()
@click.argument("file", type=_THERE, required=False)
@click.option(
    "--installation", default=None, metavar="HEX", help="The installation's id; asked of the database if none."
)
@click.option("--fingerprint", "words", default=None, metavar="WORDS", help="The nine words that must come out.")
@click.option("--seen", type=_FILE, default=None, help="Remember in this file what was seen, and refuse what is older.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The day; today if left out.")
def verify(file: Path | None, installation: str | None, words: str | None, seen: Path | None, day: date | None) -> None:
    """Verify a directory as clients do, with both algorithms: FILE is what `/api/directory` answered. Exit 1 if not."""
    if file is None:
        with handler_context() as ctx:
            answer: Json = published_directory.published(ctx)
            installation, today = installation or _installation(ctx), ctx.today()
    else:
        answer, today = _read(file), _today()
        if installation is None:
            raise click.UsageError("With a FILE, give --installation.")
    if day is not None:
        today = date(day.year, day.month, day.day)
    before = _seen(seen)
    try:
        found = verify_directory(parse_published(answer), installation=installation, days=[today], remembered=before)
    except DirectoryError as error:
        raise click.ClickException(_FAULTS.get(error.reason, error.reason)) from None
    except EnvelopeError:
        raise click.ClickException("that is no directory") from None
    made = " ".join(fingerprint(found.root))
    if words is not None and " ".join(words.lower().split()) != made:
        raise click.ClickException(f"the fingerprint is another: {made}")
    if seen is not None:
        now = found.remembered()
        seen.write_text(
            json.dumps({"root": now.root, "root_digest": now.root_digest, "version": now.version, "digest": now.digest})
            + "\n"
        )
    click.echo(
        f"directory {found.snapshot.version} under root {found.root.version} holds until {found.snapshot.expires}"
    )
    click.echo(f"fingerprint {made}")


_FAULTS = {
    "directory_none": "nothing has been published",
    "directory_installation": "it is of another installation",
    "directory_root_chain": "its roots do not follow one another",
    "directory_root_signatures": "a root lacks signatures of enough keys",
    "directory_root_rollback": "a newer root has been seen",
    "directory_wrong_root": "it does not stand under the newest root",
    "directory_signatures": "two administrators of the root have not signed it",
    "directory_validity": "it claims to hold longer than 35 days",
    "directory_stale": "it has expired",
    "directory_not_yet": "it does not hold yet",
    "directory_rollback": "a newer version has been seen",
    "directory_forked": "another one has been seen under the same version",
}


def _administrator(value: Json) -> tuple[str, str, RootAdministrator]:
    members = Members(value, frozenset({"id", "name", "recipient", "verification_key"}))
    key_ = VerificationKey(members.octets("verification_key", VERIFICATION_KEY_SIZE))
    phrase = check_phrase(HybridRecipient(members.octets("recipient", RECIPIENT_SIZE)), key_)
    return members.free_text("name"), phrase, RootAdministrator(members.free_text("id"), key_)


def _carried(file: Path) -> tuple[SignedRoot | None, SignedRoot]:
    """Give the root before, if any, and the root in a file that travels between the machines."""
    try:
        members = Members(_read(file), frozenset({"previous", "root", "signatures"}))
        before = members.value("previous")
        signed = parse_signed_root({"root": members.value("root"), "signatures": members.value("signatures")})
        return (None if before is None else parse_signed_root(before)), signed
    except EnvelopeError:
        raise click.ClickException(f"{file}: that is no root") from None


def _missing(signed: SignedRoot, previous: SignedRoot | None) -> str:
    try:
        check_successor(signed, None if previous is None else previous.root)
    except DirectoryError:
        own = len(signers(signed, signed.root.keys))
        text = f"{own} of {signed.root.threshold} of its own keys"
        if previous is not None:
            text += f", {len(signers(signed, previous.root.keys))} of {previous.root.threshold} of those before"
        return text
    return "enough signatures, ready to be published"


def _installation(ctx: Context) -> str:
    with ctx.storage.read() as uow:
        return published_directory.installation_of(uow)


def _today() -> date:
    return stockholm_date(int(time.time()))


def _seen(file: Path | None) -> Remembered | None:
    if file is None or not file.exists():
        return None
    try:
        members = Members(_read(file), frozenset({"root", "root_digest", "version", "digest"}))
        return Remembered(
            members.integer("root"), members.digest("root_digest"), members.integer("version"), members.digest("digest")
        )
    except EnvelopeError:
        raise click.ClickException(f"{file}: not what was remembered") from None


def _read(file: Path) -> Json:
    try:
        text = file.read_bytes()
        if len(text) > _MAX_FILE:
            raise click.ClickException(f"{file}: too large")
        found: Json = json.loads(text)
    except (OSError, ValueError):
        raise click.ClickException(f"{file}: no JSON that can be read") from None
    return found


def _write_new(file: Path, value: Json) -> None:
    try:
        with file.open("x") as out:
            out.write(json.dumps(value, indent=1) + "\n")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
