"""Keys that were prepared for somebody: gone when the proposal no longer waits, whatever came of it."""

from __future__ import annotations

import pytest

from tests.support.members import agree_adding, propose_adding, seat_for
from tests.support.story import DAY, Story
from tipportal.usecases import approve, scheduled


@pytest.mark.parametrize("how", ["approved", "declined", "expired"])
def test_prepared_keys_do_not_outlive_the_proposal(story: Story, how: str) -> None:
    case, new, seat = seat_for(story)
    proposal, made, signed = propose_adding(story, case, new, seat)
    scheduled.tick(story.handler)
    assert story.contents()["prepared_grants"] != []

    if how == "approved":
        agree_adding(story, case, proposal, made, signed)
    elif how == "declined":
        approve.decline(story.handler, case.members["h2"].account, proposal.id)
    else:
        story.clock.advance(15 * DAY)
    scheduled.tick(story.handler)

    assert story.contents()["prepared_grants"] == []
