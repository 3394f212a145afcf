"""Whoever was handed something answers once: through the API, and without JavaScript."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from flask.testing import FlaskClient

from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, agree, stored
from tipportal.cli.demo_work import propose_handing_over
from tipportal.domain.handovers import LegalBasis, Recipient
from tipportal.usecases import handovers

TOKEN = b"t" * 32
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
PLAIN = "/aterrapport/utan-javascript"


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def case(story: Story) -> PlayedCase:
    case = story.tip()
    proposal = propose_handing_over(story.handler, case, Recipient.IVO, LegalBasis.OSL_10_28, {"content": "Besöken."})
    agree(story.handler, case, proposal)
    story.clock.advance(92 * DAY)
    handovers.ask_due(story.handler)
    now = stored(story.handler, case)
    with story.database.read() as uow:
        (made,) = uow.handovers.of_case(now.id)
    digest = hashlib.sha256(TOKEN).digest()
    handovers.make_link(story.handler, case.members["h1"].account, made.id, 3, digest, now.epoch)
    return case


def _keys(story: Story, case: PlayedCase) -> bytes:
    with story.database.read() as uow:
        return hashlib.sha256(uow.cases.epochs(stored(story.handler, case).id)[0].work_recipient).digest()


def _form_token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found.group(1)


def _reports(story: Story, case: PlayedCase) -> list[tuple[str, int | None]]:
    with story.database.read() as uow:
        kept = uow.handovers.reports_of_case(stored(story.handler, case).id)
    return [(report.result.value, report.kronor) for report in kept]


def test_a_question_is_fetched_and_answered_once(client: FlaskClient, story: Story, case: PlayedCase) -> None:
    header = {"Tipportal-Lookup": _b64url(TOKEN)}
    asked = client.get("/api/handover", headers=header).json
    assert asked is not None, asked
    assert "code" not in asked, asked
    assert (asked["reference"], asked["recipient"], asked["months"]) == (
        case.reference,
        "Inspektionen för vård och omsorg",
        3,
    )
    assert hashlib.sha256(base64.b64decode(asked["work"])).digest() == _keys(story, case)
    epoch, file = handovers.seal_answer(story.public, TOKEN, {"text": "Tillsyn pågår."})
    body = {
        "csrf_token": _form_token(client, "/aterrapport"),
        "epoch": epoch,
        "result": "ongoing",
        "kronor": None,
        "file": base64.b64encode(file).decode(),
    }
    sent = {**SAME_ORIGIN, **header}
    for wrong in ({"result": "bribe"}, {"kronor": 5}, {"file": "AAAA"}):
        assert client.post("/api/handover", json={**body, **wrong}, headers=sent).status_code == 422
    assert client.post("/api/handover", json={**body, "epoch": 1}, headers=sent).status_code == 404
    assert client.post("/api/handover", json=body, headers=sent).status_code == 201
    assert client.post("/api/handover", json=body, headers=sent).status_code == 404
    assert client.get("/api/handover", headers=header).status_code == 404
    assert _reports(story, case) == [("ongoing", None)]


@pytest.mark.parametrize("token", ["", "kort", _b64url(b"u" * 32), _b64url(TOKEN) + "=", "å" * 43])
def test_every_wrong_link_gets_one_answer(client: FlaskClient, case: PlayedCase, token: str) -> None:
    assert case.reference
    headers = {"Tipportal-Lookup": token.encode().decode("latin-1")}
    refused = client.get("/api/handover", headers=headers)
    assert (refused.status_code, refused.json["code"]) == (404, "not_found") if refused.json else False


def test_without_javascript_the_server_seals_and_what_was_written_stays(
    client: FlaskClient, story: Story, case: PlayedCase
) -> None:
    link = f"http://localhost:8000/aterrapport#{_b64url(TOKEN + _keys(story, case))}"
    fields = {
        "csrf_token": _form_token(client, PLAIN),
        "link": link,
        "result": "recovery_claim",
        "amount": "12 500",
        "message": "Beslut fattat i går.",
    }
    assert "Det servern" not in client.get(PLAIN).text
    for name, value in (("link", link[:-4]), ("result", ""), ("amount", "tolv"), ("message", "x" * 10_001)):
        again = client.post(PLAIN, data={**fields, name: value}, headers=SAME_ORIGIN)
        assert again.status_code in {404, 422}
        assert "Beslut fattat" in again.text or name == "message"
        assert "govuk-error-message" in again.text
    other = f"#{_b64url(TOKEN + bytes(32))}"
    assert "andra nycklar" in client.post(PLAIN, data={**fields, "link": other}, headers=SAME_ORIGIN).text
    done = client.post(PLAIN, data=fields, headers=SAME_ORIGIN)
    assert (done.status_code, "Tack" in done.text) == (200, True)
    assert _reports(story, case) == [("recovery_claim", 12_500)]
    with story.sql() as connection:
        kept = connection.exec_driver_sql("SELECT file FROM handover_reports").scalar_one()
    assert b"Beslut fattat" not in bytes(kept)
