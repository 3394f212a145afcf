"""Whoever leaves the installation leaves every case with it: what follows goes to keys that they never had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.members import (
    agree_adding,
    begin,
    make,
    next_epoch,
    propose_adding,
    state_of,
    view_of,
)
from tests.support.playing import read
from tests.support.setting_up import two
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, agree, propose, reply, seal_text, stored, write
from tipportal.domain.accounts import AccountState
from tipportal.domain.cases import Stream
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import EpochClosed, NotEntitled, NotFound
from tipportal.domain.separations import Seat, Separation
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import at_once, handle, letting_in, logbook, reviewing, scheduled

TEXT = "Det hände igen i går."


def test_a_suspension_closes_the_epoch_of_every_open_case_at_once(story: Story) -> None:
    case, other = story.report(), story.tip()
    left = case.members["h2"]
    had = view_of(story, case, "h2").grants
    story.clock.advance(DAY)
    _suspend(story, case, "h2")

    for each in (case, other):
        with pytest.raises(EpochClosed):
            write(story.handler, each, Kind.NOTE, "Sen.", by="h1")
        with pytest.raises(EpochClosed):
            reply(story.public, each, TEXT)
    with story.database.read() as uow:
        seats = {seat.member: seat for seat in uow.separations.seats(stored(story.handler, case).id)}
        assert uow.separations.of_case(stored(story.handler, case).id) == list[Separation]()
    assert "h2" not in seats
    # Only one was left who was present.
    assert (seats["h3"].released, seats["h4"].released) == (True, False)

    begin(story, case, next_epoch(story, case))
    write(story.handler, case, Kind.NOTE, "Om den som slutat.", by="h1")
    reply(story.public, case, TEXT)
    view = view_of(story, case, "h1")
    theirs = read(replace(view, grants=had), left, case.keys.identity.recipient.raw)
    assert theirs[Stream.WORK] == ["facts", "[not_opened]", "[not_opened]"]
    assert theirs[Stream.DIALOGUE][1:] == ["[not_opened]", "[not_opened]"]
    assert logbook.verify(story.handler).findings == ()


def test_one_administrator_alone_closes_the_epoch_and_deletes_nobodys_keys(story: Story) -> None:
    case = story.report()
    account = case.members["h2"].account
    story.clock.advance(DAY)
    at_once.suspend(story.handler, two(story).proposer.account, account.id)

    with pytest.raises(EpochClosed):
        write(story.handler, case, Kind.NOTE, "Sen.", by="h1")
    two(story).make(ChangeKind.ACCOUNT, {"account": account.id, "do": "reactivate", "decision": None})
    handle.is_mine(story.handler, account, case.reference)


def test_what_somebody_proposed_is_not_approved_while_they_are_suspended(story: Story) -> None:
    case = story.report()
    story.clock.advance(DAY)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Missförhållande.", by="h2")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    proposal = propose(story.handler, case, payload, reasons, by="h2")
    account = case.members["h2"].account
    at_once.suspend(story.handler, two(story).proposer.account, account.id)

    with pytest.raises(NotEntitled, match="ingår inte längre"):
        agree(story.handler, case, proposal, by="h1")
    two(story).make(ChangeKind.ACCOUNT, {"account": account.id, "do": "reactivate", "decision": None})
    agree(story.handler, case, proposal, by="h1")


def test_nobody_steps_in_on_the_day_of_receipt_but_the_day_after(story: Story) -> None:
    case = story.report()
    _suspend(story, case, "h2")

    def released() -> list[str]:
        with story.database.read() as uow:
            seats = uow.separations.seats(stored(story.handler, case).id)
        return [seat.member for seat in seats if seat.released and not seat.panel]

    assert released() == []
    story.clock.advance(DAY)
    scheduled.tick(story.handler)
    assert released() == ["h3"]


def test_whoever_is_reinstated_gets_no_old_case_back_but_is_let_in_by_the_members(story: Story) -> None:
    case = story.report()
    account = case.members["h2"].account
    story.clock.advance(DAY)
    _suspend(story, case, "h2")
    two(story).make(ChangeKind.ACCOUNT, {"account": account.id, "do": "reactivate", "decision": None})

    # Before the next epoch, and after it.
    _sees_nothing(story, case)
    begin(story, case, next_epoch(story, case))
    _sees_nothing(story, case)
    write(story.handler, case, Kind.NOTE, "Medan du var borta.", by="h1")

    found = letting_in.candidates(story.handler, case.members["h1"].account, case.reference)
    again, *_ = [one.person for one in found.people if one.person.account_id == account.id]
    seat = Seat(
        account.id, found.pseudonym, again.unit_id, again.function_id, panel=True, released=True, first_standby=False
    )
    case = PlayedCase(case.reference, case.keys, {**case.members, seat.member: case.members["h2"]})
    agree_adding(story, case, *propose_adding(story, case, case.members["h2"], seat), by="h3")
    handle.is_mine(story.handler, account, case.reference)


def test_an_account_closes_when_others_have_the_new_keys(story: Story) -> None:
    case = story.report()
    account = case.members["h2"].account
    story.clock.advance(DAY)
    _suspend(story, case, "h2")
    closing = {"account": account.id, "do": "close", "decision": None}
    with pytest.raises(FaultyChange):
        two(story).propose(ChangeKind.ACCOUNT, closing)
    begin(story, case, next_epoch(story, case))
    two(story).make(ChangeKind.ACCOUNT, closing)
    with story.database.read() as uow:
        closed = uow.accounts.by_id(account.id)
    assert closed is not None
    assert closed.state is AccountState.CLOSED
    assert logbook.verify(story.handler).findings == ()


def test_two_who_suspend_an_account_close_its_cases_too(story: Story) -> None:
    case = story.report()
    story.clock.advance(DAY)
    two(story).make(ChangeKind.ACCOUNT, {"account": case.members["h1"].account.id, "do": "suspend", "decision": None})
    with pytest.raises(EpochClosed):
        reply(story.public, case, TEXT)
    _, state = state_of(story, case, "h2")
    coming = view_of(story, case, "h2").standing.next_members
    assert coming is not None
    assert "h1" not in {seat.member for seat in coming}
    assert make(story, case, state, coming).recipients.epoch == 1
    assert SOURCE not in {seat.member for seat in coming}


def _suspend(story: Story, case: PlayedCase, member: str) -> None:
    both = two(story)
    review = at_once.suspend(story.handler, both.proposer.account, case.members[member].account.id)
    reviewing.uphold(story.handler, both.approver.account, review.id)


def _sees_nothing(story: Story, case: PlayedCase) -> None:
    account = case.members["h2"].account
    assert handle.my_cases(story.handler, account).rows == ()
    with pytest.raises(NotFound):
        handle.open_case(story.handler, account, case.reference)
