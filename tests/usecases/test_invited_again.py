"""An enrolment link that ran out or was lost is replaced: nobody is shut out of an account that nobody has used."""

from __future__ import annotations

import pytest

from tests.support.story import Story
from tipportal.cli.demo_staffing import enrol_person
from tipportal.domain.accounts import INVITATION_SECONDS, AccountState, Role
from tipportal.domain.errors import Conflict, EnrolmentRefused
from tipportal.usecases import administer, enrol
from tipportal.usecases.enrol import Invited


def test_a_new_link_replaces_one_that_ran_out(story: Story) -> None:
    first = _invite(story)
    story.clock.advance(INVITATION_SECONDS)

    again = _invite(story)

    assert again.account == first.account
    assert again.token != first.token
    assert enrol_person(story.handler, again, "").account.state is AccountState.ACTIVE
    assert sum(b'"kind":"account_invited"' in row["data"] for row in story.contents()["log_entries"][-3:]) == 2


def test_a_new_link_ends_the_old_ones(story: Story) -> None:
    first, again = _invite(story), _invite(story)
    with pytest.raises(EnrolmentRefused):
        enrol.welcome(story.handler, first.token)
    assert enrol.welcome(story.handler, again.token).account == first.account


def test_only_the_same_invitation_is_made_again(story: Story) -> None:
    _invite(story)
    before = story.contents()
    for name, role in (("Någon Annan", Role.AUDITOR), ("Eva Ny", Role.ADMINISTRATOR)):
        with pytest.raises(Conflict):
            _invite(story, name=name, role=role)
    assert story.contents() == before


def test_an_account_in_use_is_never_invited_again(story: Story) -> None:
    enrol_person(story.handler, _invite(story), "")
    before = story.contents()
    with pytest.raises(Conflict):
        _invite(story)
    assert story.contents() == before


def _invite(story: Story, *, name: str = "Eva Ny", role: Role = Role.AUDITOR) -> Invited:
    return administer.invite_person(
        story.handler, organisation="bjorkvik", name=name, email="eva.ny@bjorkvik.example", role=role
    )
