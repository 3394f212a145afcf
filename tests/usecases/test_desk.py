from __future__ import annotations

from tests.support.story import Story
from tipportal.cli.demo_playing import reply
from tipportal.domain.handlinglog import EntryKind
from tipportal.usecases import desk, handle


def test_the_log_of_a_case_tells_what_came_on_one_day_as_it_must_have_happened(story: Story) -> None:
    case = story.tip()
    for text in ("Ett.", "Två.", "Tre."):
        reply(story.public, case, text)
    account = case.members["h1"].account
    handle.open_case(story.handler, account, case.reference)
    reply(story.public, case, "Fyra.")
    handle.open_case(story.handler, account, case.reference)

    lines = desk.case_log(story.handler, account, case.reference)

    assert [line.kind for line in lines] == [
        EntryKind.CASE_RECEIVED,
        EntryKind.CASE_ACKNOWLEDGED,
        *[EntryKind.SOURCE_MESSAGE_RECEIVED] * 3,
        EntryKind.OPENED,
        EntryKind.SOURCE_MESSAGE_RECEIVED,
        EntryKind.OPENED,
    ]
    assert [line.who for line in lines[:2]] == ["source", "system"]
