"""The end of a case, its registration and requests for release, over HTTP and on their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.handler.conftest import SAME_ORIGIN, Desk, record_json
from tests.support.story import DAY, Story
from tests.usecases.test_retention import close, on
from tipportal.cli.demo_playing import PlayedCase, seal_form
from tipportal.cli.demo_staffing import Member
from tipportal.domain.disclosures import Asked
from tipportal.usecases import disclosing, registration, retention

Sit = Callable[[Member], Desk]


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.tip()


def test_a_request_is_received_and_decided_and_asks_for_nobodys_name(
    at_desk: Sit, story: Story, case: PlayedCase
) -> None:
    desk = at_desk(case.members["h1"])
    page = desk.get("/utlamnanden").text
    assert 'name="asked"' in page
    assert not any(f'name="{name}"' in page for name in ("name", "email", "who", "why", "purpose", "requester"))
    token = desk.token
    sent = {"csrf_token": token, "asked": "case", "reference": case.reference.lower(), "log_first": "", "log_last": ""}
    assert desk.client.post("/handlaggare/utlamnanden", headers=SAME_ORIGIN, data=sent).status_code == 303
    for foreign in ("ABC-DEF-GHJ", story.report().reference):
        assert desk.client.post(
            "/handlaggare/utlamnanden", headers=SAME_ORIGIN, data={**sent, "reference": foreign}
        ).status_code in (303, 404)
    [shown] = [
        each
        for each in disclosing.mine(story.handler, case.members["h1"].account)
        if each.reference == case.reference
    ]  # fmt: skip
    where = f"/handlaggare/utlamnanden/{shown.request.id}"
    decided = {"csrf_token": token, "answered": "refused"}
    assert desk.client.post(where, headers=SAME_ORIGIN, data=decided).status_code == 422
    assert desk.client.post(where, headers=SAME_ORIGIN, data={**decided, "provisions": ["osl_26_1"]}).status_code == 303
    assert "kammarrätten" in desk.client.get(where).text


def test_a_masked_copy_is_kept_sealed(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    desk = at_desk(case.members["h1"])
    request = disclosing.receive(story.handler, case.members["h1"].account, Asked.CASE, reference=case.reference)
    record = record_json(seal_form(story.handler, case, "masked_copy", {"text": "█████"}, by="h1"))
    path = f"disclosures/{request.id}/decide"
    assert desk.post(path, {"answered": "maybe", "provisions": "", "record": record}).status_code == 422
    answer = desk.post(path, {"answered": "partly", "provisions": "osl_32_3b osl_26_1", "record": record})
    assert answer.status_code == 200
    assert "tre veckor" in answer.json["appeal"]


def test_the_page_of_a_case_shows_its_lines_and_takes_the_registry_number(
    at_desk: Sit, story: Story, case: PlayedCase
) -> None:
    story.clock.advance(DAY)
    registration.feed_due(story.handler)
    desk = at_desk(case.members["h1"])
    [line] = registration.of_case(story.handler, case.members["h1"].account, case.reference)
    assert line.number in desk.get(f"/arenden/{case.reference}").text
    sent = {"csrf_token": desk.token, "number": line.number, "registry_number": "KS 2026/812"}
    where = f"/handlaggare/arenden/{case.reference}/diarienummer"
    assert desk.client.post(where, headers=SAME_ORIGIN, data=sent).status_code == 303
    assert "KS 2026/812" in desk.get(f"/arenden/{case.reference}").text


def test_a_locked_case_is_handed_out_to_nobody_until_two_have_opened_it(
    at_desk: Sit, story: Story, case: PlayedCase
) -> None:
    close(story, case)
    on(story, date(2028, 11, 23))
    retention.lock_due(story.handler)
    desk, other = at_desk(case.members["h1"]), at_desk(case.members["h2"])
    refused = desk.post(f"cases/{case.reference}/open")
    assert (refused.status_code, refused.json["code"]) == (409, "case_locked")
    where = f"/handlaggare/arenden/{case.reference}/oppna-last"
    sent = {"csrf_token": desk.token, "opened_for": "release"}
    assert desk.client.post(where, headers=SAME_ORIGIN, data=sent).status_code == 303
    [asked] = retention.of_case(story.handler, case.members["h2"].account, case.reference).openings
    assert f"/oppna-last/{asked.id}" in other.get(f"/arenden/{case.reference}").text
    assert (
        other.client.post(f"{where}/{asked.id}", headers=SAME_ORIGIN, data={"csrf_token": other.token}).status_code
        == 303
    )
    assert desk.post(f"cases/{case.reference}/open").status_code == 200
