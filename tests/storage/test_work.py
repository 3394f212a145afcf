"""Measures, checklists, handovers and declined reopenings in the tables, and their rules held by the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.storage import samples
from tests.storage.raw import refused
from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import CaseState, Outcome
from tipportal.domain.errors import Conflict
from tipportal.domain.handovers import Ask, Handover, LegalBasis, Recipient, Report, Result, Told
from tipportal.domain.measures import Amount, Measure, MeasureFacts, MeasureKind
from tipportal.domain.worklists import WorklistState
from tipportal.storage import Database
from tipportal.storage.engines import normalised, writer_engine
from tipportal.storage.schema import downgrade, upgrade

CASE = samples.case()
FACTS = MeasureFacts(MeasureKind.RECOVERY_CLAIM, samples.DAY, {Amount.CLAIMED: 10**12, Amount.RECOVERED: 0})
CLAIM = Measure("m1", "o1", CASE.id, FACTS, b"r" * 32, "anna", "h1", samples.NOW)
STATE = WorklistState("o1", CASE.id, "lex_sarah", 1, 6, b"a" * 32, "anna", samples.DAY)
TABLES = ("handover_reports", "handover_asks", "handovers", "declined_reopenings", "worklists", "measures")


def _handover(proposal_id: str, **changes: object) -> Handover:
    made = Handover(
        "h1",
        "o1",
        CASE.id,
        proposal_id,
        Recipient.POLICE,
        LegalBasis.OSL_10_24,
        Told.NOT_NEEDED,
        b"c" * 32,
        samples.DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the test names real fields


def _fill(database: Database) -> None:
    proposal = replace(samples.proposal(CASE), kind=ActKind.HAND_OVER)
    with database.write() as uow:
        samples.submit(uow, CASE)
        uow.proposals.add(proposal)
        uow.measures.add(CLAIM)
        uow.worklists.put(STATE, replaces=None)
        uow.handovers.add(_handover(proposal.id))
        uow.handovers.ask(Ask("o1", CASE.id, "h1", 3, samples.DAY))


@pytest.fixture
def full(town: Database) -> Database:
    _fill(town)
    return town


def test_a_measure_comes_back_as_it_was_and_is_corrected_once(full: Database) -> None:
    fixed = replace(CLAIM, id="m2", corrects="m1", withdrawn=True)
    with full.write() as uow:
        assert uow.measures.by_id("m1") == CLAIM
        uow.measures.add(fixed)
        with pytest.raises(Conflict):
            uow.measures.add(replace(fixed, id="m3"))
        assert list(uow.measures.of_case(CASE.id)) == [CLAIM, fixed]
        assert dict(uow.measures.every()).keys() == {CASE.reference}


def test_a_checklist_is_replaced_only_by_what_was_written_from_it(full: Database) -> None:
    newer = replace(STATE, done=2, record=b"b" * 32)
    with full.write() as uow:
        for stale in (None, b"x" * 32):
            with pytest.raises(Conflict):
                uow.worklists.put(newer, replaces=stale)
        uow.worklists.put(newer, replaces=STATE.record)
        assert list(uow.worklists.of_case(CASE.id)) == [newer]


def test_a_question_is_linked_anew_until_it_is_answered(full: Database) -> None:
    ask = Ask("o1", CASE.id, "h1", 3, samples.DAY, b"1" * 32, 0)
    report = Report("o1", CASE.id, "h1", 3, samples.DAY, Result.ONGOING, None, 0, b"sealed")
    with full.write() as uow:
        assert uow.handovers.unasked(3, samples.DAY, limit=9) == []
        assert [handover.id for _, handover in uow.handovers.unasked(6, samples.DAY, limit=9)] == ["h1"]
        uow.handovers.link(ask)
        uow.handovers.link(replace(ask, token_digest=b"2" * 32))
        assert uow.handovers.by_token(b"1" * 32) is None
        found = uow.handovers.by_token(b"2" * 32)
        assert found is not None
        assert (found[0].id, found[1].id, found[2].months) == (CASE.id, "h1", 3)
        uow.handovers.report(report)
        assert uow.handovers.by_token(b"2" * 32) is None
        with pytest.raises(Conflict):
            uow.handovers.report(report)
        with pytest.raises(Conflict):
            uow.handovers.link(ask)
        assert list(uow.handovers.reports_of_case(CASE.id)) == [report]


def test_locked_cases_are_asked_nothing(full: Database) -> None:
    with full.write() as uow:
        uow.cases.advance(CASE, state=CaseState.LOCKED)
        assert uow.handovers.unasked(6, samples.DAY, limit=9) == []


def test_opening_again_takes_back_how_a_case_ended(full: Database) -> None:
    with full.write() as uow:
        closed = uow.cases.advance(
            CASE, state=CaseState.CLOSED, closed_on=samples.DAY, outcome=Outcome.NOT_COVERED, covered=False
        )
        opened = uow.cases.reopen(closed, CaseState.ACKNOWLEDGED)
        assert opened == CASE
        with pytest.raises(Conflict):
            uow.cases.reopen(closed, CaseState.ACKNOWLEDGED)
        assert uow.reopenings.asked_on(opened) is None


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE measures SET claimed = -1", "ck_measures_claimed"),
        ("UPDATE measures SET recovered = 1000000000001", "ck_measures_recovered"),
        ("UPDATE measures SET recovered = NULL", "ck_measures_amounts"),
        ("UPDATE measures SET stopped = 1", "ck_measures_amounts"),
        ("UPDATE measures SET step = 'warning'", "ck_measures_sanction"),
        ("UPDATE measures SET reason = 'minor'", "ck_measures_no_measure"),
        ("UPDATE measures SET handover = 'h1'", "ck_measures_handed_over"),
        ("UPDATE measures SET corrects = id", "ck_measures_corrects_another"),
        ("UPDATE measures SET kind = 'bribe'", "ck_measures_"),
        ("UPDATE worklists SET done = 7", "ck_worklists_done"),
        ("UPDATE handovers SET recipient = 'press'", "ck_handovers_recipient"),
        ("UPDATE handovers SET basis = 'none'", "ck_handovers_basis"),
        ("UPDATE handovers SET notice = 'maybe'", "ck_handovers_notice"),
        ("UPDATE handover_asks SET months = 4", "ck_handover_asks_months"),
        ("UPDATE handover_asks SET epoch = 0", "ck_handover_asks_link"),
    ],
)
def test_the_database_holds_the_rule(full: Database, statement: str, rule: str) -> None:
    assert str(refused(full, statement)).startswith(rule)


def test_the_tables_go_and_come_back_around_what_is_kept(empty_url: str, tmp_path: Path) -> None:
    upgrade(empty_url)
    database = Database(empty_url, tmp_path / "blobs")
    samples.settle_in(database)
    _fill(database)
    engine = writer_engine(normalised(empty_url))
    downgrade(empty_url, "0015")
    assert set(TABLES).isdisjoint(sa.inspect(engine).get_table_names())
    upgrade(empty_url)
    with database.read() as uow:
        assert uow.measures.of_case(CASE.id) == []
        assert uow.cases.for_holder(CASE.reference, "anna", date(2026, 4, 1)) == CASE
    engine.dispose()
    database.close()
