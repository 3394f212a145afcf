"""Ending a party of the register: refused with what to end or move first; what has merged ends, its cases go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.support.setting_up import decided, organisation, set_channel, two, unit_operation
from tests.support.story import Story
from tipportal.cli.demo_changes import Operation
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.changes.rows import snapshot_of
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Channel, Unit
from tipportal.domain.policies.writing import write_policy
from tipportal.usecases import at_once, changes, checklist, firstscreen, handle, offers
from tipportal.usecases.changing.register import rows_of

ENDED = "2026-11-23"


def test_who_still_has_people_does_not_end(story: Story) -> None:
    before = story.contents()

    said = refused(story, [ends(story, "alvnas")])

    units = "Kansliet i Älvnäs, Revisionsenheten i Älvnäs"
    assert said == [f"Älvnäs kommun kan inte upphöra medan den har enheter: {units}. Låt dem upphöra först."]
    ended: list[Operation] = [
        {"do": "change_unit", "id": each.id, "ended_on": ENDED} for each in units_of(story, "alvnas")
    ]
    assert sorted(line.split(": ")[0] for line in refused(story, [*ended, ends(story, "alvnas")])) == [
        f"{name} i Älvnäs kan inte upphöra medan människor hör till den" for name in ("Kansliet", "Revisionsenheten")
    ]
    after = story.contents()
    assert all(after[table] == before[table] for table in ("organisations", "units", "accounts", "people"))


def test_a_municipality_that_has_merged_ends(story: Story) -> None:
    case = story.tip()
    maria = story.municipality.named("Maria").account
    anna = story.municipality.named("Anna").account
    at_once.declare_conflict(story.handler, anna, f"organisation:{organisation(story, 'alvnas').id}")

    two(story).register([*moved(story, "alvnas", "bjorkvik"), ends(story, "alvnas", successor="bjorkvik")])

    with story.database.read() as uow:
        register, policy = uow.register.snapshot(), uow.register.policy(organisation(story).id)
        assert snapshot_of(rows_of(uow)) == register
    assert policy is not None
    home = {unit.id: unit.organisation for unit in register.units}
    assert {person.id: home[person.unit] for person in register.people}[maria.id] == organisation(story).id
    # Whoever had the case has it still, and new ones come in.
    handler = next(iter(case.members.values())).account
    assert handle.open_case(story.handler, handler, case.reference).case.reference == case.reference
    assert story.tip().reference in {
        one.row.case.reference
        for member in story.municipality.handlers()
        for one in firstscreen.first_screen(story.handler, member.account).new
    }
    # What has ended stands in the way of no later policy.
    found = changes.preview(
        story.handler,
        two(story).proposer.account,
        ChangeKind.POLICY,
        {"policy": write_policy(policy.policy), "register": None, "decision": decided(story)},
    )
    assert not [fault for fault in found.faults if "finns inte" in str(fault.what)]


def test_channels_are_closed_before_their_organisation_ends(story: Story) -> None:
    case = story.report()
    merger = [*moved(story, "bjorkvik", "alvnas"), ends(story, "bjorkvik", successor="alvnas")]

    assert refused(story, merger) == [
        "Kanalen för rapporter till Björkviks kommun är öppen. Stäng den först.",
        "Kanalen för tips till Björkviks kommun är öppen. Stäng den först.",
    ]

    for channel in Channel:
        set_channel(story, channel, opens=False)
    two(story).register(merger)
    handler = next(iter(case.members.values())).account
    assert handle.open_case(story.handler, handler, case.reference).case.reference == case.reference
    assert organisation(story) not in offers.organisations(story.public)
    assert offers.start_page(story.public, "bjorkvik")[1] == ()
    assert not checklist.channels(story.handler)
    with pytest.raises(FaultyChange):
        set_channel(story, Channel.TIP, opens=True)


def test_what_a_policy_in_force_names_does_not_end(story: Story) -> None:
    function = story.municipality.function

    (said,) = refused(story, [{"do": "change_function", "id": function.id, "ended_on": ENDED}])

    assert said.startswith(f"{function.name} kan inte upphöra medan policyn för Björkviks kommun använder den.")


def refused(story: Story, operations: Sequence[Operation]) -> list[str]:
    """Why a change is refused, as the preview tells it and as whoever proposes it meets it."""
    payload: dict[str, Json] = {"operations": list(operations), "decision": None}
    shown = changes.preview(story.handler, two(story).proposer.account, ChangeKind.REGISTER, payload)
    with pytest.raises(FaultyChange) as refusal:
        two(story).propose(ChangeKind.REGISTER, payload)
    assert refusal.value.faults == shown.faults
    return [str(fault.what) for fault in shown.faults]


def ends(story: Story, slug: str, successor: str | None = None) -> Operation:
    """The operation that ends an organisation."""
    into = {} if successor is None else {"succeeded_by": organisation(story, successor).id}
    return {"do": "change_organisation", "id": organisation(story, slug).id, "ended_on": ENDED, **into}


def moved(story: Story, slug: str, successor: str) -> list[Operation]:
    """The operations that end an organisation's units and have their people in units of another's."""
    owner = organisation(story, successor)
    operations: list[Operation] = []
    for unit in units_of(story, slug):
        made = replace(unit, id=story.handler.new_id(), organisation_id=owner.id)
        operations += [unit_operation(made), {"do": "change_unit", "id": unit.id, "ended_on": ENDED}]
        with story.database.read() as uow:
            there = [each.id for each in uow.register.snapshot().people if each.unit == unit.id]
        operations += [{"do": "change_person", "id": each, "unit": made.id} for each in there]
    return operations


def units_of(story: Story, slug: str) -> list[Unit]:
    """The units of an organisation."""
    with story.database.read() as uow:
        return list(uow.register.units(organisation(story, slug).id))
