"""Trustees, whom epochs name, recoveries and drills in the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.storage import samples
from tests.storage.test_changes import CHANGE
from tipportal.domain.approvals import ProposalState
from tipportal.domain.cases import Grant, GrantKind
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import AlreadyDecided, Conflict, NotEntitled
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.trustees import CaseTrustee, Drill, Recovery, RecoveryState, Trustee, TrusteeSet
from tipportal.storage import Database
from tipportal.storage.faults import StorageFault

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


def approvable(uow: UnitOfWork, kind: ChangeKind = ChangeKind.RESTORE) -> None:
    """A change that waits, and three trustees in force of whom two are enough."""
    uow.changes.add(replace(CHANGE, kind=kind))
    uow.trustees.add_set(FIRST)
    uow.trustees.acknowledge(1, DAY)


def marks(*people: Trustee) -> dict[str, bytes]:
    return {one.id: bytes(64) for one in people}


def test_enough_trustees_approve_once(town: Database) -> None:
    with town.write() as uow:
        approvable(uow)
        uow.changes.approve_by_trustees("c1", 1, marks(*PEOPLE[:2]), now=samples.NOW)
        kept = uow.changes.by_id("c1")
        assert kept is not None
        assert (kept.state, kept.approver) == (ProposalState.APPROVED, None)
        assert [one.trustee_id for one in uow.changes.trustee_approvals("c1")] == ["id0", "id1"]
        assert list(uow.changes.approved()) == [("c1", CHANGE.payload)]
        with pytest.raises(AlreadyDecided):
            uow.changes.approve_by_trustees("c1", 1, marks(PEOPLE[2]), now=samples.NOW)
        with pytest.raises(AlreadyDecided):
            uow.changes.decide("c1", ProposalState.APPROVED, approver="bo", signature=b"s", now=samples.NOW)


def test_the_database_lets_trustees_replace_administrators_only_and_never_too_few(town: Database) -> None:
    with town.write() as uow:
        approvable(uow)
        for those in ((), PEOPLE[:1]):
            with pytest.raises(NotEntitled):
                uow.changes.approve_by_trustees("c1", 1, marks(*those), now=samples.NOW)
        with pytest.raises(AlreadyDecided):
            uow.changes.approve_by_trustees("c1", 1, marks(*PEOPLE), now=CHANGE.expires_at)
        assert not uow.changes.trustee_approvals("c1")
        uow.changes.add(replace(CHANGE, id="c2", kind=ChangeKind.REGISTER, nonce="1" * 32))
        with pytest.raises(NotEntitled):
            uow.changes.approve_by_trustees("c2", 1, marks(*PEOPLE), now=samples.NOW)
        # A set that nobody has acknowledged is not in force; and whoever stands in no set is nobody.
        uow.trustees.add_set(SECOND)
        with pytest.raises(NotEntitled):
            uow.changes.approve_by_trustees("c1", 2, marks(*PEOPLE[1:]), now=samples.NOW)
        stranger = replace(PEOPLE[0], id="nobody")
        with pytest.raises(StorageFault):
            uow.changes.approve_by_trustees("c1", 1, marks(stranger, PEOPLE[1]), now=samples.NOW)
        assert (uow.changes.by_id("c1") or CHANGE).state is ProposalState.OPEN
