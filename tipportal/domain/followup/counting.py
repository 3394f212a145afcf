"""Counting by breakdowns: every case once, under one coordinate for each variable, so that every figure is a sum.

The families that ``tipportal.domain.suppression`` protects are these breakdowns: what a report shows and what is
checked cannot come apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from tipportal.domain.measures import Amount
from tipportal.domain.organisations import Channel
from tipportal.domain.suppression.families import ALL, Atom, Cell, Coordinate, Family, FamilyCounts, Told, Variable

from .facts import CaseFacts, Folded
from .periods import Period, half_of

BOTH: tuple[Channel, ...] = (Channel.REPORT, Channel.TIP)
LONGEST_SUM = 5
"""Years that a sum is over at the most, and that a series goes back."""
ANY = "any"
"""Among dated categories: any of them at all."""


@dataclass(frozen=True, slots=True)
class Category:
    """What a breakdown tells cases apart by: names (msgids) by key, and groups of keys with names of their own."""

    name: str
    names: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told: Told = Told.ONE


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One way to divide the cases of some channels. ``place`` gives a case's coordinates as things stand on a day.

    ``dated``: its only category is what happened in a case, and when: its members are ``key@half-year`` of what
    happened, whenever the case was received. Else a case belongs to the half-year in which it was received.
    """

    id: str
    categories: tuple[Category, ...]
    place: Callable[[CaseFacts, date], tuple[Coordinate, ...]]
    channels: tuple[Channel, ...] = BOTH
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A period, or with ``years`` above 1 so many years, of which its own is the last."""

    period: Period
    years: int = 1

    @property
    def label(self) -> str:
        """How families name it."""
        return str(self.period) if self.years == 1 else f"{self.period.year - self.years + 1}..{self.period.year}"

    @property
    def first(self) -> date:
        """Its first day."""
        return self.period.before(self.years - 1).first

    @property
    def last(self) -> date:
        """Its last day."""
        return self.period.last

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def longer(self, years: int) -> Span:
        """So many whole years up to it: of a half-year, up to the year before, which has ended."""
        period = Period(self.period.year - 1) if self.period.half else self.period
        return Span(period, years)


@dataclass(frozen=True, slots=True)
class Ref:
    """One count: of a breakdown, in an organisation (None: all), of a channel (None: all), over a span.

    ``labels``: a key, group or ``ALL`` for each category; those left out stand for ``ALL``. Without a span, all time.
    """

    breakdown: Breakdown
    scope: str | None
    channel: Channel | None
    span: Span | None
    labels: tuple[str, ...] = ()

    def cell(self) -> Cell:
        """The cell of the family."""
        labels = self.labels + (ALL,) * (len(self.breakdown.categories) - len(self.labels))
        period = self.span.label if self.span is not None else ALL
        if self.breakdown.dated:
            return self.scope or ALL, *(label if label == ALL else f"{label}@{period}" for label in labels)
        return (self.scope or ALL, self.channel.value if self.channel else ALL, period, *labels)

    @property
    def where(self) -> Cell:
        """Under which organisation, channel and period the cases are looked for."""
        if self.breakdown.dated:
            return self.scope or ALL, ALL, ALL
        return self.cell()[:3]

    @property
    def sought(self) -> Cell:
        """The labels of its categories in the cell."""
        return self.cell()[-len(self.breakdown.categories) :] if self.breakdown.categories else ()

    @property
    def is_known(self) -> bool:
        """The public register says it: cases by organisation, channel and time, whatever they are about."""
        return all(label == ALL for label in self.labels)


class Cube:
    """What is counted of a folded log as things stood on ``as_of``; each breakdown once, when asked for.

    ``last``: the period that is spoken of. Half-years go from four years before it, or the first case, to its end or
    the newest day that anything has.
    """

    def __init__(self, folded: Folded, as_of: date, last: Period) -> None:
        self.folded = folded
        self.as_of = as_of
        ends = [last.before(LONGEST_SUM).first, last.last, as_of]
        ends += [case.received for case in folded.cases.values()]
        # Sums that earlier publications have shown keep their names: they may begin before the first case.
        oldest = min((case.received.year for case in folded.cases.values()), default=max(ends).year)
        first_year, last_year = min(min(ends).year, oldest - LONGEST_SUM + 1), max(ends).year
        years = range(first_year, last_year + 1)
        self.halves = tuple(str(half) for year in years for half in Period(year).halves())
        self.spans: dict[str, tuple[str, ...]] = {}
        for year in years:
            for length in range(1, LONGEST_SUM + 1):
                span = Span(Period(year), length)
                if year - length + 1 >= first_year:
                    inside = range(year - length + 1, year + 1)
                    self.spans[span.label] = tuple(str(half) for one in inside for half in Period(one).halves())
        self.organisations = tuple(
            sorted({*folded.organisations, *(case.organisation for case in folded.cases.values())})
        )
        self._half: dict[date, str] = {}
        self._begun: dict[str | None, date] = {}
        for organisation in folded.organisations.values():
            self._begin(organisation.id, organisation.added)
        for case in folded.cases.values():
            self._begin(case.organisation, case.received)
        self._counts: dict[tuple[str, Cell], int] = {}
        self._atoms: dict[str, Counter[Atom]] = {}
        self._cases = [
            ((case.organisation, case.channel.value, self.half(case.received)), case) for case in folded.cases.values()
        ]
        self.measures = [
            (case, measure)
            for case in folded.cases.values()
            if case.measures
            for measure in case.measures.values()
            if not measure.withdrawn
        ]
        """The measures that count, each with its case."""
        self._amounts: dict[Amount, dict[tuple[str, str], tuple[int, ...]]] = {}
        self._known: dict[str, dict[Atom, Counter[Atom]]] = {}
        self._where: dict[tuple[str, Cell], Counter[Atom]] = {}

    def half(self, day: date) -> str:
        """The label of the half-year of a day."""
        found = self._half.get(day)
        if found is None:
            found = self._half[day] = str(half_of(day))
        return found

    def atoms(self, breakdown: Breakdown) -> Counter[Atom]:
        """All cases of the breakdown's channels by organisation, channel, half-year and its own coordinates."""
        found = self._atoms.get(breakdown.id)
        if found is None:
            channels, place, as_of = breakdown.channels, breakdown.place, self.as_of
            found = Counter([
                (*known, *place(case, as_of)) for known, case in self._cases if case.channel in channels
            ])  # fmt: skip
            self._atoms[breakdown.id] = found
        return found

    def family(self, breakdown: Breakdown) -> FamilyCounts:
        """The breakdown as hiding knows it, with no table asked for yet.

        Of dated categories the organisation alone is told as known: when and by which channel a case was received
        bounds what may have happened in it, but no figure is divided by it.
        """
        categories = (self._variable(breakdown, category) for category in breakdown.categories)
        organisation = Variable("organisation", self.organisations, known=True)
        if breakdown.dated:
            atoms: Counter[Atom] = Counter()
            for atom, count in self.atoms(breakdown).items():
                atoms[atom[0], *atom[3:]] += count
            return FamilyCounts(Family(breakdown.id, (organisation, *categories)), atoms)
        channel = Variable("channel", tuple(channel.value for channel in breakdown.channels), known=True)
        period = Variable("half_year", self.halves, self.spans, known=True)
        return FamilyCounts(Family(breakdown.id, (organisation, channel, period, *categories)), self.atoms(breakdown))

    def amounts(self, amount: Amount) -> Mapping[tuple[str, str], tuple[int, ...]]:
        """Kronor by organisation and half-year: what each case that has any has of them."""
        found = self._amounts.get(amount)
        if found is None:
            told: dict[tuple[str, str], dict[str, int]] = {}
            for case, measure in self.measures:
                if measure.amounts.get(amount, 0):
                    by_case = told.setdefault((case.organisation, self.half(measure.recorded)), {})
                    by_case[case.reference] = by_case.get(case.reference, 0) + measure.amounts[amount]
            found = self._amounts[amount] = {key: tuple(sorted(by_case.values())) for key, by_case in told.items()}
        return found

    def begun(self, scope: str | None) -> date | None:
        """The day from which there is anything to count of an organisation (None: of the first of all)."""
        return self._begun.get(scope)

    def count(self, ref: Ref) -> int:
        """How many cases a figure counts."""
        key = (ref.breakdown.id, ref.cell())
        if key not in self._counts:
            self.count_all((ref,))
        return self._counts[key]

    def count_all(self, refs: Iterable[Ref]) -> None:
        """Count figures of a table in one pass, so that each of them is at hand when it is asked for."""
        together: dict[tuple[str, Cell], list[Ref]] = {}
        for ref in refs:
            together.setdefault((ref.breakdown.id, ref.where), []).append(ref)
        for (name, where), some in together.items():
            labels = [{ref.sought[place] for ref in some} for place in range(len(some[0].breakdown.categories))]
            found = self.spread(some[0].breakdown, where, labels)
            self._counts.update({(name, ref.cell()): found[ref.sought] for ref in some})

    def spread(self, breakdown: Breakdown, where: Cell, labels: Sequence[Iterable[str]]) -> Counter[Cell]:
        """Counts for each combination of labels, one sequence of them for each category, under known labels."""
        wanted = [
            {label: self._members(breakdown, place, label) for label in some} for place, some in enumerate(labels)
        ]
        covering: list[dict[Coordinate, list[str]]] = [{} for _ in wanted]
        total: Counter[Cell] = Counter()
        for coordinates, count in self._under(breakdown, where).items():
            found: list[list[str]] = []
            for place, coordinate in enumerate(coordinates):
                under = covering[place].get(coordinate)
                if under is None:
                    under = covering[place][coordinate] = [
                        label for label, members in wanted[place].items() if _covers(members, coordinate)
                    ]
                if not under:
                    break
                found.append(under)
            else:
                for combined in product(*found):
                    total[combined] += count
        return total

    def _begin(self, organisation: str, day: date) -> None:
        for scope in (organisation, None):
            self._begun[scope] = min(day, self._begun.get(scope, day))

    def _under(self, breakdown: Breakdown, where: Cell) -> Counter[Atom]:
        """Cases by their own coordinates, under an organisation, a channel and a period."""
        key = (breakdown.id, where)
        if key not in self._where:
            organisation, channel, period = where
            halves = None if period == ALL else frozenset(self.spans.get(period, (period,)))
            total: Counter[Atom] = Counter()
            for (of, by, half), counts in self._by_known(breakdown).items():
                if organisation in (ALL, of) and channel in (ALL, by) and (halves is None or half in halves):
                    total.update(counts)
            self._where[key] = total
        return self._where[key]

    def _by_known(self, breakdown: Breakdown) -> dict[Atom, Counter[Atom]]:
        """Cases by their own coordinates, for each organisation, channel and half-year."""
        if breakdown.id not in self._known:
            found: defaultdict[Atom, Counter[Atom]] = defaultdict(Counter)
            for atom, count in self.atoms(breakdown).items():
                found[atom[:3]][atom[3:]] = count
            self._known[breakdown.id] = dict(found)
        return self._known[breakdown.id]

    def _variable(self, breakdown: Breakdown, category: Category) -> Variable:
        if not breakdown.dated:
            return Variable(category.name, tuple(category.names), category.groups, told=category.told)
        members = tuple(f"{key}@{half}" for key in category.names for half in self.halves)
        groups = {
            f"{key}@{span}": tuple(f"{key}@{half}" for half in halves)
            for key in category.names
            for span, halves in self.spans.items()
        }
        keyed = {key: (key,) for key in category.names}
        for group, keys in {**category.groups, ANY: tuple(keyed)}.items():
            for span, halves in {**{half: (half,) for half in self.halves}, **self.spans}.items():
                groups[f"{group}@{span}"] = tuple(f"{key}@{half}" for key in keys for half in halves)
        return Variable(category.name, members, groups, told=Told.ANY)

    def _members(self, breakdown: Breakdown, place: int, label: str) -> frozenset[str] | None:
        """The members under a label, None for all."""
        if label == ALL:
            return None
        category = breakdown.categories[place]
        if not breakdown.dated:
            return frozenset(category.groups.get(label, (label,)))
        key, _, span = label.partition("@")
        keys = tuple(category.names) if key == ANY else category.groups.get(key, (key,))
        return frozenset(f"{one}@{half}" for one in keys for half in self.spans.get(span, (span,)))


def _covers(members: frozenset[str] | None, coordinate: Coordinate) -> bool:
    if members is None:
        return True
    return coordinate in members if isinstance(coordinate, str) else not members.isdisjoint(coordinate)
