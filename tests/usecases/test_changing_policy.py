"""Policies, imports and channels by two: proven or not at all, all or nothing, closed as one that does not exist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.setting_up import decided, end_designation, organisation, set_channel, two
from tests.support.story import Story
from tipportal.cli.demo_playing import ask
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.changes.rows import snapshot_of
from tipportal.domain.errors import NotFound
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.policy import Policy
from tipportal.domain.policies.writing import write_policy, write_register
from tipportal.usecases import changes, checklist, logbook, offers
from tipportal.usecases.changing.register import rows_of

Payload = dict[str, Json]


def test_rows_and_register_show_the_same(story: Story) -> None:
    with story.database.read() as uow:
        assert snapshot_of(rows_of(uow)) == uow.register.snapshot()


def test_a_policy_that_does_not_hold_is_refused_with_its_counterexamples(story: Story) -> None:
    policy = in_force(story)
    # Without anybody from outside in the last rung, whoever leads is judged by their own.
    weak = replace(policy, ladder=((policy.functions[0].id,),))

    with pytest.raises(FaultyChange) as refusal:
        two(story).make(ChangeKind.POLICY, payload(story, weak))

    said = [str(fault.what) for fault in refusal.value.faults]
    assert said[0].startswith("Policyn går inte att aktivera")
    assert "Stegen slutar inte utanför organisationen." in said
    assert in_force(story) == policy


def test_a_faulty_file_is_told_by_line_and_nothing_is_activated(story: Story) -> None:
    text = write_policy(in_force(story)).replace('because = "Det', 'because = 7 # "Det', 1)
    before = story.contents()

    found = changes.preview(
        story.handler,
        two(story).proposer.account,
        ChangeKind.POLICY,
        {"policy": text, "register": None, "decision": decided(story)},
    )

    line = next(number for number, each in enumerate(text.splitlines(), 1) if "because = 7" in each)
    assert [(fault.file, fault.line) for fault in found.faults] == [("policy.toml", line)]
    assert story.contents() == before


def test_export_and_import_are_the_same_change_of_nothing(story: Story) -> None:
    with story.database.read() as uow:
        before = uow.register.snapshot()
    policy = in_force(story)
    with story.database.read() as uow:
        written = write_register(uow.register.snapshot())

    two(story).make(
        ChangeKind.POLICY, {"policy": write_policy(policy), "register": written, "decision": decided(story)}
    )

    with story.database.read() as uow:
        assert uow.register.snapshot() == before
    assert in_force(story) == policy


def test_a_register_and_a_policy_come_in_as_one_change(story: Story) -> None:
    policy = in_force(story)
    with story.database.read() as uow:
        register = uow.register.snapshot()
    owner = organisation(story).id
    text = (
        write_register(register)
        + f"""
[[register.unit]]
id = "arkivet"
name = "Arkivet"
organisation = "{owner}"
head = "stina"

[[register.person]]
id = "stina"
name = "Stina Falk"
unit = "arkivet"
"""
    )
    renamed = replace(policy, functions=(replace(policy.functions[0], name="Funktionen"), *policy.functions[1:]))

    two(story).make(ChangeKind.POLICY, {"policy": write_policy(renamed), "register": text, "decision": decided(story)})

    with story.database.read() as uow:
        unit, person = uow.register.unit("arkivet"), uow.register.person("stina")
        function = uow.register.function(policy.functions[0].id)
    assert unit is not None
    assert person is not None
    assert function is not None
    assert (unit.head_id, person.unit_id, function.name) == ("stina", "arkivet", "Funktionen")
    assert logbook.verify(story.handler).findings == ()


def test_a_channel_that_is_closed_answers_as_one_that_does_not_exist(story: Story) -> None:
    set_channel(story, Channel.TIP, opens=False)

    with pytest.raises(NotFound) as closed:
        offers.channel_page(story.public, "bjorkvik", Channel.TIP)
    with pytest.raises(NotFound) as nowhere:
        offers.channel_page(story.public, "ingenstans", Channel.TIP)
    assert str(closed.value) == str(nowhere.value)
    assert [page.channel for page in offers.start_page(story.public, "bjorkvik")[1]] == [Channel.REPORT]


def test_a_channel_on_trial_is_reached_and_shown_nowhere(story: Story) -> None:
    set_channel(story, Channel.TIP, opens=False)
    set_channel(story, Channel.TIP, opens=True, trial=True)

    assert ask(story.public, Channel.TIP).members
    assert [page.channel for page in offers.start_page(story.public, "bjorkvik")[1]] == [Channel.REPORT]


def test_a_channel_opens_only_when_its_checklist_is_done_and_a_lapse_closes_nothing(story: Story) -> None:
    set_channel(story, Channel.TIP, opens=False)
    member = story.municipality.named("Johan").account
    with story.database.read() as uow:
        mine = [each.id for each in uow.register.designations() if each.account_id == member.id]
    for designation in mine:
        end_designation(story, designation, story.handler.today().replace(day=22))

    with pytest.raises(FaultyChange) as refusal:
        set_channel(story, Channel.TIP, opens=True)

    assert [str(fault.what) for fault in refusal.value.faults] == [
        "Policyn håller inte. Gå till policyn och lägg till det som prövningen säger."
    ]
    report = next(each for each in checklist.channels(story.handler) if each.channel is Channel.REPORT)
    assert (report.open, report.ready) == (True, False)
    assert ask(story.public, Channel.REPORT).members


def test_a_trial_is_of_a_case_that_two_have_closed(story: Story) -> None:
    case = story.tip()

    with pytest.raises(FaultyChange):
        two(story).make(ChangeKind.DECISION, {"subject": "trial", **decided(story), "number": case.reference})

    story.change("UPDATE cases SET state = 'closed' WHERE reference = :r", r=case.reference)
    two(story).make(ChangeKind.DECISION, {"subject": "trial", **decided(story), "number": case.reference})


def payload(story: Story, policy: Policy) -> Payload:
    """A change that activates a policy."""
    return {"policy": write_policy(policy), "register": None, "decision": decided(story)}


def in_force(story: Story) -> Policy:
    """The municipality's policy."""
    with story.database.read() as uow:
        found = uow.register.policy(organisation(story).id)
    assert found is not None
    return found.policy


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (ChangeKind.DECISION, {"subject": "dpia", "organisation": "o", "number": "KS\0", "decided_on": "2026-01-02"}),
        (ChangeKind.DECISION, {"subject": "lunch", "organisation": "o", "number": "KS", "decided_on": "2026-01-02"}),
        (ChangeKind.DECISION, {"subject": "dpia", "organisation": "o", "number": "KS", "decided_on": "2027-01-02"}),
        (ChangeKind.DECISION, {}),
        (ChangeKind.CHANNEL, {"organisation": "o", "channel": "tip", "open": 1, "decision": None}),
        (ChangeKind.CHANNEL, {"organisation": "o", "channel": "fax", "open": True, "decision": None}),
        (ChangeKind.CHANNEL, {"organisation": "o", "channel": "tip", "open": False, "decision": None}),
        (ChangeKind.POLICY, {"policy": 7, "register": None, "decision": None}),
        (ChangeKind.POLICY, {"policy": "[", "register": None, "decision": None}),
        (ChangeKind.POLICY, {"policy": "a = 1\0", "register": [], "decision": None}),
        (ChangeKind.CLOCK, {"now": "nu"}),
        (ChangeKind.REGISTER, {"operations": "alla", "decision": None}),
        (ChangeKind.REGISTER, {"operations": [], "decision": None, "more": 1}),
    ],
)  # fmt: skip
def test_payloads_of_another_shape_are_told_and_never_break_anything(
    story: Story, kind: ChangeKind, wrong: Payload
) -> None:
    owner = organisation(story).id
    named = {name: owner if value == "o" else value for name, value in wrong.items()}

    assert changes.preview(story.handler, two(story).proposer.account, kind, named).faults
