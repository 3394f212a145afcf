"""What the tests of triage share: facts as a browser hands them in, and who sees a case."""

from __future__ import annotations

from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase

RAW: dict[str, object] = {
    "origin": "tip",
    "types": ["improper_payment"],
    "areas": ["hemtjanst"],
    "relation": "outside",
    "named": "anonymous",
    "reprisals": "unknown",
    "heard_how": "poster",
    "reasons": [],
}


def sees(story: Story, case: PlayedCase, account_id: str) -> bool:
    with story.database.read() as uow:
        return uow.cases.for_holder(case.reference, account_id, story.handler.today()) is not None
