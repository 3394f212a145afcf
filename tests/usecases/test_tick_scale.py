"""A tick, four times an hour, asks no more of the database however many closed cases there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.support.story import Story
from tipportal.usecases.releasing import release_due


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to any database meanwhile."""
    sent: list[str] = []

    def send(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", send)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", send)


@pytest.mark.each_database
def test_more_closed_cases_are_no_more_questions(story: Story) -> None:
    asked = []
    for _ in range(2):
        for _ in range(4):
            story.tip()
        story.change("UPDATE cases SET state = 'locked', closed_on = '2024-05-06'")
        with counted() as sent:
            assert release_due(story.handler) == 0
        asked.append(len(sent))
    assert asked[0] == asked[1] > 0
    # Whoever leaves is missed where fewer than two are left, and only there somebody steps in.
    case = story.tip()
    story.change("UPDATE cases SET state = 'locked', closed_on = '2024-05-06' WHERE state <> 'locked'")
    story.change("UPDATE accounts SET state = 'closed' WHERE id = :who", who=case.members["h1"].account.id)
    assert release_due(story.handler) > 0
    assert release_due(story.handler) == 0
