"""Enrolment: a link that works once, keys that the person made, and one answer to every link that does not work."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pyotp
import pytest
import segno

from tests.handler.conftest import Answer, Desk, b64
from tests.support.setting_up import invite_person
from tests.support.story import Story
from tipportal.domain.accounts import INVITATION_SECONDS, Role
from tipportal.envelope import HybridIdentity
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.passphrase import HandlerIdentity, machine_passphrase, seal_identity_file
from tipportal.usecases.enrol import ENROL_CONTEXT, Invited
from tipportal.usecases.secrets import open_secret

CHOSEN = "ett långt lösenord"


@pytest.fixture
def invited(story: Story) -> Invited:
    with story.database.read() as uow:
        organisation = uow.register.organisation("bjorkvik")
        assert organisation is not None
        unit = uow.register.units(organisation.id)[0]
    return invite_person(story, name="Åsa Öst", email="asa@a.example", role=Role.HANDLER, unit_id=unit.id)


@pytest.fixture
def invited_auditor(story: Story) -> Invited:
    return invite_person(story, name="Rut Rev", email="rut@a.example", role=Role.AUDITOR)


def ask(desk: Desk, path: str, body: dict[str, Any]) -> Answer:
    return desk.post(path, body, {"Tipportal-CSRF": desk.enrolment_token()})


def way(file: bytes, label: str = "Papper") -> dict[str, str]:
    return {"kind": "passphrase", "label": label, "file": b64(file)}


def keys_for(story: Story, token: str) -> dict[str, Any]:
    random = story.handler.random
    identity = HandlerIdentity(identity=HybridIdentity(random(32)), signing_key=SigningKey(random(32)))
    recipient = identity.identity.recipient.raw
    message = ENROL_CONTEXT + hashlib.sha256(token.encode()).digest() + recipient
    return {
        "recipient": b64(recipient),
        "verification_key": b64(identity.signing_key.verification_key.raw),
        "ways": [
            way(seal_identity_file(identity, machine_passphrase(random), random=random, work_factor=1), label)
            for label in ("Lösenfras", "Reserv")
        ],
        "proof": b64(identity.signing_key.sign(message)),
    }


def whole(story: Story, desk: Desk, invited: Invited) -> dict[str, Any]:
    secret = ask(desk, "enrolment/welcome", {"token": invited.token}).json["totp_secret"]
    otp = pyotp.TOTP(secret).at(story.clock())
    return {"token": invited.token, "password": CHOSEN, "otp": otp, **keys_for(story, invited.token)}


def test_the_page_names_nobody_and_takes_its_token_from_the_fragment(desk: Desk) -> None:
    page = desk.get("/registrera")
    assert page.status_code == 200
    assert "Åsa" not in page.text
    # No field carries a name: without the script nothing of it can be sent.
    assert not re.search(r"<(input|textarea|select)[^>]* name=", page.text)


def test_welcome_tells_who_is_invited_and_shows_the_secret(desk: Desk, invited: Invited) -> None:
    answer = ask(desk, "enrolment/welcome", {"token": invited.token}).json
    assert (answer["name"], answer["email"], answer["needs_keys"]) == ("Åsa Öst", "asa@a.example", True)
    address = pyotp.TOTP(answer["totp_secret"]).provisioning_uri(name="asa@a.example", issuer_name="tipportal")
    expected = ["".join(str(bit) for bit in row) for row in segno.make(address, micro=False).matrix]
    assert answer["matrix"] == expected


def test_a_handler_enrols_and_can_sign_in_once_confirmed(desk: Desk, story: Story, invited: Invited) -> None:
    body = whole(story, desk, invited)
    answered = ask(desk, "enrolment", body)
    assert (answered.status_code, answered.json["state"]) == (201, "enrolled")
    with story.database.read() as uow:
        account = uow.accounts.by_email("asa@a.example")
    assert account is not None
    assert account.recipient is not None
    assert b64(account.recipient) == body["recipient"]
    secret = whole_secret(story, account.totp_sealed)
    story.clock.advance(30)
    early = desk.try_to_sign_in("asa@a.example", CHOSEN, pyotp.TOTP(secret).at(story.clock()))
    assert early.status_code == 403
    story.change("UPDATE accounts SET state = 'active' WHERE email = 'asa@a.example'")
    answer = desk.try_to_sign_in("asa@a.example", CHOSEN, pyotp.TOTP(secret).at(story.clock()))
    assert answer.status_code == 303


def whole_secret(story: Story, sealed: bytes | None) -> str:
    opened = open_secret(story.handler, "totp", sealed or b"")
    assert opened is not None
    return opened.decode()


def test_an_auditor_enrols_without_keys(desk: Desk, story: Story, invited_auditor: Invited) -> None:
    welcome = ask(desk, "enrolment/welcome", {"token": invited_auditor.token}).json
    assert welcome["needs_keys"] is False
    body = {
        "token": invited_auditor.token,
        "password": CHOSEN,
        "otp": pyotp.TOTP(welcome["totp_secret"]).at(story.clock()),
    }
    answer = ask(desk, "enrolment", body)
    assert (answer.status_code, answer.json) == (201, {"role": "auditor", "state": "active"})


def test_links_that_do_not_work_are_not_told_apart(desk: Desk, story: Story, invited: Invited) -> None:
    body = whole(story, desk, invited)
    assert ask(desk, "enrolment", body).status_code == 201
    used = ask(desk, "enrolment/welcome", {"token": invited.token})
    unknown = ask(desk, "enrolment/welcome", {"token": "A" * 43})
    odd = ask(desk, "enrolment/welcome", {"token": "å"})
    assert (used.status_code, used.json["code"]) == (403, "enrolment_refused")
    assert used.data == unknown.data == odd.data


def test_a_link_runs_out(desk: Desk, story: Story, invited: Invited) -> None:
    story.clock.advance(INVITATION_SECONDS)
    assert ask(desk, "enrolment/welcome", {"token": invited.token}).json["code"] == "enrolment_refused"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "för kort"}, "password"),  # pragma: allowlist secret
        ({"otp": "000000"}, "otp"),
        ({"recipient": b64(bytes(1216))}, "recipient"),
        ({"verification_key": b64(bytes(32))}, "verification_key"),
        ({"ways": [way(b"not an age file"), way(b"")]}, "file"),
        ({"ways": [{"kind": "passphrase"}] * 2}, "ways.0.label"),
        ({"ways": [{**way(b""), "kind": "scribble"}]}, "ways.0.kind"),
        ({"ways": []}, "ways"),
        ({"ways": None}, "ways"),
        ({"proof": b64(bytes(64))}, "proof"),
        ({"recipient": None}, "recipient"),
        ({"proof": "?"}, "proof"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_field_is_named_and_uses_nothing_up(
    desk: Desk, story: Story, invited: Invited, change: dict[str, Any], field: str
) -> None:
    body = whole(story, desk, invited)
    answer = ask(desk, "enrolment", {**body, **change})
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert ask(desk, "enrolment", body).status_code == 201


def test_somebody_elses_public_key_cannot_be_enrolled(desk: Desk, story: Story, invited: Invited) -> None:
    stranger = story.municipality.handlers()[0].account
    assert stranger.recipient is not None
    assert stranger.verification_key is not None
    body = {
        **whole(story, desk, invited),
        "recipient": b64(stranger.recipient),
        "verification_key": b64(stranger.verification_key),
    }
    assert ask(desk, "enrolment", body).json["field"] == "proof"


def test_without_the_forms_token_nothing_is_told(desk: Desk, invited: Invited) -> None:
    answer = desk.post("enrolment/welcome", {"token": invited.token})
    assert (answer.status_code, answer.json["code"]) == (403, "token_invalid")
