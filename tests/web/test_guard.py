from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import account, sign_in
from tipportal.domain.accounts import Permission, Role
from tipportal.web import guard

DESK = "/handlaggare/probe/desk"


def test_an_endpoint_without_a_rule_is_refused_to_everybody(portal: Flask, client: FlaskClient) -> None:
    sign_in(portal, account())
    assert client.get("/probe/unruled").status_code == 403
    assert client.post("/probe/unruled").status_code == 403
    assert list(guard.unruled(portal)) == ["probe.unruled"]


def test_a_public_endpoint_that_takes_posts_must_name_its_token(portal: Flask) -> None:
    @guard.requires(Permission.PUBLIC)
    def loose() -> str:
        return ""

    portal.add_url_rule("/probe/loose", "probe.loose", loose, methods=["POST"])
    assert "probe.loose" in set(guard.unruled(portal))


def test_nobody_signed_in_is_sent_to_sign_in(portal: Flask, client: FlaskClient) -> None:
    sign_in(portal, None)
    answer = client.get(DESK)
    assert (answer.status_code, answer.location) == (303, "/lamna/klar")
    assert client.post(DESK).status_code == 401
    answer = client.get(DESK, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "sign_in_required"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_enters_only_where_it_is_allowed(portal: Flask, client: FlaskClient, role: Role) -> None:
    sign_in(portal, account(role))
    assert client.get(DESK).status_code == (200 if role is Role.HANDLER else 403)


def test_unknown_addresses_and_methods_are_told_apart_from_refusals(client: FlaskClient) -> None:
    assert client.get("/finns/inte").status_code == 404
    answer = client.delete("/probe/form")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_flasks_session_is_closed(portal: Flask) -> None:
    from flask import session  # noqa: PLC0415 - only this test knows it

    with portal.test_request_context("/"):
        for use in (lambda: session.get("x"), lambda: session["x"], lambda: "x" in session, lambda: session.pop("x")):
            with pytest.raises(RuntimeError, match="not used"):
                use()
