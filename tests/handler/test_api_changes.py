"""Changes over HTTP: what the two see and do, and faults and refusals as problems."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.handler.conftest import FACE, Answer, Desk
from tests.support.setting_up import decided, organisation, two, unit_operation
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member, signer
from tipportal.domain.accounts import Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.organisations import Unit
from tipportal.envelope.changes import ChangeAct, parse_change, sign_change

Sit = Callable[[Member], Desk]


@pytest.fixture
def founders(story: Story) -> tuple[Member, Member]:
    """The two."""
    one, other = (member for member in story.municipality.members if member.account.role is Role.ADMINISTRATOR)
    return one, other


def test_the_two_make_a_change_over_http(story: Story, at_desk: Sit, founders: tuple[Member, Member]) -> None:
    karin, olof = (administering(at_desk, member) for member in founders)
    payload = unit(story)
    seen = karin.post("changes/preview", {"kind": "register", "payload": payload})
    assert (seen.status_code, seen.json["faults"]) == (200, [])
    assert seen.json["lines"][0] == "Ny enhet i Björkviks kommun: IT."

    proposed = propose(story, karin, founders[0], payload)
    assert proposed.status_code == 201
    (shown,) = [each for each in listed(olof)["changes"] if each["state"] == "open"]
    assert (shown["id"], shown["may_approve"], shown["stale"]) == (proposed.json["id"], True, False)
    assert shown["payload"] == payload
    act = parse_change(shown["act"])

    mine = karin.post(f"changes/{shown['id']}/approve", {"signature": signature(founders[0], act)})
    assert (mine.status_code, mine.json["code"]) == (403, "not_entitled")
    approved = olof.post(f"changes/{shown['id']}/approve", {"signature": signature(founders[1], act)})
    assert (approved.status_code, approved.json) == (200, {"answer": {}})
    again = olof.post(f"changes/{shown['id']}/approve", {"signature": signature(founders[1], act)})
    assert (again.status_code, again.json["code"]) == (409, "already_decided")


def test_faults_are_told_one_by_one(story: Story, at_desk: Sit, founders: tuple[Member, Member]) -> None:
    karin = administering(at_desk, founders[0])
    payload = {"operations": [{"do": "end_absence", "id": "x", "last": "2026-12-01"}, 7], "decision": None}

    refused = propose(story, karin, founders[0], payload)

    assert (refused.status_code, refused.json["code"]) == (422, "faulty_change")
    assert [fault["operation"] for fault in refused.json["faults"]] == [1]
    assert (
        karin.post("changes/preview", {"kind": "register", "payload": payload}).json["faults"] == refused.json["faults"]
    )


def test_declining_takes_a_change_away(story: Story, at_desk: Sit, founders: tuple[Member, Member]) -> None:
    karin, olof = (administering(at_desk, member) for member in founders)
    change = propose(story, karin, founders[0], unit(story)).json["id"]

    assert olof.post(f"changes/{change}/decline").status_code == 200
    assert karin.post(f"changes/{change}/decline").json["code"] == "already_decided"
    assert olof.post("changes/nothing/decline").json["code"] == "not_found"


def test_the_register_and_policies_are_exported(at_desk: Sit, founders: tuple[Member, Member]) -> None:
    karin = administering(at_desk, founders[0])

    assert karin.get("/api/register.toml").text.startswith("[register]")
    assert karin.get("/api/policies/bjorkvik.toml").text.startswith("[policy]")
    assert karin.get("/api/policies/ingen.toml").status_code == 404


def test_what_one_does_at_once(story: Story, at_desk: Sit, founders: tuple[Member, Member]) -> None:
    karin, olof = (administering(at_desk, member) for member in founders)
    anna = story.municipality.named("Anna")
    desk = at_desk(anna)

    assert desk.post("absences", {"person": anna.account.id, "last": "2026-12-01"}).status_code == 201
    assert desk.post("absences", {"person": anna.account.id, "last": "i morgon"}).json["field"] == "last"
    assert desk.post("conflicts", {"subject": "area:hemtjanst"}).status_code == 201
    assert desk.post("suspensions", {"account": founders[0].account.id}).status_code in {403, 404}
    review = karin.post("suspensions", {"account": anna.account.id}).json["id"]
    assert karin.post(f"reviews/{review}", {"outcome": "lifted"}).json["code"] == "not_entitled"
    assert olof.post(f"reviews/{review}", {"outcome": "perhaps"}).json["field"] == "outcome"
    assert olof.post(f"reviews/{review}", {"outcome": "lifted"}).status_code == 200
    assert olof.post(f"reviews/{review}", {"outcome": "upheld"}).json["code"] == "already_decided"


def unit(story: Story) -> dict[str, Any]:
    """A change that adds a unit."""
    made = Unit(story.handler.new_id(), organisation(story).id, "IT", external=False)
    return {"operations": [unit_operation(made)], "decision": decided(story)}


def administering(at_desk: Sit, member: Member) -> Desk:
    """An administrator's desk, with the token that their pages carry."""
    desk = at_desk(member)
    desk.token = desk.get("/api/csrf-token").json["csrf_token"]  # type: ignore[index]
    return desk


def propose(story: Story, desk: Desk, member: Member, payload: dict[str, Any]) -> Answer:
    """Sign and propose a register change as the browser does."""
    act = two(story).act(ChangeKind.REGISTER, payload)
    return desk.post("changes", {"act": act.to_json(), "payload": payload, "signature": signature(member, act)})


def signature(member: Member, act: ChangeAct) -> str:
    """A member's signature, as it is sent."""
    return base64.b64encode(sign_change(act, signer(member).key)).decode()


def listed(desk: Desk) -> dict[str, Any]:
    """What waits, and what was decided."""
    answer = desk.client.get(f"{FACE}/api/changes")
    assert answer.status_code == 200
    return answer.json or {}
