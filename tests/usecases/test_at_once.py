"""What one person does at once only takes away; what gives back, and the clock, take two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from tests.support.setting_up import confirm_clock, two
from tests.support.story import DAY, Story
from tipportal.domain.accounts import AccountState
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.changes.faults import FaultyChange
from tipportal.domain.errors import AlreadyDecided, Invalid, NotEntitled, NotFound
from tipportal.domain.handlinglog import instant
from tipportal.domain.independence.findings import Proven, Refuted
from tipportal.domain.independence.proof import prove
from tipportal.domain.policies.policy import Policy
from tipportal.domain.policies.register import Register
from tipportal.domain.ports import UnitOfWork
from tipportal.storage import Database
from tipportal.usecases import at_once, reviewing, scheduled
from tipportal.usecases.changing.clock import clock_doubted

HOUR = 3600


def test_everybody_notes_their_own_absence_and_administrators_anybodys(story: Story) -> None:
    anna, johan = (story.municipality.named(name).account for name in ("Anna", "Johan"))
    today = story.handler.today()

    at_once.note_absence(story.handler, anna, anna.id, today)
    at_once.note_absence(story.handler, two(story).proposer.account, johan.id, None)

    with pytest.raises(NotEntitled):
        at_once.note_absence(story.handler, anna, johan.id, None)
    with pytest.raises(Invalid):
        at_once.note_absence(story.handler, anna, anna.id, today - timedelta(days=1))
    with pytest.raises(NotFound):
        at_once.note_absence(story.handler, two(story).proposer.account, "nobody", None)
    with story.database.read() as uow:
        assert [(each.person_id, each.first, each.last) for each in uow.register.absences(johan.id)] == [
            (johan.id, today, None)
        ]


def test_what_a_conflict_is_about_stays_out_of_the_log(story: Story) -> None:
    anna = story.municipality.named("Anna").account
    unit = next(str(row["id"]) for row in story.contents()["units"] if row["name"] == "Ekonomienheten")

    first = at_once.declare_conflict(story.handler, anna, f"unit:{unit}")
    again = at_once.declare_conflict(story.handler, anna, f"unit:{unit}")

    assert first == again
    with story.database.read() as uow:
        (entry,) = [data for _, data in uow.log.entries() if b'"conflict_declared"' in data]
    assert unit.encode() not in entry
    for subject in ("unit:nowhere", "area:nothing", "anything", "case:1"):
        with pytest.raises(Invalid):
            at_once.declare_conflict(story.handler, anna, subject)


def test_what_follows_for_the_proofs_is_found_before_anybody_waits_for_the_turn_to_write(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, johan = (story.municipality.named(name).account for name in ("Anna", "Johan"))
    in_turn: list[bool] = []
    write = Database.write

    @contextmanager
    def turn(database: Database) -> Iterator[UnitOfWork]:
        with write(database) as uow:
            in_turn.append(True)
            yield uow
            in_turn.pop()

    def watched(policy: Policy, register: Register, failures: int, today: date) -> Proven | Refuted:
        assert not in_turn
        return prove(policy, register, failures, today)

    monkeypatch.setattr(Database, "write", turn)
    monkeypatch.setattr("tipportal.usecases.proofs.prove", watched)
    at_once.note_absence(story.handler, anna, anna.id, None)
    at_once.declare_conflict(story.handler, johan, f"person:{anna.id}")
    at_once.suspend(story.handler, two(story).proposer.account, johan.id)
    with story.database.read() as uow:
        kept = uow.register.proof(anna.organisation_id)
        assert kept is not None
        assert kept.register_version == uow.register.version()


def test_a_suspension_is_looked_at_by_another_within_two_working_days(story: Story) -> None:
    karin, olof = two(story).proposer.account, two(story).approver.account
    anna = story.municipality.named("Anna").account

    review = at_once.suspend(story.handler, karin, anna.id)

    assert review.due_on == date(2026, 11, 25)
    with story.database.read() as uow:
        suspended = uow.accounts.by_id(anna.id)
    assert suspended is not None
    assert suspended.state is AccountState.SUSPENDED
    with pytest.raises(AlreadyDecided):
        at_once.suspend(story.handler, olof, anna.id)
    with pytest.raises(NotEntitled):
        reviewing.uphold(story.handler, karin, review.id)
    reviewing.uphold(story.handler, olof, review.id)
    with pytest.raises(AlreadyDecided):
        reviewing.uphold(story.handler, olof, review.id)
    assert reviewing.open_reviews(story.handler) == ()


def test_nobody_suspends_the_last_who_could_look_at_it(story: Story) -> None:
    karin, olof = two(story).proposer.account, two(story).approver.account

    for account_id in (karin.id, olof.id):
        with pytest.raises(NotEntitled):
            at_once.suspend(story.handler, karin, account_id)
    with pytest.raises(NotEntitled):
        at_once.suspend(story.handler, story.municipality.named("Anna").account, olof.id)


@pytest.mark.parametrize("leap", [37 * HOUR, -37 * HOUR])
def test_a_clock_that_leapt_is_doubted_until_two_confirm_it(story: Story, leap: int) -> None:
    scheduled.tick(story.handler)
    story.clock.advance(35 * HOUR)
    assert not doubted(story)
    scheduled.tick(story.handler)

    story.clock.advance(leap)

    assert doubted(story)
    for _ in range(2):
        scheduled.tick(story.handler)
        story.clock.advance(15 * 60)
    assert doubted(story)
    with story.database.read() as uow:
        assert sum(b'"clock_doubted"' in data for _, data in uow.log.entries()) == 1
    confirm_clock(story)
    assert not doubted(story)
    scheduled.tick(story.handler)
    assert not doubted(story)


def test_a_clock_is_confirmed_only_when_it_is_doubted_and_goes_as_theirs(story: Story) -> None:
    with pytest.raises(FaultyChange):
        confirm_clock(story)
    scheduled.tick(story.handler)
    story.clock.advance(3 * DAY)

    with pytest.raises(FaultyChange):
        two(story).make(ChangeKind.CLOCK, {"now": instant(story.clock() - 2 * DAY)})

    assert doubted(story)


def doubted(story: Story) -> bool:
    """Whether releases stop."""
    with story.database.read() as uow:
        return clock_doubted(story.handler, uow)
