"""Measures and checklists: recorded by one, corrected by a new entry, counted, and held against the log."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.support.setting_up import two
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, agree, propose, seal_form, seal_text, stored
from tipportal.cli.demo_work import take_measure, tick_off
from tipportal.domain.cases import CaseState
from tipportal.domain.errors import Conflict, IllegalTransition, Invalid, NotFound
from tipportal.domain.measures import (
    Amount,
    Measure,
    MeasureFacts,
    MeasureKind,
    NoMeasureReason,
    SanctionStep,
    in_force,
    sums,
)
from tipportal.envelope.payloads import ActKind, ClosePayload, Outcome, ReasonsPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import alerts, handle, logbook, measures, surveying, worklists
from tipportal.usecases.alerts import AlertKind

DAY = date(2026, 11, 23)
CLAIM = {Amount.CLAIMED: 120_000, Amount.RECOVERED: 0}


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.tip()


def _kept(story: Story, case: PlayedCase) -> tuple[Measure, ...]:
    with story.database.read() as uow:
        return tuple(uow.measures.of_case(stored(story.handler, case).id))


def _close(story: Story, case: PlayedCase) -> None:
    handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Klart.", by="h1")
    payload = ClosePayload(Outcome.CONFIRMED, reasons.digest.hex())
    agree(story.handler, case, propose(story.handler, case, payload, reasons))


def test_what_is_recovered_after_closing_is_a_new_entry_and_counts_once(story: Story, case: PlayedCase) -> None:
    claim = take_measure(story.handler, case, MeasureKind.RECOVERY_CLAIM, "Återkrav beslutat.", amounts=CLAIM)
    _close(story, case)
    paid = MeasureFacts(
        MeasureKind.RECOVERY_CLAIM, story.handler.today(), {Amount.CLAIMED: 120_000, Amount.RECOVERED: 45_000}
    )
    form = seal_form(story.handler, case, "measure", {"description": "Första betalningen."}, by="h2")

    measures.correct(story.handler, case.members["h2"].account, claim.id, measures.Offered(paid, form))

    kept = _kept(story, case)
    assert len(kept) == 2
    assert [measure.facts.amounts for measure in in_force(kept)] == [paid.amounts]
    assert sums(kept) == {Amount.CLAIMED: 120_000, Amount.RECOVERED: 45_000}
    assert logbook.verify(story.handler).findings == ()


def test_of_two_corrections_at_once_the_second_is_told(story: Story, case: PlayedCase) -> None:
    claim = take_measure(story.handler, case, MeasureKind.RECOVERY_CLAIM, "Återkrav.", amounts=CLAIM)
    for by in ("h1", "h2"):
        form = seal_form(story.handler, case, "measure", {"description": "Rättat."}, by=by)
        offered = measures.Offered(claim.facts, form)
        if by == "h1":
            measures.correct(story.handler, case.members[by].account, claim.id, offered)
        else:
            with pytest.raises(Conflict):
                measures.correct(story.handler, case.members[by].account, claim.id, offered)
    assert len(_kept(story, case)) == 2


def test_a_measure_by_mistake_is_taken_back_and_counts_no_more(story: Story, case: PlayedCase) -> None:
    stopped = take_measure(
        story.handler, case, MeasureKind.STOPPED_PAYMENT, "Stoppad.", amounts={Amount.STOPPED: 9_000}
    )
    form = seal_form(story.handler, case, "measure", {"description": "Fel ärende."}, by="h1")
    offered = measures.Offered(stopped.facts, form)
    measures.correct(story.handler, case.members["h1"].account, stopped.id, offered, withdrawn=True)
    assert in_force(_kept(story, case)) == ()
    assert sums(_kept(story, case)) == {}


def test_a_skipped_step_is_refused_until_it_is_said_to_be_meant(story: Story, case: PlayedCase) -> None:
    with pytest.raises(Invalid, match="tidigare steg"):
        take_measure(story.handler, case, MeasureKind.SANCTION, "Fusk.", step=SanctionStep.DEAUTHORISATION)
    take_measure(story.handler, case, MeasureKind.SANCTION, "Plan.", step=SanctionStep.ACTION_PLAN)
    take_measure(story.handler, case, MeasureKind.SANCTION, "Varning.", step=SanctionStep.WARNING)
    # The step between the two is only in some municipalities' own terms: nobody skips it.
    take_measure(story.handler, case, MeasureKind.SANCTION, "Ut.", step=SanctionStep.DEAUTHORISATION)
    other = story.tip()
    take_measure(story.handler, other, MeasureKind.SANCTION, "Fusk.", step=SanctionStep.DEAUTHORISATION, skips=True)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (MeasureFacts(MeasureKind.RECOVERY_CLAIM, DAY), "amounts"),
        (MeasureFacts(MeasureKind.POLICE_REPORT, DAY, {Amount.COST: 1}), "amounts"),
        (MeasureFacts(MeasureKind.STOPPED_PAYMENT, DAY, {Amount.STOPPED: 10**12 + 1}), "stopped"),
        (MeasureFacts(MeasureKind.POLICE_REPORT, DAY + timedelta(days=1)), "taken_on"),
        (MeasureFacts(MeasureKind.SANCTION, DAY), "step"),
        (MeasureFacts(MeasureKind.POLICE_REPORT, DAY, step=SanctionStep.WARNING), "step"),
        (MeasureFacts(MeasureKind.NO_MEASURE, DAY), "reason"),
        (MeasureFacts(MeasureKind.HR_MEASURE, DAY, reason=NoMeasureReason.MINOR), "reason"),
    ],
)
def test_what_does_not_hold_together_is_refused_by_name(
    story: Story, case: PlayedCase, facts: MeasureFacts, field: str
) -> None:
    form = seal_form(story.handler, case, "measure", {"description": "X."}, by="h1")
    with pytest.raises(Invalid) as refused:
        measures.record(story.handler, case.members["h1"].account, case.reference, measures.Offered(facts, form))
    assert refused.value.field == field
    assert not _kept(story, case)


def test_a_handover_is_never_written_by_hand(story: Story, case: PlayedCase) -> None:
    with pytest.raises(IllegalTransition):
        take_measure(story.handler, case, MeasureKind.HANDED_OVER, "Själv.")


def test_whoever_stands_by_meets_not_found(story: Story, case: PlayedCase) -> None:
    claim = take_measure(story.handler, case, MeasureKind.RECOVERY_CLAIM, "Återkrav.", amounts=CLAIM)
    outside = story.outsider(case).account
    form = seal_form(story.handler, case, "measure", {"description": "X."}, by="h1")
    offered = measures.Offered(claim.facts, form)
    for act in (
        lambda: measures.record(story.handler, outside, case.reference, offered),
        lambda: measures.correct(story.handler, outside, claim.id, offered),
        lambda: worklists.update(story.handler, outside, case.reference, "police_report", form, done=0, replaces=None),
    ):
        with pytest.raises(NotFound):
            act()


def test_of_two_who_tick_at_once_the_second_sees_that_the_first_did(story: Story, case: PlayedCase) -> None:
    first = tick_off(story.handler, case, "police_report", ("when",), {"when": "Ja, fakturorna."})
    with pytest.raises(Conflict):
        tick_off(story.handler, case, "police_report", ("amount",), {}, by="h2")
    tick_off(story.handler, case, "police_report", ("when", "amount"), {}, replaces=first.record, by="h2")
    with story.database.read() as uow:
        (state,) = uow.worklists.of_case(stored(story.handler, case).id)
    assert (state.done, state.of) == (2, 15)
    with pytest.raises(Invalid):
        tick_off(story.handler, case, "no_such_list", (), {})
    assert logbook.verify(story.handler).findings == ()


def test_data_files_that_nobody_has_read_for_a_year_are_told(story: Story) -> None:
    assert worklists.stale(story.handler) == ()
    story.clock.advance(366 * 24 * 3600)
    assert len(worklists.stale(story.handler)) == 10


def test_rows_altered_behind_the_program_s_back_are_named(story: Story, case: PlayedCase) -> None:
    claim = take_measure(story.handler, case, MeasureKind.RECOVERY_CLAIM, "Återkrav.", amounts=CLAIM)
    tick_off(story.handler, case, "police_report", ("when",), {})
    story.change("UPDATE measures SET recovered = 5")
    story.change("UPDATE worklists SET done = 9")
    found = [finding.what for finding in logbook.verify(story.handler).findings]
    assert any(claim.id in what for what in found)
    assert any("police_report" in what for what in found)


def test_a_closed_case_is_opened_again_by_two_and_stands_as_the_log_says(story: Story, case: PlayedCase) -> None:
    _close(story, case)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Ny uppgift.", by="h1")
    proposal = propose(story.handler, case, ReasonsPayload(ActKind.REOPEN, reasons.digest.hex()), reasons)
    opened = agree(story.handler, case, proposal)
    assert (opened.state, opened.closed_on, opened.outcome) == (CaseState.UNDER_FOLLOW_UP, None, None)
    assert stored(story.handler, case) == opened
    assert logbook.verify(story.handler).findings == ()
    again = seal_text(story.handler, case, Kind.ASSESSMENT, "Igen.", by="h1")
    with pytest.raises(IllegalTransition):
        propose(story.handler, case, ReasonsPayload(ActKind.REOPEN, again.digest.hex()), again)


def test_administrators_are_warned_of_what_is_old(story: Story) -> None:
    administrator = two(story).proposer.account

    def warned() -> bool:
        found = alerts.alerts(story.handler, administrator, surveying.survey(story.handler))
        return AlertKind.DATA in {each.kind for each in found}

    assert not warned()
    story.clock.advance(366 * 24 * 3600)
    assert warned()
