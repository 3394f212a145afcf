"""Over random years: rows add up, a naive recount agrees, and the public sees no small figure but the register's."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.followup import AS_OF, NAMES, random_folded, request, tables, values
from tipportal.domain.followup import breakdowns
from tipportal.domain.followup.building import build, plan
from tipportal.domain.followup.counting import Breakdown, Cube, Ref, Span
from tipportal.domain.followup.facts import CaseFacts, Folded
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, Report, ReportKind
from tipportal.domain.organisations import Channel
from tipportal.domain.suppression.families import ALL

FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SMALL = 4


def _cases(folded: Folded, period: Period, scope: str | None) -> list[CaseFacts]:
    return [one for one in folded.cases.values() if one.received in period and scope in (None, one.organisation)]


@FEW
@given(random_folded(), st.sampled_from(["2025", "2026", "2026-1"]), st.sampled_from([None, "town"]))
def test_rows_that_partition_add_up_to_what_was_received(folded: Folded, period: str, scope: str | None) -> None:
    kind = ReportKind.HALF_YEAR if "-" in period else ReportKind.ANNUAL
    report = build(folded, request(kind, period, scope=scope), NAMES)[0]
    here = _cases(folded, Period.read(period), scope)
    reports = [one for one in here if one.channel is Channel.REPORT]
    for name, column, whole in (
        ("received", "now", here), ("origin", "now", here), ("outcomes", "now", here), ("assessment", "now", here),
        ("outcomes", "report", reports), ("acknowledged", "now", reports), ("feedback", "now", reports),
    ):  # fmt: skip
        rows = values(report, name, column)
        total = rows.pop("total")
        assert total == sum(value or 0 for value in rows.values()) == len(whole), name


@FEW
@given(random_folded())
def test_a_naive_recount_agrees(folded: Folded) -> None:
    report = build(folded, request(), NAMES)[0]
    here = _cases(folded, Period(2026), None)
    facts = [one.triage for one in here if one.triage is not None]
    for key, count in values(report, "types", "now").items():
        if key != "undue_influence":
            assert count == sum(key in {one.value for one in told.types} for told in facts)
    for key, count in values(report, "areas", "now").items():
        assert count == sum(key in breakdowns.areas_of(one) for one in here)
    for key, count in values(report, "measures", "now").items():
        with_it = [
            one
            for one in folded.cases.values()
            if any(
                key in (each.kind.value, breakdowns.measured(each)) and each.recorded.year == 2026
                for each in breakdowns.measures_of(one)
            )
        ]
        assert count == len(with_it)
    stopped = sum(
        sum(each.amounts.values())
        for one in folded.cases.values()
        for each in breakdowns.measures_of(one)
        if each.recorded.year == 2026
    )
    assert values(report, "amounts", "now")["stopped"] == stopped


@FEW
@given(random_folded(), st.sampled_from(breakdowns.EVERY), st.sampled_from([None, "town"]))
def test_families_agree_with_the_figures(folded: Folded, breakdown: Breakdown, scope: str | None) -> None:
    cube = Cube(folded, AS_OF, Period(2026))
    family = cube.family(breakdown)
    for span in (Span(Period(2026)), Span(Period(2026, 2)), Span(Period(2026), 3)):
        for place, category in enumerate(breakdown.categories):
            for key in (*list(category.names)[:6], *category.groups):
                ref = Ref(breakdown, scope, None, span, (*((ALL,) * place), key))
                assert cube.count(ref) == family.value(ref.cell())


@FEW
@given(random_folded(15), st.sampled_from([ReportKind.ANNUAL, ReportKind.BRA, ReportKind.SITUATION]))
def test_the_public_sees_no_small_figure_but_the_registers(folded: Folded, kind: ReportKind) -> None:
    shown = plan(folded, request(kind, audience=Audience.PUBLIC))
    cube = Cube(folded, AS_OF, Period(2026))
    every = {seen.id: seen for one in breakdowns.EVERY for seen in (breakdowns.for_audience(one, public=True), one)}
    for name, cells in shown.counts.items():
        family = cube.family(every[name])
        for cell, count in cells.items():
            known = family.family.depth
            assert count == family.value(cell)
            # Of nothing received, everybody knows that none was so.
            assert count > SMALL or family.value((*cell[:known], *(ALL for _ in cell[known:]))) == 0, (name, cell)
    inside = build(folded, request(kind), NAMES)[0]
    _check_same(build(folded, request(kind, audience=Audience.PUBLIC), NAMES)[0], inside)


def _check_same(public: Report, inside: Report) -> None:
    """What is shown is what was counted, wherever both reports have the same figure."""
    for name in ("types", "areas", "measures", "relation"):
        if name not in tables(public) or tables(public)[name].hidden:
            continue
        full = values(inside, name, "now")
        for key, value in values(public, name, "now").items():
            assert value is None or value == full.get(key, 0), (name, key)


@FEW
@given(random_folded(), st.permutations(range(8)))
def test_the_order_of_cases_changes_nothing(folded: Folded, order: list[int]) -> None:
    first = build(folded, request(), NAMES)[0]
    keys = sorted(folded.cases, key=lambda one: (order[len(one) % 8], one))
    folded.cases = {key: folded.cases[key] for key in keys}
    assert build(folded, request(), NAMES)[0] == first
