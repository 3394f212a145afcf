"""An enrolment link that ran out or was lost is replaced: nobody is shut out of an account that nobody has used."""

from __future__ import annotations

import pytest

from tests.support.setting_up import organisation, two
from tests.support.story import Story
from tipportal.cli.demo_staffing import enrol_person
from tipportal.domain.accounts import INVITATION_SECONDS, AccountState, Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import EnrolmentRefused, NotFound
from tipportal.usecases import enrol
from tipportal.usecases.changing.invite import link_of
from tipportal.usecases.enrol import Invited


def test_a_new_link_replaces_one_that_ran_out(story: Story) -> None:
    change = _invite(story)
    first = _link(story, change)
    story.clock.advance(INVITATION_SECONDS)

    again = _link(story, change)

    assert again.account == first.account
    assert again.token != first.token
    assert enrol_person(story.handler, again, "").account.state is AccountState.ACTIVE


def test_a_new_link_ends_the_old_ones(story: Story) -> None:
    change = _invite(story)
    first, again = _link(story, change), _link(story, change)

    with pytest.raises(EnrolmentRefused):
        enrol.welcome(story.handler, first.token)
    assert enrol.welcome(story.handler, again.token).account == first.account


def test_only_who_proposed_the_invitation_gets_its_link(story: Story) -> None:
    change = _invite(story)

    with pytest.raises(NotFound):
        link_of(story.handler, two(story).approver.account, change)


def test_an_account_in_use_has_no_link(story: Story) -> None:
    change = _invite(story)
    enrol_person(story.handler, _link(story, change), "")
    before = story.contents()

    with pytest.raises(NotFound):
        _link(story, change)

    assert story.contents() == before


def test_nobody_is_invited_twice(story: Story) -> None:
    _invite(story)

    with pytest.raises(FaultyChange):
        _invite(story, name="Någon Annan")


def _invite(story: Story, *, name: str = "Eva Ny") -> str:
    """Invite an auditor by two; the change's id."""
    change, act = two(story).propose(
        ChangeKind.INVITE,
        {
            "account": story.handler.new_id(), "name": name, "email": "eva.ny@bjorkvik.example",
            "role": Role.AUDITOR.value, "organisation": organisation(story).id, "unit": None, "decision": None,
        },
    )  # fmt: skip
    two(story).approve(change, act)
    return change


def _link(story: Story, change: str) -> Invited:
    token = link_of(story.handler, two(story).proposer.account, change)
    return Invited(enrol.welcome(story.handler, token).account, token)
