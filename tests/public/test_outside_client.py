"""Somebody who has nothing but `docs/protocol.md` writes a client: it and the portal understand each other."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from werkzeug.serving import make_server

from tests.support.outside_client import PART, Client
from tests.support.outside_envelope import Case, File, Source, sha256
from tests.support.playing import new_epoch, read, server_sealed
from tests.support.story import Story
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import PlayedCase, write
from tipportal.domain.cases import Stream
from tipportal.envelope.casecode import CaseCode, derive
from tipportal.envelope.records import Kind
from tipportal.usecases import handle

from .conftest import portal_for

PHOTO = File("foto på kvitto.jpg", "image/jpeg", secrets.token_bytes(PART + 100_000))
LETTER = File("brev.txt", "text/plain", "Så här stod det.\n".encode())
QUESTION = MadeFile("fråga.txt", "text/plain", b"Var det i mars?")


class LossyClient(Client):
    """The connection breaks once, in the middle of a file's second part."""

    broken_at: int | None = None

    def send_part(self, upload: str, token: str, sealed: bytes, start: int) -> None:
        if not start or self.broken_at is not None:
            return super().send_part(upload, token, sealed, start)
        self.broken_at = start
        part = sealed[start : start + PART]
        connection = HTTPConnection(self.url.removeprefix("http://"))
        named = {"Content-Type": "application/octet-stream", "Content-Length": str(len(part))}
        headers = self.part_headers(upload, token, sealed, start)
        with closing(connection):
            connection.request("POST", "/api/uploads", part[: len(part) // 2], named | headers)
        return None


@pytest.fixture(autouse=True)
def quick_codes() -> None:
    """Somebody else's client derives its keys at the protocol's own cost, and so does the portal."""


@contextmanager
def served(story: Story) -> Iterator[str]:
    """The portal over HTTP, as long as somebody asks."""
    waiting = Flask("waiting")
    server = make_server("localhost", 0, waiting, threaded=True)
    url = f"http://localhost:{server.port}"
    server.app = portal_for(story, public_url=url, handler_url=url)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_played(story: Story, source: Source, case: Case) -> PlayedCase:
    """The case as both sides of a story know it, its keys derived from the code by the portal's own means."""
    keys = derive(CaseCode(tuple(source.code.split())), bytes.fromhex(case.answer["installation"]))
    by_recipient = {sha256(member.account.recipient or b""): member for member in story.municipality.handlers()}
    members = {each["id"]: by_recipient[each["recipient"]] for each in case.genesis["members"]}
    return PlayedCase(case.answer["reference"], keys, members)


def as_shown(story: Story, case: PlayedCase) -> list[str]:
    """The dialogue as the second handler's browser shows it, verified from genesis on."""
    member = case.members["h2"]
    view = handle.open_case(story.handler, member.account, case.reference)
    shown = read(view, member, view.case.source_recipient)
    assert shown[Stream.WORK][0] == "facts"
    return shown[Stream.DIALOGUE]


def test_a_client_written_from_the_document_tells_reads_answers_and_is_read(story: Story) -> None:
    with served(story) as url:
        client = LossyClient(url)
        told = {"what_happened": "Fakturor utan arbete.", "area": "hemtjanst"}
        source, receipt = client.submit("bjorkvik", "tip", told, files=[PHOTO, LETTER])
        assert client.broken_at == PART

        case = client.read(source)
        assert case.answer["reference"] == receipt["reference"]
        assert case.records[0].body["answers"] == told
        assert [client.fetch(source, case.records[0], number) for number in (0, 1)] == [PHOTO, LETTER]
        assert client.write(source, "En sak till.", files=[LETTER])["seq"] == 1

        played = as_played(story, source, case)
        write(story.handler, played, Kind.MESSAGE, "När hände det?", files=[QUESTION])
        case = client.read(source)
        assert [record.body.get("text") for record in case.records] == [None, "En sak till.", "När hände det?"]
        assert client.fetch(source, case.records[1], 0) == LETTER
        assert client.fetch(source, case.records[2], 0) == File(QUESTION.name, QUESTION.type, QUESTION.content)

    assert as_shown(story, played) == ["Fakturor utan arbete.", "En sak till.", "När hände det?"]


def test_it_follows_when_a_handler_takes_a_case_out_of_the_servers_hands(story: Story) -> None:
    played, _ = server_sealed(story)
    new_epoch(story, played).begin(story, played)
    keys = played.keys
    signing = Ed25519PrivateKey.from_private_bytes(keys.signing_key.seed)
    source = Source("", keys.identity, keys.lookup_token, signing)

    with served(story) as url:
        client = Client(url)
        client.write(source, "Är ni där?")
        case = client.read(source)

    assert [record.header["epoch"] for record in case.records] == [0, 1, 1]
    assert as_shown(story, played) == ["Kvitton saknas.", "epoch", "Är ni där?"]
