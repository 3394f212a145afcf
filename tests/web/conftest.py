"""An application on a real database, with a clock that tests set, and probe views beside the real ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask, Response, g, jsonify, request
from flask.testing import FlaskClient
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the library
from wtforms.validators import InputRequired

from tests.support import databases
from tipportal.app import create_app
from tipportal.domain.accounts import Account, AccountState, Permission, Role
from tipportal.settings import Settings
from tipportal.storage.database import Database
from tipportal.web import guard
from tipportal.web.forms import PortalForm, token_for
from tipportal.web.json_body import body
from tipportal.web.services import services_of

ORIGIN = "http://localhost:8000"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
BINDING = b"b" * 32


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    now: int = 1_800_000_000

    def __call__(self) -> int:
        return self.now


class ProbeForm(PortalForm):
    purpose = "probe"
    word = StringField(validators=[InputRequired("Skriv ett ord.")])
    many = SelectMultipleField(choices=[SelectChoice("a", "A"), SelectChoice("b", "B")])


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url="",
        faces=("public", "handler"),
        secret_key=bytes(range(32)),
        public_url=ORIGIN,
        handler_url=ORIGIN,
        submissions_per_minute=3,
    )


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Database]:
    with databases.fresh("sqlite", tmp_path) as url:
        opened = Database(url, tmp_path / "blobs")
        yield opened
        opened.close()


@pytest.fixture
def make_portal(settings: Settings, storage: Database, clock: SetClock) -> Callable[..., Flask]:
    def make(**changes: object) -> Flask:
        numbers = itertools.count(1)
        return create_app(
            replace(settings, **changes),  # type: ignore[arg-type]  # a test names fields of Settings
            storage,
            clock=clock,
            random=lambda size: next(numbers).to_bytes(size, "big"),
        )

    return make


@pytest.fixture
def portal(make_portal: Callable[..., Flask]) -> Flask:
    app = make_portal()
    add_probes(app)
    return app


@pytest.fixture
def client(portal: Flask) -> FlaskClient:
    return portal.test_client()


def account(role: Role = Role.HANDLER) -> Account:
    return Account("a1", "o1", role, "Anna Ek", "anna@example.se", AccountState.ACTIVE, None)


def form_token(app: Flask, purpose: str = "probe", face: str = "public") -> str:
    return services_of(app).form_tokens[face].issue(purpose)


@guard.requires(Permission.PUBLIC, form="probe", keeps_text=True)
def form() -> Response:
    made = ProbeForm()
    valid = made.validate_on_submit()
    return jsonify(valid=valid, word=made.word.data, errors=made.errors, token=token_for("probe"))


@guard.requires(Permission.PUBLIC, form="probe")
def strict() -> Response:
    return jsonify(nonce=g.form_token.nonce)


@guard.requires(Permission.PUBLIC, form="probe")
def members() -> Response:
    reader = body()
    found = reader.text("word")
    reader.done()
    return jsonify(word=found)


@guard.requires(Permission.PUBLIC, form="probe", large_body=True)
def large() -> Response:
    return jsonify(length=len(request.form["text"]))


@guard.requires_origin_only(Permission.PUBLIC)
def origin_only() -> Response:
    return jsonify(done=True)


@guard.requires(Permission.HANDLE)
def desk() -> Response:
    return jsonify(name=guard.signed_in().account.name)


@guard.requires(Permission.PUBLIC)
def broken() -> Response:
    raise ValueError("hemlig text")


def unruled() -> Response:
    return jsonify(done=True)


@guard.requires(Permission.PUBLIC)
def sender() -> Response:
    return jsonify(sorted(key for key in request.environ if key.split(".")[0] != "werkzeug"))


@guard.requires(Permission.PUBLIC)
def long() -> Response:
    return Response("<p>" + "ord " * 500, content_type="text/html; charset=utf-8")


PROBES = (
    ("/probe/form", form, ("GET", "POST")),
    ("/probe/strict", strict, ("POST",)),
    ("/probe/api/members", members, ("POST",)),
    ("/probe/large", large, ("POST",)),
    ("/probe/origin-only", origin_only, ("POST",)),
    ("/handlaggare/probe/desk", desk, ("GET", "POST")),
    ("/probe/broken", broken, ("GET",)),
    ("/probe/unruled", unruled, ("GET", "POST")),
    ("/probe/sender", sender, ("GET",)),
    ("/probe/long", long, ("GET",)),
)


def add_probes(app: Flask) -> None:
    """Views of every kind that the guard tells apart."""
    for address, view, methods in PROBES:
        app.add_url_rule(address, f"probe.{view.__name__}", view, methods=methods)


def sign_in(app: Flask, who: Account | None) -> None:
    """Let the guard recognise somebody, as a face's own loader would."""
    found = None if who is None else guard.SignedIn(who, BINDING)
    guard.set_account_loader(app, lambda: found, "web.left")
