"""One's own account over HTTP: ways to the key, passkeys, password and sessions."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.handler.conftest import FACE, SAME_ORIGIN, Answer, Desk, b64
from tests.support.authenticator import Authenticator
from tests.support.story import Story
from tests.usecases.way_lines import FILE
from tipportal.cli.demo_staffing import Member
from tipportal.domain.ways import CONFIRMED_SECONDS
from tipportal.usecases.passkeys import Assertion, Attestation

ORIGIN = "http://localhost"


@pytest.fixture
def anna(story: Story) -> Member:
    return story.municipality.handlers()[0]


@pytest.fixture
def sitting(at_desk: Callable[[Member], Desk], anna: Member) -> Desk:
    return at_desk(anna)


def device() -> Authenticator:
    return Authenticator(ORIGIN, "localhost")


def made(given: Attestation) -> dict[str, str]:
    return {
        "kind": "passkey",
        "label": "Telefon",
        "file": b64(FILE),
        "client_data": b64(given.client_data),
        "attestation_object": b64(given.attestation_object),
    }


def answered(given: Assertion) -> dict[str, str]:
    return {
        "credential_id": b64(given.credential_id),
        "client_data": b64(given.client_data),
        "authenticator_data": b64(given.authenticator_data),
        "signature": b64(given.signature),
    }


def add(desk: Desk, mine: Authenticator) -> Answer:
    asked = desk.post("account/challenge").json["creation"]
    return desk.post("account/ways", {"way": made(mine.make(base64.b64decode(asked["challenge"])))})


def sign_in_token(desk: Desk) -> dict[str, str]:
    return {"Tipportal-CSRF": desk.form_token()}


def test_the_page_tells_days_and_names_and_no_places(sitting: Desk, anna: Member) -> None:
    assert add(sitting, device()).status_code == 201
    page = sitting.get("/konto").text
    assert page.count("data-way=") == 3
    assert "Telefon" in page
    assert "Den här webbläsaren" in page
    assert not re.search(r"127\.0\.0\.1|Werkzeug|\d\d:\d\d", page)
    assert b64(anna.account.recipient or b"") not in page


def test_an_auditor_has_a_password_and_sessions_and_no_keys(story: Story, portal: Flask) -> None:
    auditor = next(member for member in story.municipality.members if member.person.role == "auditor")
    desk = Desk(story, portal.test_client())
    desk.sign_in(auditor)
    page = desk.get("/konto").text
    assert "change-password" in page
    assert 'id="ways"' not in page


def test_a_passkey_signs_in_and_unlocking_says_how_to_ask_it(sitting: Desk, story: Story, portal: Flask) -> None:
    mine = device()
    add(sitting, mine)
    desk = Desk(story, portal.test_client())
    token = sign_in_token(desk)
    asked = desk.post("passkey/challenge", {}, token).json
    assert asked["rp_id"] == "localhost"
    assertion = mine.answer(base64.b64decode(asked["challenge"]))
    done = desk.post("passkey/sign-in", answered(assertion), token)
    assert (done.status_code, done.json) == (200, {"next": f"{FACE}/"})
    desk.token = re.findall(r'name="tipportal-csrf"\s+content="([^"]+)"', desk.get("/arenden").text)[0]
    unlocked = desk.post("unlock").json
    assert [way["kind"] for way in unlocked["ways"]] == ["passphrase", "passphrase", "passkey"]
    assert unlocked["ways"][2]["credential_id"] == b64(mine.credential_id)
    assert len(base64.b64decode(unlocked["ways"][2]["salt"])) == 32
    # Answered once, and for this form alone.
    assert desk.post("passkey/sign-in", answered(assertion), token).status_code == 403


def test_a_challenge_is_for_its_own_form_and_no_field_more_is_taken(sitting: Desk, story: Story, portal: Flask) -> None:
    mine = device()
    add(sitting, mine)
    desk = Desk(story, portal.test_client())
    first, second = sign_in_token(desk), sign_in_token(desk)
    asked = desk.post("passkey/challenge", {}, first).json
    assertion = answered(mine.answer(base64.b64decode(asked["challenge"])))
    refused = desk.post("passkey/sign-in", assertion, second)
    unknown = desk.post("passkey/sign-in", answered(device().answer(base64.b64decode(asked["challenge"]))), first)
    assert (refused.status_code, refused.json["code"]) == (403, "sign_in_refused")
    assert unknown.data == refused.data
    # What a browser's own JSON of a credential would hold as well: it is refused, so nobody comes to rely on it.
    more = desk.post("passkey/sign-in", {**assertion, "clientExtensionResults": {}}, first)
    assert (more.status_code, more.json["field"]) == (422, "clientExtensionResults")
    assert desk.post("passkey/sign-in", assertion, first).status_code == 200


def test_after_five_minutes_one_shows_again_who_one_is(sitting: Desk, story: Story, anna: Member) -> None:
    mine = device()
    add(sitting, mine)
    story.clock.advance(CONFIRMED_SECONDS)
    for path, body in (
        ("account/password", {"password": "ett nytt långt lösenord"}),  # pragma: allowlist secret
        ("account/sessions/end-others", {}),
        (f"account/sessions/{'0' * 64}/end", {}),
        (f"account/ways/{'0' * 32}/remove", {}),
    ):
        refused = sitting.post(path, body)
        assert (refused.status_code, refused.json["code"]) == (403, "confirm_first")
    assert add(sitting, device()).json["code"] == "confirm_first"
    wrong = sitting.post("account/confirm", {"password": "fel", "otp": story.otp(anna)})
    assert (wrong.status_code, wrong.json["code"]) == (403, "sign_in_refused")
    asked = sitting.post("account/challenge").json
    assert asked["credentials"] == [b64(mine.credential_id)]
    confirmed = sitting.post("account/confirm", answered(mine.answer(base64.b64decode(asked["confirm"]))))
    assert confirmed.status_code == 204
    assert sitting.post("account/sessions/end-others").json == {"ended": 0}
    story.clock.advance(CONFIRMED_SECONDS)
    right = sitting.post("account/confirm", {"password": anna.person.password, "otp": story.otp(anna)})
    assert right.status_code == 204


def test_a_session_ended_elsewhere_is_out_at_once(
    sitting: Desk, at_desk: Callable[[Member], Desk], anna: Member
) -> None:
    other = at_desk(anna)
    (handle,) = re.findall(r'data-ends="([0-9a-f]{64})"', other.get("/konto").text)
    assert other.post(f"account/sessions/{handle}/end").status_code == 204
    assert sitting.get("/arenden").status_code == 303
    assert other.get("/arenden").status_code == 200


def test_somebody_elses_session_is_not_found(sitting: Desk, at_desk: Callable[[Member], Desk], story: Story) -> None:
    johan = story.municipality.handlers()[1]
    first, second = at_desk(johan), at_desk(johan)
    (handle,) = re.findall(r'data-ends="([0-9a-f]{64})"', second.get("/konto").text)
    assert sitting.post(f"account/sessions/{handle}/end").status_code == 404
    assert first.get("/arenden").status_code == 200


def test_a_way_is_replaced_in_one_step_and_never_below_two(sitting: Desk) -> None:
    first, second = re.findall(r'data-way="([0-9a-f]{32})"', sitting.get("/konto").text)
    refused = sitting.post(f"account/ways/{first}/remove")
    assert (refused.status_code, refused.json["code"]) == (403, "not_entitled")
    file = next(way["file"] for way in sitting.post("unlock").json["ways"] if way["id"] == first)
    body = {"way": {"kind": "passphrase", "label": "Ny", "file": file}, "instead_of": first}
    kept = sitting.post("account/ways", body)
    assert kept.status_code == 201
    left = re.findall(r'data-way="([0-9a-f]{32})"', sitting.get("/konto").text)
    assert left == [second, kept.json["id"]]
    assert sitting.post("account/ways", body).status_code == 404


def test_a_used_invitation_gives_no_link(story: Story, portal: Flask) -> None:
    # No page gives a link but the change's own, to whoever proposed it.
    administrator = next(member for member in story.municipality.members if member.person.role == "administrator")
    desk = Desk(story, portal.test_client())
    desk.sign_in(administrator)
    token = re.findall(r'name="tipportal-csrf"\s+content="([^"]+)"', desk.get("/konto").text)[0]
    invitations = [each for each in story.contents()["changes"] if each["kind"] == "invite"]
    # Everybody of the demo has enrolled: their links are nobody's any more.
    for change in (invitations[0]["id"], "0" * 32):
        sent = {"csrf_token": token}
        address = f"{FACE}/administration/andringar/{change}/lank"
        assert desk.client.post(address, data=sent, headers=SAME_ORIGIN).status_code == 404
