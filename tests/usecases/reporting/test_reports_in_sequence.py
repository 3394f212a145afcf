"""Publications one after another: each verified from an export with all before it, and read by an attacker as files."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.domain.suppression.attacker import Known, ranges
from tests.support.followed_up import administrator, payload_of, published_document, published_ids
from tests.support.setting_up import organisation, two
from tests.support.story import Story, staffed
from tipportal.cli import demo_directory
from tipportal.cli.demo_organisations import HEALTH_AND_CARE, let_others_share
from tipportal.cli.demo_playing import ask, hand_in, members_of
from tipportal.cli.demo_staffing import SLUG
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Mark, Report, ReportKind
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.organisations import Channel
from tipportal.domain.suppression.families import ALL, SMALL, Cell, Family, Told, Variable
from tipportal.domain.triage import Facts, HeardHow, Named, Origin, RelationGroup, ReprisalConcern
from tipportal.envelope.signednotes import NoteSigner
from tipportal.reporting import document
from tipportal.usecases import checkpoints, logexport, publishing, triage
from tipportal.usecases.reporting import making
from tipportal.usecases.reporting.verifying import verify

CLOSE = 1e-6
_WEB, _NET, _WALL, _TOLD, _NEWS, _ELSE, _UNKNOWN = HeardHow
CAME: Mapping[str, Mapping[str, Mapping[HeardHow, int]]] = {
    "2027-03-09": {
        SLUG: {_WEB: 9, _NET: 6, _WALL: 7, _NEWS: 2, _TOLD: 5, _ELSE: 6},
        HEALTH_AND_CARE: {_WEB: 5, _NET: 1, _TOLD: 6},
    },
    "2027-10-05": {
        SLUG: {_WEB: 6, _NET: 5, _WALL: 1, _NEWS: 5, _TOLD: 7, _UNKNOWN: 6},
        HEALTH_AND_CARE: {_WEB: 8, _WALL: 5, _TOLD: 3},
    },
    "2028-04-11": {
        SLUG: {_WEB: 7, _NET: 7, _WALL: 3, _NEWS: 6, _ELSE: 5},
        HEALTH_AND_CARE: {_WEB: 6, _TOLD: 5, _ELSE: 1, _UNKNOWN: 5},
    },
}
"""By day and organisation: how those who wrote had heard of the portal, and how many of them."""
HALVES = ("2026-1", "2026-2", "2027-1", "2027-2", "2028-1", "2028-2")
ABOUT: Mapping[HeardHow, IrregularityType] = {
    _WEB: IrregularityType.WELFARE_CRIME,
    _NET: IrregularityType.IMPROPER_PAYMENT,
    _WALL: IrregularityType.WELFARE_CRIME,
    _TOLD: IrregularityType.FALSE_REGISTRATION,
    _NEWS: IrregularityType.PROCUREMENT,
    _ELSE: IrregularityType.PROCUREMENT,
    _UNKNOWN: IrregularityType.OTHER,
}
"""What those who had heard so wrote about."""
TABLES: Mapping[str, Mapping[HeardHow, str]] = {
    "heard": {how: how.value for how in HeardHow},
    "types": {how: kind.value for how, kind in ABOUT.items()},
}
"""The tables that are read, and the row of each in which somebody counts."""
TOLD = {"heard": Told.ONE, "types": Told.ANY}
YEARS = {year: tuple(half for half in HALVES if half.startswith(year)) for year in ("2026", "2027", "2028")}
SUMS = {
    f"{first}..{last}": tuple(half for half in HALVES if first <= half[:4] <= last)
    for first, last in product(YEARS, YEARS)
    if first < last
}
PERIODS = Variable("half_year", HALVES, {**YEARS, **SUMS}, known=True)


@dataclass
class Town:
    """A municipality where everybody publishes what the year brought, and what anybody can read of it."""

    story: Story
    signer: NoteSigner
    came: Counter[tuple[str, str, HeardHow]] = field(default_factory=Counter)
    """Cases by organisation, half-year and how the writer had heard: what the attacker is after."""
    read: dict[tuple[str, Cell], int] = field(default_factory=dict)
    """What all files together say of them, by table and cell."""

    def until(self, day: str) -> None:
        """Let time pass to a day at noon, with all that came in since."""
        for came_on in [each for each in CAME if each <= day and self.story.clock.now < _noon(each)]:
            self.story.clock.now = _noon(came_on)
            demo_directory.publish(two(self.story))
            half = f"{came_on[:4]}-{1 + (came_on[5:7] > '06')}"
            for slug, heard in CAME[came_on].items():
                for how, many in heard.items():
                    self.came[organisation(self.story, slug).id, half, how] += many
                    for _ in range(many):
                        self._come_in(slug, how)
        self.story.clock.now = _noon(day)
        demo_directory.publish(two(self.story))

    def _come_in(self, slug: str, how: HeardHow) -> None:
        ctx = self.story.public
        offer = ask(ctx, Channel.TIP, area="inkop", slug=slug)
        case = hand_in(ctx, self.story.municipality, offer, self.story.source(), {"what_happened": "Samma fakturor."})
        facts = Facts(
            origin=Origin.TIP,
            types=(ABOUT[how],),
            areas=("inkop",),
            relation=RelationGroup.OUTSIDE,
            named=Named.ANONYMOUS,
            reprisals=ReprisalConcern.UNKNOWN,
            heard_how=how,
        )
        first = members_of(self.story.municipality, offer)["h1"].account
        triage.triage_case(self.story.handler, first, case.reference, 0, facts.as_json())

    def publish(self, kind: ReportKind, period: str, slug: str | None = None) -> Report:
        """Let two publish, have a stranger verify the file with an export of the log, and read it."""
        ctx, scope = self.story.handler, None if slug is None else organisation(self.story, slug).id
        draft = publishing.make_draft(ctx, administrator(self.story), kind, Period.read(period), scope)
        made = two(self.story).make(ChangeKind.PUBLISH, payload_of(draft))
        (name,) = published_ids(made)
        file = published_document(self.story, name)
        note, out = checkpoints.make(ctx, self.signer).note, io.BytesIO()
        logexport.export(ctx, out)
        checked = verify(file, note, lambda: out.getvalue().splitlines(keepends=True), [self.signer.public])
        assert checked.holds, checked.wrong
        assert checked.published is not None
        report = document.decode(file)
        self.read |= dict(self.figures(report))
        return report

    def figures(self, report: Report) -> Iterator[tuple[tuple[str, Cell], int]]:
        """What a report tells of them: each figure with what it counts."""
        for table in (table for section in report.sections for table in section.tables if table.id in TABLES):
            for head, row in zip(table.heads, table.figures, strict=True):
                for column, figure in zip(table.columns, row, strict=True):
                    if figure.mark is Mark.SHOWN and figure.value is not None and head.key in TABLES[table.id].values():
                        cell = (report.scope or ALL, ALL, _label(column.key, report.period), str(head.key))
                        yield (table.id, cell), figure.value

    def family(self, table: str) -> Family:
        """The breakdown of a table as anybody understands it."""
        owners = tuple(sorted({owner for owner, _, _ in self.came}))
        return Family(
            table,
            (
                Variable("organisation", owners, known=True),
                Variable("channel", tuple(each.value for each in Channel), known=True),
                PERIODS,
                Variable(table, tuple(dict.fromkeys(TABLES[table].values())), told=TOLD[table]),
            ),
        )

    def count(self, table: str, cell: Cell) -> int:
        """How many cases a cell has in truth."""
        owner, _, period, row = cell
        halves = PERIODS.under(period)
        return sum(
            many
            for (of, half, how), many in self.came.items()
            if owner in (ALL, of) and half in halves and row in (ALL, TABLES[table][how])
        )

    def narrowed(self, read: Mapping[tuple[str, Cell], int]) -> list[tuple[str, Cell]]:
        """Cells of 0 to 4, no register totals, that an attacker can tell more of than that they are 0 to 4.

        They know the public register, and the figures that were read.
        """
        totals: Counter[tuple[str, ...]] = Counter()
        for (owner, half, _), many in self.came.items():
            totals[owner, Channel.TIP.value, half] += many
        attacks: list[tuple[Known, list[Cell]]] = []
        most: list[tuple[str, Cell, int]] = []
        for table in TABLES:
            family = self.family(table)
            organisations, *_, rows = family.variables
            where = product((*organisations.members, ALL), (ALL,), (*HALVES, *PERIODS.groups, ALL), rows.members)
            small: list[Cell] = [cell for cell in where if self.count(table, cell) <= SMALL and self.total(table, cell)]
            attacks.append(
                (Known(family, totals, {cell: told for (of, cell), told in read.items() if of == table}), small)
            )
            most += [(table, cell, min(SMALL, self.total(table, cell))) for cell in small]
        spans = [span for told in ranges(attacks) for span in told]
        return [
            (table, cell)
            for (table, cell, greatest), span in zip(most, spans, strict=True)
            if span.low > CLOSE or span.high < greatest - CLOSE
        ]

    def total(self, table: str, cell: Cell) -> int:
        """How many cases the register has where a cell is."""
        return self.count(table, (*cell[:3], ALL))


def _noon(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo("Europe/Stockholm")).timestamp())


def _label(key: str, period: Period) -> str:
    """Which span a column of a report is about: ``now``, ``before`` or ``now_5_years``."""
    name, _, years = key.partition("_")
    if years:
        # Nothing came in before the first of the years that are counted here.
        last = period.year - (period.half > 0)
        first = max(last + 1 - int(years.removesuffix("_years")), int(min(YEARS)))
        return f"{first}..{last}" if first < last else str(last)
    return str(period if name == "now" else period.before(1))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with staffed("sqlite", tmp_path) as story:
        let_others_share(story.handler, story.municipality)
        yield Town(story, NoteSigner(checkpoints.origin(story.handler), bytes([7]) * 32))


def test_each_publication_is_verified_with_all_before_it_and_no_small_figure_follows(town: Town) -> None:
    digests: list[str] = []
    for day, reports in (
        ("2027-07-09", [(ReportKind.HALF_YEAR, "2027-1", None)]),
        ("2028-01-20", [(ReportKind.ANNUAL, "2027", SLUG), (ReportKind.ANNUAL, "2027", None)]),
        ("2029-01-19", [(ReportKind.ANNUAL, "2028", None)]),
    ):
        town.until(day)
        for kind, period, slug in reports:
            before = dict(town.read)
            report = town.publish(kind, period, slug)
            assert report.earlier == tuple(digests)
            digests = [one.digest.hex() for one in reversed(publishing.published(town.story.handler))]
            # What was told before is told the same again, and all of it is true.
            assert town.read.items() >= before.items()
            for (table, cell), told in town.read.items():
                assert told == town.count(table, cell)
                assert told > SMALL or not town.total(table, cell)
            assert town.narrowed(town.read) == [], (kind, period, slug)
    assert len(digests) == 4
    # Figures were told, of halves, of years and of an organisation; and whoever reads the log sees far more.
    spoken = {(table, cell[0] == ALL, cell[2]) for table, cell in town.read}
    assert spoken >= {("types", True, "2027-1"), ("heard", True, "2027"), ("heard", False, "2027")}
    inside = making.make(town.story.handler, ReportKind.ANNUAL, Period(2027)).report
    assert town.narrowed({**town.read, **dict(town.figures(inside))})
