"""The handler face on a staffed municipality, and people who use it as their browsers do."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.story import Story, staffed
from tipportal.app import create_app
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import Role
from tipportal.settings import Settings
from tipportal.usecases.sealedfiles import SealedFile
from tipportal.web.services import EXTENSION, services_of

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
FACE = "/handlaggare"
_FIELD_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
_META_TOKEN = re.compile(r'name="tipportal-csrf"\s+content="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What the JSON API answered; ``json`` is empty where it said nothing."""

    status_code: int
    data: bytes
    json: dict[str, Any]


@dataclass
class Desk:
    """One browser at the handler face."""

    story: Story
    client: FlaskClient
    token: str = ""

    def get(self, path: str) -> TestResponse:
        """A page below the face."""
        return self.client.get(FACE + path)

    def form_token(self, path: str = "/logga-in") -> str:
        """The token of the first form on a page."""
        return _first(_FIELD_TOKEN, self.get(path))

    def try_to_sign_in(self, email: str, password: str, otp: str, **more: str) -> TestResponse:
        """Send the sign-in form."""
        fields = {"csrf_token": self.form_token(), "email": email, "password": password, "otp": otp, **more}
        return self.client.post(f"{FACE}/logga-in", data=fields, headers=SAME_ORIGIN)

    def sign_in(self, member: Member) -> TestResponse:
        """Sign in; the one-time code is used up, so the clock moves on by a step first."""
        self.story.clock.advance(30)
        answer = self.try_to_sign_in(member.person.email, member.person.password, self.story.otp(member))
        assert answer.status_code == 303, answer.text
        if member.account.role is Role.HANDLER:
            self.token = _first(_META_TOKEN, self.get("/arenden"))
        return answer

    def post(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """A request of the page's script: JSON, with the token in its header."""
        sent = {**SAME_ORIGIN, "Tipportal-CSRF": self.token, **(headers or {})}
        got = self.client.post(f"{FACE}/api/{path}", json={} if body is None else body, headers=sent)
        return Answer(got.status_code, got.data, got.json if got.is_json and got.json else {})

    def enrolment_token(self) -> str:
        """The token of the enrolment page."""
        return _first(_META_TOKEN, self.get("/registrera"))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A staffed municipality without a case."""
    with staffed("sqlite", tmp_path) as made:
        yield made


@pytest.fixture
def make_portal(story: Story, tmp_path: Path) -> Callable[..., Flask]:
    """Both faces on the story's database, clock and secrets."""

    def make(**changes: object) -> Flask:
        settings = Settings(
            data_dir=tmp_path,
            database_url=story.url,
            faces=("public", "handler"),
            secret_key=bytes(32),
            public_url="http://localhost",
            handler_url="http://localhost",
        )
        app = create_app(
            replace(settings, **changes),  # type: ignore[arg-type]  # a test names fields of Settings
            story.database,
            clock=story.clock,
            random=story.handler.random,
        )
        # People were enrolled under the story's own secrets: what seals their one-time codes.
        contexts = {"public": story.public, "handler": story.handler}
        app.extensions[EXTENSION] = replace(services_of(app), contexts=contexts)
        return app

    return make


@pytest.fixture
def portal(make_portal: Callable[..., Flask]) -> Flask:
    """The application over HTTP on this machine."""
    return make_portal()


@pytest.fixture
def desk(story: Story, portal: Flask) -> Desk:
    """A browser where nobody has signed in."""
    return Desk(story, portal.test_client())


@pytest.fixture
def at_desk(story: Story, portal: Flask) -> Callable[[Member], Desk]:
    """A browser where a member has signed in."""

    def sit(member: Member) -> Desk:
        made = Desk(story, portal.test_client())
        made.sign_in(member)
        return made

    return sit


@pytest.fixture
def administrator(story: Story) -> Member:
    """One of the two."""
    return _of(story, Role.ADMINISTRATOR)


@pytest.fixture
def auditor(story: Story) -> Member:
    """The auditor."""
    return _of(story, Role.AUDITOR)


def record_json(record: SealedFile) -> dict[str, Any]:
    """A sealed record as it travels."""
    return {
        "stream": record.stream.value,
        "kind": record.kind.value,
        "epoch": record.epoch,
        "seq": record.seq,
        "prev": record.prev.hex(),
        "file": b64(record.file),
        **({"files": [{"upload": file.id, "size": file.size} for file in record.files]} if record.files else {}),
    }


def b64(raw: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(raw).decode()


def _of(story: Story, role: Role) -> Member:
    return next(member for member in story.municipality.members if member.account.role is role)


def _first(pattern: re.Pattern[str], answer: TestResponse) -> str:
    found = pattern.search(answer.text)
    assert found is not None, answer.text
    return found.group(1)
