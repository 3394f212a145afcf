"""The directory's page says until when it holds and by which words it is known; its answer is what clients verify."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape

from flask.testing import FlaskClient

from tests.support.story import DAY, Story
from tipportal.cli.demo_directory import publish
from tipportal.envelope.directory import Directory, parse_published, verify_directory
from tipportal.envelope.roots import fingerprint
from tipportal.envelope.signednotes import NoteSigner
from tipportal.usecases import checkpoints, directory

from .pages import Reader


def _verified(story: Story, answer: str, day: date) -> Directory:
    with story.public.storage.read() as uow:
        installation = directory.installation_of(uow)
    return verify_directory(parse_published(json.loads(answer)), installation=installation, days=[day])


def test_what_clients_fetch_holds(client: FlaskClient, story: Story) -> None:
    answer = client.get("/api/directory")
    assert answer.headers["Cache-Control"] == "no-store"
    found = _verified(story, answer.get_data(as_text=True), story.public.today())
    assert client.get("/api/directory/1").get_json() == answer.get_json()
    assert client.get("/api/directory/2").status_code == 404
    publish(story.municipality.administrators(story.handler))
    newer = _verified(story, client.get("/api/directory").get_data(as_text=True), story.public.today())
    assert newer.snapshot.previous == found.remembered().digest
    assert client.get("/api/directory/1").get_json() == answer.get_json()


def test_the_page_shows_the_words_that_clients_compute(reader: Reader, client: FlaskClient, story: Story) -> None:
    found = _verified(story, client.get("/api/directory").get_data(as_text=True), story.public.today())
    for address, until in (("/bjorkvik/om/katalog", "gäller till och med"), ("/en/bjorkvik/om/katalog", "until")):
        page = reader.get(address)
        assert " ".join(fingerprint(found.root)) in page.html
        assert found.snapshot.expires.isoformat() in page.html
        assert until in page.html
    assert 'href="/bjorkvik/om/katalog"' in reader.get("/bjorkvik/").html
    assert reader.get("/ingenstans/om/katalog").status == 404


def test_an_expired_directory_is_said_to_be_so_and_nothing_is_received(reader: Reader, story: Story) -> None:
    assert "Ingen katalog gäller just nu" not in reader.get("/bjorkvik/om/katalog").html
    story.clock.advance(36 * DAY)
    assert "Ingen katalog gäller just nu" in reader.get("/bjorkvik/om/katalog").html


def test_the_log_s_key_is_published_and_no_checkpoint(client: FlaskClient, story: Story) -> None:
    assert "Ingen kontrollpunkt är undertecknad än." in client.get("/bjorkvik/om/logg").text
    kept = checkpoints.make(story.handler, NoteSigner(checkpoints.origin(story.handler), bytes(32)))
    page = client.get("/bjorkvik/om/logg").text
    assert kept.key in unescape(page)
    assert "/bjorkvik/om/logg" in client.get("/bjorkvik/om/katalog").text
    # How large it is, and what its head was, tells how much goes on.
    assert str(kept.size) not in re.sub(r"<head>.*?</head>|tipportal/[0-9a-f]+\+\S+", "", page, flags=re.DOTALL)
