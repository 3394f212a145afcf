"""Redirects stay on the host and the scheme that were asked for, whatever the Host header and the proxy say."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("/handlaggare", "/handlaggare/"),
        ("/en/handlaggare", "/en/handlaggare/"),
        ("/bjorkvik?a=1", "/bjorkvik/?a=1"),
        ("///evil.example", "/evil.example/"),
    ],
)
def test_a_redirect_names_no_host_and_no_scheme(client: FlaskClient, address: str, to: str) -> None:
    answer = client.get("/", headers={"Host": "evil.example"}, environ_overrides=_asked(address))
    assert answer.status_code == 308
    assert answer.headers["Location"] == to


def _asked(address: str) -> dict[str, str]:
    # The path as it stands on the wire: a test client would read "//host" as an address of its own.
    path, _, query = address.partition("?")
    return {"PATH_INFO": path, "QUERY_STRING": query}
