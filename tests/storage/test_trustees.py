"""Trustees, whom epochs name, recoveries and drills in the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.storage import samples
from tipportal.domain.cases import Grant, GrantKind
from tipportal.domain.errors import Conflict
from tipportal.domain.trustees import CaseTrustee, Drill, Recovery, RecoveryState, Trustee, TrusteeSet
from tipportal.storage import Database

DAY = date(2026, 3, 2)
CASE = samples.case()
PEOPLE = tuple(
    Trustee(f"id{number}", f"N{number}", "Kommunen", "Arkivet", None, bytes([number]) * 1216, bytes([number]) * 32)
    for number in range(3)
)
FIRST = TrusteeSet("o1", 1, 2, "change", None, PEOPLE)
SECOND = replace(FIRST, version=2, trustees=PEOPLE[1:])
RECOVERY = Recovery("r1", "o1", CASE.id, "change", "why", DAY, RecoveryState.OPEN, None)


def share(trustee: Trustee, member: str) -> Grant:
    return Grant(
        organisation_id="o1",
        case_id=CASE.id,
        epoch=0,
        holder=trustee.id,
        kind=GrantKind.TRUSTEE_SHARE,
        member=member,
        unit_id="",
        function_id="",
        file=b"share",
    )


def test_a_set_is_in_force_when_it_is_acknowledged(town: Database) -> None:
    with town.write() as uow:
        uow.trustees.add_set(FIRST)
        assert uow.trustees.current() is None
        assert uow.trustees.newest() == uow.trustees.set_of(1) == FIRST
        uow.trustees.acknowledge(1, DAY)
        uow.trustees.add_set(SECOND)
        assert uow.trustees.current() == replace(FIRST, acknowledged_on=DAY)
        assert uow.trustees.newest() == SECOND
        with pytest.raises(Conflict):
            uow.trustees.add_set(SECOND)


def test_shares_of_former_trustees_are_counted_and_replaced(town: Database) -> None:
    with town.write() as uow:
        samples.submit(uow, CASE)
        for those in (FIRST, SECOND):
            uow.trustees.add_set(those)
        assert uow.trustees.shares_outside(1, without=None) == 1
        uow.cases.add_grants([share(one, f"t{number}") for number, one in enumerate(PEOPLE, 1)])
        named = [CaseTrustee("o1", CASE.id, 0, f"t{number}", one.id, 1) for number, one in enumerate(PEOPLE, 1)]
        uow.trustees.add_to_case(named)
        assert uow.trustees.of_case(CASE.id) == named
        assert (uow.trustees.shares_outside(1, without=None), uow.trustees.shares_outside(2, without=None)) == (0, 1)
        assert uow.trustees.holding_shares() == {one.id for one in PEOPLE}
        uow.trustees.replace_shares(CASE.id, [share(PEOPLE[1], "t4"), share(PEOPLE[2], "t5")])
        assert uow.trustees.shares_outside(2, without=None) == 0
        assert uow.trustees.holding_shares() == {one.id for one in PEOPLE[1:]}
        kinds = {grant.kind for grant in uow.cases.grants(CASE.id)}
        assert {GrantKind.PANEL, GrantKind.SOURCE, GrantKind.TRUSTEE_SHARE} <= kinds


def test_one_recovery_of_a_case_is_open(town: Database) -> None:
    with town.write() as uow:
        samples.submit(uow, CASE)
        assert uow.trustees.case_by_reference(CASE.reference) == uow.trustees.case_by_id(CASE.id)
        assert uow.trustees.case_by_reference("nowhere") is None
        uow.trustees.begin_recovery(RECOVERY)
        assert uow.trustees.open_recoveries() == [RECOVERY]
        with pytest.raises(Conflict):
            uow.trustees.begin_recovery(replace(RECOVERY, id="r2"))
        uow.trustees.settle_recovery("r1", RecoveryState.DONE, 1)
        assert not uow.trustees.open_recoveries()
        assert uow.trustees.recovery("r1") == replace(RECOVERY, state=RecoveryState.DONE, epoch=1)
        with pytest.raises(Conflict):
            uow.trustees.settle_recovery("r1", RecoveryState.CANCELLED, None)
        uow.trustees.begin_recovery(replace(RECOVERY, id="r3"))


def test_the_newest_drill_of_a_set(town: Database) -> None:
    with town.write() as uow:
        uow.trustees.add_set(FIRST)
        assert uow.trustees.newest_drill(1) is None
        for number, day in enumerate((date(2026, 1, 1), DAY, date(2026, 2, 1))):
            uow.trustees.add_drill(Drill("o1", f"d{number}", 1, day, "id0,id1"))
        found = uow.trustees.newest_drill(1)
        assert found is not None
        assert found.done_on == DAY
