"""The budget for all counts cases that are created: nobody can use it up with requests that create nothing."""

from __future__ import annotations

from tests.support.story import Story

from .conftest import portal_for
from .sealing import fetch_panel, new_keys, post, sealed_body, token


def test_junk_and_repetitions_cost_the_others_nothing(story: Story) -> None:
    app = portal_for(story, submissions_per_minute=1)
    client, csrf = app.test_client(), token(app)
    first, second = (sealed_body(fetch_panel(client, csrf).get_json(), csrf, new_keys()) for _ in range(2))
    assert post(client, "/api/cases", first | {"ticket": "AAAA"}).status_code == 422
    assert post(client, "/api/cases", first | {"grants": first["grants"][:1]}).status_code == 422
    assert post(client, "/api/cases", first).status_code == 201
    repeated = post(client, "/api/cases", first)
    assert repeated.status_code == 200
    assert post(client, "/api/cases", second).status_code == 429
    assert len(story.contents()["cases"]) == 1
