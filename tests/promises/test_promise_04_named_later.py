"""Promise 4: a handler who turns out to be concerned loses the case at once, and all that follows for good."""

from __future__ import annotations

import pytest

from tests.support.members import begin, decide, identity, next_epoch, propose_excluding
from tests.support.playing import open_or_none
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, reply, write
from tipportal.domain.errors import NotFound
from tipportal.domain.separations import Ground
from tipportal.envelope import HybridIdentity
from tipportal.envelope.keys import dialogue_seed
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, separating

NAMED = "Det är handläggaren själv som har attesterat."
NOTE = "Vi tar in den andra enhetens fakturor."


@pytest.mark.parametrize("by_own_word", [True, False])
def test_whoever_is_named_later_loses_all_that_follows(story: Story, *, by_own_word: bool) -> None:
    case = story.report()
    had = _opened_with(story, case, "h2")
    assert had
    if by_own_word:
        separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.CONCERNED)
    else:
        decide(story, case, propose_excluding(story, case, "h2"), by="h3")

    begin(story, case, next_epoch(story, case))
    reply(story.public, case, NAMED)
    write(story.handler, case, Kind.NOTE, NOTE, by="h3")

    # With the whole database, with every key they ever had and their own: nothing of what came after.
    assert _opened_with(story, case, "h2") == set()
    assert _opened_with(story, case, "h2", kept=had) == had
    for text in (NAMED, NOTE):
        assert _reads(story, case, "h1", text)
        assert _reads(story, case, "h3", text)
        assert not _reads(story, case, "h2", text, kept=had)
    with pytest.raises(NotFound):
        handle.open_case(story.handler, case.members["h2"].account, case.reference)


def test_a_promoted_standby_needs_nobody_else_and_the_case_never_rests_on_one(story: Story) -> None:
    case = story.report()
    for member in ("h1", "h2"):
        separating.recuse(story.handler, case.members[member].account, case.reference, Ground.CONCERNED)

    begin(story, case, next_epoch(story, case, by="h3"), by="h3")
    write(story.handler, case, Kind.NOTE, NOTE, by="h4")

    with story.database.read() as uow:
        found = uow.cases.for_holder(case.reference, case.members["h4"].account.id, story.handler.today())
        assert found is not None
        acting = [seat for seat in uow.separations.seats(found.id) if seat.acts]
    assert len({seat.holder for seat in acting}) >= 2
    assert len({seat.unit_id for seat in acting}) >= 2


def _opened_with(story: Story, case: PlayedCase, member: str, *, kept: set[bytes] | None = None) -> set[bytes]:
    """Every seed that the person's own key opens among all sealed keys in the database, and what they kept."""
    own = identity(case.members[member])
    opened = (open_or_none(bytes(row["file"]), own) for row in story.contents()["grants"])
    return {seed for seed in opened if seed is not None} | (kept or set())


def _reads(story: Story, case: PlayedCase, member: str, text: str, *, kept: set[bytes] | None = None) -> bool:
    """Whether any record of the database opens to the text with any of those seeds."""
    seeds = _opened_with(story, case, member, kept=kept)
    keys = [HybridIdentity(one) for seed in seeds for one in (seed, dialogue_seed(seed))]
    bodies = [bytes(row["body"]) for row in story.contents()["records"] if row["body"] is not None]
    return any(text.encode() in (open_or_none(body, key) or b"") for body in bodies for key in keys)
