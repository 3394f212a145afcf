"""Which parts each report is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import awareness, indicators, sample, situation
from .caring import protection
from .courses import assessment, irregularities, outcomes
from .edges import changes
from .independence import independence
from .measuring import handovers, measures
from .receiving import received, told_by
from .report import Paragraph, ReportKind, Section
from .timing import deadlines
from .view import View

TITLES = {
    ReportKind.ANNUAL: N_("Årlig uppföljning %(period)s"),
    ReportKind.HALF_YEAR: N_("Underlag till halvårsrapport, %(period)s"),
    ReportKind.BRA: N_("Sammanfattning till lokala brottsförebyggande rådet %(period)s"),
    ReportKind.AWARENESS: N_("Kännedom om kanalerna %(period)s"),
    ReportKind.SAMPLE: N_("Stickprov till internkontrollen %(period)s"),
    ReportKind.INDICATORS: N_("Indikatorer %(period)s"),
    ReportKind.SITUATION: N_("Underlag till lägesbild och riskvärdering %(period)s"),
}

_COMMON = (received, assessment, irregularities, outcomes, measures, handovers, deadlines, independence)
PARTS: Mapping[ReportKind, tuple[Callable[[View], Section], ...]] = {
    ReportKind.ANNUAL: (received, told_by, *_COMMON[1:], protection, awareness.heard),
    ReportKind.HALF_YEAR: _COMMON,
    ReportKind.BRA: (received, irregularities, outcomes, measures, handovers),
}
_LISTS: Mapping[ReportKind, Callable[[View], list[Section]]] = {
    ReportKind.AWARENESS: awareness.sections,
    ReportKind.SAMPLE: sample.sections,
    ReportKind.INDICATORS: indicators.sections,
    ReportKind.SITUATION: situation.sections,
}


def sections(view: View) -> list[Section]:
    """The parts of the report that the view is for."""
    kind = view.request.kind
    parts = [make(view) for make in PARTS.get(kind, ())]
    if kind in _LISTS:
        parts += _LISTS[kind](view)
    changed = changes(view) if kind in (ReportKind.ANNUAL, ReportKind.HALF_YEAR) else None
    return [_without_empty(part) for part in ([*parts, changed] if changed is not None else parts)]


def _without_empty(section: Section) -> Section:
    """A table without rows is said in a sentence instead, unless it was hidden: that it says itself."""
    empty = [table for table in section.tables if not table.heads and not table.hidden]
    text = N_("Det fanns inget att räkna till tabellen ”%(title)s”.")
    told = [Paragraph(f"empty_{table.id}", Sentence(text, {"title": table.title})) for table in empty]
    kept = tuple(table for table in section.tables if table not in empty)
    return replace(section, paragraphs=(*section.paragraphs, *told), tables=kept)


def title(view: View, period: Sentence) -> Sentence:
    """What the report is called, whose where it is one organisation's."""
    named = Sentence(TITLES[view.request.kind], {"period": period})
    if view.scope is None:
        return named
    return Sentence(N_("%(report)s: %(name)s"), {"report": named, "name": view.name(view.scope)})
