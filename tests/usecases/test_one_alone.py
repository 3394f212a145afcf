"""What one person alone, or one together with a mistake, could try: none of it changes anything."""

from __future__ import annotations

import pytest

from tests.support.setting_up import organisation, person_operation, turned, two
from tests.support.story import Story
from tests.usecases.test_accounts_by_two import named, newcomer, state, unit, words
from tipportal.cli.demo_staffing import confirm_keys, enrol_person
from tipportal.domain.accounts import AccountState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import NotEntitled, NotFound, Refusal
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Unit
from tipportal.usecases import at_once, logbook, reviewing, sign_in
from tipportal.usecases.changing.invite import NOBODY, link_of
from tipportal.usecases.enrol import Invited


def test_keys_that_nobody_confirmed_are_not_let_in_by_suspending_and_opening_again(story: Story) -> None:
    both, member = two(story), newcomer(story)
    review = at_once.suspend(story.handler, both.proposer.account, member.account.id)
    reviewing.uphold(story.handler, both.approver.account, review.id)

    both.make(ChangeKind.ACCOUNT, {"account": member.account.id, "do": "reactivate", "decision": None})

    assert state(story, member.account) is AccountState.ENROLLED
    both.make(ChangeKind.KEYS, named(member), {"check_phrase": words(member)})
    at_once.suspend(story.handler, both.proposer.account, member.account.id)
    both.make(ChangeKind.ACCOUNT, {"account": member.account.id, "do": "reactivate", "decision": None})
    assert state(story, member.account) is AccountState.ACTIVE
    assert logbook.verify(story.handler).findings == ()


def test_whoever_once_invited_somebody_gets_no_link_of_a_later_restoring_and_may_hear_the_words(story: Story) -> None:
    both = two(story)
    member = confirm_keys(both, newcomer(story))
    other = turned(both)
    change_id, act = other.propose(ChangeKind.RESTORE, {"account": member.account.id})
    other.approve(change_id, act)
    invited = next(
        str(row["id"])
        for row in story.contents()["changes"]
        if row["kind"] == "invite" and member.account.id.encode() in row["payload"]
    )

    with pytest.raises(NotFound):
        link_of(story.handler, both.proposer.account, invited)

    token = link_of(story.handler, other.proposer.account, change_id)
    again = enrol_person(story.handler, Invited(member.account, token), "jurist")
    with pytest.raises(NotEntitled):
        both.make(ChangeKind.KEYS, named(again), {"check_phrase": words(again)})
    other.make(ChangeKind.KEYS, named(again), {"check_phrase": words(again)})
    assert state(story, member.account) is AccountState.ACTIVE


@pytest.mark.parametrize("name", sorted(name for name in NOBODY if name.isalpha()))
def test_nobody_gets_an_account_by_the_name_of_who_has_none(story: Story, name: str) -> None:
    both, home = two(story), unit(story)
    found = Unit(home, organisation(story).id, "Kommunkansliet", external=False)
    both.register([person_operation(name, found, "Ny")])
    payload: dict[str, Json] = {
        "account": name,
        "name": "Ny",
        "email": "ny@bjorkvik.example",
        "role": "handler",
        "organisation": found.organisation_id,
        "unit": home,
        "decision": None,
    }

    with pytest.raises(Refusal):
        both.make(ChangeKind.INVITE, payload)


def test_one_administrator_alone_does_not_empty_every_case(story: Story) -> None:
    both, handlers = two(story), [member.account for member in story.municipality.handlers()]
    karin, olof = both.proposer.account, both.approver.account
    review = at_once.suspend(story.handler, karin, handlers[0].id)

    with pytest.raises(NotEntitled):
        at_once.suspend(story.handler, karin, handlers[1].id)

    at_once.suspend(story.handler, olof, handlers[1].id)
    reviewing.uphold(story.handler, olof, review.id)
    at_once.suspend(story.handler, karin, handlers[2].id)


def test_a_session_does_not_outlive_a_suspension(story: Story) -> None:
    both, anna = two(story), story.municipality.handlers()[0]
    story.clock.advance(60)
    secret = sign_in.sign_in(story.handler, anna.person.email, anna.person.password, story.otp(anna)).secret
    at_once.suspend(story.handler, both.proposer.account, anna.account.id)

    both.make(ChangeKind.ACCOUNT, {"account": anna.account.id, "do": "reactivate", "decision": None})

    assert sign_in.account_of(story.handler, secret) is None
