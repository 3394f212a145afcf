"""Entries of the log become facts of cases: each counts on its own Swedish day, and what corrects replaces."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.folded import ORGANISATION, body, folded, only, received
from tipportal.domain.cases import AckException, Outcome
from tipportal.domain.followup.facts import OrganisationFacts
from tipportal.domain.followup.folding import BARE, KINDS, BadEntry, Fold
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.handlinglog import Json
from tipportal.domain.handovers import Recipient
from tipportal.domain.measures import Amount
from tipportal.domain.organisations import Channel
from tipportal.domain.triage import CoveredGround, Origin

TRIAGE: dict[str, Json] = {
    "version": 1, "origin": "tip", "types": ["bribery"], "areas": ["inkop"], "relation": "outside",
    "named": "anonymous", "reprisals": "no", "heard_how": "website", "reasons": [],
}  # fmt: skip

NEW: dict[str, Json] = {"claimed": 5, "recovered": 4}


def _measure(measure: str, day: str, of: E = E.MEASURE_RECORDED, **facts: Json) -> dict[str, Json]:
    told: dict[str, Json] = {
        "measure": measure, "kind": "recovery_claim", "taken_on": "2026-03-01", "step": None, "reason": None,
        "amounts": {"claimed": 1000, "recovered": 0}, "corrects": None, "withdrawn": False, "handover": None,
        "record": "00", "after_closing": False, "skipped": [],
    }  # fmt: skip
    return body(of, day, {**told, **facts}, actor="h1")


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T21:59:59Z", "2026-01-31"),
        ("2026-01-31T22:30:00Z", "2026-01-31"),
        ("2026-01-31T23:00:00Z", "2026-02-01"),
        ("2026-06-30T21:59:59Z", "2026-06-30"),
        ("2026-06-30T22:00:00Z", "2026-07-01"),
        ("2026-12-31T23:30:00Z", "2027-01-01"),
    ],
)
def test_day_of_an_entry_is_the_swedish_one(time: str, day: str) -> None:
    case = only([received("2026-01-01"), body(E.FEEDBACK_GIVEN, time, actor="h1")])

    assert case.feedback == date.fromisoformat(day)


def test_what_waited_together_folds_the_same_in_either_order() -> None:
    both = [received("2026-01-01"), body(E.CASE_ACKNOWLEDGED, "2026-01-01", {"by": "confirmation_page"})]

    assert only(both) == only(reversed(both))
    assert only(both).acknowledged == date(2026, 1, 1)


def test_case_that_has_not_come_in_is_no_case() -> None:
    assert folded([body(E.CASE_ACKNOWLEDGED, "2026-01-01", {"by": "confirmation_page"})]).cases == {}


def test_what_staff_entered_came_in_and_was_acknowledged_when_they_say() -> None:
    case = only([
        received("2026-01-02", "report", origin="oral", received_on="2025-12-29"),
        body(E.CASE_ACKNOWLEDGED, "2026-01-02", {"by": "staff", "on": "2025-12-30"}, actor="staff_for_source"),
    ])  # fmt: skip

    assert (case.received, case.acknowledged, case.origin) == (date(2025, 12, 29), date(2025, 12, 30), Origin.ORAL)


def test_nobody_to_acknowledge() -> None:
    case = only([received("2026-01-02"), body(E.ACKNOWLEDGEMENT_LEFT_OUT, "2026-01-02", {"reason": "no_reporter"})])

    assert (case.acknowledged, case.not_acknowledged) == (None, AckException.NO_REPORTER)


def test_second_opening_is_somebody_elses() -> None:
    opened = [
        body(E.OPENED, f"2026-01-0{day}T12:00:00Z", facts, actor=actor)
        for day, actor, facts in (
            (2, "h1", {}), (3, "h1", {}), (4, "h2", {"vault": True}), (5, "h2", {}), (6, "h3", {}),
        )
    ]  # fmt: skip
    case = only([received("2026-01-01"), *opened])

    assert (case.first_opened, case.second_opened) == (date(2026, 1, 2), date(2026, 1, 5))


def test_first_triage_is_remembered_and_the_newest_counts() -> None:
    case = only([
        received("2026-01-01"),
        body(E.CASE_TRIAGED, "2026-01-02T12:00:00Z", TRIAGE, actor="h1"),
        body(E.CASE_TRIAGED, "2026-02-02T12:00:00Z", {**TRIAGE, "version": 2, "heard_how": "news"}, actor="h1"),
    ])  # fmt: skip

    assert case.triaged == date(2026, 1, 2)
    assert case.triage is not None
    assert case.triage.heard_how == "news"


def test_closed_reopened_and_closed_again() -> None:
    closed = body(E.CASE_CLOSED, "2026-02-01T12:00:00Z", {"outcome": "not_covered", "proposal": "x"}, actor="h2")
    again = body(E.CASE_CLOSED, "2026-04-01T12:00:00Z", {"outcome": "confirmed", "proposal": "y"}, actor="h2")
    start = [
        received("2026-01-01", "report"),
        body(E.CASE_ASSESSED, "2026-01-03T12:00:00Z", {"covered": False, "ground": "not_wrongdoing"}, actor="h2"),
        closed,
        body(E.CASE_REOPENED, "2026-03-01T12:00:00Z", {"proposal": "z"}, actor="h2"),
    ]
    open_again = only(start)
    case = only([
        *start,
        body(E.CASE_ASSESSED, "2026-03-03T12:00:00Z", {"covered": True, "ground": "eu_law_breach"}, actor="h2"),
        again,
    ])  # fmt: skip

    assert (open_again.closed, open_again.outcome, open_again.covered) == (None, None, None)
    assert (case.closed, case.outcome) == (date(2026, 4, 1), Outcome.CONFIRMED)
    assert [spell.closed for spell in case.spells] == [date(2026, 2, 1), date(2026, 4, 1)]
    assert case.spells[0].reopened == date(2026, 3, 1)
    assert (case.covered, case.ground, case.not_covered_reason) == (True, CoveredGround.EU_LAW_BREACH, None)


def test_tip_that_became_a_report_awaits_feedback_anew() -> None:
    case = only([
        received("2026-01-01"),
        body(E.FEEDBACK_GIVEN, "2026-01-05T12:00:00Z", actor="h1"),
        body(E.CASE_RECLASSIFIED, "2026-01-09T12:00:00Z", {"proposal": "x"}, actor="h1"),
    ])  # fmt: skip

    assert (case.channel, case.came_as, case.reclassified) == (Channel.REPORT, Channel.TIP, date(2026, 1, 9))
    assert (case.received, case.feedback) == (date(2026, 1, 1), None)


def test_corrected_measure_stands_once_with_its_new_amounts_and_a_withdrawn_one_says_so() -> None:
    case = only([
        received("2026-01-01"),
        _measure("m1", "2026-03-02T12:00:00Z"),
        _measure("m2", "2026-05-02T12:00:00Z", E.MEASURE_CORRECTED, corrects="m1", amounts=NEW),
        _measure("m3", "2026-05-02T12:00:00Z"),
        _measure("m4", "2026-05-03T12:00:00Z", E.MEASURE_CORRECTED, corrects="m3", withdrawn=True),
    ])  # fmt: skip

    assert {one.id: (one.recorded.month, one.withdrawn) for one in case.measures.values()} == {
        "m2": (5, False), "m4": (5, True),
    }  # fmt: skip
    assert case.measures["m2"].amounts == {Amount.CLAIMED: 5, Amount.RECOVERED: 4}


def test_handover_gets_its_name_its_questions_and_its_answers() -> None:
    handed: dict[str, Json] = {
        "recipient": "police", "basis": "osl_10_24", "notice": "not_needed", "content": "00", "proposal": "p",
    }  # fmt: skip
    case = only([
        received("2026-01-01"),
        body(E.HANDED_OVER, "2026-01-02T12:00:00Z", handed, actor="h2"),
        _measure("m1", "2026-01-02T12:00:00Z", kind="handed_over", amounts={}, handover="h"),
        body(E.HANDOVER_ASKED, "2026-04-02T12:00:00Z", {"handover": "h", "months": 3}),
        body(
            E.HANDOVER_REPORTED, "2026-04-09T12:00:00Z", actor="recipient",
            facts={"handover": "h", "months": 3, "result": "recovery_claim", "kronor": 700},
        ),
    ])  # fmt: skip

    handover = case.handovers["h"]
    assert (handover.recipient, handover.on) == (Recipient.POLICE, date(2026, 1, 2))
    assert handover.asked == {3: date(2026, 4, 2)}
    assert handover.answers == {3: (date(2026, 4, 9), "recovery_claim")}
    assert handover.kronor == {3: 700}


def test_acts_of_handling_are_counted_for_who_did_them_and_reading_is_none() -> None:
    found = folded([
        received("2026-01-01"),
        body(E.OPENED, "2026-01-02T12:00:00Z", actor="h1"),
        body(E.NOTE_ADDED, "2026-01-02T12:00:00Z", actor="h1"),
        body(E.PROPOSED, "2026-06-30T21:00:00Z", actor="h1"),
        body(E.APPROVED, "2026-06-30T22:00:00Z", actor="h2"),
        body(E.CASE_CLOSED, "2026-06-30T22:00:00Z", {"outcome": "confirmed"}, actor="h2"),
        body(E.SOURCE_MESSAGE_RECEIVED, "2026-07-01", actor="source"),
        _measure("m1", "2026-07-02T12:00:00Z", kind="handed_over", amounts={}, handover="h"),
    ])  # fmt: skip

    assert found.acts == {(ORGANISATION, "2026-1"): {"h1": 2}, (ORGANISATION, "2026-2"): {"h2": 1}}


def test_organisation_is_founded_merged_and_gone() -> None:
    found = folded([
        body(E.ORGANISATION_ADDED, "2026-01-01T12:00:00Z", {"kind": "municipality", "slug": "a"}, case=None),
        body(
            E.ORGANISATION_ADDED, "2026-01-02T12:00:00Z", {"id": "b", "kind": "company", "slug": "b"}, case=None,
            organisation="b",
        ),
        body(
            E.ORGANISATION_CHANGED, "2026-05-02T12:00:00Z", case=None, organisation="b",
            facts={"id": "b", "ended_on": "2026-06-30", "succeeded_by": ORGANISATION},
        ),
    ])  # fmt: skip

    assert found.organisations == {
        ORGANISATION: OrganisationFacts(ORGANISATION, "a", "municipality", date(2026, 1, 1)),
        "b": OrganisationFacts("b", "b", "company", date(2026, 1, 2), date(2026, 6, 30), ORGANISATION),
    }


def test_proof_of_an_entry_from_before_the_dependence_was_said_folds() -> None:
    old: dict[str, Json] = {"register": 4, "counterexamples": 0, "weak_places": 2, "firm_alone": 1}
    found = folded([
        body(E.PROOF_HELD, "2026-01-01T12:00:00Z", old, case=None),
        body(E.PROOF_LAPSED, "2026-02-01T12:00:00Z", {**old, "dependence": {"f": 2}}, case=None),
    ])  # fmt: skip

    assert [(each.held, dict(each.dependence)) for each in found.proofs] == [(True, {}), (False, {"f": 2})]


def test_publications_are_known_from_the_log_alone_in_the_order_that_it_says() -> None:
    one: dict[str, Json] = {
        "report": "r", "kind": "annual", "period": "2026", "scope": None, "size": 12, "as_of": "2027-01-20",
        "digest": "ab", "together": True,
    }  # fmt: skip
    told: dict[str, Json] = {"reports": [one, {**one, "report": "q", "scope": "o", "digest": "cd"}], "number": "n"}
    alone: dict[str, Json] = {"reports": [{**one, "report": "p", "size": 14, "together": False}]}
    found, other, last = folded(
        [
            body(E.REPORT_PUBLISHED, "2027-02-01T12:00:00Z", told, case=None),
            body(E.REPORT_PUBLISHED, "2027-03-01T12:00:00Z", alone, case=None),
        ]
    ).publications

    assert (found.id, found.kind, found.period, found.scope, found.size) == ("r", "annual", "2026", None, 12)
    assert (found.as_of, found.on, found.digest) == (date(2027, 1, 20), date(2027, 2, 1), "ab")
    assert [(each.id, each.scope, each.together) for each in (found, other, last)] == [
        ("r", None, True),
        ("q", "o", True),
        ("p", None, False),
    ]


@pytest.mark.parametrize("reports", [None, {}, "r", [["report", "r"]], [{"report": "r"}]])
def test_what_is_no_list_of_publications_is_an_error_and_never_none(reports: Json) -> None:
    with pytest.raises(BadEntry) as refused:
        folded([body(E.REPORT_PUBLISHED, "2027-02-01T12:00:00Z", {"reports": reports}, case=None)])
    assert refused.value.index == 0


def test_kind_that_is_not_known_counts_only_as_an_entry() -> None:
    later: dict[str, Json] = {**received("2026-01-02", case="BBB-BBB-BBB"), "kind": "invented_later", "facts": {"a": 1}}
    found = folded([received("2026-01-01"), later])

    assert (found.size, found.as_of, list(found.cases)) == (2, date(2026, 1, 2), ["AAA-AAA-AAA"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (body(E.CASE_CLOSED, "2026-01-02T12:00:00Z", {"outcome": "won"}), "outcome is 'won'"),
        (body(E.CASE_ASSESSED, "2026-01-02T12:00:00Z", {"ground": "public_interest"}), "covered"),
        (body(E.CASE_TRIAGED, "2026-01-02T12:00:00Z", {**TRIAGE, "areas": ["moon"]}), "areas"),
        (body(E.CASE_REOPENED, "2026-01-02T12:00:00Z"), "was not closed"),
        (body(E.HANDOVER_ASKED, "2026-01-02T12:00:00Z", {"handover": "h", "months": 3}), "not known"),
        (_measure("m", "2026-01-02T12:00:00Z", amounts={"claimed": -1}), "amounts"),
        (_measure("m", "2026-01-02T12:00:00Z", amounts={"paid": 1}), "paid"),
        (_measure("m", "2026-01-02T12:00:00Z", corrects="n"), "does not stand"),
        (received("2026-01-02"), "came in before"),
        (received("2026-01-02", case="BBB-BBB-BBB", received_on="yesterday"), "received_on"),
        (received("2026-01-02", case="BBB-BBB-BBB", area=None), "area"),
        (body(E.FEEDBACK_GIVEN, "the second of May"), "no time"),
        ({**received("2026-01-02"), "facts": []}, "a member"),
        ({**received("2026-01-02"), "actor": None}, "a member"),
    ],
)
def test_entry_that_says_what_none_can_is_named(wrong: dict[str, Json], said: str) -> None:
    with pytest.raises(BadEntry) as caught:
        folded([received("2026-01-01"), wrong])

    assert caught.value.index == 1
    assert caught.value.kind in {wrong["kind"], "?"}
    assert said in caught.value.what


def test_entry_that_waited_is_the_one_that_is_named() -> None:
    with pytest.raises(BadEntry) as caught:
        folded([body(E.CASE_ACKNOWLEDGED, "2026-01-01", {"on": 7}), received("2026-01-01")])

    assert caught.value.index == 0


def test_gap_in_the_log_is_named() -> None:
    fold = Fold()
    fold.take(0, received("2026-01-01"))

    with pytest.raises(BadEntry, match="entry 1 was expected"):
        fold.take(2, body(E.NOTE_ADDED, "2026-01-02T12:00:00Z", actor="h1"))


@pytest.mark.parametrize("kind", sorted(BARE))
def test_facts_that_nobody_looks_at_change_nothing(kind: str) -> None:
    facts: dict[str, Json] = {"on": "2020-01-01", "epoch": 3, "handover": "h"}
    told = body(E(kind), "2026-01-02T12:00:00Z", facts, actor="h1")

    found = folded([received("2026-01-01"), told])

    assert found == folded([received("2026-01-01"), {**told, "facts": {}}])


def test_kinds_that_count_are_kinds_of_the_log() -> None:
    assert set(KINDS) <= set(E)
    assert not BARE - set(KINDS)
