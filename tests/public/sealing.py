"""Another client of the JSON API, written from docs/protocol.md: seals at home and hands in."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.public.pages import SAME_ORIGIN
from tipportal.envelope import HybridRecipient
from tipportal.envelope import submission as envelope
from tipportal.envelope.bodies import FactsBody
from tipportal.envelope.casecode import SourceKeys, source_keys
from tipportal.envelope.files import seal_file
from tipportal.envelope.genesis import Channel, OfferedMember, Role
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.records import SOURCE, Attachment, Chain, SealedBy, Stream, Writer, read_record
from tipportal.envelope.trustees import OfferedTrustee
from tipportal.web.services import services_of

PART = 4 << 20
FACTS: dict[str, Any] = {"area": "hemtjanst", "subject_role": "unknown", "concerns": []}
Json = dict[str, Any]


@dataclass(frozen=True)
class SentSealed:
    """A file that was sealed at home: the age file, what its record says of it, and the id of its upload."""

    sealed: bytes
    attachment: Attachment
    upload: str


def seal(content: bytes, name: str = "kvitto.pdf", media_type: str = "application/pdf") -> SentSealed:
    """Seal a file; nothing is sent."""
    sealed, said = seal_file(content, random=secrets.token_bytes)
    attachment = Attachment(name=name, type=media_type, size=said.size, sha256=said.sha256, key=said.key)
    return SentSealed(sealed, attachment, secrets.token_hex(16))


def send_part(
    client: FlaskClient, csrf: str, file: SentSealed, at: int = 0, *, face: str = "", **changes: str | bytes
) -> TestResponse:
    """Send the part of a file that begins at an offset."""
    body = changes.pop("body", file.sealed[at : at + PART])
    kind = str(changes.pop("kind", "application/octet-stream"))
    headers = {
        "Tipportal-CSRF": csrf,
        "Tipportal-Upload": file.upload,
        "Tipportal-Offset": str(at),
        "Tipportal-Size": str(len(file.sealed)),
    } | {f"Tipportal-{name.title()}": str(value) for name, value in changes.items()}
    return client.post(f"{face}/api/uploads", data=body, content_type=kind, headers=SAME_ORIGIN | headers)


def upload(client: FlaskClient, csrf: str, content: bytes, name: str = "kvitto.pdf", *, face: str = "") -> SentSealed:
    """Seal a file and send all of it."""
    file = seal(content, name)
    for offset in range(0, len(file.sealed), PART):
        answer = send_part(client, csrf, file, offset, face=face)
        assert answer.status_code == 200, answer.text
    return file


def token(app: Flask, purpose: str = "tip") -> str:
    """A form token, as a page carries it."""
    return services_of(app).form_tokens["public"].issue(purpose)


def post(client: FlaskClient, address: str, body: object, **headers: str) -> TestResponse:
    """Send JSON from our own page."""
    return client.post(
        address, json=body, headers=SAME_ORIGIN | {name.replace("_", "-"): v for name, v in headers.items()}
    )


def fetch_panel(client: FlaskClient, csrf: str, *, facts: Json = FACTS, channel: str = "tip") -> TestResponse:
    """Ask who would receive a case."""
    body = {"csrf_token": csrf, "organisation": "bjorkvik", "channel": channel, "facts": facts}
    return post(client, "/api/panel", body)


def new_keys() -> SourceKeys:
    """A source's keys, without the slow derivation from a code."""
    return source_keys(secrets.token_bytes(32))


def sealed_body(
    offer: Json,
    csrf: str,
    keys: SourceKeys,
    *,
    text: str = "Kvitton saknas.",
    channel: str = "tip",
    files: Sequence[SentSealed] = (),
) -> Json:
    """The body of ``POST /api/cases``."""
    sealed = envelope.build_submission(
        keys=keys,
        offer=_offer(offer, channel),
        facts=FactsBody("hemtjanst", "unknown", ()),
        answers={"what_happened": text},
        sealed_by=SealedBy.BROWSER,
        random=secrets.token_bytes,
        attachments=tuple(file.attachment for file in files),
    )
    return {
        "csrf_token": csrf,
        "ticket": offer["ticket"],
        "genesis": sealed.gen,
        "source": {
            "recipient": b64(sealed.source.raw),
            "verification_key": b64(sealed.verification_key.raw),
            "lookup_digest": sealed.lookup_digest,
        },
        "work": b64(sealed.work.raw),
        "dialogue": b64(sealed.dialogue.raw),
        "records": [record_json(record, files if record.kind.value == "report" else ()) for record in sealed.records],
        "grants": [
            {"holder": grant.holder, "kind": grant.kind.value, "file": b64(grant.file)} for grant in sealed.grants
        ],
    }


def leave_case(client: FlaskClient, app: Flask, keys: SourceKeys, *, channel: str = "tip") -> Json:
    """Seal a case and hand it in: the receipt."""
    csrf = token(app, channel)
    offer = fetch_panel(client, csrf, channel=channel).get_json()
    answer = post(client, "/api/cases", sealed_body(offer, csrf, keys, channel=channel))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    receipt: Json = answer.get_json()
    return receipt


def lookup(keys: SourceKeys) -> str:
    """The header that leads to a case."""
    return base64.urlsafe_b64encode(keys.lookup_token).decode().rstrip("=")


def fetch_case(client: FlaskClient, keys: SourceKeys) -> TestResponse:
    """Ask for one's own case."""
    return client.get("/api/case", headers={"Tipportal-Lookup": lookup(keys)})


def message_body(
    case: Json, csrf: str, keys: SourceKeys, text: str = "Jag har ett kvitto.", files: Sequence[SentSealed] = ()
) -> Json:
    """The body of ``POST /api/case/records``: the next message of the dialogue."""
    genesis = base64.b64decode(case["genesis"])
    chain = Chain.start(case=case["reference"], gen=_gen(genesis, keys), stream=Stream.DIALOGUE, genesis_file=genesis)
    for record in case["records"]:
        chain = chain.after(base64.b64decode(record["file"]))
    newest = case["epochs"][-1]
    recipient = HybridRecipient.from_bytes(base64.b64decode(newest["dialogue"]))
    writer = Writer(SOURCE, keys.signing_key, SealedBy.BROWSER, dt.date.fromisoformat(case["date"]))
    place = envelope.Next(chain, newest["epoch"], recipient)
    attachments = tuple(file.attachment for file in files)
    sealed = envelope.build_dialogue_record(
        at=place, writer=writer, text=text, random=secrets.token_bytes, attachments=attachments
    )
    return {"csrf_token": csrf, "record": record_json(sealed, files)}


def record_json(record: envelope.SealedRecord, files: Sequence[SentSealed] = ()) -> Json:
    """A sealed record as the API takes it."""
    named = {"files": [{"upload": file.upload, "size": len(file.sealed)} for file in files]} if files else {}
    return {
        **named,
        "stream": record.stream.value,
        "kind": record.kind.value,
        "epoch": record.epoch,
        "seq": record.seq,
        "prev": record.prev,
        "file": b64(record.file),
    }


def b64(raw: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(raw).decode()


def sha256(raw: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(raw).hexdigest()


def _gen(file: bytes, keys: SourceKeys) -> str:
    # What only the source can do.
    return read_record(open_sealed(file, [keys.identity])).digest


def _offer(offer: Json, channel: str) -> envelope.Offer:
    return envelope.Offer(
        reference=offer["reference"],
        installation=offer["installation"],
        at=dt.date.fromisoformat(offer["date"]),
        organisation=offer["organisation"],
        authority=offer["authority"],
        channel=Channel(channel),
        policy_version=offer["policy_version"],
        directory_version=offer["directory_version"],
        members=tuple(
            OfferedMember(
                id=member["id"],
                role=Role(member["role"]),
                function=member["function"],
                unit=member["unit"],
                recipient=HybridRecipient.from_bytes(base64.b64decode(member["recipient"])),
                verification_key=VerificationKey(base64.b64decode(member["verification_key"])),
            )
            for member in offer["members"]
        ),
        trustees=tuple(
            OfferedTrustee(
                id=trustee["id"],
                recipient=HybridRecipient.from_bytes(base64.b64decode(trustee["recipient"])),
                verification_key=VerificationKey(base64.b64decode(trustee["verification_key"])),
            )
            for trustee in offer["trustees"]
        ),
        threshold=offer["trustee_threshold"],
    )
