"""What is only lent is forgotten in time, also when nobody comes back to ask."""

from __future__ import annotations

from tests.support.story import Story
from tipportal.domain.accounts import UNLOCK_IDLE_SECONDS
from tipportal.usecases import scheduled, sign_in


def test_tick_forgets_the_storage_key_of_a_handler_who_left(story: Story) -> None:
    # The one-time code of this moment was used at enrolment.
    story.clock.advance(60)
    one, other = (_unlocked(story, index) for index in (0, 1))
    story.clock.advance(UNLOCK_IDLE_SECONDS - 1)
    found = sign_in.account_of(story.handler, other)
    assert found is not None
    sign_in.storage_key(story.handler, found[1])
    scheduled.tick(story.handler)
    assert [row["storage_key"] is None for row in _sessions(story)] == [False, False]

    story.clock.advance(1)
    scheduled.tick(story.handler)

    held = {row["account_id"]: row["storage_key"] is not None for row in _sessions(story)}
    members = story.municipality.handlers()
    assert held == {members[0].account.id: False, members[1].account.id: True}
    assert sign_in.account_of(story.handler, one) is not None, "still signed in, only locked"


def _unlocked(story: Story, index: int) -> bytes:
    member = story.municipality.handlers()[index]
    signed = sign_in.sign_in(story.handler, member.person.email, member.person.password, story.otp(member))
    found = sign_in.account_of(story.handler, signed.secret)
    assert found is not None
    sign_in.unlock(story.handler, *found)
    return signed.secret


def _sessions(story: Story) -> list[dict[str, object]]:
    return story.contents()["sessions"]
