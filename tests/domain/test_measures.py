"""The ladder of sanctions, what counts, when recipients are asked, and data files read strictly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pytest

from tests.storage import samples
from tipportal.domain.cases import Case, CaseState
from tipportal.domain.errors import IllegalTransition, Invalid
from tipportal.domain.handovers import (
    RECIPIENTS,
    LegalBasis,
    Recipient,
    Result,
    check_handover,
    check_report,
    due_months,
    read_rules,
)  # fmt: skip
from tipportal.domain.measures import (
    Amount,
    Measure,
    MeasureFacts,
    MeasureKind,
    SanctionStep,
    in_force,
    steps_skipped,
    steps_taken,
    sums,
)  # fmt: skip
from tipportal.domain.organisations import Channel
from tipportal.domain.reopening import after_reopening
from tipportal.domain.worklists import is_stale, read_worklist

DAY = date(2026, 11, 30)
PLAN, WARNING, LOCAL, OUT = SanctionStep
LIST = files("tipportal.usecases.casework").joinpath("police_report.toml").read_text("utf-8")
RULES = files("tipportal.usecases.casework").joinpath("handovers.toml").read_text("utf-8")


def _measure(number: int, facts: MeasureFacts, **more: object) -> Measure:
    made = Measure(f"m{number}", "o1", "c1", facts, bytes(32), "anna", "h1", number)
    return replace(made, **more)  # type: ignore[arg-type] # the test names real fields


def _stopped(kronor: int) -> MeasureFacts:
    return MeasureFacts(MeasureKind.STOPPED_PAYMENT, DAY, {Amount.STOPPED: kronor})


@pytest.mark.parametrize(
    ("step", "taken", "skipped"),
    [
        (PLAN, (), ()),
        (WARNING, (), (PLAN,)),
        (OUT, (), (PLAN, WARNING)),
        (LOCAL, (PLAN,), (WARNING,)),
        (OUT, (PLAN, WARNING), ()),
        (WARNING, (OUT,), ()),
        (OUT, (WARNING,), (PLAN,)),
    ],
)
def test_milder_steps_that_were_not_taken_are_skipped(
    step: SanctionStep, taken: tuple[SanctionStep, ...], skipped: tuple[SanctionStep, ...]
) -> None:
    assert steps_skipped(step, taken) == skipped


def test_only_what_is_in_force_is_summed_and_counts_on_the_ladder() -> None:
    sanction = MeasureFacts(MeasureKind.SANCTION, DAY, step=WARNING)
    every = [
        _measure(1, _stopped(100)),
        _measure(2, _stopped(40), corrects="m1"),
        _measure(3, _stopped(5)),
        _measure(4, _stopped(5), corrects="m3", withdrawn=True),
        _measure(5, sanction),
        _measure(6, sanction, corrects="m5", withdrawn=True),
    ]
    assert [measure.id for measure in in_force(every)] == ["m2"]
    assert sums(every) == {Amount.STOPPED: 40}
    assert steps_taken(every) == ()
    assert steps_taken(every[4:5]) == (WARNING,)


@pytest.mark.parametrize(
    ("handed_on", "today", "due"),
    [
        (DAY, date(2027, 2, 27), ()),
        # No 30 February: the last day of the month.
        (DAY, date(2027, 2, 28), (3,)),
        (date(2027, 11, 30), date(2028, 2, 29), (3,)),
        (DAY, date(2027, 11, 30), (3, 6, 12)),
        (DAY, date(2028, 11, 30), (3, 6, 12, 24)),
    ],
)
def test_recipients_are_asked_at_whole_months(handed_on: date, today: date, due: tuple[int, ...]) -> None:
    assert due_months(handed_on, today) == due


def test_elected_persons_only_ever_get_the_result() -> None:
    rules = read_rules(RULES)
    for recipient in (Recipient.AUDITORS, Recipient.COUNCIL_PRESIDIUM, Recipient.EXECUTIVE_COMMITTEE_CHAIR):
        check_handover(rules, recipient, LegalBasis.RESULT_ONLY)
        for basis in set(LegalBasis) - {LegalBasis.RESULT_ONLY}:
            with pytest.raises(IllegalTransition):
                check_handover(rules, recipient, basis)


def test_every_recipient_has_a_name() -> None:
    assert set(RECIPIENTS) == set(Recipient)


def test_what_the_law_demands_in_writing_is_demanded() -> None:
    weighed = {basis for basis, rule in read_rules(RULES).bases.items() if rule.weighing}
    assert weighed == {LegalBasis.OSL_10_15A, LegalBasis.ACT_2024_307, LegalBasis.OSL_10_27}
    # The police do not stand in lag 2024:307, 2 §.
    assert Recipient.POLICE not in read_rules(RULES).bases[LegalBasis.ACT_2024_307].recipients


@pytest.mark.parametrize(
    ("result", "kronor"), [(Result.ONGOING, 5), (Result.RECOVERY_CLAIM, -1), (Result.RECOVERY_CLAIM, 10**12 + 1)]
)
def test_an_amount_belongs_to_money(result: Result, kronor: int) -> None:
    with pytest.raises(Invalid):
        check_report(result, kronor)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('key = "when"', 'key = "how"'),
        ('key = "when"', 'key = "När"'),
        ("check_law = true", 'check_law = "true"'),
        ("reviewed_on = 2026-11-22", 'reviewed_on = "2026-11-22"'),
        ("reviewed_on = 2026-11-22", "reviewed_on = 2026-11-22T10:00:00Z"),
        ("check_law = true", "check_law = true\nmore = 1"),
        ("writes = true", "writes = 1"),
        ('source = "', 'source = ""\nrest = "'),
    ],
)
def test_a_checklist_of_another_shape_is_refused(old: str, new: str) -> None:
    assert len(read_worklist(LIST).items) == 15
    with pytest.raises(ValueError, match=r"."):
        read_worklist(LIST.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('source = "', 'source = ""\nrest = "'),
        ('key = "act_5_10"', 'key = "osl_10_24"'),
        ('key = "act_5_10"', 'key = "act_5_11"'),
        ("weighing = true", 'weighing = "yes"'),
        ('recipients = ["police", "prosecutor"]', 'recipients = ["police", "press"]'),
    ],
)
def test_rules_of_handing_over_of_another_shape_are_refused(old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_rules(RULES.replace(old, new, 1))


def test_a_year_and_a_day_is_too_old() -> None:
    assert not is_stale(DAY, DAY + timedelta(days=365))
    assert is_stale(DAY, DAY + timedelta(days=366))


def _case(**changes: object) -> Case:
    return replace(samples.case(state=CaseState.CLOSED, closed_on=DAY), **changes)  # type: ignore[arg-type] # as above


def test_a_closed_case_goes_back_to_where_it_can_be_worked_with() -> None:
    assert after_reopening(_case()) is CaseState.UNDER_FOLLOW_UP
    assert after_reopening(_case(channel=Channel.REPORT, covered=True)) is CaseState.UNDER_FOLLOW_UP
    assert after_reopening(_case(channel=Channel.REPORT, covered=False)) is CaseState.ACKNOWLEDGED
    for state in set(CaseState) - {CaseState.CLOSED}:
        with pytest.raises(IllegalTransition):
            after_reopening(samples.case(state=state))
