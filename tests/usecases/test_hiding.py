"""Auditors, administrators and trustees whom the facts of a case concern: for them there is no such case."""

from __future__ import annotations

import pytest

from tests.storage.raw import rows
from tests.support.setting_up import invite_person, organisation, person_operation, turned, two
from tests.support.story import DAY, REPORT, Story
from tipportal.cli.demo_playing import PlayedCase, ask, hand_in
from tipportal.cli.demo_staffing import enrol_person
from tipportal.domain.accounts import Account, Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import NotFound
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Channel, Unit
from tipportal.usecases import auditing, changes, handle, recovering


def test_an_auditor_of_the_concerned_unit_sees_a_log_without_the_case(story: Story) -> None:
    unit = _unit(story)
    concerned, other = _auditor(story, unit), story.municipality.named("Lena").account
    before = auditing.audit_page(story.handler, concerned)
    case = _report(story, f"unit:{unit.id}")
    plain = story.tip()
    for each in (case, plain):
        handle.open_case(story.handler, each.members["h1"].account, each.reference)
        _begin_recovery(story, each)

    page, whole = (auditing.audit_page(story.handler, each) for each in (concerned, other))
    names = {auditing.case_pseudonym(story.handler, concerned, each.reference) for each in (case, plain)}
    shown = {line.case for line in page.lines} & names
    assert shown == {auditing.case_pseudonym(story.handler, concerned, plain.reference)}
    assert [line.index for line in page.lines] == list(range(page.size - 1, page.size - 1 - len(page.lines), -1))
    with story.database.read() as uow:
        of_case = list(uow.log.entries_of_case(case.reference))
    # Received, acknowledged and opened; recovery proposed, approved and begun.
    assert len(of_case) == 6
    assert whole.size - page.size == 6
    assert page.size > before.size


def test_a_concerned_administrator_meets_no_such_case(story: Story) -> None:
    unit = _unit(story)
    concerned = two(story).proposer.account
    two(story).register([person_operation(concerned.id, unit, concerned.name)])
    case = _report(story, f"unit:{unit.id}")
    payload = _payload(case)
    unknown = {**payload, "reference": "AAA-BBBBBB"}

    seen, nothing = (
        changes.preview(story.handler, concerned, ChangeKind.RECOVER_CASE, each) for each in (payload, unknown)
    )
    assert seen == nothing
    with pytest.raises(FaultyChange) as refused:
        two(story).propose(ChangeKind.RECOVER_CASE, payload)
    with pytest.raises(FaultyChange) as unheard:
        two(story).propose(ChangeKind.RECOVER_CASE, unknown)
    assert refused.value.faults == unheard.value.faults

    change_id, act = turned(two(story)).propose(ChangeKind.RECOVER_CASE, payload)
    assert change_id not in {one.change.id for one in changes.overview(story.handler, concerned).changes}
    assert change_id in {one.change.id for one in changes.overview(story.handler, two(story).approver.account).changes}
    for attempt in (
        lambda: turned(two(story)).approve(change_id, act),
        lambda: changes.decline(story.handler, concerned, change_id),
        lambda: changes.approve(story.handler, concerned, "nothing", bytes(64)),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_recovery_under_way_is_not_there_for_a_concerned_administrator(story: Story) -> None:
    case = story.report()
    _begin_recovery(story, case)
    concerned, other = two(story).proposer.account, two(story).approver.account
    with story.database.write() as uow:
        kept = uow.trustees.case_by_reference(case.reference)
        assert kept is not None
        uow.separations.hide(kept, [concerned.id])
    (recovery, _), *_ = recovering.progress(story.handler, other).recoveries

    assert recovering.progress(story.handler, concerned).recoveries == ()
    recovering.bundle(story.handler, recovery.id, other)
    with pytest.raises(NotFound):
        recovering.bundle(story.handler, recovery.id, concerned)
    with pytest.raises(NotFound):
        recovering.new_panel(story.handler, recovery.id, concerned, area="", subject_role="unknown", concerns=())
    with story.database.read() as uow:
        assert uow.trustees.shares_outside(0, without=None) == 1
        assert uow.trustees.shares_outside(0, without=concerned.id) == 0


def test_only_auditors_and_administrators_whom_the_facts_concern_get_a_row(story: Story) -> None:
    unit = _unit(story)
    auditor = _auditor(story, unit)
    story.tip()
    _report(story, f"unit:{next(each for each in _units(story) if each != unit.id)}")
    assert rows(story.database, "SELECT * FROM hidden_cases") == []
    _report(story, f"unit:{unit.id}")
    assert [row.account_id for row in rows(story.database, "SELECT account_id FROM hidden_cases")] == [auditor.id]
    # Settled like everything else that came with a source's act, and still there.
    story.clock.advance(2 * DAY)
    with story.database.write() as uow:
        uow.settle(story.handler.today(), story.handler.random)
    assert [row.account_id for row in rows(story.database, "SELECT account_id FROM hidden_cases")] == [auditor.id]


def test_a_concerned_trustee_gets_no_share_as_long_as_enough_others_remain(story: Story) -> None:
    unit = _units(story)[0]
    story.change("UPDATE trustees SET unit_id = :unit WHERE position = 0", unit=unit)
    with story.database.read() as uow:
        current = uow.trustees.current()
    assert current is not None
    assert (len(current.trustees), current.threshold) == (3, 2)

    def holders(case: PlayedCase) -> set[str]:
        with story.database.read() as uow:
            kept = uow.trustees.case_by_reference(case.reference)
            assert kept is not None
            named = {one.trustee_id for one in uow.trustees.of_case(kept.id)}
            shares = {grant.holder for grant in uow.cases.grants(kept.id) if grant.kind.value == "trustee_share"}
        assert named == shares
        return named

    everybody = {trustee.id for trustee in current.trustees}
    assert holders(story.report()) == everybody
    assert holders(_report(story, f"unit:{unit}")) == everybody - {current.trustees[0].id}
    # Where too few others remain, the case is not left without a way back.
    story.change("UPDATE trustees SET unit_id = :unit WHERE position = 1", unit=unit)
    assert holders(_report(story, f"unit:{unit}")) == everybody


def _units(story: Story) -> list[str]:
    found = rows(
        story.database, "SELECT id FROM units WHERE name IN ('Kommunkansliet', 'Ekonomienheten') ORDER BY name"
    )
    return [str(row.id) for row in found]


def _unit(story: Story) -> Unit:
    with story.database.read() as uow:
        found = uow.register.unit(_units(story)[0])
    assert found is not None
    return found


def _auditor(story: Story, unit: Unit) -> Account:
    invited = invite_person(story, name="Rut Revisor", email="rut@bjorkvik.example", role=Role.AUDITOR, unit_id=unit.id)
    assert unit.organisation_id == organisation(story).id
    return enrol_person(story.handler, invited, "revisor").account


def _report(story: Story, concerns: str) -> PlayedCase:
    offer = ask(story.public, Channel.REPORT, area=REPORT["area"], concerns=(concerns,))
    return hand_in(story.public, story.municipality, offer, story.source(), REPORT)


def _payload(case: PlayedCase) -> dict[str, Json]:
    return {"reference": case.reference, "why": "Alla nycklar är borta."}


def _begin_recovery(story: Story, case: PlayedCase) -> None:
    two(story).make(ChangeKind.RECOVER_CASE, _payload(case))
