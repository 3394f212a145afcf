"""``tipportal demo``: a fictitious municipality, staffed and with a few cases, in one folder and one process."""

from __future__ import annotations

import json
import secrets
import socket
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from time import time as seconds_since_1970
from zoneinfo import ZoneInfo

import click
from flask import Flask

from tipportal.app import create_app
from tipportal.contexts import context_for
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.errors import Conflict
from tipportal.settings import Settings
from tipportal.storage.database import Database
from tipportal.storage.schema import upgrade
from tipportal.usecases import directory
from tipportal.usecases.registration import feed_due
from tipportal.usecases.scheduled import tick

from .demo_cases import Stage, play
from .demo_changes import confirm_clock
from .demo_directory import publish
from .demo_organisations import OPEN_SLUGS, let_others_share
from .demo_staffing import Person, staff
from .demo_stories import FOUNDED, stories
from .demo_telling import signing_in, welcome
from .demo_years import YEAR, histories
from .log import make_signer
from .serving import Server

SUBMISSIONS_PER_MINUTE = 200
PEOPLE_FILE = "demo-people.json"
MORNING = time(8, 34)
PAUSE_SECONDS = 7 * 60


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path(".demo"), show_default=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Print addresses and people as one JSON object on the first line."
)
@click.option(
    "--years",
    type=click.IntRange(0, 5),
    default=0,
    show_default=True,
    help="Years of handling before today, for the follow-up; takes minutes the first time.",
)
@click.option("--sign-in", "who", metavar="NAME", help="Print what one of the people signs in with just now, and stop.")
def demo(port: int, data: Path, *, as_json: bool, years: int, who: str | None) -> None:
    """Start both faces with a demo municipality. Everything lies under the data folder; all of it is made up."""
    if who is not None:
        click.echo(signing_in(_person(data / PEOPLE_FILE, who), int(seconds_since_1970())))
        return
    settings, people = prepare(port, data, years)
    _answerable(port)

    def tell() -> None:
        _tell(settings, people, as_json=as_json)

    def make_app() -> Flask:
        return create_app(settings, Database(settings.database_url, settings.blobs_dir))

    Server(make_app, bind=_binds(port), workers=1, threads=settings.threads, when_answering=tell).run()


def prepare(port: int, data: Path, years: int = 0) -> tuple[Settings, list[Person]]:
    """A demo's settings and people, staffed and with its cases, and those of some years, the first time."""
    settings = _settings(port, data)
    return settings, _seed(settings, years)


def _settings(port: int, data: Path) -> Settings:
    data = data.absolute()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = data / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(32))
    return Settings.from_env({
        "TIPPORTAL_DATA_DIR": str(data),
        "TIPPORTAL_SECRET_KEY_FILE": str(key),
        "TIPPORTAL_PUBLIC_URL": f"http://localhost:{port}",
        "TIPPORTAL_SUBMISSIONS_PER_MINUTE": str(SUBMISSIONS_PER_MINUTE),
        "TIPPORTAL_WORKERS": "1",
    })  # fmt: skip


def _seed(settings: Settings, years: int) -> list[Person]:
    """Staff the demo once; later starts read who was made. Only a demo keeps its people's secrets, in this one file."""
    upgrade(settings.database_url)
    file = settings.data_dir / PEOPLE_FILE
    if file.exists():
        return _people(file)
    database = Database(settings.database_url, settings.blobs_dir)
    try:
        clock = _Clock(int(seconds_since_1970()))
        public, handler = (context_for(settings, database, face, clock=clock.now) for face in ("public", "handler"))

        def go_to(days_before: int) -> None:
            # Years pass day by day; a demo without them leaps, and two confirm its clock afterwards.
            for day in clock.days_until(days_before) if years else (days_before,):
                if clock.go_to(day):
                    bar.update(1)
                    # What `tipportal tick` does every quarter of an hour: what is due at all is due in the morning.
                    tick(handler, signer)
                    if directory.status(handler).soon:
                        publish(municipality.administrators(handler))

        signer = None
        days = FOUNDED + years * YEAR
        clock.go_to(days)
        municipality = staff(handler)
        signer = make_signer(handler, settings.log_key_file)
        let_others_share(handler, municipality)
        stage = Stage(public, handler, municipality, clock.opens_on, clock.pause)
        # Drawn on a terminal only, and never for a demo without years, which is there at once.
        with click.progressbar(length=days, label="Years of handling", file=sys.stderr, hidden=not years) as bar:
            play((*histories(stage, years, FOUNDED), *stories(stage)), go_to)
            go_to(0)
            # What was done on the last day may have made something due.
            tick(handler, signer)
        confirm_clock(municipality.administrators(handler))
        # What waited while nobody had confirmed the clock.
        feed_due(handler)
    except Conflict:
        raise click.ClickException(f"{settings.data_dir} holds an unfinished demo: remove it and start again") from None
    finally:
        database.close()
    people = [member.person for member in municipality.members]
    file.touch(mode=0o600)
    file.write_text(json.dumps([person.as_json() for person in people], ensure_ascii=False))
    return people


class _Clock:
    """A clock that the seeding moves: the demo lived for months before it starts, and people work in the daytime."""

    def __init__(self, opens: int) -> None:
        self._opens = self._now = opens
        self.opens_on = stockholm_date(opens)

    def now(self) -> int:
        return self._now

    def go_to(self, days_before: int) -> bool:
        """Go on to a morning, or stay where it is that day already; whether it is another day now."""
        day = self.opens_on - timedelta(days=days_before)
        morning = int(datetime.combine(day, MORNING, ZoneInfo("Europe/Stockholm")).timestamp())
        there = stockholm_date(self._now) == day
        self._now = min(max(morning, self._now if there else 0), self._opens)
        return not there

    def days_until(self, days_before: int) -> range:
        """The days from the one after now to a day, both as days before the demo opens; that day alone if it is now."""
        now = (self.opens_on - stockholm_date(self._now)).days
        return range(max(days_before, now - 1), days_before - 1, -1)

    def pause(self) -> None:
        """Let some minutes pass."""
        self._now = min(self._now + PAUSE_SECONDS, self._opens)


def _answerable(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(f"port {port}: {error.strerror}; choose another with --port") from None


def _binds(port: int) -> list[str]:
    binds = [f"127.0.0.1:{port}"]
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", port))
        except OSError:
            return binds
    return [*binds, f"[::1]:{port}"]


def _person(file: Path, name: str) -> Person:
    if not file.exists():
        raise click.ClickException(f"no demo in {file.parent}: start one first, or name its folder with --data")
    for person in _people(file):
        if person.name.casefold().startswith(name.casefold()):
            return person
    raise click.ClickException(f"nobody in the demo is called {name}")


def _people(file: Path) -> list[Person]:
    return [Person(**person) for person in json.loads(file.read_text())]


def _tell(settings: Settings, people: list[Person], *, as_json: bool) -> None:
    if as_json:
        told = {
            "public": settings.public_url,
            "handler": f"{settings.handler_url}/handlaggare/",
            "organisations": list(OPEN_SLUGS),
            "people": [person.as_json() for person in people],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(welcome(settings, people))
