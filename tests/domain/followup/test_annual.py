"""The annual report of a year whose figures can be counted by eye."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.support.followup import AS_OF, NAMES, figure, paragraphs, request, tables, values, year
from tipportal.domain.errors import Invalid
from tipportal.domain.followup.building import build, build_together, scopes_of
from tipportal.domain.followup.facts import Folded
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import Audience, Mark, Report, ReportKind
from tipportal.domain.organisations import OrganisationKind

ENDED = "Bostadsbolaget upphörde 2026-06-30 och Ekköping tog över. Ärenden räknas där de kom in."
SUCCEEDED = (
    "Ekköping tog över efter Bostadsbolaget 2026-06-30. Ärenden som kom in till Bostadsbolaget räknas där och inte här."
)


def _annual(period: str = "2026", scope: str | None = None, as_of: date = AS_OF) -> Report:
    return build(year(), request(period=period, scope=scope, as_of=as_of), NAMES)[0]


def test_counts_what_came_in_by_half_year_and_organisation() -> None:
    report = _annual()
    assert values(report, "received", "half_1") == {"tip": 3, "report": 1, "total": 4}
    assert values(report, "received", "half_2") == {"tip": 3, "report": 2, "total": 5}
    assert values(report, "received", "before") == {"tip": 1, "report": 0, "total": 1}
    assert values(report, "received_by_organisation", "now") == {"homes": 1, "town": 6, "school": 2, "total": 9}
    assert paragraphs(report)["received.received"] == "Under 2026 kom 6 tips och 3 rapporter in."
    assert paragraphs(report)["received.received_change"] == "Det är 8 fler än 2025."


def test_counts_how_it_was_found_and_who_told() -> None:
    report = _annual()
    found = {key: value for key, value in values(report, "origin", "now").items() if value}
    assert found == {"report": 3, "tip": 5, "own_control": 1, "total": 9}
    assert values(report, "relation", "now") == {
        "active": 1, "contractor": 0, "before_or_after": 0, "outside": 1, "not_told": 1, "total": 3,
    }  # fmt: skip
    anonymous = figure(report, "shares", "anonymous", "now")
    assert (anonymous.part, anonymous.base, anonymous.value) == (4, 9, 444)
    assert (figure(report, "shares", "dialogue", "now").part, figure(report, "shares", "dialogue", "now").base) == (
        1,
        9,
    )


def test_counts_what_was_taken_up_and_why_the_rest_was_not() -> None:
    report = _annual()
    assert values(report, "assessment", "report") == {"assessed": 1, "aside": 1, "awaiting": 1, "total": 3}
    assert values(report, "assessment", "tip") == {"assessed": 3, "aside": 1, "awaiting": 2, "total": 6}
    assert values(report, "reasons", "now") == {"aside:no_public_interest": 1, "aside:no_reason": 1}
    outcomes = {key: value for key, value in values(report, "outcomes", "now").items() if value}
    assert outcomes == {"awaiting": 3, "followed_up": 2, "confirmed": 1, "partly_confirmed": 1, "aside": 2, "total": 9}
    assert figure(report, "areas", "hemtjanst", "now").value == 9
    assert [figure(report, "areas", "hemtjanst", one).value for one in ("any_confirmed", "not_confirmed", "open")] == [
        2,
        2,
        5,
    ]
    assert values(report, "types", "now") == {"improper_payment": 5, "undue_influence": 1, "influence_threat": 1}


def test_counts_measures_and_money_when_recorded_and_without_the_withdrawn() -> None:
    report = _annual()
    assert values(report, "measures", "now") == {
        "police_report": 1, "recovery_claim": 1, "sanction": 1, "sanction:warning": 1, "external_investigation": 1,
    }  # fmt: skip
    assert values(report, "amounts", "now") == {"claimed": 100_000, "recovered": 25_000, "stopped": 0, "cost": 70_000}
    assert values(report, "amounts", "before") == {"claimed": 0, "recovered": 0, "stopped": 0, "cost": 0}
    assert values(report, "recipients", "now") == {"police": 1}
    assert values(report, "results", "now") == {"ongoing": 1, "3:ongoing": 1, "police_report": 1, "6:police_report": 1}
    said = paragraphs(report)
    assert said["measures.claims"] == (
        "Återkraven som antecknades var på 100000 kronor, varav 25000 kronor hade betalats tillbaka."
    )
    assert said["measures.older"] == "I ärenden som kom in före perioden antecknades en åtgärd."
    assert "measures.stopped" not in said


def test_judges_the_statutory_dates_strictly_and_keeps_exceptions_apart() -> None:
    report = _annual()
    assert values(report, "acknowledged", "now") == {"in_time": 1, "late": 1, "exception": 1, "not_due": 0, "total": 3}
    assert values(report, "feedback", "now") == {"in_time": 1, "late": 1, "not_due": 1, "total": 3}
    share = figure(report, "times", "acknowledged", "share")
    assert (share.part, share.base, share.value) == (1, 2, 500)
    # Seven and eight days: 7.5, rounded up. A quarter of a year and a day less or more for feedback.
    assert [figure(report, "times", "acknowledged", one).value for one in ("median", "worst")] == [8, 8]
    assert [figure(report, "times", "feedback", one).value for one in ("median", "worst")] == [99, 101]
    assert [figure(report, "times", "opening", one).value for one in ("median", "worst")] == [2, 7]
    assert figure(report, "times", "acknowledged", "before").mark is Mark.NO_BASE


def test_a_deadline_that_passes_unanswered_is_late() -> None:
    assert values(_annual(as_of=date(2027, 3, 2)), "feedback", "now")["late"] == 2
    assert values(_annual(as_of=date(2027, 3, 1)), "feedback", "now")["late"] == 1


def test_counts_open_cases_by_age_to_the_day() -> None:
    assert values(_annual(), "open_by_age", "all") == {"under_3": 1, "from_3": 1, "from_6": 3, "from_12": 0, "total": 5}
    # T5 came on 9 September: three months old on 9 December, and not before.
    assert values(_annual(as_of=date(2026, 12, 8)), "open_by_age", "tip")["under_3"] == 1
    assert values(_annual(as_of=date(2026, 12, 9)), "open_by_age", "tip")["under_3"] == 0


def test_tells_how_few_the_handling_rests_on() -> None:
    report = _annual()
    assert figure(report, "concentration", "2026", "handlers").value == 2
    # Seven acts of ten: 1 / (0.49 + 0.09) = 1.72.
    assert figure(report, "concentration", "2026", "largest").value == 700
    assert str(figure(report, "concentration", "2026", "effective").text) == "1,7"
    assert [figure(report, "dependence", "function", one).value for one in ("2025", "2026")] == [1, 2]
    assert values(report, "weak_places", "weak_places") == {"town": 1}
    assert values(report, "separations", "now") == {
        "recusal": 1, "standby": 1, "reopened": 1, "reclassified": 0,
    }  # fmt: skip
    assert values(report, "care", "now") == {
        "reprisal": 1, "after_care": 0, "identity_opened": 1, "identity_disclosed": 0,
    }  # fmt: skip


def test_one_organisations_report_counts_its_own_alone() -> None:
    report = _annual(scope="school")
    assert values(report, "received", "now") == {"tip": 1, "report": 1, "total": 2}
    assert "received_by_organisation" not in tables(report)
    assert str(report.title) == "Årlig uppföljning 2026: Skolnämnden"
    said = paragraphs(report)
    assert said["about.begun"] == (
        "Uppgifterna börjar 2026-07-01. För tiden innan finns inget att räkna eller jämföra med."
    )
    assert "received.received_change" not in said
    assert figure(report, "received", "total", "before").mark is Mark.NOT_YET
    assert figure(report, "received", "total", "half_1").mark is Mark.NOT_YET


@pytest.mark.parametrize(
    ("scope", "key", "words"),
    [
        (None, "ended_homes", ENDED),
        ("homes", "ended_homes", ENDED),
        ("town", "ended_homes", SUCCEEDED),
        (None, "begun", "Uppgifterna för 2025 börjar först 2025-03-01. Tänk på det när perioderna jämförs."),
        (None, "added_school", "Skolnämnden kom med i portalen 2026-07-01. För tiden innan finns inga uppgifter."),
    ],
)  # fmt: skip
def test_says_what_changed_among_organisations(scope: str | None, key: str, words: str) -> None:
    assert paragraphs(_annual(scope=scope))[f"about.{key}"] == words


def test_says_that_a_policy_changed_and_a_channel_opened() -> None:
    said = paragraphs(_annual())
    assert said["changes.policy_town"] == "Policyn för Ekköping ändrades 2026-05-01 (version 2)."
    assert said["changes.channel_0"] == "Skolnämnden öppnade kanalen för rapporter 2026-08-01."
    assert said["changes.policy_kept"].startswith("Ett ärende följer den policy")
    assert paragraphs(_annual("2025"))["changes.policy_town"] == (
        "Policyn för Ekköping började gälla 2025-03-01 (version 1)."
    )


@pytest.mark.parametrize(
    ("period", "as_of", "words"),
    [
        ("2026", date(2026, 10, 1), "Loggen slutar 2026-10-01, innan 2026 är slut. Siffrorna kommer att ändras."),
        ("2027", date(2026, 10, 1), "Loggen slutar 2026-10-01, innan 2027 har börjat. Det finns inget att räkna."),
        ("2024", AS_OF, "Uppgifterna börjar 2025-03-01, efter periodens slut. Det finns inget att räkna."),
        ("2025", AS_OF, "Uppgifterna börjar 2025-03-01. För tiden innan finns inget att räkna eller jämföra med."),
    ],
)
def test_says_when_a_period_runs_is_ahead_or_has_no_data(period: str, as_of: date, words: str) -> None:
    report = _annual(period, as_of=as_of)
    assert words in paragraphs(report).values()
    if period in {"2024", "2027"}:
        assert figure(report, "received", "total", "now").mark is Mark.NOT_YET


def test_an_empty_log_is_a_report_that_says_so() -> None:
    report = build(Folded(size=0, as_of=AS_OF), request(), {})[0]
    assert "Det finns inga uppgifter i loggen, så det finns inget att räkna." in paragraphs(report).values()
    assert figure(report, "received", "total", "now").mark is Mark.NOT_YET


def test_a_year_of_nothing_is_said_without_awkward_numbers() -> None:
    folded = year()
    folded.cases = {}
    said = paragraphs(build(folded, request(), NAMES)[0])
    assert said["received.received"] == "Under 2026 kom inget tips och ingen rapport in."
    assert said["received.received_change"] == "Det är lika många som 2025."
    assert said["deadlines.no_reports"] == "Under 2026 kom ingen rapport in som lagens tider gäller."
    assert said["handovers.handed_over"] == "Under 2026 lämnades inga uppgifter över till någon annan."
    assert not any(text.startswith("0 ") or " 1 ärenden" in text or " 0 ärenden" in text for text in said.values())


def test_the_same_entries_give_the_same_report() -> None:
    first, second = _annual(), _annual()
    assert first == second
    other = year()
    other.cases = dict(reversed(other.cases.items()))
    assert build(other, request(), NAMES)[0] == first


def test_refuses_an_unknown_organisation() -> None:
    with pytest.raises(Invalid) as refused:
        build(year(), request(scope="elsewhere"), NAMES)
    assert refused.value.field == "organisation"


def test_every_table_says_what_it_counted() -> None:
    for kind in ReportKind:
        for table in tables(build(year(), replace(request(kind)), NAMES)[0]).values():
            assert str(table.definition).endswith("."), table.id


def test_reports_of_a_set_are_of_the_whole_and_of_those_that_were_there() -> None:
    folded = year()
    assert scopes_of(folded, Period(2026)) == [None, *sorted(folded.organisations)]
    ended = folded.organisations["homes"].ended
    assert ended is not None
    assert "homes" not in scopes_of(folded, Period(ended.year + 1))
    folded.organisations["school"].kind = OrganisationKind.EXTERNAL
    assert "school" not in scopes_of(folded, Period(2026))
    begun = min(one.added for one in folded.organisations.values())
    assert scopes_of(folded, Period(begun.year - 1)) == [None]
    built = build_together(
        folded, [request(scope=scope, audience=Audience.PUBLIC) for scope in scopes_of(folded, Period(2026))], NAMES
    )
    assert [report.scope for report, _ in built] == scopes_of(folded, Period(2026))
    assert all(report.together for report, _ in built)
    alone, plan = build(folded, request(audience=Audience.PUBLIC), NAMES)
    assert built[0] == (replace(alone, together=True), plan)
