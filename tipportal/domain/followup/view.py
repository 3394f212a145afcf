"""What a report may see of the counts: everything for those who read the log anyway, for the public what hiding allows.

A public report is built twice. The first time the view notes every figure that the report would show; hiding answers
with a plan; the second time what the plan does not name is marked as hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from statistics import median

from tipportal.domain.measures import Amount
from tipportal.domain.organisations import Channel
from tipportal.domain.suppression.families import (
    ALL,
    SMALL,
    Asked,
    Cell,
    FamilyCounts,
    MoneyCounts,
    Plan,
    Variable,
)  # fmt: skip

from .breakdowns import RECEIVED, for_audience
from .counting import Breakdown, Cube, Ref, Span
from .facts import CaseFacts, Measured
from .report import Audience, Figure, Mark, share
from .requests import Request

LEAST_BASE = SMALL + 1
"""The fewest cases that a median is computed from in public."""
LEAST_KNOWN = LEAST_BASE + SMALL
"""With so many cases in the register nobody learns more from a median than that up to four of them have no value."""


class View:
    """The counts of one report, for its audience. ``plan`` None in public: figures are noted, none is hidden yet."""

    def __init__(self, cube: Cube, request: Request, names: Mapping[str, str], plan: Plan | None = None) -> None:
        self.cube = cube
        self.request = request
        self.names = names
        self.plan = plan
        self.span = Span(request.period)
        self.before = Span(request.period.before())
        self._asked: dict[str, tuple[Breakdown, dict[str, Asked]]] = {}
        self._received: dict[Span, list[CaseFacts]] = {}
        self._measured: dict[Span, list[tuple[CaseFacts, Measured]]] = {}
        self._money: dict[Amount, list[Cell]] = {}

    @property
    def is_public(self) -> bool:
        """Small figures are hidden."""
        return self.request.audience is Audience.PUBLIC

    @property
    def scope(self) -> str | None:
        """The organisation that the report is about, None for all."""
        return self.request.scope

    def name(self, key: str) -> str:
        """What an organisation or a function is called, its id where nobody says."""
        return self.names.get(key, key)

    def seen(self, breakdown: Breakdown) -> Breakdown:
        """The breakdown with the categories that the audience sees."""
        return for_audience(breakdown, public=self.is_public)

    def ref(
        self,
        breakdown: Breakdown,
        *labels: str,
        channel: Channel | None = None,
        span: Span | None = None,
        scope: str | None = "",
    ) -> Ref:
        """A count in the report's own scope and period, unless told otherwise."""
        return Ref(breakdown, self.scope if scope == "" else scope, channel, span or self.span, labels)

    def ask(self, table: str, breakdown: Breakdown, asked: Asked) -> None:
        """Note what a public table would show."""
        if self.is_public and self.plan is None:
            self._asked.setdefault(breakdown.id, (breakdown, {}))[1].setdefault(table, asked)

    def figure(self, ref: Ref) -> Figure:
        """A count as the audience may see it. In a table, ``ask`` for the table; in a sentence, use ``told``."""
        empty = self._empty(ref)
        if empty is not None:
            return empty
        if self.is_public and self.plan is not None and not ref.is_known:
            if not self.plan.shown(ref.breakdown.id, ref.cell()):
                return Figure(mark=Mark.HIDDEN)
            return Figure(self.plan.counts[ref.breakdown.id][ref.cell()])
        return Figure(self.cube.count(ref))

    def told(self, ref: Ref) -> Figure:
        """A count for a sentence: it is asked for by itself."""
        if not ref.is_known and self._empty(ref) is None:
            self.ask(":".join(("told", ref.breakdown.id, *ref.cell())), ref.breakdown, Asked("", (ref.cell(),)))
        return self.figure(ref)

    def received(self, channel: Channel | None = None, span: Span | None = None, scope: str | None = "") -> Figure:
        """How many cases were received: the public register says so."""
        return self.figure(self.ref(RECEIVED, channel=channel, span=span, scope=scope))

    def share(self, part: Ref, base: Sequence[Ref], others: Sequence[Ref] = ()) -> Figure:
        """A share of counts: shown when all that it is made of is, with ``others`` what remains of the total."""
        empty = self._empty(part)
        if empty is not None:
            return empty
        cells = tuple(dict.fromkeys(ref.cell() for ref in (part, *base, *others)))
        self.ask(":".join(("share", part.breakdown.id, *part.cell())), part.breakdown, Asked("", cells, (cells,)))
        figures = [self.figure(ref) for ref in (*base, *others)]
        if any(figure.mark is Mark.HIDDEN for figure in figures):
            return Figure(mark=Mark.HIDDEN)
        return share(self.figure(part).value or 0, sum(self.figure(ref).value or 0 for ref in base))

    def median(self, values: Sequence[int], known: int) -> Figure:
        """The middle value, rounded half up. ``known``: how many cases the register has that could have one."""
        if not values or (self.is_public and not self.is_wide(values, known)):
            return Figure(mark=Mark.NO_BASE)
        middle = int(2 * median(values))
        return Figure((middle + 1) // 2, base=None if self.is_public else len(values))

    def is_wide(self, values: Sequence[int], known: int) -> bool:
        """Whether enough cases stand behind a statistic for anybody to read it."""
        return len(values) >= LEAST_BASE and known >= LEAST_KNOWN

    def money(self, amount: Amount, span: Span | None = None) -> Figure:
        """Whole kronor recorded in the span."""
        span = span or self.span
        cell = (self.scope or ALL, span.label)
        empty = self._empty(self.ref(RECEIVED, span=span))
        if empty is not None:
            return empty
        if self.is_public and self.plan is None:
            self._money.setdefault(amount, []).append(cell)
        if self.is_public and self.plan is not None and not self.plan.money_shown(amount.value, cell):
            return Figure(mark=Mark.HIDDEN)
        return Figure(sum(measure.amounts.get(amount, 0) for _, measure in self.measures(span)))

    def cases(self, span: Span) -> list[CaseFacts]:
        """The cases in scope that were received in a span."""
        if span not in self._received:
            first, last = span.first, span.last
            self._received[span] = [
                case
                for case in self.cube.folded.cases.values()
                if first <= case.received <= last and self.scope in (None, case.organisation)
            ]
        return self._received[span]

    def measures(self, span: Span) -> list[tuple[CaseFacts, Measured]]:
        """The measures in scope that were recorded in a span, each with its case."""
        if span not in self._measured:
            first, last = span.first, span.last
            self._measured[span] = [
                (case, measure)
                for case, measure in self.cube.measures
                if first <= measure.recorded <= last and self.scope in (None, case.organisation)
            ]
        return self._measured[span]

    def families(self) -> tuple[FamilyCounts, ...]:
        """What the figures noted so far are counts of, for hiding."""
        return tuple(
            replace(
                self.cube.family(breakdown),
                tables=tuple(Asked(name, one.cells, one.together, one.instead) for name, one in asked.items()),
            )
            for breakdown, asked in self._asked.values()
        )

    def moneys(self) -> tuple[MoneyCounts, ...]:
        """The sums noted so far, for hiding."""
        cube = self.cube
        received: Counter[tuple[str, str]] = Counter()
        for (of, _, half, *_), count in cube.atoms(RECEIVED).items():
            received[str(of), str(half)] += count
        # What is recorded in a half-year belongs to any case that had been received by then.
        sums = {one: list(accumulate([received[one, half] for half in cube.halves])) for one in cube.organisations}
        cases = {(one, half): so_far for one in sums for half, so_far in zip(cube.halves, sums[one], strict=True)}
        return tuple(
            MoneyCounts(
                amount.value,
                Variable("organisation", cube.organisations, known=True),
                Variable("half_year", cube.halves, cube.spans, known=True),
                cube.amounts(amount),
                cases,
                tuple(dict.fromkeys(cells)),
            )
            for amount, cells in self._money.items()
        )

    def is_counted(self, ref: Ref) -> bool:
        """There was something to count then: the organisation was there, and the span is not ahead."""
        return self._empty(ref) is None

    def _empty(self, ref: Ref) -> Figure | None:
        """Nothing was counted in the span: the organisation or the portal was not there, or it is ahead."""
        if ref.span is None:
            return None
        begun = self.cube.begun(ref.scope)
        if begun is None or ref.span.last < begun or ref.span.first > self.request.as_of:
            return Figure(mark=Mark.NOT_YET)
        return None
