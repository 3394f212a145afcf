"""A random sample of closed cases for the internal control: what was done when, and never what a case is about.

Drawn so that anybody can redo it: by the SHA-256 of a published seed followed by the case's reference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import labels
from .breakdowns import measures_of
from .facts import CaseFacts
from .grids import period_words
from .phrases import Noun, said
from .report import Column, Figure, Head, Mark, Paragraph, Section, Table, Unit
from .view import View

MOST = 10
"""Cases in a sample."""
_COLUMNS: tuple[tuple[str, str, Unit], ...] = (
    ("channel", N_("Kanal"), Unit.TEXT),
    ("received", N_("Kom in"), Unit.TEXT),
    ("to_acknowledgement", N_("Dagar till bekräftelse"), Unit.DAYS),
    ("to_first", N_("Dagar till första öppnandet"), Unit.DAYS),
    ("to_second", N_("Dagar tills en andra öppnade"), Unit.DAYS),
    ("to_assessment", N_("Dagar till bedömning"), Unit.DAYS),
    ("to_feedback", N_("Dagar till återkoppling"), Unit.DAYS),
    ("to_closing", N_("Dagar till avslut"), Unit.DAYS),
    ("messages_in", N_("Meddelanden in"), Unit.ACTS),
    ("messages_out", N_("Meddelanden ut"), Unit.ACTS),
    ("measures", N_("Åtgärder"), Unit.ACTS),
    ("handovers", N_("Överlämnanden"), Unit.ACTS),
    ("left", N_("Lämnade för jäv"), Unit.ACTS),
    ("stepped_in", N_("Ersättare"), Unit.ACTS),
)


def draw(seed: str, references: Iterable[str], number: int = MOST) -> list[str]:
    """The ``number`` references with the lowest SHA-256 of ``seed`` followed by the reference, both in UTF-8."""
    return sorted(references, key=lambda one: hashlib.sha256((seed + one).encode()).digest())[:number]


def sections(view: View) -> list[Section]:
    """The sample, with how it was drawn. The seed is the request's, else the log's root: then nobody chose it."""
    seed = view.request.seed or view.request.log.root
    closed = {
        case.reference: case
        for case in view.cube.folded.cases.values()
        if view.scope in (None, case.organisation) and case.closed is not None and case.closed in view.span
    }
    chosen = draw(seed, closed)
    values = {
        "period": period_words(view.span),
        "closed": said(Noun.CASES, len(closed)),
        "chosen": said(Noun.CASES, len(chosen)),
        "seed": seed,
    }
    how = N_(
        "Ärenden som avslutades under %(period)s och inte har öppnats igen: %(closed)s. Ur dem togs %(chosen)s ut med "
        "lott: för varje ärende räknades SHA-256 av fröet följt av ärendets referens (UTF-8, utan tecken emellan), "
        "och de med lägst värde togs. Vem som helst kan göra om lottningen. Fröet är %(seed)s"
    )
    table = Table(
        "sample",
        Sentence(N_("Stickprov bland avslutade ärenden")),
        Sentence(N_("Referens")),
        tuple(Column(key, Sentence(words), unit) for key, words, unit in _COLUMNS),
        tuple(Head(reference, name=reference) for reference in chosen),
        tuple(_row(closed[reference]) for reference in chosen),
        Sentence(
            N_(
                "Uppgifter ur händelseloggen om hur ärendet har handlagts. Dagar räknas från den dag då det kom in. "
                "Inget här säger vad ärendet handlar om."
            )
        ),
    )
    return [Section("sample", Sentence(N_("Stickprov")), (Paragraph("draw", Sentence(how, values)),), (table,))]


def _row(case: CaseFacts) -> tuple[Figure, ...]:
    week = case.received.isocalendar()
    came = Sentence(N_("vecka %(week)d, %(year)s"), {"week": week.week, "year": str(week.year)})
    return (
        Figure(mark=Mark.BAND, text=Sentence(labels.CHANNELS[case.channel])),
        Figure(mark=Mark.BAND, text=came),
        *(
            _after(case.received, day)
            for day in (
                case.acknowledged, case.first_opened, case.second_opened, case.assessed, case.feedback, case.closed,
            )
        ),
        Figure(case.messages_in),
        Figure(case.messages_out),
        Figure(len(measures_of(case))),
        Figure(len(case.handovers)),
        Figure(len(case.recusals)),
        Figure(len(case.standby)),
    )  # fmt: skip


def _after(received: date, day: date | None) -> Figure:
    return Figure(mark=Mark.NO_BASE) if day is None else Figure(max(0, (day - received).days))
