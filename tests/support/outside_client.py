"""Another client of a source, written from `docs/protocol.md` alone: sections named below are those of that document.

It shares with the portal what age and HPKE are, which has vectors of age's own, and nothing else: not records, chain or
codes. What it needs to know stands in the document, or it does not work.
"""

from __future__ import annotations

import base64
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

from tests.support.outside_envelope import (
    Answer,
    Case,
    File,
    Record,
    Sent,
    Source,
    b64,
    check_panel,
    new_case,
    new_code,
    new_message,
    opened,
    padded,
    sha256,
    verified,
)
from tipportal.envelope import HybridIdentity, seal

PART = 4_194_304


class Refused(Exception):
    """An answer that is a problem: its status and its stable code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Client:
    """Speaks to the public face at `url`, which has no slash at its end."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        extra = {} if content is None else {"Content-Type": kind}
        request = urllib.request.Request(  # noqa: S310 - the address is a test's own
            self.url + path, content, {**extra, **(headers or {})}, method=method
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.loads(error.read())["code"]) from None

    def asked(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        answer: Answer = json.loads(self.ask(method, path, body, headers)[1])
        return answer

    def token(self, purpose: str, organisation: str | None = None) -> str:
        asked = self.asked("POST", "/api/form-token", {"organisation": organisation, "purpose": purpose})
        return str(asked["csrf_token"])

    # Files, section 4a

    def send(self, file: File, token: str) -> Sent:
        """Seal a file and send it in parts, going on from what stands when a part does not arrive."""
        seed = secrets.token_bytes(32)
        sealed = seal(padded(file.content), [HybridIdentity(seed).recipient])
        upload = secrets.token_hex(16)
        while (start := self.received(upload)) < len(sealed):
            self.send_part(upload, token, sealed, start)
        attachment = {
            "name": file.name,
            "type": file.type,
            "size": len(file.content),
            "sha256": sha256(file.content),
            "key": b64(seed),
            "cleaned": False,
        }
        return Sent(attachment, {"upload": upload, "size": len(sealed)})

    def received(self, upload: str) -> int:
        return int(self.asked("GET", "/api/uploads", headers={"Tipportal-Upload": upload})["received"])

    def send_part(self, upload: str, token: str, sealed: bytes, start: int) -> None:
        headers = self.part_headers(upload, token, sealed, start)
        self.ask("POST", "/api/uploads", sealed[start : start + PART], headers)

    def part_headers(self, upload: str, token: str, sealed: bytes, start: int) -> dict[str, str]:
        named = {"Tipportal-CSRF": token, "Tipportal-Upload": upload}
        return named | {"Tipportal-Offset": str(start), "Tipportal-Size": str(len(sealed))}

    # A new case, sections 3, 4 and 6

    def submit(
        self, organisation: str, channel: str, answers: Answer, *, files: Sequence[File] = ()
    ) -> tuple[Source, Answer]:
        """Leave a tip or a report; give what its code gives, and the server's answer."""
        token = self.token(channel, organisation)
        sent = [self.send(file, token) for file in files]
        facts = {"area": "", "subject_role": "unknown", "concerns": []}
        panel = self.asked(
            "POST",
            "/api/panel",
            {"csrf_token": token, "organisation": organisation, "channel": channel, "facts": facts},
        )
        check_panel(panel["members"], facts["concerns"])
        source = Source.of(new_code(), bytes.fromhex(panel["installation"]))
        body = {"form": channel, "language": "sv", "answers": answers}
        asked = new_case(source, panel, channel, body, facts, sent)
        return source, self.asked("POST", "/api/cases", {**asked, "csrf_token": token})

    # A case that exists

    def read(self, source: Source) -> Case:
        answer = self.asked("GET", "/api/case", headers=lookup(source))
        return verified(source, answer)

    def fetch(self, source: Source, record: Record, position: int) -> File:
        """Fetch an attached file and open it with the key that its record names."""
        sealed = self.ask("GET", f"/api/case/files/{record.header['seq']}/{position}", headers=lookup(source))[1]
        named = record.header["attachments"][position]
        plain = opened(sealed, base64.b64decode(named["key"]))
        content = plain[: named["size"]]
        assert padded(content) == plain
        assert sha256(content) == named["sha256"]
        return File(named["name"], named["type"], content)

    def write(self, source: Source, text: str, *, files: Sequence[File] = ()) -> Answer:
        """Send a message."""
        token = self.token("case")
        sent = [self.send(file, token) for file in files]
        case = self.read(source)
        record = new_message(source, case, text, sent)
        return self.asked("POST", "/api/case/records", {"csrf_token": token, "record": record}, lookup(source))


def lookup(source: Source) -> dict[str, str]:
    return {"Tipportal-Lookup": base64.urlsafe_b64encode(source.lookup).decode().rstrip("=")}
