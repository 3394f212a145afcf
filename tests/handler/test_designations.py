"""Without a decision in force nobody reaches a case: it ends at midnight in Stockholm, whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable

from tests.handler.conftest import Desk
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member

LATE = 1_795_474_700
"""2026-11-23 23:58:20 in Stockholm."""


def test_a_designation_that_ends_takes_the_cases_with_it_at_midnight(
    at_desk: Callable[[Member], Desk], story: Story
) -> None:
    story.clock.now = LATE
    case = story.tip()
    leaving, staying = case.members["h1"], case.members["h2"]
    story.change("UPDATE designations SET valid_to = '2026-11-23' WHERE account_id = :id", id=leaving.account.id)
    desk, other = at_desk(leaving), at_desk(staying)
    assert desk.post(f"cases/{case.reference}/open").status_code == 200

    story.clock.now = LATE + 99
    assert desk.get(f"/arenden/{case.reference}").status_code == 200
    story.clock.now = LATE + 100

    for path in ("/", "/arenden", f"/arenden/{case.reference}"):
        refused = desk.get(path)
        assert refused.status_code == 403
        # The page's own address is all that it may repeat.
        assert refused.text.count(case.reference) == refused.text.count(f"/arenden/{case.reference}")
    assert desk.post(f"cases/{case.reference}/open").status_code == 403
    assert other.post(f"cases/{case.reference}/open").status_code == 200
