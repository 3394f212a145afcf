from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.support.playing import read, server_sealed
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, reply, write
from tipportal.domain.accounts import SESSION_SECONDS
from tipportal.domain.cases import Stream
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, logbook, scheduled, sign_in, source_session
from tipportal.usecases.scheduled import Ticked

NOTHING = Ticked(0, 0, 0, 0, 0, 0)


def test_second_tick_has_nothing_to_do_and_changes_nothing(story: Story) -> None:
    _a_day(story)
    story.clock.advance(DAY)
    first = scheduled.tick(story.handler)
    before = story.contents()

    again = scheduled.tick(story.handler)

    assert first.entries_joined == 6
    assert first.rows_settled > 20
    assert again == NOTHING
    assert story.contents() == before


def test_ticks_at_the_same_time_do_each_duty_once(story: Story) -> None:
    _a_day(story)
    story.clock.advance(DAY)
    together = threading.Barrier(4)

    def tick(_: int) -> Ticked:
        together.wait()
        return scheduled.tick(story.handler)

    with ThreadPoolExecutor(4) as pool:
        ticked = list(pool.map(tick, range(4)))

    assert sum(done.entries_joined for done in ticked) == 6
    # The diary is a transaction of its own: whichever of them comes first draws it up.
    assert sum(replace(done, lines_registered=0) != NOTHING for done in ticked) == 1
    assert sorted(done.lines_registered > 0 for done in ticked) == [False, False, False, True]
    assert logbook.verify(story.handler).findings == ()


def test_tick_of_either_face_does_the_same(story: Story) -> None:
    _a_day(story)
    story.clock.advance(DAY)

    assert scheduled.tick(story.public).entries_joined == 6


def test_everything_still_reads_and_goes_on_after_settling(story: Story) -> None:
    case, visitor = _a_day(story)
    before = source_session.read_case(story.public, visitor)
    story.clock.advance(DAY)
    scheduled.tick(story.handler)

    after = source_session.read_case(story.public, visitor)
    reply(story.public, case, "Dagen efter.")
    write(story.handler, case, Kind.NOTE, "Läst.")
    view = handle.open_case(story.handler, case.members["h1"].account, case.reference)
    shown = read(view, case.members["h1"], view.case.source_recipient)

    assert [record.text for record in after.records] == [record.text for record in before.records]
    assert shown[Stream.DIALOGUE][-1] == "Dagen efter."
    assert shown[Stream.WORK] == ["facts", "Läst."]
    assert logbook.verify(story.handler).findings == ()


def test_sessions_of_both_faces_are_forgotten_when_they_have_ended(story: Story) -> None:
    case = story.tip()
    member = story.municipality.handlers()[0]
    story.clock.advance(120)
    sign_in.sign_in(story.handler, member.person.email, member.person.password, story.otp(member))
    source_session.enter(story.public, case.keys)
    assert scheduled.tick(story.handler).sessions_ended == 0

    story.clock.advance(4 * 15 * 60)
    assert scheduled.tick(story.handler).sessions_ended == 1
    assert story.contents()["source_sessions"] == []
    story.clock.advance(SESSION_SECONDS)
    assert scheduled.tick(story.handler).sessions_ended == 1
    assert story.contents()["sessions"] == []


def _a_day(story: Story) -> tuple[PlayedCase, source_session.Visitor]:
    case = story.tip()
    reply(story.public, case, "Ett tillägg.")
    _, visitor = server_sealed(story)
    source_session.send_message(story.public, visitor, "Ett till.", form_nonce="a")
    return case, source_session.Visitor(case.keys)
