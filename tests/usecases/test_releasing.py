"""Standbys who step in by ``tick``: once, with the reason in the log, and nobody while the clock is doubted."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

from tests.support.members import begin, next_epoch
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, propose, seal_text, stored, write
from tipportal.domain.separations import Ground
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import approve, handle, logbook, releasing, scheduled, separating


def test_somebody_absent_is_stood_in_for_and_the_standby_works_as_one_of_them(story: Story) -> None:
    case = story.report()
    _away(story, case, "h2")

    # On the day of receipt an entry of the case would say at what time the source had been there.
    assert scheduled.tick(story.handler).standbys_released == 0
    story.clock.advance(DAY)
    assert scheduled.tick(story.handler).standbys_released == 1

    assert _reasons(story, case) == [("h3", "too_few_present")]
    # Counts as panel: in the list, for notes and for acts by two.
    standby = case.members["h3"].account
    assert [row.case.reference for row in handle.my_cases(story.handler, standby).rows] == [case.reference]
    write(story.handler, case, Kind.NOTE, "Jag har tagit vid.", by="h3")
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Missförhållande.", by="h3")
    proposal = propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
        by="h3",
    )
    assert [one.proposal.id for one in approve.waiting(story.handler, case.members["h1"].account)] == [proposal.id]
    assert scheduled.tick(story.handler).standbys_released == 0
    assert logbook.verify(story.handler).findings == ()


def test_each_condition_releases_one_after_the_other_with_its_reason(story: Story) -> None:
    case = story.report()
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    # Monday: the second member has until Wednesday.
    assert _ticks(story, days=2) == 0
    assert _ticks(story, days=1) == 1
    for by in ("h2", "h3"):
        handle.open_case(story.handler, case.members[by].account, case.reference)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Missförhållande.", by="h1")
    propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )
    # Thursday; Friday and Monday to answer.
    assert _ticks(story, days=4) == 0
    assert _ticks(story, days=1) == 1

    assert _reasons(story, case) == [("h3", "not_opened"), ("h4", "unanswered")]


def test_a_case_that_stands_still_for_fifteen_working_days_gets_a_standby(story: Story) -> None:
    case = story.report()
    for by in ("h1", "h2"):
        handle.open_case(story.handler, case.members[by].account, case.reference)
    assert _ticks(story, days=21) == 0
    assert _ticks(story, days=1) == 1
    assert _reasons(story, case) == [("h3", "idle")]


def test_ticks_at_once_release_one_standby(story: Story) -> None:
    case = story.report()
    _away(story, case, "h2")
    story.clock.advance(DAY)
    together = threading.Barrier(4)

    def tick(_: int) -> int:
        together.wait()
        return releasing.release_due(story.handler)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(tick, range(4))) == [0, 0, 0, 1]
    assert len(_reasons(story, case)) == 1


def test_nobody_steps_in_while_the_clock_is_doubted(story: Story) -> None:
    case = story.report()
    scheduled.tick(story.handler)
    _away(story, case, "h2")
    # A clock put forward by three days at once would otherwise hand every case to its standbys.
    story.clock.advance(3 * DAY)
    assert releasing.release_due(story.handler) == 0
    assert scheduled.tick(story.handler).standbys_released == 0
    story.clock.advance(60)
    assert scheduled.tick(story.handler).standbys_released == 0
    assert _reasons(story, case) == []


def test_a_released_standby_who_stays_one_keeps_what_they_were_given(story: Story) -> None:
    case = story.report()
    _away(story, case, "h2")
    story.clock.advance(DAY)
    scheduled.tick(story.handler)
    # Back again: whoever is away until further notice reaches no case.
    story.change("DELETE FROM absences")
    separating.recuse(story.handler, case.members["h1"].account, case.reference, Ground.OTHER)
    begin(story, case, next_epoch(story, case, by="h2"), by="h2")

    for by in ("h2", "h3", "h4"):
        handle.is_mine(story.handler, case.members[by].account, case.reference)


def test_closed_cases_wake_nobody(story: Story) -> None:
    case = story.tip()
    story.change("UPDATE cases SET state = 'closed' WHERE reference = :reference", reference=case.reference)
    assert _ticks(story, days=30) == 0


def _ticks(story: Story, *, days: int) -> int:
    released = 0
    for _ in range(days):
        story.clock.advance(DAY)
        released += scheduled.tick(story.handler).standbys_released
    return released


def _away(story: Story, case: PlayedCase, member: str) -> None:
    account = case.members[member].account
    story.change(
        "INSERT INTO absences (id, organisation_id, person_id, first, last)"
        " VALUES (:id, :organisation, :id, :day, NULL)",
        id=account.id,
        organisation=account.organisation_id,
        day="2026-11-23",
    )


def _reasons(story: Story, case: PlayedCase) -> list[tuple[str, str]]:
    with story.database.read() as uow:
        bodies = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
        kept = [(one.member, one.reason.value) for one in uow.separations.releases(stored(story.handler, case).id)]
    facts = [body["facts"] for body in bodies if body["kind"] == "standby_released"]
    logged = [(one["member"], one["reason"]) for one in facts]
    assert kept == logged
    return logged


def test_a_proposal_that_nobody_can_answer_any_more_lets_nobody_in(story: Story) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Missförhållande.", by="h1")
    propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )
    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.OTHER)
    begin(story, case, next_epoch(story, case))
    for by in ("h1", "h3"):
        handle.open_case(story.handler, case.members[by].account, case.reference)

    # It was about the epoch before, which has other members: new ones are proposed in its place.
    assert _ticks(story, days=9) == 0

    assert _reasons(story, case) == [("h3", "separation")]
