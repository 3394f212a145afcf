"""Signing in: one answer to every wrong attempt, a cookie that tells nothing, and an end that is one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.handler.conftest import FACE, SAME_ORIGIN, Desk
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import SESSION_SECONDS
from tipportal.domain.handlinglog import EntryKind

HOUR = 3600


@pytest.fixture
def anna(story: Story) -> Member:
    return story.municipality.handlers()[0]


def kinds(story: Story) -> list[str]:
    with story.database.read() as uow:
        return [json.loads(data)["kind"] for _, data in uow.log.entries()]


def without_token(page: str) -> str:
    return re.sub(r'name="(csrf_token|tipportal-csrf)"\s+(value|content)="[^"]+"', "", page)


def test_signs_in_with_password_and_code(desk: Desk, story: Story, anna: Member) -> None:
    answer = desk.sign_in(anna)
    assert answer.headers["Location"] == f"{FACE}/"
    assert anna.person.name in desk.get("/").text
    assert kinds(story)[-1] == EntryKind.SIGNED_IN


def test_each_role_is_led_to_its_own_first_page(
    desk: Desk, administrator: Member, auditor: Member, at_desk: Callable[[Member], Desk]
) -> None:
    assert desk.sign_in(administrator).headers["Location"] == f"{FACE}/administration/"
    sitting = at_desk(auditor)
    assert sitting.get("/").headers["Location"] == f"{FACE}/logg"
    assert sitting.get("/logga-in").headers["Location"] == f"{FACE}/logg"


def test_wrong_attempts_are_not_told_apart(desk: Desk, story: Story, anna: Member) -> None:
    person = anna.person
    attempts = (
        ("nobody@bjorkvik.example", person.password, story.otp(anna)),
        (person.email, "not the password at all", story.otp(anna)),
        (person.email, person.password, "000000"),
    )
    pages = []
    for email, password, otp in attempts:
        answer = desk.try_to_sign_in(email, password, otp)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
        pages.append(without_token(answer.text).replace(email, ""))
    assert len(set(pages)) == 1
    assert kinds(story)[-3:] == [EntryKind.SIGN_IN_REFUSED] * 3


def test_a_refusal_keeps_the_address_and_nothing_else(desk: Desk, anna: Member) -> None:
    page = desk.try_to_sign_in(anna.person.email, "a password that is wrong", "123456").text
    assert f'value="{anna.person.email}"' in page
    assert "a password that is wrong" not in page
    assert "123456" not in page


def test_a_code_is_taken_once(desk: Desk, story: Story, anna: Member) -> None:
    story.clock.advance(30)
    otp = story.otp(anna)
    assert desk.try_to_sign_in(anna.person.email, anna.person.password, otp).status_code == 303
    desk.client.delete_cookie("tipportal-session")
    assert desk.try_to_sign_in(anna.person.email, anna.person.password, otp).status_code == 403


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk, anna: Member) -> None:
    cookies = desk.sign_in(anna).headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("tipportal-session="))
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(session.split("; "))
    # Gone with the browser: no date.
    assert "Expires" not in session
    assert "Max-Age" not in session


def test_over_https_the_cookie_is_bound_to_the_host(
    make_portal: Callable[..., Flask], story: Story, anna: Member
) -> None:
    portal = make_portal(public_url="https://tips.bjorkvik.example", handler_url="https://arenden.bjorkvik.example")
    desk = Desk(story, portal.test_client())
    story.clock.advance(30)
    answer = desk.client.post(
        f"{FACE}/logga-in",
        data={
            "csrf_token": desk.form_token(),
            "email": anna.person.email,
            "password": anna.person.password,
            "otp": story.otp(anna),
        },
        headers=SAME_ORIGIN,
        base_url="https://arenden.bjorkvik.example",
    )
    names = {cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie")}
    assert names == {"__Host-tipportal-session", "__Host-tipportal-device"}
    assert all("Secure" in cookie.split("; ") for cookie in answer.headers.getlist("Set-Cookie"))


def test_the_server_keeps_no_cookie(desk: Desk, story: Story, anna: Member) -> None:
    desk.sign_in(anna)
    value = desk.client.get_cookie("tipportal-session")
    assert value is not None
    assert value.value not in repr(story.contents())


@pytest.mark.parametrize("value", ["", "x", "å" * 43, "A" * 43, "A" * 4000, "====", "%00"])
def test_a_cookie_that_is_none_leads_to_signing_in(desk: Desk, value: str) -> None:
    desk.client.set_cookie("tipportal-session", value)
    answer = desk.get("/arenden")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{FACE}/logga-in")
    assert desk.post("unlock").status_code == 401


def test_a_session_ends_by_itself(desk: Desk, story: Story, anna: Member) -> None:
    desk.sign_in(anna)
    story.clock.advance(SESSION_SECONDS - 60)
    assert desk.get("/").status_code == 200
    story.clock.advance(60)
    assert desk.get("/").status_code == 303


def test_signing_out_ends_the_session_on_the_server(desk: Desk, story: Story, anna: Member) -> None:
    desk.sign_in(anna)
    kept = desk.client.get_cookie("tipportal-session")
    assert kept is not None
    answer = desk.client.post(f"{FACE}/logga-ut", data={"csrf_token": desk.form_token("/")}, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    assert '"storage"' in answer.headers["Clear-Site-Data"]
    desk.client.set_cookie("tipportal-session", kept.value)
    assert desk.get("/").status_code == 303
    assert kinds(story)[-1] == EntryKind.SIGNED_OUT


def test_a_page_that_stood_open_too_long_is_shown_again(desk: Desk, story: Story, anna: Member) -> None:
    token = desk.form_token()
    story.clock.advance(13 * HOUR)
    answer = desk.client.post(
        f"{FACE}/logga-in",
        data={
            "csrf_token": token,
            "email": anna.person.email,
            "password": anna.person.password,
            "otp": story.otp(anna),
        },
        headers=SAME_ORIGIN,
    )
    assert answer.status_code == 422
    assert anna.person.email in answer.text
    assert "Set-Cookie" not in answer.headers


def test_guessing_is_slowed_for_strangers_and_not_for_the_owners_browser(
    desk: Desk, portal: Flask, story: Story, anna: Member
) -> None:
    desk.sign_in(anna)
    stranger = Desk(story, portal.test_client())
    for _ in range(10):
        assert stranger.try_to_sign_in(anna.person.email, "a guess that is wrong", "000000").status_code == 403
    assert stranger.try_to_sign_in(anna.person.email, "a guess that is wrong", "000000").status_code == 429
    # The owner's own browser carries the mark of an earlier sign-in.
    desk.client.delete_cookie("tipportal-session")
    assert desk.sign_in(anna).status_code == 303


@pytest.mark.parametrize("field", ["email", "password", "otp"])
def test_an_empty_field_is_named(desk: Desk, anna: Member, field: str) -> None:
    fields = {"email": anna.person.email, "password": anna.person.password, "otp": "123456", field: ""}
    answer = desk.try_to_sign_in(fields["email"], fields["password"], fields["otp"])
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_unknown_and_repeated_fields_are_refused(desk: Desk) -> None:
    assert desk.try_to_sign_in("a@b.example", "x" * 15, "123456", next="https://evil.example").status_code == 422


def test_text_beyond_ascii_is_only_wrong(desk: Desk) -> None:
    answer = desk.try_to_sign_in("åsa@exempel.example", "lösenord på svenska", "\uff11\uff12\uff13\uff14\uff15\uff16")
    assert answer.status_code == 403


def test_in_english(desk: Desk) -> None:
    page = desk.client.get("/en/handlaggare/logga-in").text
    assert '<html lang="en"' in page
    assert 'action="/en/handlaggare/logga-in"' in page
