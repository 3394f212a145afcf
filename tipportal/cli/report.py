"""`tipportal report`: reports of the follow-up from the log, and their verification without any database (06)."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tipportal.domain.errors import Invalid, Refusal
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.publications import check_period
from tipportal.domain.followup.report import Audience, Report, ReportKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.signednotes import MAX_NOTE, NoteKey, parse_vkey
from tipportal.reporting import LANGUAGES, Format, document, render
from tipportal.reporting.words import Words
from tipportal.usecases import checkpoints, logexport
from tipportal.usecases.reporting import making, verifying
from tipportal.usecases.reporting.verifying import Checked

from .surroundings import handler_context

_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_FORMATS = {("text" if each is Format.TEXT else each.value): each for each in Format}
_BINARY = frozenset({Format.PDF, Format.DOCX, Format.XLSX})
_LANGUAGE = click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
_ABOUT = {
    ReportKind.ANNUAL: "The annual follow-up of a year, such as 2026.",
    ReportKind.HALF_YEAR: "What a half-year report is written from, such as 2026-1.",
    ReportKind.BRA: "A year's summary for the local crime prevention council.",
    ReportKind.AWARENESS: "How those who told during a year had heard of the channels.",
    ReportKind.SAMPLE: "A year's closed cases at random, for internal control: process data alone. Internal.",
    ReportKind.INDICATORS: "A year's indicators, to be put beside others'.",
    ReportKind.SITUATION: "A year's irregularities by area and type, however they were found.",
}


@click.group()
def report() -> None:
    """Reports of the follow-up: made from the handling log, and verified from an export of it.

    What is made here is a draft and says so. Two administrators publish a report in the browser.
    """
    # The process ends with the report, and among the facts of a million entries there is nothing to collect.
    gc.disable()


def _command(kind: ReportKind) -> None:
    @report.command(kind.value.replace("_", "-"), help=_ABOUT[kind])
    @click.argument("period")
    @click.option("--organisation", metavar="SLUG", help="One organisation; otherwise the whole installation.")
    @click.option(
        "--audience",
        type=click.Choice([each.value for each in Audience]),
        default=(Audience.INTERNAL if kind is ReportKind.SAMPLE else Audience.PUBLIC).value,
        show_default=True,
        help="In public small figures are hidden. Internal: for whoever may read the log.",
    )
    @click.option("--published", is_flag=True, help="The one that was published last, and no draft.")
    @click.option("--seed", help="What a sample is drawn by: anybody with the log draws the same.")
    @click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="text", show_default=True)
    @_LANGUAGE
    @click.option("--out", type=_FILE, help="Write to this file. Never overwrites.")
    def make(  # noqa: PLR0917 - its options
        period: str,
        organisation: str | None,
        audience: str,
        published: bool,  # noqa: FBT001 - click gives it by name
        seed: str | None,
        form: str,
        language: str,
        out: Path | None,
    ) -> None:
        if out is None and _FORMATS[form] in _BINARY and sys.stdout.isatty():
            raise click.UsageError(f"Give --out: {form} is nothing for a terminal.")
        if seed is not None and kind is not ReportKind.SAMPLE:
            raise click.UsageError("--seed goes with a sample.")
        with handler_context() as ctx, _in_words(language):
            when = Period.read(period)
            check_period(kind, when)
            with ctx.storage.read() as uow:
                scope = _scope(uow, organisation)
                found = _published(uow, kind, when, scope) if published else None
            if found is not None:
                made, number = found
            else:
                made = making.make(ctx, kind, when, scope=scope, audience=Audience(audience), seed=seed).report
                number = None
        _write(render(made, _FORMATS[form], language, draft=found is None, registry_number=number), out)


for _kind in ReportKind:
    _command(_kind)


@report.command()
@click.argument("file", type=_THERE)
@click.argument("checkpoint", type=_THERE)
@click.option("--log", "exported", type=_THERE, required=True, help="The file that `tipportal log export` wrote.")
@click.option("--key", "keys", multiple=True, metavar="VKEY", help="The public key. Otherwise the one the log names.")
@_LANGUAGE
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(
    *, file: Path, checkpoint: Path, exported: Path, keys: tuple[str, ...], language: str, as_json: bool
) -> None:
    """Compute a report (FILE, as JSON) again from an export of the log. Exit 1 when anything is wrong.

    CHECKPOINT was kept elsewhere. Needs no database and no settings: only the three files, and the public key.
    """

    def lines() -> Iterator[bytes]:
        with exported.open("rb") as rest:
            yield from iter(lambda: rest.readline(logexport.MAX_LINE + 1), b"")

    with file.open("rb") as content:
        data = content.read(document.MOST_BYTES + 1)
    try:
        checked = verifying.verify(data, _note(checkpoint), lines, [_vkey(each) for each in keys])
    except logexport.ExportError:
        raise click.ClickException(f"{exported}: that is no export of a log, or it has been damaged") from None
    if as_json:
        _tell_json(checked, Words(language))
    else:
        _tell(checked, Words(language))
    if not checked.holds:
        sys.exit(1)


@contextmanager
def _in_words(language: str) -> Iterator[None]:
    """Say a refusal in the language: exit 2 for what was asked for wrongly, 1 for what cannot be done."""
    try:
        yield
    except Invalid as refusal:
        raise click.UsageError(Words(language).text(refusal.reason)) from None
    except Refusal as refusal:
        raise click.ClickException(Words(language).text(refusal.reason)) from None


def _scope(uow: UnitOfWork, slug: str | None) -> str | None:
    if slug is None:
        return None
    found = uow.register.organisation(slug)
    if found is None:
        raise Invalid(N_("Det finns ingen organisation med det adressnamnet."), field="organisation")
    return found.id


def _published(uow: UnitOfWork, kind: ReportKind, period: Period, scope: str | None) -> tuple[Report, str]:
    for one in reversed(uow.publications.published()):
        if (one.kind, one.period, one.organisation_id) == (kind, str(period), scope):
            return document.decode(uow.publications.document(one.id)), one.registry_number
    raise Invalid(N_("Den rapporten har inte publicerats."), field="period")


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        click.echo(data, nl=False)
        return
    try:
        with out.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None


def _vkey(line: str) -> NoteKey:
    try:
        return parse_vkey(line.strip())
    except EnvelopeError:
        raise click.UsageError("the key is not as `tipportal log key` prints it") from None


def _note(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return checkpoints.as_sent(file.read(MAX_NOTE + 1).decode())
    except (OSError, ValueError):
        raise click.ClickException(f"{path}: that is no checkpoint") from None


def _tell(checked: Checked, words: Words) -> None:
    said: Callable[[str], str] = words.text
    if checked.log is not None:
        values = {"size": checked.log.size, "root": checked.log.root}
        click.echo(said(N_("Loggen: %(size)d poster, trädets huvud %(root)s")) % values)
        for finding in checked.log.findings:
            where = said(N_("hela loggen")) if finding.index is None else said(N_("post %d")) % finding.index
            click.echo(f"{said(N_('FEL'))}  {where}: {finding.what}")
    for wrong in checked.wrong:
        click.echo(f"{said(N_('FEL'))}  {words.told(wrong)}")
    for remark in _remarks(checked):
        click.echo(said(remark))
    if checked.edited:
        click.echo(said(N_("Stycken som två har skrivit om, och som inte är räknade: %s")) % ", ".join(checked.edited))
    if checked.published is not None:
        click.echo(said(N_("Exakt den här filen publicerades %s.")) % checked.published.on)
    if checked.holds:
        click.echo(said(N_("Rapporten är vad loggen säger.")))


def _remarks(checked: Checked) -> Iterator[str]:
    if checked.report is None or checked.log is None or checked.log.findings:
        return
    if checked.own_key:
        yield N_("Kontrollpunkten är prövad med nyckeln som loggen själv anger. Ange --key om du har en egen.")
    if checked.published is None:
        yield N_(
            "Filen är inte publicerad: namnen på organisationer och funktioner i den står inte i loggen, och är inte "
            "prövade."
        )


def _tell_json(checked: Checked, words: Words) -> None:
    told = {
        "holds": checked.holds,
        "wrong": [words.told(each) for each in checked.wrong],
        "log": None
        if checked.log is None
        else {
            "size": checked.log.size,
            "root": checked.log.root,
            "findings": [{"index": each.index, "what": each.what} for each in checked.log.findings],
        },
        "published": None if checked.published is None else checked.published.on.isoformat(),
        "edited": list(checked.edited),
        "remarks": [words.text(each) for each in _remarks(checked)],
    }
    click.echo(json.dumps(told, ensure_ascii=False))
