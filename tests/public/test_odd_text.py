"""Text that a database cannot hold: refused like any other unknown, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.support import databases
from tests.support import story as stories

from .conftest import portal_for
from .pages import SAME_ORIGIN


@pytest.fixture(params=databases.KINDS)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FlaskClient]:
    with stories.staffed(request.param, tmp_path) as story:
        yield portal_for(story).test_client()


@pytest.mark.parametrize(
    "address", ["/%00", "/%00/", "/a%00b/tips", "/en/%00/rapport/utan-javascript", "/handlaggare/arenden/%00"]
)
def test_an_address_with_a_zero_byte_leads_nowhere(either: FlaskClient, address: str) -> None:
    answer = either.get(address)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_parameter_with_a_zero_byte_leads_nowhere(either: FlaskClient) -> None:
    assert either.get("/?after=2026-01-01.%00").status_code == 404


def test_json_with_a_zero_byte_is_refused(either: FlaskClient) -> None:
    token = either.post("/api/form-token", json={"purpose": "tip"}, headers=SAME_ORIGIN).get_json()["csrf_token"]
    for organisation in ("\x00", "bjorkvik\x00"):
        facts = {"area": "", "subject_role": "unknown", "concerns": []}
        answer = either.post(
            "/api/panel",
            json={"csrf_token": token, "organisation": organisation, "channel": "tip", "facts": facts},
            headers=SAME_ORIGIN,
        )
        assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")
