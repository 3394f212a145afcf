"""Administrators sign the next directory: it is computed, told in words; they are warned before the last one ends."""

from __future__ import annotations

from typing import Any

from tests.support.story import DAY, Story
from tipportal.cli.demo_staffing import Member
from tipportal.usecases import directory

from .test_administration import Sit, drafted, send

FORM = "/administration/forslag/katalog"


def _without_names(payload: dict[str, Any]) -> dict[str, Any]:
    # The story's two faces have other secrets than the application, so other salts.
    return {**payload, "handlers": [{**handler, "name": ""} for handler in payload["handlers"]]}


def test_what_is_signed_follows_from_the_register(at_desk: Sit, story: Story, administrator: Member) -> None:
    story.clock.advance(DAY)
    answer = send(at_desk(administrator), FORM)
    computed = dict(directory.next_snapshot(story.handler).payload)
    assert _without_names(drafted(answer)) == _without_names(computed)
    assert computed["version"] == 2
    assert "Inget annat ändras än hur länge katalogen gäller." in answer.text


def test_a_warning_ten_days_before_it_ends(at_desk: Sit, story: Story, administrator: Member) -> None:
    said, none = "Katalogen över handläggare slutar gälla om 9 dagar", "Ingen katalog över handläggare gäller"
    found = []
    for days in (25, 1, 10):
        story.clock.advance(days * DAY)
        page = at_desk(administrator).get("/administration/").text
        found.append((said in page, none in page))
    assert found == [(False, False), (True, False), (False, True)]
