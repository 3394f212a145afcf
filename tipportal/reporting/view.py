"""A report as it is shown in one language: every word told and every figure written, for all formats alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tipportal.domain.followup.report import (
    REPORTS,
    Audience,
    Column,
    Figure,
    Head,
    Mark,
    Report,
    ReportKind,
    Section,
    Table,
    Unit,
)
from tipportal.domain.texts import N_

from . import document
from .words import LONGEST_LABEL, Words, line, plain

HIDDEN = ".."
"""What official statistics in Sweden write for a figure that is not given."""
FULL = 100
WHOLE_SHARE = 1000
_BLANK = re.compile(r"\n\s*\n")
_MARKS: Mapping[Mark, tuple[str, str]] = {
    Mark.HIDDEN: (HIDDEN, N_(".. betyder dolt: färre än fem, eller ett tal som skulle avslöja ett sådant.")),
    Mark.NO_BASE: ("–", N_("– betyder att det inte finns något att räkna på, eller för lite.")),
    Mark.NOT_YET: ("×", N_("× betyder att det inte räknades då, eller inte har inträffat än.")),
}
_SPOKEN: Mapping[Mark, str] = {
    Mark.HIDDEN: N_("dolt"),
    Mark.NO_BASE: N_("inget att räkna på"),
    Mark.NOT_YET: N_("räknades inte"),
}
_READERS: Mapping[Audience, str] = {
    Audience.PUBLIC: N_("Alla. Små tal är dolda."),
    Audience.INTERNAL: N_("Den som får läsa loggen. Små tal är synliga: lämna inte rapporten vidare."),
}
ADDRESSEES: Mapping[ReportKind, str] = {
    ReportKind.BRA: N_("Lokala brottsförebyggande rådet"),
    ReportKind.SAMPLE: N_("Kommunens revisorer"),
}
_WITNESS = N_(
    "Den som fogar den här sidan till ett protokoll bevarar ett vittne: ändras någon post i loggen efteråt går det att "
    "visa, och var och en som får loggen kan räkna om rapporten med kommandot tipportal report verify."
)


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure as it is written. ``spoken``: what a mark means, for who hears it; ``of``: what a share is of.

    ``bar``: how long it is drawn, 1 to 100, and ``bar_text`` the same in words; None where nothing is drawn.
    """

    text: str
    figure: Figure
    spoken: str = ""
    of: str = ""
    bar: int | None = None
    bar_text: str = ""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column. ``number``: its figures stand under each other by their digits."""

    key: str
    label: str
    unit: Unit
    bars: bool

    @property
    def number(self) -> bool:
        """Its figures are numbers, not words."""
        return self.unit is not Unit.TEXT


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row: what it is about, and its figures."""

    key: str
    label: str
    total: bool
    level: int
    figures: tuple[ShownFigure, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table. ``number`` counts through the whole report; ``notes`` end with what its marks mean."""

    id: str
    number: int
    title: str
    first: str
    columns: tuple[ShownColumn, ...]
    rows: tuple[ShownRow, ...]
    definition: str
    notes: tuple[str, ...]
    hidden: str
    """Why it is not drawn; empty where it is."""


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section: paragraphs, then tables."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A report to be laid out. ``facts`` stand at its beginning, ``proof`` and ``checkpoint`` at its end."""

    language: str
    kind: ReportKind
    kind_name: str
    period: str
    title: str
    scope: str
    addressee: str
    draft: str
    """That it is one; empty of what is published."""
    registry_number: str
    as_of: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[ShownSection, ...]
    proof_title: str
    proof: tuple[str, ...]
    proof_facts: tuple[tuple[str, str], ...]
    checkpoint: str

    @property
    def tables(self) -> Iterator[ShownTable]:
        """Every table, in order."""
        for section in self.sections:
            yield from section.tables


def shown(report: Report, language: str, *, draft: bool = False, registry_number: str | None = None) -> Shown:
    """The report in a language. Raises CatalogueMissing."""
    words = Words(language)
    scope = (
        words.text(N_("Hela portalen")) if report.scope is None else line(report.names.get(report.scope, report.scope))
    )
    numbers = iter(range(1, 1_000_000))
    return Shown(
        language=language,
        kind=report.kind,
        kind_name=words.text(REPORTS[report.kind]),
        period=str(report.period),
        title=words.label(report.title),
        scope=scope,
        addressee=words.text(ADDRESSEES[report.kind])
        if report.kind in ADDRESSEES
        else _addressee(report, scope, words),
        draft=words.text(N_("Utkast. Rapporten är inte publicerad.")) if draft else "",
        registry_number=line(registry_number or ""),
        as_of=report.as_of.isoformat(),
        facts=tuple(_facts(report, scope, words, registry_number)),
        sections=tuple(_section(section, words, numbers) for section in report.sections),
        proof_title=words.text(N_("Så kontrolleras siffrorna")),
        proof=tuple(_proof(report, words)),
        proof_facts=tuple(_proof_facts(report, words)),
        checkpoint=plain(report.log.checkpoint or "").strip("\n"),
    )


def _addressee(report: Report, scope: str, words: Words) -> str:
    if report.kind in ADDRESSEES:
        return words.text(ADDRESSEES[report.kind])
    return words.text(N_("Kommunstyrelsen")) if report.scope is None else scope


def _facts(report: Report, scope: str, words: Words, registry_number: str | None) -> Iterator[tuple[str, str]]:
    period = report.period
    yield words.text(N_("Avser")), scope
    yield words.text(N_("Period")), f"{period.first.isoformat()} – {period.last.isoformat()}"
    yield words.text(N_("Läget den")), report.as_of.isoformat()
    if registry_number:
        yield words.text(N_("Diarienummer")), line(registry_number)
    yield words.text(N_("Får läsas av")), words.text(_READERS[report.audience])
    if report.seed is not None:
        yield words.text(N_("Urvalets frö")), line(report.seed)


def _section(section: Section, words: Words, numbers: Iterator[int]) -> ShownSection:
    paragraphs = [
        part.strip()
        for one in section.paragraphs
        for part in _BLANK.split(plain(one.edited) if one.edited else words.told(one.words))
        if part.strip()
    ]
    tables = tuple(_table(table, next(numbers), words) for table in section.tables)
    return ShownSection(section.id, words.label(section.title), tuple(paragraphs), tables)


def _table(table: Table, number: int, words: Words) -> ShownTable:
    why = N_("Tabellen visas inte: mer än hälften av talen skulle vara dolda.")
    used = {figure.mark for row in table.figures for figure in row} if not table.hidden else set()
    longest = [_longest(table, column) for column in range(len(table.columns))]
    return ShownTable(
        id=table.id,
        number=number,
        title=words.label(table.title),
        first=words.label(table.first),
        columns=tuple(_column(one, words) for one in table.columns),
        rows=tuple(
            _row(head, row, table.columns, longest, words) for head, row in zip(table.heads, table.figures, strict=True)
        ),
        definition=words.told(table.definition),
        notes=(
            *(words.told(note) for note in table.notes),
            *(words.text(said) for mark, (_, said) in _MARKS.items() if mark in used),
        ),
        hidden=words.text(why) if table.hidden else "",
    )


def _column(column: Column, words: Words) -> ShownColumn:
    return ShownColumn(column.key, words.label(column.words), column.unit, column.bars)


def _row(
    head: Head, figures: tuple[Figure, ...], columns: tuple[Column, ...], longest: list[int], words: Words
) -> ShownRow:
    if head.words is not None and head.name is not None:
        label = line(f"{words.told(head.words)} {head.name}")
    else:
        label = line(words.told(head.words) if head.words is not None else head.name or "")
    written = tuple(
        _figure(figure, column, 0 if head.total else most, words)
        for figure, column, most in zip(figures, columns, longest, strict=True)
    )
    return ShownRow(head.key, label, head.total, head.level, written)


def _figure(figure: Figure, column: Column, most: int, words: Words) -> ShownFigure:
    if figure.mark in _MARKS:
        return ShownFigure(_MARKS[figure.mark][0], figure, spoken=words.text(_SPOKEN[figure.mark]))
    if figure.value is None:
        return ShownFigure(words.told(figure.text)[: 20 * LONGEST_LABEL] if figure.text is not None else "", figure)
    text = _written(figure.value, column.unit, words)
    of = ""
    if figure.part is not None and figure.base is not None:
        values = {"part": words.number(figure.part), "base": words.number(figure.base)}
        of = words.text(N_("%(part)s av %(base)s")) % values
    if most <= 0 or figure.value < 0:
        return ShownFigure(text, figure, of=of)
    bar = min(FULL, (FULL * figure.value + most - 1) // most)
    said = words.text(N_("Stapel: %(value)s av högst %(most)s.")) % {
        "value": text,
        "most": _written(most, column.unit, words),
    }
    return ShownFigure(text, figure, of=of, bar=bar, bar_text=said)


def _written(value: int, unit: Unit, words: Words) -> str:
    if unit is Unit.SHARE:
        return words.share(value)
    return words.kronor(value) if unit is Unit.KRONOR else words.number(value)


def _longest(table: Table, column: int) -> int:
    """What the longest bar of a column stands for; 0: none are drawn. A sum among its parts would dwarf them."""
    if not table.columns[column].bars or table.columns[column].unit is Unit.TEXT:
        return 0
    if table.columns[column].unit is Unit.SHARE:
        return WHOLE_SHARE
    values = [row[column].value or 0 for head, row in zip(table.heads, table.figures, strict=True) if not head.total]
    return max(values, default=0)


def _proof(report: Report, words: Words) -> Iterator[str]:
    log = report.log
    yield words.text(
        N_(
            "Alla siffror är räknade ur portalens händelselogg och ur inget annat: de %(size)s första posterna, "
            "med de rättelser som hade gjorts den %(day)s."
        )
    ) % {"size": words.number(log.size), "day": report.as_of.isoformat()}
    yield words.text(_WITNESS)
    if log.checkpoint is None:
        yield words.text(N_("Loggen har ännu ingen undertecknad kontrollpunkt."))


def _proof_facts(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    log = report.log
    yield words.text(N_("Logg")), line(log.origin)
    # Half-open, as in the specification: the last entry has one number less.
    last = words.number(log.size - 1) if log.size else "–"
    yield words.text(N_("Poster")), f"0 – {last}" if log.size else last
    yield words.text(N_("Trädets huvud (SHA-256)")), log.root
    yield words.text(N_("Definitioner, version")), str(report.definitions)
    yield words.text(N_("Rapportens kontrollsumma (SHA-256 av JSON-filen)")), document.digest(report)
    if report.earlier:
        yield words.text(N_("Tidigare publicerade rapporter som är inräknade")), words.number(len(report.earlier))
    if report.together:
        said = N_("tillsammans med hela portalens och alla organisationers")
        yield words.text(N_("Små siffror är dolda")), words.text(said)
