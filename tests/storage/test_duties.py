"""What was done at once and what holds a case back, in the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.storage import samples
from tipportal.domain.duties import Duty, DutyKind, Restriction, RestrictionKind, Verdict
from tipportal.domain.errors import AlreadyDecided, IllegalTransition, NotEntitled
from tipportal.storage import Database

CASE = samples.case()
DUTY = Duty(
    "d1", "o1", CASE.id, DutyKind.LEX_SARAH, "anna", "h1", samples.NOW, samples.DAY + timedelta(days=2), b"r" * 32
)
RESTRICTION = Restriction("r1", "o1", CASE.id, RestrictionKind.DIALOGUE, samples.DAY, date(2026, 4, 1))


@pytest.fixture
def town_with_case(town: Database) -> Database:
    with town.write() as uow:
        samples.submit(uow, CASE)
    return town


def test_a_duty_waits_for_others_on_the_case_until_one_reviews_it(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.duties.add(DUTY)
        assert uow.duties.by_id("d1") == DUTY
        assert [duty for _, duty in uow.duties.to_review("bo", samples.DAY)] == [DUTY]
        assert not uow.duties.to_review("anna", samples.DAY)
        uow.duties.review("d1", Verdict.UPHELD, by="bo", member="h2", now=samples.NOW + 60)
        assert not uow.duties.to_review("bo", samples.DAY)
        assert [duty.verdict for duty in uow.duties.of_case(CASE.id)] == [Verdict.UPHELD]


def test_who_is_no_holder_meets_nothing_to_review(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.duties.add(DUTY)
        assert not uow.duties.to_review("nobody", samples.DAY)


def test_the_same_person_cannot_review_even_past_the_rules(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.duties.add(DUTY)
        with pytest.raises(NotEntitled):
            uow.duties.review("d1", Verdict.UPHELD, by="anna", member="h1", now=samples.NOW)
        assert uow.duties.by_id("d1") == DUTY


def test_a_second_review_is_refused(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.duties.add(DUTY)
        uow.duties.review("d1", Verdict.OBJECTED, by="bo", member="h2", now=samples.NOW)
        with pytest.raises(AlreadyDecided):
            uow.duties.review("d1", Verdict.UPHELD, by="cilla", member="h3", now=samples.NOW)


def test_a_case_has_one_restriction_of_a_kind_at_a_time(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.duties.restrict(RESTRICTION)
        uow.duties.restrict(replace(RESTRICTION, id="r2", kind=RestrictionKind.QUARANTINE, review_on=None))
        with pytest.raises(IllegalTransition):
            uow.duties.restrict(replace(RESTRICTION, id="r3"))
        assert uow.duties.in_force(CASE.id, RestrictionKind.DIALOGUE) == RESTRICTION
        uow.duties.lift(CASE.id, RestrictionKind.DIALOGUE, samples.DAY)
        assert uow.duties.in_force(CASE.id, RestrictionKind.DIALOGUE) is None
        assert uow.duties.in_force(CASE.id, RestrictionKind.QUARANTINE) is not None
        with pytest.raises(IllegalTransition):
            uow.duties.lift(CASE.id, RestrictionKind.DIALOGUE, samples.DAY)
        uow.duties.restrict(replace(RESTRICTION, id="r3"))


def test_restrictions_come_up_again_for_those_on_the_case(town_with_case: Database) -> None:
    with town_with_case.write() as uow:
        uow.duties.restrict(RESTRICTION)
        assert not uow.duties.to_look_at("anna", samples.DAY, date(2026, 3, 31))
        assert [found for _, found in uow.duties.to_look_at("anna", samples.DAY, date(2026, 4, 1))] == [RESTRICTION]
        assert not uow.duties.to_look_at("nobody", samples.DAY, date(2026, 4, 1))
