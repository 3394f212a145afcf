"""What cases ask of their handler, from every table that asks something."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.storage import samples
from tests.storage.raw import execute
from tipportal.domain.aftercare import Phase, Reprisal
from tipportal.domain.cases import CaseState
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.duties import Duty, DutyKind
from tipportal.domain.pressing import Claim, Why, in_order, nearest
from tipportal.domain.subjectrights import Decision, HandledRight, Right
from tipportal.storage import Database

TODAY = stockholm_date(samples.NOW)
NOBODY = dict.fromkeys((CaseState.ACKNOWLEDGED,), date(2000, 1, 1))


def _asked(town: Database, account: str = "bo") -> tuple[list[str], list[Claim]]:
    """The cases that may need somebody although no date of theirs is near, and what case 1 asks."""
    with town.read() as uow:
        found = uow.pressing.needing(account, received_by=NOBODY, alarmed_by=TODAY, limit=9, now=samples.NOW)
        return list(found), list(uow.pressing.claims(account, ["case-1"], samples.NOW))


def _case(town: Database, state: CaseState = CaseState.UNDER_FOLLOW_UP, closed_days: int | None = None) -> None:
    closed_on = None if closed_days is None else TODAY - timedelta(days=closed_days)
    with town.write() as uow:
        case = samples.case(1, received_on=TODAY - timedelta(days=9), state=state)
        samples.submit(uow, case)
        uow.cases.mark_read(case.id, "bo", 0)
    if closed_on is not None:
        execute(town, f"UPDATE cases SET closed_on = '{closed_on}' WHERE id = 'case-1'")  # noqa: S608 - our own


def test_a_case_that_asks_nothing_is_not_there(town: Database) -> None:
    _case(town)
    assert _asked(town) == ([], [])


def test_a_review_waits_for_everybody_but_whoever_did_it(town: Database) -> None:
    _case(town)
    by = TODAY + timedelta(days=2)
    with town.write() as uow:
        duty = Duty(
            id="d",
            organisation_id=samples.case(1).organisation_id,
            case_id="case-1",
            kind=DutyKind.LEX_SARAH,
            done_by="anna",
            member="h1",
            done_at=samples.NOW,
            review_by=by,
        )
        uow.duties.add(duty)
    assert _asked(town) == (["case-1"], [Claim("case-1", Why.REVIEW, by, TODAY, duty=duty.kind)])
    assert _asked(town, "anna") == ([], [])


@pytest.mark.parametrize(("days", "months"), [(80, None), (100, 3), (200, 3)])
def test_after_care_begins_on_its_day(town: Database, days: int, months: int | None) -> None:
    _case(town, CaseState.CLOSED, closed_days=days)
    with town.write() as uow:
        of = samples.case(1).organisation_id
        uow.care.add_reprisal(Reprisal("r", of, "case-1", Phase.FEARED, TODAY, "h1"))
    found, claims = _asked(town)
    pressing = [claim for claim in claims if claim.presses(TODAY)]
    assert found == (["case-1"] if months else [])
    assert [claim.months for claim in in_order(pressing)] == ([months] if months else [])
    assert [claim.why for claim in claims] == [Why.AFTER_CARE] * 3


def test_deferred_information_is_looked_at_again_until_it_is_handled(town: Database) -> None:
    _case(town)
    of, begun, near = samples.case(1).organisation_id, TODAY - timedelta(days=60), TODAY + timedelta(days=2)
    deferred = HandledRight(
        "1", of, "case-1", Right.INFORMATION, Decision.DEFERRED, begun, near + timedelta(days=1), "h1", b"x" * 32
    )
    claim = Claim("case-1", Why.DEFERRED, near, begun)
    steps = [
        (deferred, [], [replace(claim, by=near + timedelta(days=1))]),
        # Of two decisions on one day the first date counts.
        (replace(deferred, id="2", review_on=near), ["case-1"], [claim]),
        (replace(deferred, id="3", kind=Right.ACCESS, decision=Decision.GIVEN, review_on=None), ["case-1"], [claim]),
        (replace(deferred, id="4", handled_on=TODAY, decision=Decision.GIVEN, review_on=None), [], []),
    ]
    for handled, found, claims in steps:
        with town.write() as uow:
            uow.care.add_right(handled)
        assert _asked(town) == (found, claims)


def test_a_closed_case_nobody_has_decided_to_keep_is_told_of_before_two_years_have_gone(town: Database) -> None:
    _case(town, CaseState.CLOSED, closed_days=560)
    found, claims = _asked(town)
    assert found == ["case-1"]
    assert [claim.why for claim in claims] == [Why.RETENTION]


def test_the_chip_tells_the_first_date_of_all() -> None:
    late, soon, none = (
        Claim("c", Why.REVIEW, TODAY),
        Claim("c", Why.CLOCK, TODAY + timedelta(days=1)),
        Claim("c", Why.UNREAD, None),
    )
    assert nearest([none, soon, late]) is late
    assert nearest([none]) is None
    assert in_order([late, none, soon]) == [soon, none, late]
    assert not Claim("c", Why.AFTER_CARE, TODAY + timedelta(days=1)).presses(TODAY)
    assert Claim("c", Why.CLOCK, TODAY + timedelta(days=2)).presses(TODAY)
