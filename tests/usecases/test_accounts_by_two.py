"""Accounts change by two only: invited, their keys confirmed by six words, closed, and restored with new keys."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

import pytest

from tests.support.setting_up import invite_person, turned, two, unit_operation
from tests.support.story import DAY, Story
from tipportal.cli.demo_changes import Administrators
from tipportal.cli.demo_staffing import Member, confirm_keys, enrol_person, signer
from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import CasesLeft, EnrolmentRefused, Invalid, NotEntitled, NotFound, Refusal
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import OrganisationKind, Unit
from tipportal.envelope.checkphrase import check_phrase
from tipportal.usecases import administer, changes, enrol, logbook, sign_in
from tipportal.usecases.changing.invite import link_of
from tipportal.usecases.enrol import Invited

EMAIL = "ny@bjorkvik.example"


def unit(story: Story) -> str:
    return next(str(row["id"]) for row in story.contents()["units"] if row["name"] == "Kommunkansliet")


def newcomer(story: Story) -> Member:
    invited = invite_person(story, name="Ny", email=EMAIL, role=Role.HANDLER, unit_id=unit(story))
    return enrol_person(story.handler, invited, "jurist")


def state(story: Story, account: Account) -> AccountState:
    with story.database.read() as uow:
        found = uow.accounts.by_id(account.id)
    assert found is not None
    return found.state


def named(member: Member) -> dict[str, Json]:
    assert member.identity is not None
    recipient, key = member.identity.identity.recipient.raw, member.identity.signing_key.verification_key.raw
    return {
        "account": member.account.id,
        "recipient": hashlib.sha256(recipient).hexdigest(),
        "verification_key": base64.b64encode(key).decode(),
    }


def words(member: Member) -> str:
    assert member.identity is not None
    return check_phrase(member.identity.identity.recipient, member.identity.signing_key.verification_key)


def test_a_newcomer_is_active_when_two_have_confirmed_the_keys_and_not_before(story: Story) -> None:
    member = newcomer(story)
    assert state(story, member.account) is AccountState.ENROLLED
    story.clock.advance(60)
    with pytest.raises(Refusal):
        sign_in.sign_in(story.handler, EMAIL, member.person.password, story.otp(member))
    typed = " ".join(word[:4].upper() for word in words(member).split())
    two(story).make(ChangeKind.KEYS, named(member), {"check_phrase": typed})
    assert state(story, member.account) is AccountState.ACTIVE
    story.clock.advance(60)
    sign_in.sign_in(story.handler, EMAIL, member.person.password, story.otp(member))
    assert logbook.verify(story.handler).findings == ()


def test_a_wrong_check_phrase_is_refused_with_words(story: Story) -> None:
    member = newcomer(story)
    change_id, act = two(story).propose(ChangeKind.KEYS, named(member))
    right = words(member)
    swapped = " ".join([*right.split()[1:], right.split()[0]])
    wrong: tuple[Mapping[str, Json] | None, ...] = (
        None,
        {},
        {"check_phrase": ""},
        {"check_phrase": 7},
        {"check_phrase": swapped},
        {"check_phrase": " ".join(right.split()[:5])},
        {"check_phrase": right, "more": True},
    )
    for said in wrong:
        with pytest.raises(Invalid) as refused:
            two(story).approve(change_id, act, said)
        assert refused.value.field == "check_phrase"
    assert state(story, member.account) is AccountState.ENROLLED
    two(story).approve(change_id, act, {"check_phrase": right})
    assert state(story, member.account) is AccountState.ACTIVE


def test_keys_that_were_exchanged_behind_the_programs_back_are_not_confirmed(story: Story) -> None:
    member = newcomer(story)
    change_id, act = two(story).propose(ChangeKind.KEYS, named(member))
    other = story.municipality.handlers()[0].account
    story.change("UPDATE accounts SET recipient = :r WHERE id = :id", r=other.recipient, id=member.account.id)
    with pytest.raises(FaultyChange):
        two(story).approve(change_id, act, {"check_phrase": words(member)})
    with pytest.raises(FaultyChange):
        two(story).make(ChangeKind.KEYS, {**named(member), "recipient": "0" * 64}, {"check_phrase": words(member)})


def test_whoever_had_the_link_does_not_hear_the_words(story: Story) -> None:
    member = newcomer(story)
    with pytest.raises(NotEntitled):
        turned(two(story)).make(ChangeKind.KEYS, named(member), {"check_phrase": words(member)})
    assert state(story, member.account) is AccountState.ENROLLED


def test_only_the_proposer_gets_the_link_and_each_ends_the_one_before(story: Story) -> None:
    both = two(story)
    payload: dict[str, Json] = {
        "account": story.handler.new_id(),
        "name": "Ny",
        "email": EMAIL,
        "role": "handler",
        "organisation": both.proposer.account.organisation_id,
        "unit": unit(story),
        "decision": None,
    }
    change_id, act = both.propose(ChangeKind.INVITE, payload)
    with pytest.raises(NotFound):
        link_of(story.handler, both.proposer.account, change_id)
    both.approve(change_id, act)
    for account in (both.approver.account, story.municipality.handlers()[0].account):
        with pytest.raises(NotFound):
            link_of(story.handler, account, change_id)
    first = link_of(story.handler, both.proposer.account, change_id)
    second = link_of(story.handler, both.proposer.account, change_id)
    assert first.encode() not in b"".join(row["payload"] for row in story.contents()["changes"])
    with pytest.raises(EnrolmentRefused):
        enrol.welcome(story.handler, first)
    account = enrol.welcome(story.handler, second).account
    assert (account.id, account.email) == (payload["account"], EMAIL)
    enrol_person(story.handler, Invited(account, second), "jurist")
    with pytest.raises(NotFound):
        link_of(story.handler, both.proposer.account, change_id)


def test_an_invitation_that_cannot_be_is_told_before_anybody_signs(story: Story) -> None:
    both = two(story)
    good: dict[str, Json] = {
        "account": story.handler.new_id(),
        "name": "Ny",
        "email": EMAIL,
        "role": "handler",
        "organisation": both.proposer.account.organisation_id,
        "unit": unit(story),
        "decision": None,
    }
    for wrong in (
        {"account": "x" * 32},
        {"account": both.proposer.account.id},
        {"email": "ny"},
        {"email": both.proposer.account.email.upper()},
        {"role": "source"},
        {"organisation": "0" * 32},
        {"unit": None},
        {"unit": "0" * 32},
        {"name": " "},
        {"decision": {"organisation": good["organisation"], "number": "", "decided_on": "2026-01-01"}},
        {"decision": {"organisation": good["organisation"], "number": "KS 1", "decided_on": "2027-01-01"}},
        {"more": 1},
    ):
        with pytest.raises(FaultyChange):
            both.propose(ChangeKind.INVITE, {**good, **wrong})
    assert all(row["email"] != EMAIL for row in story.contents()["accounts"])


def test_a_lost_device_is_answered_by_new_keys_and_never_the_old(story: Story) -> None:
    both, anna = two(story), story.municipality.handlers()[0]
    story.clock.advance(60)
    secret = sign_in.sign_in(story.handler, anna.person.email, anna.person.password, story.otp(anna)).secret
    change_id, act = both.propose(ChangeKind.RESTORE, {"account": anna.account.id})
    both.approve(change_id, act)
    assert sign_in.account_of(story.handler, secret) is None
    with story.database.read() as uow:
        lost = uow.accounts.by_id(anna.account.id)
        assert list(uow.ways.of(anna.account.id)) == []
    assert lost is not None
    assert (lost.state, lost.recipient, lost.verification_key, lost.password_hash, lost.totp_sealed) == (
        AccountState.INVITED,
        None,
        None,
        None,
        None,
    )
    token = link_of(story.handler, both.proposer.account, change_id)
    again = confirm_keys(both, enrol_person(story.handler, Invited(lost, token), anna.person.title))
    assert again.account.state is AccountState.ACTIVE
    assert again.account.recipient != anna.account.recipient
    assert again.account.id == anna.account.id
    assert logbook.verify(story.handler).findings == ()


def test_nobody_restores_or_reopens_their_own_account(story: Story) -> None:
    both = two(story)
    for account in (both.proposer.account, both.approver.account):
        with pytest.raises(NotEntitled):
            both.make(ChangeKind.RESTORE, {"account": account.id})


def test_an_account_closes_when_nothing_is_left_and_two_administrators_always_are(story: Story) -> None:
    both = two(story)
    member = confirm_keys(both, newcomer(story))
    reference = story.report()
    holder = reference.members["h1"].account
    closing: dict[str, Json] = {"account": holder.id, "do": "close", "decision": None}
    # On the day itself nobody is told: the time of day would be the source's. Closed it is not, all the same.
    assert changes.preview(story.handler, both.proposer.account, ChangeKind.ACCOUNT, closing).faults == ()
    with pytest.raises(CasesLeft):
        both.make(ChangeKind.ACCOUNT, closing)
    story.clock.advance(DAY)
    with pytest.raises(FaultyChange) as held:
        both.make(ChangeKind.ACCOUNT, {"account": holder.id, "do": "close", "decision": None})
    assert "1" in str(held.value.faults[0])
    for deed in ("suspend", "close"):
        with pytest.raises(FaultyChange):
            both.make(ChangeKind.ACCOUNT, {"account": both.approver.account.id, "do": deed, "decision": None})
    for deed, then in (
        ("suspend", AccountState.SUSPENDED),
        ("reactivate", AccountState.ACTIVE),
        ("close", AccountState.CLOSED),
    ):
        both.make(ChangeKind.ACCOUNT, {"account": member.account.id, "do": deed, "decision": None})
        assert state(story, member.account) is then
    for deed in ("suspend", "reactivate", "close", "delete"):
        with pytest.raises(FaultyChange):
            both.make(ChangeKind.ACCOUNT, {"account": member.account.id, "do": deed, "decision": None})
    with story.database.read() as uow:
        assert list(uow.ways.of(member.account.id)) == []


def test_nothing_is_done_before_both_founders_have_enrolled(empty: Story) -> None:
    ctx = empty.handler
    founders = [administer.Founder("A", "a@vik.example"), administer.Founder("B", "b@vik.example")]
    kind = OrganisationKind.MUNICIPALITY
    founded = administer.found(ctx, slug="vik", name="Vik", kind=kind, founders=founders)
    one = enrol_person(ctx, founded.invitations[0], "administratör")
    assert one.account.state is AccountState.ACTIVE
    alone = Administrators(ctx, signer(one), signer(one))
    operation = unit_operation(Unit(ctx.new_id(), founded.organisation.id, "IT", external=False))
    with pytest.raises(NotEntitled):
        alone.register([operation])
    other = enrol_person(ctx, founded.invitations[1], "administratör")
    assert other.account.state is AccountState.ACTIVE
    Administrators(ctx, signer(one), signer(other)).register([operation])
