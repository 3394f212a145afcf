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
from tipportal.domain.followup.publications import PUBLISHABLE, check_period
from tipportal.domain.followup.report import Audience, Report, ReportKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.signednotes import MAX_NOTE, NoteKey, parse_vkey
from tipportal.reporting import LANGUAGES, Format, document, render
from tipportal.reporting.words import Words
from tipportal.usecases import checkpoints, logexport
from tipportal.usecases.reporting import making, verifying
from tipportal.usecases.reporting.verifying import Checked

from . import report_files
from .surroundings import handler_context

_FILE = click.Path(path_type=Path)
_FORMATS = {("text" if each is Format.TEXT else each.value): each for each in Format}
_BINARY = frozenset({Format.PDF, Format.DOCX, Format.XLSX})
_LANGUAGE = click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
LONGEST_SEED = 200
"""Characters of a seed: what the file of a report has room for."""
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
        words = Words(language)
        with _in_words(words):
            _check_asked(kind, audience, seed, published=published)
        if out is not None:
            report_files.check_absent(out, words)
        elif _FORMATS[form] in _BINARY and sys.stdout.isatty():
            text = N_("Ange --out: %(form)s går inte att visa i en terminal.")
            raise click.UsageError(words.told(Sentence(text, {"form": form})))
        with handler_context() as ctx, _in_words(words):
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
            data = render(made, _FORMATS[form], language, draft=found is None, registry_number=number)
        report_files.write(data, out, words)


for _kind in ReportKind:
    _command(_kind)


@report.command()
@click.argument("file", type=_FILE)
@click.argument("checkpoint", type=_FILE)
@click.option("--log", "exported", type=_FILE, required=True, help="The file that `tipportal log export` wrote.")
@click.option("--key", "keys", multiple=True, metavar="VKEY", help="The public key. Otherwise the one the log names.")
@_LANGUAGE
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(
    *, file: Path, checkpoint: Path, exported: Path, keys: tuple[str, ...], language: str, as_json: bool
) -> None:
    """Compute a report (FILE, as JSON) again from an export of the log. Exit 1 when anything is wrong.

    CHECKPOINT was kept elsewhere. Needs no database and no settings: only the three files, and the public key.
    """
    words = Words(language)
    data = report_files.read(file, document.MOST_BYTES, words)
    note, known = _note(checkpoint, words), [_vkey(each, words) for each in keys]
    lines = report_files.Lines(exported, words)
    try:
        checked = verifying.verify(data, note, lines, known)
    except logexport.ExportError:
        text = N_(
            "%(file)s: det är ingen export av en logg, eller så är den skadad, på rad %(number)d. Exportera loggen "
            "igen med tipportal log export."
        )
        values = {"file": str(exported), "number": lines.number}
        raise click.ClickException(words.told(Sentence(text, values))) from None
    if as_json:
        _tell_json(checked, words)
    else:
        _tell(checked, words)
    if not checked.holds:
        sys.exit(1)


@contextmanager
def _in_words(words: Words) -> Iterator[None]:
    """Say a refusal in the language: exit 2 for what was asked for wrongly, 1 for what cannot be done."""
    try:
        yield
    except Invalid as refusal:
        raise click.UsageError(words.text(refusal.reason)) from None
    except Refusal as refusal:
        raise click.ClickException(words.text(refusal.reason)) from None


def _check_asked(kind: ReportKind, audience: str, seed: str | None, *, published: bool) -> None:
    """Refuse options that say something else than each other. Raises Invalid."""
    if seed is not None and kind is not ReportKind.SAMPLE:
        raise Invalid(N_("Ett frö (--seed) hör bara till ett stickprov."), field="seed")
    if seed is not None and (not seed.isprintable() or not 1 <= len(seed) <= LONGEST_SEED):
        raise Invalid(N_("Fröet ska ha 1 till 200 tecken, på en rad."), field="seed")
    if published and kind not in PUBLISHABLE:
        raise Invalid(N_("Den rapporten publiceras inte."), field="kind")
    if published and audience != Audience.PUBLIC:
        raise Invalid(N_("Det som är publicerat är för alla: ta bort --audience internal."), field="audience")


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


def _vkey(line: str, words: Words) -> NoteKey:
    try:
        return parse_vkey(line.strip())
    except EnvelopeError:
        text = N_("Nyckeln (--key) ska vara den rad som tipportal log key skriver ut.")
        raise click.UsageError(words.text(text)) from None


def _note(path: Path, words: Words) -> str:
    try:
        return checkpoints.as_sent(report_files.read(path, MAX_NOTE, words).decode())
    except ValueError:
        text = N_(
            "%(file)s: det är ingen kontrollpunkt. Ange filen med de rader som tipportal log checkpoint skriver ut."
        )
        raise click.ClickException(words.told(Sentence(text, {"file": str(path)}))) from None


def _tell(checked: Checked, words: Words) -> None:
    said: Callable[[str], str] = words.text
    if checked.log is not None:
        values = {"size": checked.log.size, "root": checked.log.root}
        click.echo(said(N_("Loggen: %(size)d poster, trädets huvud %(root)s")) % values)
    fault = said(N_("FEL"))
    for wrong in checked.wrong:
        click.echo(f"{fault}  {words.told(wrong)}")
    if checked.log is not None:
        for finding in checked.log.findings:
            where = said(N_("hela loggen")) if finding.index is None else said(N_("post %d")) % finding.index
            click.echo(f"{fault}  {where}: {words.told(finding.said)}")
    for remark in _remarks(checked):
        click.echo(said(remark))
    if checked.edited and checked.published is not None:
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
    if checked.instead is not None:
        yield N_("Två har publicerat den här rapporten, men en annan fil än den här.")
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
            "findings": [{"index": each.index, "what": words.told(each.said)} for each in checked.log.findings],
        },
        "published": None if checked.published is None else checked.published.on.isoformat(),
        "edited": list(checked.edited),
        "remarks": [words.text(each) for each in _remarks(checked)],
    }
    click.echo(json.dumps(told, ensure_ascii=False))
