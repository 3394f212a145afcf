"""Measures, checklists, handovers and their links over HTTP, and what of them stands in the page and the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest

from tests.handler.conftest import Desk, b64, record_json
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, act_on, agree, offered_proposal, seal_form, seal_text, stored
from tipportal.cli.demo_staffing import Member
from tipportal.cli.demo_work import propose_handing_over
from tipportal.domain.handovers import LegalBasis, Recipient
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.payloads import HandoverNotice, HandOverPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import handovers

Sit = Callable[[Member], Desk]
CLAIM = {
    "kind": "recovery_claim", "taken_on": "2026-11-23", "amounts": {"claimed": 9000, "recovered": 0},
    "step": None, "reason": None,
}  # fmt: skip


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.tip()


def _form(story: Story, case: PlayedCase, name: str, by: str = "h1") -> dict[str, object]:
    return record_json(seal_form(story.handler, case, name, {"description": "Sagt."}, by=by))


def test_a_measure_is_recorded_corrected_and_summed(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    desk = at_desk(case.members["h1"])
    body = {"facts": CLAIM, "skips": False, "record": _form(story, case, "measure")}
    recorded = desk.post(f"cases/{case.reference}/measures", body)
    assert recorded.status_code == 201
    more = {**CLAIM, "amounts": {"claimed": 9000, "recovered": 4000}}
    body = {"facts": more, "skips": False, "withdrawn": False, "record": _form(story, case, "measure")}
    assert desk.post(f"measures/{recorded.json['id']}/correct", body).status_code == 201
    body["record"] = _form(story, case, "measure")
    assert desk.post(f"measures/{recorded.json['id']}/correct", body).status_code == 409

    answer = desk.post(f"cases/{case.reference}/open").json
    assert [measure["counts"] for measure in answer["measures"]] == [False, True]
    assert answer["sums"] == {"claimed": 9000, "recovered": 4000}


@pytest.mark.parametrize(
    "facts",
    [
        {**CLAIM, "kind": "bribe"},
        {**CLAIM, "taken_on": "23/11"},
        {**CLAIM, "taken_on": "20261123"},
        {**CLAIM, "amounts": {"claimed": 1}},
        {**CLAIM, "amounts": {"claimed": -1, "recovered": 0}},
        {**CLAIM, "amounts": {"claimed": 10**13, "recovered": 0}},
        {**CLAIM, "amounts": {"claimed": 1, "recovered": 0, "cost": 1}},
        {**CLAIM, "more": 1},
    ],
)
def test_facts_of_another_shape_are_refused(
    at_desk: Sit, story: Story, case: PlayedCase, facts: dict[str, object]
) -> None:
    desk = at_desk(case.members["h1"])
    body = {"facts": facts, "skips": False, "record": _form(story, case, "measure")}
    assert desk.post(f"cases/{case.reference}/measures", body).status_code == 422


def test_a_checklist_is_kept_unless_somebody_was_first(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    desk = at_desk(case.members["h1"])
    path = f"cases/{case.reference}/checklists/police_report"
    body = {"done": 2, "replaces": None, "record": _form(story, case, "checklist")}
    assert desk.post(path, body).json == {"done": 2, "of": 15}
    body["record"] = _form(story, case, "checklist")
    refused = desk.post(path, body)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    kept = desk.post(f"cases/{case.reference}/open").json["checklists"]["police_report"]
    assert (kept["done"], kept["of"]) == (2, 15)


def test_a_handover_goes_from_proposal_to_link(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    desk = at_desk(case.members["h1"])
    why = seal_text(story.handler, case, Kind.ASSESSMENT, "Behövs.", by="h1")
    form = seal_form(story.handler, case, "handover", {"content": "Fakturorna."}, by="h1", after=why)
    payload = HandOverPayload("police", "osl_10_24", HandoverNotice.NOT_NEEDED, form.digest.hex(), why.digest.hex())
    offered = offered_proposal(case.members["h1"], act_on(story.handler, case, payload), payload, why)
    body = {
        "act": offered.act,
        "payload": parse_canonical(payload.encode()),
        "signature": b64(offered.signature),
        "record": record_json(why),
    }
    # Nothing is proposed without what would go out.
    assert desk.post(f"cases/{case.reference}/proposals", body).status_code == 422
    proposed = desk.post(f"cases/{case.reference}/proposals", {**body, "content": record_json(form)})
    assert proposed.status_code == 201
    with story.database.read() as uow:
        proposal = uow.proposals.by_id(proposed.json["id"])
    assert proposal is not None
    agree(story.handler, case, proposal)
    story.clock.advance(92 * DAY)
    handovers.ask_due(story.handler)
    desk = at_desk(case.members["h1"])
    (made,) = desk.post(f"cases/{case.reference}/open").json["handovers"]
    assert (made["recipient"], made["asks"][0]["link"]) == ("police", "none")

    link = {"token": hashlib.sha256(b"t" * 32).hexdigest(), "epoch": 0}
    path = f"handovers/{made['id']}/asks/3/link"
    assert desk.post(path, {**link, "epoch": 1}).status_code == 409
    assert desk.post(path, link).status_code == 204
    assert desk.post(f"handovers/{made['id']}/asks/6/link", link).status_code == 404
    (made,) = desk.post(f"cases/{case.reference}/open").json["handovers"]
    assert made["asks"][0]["link"] == "works"
    outside = at_desk(story.outsider(case))
    assert outside.post(path, link).status_code == 404


def test_after_somebody_has_left_a_link_is_outdated(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    agree(
        story.handler,
        case,
        propose_handing_over(story.handler, case, Recipient.POLICE, LegalBasis.OSL_10_24, {"content": "X."}),
    )
    story.clock.advance(92 * DAY)
    handovers.ask_due(story.handler)
    with story.database.read() as uow:
        (made,) = uow.handovers.of_case(stored(story.handler, case).id)
    digest = hashlib.sha256(b"t" * 32).digest()
    handovers.make_link(story.handler, case.members["h1"].account, made.id, 3, digest, 0)
    story.change("UPDATE handover_asks SET epoch = 7")
    (shown,) = at_desk(case.members["h1"]).post(f"cases/{case.reference}/open").json["handovers"]
    assert shown["asks"][0]["link"] == "outdated"


def test_the_page_holds_lists_recipients_and_bases(at_desk: Sit, case: PlayedCase) -> None:
    desk = at_desk(case.members["h1"])
    page = desk.get(f"/arenden/{case.reference}").text
    for text in ("Kontrollera mot lagtexten", "Kommunstyrelsens ordförande", "Intresseavvägning", "Återkrav"):
        assert text in page
    for piece in ("measure-form", "checklist-police_report", "hand_over-form", "reopen-form", "unanswered"):
        assert f'id="{piece}"' in page
    assert "/aterrapport" in page


def test_a_message_after_closing_is_declined_over_http(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    desk = at_desk(case.members["h1"])
    record = _form(story, case, "reopening_declined")
    refused = desk.post(f"cases/{case.reference}/reopening/decline", {"upto": 3, "record": record})
    assert (refused.status_code, refused.json["code"]) == (409, "illegal_transition")
    assert json.dumps(desk.post(f"cases/{case.reference}/open").json["reopening"]) == "null"
