"""Tables of counts: lines by what is counted, columns by when, by which channel or by a second category."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.suppression.families import ALL, Asked
from tipportal.domain.texts import N_

from .counting import LONGEST_SUM, Breakdown, Ref, Span
from .report import Column, Figure, Head, Mark, Table, Unit
from .view import View

SHORTEST_SUM = 3
"""Years that a sum is over at the least when it stands in the place of figures that are too small."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what it says and what it counts. ``scope``: an organisation's id, where it is not the report's own."""

    head: Head
    labels: tuple[str, ...] = ()
    channel: Channel | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A column: what it says and what it counts. ``main``: it stands too when sums over years replace the table."""

    key: str
    words: Sentence
    span: Span
    labels: tuple[str, ...] = ()
    channel: Channel | None = None
    main: bool = True
    unit: Unit = Unit.CASES


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around a table's figures."""

    id: str
    title: Sentence
    first: Sentence
    definition: Sentence
    notes: tuple[Sentence, ...] = ()


def lines_of(names: Mapping[str, str], place: int = 0, *, level: int = 0) -> list[Line]:
    """A line for each key of a category, the ``place``-th of its breakdown."""
    return [Line(Head(key, Sentence(name), level=level), (ALL,) * place + (key,)) for key, name in names.items()]


def keyed_lines(breakdown: Breakdown) -> list[Line]:
    """A line for each key of a breakdown's only category."""
    return lines_of(breakdown.categories[0].names)


def years_of(view: View) -> list[Spot]:
    """The report's own period and the same a year before."""
    return [
        Spot("now", period_title(view.span), view.span),
        Spot("before", period_title(view.before), view.before, main=False),
    ]


def halves_of(view: View) -> list[Spot]:
    """The halves of a year, the year, and the year before; of a half-year itself and the one a year before."""
    if view.request.period.half:
        return years_of(view)
    halves = [Span(half) for half in view.request.period.halves()]
    return [*(Spot(f"half_{one.period.half}", period_title(one), one, main=False) for one in halves), *years_of(view)]


def period_title(span: Span) -> Sentence:
    """What a span is called in a heading: ``2026``, ``Första halvåret 2026`` or ``2022–2026``."""
    year = str(span.period.year)
    if span.years > 1:
        return Sentence(N_("%(first)s–%(last)s"), {"first": str(span.first.year), "last": year})
    if span.period.half == 0:
        return Sentence(N_("%(year)s"), {"year": year})
    half = N_("Första halvåret %(year)s") if span.period.half == 1 else N_("Andra halvåret %(year)s")
    return Sentence(half, {"year": year})


def period_words(span: Span) -> Sentence:
    """What a span is called inside a sentence."""
    if span.years > 1 or span.period.half == 0:
        return period_title(span)
    half = N_("första halvåret %(year)s") if span.period.half == 1 else N_("andra halvåret %(year)s")
    return Sentence(half, {"year": str(span.period.year)})


def grid(view: View, words: Words, breakdown: Breakdown, lines: Sequence[Line], spots: Sequence[Spot]) -> Table:
    """A table of counts, all lines of which stand; when hiding leaves less than half, sums over years in its place.

    Its main columns decide that; the others show what they may.
    """
    refs = _refs(view, breakdown, lines, spots)
    sums = [_summed(spots, years) for years in range(SHORTEST_SUM, LONGEST_SUM + 1)]
    summed = [_refs(view, breakdown, lines, some) for some in sums]
    main = _refs(view, breakdown, lines, [spot for spot in spots if spot.main])
    cells, instead = _cells(view, main), tuple(_cells(view, some) for some in summed)
    if cells:
        view.ask(words.id, breakdown, Asked(words.id, cells, (), instead))
        if breakdown.dated:
            # Their lines are no parts of a whole: one can be large where most are nothing.
            _ask_each(view, words, breakdown, summed[-1])
        _ask_each(view, words, breakdown, refs)
    if view.plan is None or not view.plan.hidden_whole(words.id):
        return _table(view, words, lines, spots, refs)
    chosen = view.plan.tables[words.id]
    place = len(sums) - 1 if chosen is None else chosen
    table = _table(view, words, lines, sums[place], summed[place])
    if not any(
        _says(figure, view)
        for row, line in zip(table.figures, lines, strict=True)
        for figure in row
        if not line.head.total
    ):
        return _left_out(words, spots)
    note = Sentence(
        N_(
            "De flesta siffror för perioden är så små att de skulle kunna peka ut någon. Tabellen visar i stället "
            "summan av %(years)d år."
        ),
        {"years": sums[place][0].span.years},
    )
    return replace(table, notes=(*table.notes, note))


def sparse_grid(view: View, words: Words, breakdown: Breakdown, lines: Sequence[Line], spots: Sequence[Spot]) -> Table:
    """A table of counts with the lines alone that have something to show: for long lists, most of which is nothing.

    In public each figure is judged by itself, and a sum of five years stands beside, where few figures are large.
    """
    if view.is_public:
        longest = view.span.longer(LONGEST_SUM)
        spots = [*spots, *_summed(spots[:1], LONGEST_SUM, longest)]
    refs = _refs(view, breakdown, lines, spots)
    _ask_each(view, words, breakdown, refs)
    table = _table(view, words, lines, spots, refs)
    kept = with_above(table, {place for place, row in enumerate(table.figures) if any(_says(one, view) for one in row)})
    if view.is_public:
        note = N_("Rader utan någon siffra som kan visas står inte i tabellen. Det betyder inte att de saknar ärenden.")
    else:
        note = N_("Bara rader med minst ett ärende står i tabellen.")
    if not kept and view.is_public:
        return _left_out(words, spots)
    return replace(
        table,
        heads=tuple(table.heads[place] for place in kept),
        figures=tuple(table.figures[place] for place in kept),
        notes=(*table.notes, Sentence(note)),
    )


def with_above(table: Table, places: Collection[int]) -> list[int]:
    """Those places of rows, and the row above each that stands under another: else it would stand under a stranger."""
    above, kept = 0, set(places)
    for place, head in enumerate(table.heads):
        if head.level == 0:
            above = place
        elif place in places:
            kept.add(above)
    return sorted(kept)


def column(spot: Spot) -> Column:
    """A spot as a column of a table."""
    return Column(spot.key, spot.words, spot.unit, bars=spot.main)


def _says(figure: Figure, view: View) -> bool:
    return figure.mark is Mark.SHOWN and (view.is_public or bool(figure.value))


def _table(view: View, words: Words, lines: Sequence[Line], spots: Sequence[Spot], refs: list[list[Ref]]) -> Table:
    view.cube.count_all(ref for row in refs for ref in row)
    return Table(
        words.id,
        words.title,
        words.first,
        tuple(column(spot) for spot in spots),
        tuple(line.head for line in lines),
        tuple(tuple(view.figure(ref) for ref in row) for row in refs),
        words.definition,
        words.notes,
    )


def _left_out(words: Words, spots: Sequence[Spot]) -> Table:
    note = Sentence(
        N_(
            "Siffrorna är så små att de skulle kunna peka ut någon, också när flera år läggs ihop. "
            "Därför visas de inte."
        )
    )
    columns = tuple(column(spot) for spot in spots)
    return Table(
        words.id, words.title, words.first, columns, (), (), words.definition, (*words.notes, note), hidden=True
    )


def _refs(view: View, breakdown: Breakdown, lines: Sequence[Line], spots: Sequence[Spot]) -> list[list[Ref]]:
    return [
        [
            Ref(
                breakdown,
                line.scope or view.scope,
                spot.channel or line.channel,
                spot.span,
                _merged(line.labels, spot.labels, len(breakdown.categories)),
            )
            for spot in spots
        ]
        for line in lines
    ]


def _merged(first: tuple[str, ...], second: tuple[str, ...], length: int) -> tuple[str, ...]:
    merged = [ALL] * length
    for labels in (first, second):
        for place, label in enumerate(labels):
            merged[place] = label if label != ALL else merged[place]
    return tuple(merged)


def _summed(spots: Sequence[Spot], years: int, span: Span | None = None) -> list[Spot]:
    found = []
    for spot in spots:
        if spot.main:
            longer = span or spot.span.longer(years)
            found.append(replace(spot, key=f"{spot.key}_{longer.years}_years", span=longer, words=_over(spot, longer)))
    return found


def _over(spot: Spot, longer: Span) -> Sentence:
    if spot.words == period_title(spot.span):
        return period_title(longer)
    return Sentence(N_("%(what)s, %(period)s"), {"what": spot.words, "period": period_title(longer)})


def _ask_each(view: View, words: Words, breakdown: Breakdown, refs: list[list[Ref]]) -> None:
    """Ask for every figure by itself, so that no other decides about it."""
    for cell in _cells(view, refs):
        view.ask(":".join((words.id, *cell)), breakdown, Asked("", (cell,)))


def _cells(view: View, rows: Iterable[Iterable[Ref]]) -> tuple[tuple[str, ...], ...]:
    """What hiding decides about: not what the register says anyway, nor what there was nothing to count of."""
    return tuple(dict.fromkeys(ref.cell() for row in rows for ref in row if not ref.is_known and view.is_counted(ref)))
