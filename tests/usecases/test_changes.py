"""Changes by two administrators: who may, when, once, and on what both signed."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.support.setting_up import add_unit, decided, invite_person, organisation, person_operation, turned, two
from tests.support.setting_up import unit_operation as adding
from tests.support.story import DAY, Story
from tipportal.cli.demo_changes import Administrators
from tipportal.cli.demo_staffing import confirm_keys, enrol_person, signer
from tipportal.domain.accounts import Role
from tipportal.domain.approvals import ProposalState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange, StaleChange
from tipportal.domain.errors import (
    AlreadyDecided,
    BadSignature,
    Conflict,
    Invalid,
    NotEntitled,
    NotFound,
    Refusal,
)
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Unit
from tipportal.envelope.changes import ChangeAct, sign_change
from tipportal.usecases import at_once, changes, logbook
from tipportal.usecases.changes import OfferedChange

Payload = dict[str, Json]


@pytest.fixture
def founders(story: Story) -> Administrators:
    """The two founders."""
    return two(story)


def test_a_change_takes_effect_when_the_other_approves_and_not_before(story: Story, founders: Administrators) -> None:
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    assert "IT" not in names(story)

    founders.approve(change_id, act)

    assert "IT" in names(story)
    assert newest_kinds(story, 4) == ["change_proposed", "change_approved", "unit_added", "register_changed"]
    assert logbook.verify(story.handler).findings == ()


def test_nobody_approves_their_own_change(story: Story, founders: Administrators) -> None:
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    alone = dataclasses.replace(founders, approver=founders.proposer)

    with pytest.raises(NotEntitled):
        alone.approve(change_id, act)

    assert "IT" not in names(story)
    assert newest_kinds(story, 1) == ["change_refused"]


def test_a_change_is_decided_once(story: Story, founders: Administrators) -> None:
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    founders.approve(change_id, act)

    with pytest.raises(AlreadyDecided):
        founders.approve(change_id, act)
    with pytest.raises(AlreadyDecided):
        changes.decline(story.handler, founders.approver.account, change_id)


def test_a_declined_change_never_takes_effect(story: Story, founders: Administrators) -> None:
    for decliner in (founders.approver, founders.proposer):
        change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
        changes.decline(story.handler, decliner.account, change_id)

        with pytest.raises(AlreadyDecided):
            founders.approve(change_id, act)

    assert "IT" not in names(story)


def test_a_signature_counts_once(story: Story, founders: Administrators) -> None:
    payload = unit(story, "IT")
    act = founders.act(ChangeKind.REGISTER, payload)
    offered = OfferedChange(dict(act.to_json()), payload, sign_change(act, founders.proposer.key))
    changes.propose(story.handler, founders.proposer.account, offered)

    with pytest.raises(Conflict):
        changes.propose(story.handler, founders.proposer.account, offered)


def test_changes_wait_fourteen_days(story: Story, founders: Administrators) -> None:
    change_id, act = founders.propose(ChangeKind.DECISION, {"subject": "dpia", **decided(story)})
    assert [change.id for change in changes.waiting(story.handler)] == [change_id]
    story.clock.advance(14 * DAY)

    with pytest.raises(AlreadyDecided):
        founders.approve(change_id, act)
    assert changes.waiting(story.handler) == ()


def test_a_change_that_would_wait_longer_is_refused(story: Story, founders: Administrators) -> None:
    payload = unit(story, "IT")
    act = founders.act(ChangeKind.REGISTER, payload)
    for delta in (timedelta(days=2), -timedelta(days=15)):
        with pytest.raises(Invalid):
            hand_in(story, founders, dataclasses.replace(act, expires=act.expires + delta), payload)


def test_what_a_change_builds_on_has_not_moved(story: Story, founders: Administrators) -> None:
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    late = founders.act(ChangeKind.REGISTER, unit(story, "Arkivet"))
    turned(founders).register([adding(Unit(story.handler.new_id(), organisation(story).id, "Kök", external=False))])

    with pytest.raises(StaleChange):
        founders.approve(change_id, act)
    with pytest.raises(StaleChange):
        hand_in(story, founders, late, unit(story, "Arkivet"), base_kept=True)

    assert {"IT", "Arkivet"}.isdisjoint(names(story))
    (shown,) = [each for each in changes.overview(story.handler, founders.approver.account).changes if each.stale]
    assert shown.why_not is not None


def test_only_what_is_about_this_very_change_is_taken(story: Story, founders: Administrators) -> None:
    payload = unit(story, "IT")
    act = founders.act(ChangeKind.REGISTER, payload)

    for other in (
        dataclasses.replace(act, installation="0" * 32),
        dataclasses.replace(act, payload="0" * 64),
        dataclasses.replace(act, base=act.base + 1),
        dataclasses.replace(act, kind=type(act.kind)("policy")),
    ):
        with pytest.raises((Invalid, StaleChange)):
            hand_in(story, founders, other, payload)
    assert "IT" not in names(story)


def test_signatures_are_checked_at_both_steps(story: Story, founders: Administrators) -> None:
    payload = unit(story, "IT")
    act = founders.act(ChangeKind.REGISTER, payload)
    forged = OfferedChange(dict(act.to_json()), payload, sign_change(act, founders.approver.key))
    with pytest.raises(BadSignature):
        changes.propose(story.handler, founders.proposer.account, forged)

    change_id, act = founders.propose(ChangeKind.REGISTER, payload)
    with pytest.raises(BadSignature):
        changes.approve(story.handler, founders.approver.account, change_id, sign_change(act, founders.proposer.key))
    assert "IT" not in names(story)


def test_only_administrators_change_things(story: Story, founders: Administrators) -> None:
    handler = signer(story.municipality.handlers()[0])
    by_handler = dataclasses.replace(founders, proposer=handler)
    with pytest.raises(NotEntitled):
        by_handler.propose(ChangeKind.REGISTER, unit(story, "IT"))

    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    with pytest.raises(NotEntitled):
        dataclasses.replace(founders, approver=handler).approve(change_id, act)


def test_both_are_entitled_when_it_takes_effect(story: Story, founders: Administrators) -> None:
    third = third_administrator(story, founders)
    change_id, act = founders.propose(ChangeKind.DECISION, {"subject": "dpia", **decided(story)})
    at_once.suspend(story.handler, founders.approver.account, founders.proposer.account.id)

    for approver in (founders, dataclasses.replace(founders, approver=third.proposer)):
        with pytest.raises(NotEntitled):
            approver.approve(change_id, act)


def test_two_with_the_same_nearest_manager_change_nothing_together(story: Story, founders: Administrators) -> None:
    registry = add_unit(story, organisation_id=organisation(story).id, name="Registraturen")
    accounts = (founders.proposer.account, founders.approver.account)
    boss = person_operation(story.handler.new_id(), registry, "Chefen")
    founders.register([
        boss,
        *(person_operation(each.id, registry, each.name) for each in accounts),
        {"do": "change_unit", "id": registry.id, "head": str(boss["id"])},
    ])  # fmt: skip
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))

    with pytest.raises(NotEntitled, match="närmaste chef"):
        founders.approve(change_id, act)


def test_nobody_is_told_of_a_change_that_is_not_there(story: Story, founders: Administrators) -> None:
    act = founders.act(ChangeKind.REGISTER, unit(story, "IT"))

    with pytest.raises(NotFound):
        founders.approve("0" * 32, act)
    with pytest.raises(NotFound):
        changes.decline(story.handler, founders.approver.account, "0" * 32)


def test_two_approvals_at_once_make_one_change(story: Story, founders: Administrators) -> None:
    third = third_administrator(story, founders)
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    # The approver in two sessions, and somebody else at the same time.
    approvers = (founders, founders, dataclasses.replace(founders, approver=third.proposer))
    start, ends = threading.Barrier(len(approvers)), []

    def approve(administrators: Administrators) -> None:
        start.wait()
        try:
            administrators.approve(change_id, act)
            ends.append("approved")
        except Refusal as refusal:
            ends.append(refusal.code)

    threads = [threading.Thread(target=approve, args=(each,)) for each in approvers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["already_decided", "already_decided", "approved"]
    assert names(story).count("IT") == 1
    assert logbook.verify(story.handler).findings == ()


def test_an_edited_row_approves_nothing(story: Story, founders: Administrators) -> None:
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    other, _ = founders.propose(ChangeKind.REGISTER, unit(story, "Arkivet"))
    story.change(
        "UPDATE changes SET payload = (SELECT payload FROM changes WHERE id = :other) WHERE id = :id",
        other=other,
        id=change_id,
    )

    with pytest.raises(Refusal):
        founders.approve(change_id, act)

    assert {"IT", "Arkivet"}.isdisjoint(names(story))


def test_an_approval_that_the_database_was_given_is_found(story: Story, founders: Administrators) -> None:
    change_id, _ = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    approval = "UPDATE changes SET state = 'approved', decided_at = 1 WHERE id = :id"
    with pytest.raises(IntegrityError, match="enough_approve"):
        story.change(approval, id=change_id)
    story.drop_guards()
    story.change(approval, id=change_id)

    assert [finding.what for finding in logbook.verify(story.handler).findings] == [
        f"Ändring {change_id} är inte avgjord på samma sätt i databasen som i loggen."
    ]


def test_a_payload_that_was_changed_afterwards_is_found(story: Story, founders: Administrators) -> None:
    change_id, act = founders.propose(ChangeKind.REGISTER, unit(story, "IT"))
    founders.approve(change_id, act)
    story.change("UPDATE changes SET payload = :payload WHERE id = :id", payload=b"{}", id=change_id)

    assert [finding.what for finding in logbook.verify(story.handler).findings] == [
        f"Ändring {change_id} har ett annat innehåll i databasen än det undertecknade."
    ]


def test_administrators_see_what_a_change_does_in_words(story: Story, founders: Administrators) -> None:
    payload = unit(story, "IT")
    founders.propose(ChangeKind.REGISTER, payload)

    seen = changes.overview(story.handler, founders.approver.account)

    (shown,) = [each for each in seen.changes if each.state is ProposalState.OPEN]
    assert (shown.why_not, shown.may_decline, shown.stale) == (None, True, False)
    assert str(shown.lines[0]) == "Ny enhet i Björkviks kommun: IT."
    assert all(str(line).startswith("Efter ändringen håller policyn för ") for line in shown.lines[1:])
    assert shown.lines[1:]
    mine = changes.overview(story.handler, founders.proposer.account)
    assert [each.why_not is None for each in mine.changes if each.state is ProposalState.OPEN] == [False]


def test_a_preview_keeps_nothing(story: Story, founders: Administrators) -> None:
    before = story.contents()

    good = changes.preview(story.handler, founders.proposer.account, ChangeKind.REGISTER, unit(story, "IT"))
    bad = changes.preview(
        story.handler, founders.proposer.account, ChangeKind.REGISTER, {"operations": [], "decision": None}
    )

    assert good.lines
    assert not good.faults
    assert bad.faults
    assert story.contents() == before
    with pytest.raises(NotEntitled):
        changes.preview(story.handler, story.municipality.handlers()[0].account, ChangeKind.REGISTER, unit(story, "IT"))


def test_a_faulty_payload_is_refused_whole(story: Story, founders: Administrators) -> None:
    good = unit(story, "IT")["operations"]
    assert isinstance(good, list)
    payload: Payload = {
        "operations": [*good, {"do": "end_designation", "id": "0" * 32, "valid_to": "2026-12-01"}],
        "decision": decided(story),
    }

    with pytest.raises(FaultyChange) as refusal:
        founders.propose(ChangeKind.REGISTER, payload)

    assert [(fault.operation, str(fault.what)) for fault in refusal.value.faults] == [
        (1, f"Utseendet {'0' * 32} finns inte.")
    ]
    assert newest_kinds(story, 1) == ["change_refused"]


def unit(story: Story, name: str) -> Payload:
    """A change that adds a unit."""
    made = Unit(story.handler.new_id(), organisation(story).id, name, external=False)
    return {"operations": [adding(made)], "decision": None}


def names(story: Story) -> list[str]:
    """The names of the units."""
    with story.database.read() as uow:
        return [each.name for each in uow.register.units()]


def newest_kinds(story: Story, count: int) -> list[str]:
    """The kinds of the newest entries, the last one last."""
    with story.database.read() as uow:
        return [json.loads(data)["kind"] for _, data in uow.log.entries(uow.log.size() - count)]


def hand_in(
    story: Story, founders: Administrators, act: ChangeAct, payload: Mapping[str, Json], *, base_kept: bool = False
) -> None:
    """Propose an act as it is."""
    if base_kept:
        act = dataclasses.replace(founders.act(ChangeKind.REGISTER, payload), base=act.base)
    offered = OfferedChange(dict(act.to_json()), dict(payload), sign_change(act, founders.proposer.key))
    changes.propose(story.handler, founders.proposer.account, offered)


def third_administrator(story: Story, founders: Administrators) -> Administrators:
    """A third administrator, as the proposer of a pair."""
    invited = invite_person(story, name="Eva Ros", email="eva@b.example", role=Role.ADMINISTRATOR)
    member = confirm_keys(founders, enrol_person(story.handler, invited, "administratör"))
    return dataclasses.replace(founders, proposer=signer(member))
