"""What cases led to: measures, money, and what was handed over and came of it. Counted when recorded, also later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tipportal.domain.measures import Amount, MeasureKind
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.texts import N_

from . import labels
from .breakdowns import MEASURES, MONTHS, RECIPIENTS, RESULTS, measured
from .counting import ANY, Span
from .facts import CaseFacts, Measured
from .grids import Line, Words, lines_of, period_title, period_words, sparse_grid, years_of
from .phrases import Noun, is_shown, said, stated
from .report import Column, Figure, Head, Paragraph, Section, Table, Unit
from .view import View

_UNDER: Mapping[MeasureKind, Mapping[str, str]] = {
    MeasureKind.SANCTION: labels.STEPS,
    MeasureKind.NO_MEASURE: labels.NO_MEASURE,
}


def measures(view: View) -> Section:
    """Measures with amounts, among them external investigations and what they cost."""
    tables = [measures_table(view), amounts(view)]
    return Section("measures", Sentence(N_("Åtgärder och belopp")), tuple(measure_words(view)), tuple(tables))


def handovers(view: View) -> Section:
    """To whom cases were handed over, and what came of it at 3, 6, 12 and 24 months."""
    recipients = Words(
        "recipients",
        Sentence(N_("Överlämnat till")),
        Sentence(N_("Mottagare")),
        Sentence(
            N_(
                "Antal ärenden ur vilka två har lämnat över uppgifter under perioden, när ärendet än kom in. Ett "
                "ärende kan lämnas till flera."
            )
        ),
    )
    tables = [sparse_grid(view, recipients, RECIPIENTS, lines_of(labels.RECIPIENTS), years_of(view)), results(view)]
    figure = view.told(view.ref(RECIPIENTS, ANY))
    found = []
    if is_shown(figure):
        none = N_("Under %(period)s lämnades inga uppgifter över till någon annan.")
        some = N_("Under %(period)s lämnades uppgifter över ur %(number)s.")
        values = {"period": period_words(view.span)}
        found.append(Paragraph("handed_over", stated(figure, none, some, values, Noun.CASES)))
    return Section("handovers", Sentence(N_("Överlämnat, och vad det ledde till")), tuple(found), tuple(tables))


def results(view: View) -> Table:
    """What recipients have told came of handovers, by what and after how long."""
    words = Words(
        "results",
        Sentence(N_("Vad överlämnandena ledde till")),
        Sentence(N_("Mottagarens svar")),
        Sentence(
            N_(
                "Antal ärenden där en mottagare under perioden har svarat på vad som hände, 3, 6, 12 och 24 månader "
                "efter överlämnandet. Samma ärende kan ha flera svar."
            )
        ),
    )
    lines = []
    for result, name in labels.RESULTS.items():
        lines.append(Line(Head(result, Sentence(name)), (result,)))
        lines += [
            Line(Head(f"{months}:{result}", Sentence(after), level=1), (f"{months}:{result}",))
            for months, after in MONTHS.items()
        ]
    return sparse_grid(view, words, RESULTS, lines, years_of(view))


def measures_table(view: View) -> Table:
    """Cases with each kind of measure; for those who read the log anyway, how many measures as well."""
    words = Words(
        "measures",
        Sentence(N_("Åtgärder")),
        Sentence(N_("Åtgärd")),
        Sentence(
            N_(
                "Antal ärenden där åtgärden har antecknats under perioden, när ärendet än kom in, också efter att det "
                "har avslutats. Rättade och återtagna åtgärder räknas inte."
            )
        ),
    )
    table = sparse_grid(view, words, MEASURES, measure_lines(), years_of(view))
    if view.is_public:
        return table
    found = taken(view, view.span)
    numbers = tuple(Figure(sum(_is(measure, head.key) for _, measure in found)) for head in table.heads)
    return replace(
        table,
        columns=(*table.columns, Column("times", Sentence(N_("Antal åtgärder")), Unit.ACTS)),
        figures=tuple((*row, number) for row, number in zip(table.figures, numbers, strict=True)),
    )


def measure_lines() -> list[Line]:
    """A line for each kind; steps of sanctions and reasons for none stand under theirs."""
    lines = []
    for kind, name in labels.MEASURES.items():
        if kind != MeasureKind.HANDED_OVER:
            lines.append(Line(Head(kind, Sentence(name)), (kind,)))
        under = _UNDER.get(MeasureKind(kind), {})
        lines += [
            Line(Head(f"{kind}:{key}", Sentence(words), level=1), (f"{kind}:{key}",)) for key, words in under.items()
        ]
    return lines


def amounts(view: View) -> Table:
    """Kronor claimed, recovered and stopped, and what external investigations cost."""
    return Table(
        "amounts",
        Sentence(N_("Belopp")),
        Sentence(N_("Belopp")),
        (
            Column("now", period_title(view.span), Unit.KRONOR),
            Column("before", period_title(view.before), Unit.KRONOR),
        ),
        tuple(Head(amount, Sentence(words)) for amount, words in labels.AMOUNTS.items()),
        tuple((view.money(Amount(amount)), view.money(Amount(amount), view.before)) for amount in labels.AMOUNTS),
        Sentence(
            N_(
                "Hela kronor i de åtgärder som antecknades under perioden, i deras rättade form. Återbetalt är det "
                "som hade kommit in när åtgärden senast rättades."
            )
        ),
    )


def measure_words(view: View) -> list[Paragraph]:
    """Police reports, claims and investigations with their sums, in sentences."""
    found = []
    values: dict[str, object] = {"period": period_words(view.span)}
    police = view.told(view.ref(MEASURES, MeasureKind.POLICE_REPORT.value))
    if is_shown(police):
        none = N_("Under %(period)s antecknades ingen polisanmälan.")
        some = N_("Under %(period)s antecknades polisanmälan i %(number)s.")
        found.append(Paragraph("police_reports", stated(police, none, some, values, Noun.CASES)))
    claimed, recovered, stopped, cost = (view.money(amount) for amount in Amount)
    if claimed.value and is_shown(recovered):
        text = N_("Återkraven som antecknades var på %(claimed)s, varav %(recovered)s hade betalats tillbaka.")
        sums = {"claimed": said(Noun.KRONOR, claimed), "recovered": said(Noun.KRONOR, recovered)}
        found.append(Paragraph("claims", Sentence(text, sums)))
    if stopped.value:
        text = N_("Stoppade utbetalningar uppgick till %(stopped)s.")
        found.append(Paragraph("stopped", Sentence(text, {"stopped": said(Noun.KRONOR, stopped)})))
    outside = view.told(view.ref(MEASURES, MeasureKind.EXTERNAL_INVESTIGATION.value))
    if is_shown(outside):
        none = N_("Ingen extern utredning antecknades.")
        some = N_("Extern utredning antecknades i %(number)s.")
        found.append(Paragraph("investigations", stated(outside, none, some, {}, Noun.CASES)))
    if cost.value:
        text = N_("De externa utredningarna kostade %(cost)s.")
        found.append(Paragraph("cost", Sentence(text, {"cost": said(Noun.KRONOR, cost)})))
    if not view.is_public:
        every = taken(view, view.span)
        after = sum(measure.after_closing for _, measure in every)
        older = sum(case.received < view.span.first for case, _ in every)
        if after:
            text = N_("Av åtgärderna under perioden antecknades %(after)s efter att ärendet hade avslutats.")
            found.append(Paragraph("after_closing", Sentence(text, {"after": said(Noun.MEASURES, after)})))
        if older:
            text = N_("I ärenden som kom in före perioden antecknades %(older)s.")
            found.append(Paragraph("older", Sentence(text, {"older": said(Noun.MEASURES, older)})))
    return found


def taken(view: View, span: Span) -> list[tuple[CaseFacts, Measured]]:
    """The measures recorded in a span, but handovers, which are counted by recipient."""
    return [(case, one) for case, one in view.measures(span) if one.kind is not MeasureKind.HANDED_OVER]


def _is(measure: Measured, key: str) -> bool:
    return key in (measure.kind.value, measured(measure))
