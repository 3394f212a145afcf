"""The other reports of the same year, from the half-year to the indicators, and the calendar."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from tests.support.followup import NAMES, case, figure, paragraphs, request, tables, triaged, values, year
from tipportal.domain.cases import Outcome
from tipportal.domain.errors import Invalid
from tipportal.domain.followup.building import build
from tipportal.domain.followup.calendar import Occasion, due, reminders
from tipportal.domain.followup.facts import Spell
from tipportal.domain.followup.grids import with_above
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import (
    Audience,
    Column,
    Figure,
    Head,
    Mark,
    Report,
    ReportKind,
    Table,
    Unit,
)
from tipportal.domain.followup.sample import MOST, draw
from tipportal.domain.policies.explaining import Sentence


def _report(kind: ReportKind, period: str = "2026") -> Report:
    return build(year(), request(kind, period), NAMES)[0]


def test_a_half_year_is_compared_with_the_same_half_a_year_before() -> None:
    report = _report(ReportKind.HALF_YEAR, "2026-1")
    assert values(report, "received", "now") == {"tip": 3, "report": 1, "total": 4}
    assert values(report, "received", "before") == {"tip": 1, "report": 0, "total": 1}
    said = paragraphs(report)
    assert said["received.received"] == "Under första halvåret 2026 kom 3 tips och en rapport in."
    assert said["received.received_change"] == "Det är 3 fler än samma halvår 2025."
    assert values(report, "results", "now") == {"ongoing": 1, "3:ongoing": 1}


def test_the_summary_for_the_council_has_measures_but_no_handlers() -> None:
    found = set(tables(_report(ReportKind.BRA)))
    assert {"types", "areas", "measures", "amounts", "recipients"} <= found
    assert not {"concentration", "separations", "care"} & found


def test_awareness_is_told_by_organisation_to_those_who_read_the_log() -> None:
    report = _report(ReportKind.AWARENESS)
    assert values(report, "heard", "now")["website"] == 5
    assert values(report, "heard_by_organisation", "website") == {"homes": 0, "town": 4, "school": 1}
    public = build(year(), request(ReportKind.AWARENESS, audience=Audience.PUBLIC), NAMES)[0]
    assert "heard_by_organisation" not in tables(public)


def test_counts_risk_areas_by_type_however_the_matter_was_found() -> None:
    report = _report(ReportKind.SITUATION)
    assert values(report, "area_types", "now") == {
        "hemtjanst:improper_payment": 5, "hemtjanst:influence_threat": 1, "inkop:improper_payment": 1,
    }  # fmt: skip
    assert values(report, "origin", "now")["own_control"] == 1


def test_indicators_are_the_figures_of_the_annual_report() -> None:
    report, annual = _report(ReportKind.INDICATORS), _report(ReportKind.ANNUAL)
    assert values(report, "cases", "now") == {
        "received_tips": 6, "received_reports": 3, "reports_not_covered": 1, "cases_confirmed": 2, "cases_open": 5,
        "undue_influence": 1, "police_reports": 1, "handed_over": 1, "reprisal_concerns": 1,
    }  # fmt: skip
    assert figure(report, "shares", "acknowledged_in_time", "now") == figure(annual, "times", "acknowledged", "share")
    assert values(report, "kronor", "now")["kronor_cost"] == 70_000
    assert values(report, "days", "now")["days_to_opening"] == 2


def test_the_sample_is_drawn_so_that_anybody_can_redo_it() -> None:
    folded = year()
    for number in range(40):
        other = case(f"X{number}", date(2026, 2, 1), spells=[Spell(date(2026, 3, 1), Outcome.UNFOUNDED)])
        folded.cases[other.reference] = other
    report = build(folded, request(ReportKind.SAMPLE, seed="dice 3 5 1"), NAMES)[0]
    closed = ["R1", "R2", "T1", "T2", *(f"X{number}" for number in range(40))]
    ranked = sorted(closed, key=lambda one: hashlib.sha256(b"dice 3 5 1" + one.encode()).hexdigest())
    assert [head.key for head in tables(report)["sample"].heads] == ranked[:MOST]
    assert report.seed == "dice 3 5 1"
    assert "Fröet är dice 3 5 1" in paragraphs(report)["sample.draw"]
    assert "44 ärenden. Ur dem togs 10 ärenden ut med lott" in paragraphs(report)["sample.draw"]
    assert draw("other", closed) != draw("dice 3 5 1", closed)


def test_the_sample_tells_of_handling_and_never_a_day_nor_what_a_case_is_about() -> None:
    report = _report(ReportKind.SAMPLE)
    row = {one.key: figure(report, "sample", "R1", one.key) for one in tables(report)["sample"].columns}
    assert str(row["received"].text) == "vecka 2, 2026"
    told = {key: one.value for key, one in row.items() if one.value is not None}
    assert told == {
        "to_acknowledgement": 7, "to_first": 1, "to_assessment": 15, "to_feedback": 97, "to_closing": 105,
        "messages_in": 2, "messages_out": 3, "measures": 2, "handovers": 1, "left": 1, "stepped_in": 1,
    }  # fmt: skip
    assert report.seed == report.log.root
    assert not {"area", "type", "outcome"} & set(row)


def test_the_sample_is_not_for_the_public() -> None:
    with pytest.raises(Invalid) as refused:
        build(year(), request(ReportKind.SAMPLE, audience=Audience.PUBLIC), NAMES)
    assert refused.value.field == "audience"


def test_a_small_towns_public_report_still_says_something() -> None:
    report = build(year(), request(audience=Audience.PUBLIC), NAMES)[0]
    assert values(report, "received", "now") == {"tip": 6, "report": 3, "total": 9}
    said = paragraphs(report)
    assert said["received.received"] == "Under 2026 kom 6 tips och 3 rapporter in."
    assert said["independence.weak_places"] == "Vid slutet av 2026 hade beviset av oberoende ett svagt ställe."
    assert said["method.hidden"].startswith("Små siffror kan peka ut någon.")
    outcomes = tables(report)["outcomes"]
    assert outcomes.hidden
    assert outcomes.notes
    # The cases were nine: nobody learns how one of them ended, what was claimed, or who does most of the work.
    assert not {"measures.police_reports", "measures.claims", "protection.reprisals", "outcomes.confirmed"} & set(said)
    assert {one.mark for row in tables(report)["amounts"].figures for one in row} == {Mark.HIDDEN}
    assert str(figure(report, "concentration", "2026", "largest").text) == "hälften till tre fjärdedelar"
    assert figure(report, "concentration", "2026", "handlers").value is None
    assert figure(report, "times", "opening", "median").mark is Mark.NO_BASE


def test_a_larger_publics_report_shows_what_is_large() -> None:
    folded = year()
    for number in range(60):
        ended = [Outcome.CONFIRMED, Outcome.UNFOUNDED, Outcome.JUNK][number % 3]
        other = case(
            f"X{number}", date(2026, 1 + number % 12, 3), first_opened=date(2026, 1 + number % 12, 5),
            triage=triaged(), spells=[Spell(date(2026, 12, 30), ended)] if number % 4 else [],
        )  # fmt: skip
        folded.cases[other.reference] = other
    report = build(folded, request(audience=Audience.PUBLIC), NAMES)[0]
    assert values(report, "outcomes", "now") == {
        "any_confirmed": 17, "other": 35, "aside": 17, "total": 69,
    }  # fmt: skip
    assert set(values(report, "outcomes", "before").values()) == {None, 1}
    assert figure(report, "times", "opening", "median").value == 2
    assert str(figure(report, "times", "opening", "worst").text) == "högst 7 dagar"


def test_the_calendar_reminds_on_working_days_and_not_before_a_period_has_ended() -> None:
    found = {(one.occasion, str(one.period)): one for one in due(2026)}
    # 28 February 2027 and 31 January 2027 are Sundays.
    assert found[Occasion.HALF_YEAR, "2026-2"].due == date(2027, 2, 26)
    assert found[Occasion.SAMPLE, "2026"].due == date(2027, 1, 29)
    assert found[Occasion.SAMPLE, "2026"].since == date(2027, 1, 1)
    assert found[Occasion.HALF_YEAR, "2026-1"].due == date(2026, 9, 15)
    assert found[Occasion.HALF_YEAR, "2026-1"].since == date(2026, 8, 4)
    assert str(found[Occasion.ANNUAL, "2026"].words) == (
        "Den årliga uppföljningen av 2026 ska vara klar till årsbokslutet 2027-02-15."
    )
    assert all(one.period.last < one.since <= one.due for one in found.values())


def test_reminders_end_when_published_and_never_speak_of_years_without_figures() -> None:
    begun, today = date(2026, 3, 1), date(2027, 2, 1)
    waiting = [(one.occasion, str(one.period)) for one in reminders(today, begun, ())]
    assert waiting == [
        (Occasion.HALF_YEAR, "2026-1"), (Occasion.SAMPLE, "2026"), (Occasion.ANNUAL, "2026"),
        (Occasion.HALF_YEAR, "2026-2"),
    ]  # fmt: skip
    published = [(ReportKind.HALF_YEAR, Period(2026, 1)), (ReportKind.ANNUAL, Period(2026))]
    assert [one.kind for one in reminders(today, begun, published)] == [ReportKind.SAMPLE, ReportKind.HALF_YEAR]
    assert [one.is_late(today) for one in reminders(today, begun, published)] == [True, False]
    assert reminders(today, None, ()) == ()


def test_a_row_that_stands_under_another_never_stands_under_a_stranger() -> None:
    """In public the row above may have nothing to show: it stands there all the same, with its mark."""
    heads = (Head("stopped"), Head("sanction"), Head("sanction:plan", level=1), Head("contract"))
    hidden, shown = (Figure(mark=Mark.HIDDEN),), (Figure(11),)
    words = Sentence("Antal")
    table = Table(
        "measures", words, words, (Column("now", words, Unit.CASES),), heads, (shown, hidden, shown, hidden), words
    )

    assert with_above(table, {0, 2}) == [0, 1, 2]
    assert with_above(table, {0, 3}) == [0, 3]
