"""`tick` against what happens at the same moment: a standby steps in for a reason that holds then, and once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.members import decide, propose_excluding
from tests.support.playing import server_sealed
from tests.support.races import at_once
from tests.support.setting_up import decided, two
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, propose, seal_text, stored
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import NotFound, Refusal
from tipportal.domain.handlinglog import Json
from tipportal.domain.separations import Ground
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import at_once as by_one
from tipportal.usecases import handle, logbook, scheduled, separating
from tipportal.usecases.changing.clock import watch_clock
from tipportal.usecases.scheduled import Ticked

NOTHING = Ticked(0, 0, 0, 0, 0, 0)


def test_a_standby_who_writes_while_being_released_is_refused_or_has_stepped_in(story: Story) -> None:
    case = _without(story, "h2")
    standby = case.members["h3"].account
    note = seal_text(story.handler, case, Kind.NOTE, "Jag tar vid.", by="h3")

    ticked, written = at_once(_ticking(story), lambda: handle.add_record(story.handler, standby, case.reference, note))

    assert isinstance(ticked, Ticked)
    assert ticked.standbys_released == 1
    kinds = _kinds(story, case)
    if isinstance(written, Refusal):
        assert isinstance(written, NotFound)
        assert "note_added" not in kinds
    else:
        assert kinds.index("standby_released") < kinds.index("note_added")
    assert logbook.verify(story.handler).findings == ()


def test_a_standby_who_decides_about_a_colleague_does_so_also_while_being_released(story: Story) -> None:
    case = story.report()
    proposal = propose_excluding(story, case, "h2")
    _away(story, case, "h2")

    ticked, decision = at_once(_ticking(story), lambda: decide(story, case, proposal, by="h3"))

    assert not isinstance(decision, Refusal), decision
    assert isinstance(ticked, Ticked)
    # Either `tick` lets the first standby in or the leaving does, and whichever comes second finds that done.
    assert [entry["facts"]["member"] for entry in _releases(story, case)] == ["h3"]
    handle.is_mine(story.handler, case.members["h3"].account, case.reference)
    assert logbook.verify(story.handler).findings == ()


def test_whoever_is_back_before_the_release_is_not_stood_in_for(story: Story) -> None:
    case = story.report()
    _absent(story, case, "h2")
    gone = story.handler.today().isoformat()
    story.clock.advance(DAY)
    (row,) = story.contents()["absences"]
    payload: dict[str, Json] = {
        "operations": [{"do": "end_absence", "id": row["id"], "last": gone}],
        "decision": decided(story),
    }
    administrators = two(story)
    change_id, act = administrators.propose(ChangeKind.REGISTER, payload)

    ticked, back = at_once(_ticking(story), lambda: administrators.approve(change_id, act))

    assert not isinstance(back, Refusal), back
    assert isinstance(ticked, Ticked)
    order = [entry["kind"] for entry in _entries(story) if entry["kind"] in {"standby_released", "absence_ended"}]
    assert order == ["standby_released", "absence_ended"][1 - ticked.standbys_released :]
    # Back again they read the case, whoever has stepped in besides.
    handle.is_mine(story.handler, case.members["h2"].account, case.reference)
    assert scheduled.tick(story.handler).standbys_released == 0
    assert logbook.verify(story.handler).findings == ()


def test_nobody_steps_in_who_has_just_been_suspended(story: Story) -> None:
    case = _without(story, "h2")
    standby, by = case.members["h3"].account, two(story).proposer.account

    ticked, suspended = at_once(_ticking(story), lambda: by_one.suspend(story.handler, by, standby.id))

    assert not isinstance(suspended, Refusal), suspended
    assert isinstance(ticked, Ticked)
    entries = [entry for entry in _entries(story) if entry["kind"] in {"standby_released", "account_suspended"}]
    released = [entry["facts"].get("member") for entry in entries]
    # Only before that; and in the end somebody who can has stepped in.
    assert "h3" not in released[released.index(None) :]
    assert "h4" in released
    assert logbook.verify(story.handler).findings == ()


def test_of_a_release_and_a_recusal_at_once_each_standby_is_released_once(story: Story) -> None:
    case = _without(story, "h2")

    ticked, left = at_once(_ticking(story), _leaving(story, case, "h1"))

    assert not isinstance(left, Refusal), left
    assert isinstance(ticked, Ticked)
    released = [entry["facts"]["member"] for entry in _releases(story, case)]
    assert len(released) == len({*released})
    # Two of those who are there have the case.
    assert {"h3", "h4"} <= {*released}
    assert logbook.verify(story.handler).findings == ()


def test_two_ticks_at_once_do_each_duty_once(story: Story) -> None:
    case = story.report()
    server_sealed(story)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Missförhållande.", by="h1")
    propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )
    scheduled.tick(story.handler)
    for _ in range(14):
        story.clock.advance(DAY)
        # The watch alone, so that everything else waits for the two.
        with story.database.write() as uow:
            watch_clock(story.handler, uow)
    _absent(story, case, "h2")

    ticked = [end for end in at_once(_ticking(story), _ticking(story)) if isinstance(end, Ticked)]

    assert len(ticked) == 2
    assert sum(done.entries_joined for done in ticked) == 2
    assert [done.proposals_expired for done in ticked].count(1) == 1
    assert sum(done.proposals_expired for done in ticked) == 1
    released = [entry["case"] for entry in _entries(story) if entry["kind"] == "standby_released"]
    assert sum(done.standbys_released for done in ticked) == len({*released}) == 2
    assert scheduled.tick(story.handler) == NOTHING
    assert logbook.verify(story.handler).findings == ()


def test_two_ticks_after_a_leap_of_the_clock_doubt_it_once_and_release_nobody(story: Story) -> None:
    case = _without(story, "h2", days=0)
    scheduled.tick(story.handler)
    story.clock.advance(3 * DAY)

    ticked = at_once(*[_ticking(story)] * 3)

    assert [end.standbys_released for end in ticked if isinstance(end, Ticked)] == [0, 0, 0]
    assert [entry["kind"] for entry in _entries(story)].count("clock_doubted") == 1
    assert _releases(story, case) == []


def _without(story: Story, member: str, *, days: int = 1) -> PlayedCase:
    """A case one of whose panel is away."""
    case = story.report()
    story.clock.advance(days * DAY)
    _absent(story, case, member)
    return case


def _away(story: Story, case: PlayedCase, member: str) -> None:
    story.clock.advance(DAY)
    _absent(story, case, member)


def _absent(story: Story, case: PlayedCase, member: str) -> None:
    account = case.members[member].account
    by_one.note_absence(story.handler, account, account.id, None)


def _ticking(story: Story) -> Callable[[], object]:
    return lambda: scheduled.tick(story.handler)


def _leaving(story: Story, case: PlayedCase, member: str) -> Callable[[], object]:
    return lambda: separating.recuse(story.handler, case.members[member].account, case.reference, Ground.OTHER)


def _entries(story: Story) -> list[dict[str, Any]]:
    rows = sorted(story.contents()["log_entries"], key=lambda row: row["position"])
    return [json.loads(row["data"]) for row in rows]


def _is_about(entry: dict[str, Any], case: PlayedCase) -> bool:
    return bool(entry["case"] == case.reference)


def _kinds(story: Story, case: PlayedCase) -> list[str]:
    return [entry["kind"] for entry in _entries(story) if _is_about(entry, case)]


def _releases(story: Story, case: PlayedCase) -> list[dict[str, Any]]:
    found = [e for e in _entries(story) if _is_about(e, case) and e["kind"] == "standby_released"]
    with story.database.read() as uow:
        kept = uow.separations.releases(stored(story.handler, case).id)
    # The clock stands still: at one instant their order is the log's alone.
    assert sorted(one.member for one in kept) == sorted(entry["facts"]["member"] for entry in found)
    return found
