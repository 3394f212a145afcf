"""One person in two sessions, or two against each other: an act or a change is decided once, and only one way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from tests.support.races import at_once, codes
from tests.support.setting_up import decided, organisation, two
from tests.support.story import Story
from tipportal.cli.demo_changes import Administrators
from tipportal.cli.demo_playing import PlayedCase, act_on, offered_proposal, propose, seal_text, sign, stored
from tipportal.domain.approvals import Proposal
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Json
from tipportal.envelope.acts import parse_act
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.changes import ChangeAct, sign_change
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import approve, changes, logbook, reviewing
from tipportal.usecases import at_once as by_one
from tipportal.usecases.changes import OfferedChange

Deed = Callable[[], object]


def test_one_administrator_approves_the_same_change_in_two_sessions_once(story: Story) -> None:
    administrators = two(story)
    change_id, act = administrators.propose(ChangeKind.REGISTER, _unit(story))
    before = _kinds(story)

    ends = at_once(*[lambda: administrators.approve(change_id, act)] * 3)

    assert codes(ends) == ["already_decided", "already_decided", "done"]
    after = _kinds(story) - before
    assert (after["unit_added"], after["change_approved"], after["register_changed"]) == (1, 1, 1)
    assert logbook.verify(story.handler).findings == ()


def test_a_change_is_approved_or_taken_back_never_both(story: Story) -> None:
    administrators = two(story)
    for _ in range(3):
        before = _kinds(story)
        change_id, act = administrators.propose(ChangeKind.REGISTER, _unit(story))

        ends = at_once(
            _approving(administrators, change_id, act),
            partial(changes.decline, story.handler, administrators.proposer.account, change_id),
        )

        assert codes(ends) == ["already_decided", "done"]
        added = _kinds(story)["unit_added"] - before["unit_added"]
        assert (_state(story, change_id), added) in {("approved", 1), ("declined", 0)}
        assert _kinds(story)["change_declined"] - before["change_declined"] == 1 - added
    assert logbook.verify(story.handler).findings == ()


def test_the_same_proposal_sent_from_two_sessions_is_one(story: Story) -> None:
    administrators, payload = two(story), _unit(story)
    act = administrators.act(ChangeKind.REGISTER, payload)
    offered = OfferedChange(dict(act.to_json()), payload, sign_change(act, administrators.proposer.key))

    ends = at_once(*[lambda: changes.propose(story.handler, administrators.proposer.account, offered)] * 3)

    assert codes(ends).count("done") == 1
    assert codes(ends).count("conflict") == 2
    assert len(changes.waiting(story.handler)) == 1


def test_of_two_changes_that_build_on_the_same_only_the_first_takes_effect(story: Story) -> None:
    administrators = two(story)
    proposed = [administrators.propose(ChangeKind.REGISTER, _unit(story)) for _ in range(2)]
    before = _kinds(story)

    ends = at_once(*[_approving(administrators, *one) for one in proposed])

    # What was shown to the second approver would not be what it leads to.
    assert codes(ends) == ["done", "stale_change"]
    assert (_kinds(story) - before)["unit_added"] == 1
    assert logbook.verify(story.handler).findings == ()


def test_a_channel_is_closed_once(story: Story) -> None:
    administrators = two(story)
    proposed = [administrators.propose(ChangeKind.CHANNEL, _closing(story)) for _ in range(2)]

    ends = at_once(*[_approving(administrators, *one) for one in proposed])

    assert codes(ends).count("done") == 1
    assert _kinds(story)["channel_closed"] == 1
    assert logbook.verify(story.handler).findings == ()


def test_one_administrator_in_two_sessions_keeps_one_person_out_not_two(story: Story) -> None:
    by, people = two(story).proposer.account, story.municipality.handlers()[:3]

    ends = at_once(*[partial(by_one.suspend, story.handler, by, each.account.id) for each in people])

    assert codes(ends) == ["done", "not_entitled", "not_entitled"]
    assert [row["state"] for row in story.contents()["accounts"]].count("suspended") == 1
    assert len(reviewing.open_reviews(story.handler)) == 1


def test_one_handler_approves_one_act_in_two_sessions_once(story: Story) -> None:
    case = story.report()
    proposal = _assess(story, case)
    member = case.members["h2"]
    signature = sign(member, parse_act(parse_canonical(proposal.act)))

    ends = at_once(*[lambda: approve.approve(story.handler, member.account, proposal.id, signature)] * 3)

    assert codes(ends) == ["already_decided", "already_decided", "done"]
    assert stored(story.handler, case).covered is True
    assert (_kinds(story)["approved"], _kinds(story)["case_assessed"]) == (1, 1)
    assert logbook.verify(story.handler).findings == ()


def test_an_act_is_approved_or_withdrawn_never_both(story: Story) -> None:
    for number in range(1, 4):
        case = story.report()
        proposal, member = _assess(story, case), case.members["h2"]
        signature = sign(member, parse_act(parse_canonical(proposal.act)))

        ends = at_once(
            partial(approve.approve, story.handler, member.account, proposal.id, signature),
            partial(approve.decline, story.handler, case.members["h1"].account, proposal.id),
        )

        assert codes(ends) == ["already_decided", "done"]
        kinds = _kinds(story)
        assert kinds["case_assessed"] == kinds["approved"]
        assert kinds["approved"] + kinds["declined"] == number
        took_effect = {"proposed", "approved"} <= {entry["kind"] for entry in _entries(story, case.reference)}
        assert (stored(story.handler, case).covered is True) == took_effect
    assert logbook.verify(story.handler).findings == ()


@pytest.mark.parametrize("same", [True, False])
def test_of_two_proposals_for_one_act_at_once_one_is_kept(story: Story, *, same: bool) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Missförhållande.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    member = case.members["h1"]
    first = offered_proposal(member, act_on(story.handler, case, payload), payload, reasons)
    second = first if same else offered_proposal(member, act_on(story.handler, case, payload), payload, reasons)

    ends = at_once(
        *(
            partial(approve.propose, story.handler, member.account, case.reference, offered)
            for offered in (first, second)
        )
    )

    assert codes(ends).count("done") == 1, ends
    assert len(approve.waiting(story.handler, case.members["h2"].account)) == 1
    assert _kinds(story)["proposed"] == 1


def _approving(administrators: Administrators, change_id: str, act: ChangeAct) -> Deed:
    return lambda: administrators.approve(change_id, act)


def _unit(story: Story) -> dict[str, Json]:
    return {
        "operations": [
            {
                "do": "add_unit",
                "id": story.handler.new_id(),
                "organisation": organisation(story).id,
                "name": "IT",
                "external": False,
                "parent": None,
                "head": None,
            }
        ],
        "decision": None,
    }


def _closing(story: Story) -> dict[str, Json]:
    owner = organisation(story).id
    return {"organisation": owner, "channel": "tip", "open": False, "decision": decided(story)}


def _assess(story: Story, case: PlayedCase) -> Proposal:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Missförhållande.", by="h1")
    return propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )


def _entries(story: Story, case: str | None = None) -> list[dict[str, str]]:
    rows = sorted(story.contents()["log_entries"], key=lambda row: row["position"])
    return [entry for entry in (json.loads(row["data"]) for row in rows) if case in {None, entry["case"]}]


def _kinds(story: Story) -> Counter[str]:
    return Counter(entry["kind"] for entry in _entries(story))


def _state(story: Story, change_id: str) -> str:
    return str(next(row["state"] for row in story.contents()["changes"] if row["id"] == change_id))
