"""A lost administrator is replaced over HTTP: the page where trustees sign, and the request that carries it."""

from __future__ import annotations

import base64

import pytest
from werkzeug.test import TestResponse

from tests.handler.conftest import Answer, Desk
from tests.handler.test_api_changes import Sit, administering, founders, listed
from tests.support.setting_up import two
from tests.support.story import Story
from tests.usecases.test_replacing import signed
from tipportal.cli.demo_staffing import Member
from tipportal.domain.changes.change import ChangeKind
from tipportal.envelope.changes import ChangeAct, verify_change
from tipportal.envelope.keys import VerificationKey

__all__ = ["founders"]


def page(desk: Desk, change_id: str, *, trustees: bool = True) -> TestResponse:
    return desk.get(f"/administration/andringar/{change_id}{'/nyckelforvaltare' if trustees else ''}")


def post(desk: Desk, change_id: str, marks: dict[str, bytes]) -> Answer:
    return desk.post(
        f"changes/{change_id}/trustees",
        {"signatures": [{"trustee": one, "signature": base64.b64encode(mark).decode()} for one, mark in marks.items()]},
    )


@pytest.fixture
def proposed(story: Story) -> tuple[str, ChangeAct]:
    """A proposal to give the other administrator's account back."""
    return two(story).propose(ChangeKind.RESTORE, {"account": two(story).approver.account.id})


def test_trustees_sign_where_the_proposer_lets_them(
    story: Story, at_desk: Sit, founders: tuple[Member, Member], proposed: tuple[str, ChangeAct]
) -> None:
    karin, olof = (administering(at_desk, member) for member in founders)
    change_id, act = proposed
    assert "nyckelforvaltare" in page(karin, change_id, trustees=False).text
    assert page(olof, change_id).status_code == 403
    seen = page(karin, change_id)
    assert seen.status_code == 200
    assert all(each.id in seen.text and each.name in seen.text for each in story.municipality.trustees)

    few = post(karin, change_id, signed(act, story.municipality.trustees[0]))
    assert (few.status_code, few.json["code"]) == (422, "bad_signature")
    assert post(olof, change_id, signed(act, *story.municipality.trustees)).status_code == 403
    assert post(karin, change_id, signed(act, *story.municipality.trustees[:2])).json == {"answer": {}}

    (shown,) = [each for each in listed(karin)["changes"] if each["id"] == change_id]
    assert (shown["state"], shown["approver"], shown["approver_signature"]) == ("approved", None, None)
    assert len(shown["trustees"]) == len(story.municipality.trustees[:2])
    for each in shown["trustees"]:
        key = VerificationKey(base64.b64decode(each["verification_key"]))
        verify_change(act, base64.b64decode(each["signature"]), key)
    decided = page(karin, change_id, trustees=False).text
    assert all(each["name"] in decided for each in shown["trustees"])
    assert page(karin, change_id).status_code == 409


def test_nobody_is_asked_about_anything_else(story: Story, at_desk: Sit, founders: tuple[Member, Member]) -> None:
    karin = administering(at_desk, founders[0])
    handler = story.municipality.handlers()[0].account
    change_id, _ = two(story).propose(ChangeKind.RESTORE, {"account": handler.id})
    assert f"{change_id}/nyckelforvaltare" not in page(karin, change_id, trustees=False).text
    assert page(karin, change_id).status_code == 403
    assert page(karin, "0" * 32).status_code == 404


def test_administrators_see_the_directory_that_they_hold_a_proposer_against(
    at_desk: Sit, founders: tuple[Member, Member]
) -> None:
    karin = administering(at_desk, founders[0])
    roots = karin.post("directory").json["roots"]
    named = {each["id"]: each["verification_key"] for each in roots[-1]["root"]["administrators"]}
    for member in founders:
        assert member.account.verification_key is not None
        assert named[member.account.id] == base64.b64encode(member.account.verification_key).decode()
