"""Without a decision in force nobody reaches a case: it ends at midnight in Stockholm, whoever is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.handler.conftest import Desk
from tests.support.members import decide
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import propose, seal_text
from tipportal.cli.demo_staffing import Member
from tipportal.domain.errors import NotEntitled
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind

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

    first = desk.get("/")
    assert first.status_code == 200
    assert 'id="undesignated"' in first.text
    assert "/konto" in first.text
    assert case.reference not in first.text
    for path in ("/arenden", f"/arenden/{case.reference}"):
        refused = desk.get(path)
        assert refused.status_code == 403
        # The page's own address is all that it may repeat.
        assert refused.text.count(case.reference) == refused.text.count(f"/arenden/{case.reference}")
    assert desk.post(f"cases/{case.reference}/open").status_code == 403
    assert other.post(f"cases/{case.reference}/open").status_code == 200


def test_a_designation_that_ends_soon_is_told_to_the_person_and_to_who_shares_the_function(
    at_desk: Callable[[Member], Desk], story: Story
) -> None:
    anna, johan, *_, counsel = story.municipality.handlers()
    story.change(
        "UPDATE designations SET function_id = :id WHERE account_id = :who",
        id=story.municipality.counsel.id, who=counsel.account.id,
    )  # fmt: skip

    def told(to: Member) -> list[str]:
        return re.findall(r'data-ending="(\w+)"', at_desk(to).get("/").text)

    assert told(anna) == []
    story.change("UPDATE designations SET valid_to = '2026-12-23' WHERE account_id = :id", id=anna.account.id)
    assert (told(anna), told(johan), told(counsel)) == (["mine"], ["colleague"], [])
    page = at_desk(anna).get("/").text
    assert "gäller till och med 23 december 2026" in page
    assert f"{anna.account.name} är utsedd till" in at_desk(johan).get("/").text
    # Nothing is to be done where the next decision has been taken.
    story.change(
        "INSERT INTO designations SELECT 'd-next', organisation_id, function_id, account_id, unit_id, ground,"
        " decision_number, decided_on, '2026-12-24', NULL, rank FROM designations WHERE account_id = :id",
        id=anna.account.id,
    )
    assert (told(anna), told(johan)) == ([], [])
    story.change("UPDATE designations SET valid_from = '2026-12-25' WHERE id = 'd-next'")
    assert (told(anna), told(johan)) == (["mine"], ["colleague"])
    story.change("UPDATE designations SET valid_to = '2026-12-24' WHERE account_id = :id AND id <> 'd-next'",
                 id=anna.account.id)  # fmt: skip
    assert told(johan) == []


def test_one_of_two_functions_ends_and_only_its_cases_go(at_desk: Callable[[Member], Desk], story: Story) -> None:
    story.clock.now = LATE
    case = story.tip()
    leaving = case.members["h1"]
    with story.sql() as connection:
        other = connection.execute(
            sa.text("SELECT id FROM functions WHERE id NOT IN (SELECT function_id FROM grants)")
        ).scalars().first()  # fmt: skip
    story.change(
        "INSERT INTO designations SELECT :id, organisation_id, :other, account_id, unit_id, ground, decision_number,"
        " decided_on, valid_from, valid_to, rank FROM designations WHERE account_id = :account",
        id="d-other", other=other, account=leaving.account.id,
    )  # fmt: skip
    story.change(
        "UPDATE designations SET valid_to = '2026-11-23' WHERE account_id = :id AND id <> 'd-other'",
        id=leaving.account.id,
    )
    desk = at_desk(leaving)
    story.clock.now = LATE + 99
    assert desk.post(f"cases/{case.reference}/open").status_code == 200
    assert case.reference in desk.get("/arenden").text

    story.clock.now = LATE + 100
    foreign = desk.post("cases/AAA-BBBBBB/open")
    refused = desk.post(f"cases/{case.reference}/open")
    assert (refused.status_code, refused.json) == (foreign.status_code, foreign.json) == (404, refused.json)
    assert desk.get(f"/arenden/{case.reference}").status_code == 404
    assert case.reference not in desk.get("/arenden").text + desk.get("/").text


def test_who_proposed_is_no_longer_entitled_once_the_function_has_ended(story: Story) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Det ryms i lagen.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    proposal = propose(story.handler, case, payload, reasons)
    account = case.members["h1"].account
    story.change("UPDATE designations SET valid_to = '2026-11-23' WHERE account_id = :id", id=account.id)
    story.clock.advance(DAY)
    with pytest.raises(NotEntitled):
        decide(story, case, proposal, by="h2")
