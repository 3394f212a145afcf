"""A staffed installation in a folder, and sealed submissions made ready for it over HTTP as a browser would."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tipportal.cli.demo import prepare
from tipportal.envelope import HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.bodies import FactsBody
from tipportal.envelope.casecode import source_keys
from tipportal.envelope.genesis import Channel, OfferedMember, Role
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.records import SealedBy
from tipportal.envelope.trustees import OfferedTrustee
from tipportal.settings import Settings

ORGANISATION = "bjorkvik"
TEXT = "Hemtjänstföretaget skriver upp besök som aldrig har gjorts, flera gånger i veckan sedan i september. " * 6
JSON = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Ready:
    """A panel request and a sealed submission, as bytes to post."""

    panel: bytes
    case: bytes = field(repr=False)


def environment(data: Path) -> tuple[Settings, dict[str, str]]:
    """Staff an installation under ``data``; gives its settings, and the environment that its server needs."""
    settings, _ = prepare(80, data)
    return settings, {
        "TIPPORTAL_DATA_DIR": str(settings.data_dir),
        "TIPPORTAL_SECRET_KEY_FILE": str(settings.data_dir / "secret-key"),
        "TIPPORTAL_PUBLIC_URL": settings.public_url,
        "TIPPORTAL_SUBMISSIONS_PER_MINUTE": "100000",
    }


def ready(connection: http.client.HTTPConnection) -> Ready:
    """Fetch a token and a panel, and seal a tip of 600 characters to it."""
    token = post(connection, "/api/form-token", json.dumps({"purpose": "tip"}).encode())["csrf_token"]
    facts = {"area": "hemtjanst", "subject_role": "unknown", "concerns": []}
    asked = {"csrf_token": token, "organisation": ORGANISATION, "channel": "tip", "facts": facts}
    panel = json.dumps(asked).encode()
    offer = post(connection, "/api/panel", panel)
    sealed = sealing.build_submission(
        keys=source_keys(secrets.token_bytes(32)),
        offer=_offer(offer),
        facts=FactsBody("hemtjanst", "unknown", ()),
        answers={"what_happened": TEXT},
        language="sv",
        sealed_by=SealedBy.BROWSER,
        random=secrets.token_bytes,
    )
    return Ready(panel, json.dumps(_case(token, str(offer["ticket"]), sealed)).encode())


def post(connection: http.client.HTTPConnection, path: str, body: bytes, expected: int = 2) -> dict[str, object]:
    """Post JSON and read JSON. Raises RuntimeError unless the status begins with ``expected``."""
    connection.request("POST", path, body, JSON)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status // 100 != expected:
        raise RuntimeError(f"{path}: {answer.status} {content[:300]!r}")
    parsed: dict[str, object] = json.loads(content)
    return parsed


def _offer(offer: Mapping[str, object]) -> sealing.Offer:
    members, trustees = offer["members"], offer["trustees"]
    if not isinstance(members, list) or not isinstance(trustees, list):
        raise TypeError
    return sealing.Offer(
        reference=str(offer["reference"]),
        installation=str(offer["installation"]),
        at=date.fromisoformat(str(offer["date"])),
        organisation=str(offer["organisation"]),
        authority=str(offer["authority"]),
        channel=Channel.TIP,
        policy_version=_number(offer, "policy_version"),
        directory_version=_number(offer, "directory_version"),
        members=tuple(
            OfferedMember(
                id=member["id"],
                role=Role(member["role"]),
                function=member["function"],
                unit=member["unit"],
                recipient=HybridRecipient.from_bytes(base64.b64decode(member["recipient"])),
                verification_key=VerificationKey(base64.b64decode(member["verification_key"])),
            )
            for member in members
        ),
        trustees=tuple(
            OfferedTrustee(
                id=trustee["id"],
                recipient=HybridRecipient.from_bytes(base64.b64decode(trustee["recipient"])),
                verification_key=VerificationKey(base64.b64decode(trustee["verification_key"])),
            )
            for trustee in trustees
        ),
        threshold=int(str(offer["trustee_threshold"])),
    )


def _case(token: object, ticket: str, sealed: sealing.Submission) -> dict[str, object]:
    return {
        "csrf_token": token,
        "ticket": ticket,
        "genesis": sealed.gen,
        "source": {
            "recipient": _b64(sealed.source.raw),
            "verification_key": _b64(sealed.verification_key.raw),
            "lookup_digest": sealed.lookup_digest,
        },
        "work": _b64(sealed.work.raw),
        "dialogue": _b64(sealed.dialogue.raw),
        "records": [
            {
                "stream": record.stream.value,
                "kind": record.kind.value,
                "epoch": 0,
                "seq": 0,
                "prev": record.prev,
                "file": _b64(record.file),
            }
            for record in sealed.records
        ],
        "grants": [{"holder": g.holder, "kind": g.kind.value, "file": _b64(g.file)} for g in sealed.grants],
    }


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _number(offer: Mapping[str, object], name: str) -> int:
    number = offer[name]
    if not isinstance(number, int):
        raise TypeError(name)
    return number
