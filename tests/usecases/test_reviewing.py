"""The second look at what one did at once: another upholds or lifts it alone; what nobody looks at ends or is told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.support.setting_up import two
from tests.support.story import DAY, Story
from tests.usecases.test_accounts_by_two import named, newcomer, state, words
from tests.usecases.test_logged_changes import findings
from tipportal.cli.demo_playing import PlayedCase, reply, write
from tipportal.cli.demo_staffing import Member, confirm_keys, enrol_person
from tipportal.domain.accounts import Account, AccountState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import AlreadyDecided, EpochClosed, NotEntitled, NotFound
from tipportal.domain.handlinglog import Json
from tipportal.envelope.records import Kind
from tipportal.usecases import alerts, at_once, handle, logbook, reviewing, scheduled, surveying
from tipportal.usecases.alerts import AlertKind
from tipportal.usecases.changing.invite import link_of
from tipportal.usecases.enrol import Invited


def third(story: Story) -> Member:
    """A third administrator, by two."""
    both = two(story)
    payload: dict[str, Json] = {
        "account": story.handler.new_id(), "name": "Tredje", "email": "tredje@bjorkvik.example",
        "role": "administrator", "organisation": both.proposer.account.organisation_id, "unit": None, "decision": None,
    }  # fmt: skip
    change_id, act = both.propose(ChangeKind.INVITE, payload)
    both.approve(change_id, act)
    with story.database.read() as uow:
        account = uow.accounts.by_id(str(payload["account"]))
    assert account is not None
    made = enrol_person(story.handler, Invited(account, link_of(story.handler, both.proposer.account, change_id)), "ny")
    return confirm_keys(both, made)


def kinds(story: Story) -> list[str]:
    with story.database.read() as uow:
        return [data.split(b'"kind":"')[1].split(b'"')[0].decode() for _, data in uow.log.entries()]


def shown(story: Story, to: Account) -> list[alerts.Alert]:
    found = alerts.alerts(story.handler, to, surveying.survey(story.handler))
    return [each for each in found if each.kind is AlertKind.REVIEW]


def test_a_third_administrator_undoes_a_suspension_without_the_first(story: Story) -> None:
    karin, olof, new = two(story).proposer.account, two(story).approver.account, third(story)
    review = at_once.suspend(story.handler, karin, olof.id)
    for nobody in (karin, olof, story.municipality.named("Anna").account):
        with pytest.raises((NotEntitled, NotFound)):
            reviewing.lift(story.handler, nobody, review.id)
    assert state(story, olof) is AccountState.SUSPENDED

    reviewing.lift(story.handler, new.account, review.id)

    assert state(story, olof) is AccountState.ACTIVE
    with pytest.raises(AlreadyDecided):
        reviewing.uphold(story.handler, new.account, review.id)
    # Not once more by the same person alone; by another, and by two, it goes.
    with pytest.raises(NotEntitled, match="trettio dagar"):
        at_once.suspend(story.handler, karin, olof.id)
    again = at_once.suspend(story.handler, new.account, olof.id)
    reviewing.lift(story.handler, karin, again.id)
    story.clock.advance(31 * DAY)
    at_once.suspend(story.handler, karin, olof.id)
    assert logbook.verify(story.handler).findings == ()


def test_a_lifted_suspension_gives_a_handler_back_what_was_there_and_no_more(story: Story) -> None:
    case = story.report()
    member = case.members["h2"]
    story.clock.advance(DAY)
    review = at_once.suspend(story.handler, two(story).proposer.account, member.account.id)
    with pytest.raises(EpochClosed):
        reply(story.public, case, "Till dem som är kvar.")

    reviewing.lift(story.handler, two(story).approver.account, review.id)

    assert state(story, member.account) is AccountState.ACTIVE
    handle.is_mine(story.handler, member.account, case.reference)
    # What was closed stays closed until somebody begins anew.
    with pytest.raises(EpochClosed):
        _write(story, case)
    assert logbook.verify(story.handler).findings == ()


def test_keys_that_nobody_confirmed_are_not_let_in_by_lifting(story: Story) -> None:
    both, member = two(story), newcomer(story)
    review = at_once.suspend(story.handler, both.proposer.account, member.account.id)
    reviewing.lift(story.handler, both.approver.account, review.id)
    assert state(story, member.account) is AccountState.ENROLLED
    both.make(ChangeKind.KEYS, named(member), {"check_phrase": words(member)})
    assert logbook.verify(story.handler).findings == ()


def test_an_administrators_suspension_that_nobody_looks_at_ends_by_itself(story: Story) -> None:
    karin, olof, new = two(story).proposer.account, two(story).approver.account, third(story)
    review = at_once.suspend(story.handler, karin, olof.id)
    _tick_until(story, after=(review.due_on - story.handler.today()).days)
    assert state(story, olof) is AccountState.SUSPENDED

    _tick_until(story, after=1)

    assert state(story, olof) is AccountState.ACTIVE
    assert reviewing.open_reviews(story.handler) == ()
    assert kinds(story).count("suspension_lapsed") == 1
    with pytest.raises(NotEntitled):
        at_once.suspend(story.handler, karin, olof.id)
    assert not shown(story, new.account)
    assert logbook.verify(story.handler).findings == ()


def test_a_handlers_suspension_stays_and_everybody_is_told_that_nobody_looked(story: Story) -> None:
    both, anna = two(story), story.municipality.named("Anna").account
    at_once.suspend(story.handler, both.proposer.account, anna.id)
    assert not shown(story, both.proposer.account)
    for _ in range(2):
        _tick_until(story, after=5)
    assert state(story, anna) is AccountState.SUSPENDED
    assert kinds(story).count("review_overdue") == 1
    (mine,), (theirs,) = shown(story, both.proposer.account), shown(story, both.approver.account)
    assert (mine.mine, theirs.mine) == (True, False)
    assert "Be en annan administratör" in str(mine.reasons[0][0])
    assert "skulle ha granskats" in str(theirs.reasons[0][0])
    reviewing.lift(story.handler, both.approver.account, theirs.subject)
    assert state(story, anna) is AccountState.ACTIVE


def test_nothing_ends_while_the_clock_is_doubted(story: Story) -> None:
    karin, olof, _ = two(story).proposer.account, two(story).approver.account, third(story)
    scheduled.tick(story.handler)
    at_once.suspend(story.handler, karin, olof.id)
    story.clock.advance(20 * DAY)
    scheduled.tick(story.handler)
    assert state(story, olof) is AccountState.SUSPENDED


def test_what_two_have_decided_since_is_not_undone_by_an_old_review(story: Story) -> None:
    both, anna = two(story), story.municipality.named("Anna").account
    first = at_once.suspend(story.handler, both.proposer.account, anna.id)
    both.make(ChangeKind.ACCOUNT, {"account": anna.id, "do": "reactivate", "decision": None})
    at_once.suspend(story.handler, both.approver.account, anna.id)
    with pytest.raises(AlreadyDecided):
        reviewing.lift(story.handler, both.approver.account, first.id)
    assert state(story, anna) is AccountState.SUSPENDED
    assert logbook.verify(story.handler).findings == ()


def test_an_absence_by_one_shows_to_the_others_who_can_take_it_away(story: Story) -> None:
    both = two(story)
    anna, johan = (story.municipality.named(name) for name in ("Anna", "Johan"))
    at_once.note_absence(story.handler, both.proposer.account, anna.account.id, None)
    at_once.note_absence(story.handler, johan.account, johan.account.id, story.handler.today())
    assert not shown(story, both.proposer.account)[1:]
    own, first = sorted(shown(story, both.approver.account), key=lambda each: str(each.heading))
    assert str(first.heading).startswith(f"{both.proposer.account.name} har ensam antecknat att {anna.account.name}")
    assert str(own.heading).startswith(f"{johan.account.name} har antecknat egen frånvaro")
    with pytest.raises(NotEntitled):
        reviewing.lift(story.handler, both.proposer.account, first.subject)
    with story.database.read() as uow:
        before = uow.register.version()

    reviewing.lift(story.handler, both.approver.account, first.subject)
    reviewing.uphold(story.handler, both.approver.account, own.subject)

    with story.database.read() as uow:
        assert not uow.register.absences(anna.account.id)
        assert uow.register.absences(johan.account.id)
        assert uow.register.version() > before
        proof = uow.register.proof(anna.account.organisation_id)
        assert proof is not None
        assert (proof.holds, proof.register_version) == (True, uow.register.version())
    assert not shown(story, both.approver.account)
    assert logbook.verify(story.handler).findings == ()


def test_an_absence_that_has_held_ends_yesterday_and_a_long_one_takes_two(story: Story) -> None:
    both = two(story)
    anna, johan = (story.municipality.named(name).account for name in ("Anna", "Johan"))
    for person in (anna, johan):
        at_once.note_absence(story.handler, person, person.id, None)
    reviews = {each.person_id: each.id for each in reviewing.open_reviews(story.handler)}
    story.clock.advance(3 * DAY)
    reviewing.lift(story.handler, both.approver.account, reviews[anna.id])
    with story.database.read() as uow:
        (absence,) = uow.register.absences(anna.id)
    assert absence.last == story.handler.today() - timedelta(days=1)
    story.clock.advance(30 * DAY)
    with pytest.raises(NotEntitled, match="trettio dagar"):
        reviewing.lift(story.handler, both.approver.account, reviews[johan.id])
    with story.database.read() as uow:
        open_one = uow.changes.review(reviews[johan.id])
    assert open_one is not None
    assert open_one.outcome is None


def test_one_alone_sends_one_at_a_time_away_for_long(story: Story) -> None:
    both = two(story)
    anna, johan, *_ = [member.account for member in story.municipality.handlers()]
    karin, today = both.proposer.account, story.handler.today()
    at_once.note_absence(story.handler, karin, anna.id, None)
    with pytest.raises(NotEntitled):
        at_once.note_absence(story.handler, karin, johan.id, today + timedelta(days=30))
    with pytest.raises(NotEntitled):
        at_once.suspend(story.handler, karin, johan.id)
    # A short one only changes who is drawn, and the others see it.
    at_once.note_absence(story.handler, karin, johan.id, today + timedelta(days=29))


def test_an_absence_that_is_over_waits_for_nobody(story: Story) -> None:
    anna = story.municipality.named("Anna").account
    at_once.note_absence(story.handler, anna, anna.id, story.handler.today())
    _tick_until(story, after=5)
    assert reviewing.open_reviews(story.handler) == ()
    with story.database.read() as uow:
        assert not uow.changes.ended_since(anna.id, 0)


def test_the_log_tells_when_a_suspension_ended_by_who_could_not(story: Story) -> None:
    both, anna = two(story), story.municipality.named("Anna").account
    review = at_once.suspend(story.handler, both.proposer.account, anna.id)
    reviewing.lift(story.handler, both.approver.account, review.id)
    with story.database.read() as uow:
        log = [json.loads(data) for _, data in uow.log.entries()]
    at = next(place for place, body in enumerate(log) if body["kind"] == "suspension_lifted")
    before, lifted = log[:at], log[at]
    assert findings([*before, lifted]) == []
    johan = story.municipality.named("Johan").account
    for altered in (
        {"actor": both.proposer.account.id},
        {"actor": johan.id},
        {"kind": "suspension_lapsed", "actor": "system"},
        {"facts": {"account": johan.id}},
    ):
        assert findings([*before, {**lifted, **altered}]) == [
            "En avstängning upphörde utan att någon fick häva den."
        ], altered
    upheld = {**lifted, "kind": "duty_reviewed"}
    assert len(findings([*before, upheld, lifted])) == 1


def _write(story: Story, case: PlayedCase) -> None:
    write(story.handler, case, Kind.NOTE, "Åter.", by="h1")


def _tick_until(story: Story, *, after: int) -> None:
    for _ in range(after):
        story.clock.advance(DAY)
        scheduled.tick(story.handler)
