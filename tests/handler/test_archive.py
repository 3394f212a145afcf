"""The page's part in an export: what is offered when, and the sealed file that a member fetches."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.handler.conftest import SAME_ORIGIN, Desk
from tests.support.archived import PICTURE, TOLD, close, decide, run
from tests.support.story import Story
from tipportal.cli.demo_playing import leave_case
from tipportal.cli.demo_staffing import Member
from tipportal.domain.organisations import Channel

Sit = Callable[[Member], Desk]


def test_a_case_is_fetched_sealed_once_two_have_decided(at_desk: Sit, story: Story, tmp_path: Path) -> None:
    case = leave_case(story.public, story.municipality, story.source(), Channel.TIP, TOLD, files=[PICTURE])
    desk = at_desk(case.members["h1"])
    page = f"/arenden/{case.reference}"
    assert 'id="export-form"' in desk.get(page).text
    opened = f"cases/{case.reference}/open"
    assert desk.post(opened).json["export"]["why_not"].startswith("Ärendet är inte avslutat.")
    close(story, case)
    assert desk.post(opened).json["export"] == {"why_not": None, "decided": False}
    fields = {"csrf_token": desk.form_token(page)}
    too_soon = desk.client.post(f"/handlaggare{page}/arkiv", data=fields, headers=SAME_ORIGIN)
    assert too_soon.status_code == 409
    decide(story, case)
    assert desk.post(opened).json["export"] == {"why_not": None, "decided": True}

    fetched = desk.client.post(f"/handlaggare{page}/arkiv", data=fields, headers=SAME_ORIGIN)
    assert fetched.status_code == 200
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="arende-{case.reference}.zip"'
    assert int(fetched.headers["Content-Length"]) == len(fetched.data)
    with zipfile.ZipFile(io.BytesIO(fetched.data)) as archive:
        assert archive.namelist() == ["bundle.json", "files/dialogue-0-0.age"]
        assert json.loads(archive.read("bundle.json"))["reference"] == case.reference
    file = tmp_path / "arende.zip"
    file.write_bytes(fetched.data)
    assert run(case, tmp_path / "out", "--bundle", str(file)).exit_code == 0
    # Nothing of it is left on the server.
    assert not [path for path in story.blobs.parent.rglob("*") if path.is_file() and path.name.startswith("tmp")]

    outside = at_desk(story.outsider(case))
    fields = {"csrf_token": outside.form_token("/konto")}
    refused = outside.client.post(f"/handlaggare{page}/arkiv", data=fields, headers=SAME_ORIGIN)
    unknown = outside.client.post("/handlaggare/arenden/ABC-DEF-GHJ/arkiv", data=fields, headers=SAME_ORIGIN)
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert desk.client.post(f"/handlaggare{page}/arkiv", data={}, headers=SAME_ORIGIN).status_code == 403
