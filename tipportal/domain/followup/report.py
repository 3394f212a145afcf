"""What a report of the follow-up is made of: sections of paragraphs and tables, whose figures say what they are.

Words are Swedish msgids with values (``Sentence``): every format and language is written from the same report.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from .periods import Period

DEFINITIONS = 1
"""The version of what the figures mean. A published report names the one that it was made with."""


class ReportKind(enum.StrEnum):
    """The reports. The enumeration only grows: published files name it."""

    ANNUAL = "annual"
    HALF_YEAR = "half_year"
    BRA = "bra"
    AWARENESS = "awareness"
    SAMPLE = "sample"
    INDICATORS = "indicators"
    SITUATION = "situation"


REPORTS: Mapping[ReportKind, str] = {
    ReportKind.ANNUAL: N_("Årlig uppföljning"),
    ReportKind.HALF_YEAR: N_("Underlag till halvårsrapport"),
    ReportKind.BRA: N_("Sammanfattning till lokala brottsförebyggande rådet"),
    ReportKind.AWARENESS: N_("Kännedom om kanalerna"),
    ReportKind.SAMPLE: N_("Stickprov till internkontrollen"),
    ReportKind.INDICATORS: N_("Indikatorer"),
    ReportKind.SITUATION: N_("Underlag till lägesbild och riskvärdering"),
}


class Audience(enum.StrEnum):
    """Who may read it: those who may read the log anyway, or anybody, since what leaves is a public record."""

    INTERNAL = "internal"
    PUBLIC = "public"


class Unit(enum.StrEnum):
    """What a figure counts. A share is in thousandths and shows as a per cent with one decimal."""

    CASES = "cases"
    ACTS = "acts"
    PEOPLE = "people"
    DAYS = "days"
    KRONOR = "kronor"
    SHARE = "share"
    TEXT = "text"


class Mark(enum.StrEnum):
    """What stands where the figure would."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    """Fewer than five, or it would let somebody compute such a figure."""
    NO_BASE = "no_base"
    """Nothing to compute it from: no cases, or fewer than five for a share or a median."""
    NOT_YET = "not_yet"
    """The period still runs, or had not begun; or nothing was counted then."""
    BAND = "band"
    """``text`` is the band that the figure lies in."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``value`` is whole: cases, days, kronor, or thousandths of a share (with ``part`` of ``base``).

    ``value`` is None unless the mark is SHOWN. ``text`` is what a band or a word says.
    """

    value: int | None = None
    mark: Mark = Mark.SHOWN
    part: int | None = None
    base: int | None = None
    text: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What a row is about. ``key`` stays the same in all languages and years. ``name``: as it is, never translated.

    ``total``: the sum of the rows before it. ``level`` 1 stands under the nearest row of level 0 above.
    """

    key: str
    words: Sentence | None = None
    name: str | None = None
    total: bool = False
    level: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """What a column tells, and in which unit. ``bars``: it may be drawn as bars beside its figures."""

    key: str
    words: Sentence
    unit: Unit
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: one row of figures for each head, one figure for each column.

    ``definition`` says what was counted, from which entries of the log. ``hidden``: more than half of it was hidden,
    and sums over several years or prose stand in its stead.
    """

    id: str
    title: Sentence
    first: Sentence
    columns: tuple[Column, ...]
    heads: tuple[Head, ...]
    figures: tuple[tuple[Figure, ...], ...]
    definition: Sentence
    notes: tuple[Sentence, ...] = ()
    hidden: bool = False

    def __post_init__(self) -> None:
        wide = [len(row) == len(self.columns) for row in self.figures]
        if len(wide) != len(self.heads) or not all(wide):
            raise ValueError(f"table {self.id}: figures do not fit heads and columns")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with the real figures in it. ``edited``: what two have put in its stead, as it is."""

    id: str
    words: Sentence
    edited: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under one heading: paragraphs first, then tables."""

    id: str
    title: Sentence
    paragraphs: tuple[Paragraph, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class LogRange:
    """The entries that a report was computed from: from 0 up to, not including, ``size``.

    ``root`` is the tree head (32 bytes, hexadecimal) of that size; ``checkpoint`` the signed note of the newest
    checkpoint that is not larger, None where no key has been set.
    """

    origin: str
    size: int
    root: str
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was computed. ``scope`` is an organisation's id, None for the whole installation.

    ``as_of`` is the Swedish date that corrections count until. ``names`` are labels of organisations and functions by
    id: what they were called when the report was made. ``earlier``: digests of the publications that were taken into
    account when small figures were hidden. ``together``: those of the whole and of every organisation were decided at
    once (``building.scopes_of``).
    """

    kind: ReportKind
    period: Period
    scope: str | None
    audience: Audience
    as_of: date
    log: LogRange
    title: Sentence
    sections: tuple[Section, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    earlier: tuple[str, ...] = ()
    definitions: int = DEFINITIONS
    seed: str | None = None
    together: bool = False

    def edited(self, texts: Mapping[str, str]) -> Report:
        """The report with paragraphs (by id) replaced by what two have written. Unknown ids raise KeyError."""
        unknown = set(texts) - {one.id for section in self.sections for one in section.paragraphs}
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        sections = tuple(
            replace(
                section,
                paragraphs=tuple(replace(one, edited=texts.get(one.id, one.edited)) for one in section.paragraphs),
            )
            for section in self.sections
        )
        return replace(self, sections=sections)


def share(part: int, base: int) -> Figure:
    """A share in thousandths, rounded half up, with what it is a share of. NO_BASE of nothing."""
    if base == 0:
        return Figure(mark=Mark.NO_BASE, part=part, base=base)
    return Figure((2000 * part + base) // (2 * base), part=part, base=base)
