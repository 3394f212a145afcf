"""The formats of `docs/protocol.md` for `outside_client`: sections named below are those of that document."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tipportal.envelope import HybridIdentity, HybridRecipient, seal
from tipportal.envelope.opening import open_stream

ROUNDS = 600_000
NOTHING = "0" * 64
WORDS = (Path(__file__).parents[2] / "tipportal" / "envelope" / "wordlist.txt").read_text("ascii").split()

Answer: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class File:
    """A file to attach, or one that was opened."""

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Sent:
    """A file that has been sent: how a record's header names it, and how its request does."""

    attachment: Answer = field(repr=False)
    upload: Answer


@dataclass(frozen=True)
class Source:
    """What a code gives, section 2."""

    code: str = field(repr=False)
    identity: HybridIdentity = field(repr=False)
    lookup: bytes = field(repr=False)
    signing: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, code: str, installation: bytes) -> Source:
        root = hashlib.pbkdf2_hmac("sha256", code.encode(), installation + b"/case-code/v1", ROUNDS, 32)
        return cls(
            code,
            HybridIdentity(derive(root, "tipportal/v1/source/age")),
            derive(root, "tipportal/v1/source/lookup"),
            Ed25519PrivateKey.from_private_bytes(derive(root, "tipportal/v1/source/ed25519")),
        )

    @property
    def verification_key(self) -> bytes:
        return self.signing.public_key().public_bytes_raw()


@dataclass(frozen=True)
class Record:
    """A record that was opened and found right."""

    header: Answer = field(repr=False)
    body: Answer = field(repr=False)


@dataclass(frozen=True)
class Case:
    """A case as its source sees it: the server's answer, what was verified in it, and where the next record goes."""

    answer: Answer = field(repr=False)
    genesis: Answer = field(repr=False)
    gen: str
    records: tuple[Record, ...]
    newest: HybridRecipient
    """The recipient of the newest epoch's dialogue."""


def derive(secret: bytes, label: str) -> bytes:
    return HKDF(SHA256(), 32, None, label.encode()).derive(secret)


def canonical(value: object) -> bytes:
    """RFC 8785, for what section 1 lets occur."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def padded(content: bytes) -> bytes:
    """Fill up with zeros to `max(4096, Padmé(n))`, section 1."""
    size = len(content)
    exponent = size.bit_length() - 1
    step = 1 << max(0, exponent - exponent.bit_length())
    return content.ljust(max(4096, -(-size // step) * step), b"\0")


def opened(sealed: bytes, *seeds: bytes) -> bytes:
    plain = io.BytesIO()
    open_stream(io.BytesIO(sealed), plain, [HybridIdentity(seed) for seed in seeds])
    return plain.getvalue()


def record_of(plain: bytes) -> tuple[bytes, Answer, bytes, bytes]:
    """Take a record's plaintext apart: header as it stands, header, signature, body. Section 4."""
    end = 4 + int.from_bytes(plain[:4])
    raw = plain[4:end]
    header = json.loads(raw)
    stop = end + 64 + header["len"]
    assert canonical(header) == raw
    assert padded(plain[:stop]) == plain
    return raw, header, plain[end : end + 64], plain[end + 64 : stop]


def signed(raw: bytes, body: bytes) -> bytes:
    return b"tipportal/record/v1\0" + raw + hashlib.sha256(body).digest()


def new_code() -> str:
    return " ".join(secrets.choice(WORDS) for _ in range(9))


def check_panel(members: Sequence[Answer], concerns: Sequence[str]) -> None:
    """The rules for an offer, section 4: otherwise nothing is sent."""
    panel = [member for member in members if member["role"] == "panel"]
    assert len(panel) >= 2
    assert len({member["unit"] for member in panel}) >= 2
    assert len({member["recipient"] for member in members}) == len(members)
    assert len({member["verification_key"] for member in members}) == len(members)
    assert not {f"unit:{member['unit']}" for member in members} & set(concerns)
    assert not {f"function:{member['function']}" for member in members} & set(concerns)


def recipient_hash(*recipients: HybridRecipient) -> str:
    return sha256(b"".join(recipient.raw for recipient in recipients))


def sealed_record(source: Source, header: Answer, body: object, recipients: Sequence[HybridRecipient]) -> Answer:
    """Sign and seal a record; give it as requests carry it, with the digest of what was sealed under `digest`."""
    content = canonical(body)
    named = {"recipient": recipient_hash(*recipients), "from": "source", "sealed_by": "browser", "len": len(content)}
    whole = {"v": 1, "attachments": [], **header, **named}
    raw = canonical(whole)
    said = raw + source.signing.sign(signed(raw, content)) + content
    carried = {name: whole[name] for name in ("stream", "kind", "epoch", "seq", "prev")}
    return {**carried, "file": seal(padded(len(raw).to_bytes(4) + said), recipients), "digest": sha256(said)}


def carried(record: Answer, sent: Sequence[Sent] = ()) -> Answer:
    files = {"files": [each.upload for each in sent]} if sent else {}
    told = {name: value for name, value in record.items() if name != "digest"}
    return {**told, "file": b64(record["file"]), **files}


def times(a: int, b: int) -> int:
    """Multiply in the field of section 3's shares."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = (a << 1) ^ (0x11B if a & 0x80 else 0), b >> 1
    return product


def shared(secret: bytes, count: int, threshold: int) -> list[bytes]:
    """Split a secret, section 3: nobody's shares where there are no trustees."""
    lines = [bytes([byte]) + secrets.token_bytes(max(threshold - 1, 0)) for byte in secret]
    shares = []
    for x in range(1, count + 1):
        values = []
        for line in lines:
            value = 0
            for coefficient in reversed(line):
                value = times(value, x) ^ coefficient
            values.append(value)
        shares.append(bytes([*values, x]))
    return shares


def new_case(
    source: Source, panel: Answer, channel: str, report: Answer, facts: Answer, sent: Sequence[Sent]
) -> Answer:
    """Everything of `POST /api/cases` but the token."""
    work_seed = secrets.token_bytes(32)
    dialogue_seed = derive(work_seed, "tipportal/v1/dialogue")
    work, dialogue = HybridIdentity(work_seed).recipient, HybridIdentity(dialogue_seed).recipient
    members = [{**member, "recipient": sha256(base64.b64decode(member["recipient"]))} for member in panel["members"]]
    trustees = [{**one, "recipient": sha256(base64.b64decode(one["recipient"]))} for one in panel["trustees"]]
    copied = ("installation", "organisation", "authority", "policy_version", "directory_version")
    genesis_body = {
        **{name: panel[name] for name in copied},
        "trustees": trustees,
        "threshold": panel["trustee_threshold"],
        "vault": None,
        "v": 1,
        "channel": channel,
        "case": panel["reference"],
        "source": {
            "recipient": recipient_hash(source.identity.recipient),
            "verification_key": b64(source.verification_key),
        },
        "work": recipient_hash(work),
        "dialogue": recipient_hash(dialogue),
        "members": members,
    }
    first = {"case": panel["reference"], "epoch": 0, "seq": 0, "at": panel["date"]}
    genesis = sealed_record(
        source,
        {**first, "gen": NOTHING, "stream": "genesis", "kind": "genesis", "prev": NOTHING},
        genesis_body,
        [source.identity.recipient, work],
    )
    chained = {**first, "gen": genesis["digest"], "prev": sha256(genesis["file"])}
    attachments = [each.attachment for each in sent]
    told = {**chained, "stream": "dialogue", "kind": "report", "attachments": attachments}
    grants = [
        (member["id"], member["role"], HybridRecipient.from_bytes(base64.b64decode(member["recipient"])), work_seed)
        for member in panel["members"]
    ]
    for one, share in zip(panel["trustees"], shared(work_seed, len(trustees), panel["trustee_threshold"]), strict=True):
        recipient = HybridRecipient.from_bytes(base64.b64decode(one["recipient"]))
        grants.append((one["id"], "trustee_share", recipient, share))
    grants.append(("source", "source", source.identity.recipient, dialogue_seed))
    return {
        "ticket": panel["ticket"],
        "genesis": chained["gen"],
        "source": {
            "recipient": b64(source.identity.recipient.raw),
            "verification_key": b64(source.verification_key),
            "lookup_digest": sha256(source.lookup),
        },
        "work": b64(work.raw),
        "dialogue": b64(dialogue.raw),
        "records": [
            carried(genesis),
            carried(sealed_record(source, told, report, [dialogue]), sent),
            carried(sealed_record(source, {**chained, "stream": "work", "kind": "facts"}, facts, [work])),
        ],
        "grants": [
            {"holder": holder, "kind": kind, "file": b64(seal(seed, [recipient]))}
            for holder, kind, recipient, seed in grants
        ],
    }


def verified(source: Source, answer: Answer) -> Case:
    """Open a case and check all of it, section 4. Nothing here forgives: a failed record raises."""
    sealed_genesis = base64.b64decode(answer["genesis"])
    plain = opened(sealed_genesis, source.identity.seed)
    raw, header, signature, content = record_of(plain)
    Ed25519PublicKey.from_public_bytes(source.verification_key).verify(signature, signed(raw, content))
    genesis = json.loads(content)
    assert genesis["source"]["verification_key"] == b64(source.verification_key)
    assert (header["kind"], header["gen"], header["prev"], genesis["case"]) == (
        "genesis", NOTHING, NOTHING, answer["reference"],
    )  # fmt: skip
    assert genesis["installation"] == answer["installation"]
    gen = sha256(raw + signature + content)
    chain = _Chain(answer["reference"], gen, sha256(sealed_genesis), source.verification_key, genesis)
    seeds = {
        each["epoch"]: opened(base64.b64decode(each["grant"]), source.identity.seed)
        for each in answer["epochs"]
        if each["grant"] is not None
    }
    records = tuple(chain.next(each, seeds[each["epoch"]]) for each in answer["records"])
    newest = max(answer["epochs"], key=lambda each: int(each["epoch"]))
    recipient = HybridRecipient.from_bytes(base64.b64decode(newest["dialogue"]))
    assert recipient_hash(recipient) == chain.dialogue
    assert chain.epoch == newest["epoch"]
    return Case(answer, genesis, gen, records, recipient)


class _Chain:
    """The dialogue as far as it has been checked."""

    def __init__(self, case: str, gen: str, prev: str, source: bytes, genesis: Answer) -> None:
        self.case, self.gen, self.prev, self.source = case, gen, prev, source
        self.dialogue: str = genesis["dialogue"]
        self.epoch = 0
        self.seq = 0
        self.keys = _keys(genesis["members"])

    def next(self, told: Answer, seed: bytes) -> Record:
        sealed = base64.b64decode(told["file"])
        raw, header, signature, content = record_of(opened(sealed, seed))
        body = json.loads(content)
        if header["kind"] == "epoch":
            # Whether enough of those who stay have signed it is left out here: this client shows nothing to anybody.
            assert header["epoch"] == self.epoch + 1
            self.epoch, self.dialogue = header["epoch"], body["dialogue"]
        own = HybridIdentity(seed).recipient
        places = ("case", "gen", "stream", "epoch", "seq", "prev", "recipient", "kind")
        expected = (
            self.case, self.gen, "dialogue", self.epoch, self.seq, self.prev, recipient_hash(own), told["kind"],
        )  # fmt: skip
        assert tuple(header[name] for name in places) == expected
        assert header["recipient"] == self.dialogue
        self._verify(header["from"], signature, signed(raw, content))
        if header["kind"] == "epoch":
            self.keys = _keys(body["members"])
        self.prev, self.seq = sha256(sealed), self.seq + 1
        return Record(header, body)

    def _verify(self, author: str, signature: bytes, message: bytes) -> None:
        if author == "source":
            candidates = [self.source]
        elif author == "staff":
            candidates = list(self.keys.values())
        else:
            candidates = [self.keys[author]]
        for key in candidates:
            try:
                return Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
            except InvalidSignature:
                continue
        raise InvalidSignature


def _keys(members: Sequence[Answer]) -> dict[str, bytes]:
    return {member["id"]: base64.b64decode(member["verification_key"]) for member in members}


def new_message(source: Source, case: Case, text: str, sent: Sequence[Sent]) -> Answer:
    last = case.records[-1]
    header = {
        "case": case.answer["reference"],
        "gen": case.gen,
        "stream": "dialogue",
        "epoch": max(int(each["epoch"]) for each in case.answer["epochs"]),
        "kind": "message",
        "seq": last.header["seq"] + 1,
        "prev": sha256(base64.b64decode(case.answer["records"][-1]["file"])),
        "at": case.answer["date"],
        "attachments": [each.attachment for each in sent],
    }
    return carried(sealed_record(source, header, {"text": text}, [case.newest]), sent)
