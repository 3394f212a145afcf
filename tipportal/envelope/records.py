"""Signed records: what is inside every age file of a case; `docs/protocol.md`, section 4.

age says nothing of who sealed a file. The record does: it binds text, writer, case, stream and place in the stream
together, so that files cannot be swapped, replayed, reordered or attributed to somebody else. Nothing here opens a
file; plaintext comes in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Final

from tipportal.envelope.age import RandomBytes, seal
from tipportal.envelope.canonical import MAX_INTEGER, Json, Members, canonical, digest, encode_b64, parse_canonical
from tipportal.envelope.errors import PaddingError
from tipportal.envelope.hybrid import SEED_SIZE, HybridRecipient
from tipportal.envelope.keys import SIGNATURE_SIZE, SigningKey, VerificationKey, recipient_hash
from tipportal.envelope.padding import pad, unpad
from tipportal.envelope.refusals import RecordError, Refusal, ShapeError

RECORD_VERSION: Final = 1
MAX_HEADER_SIZE: Final = 64 * 1024
MAX_ATTACHMENTS: Final = 20
MAX_FILE_NAME: Final = 255
NO_DIGEST: Final = "0" * 64
SOURCE: Final = "source"
STAFF: Final = "staff"
REFERENCE_PATTERN: Final = re.compile(r"[!-~]{1,64}")
PSEUDONYM_PATTERN: Final = re.compile(r"h[1-9][0-9]{0,2}")
TRUSTEE_PATTERN: Final = re.compile(r"t[1-9][0-9]{0,2}")
_AUTHOR_PATTERN: Final = re.compile(rf"{SOURCE}|{STAFF}|{PSEUDONYM_PATTERN.pattern}|{TRUSTEE_PATTERN.pattern}")
_WORD_PATTERN: Final = re.compile(r"[a-z]{1,16}")
_LENGTH_SIZE: Final = 4
_CONTEXT: Final = b"tipportal/record/v1\0"
_MAX_COUNT: Final = 2**31 - 1
_FILE_NAME_PATTERN: Final = re.compile(rf".{{1,{MAX_FILE_NAME}}}", re.DOTALL)
# The names that RFC 6838, section 4.2, lets be registered, in lower case and without parameters.
MEDIA_TYPE_PATTERN: Final = re.compile(r"(?:[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126})?")
_ATTACHMENT_NAMES: Final = frozenset({"name", "type", "size", "sha256", "key", "cleaned"})
_NAMES: Final = frozenset(
    {
        "v",
        "case",
        "gen",
        "stream",
        "epoch",
        "kind",
        "seq",
        "prev",
        "recipient",
        "from",
        "sealed_by",
        "at",
        "len",
        "attachments",
    }
)


class Stream(StrEnum):
    """One chain of records with one recipient; the genesis record and that of the vault stand alone."""

    GENESIS = "genesis"
    DIALOGUE = "dialogue"
    WORK = "work"
    VAULT = "vault"


class Kind(StrEnum):
    """What a record is."""

    GENESIS = "genesis"
    REPORT = "report"
    MESSAGE = "message"
    FEEDBACK = "feedback"
    NOTICE = "notice"
    EPOCH = "epoch"
    FACTS = "facts"
    TITLE = "title"
    NOTE = "note"
    ASSESSMENT = "assessment"
    FORM = "form"
    VAULT = "vault"


class SealedBy(StrEnum):
    """Where the record was sealed; the source is told which of the two it is."""

    BROWSER = "browser"
    SERVER = "server"


KINDS: Final = {
    Stream.GENESIS: frozenset({Kind.GENESIS}),
    Stream.DIALOGUE: frozenset({Kind.REPORT, Kind.MESSAGE, Kind.FEEDBACK, Kind.NOTICE, Kind.FORM, Kind.EPOCH}),
    Stream.WORK: frozenset({Kind.FACTS, Kind.TITLE, Kind.NOTE, Kind.ASSESSMENT, Kind.FORM, Kind.EPOCH}),
    Stream.VAULT: frozenset({Kind.VAULT}),
}
# A source who could write feedback could answer in the handlers' name.
SOURCE_KINDS: Final = frozenset({Kind.GENESIS, Kind.REPORT, Kind.FACTS, Kind.MESSAGE, Kind.FORM, Kind.EPOCH})
FIRST_KINDS: Final = frozenset({Kind.REPORT, Kind.FACTS})
HANDLER_KINDS: Final = frozenset(
    {Kind.MESSAGE, Kind.FEEDBACK, Kind.NOTICE, Kind.FORM, Kind.EPOCH, Kind.TITLE, Kind.NOTE, Kind.ASSESSMENT}
)
ATTACHING_KINDS: Final = frozenset({Kind.REPORT, Kind.MESSAGE, Kind.FEEDBACK, Kind.NOTE, Kind.FORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a record attaches; `docs/protocol.md`, section 4a. Name and type are the sender's word.

    :ivar name: 1–255 characters, to be made safe before it is shown or saved
    :ivar type: a media type in lower case, or nothing
    :ivar size: bytes of the file, at least 1
    :ivar sha256: digest of the file's bytes, lower-case hex
    :ivar key: the 32-byte identity seed that opens the file's own age file
    :ivar cleaned: whether hidden data about its making was taken out before it was sealed
    """

    name: str = field(repr=False)
    type: str
    size: int
    sha256: str = field(repr=False)
    key: bytes = field(repr=False)
    cleaned: bool = False

    def to_json(self) -> Json:
        """Give the members as they stand in a header."""
        return {
            "name": self.name,
            "type": self.type,
            "size": self.size,
            "sha256": self.sha256,
            "key": encode_b64(self.key),
            "cleaned": self.cleaned,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a record says of itself; each field is the member of the same name in the protocol (`author` is ``from``).

    Digests are lower-case hex; `length` is that of the body in bytes.
    """

    case: str
    gen: str
    stream: Stream
    epoch: int
    kind: Kind
    seq: int
    prev: str
    recipient: str
    author: str
    sealed_by: SealedBy
    at: date
    length: int
    attachments: tuple[Attachment, ...] = ()

    def encode(self) -> bytes:
        """Give the canonical bytes that are signed."""
        return canonical(
            {
                "v": RECORD_VERSION,
                "case": self.case,
                "gen": self.gen,
                "stream": self.stream.value,
                "epoch": self.epoch,
                "kind": self.kind.value,
                "seq": self.seq,
                "prev": self.prev,
                "recipient": self.recipient,
                "from": self.author,
                "sealed_by": self.sealed_by.value,
                "at": self.at.isoformat(),
                "len": self.length,
                "attachments": [attachment.to_json() for attachment in self.attachments],
            }
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was read: the received bytes are kept, for they are what was signed.

    It is not verified yet; `verify` is for whoever knows the key that its writer must have.
    """

    header: Header
    header_bytes: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 over header ‖ signature ‖ body, in hex: what a genesis record is known by."""
        return digest(self.header_bytes + self.signature + self.body)

    def verify(self, key: VerificationKey) -> None:
        """Return if the record was signed with this key; raises `SignatureError` otherwise."""
        key.verify(self.signature, _signed_bytes(self.header_bytes, self.body))

    def parsed_body(self) -> Json:
        """Give the body's JSON; raises `ShapeError` unless it is canonical."""
        return parse_canonical(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a case a record must stand: what `Record.header` is held against.

    `gen`, `prev` and `recipient` are hex digests; `prev` is that of the age file before it in the stream.
    """

    case: str
    gen: str
    stream: Stream
    epoch: int
    seq: int
    prev: str
    recipient: str

    def check(self, header: Header) -> None:
        """Return if the header stands here; raises `RecordError` with the first thing that differs."""
        for expected, found, refusal in (
            (self.case, header.case, Refusal.CASE),
            (self.gen, header.gen, Refusal.GENESIS),
            (self.stream, header.stream, Refusal.STREAM),
            (self.epoch, header.epoch, Refusal.EPOCH),
            (self.seq, header.seq, Refusal.SEQUENCE),
            (self.prev, header.prev, Refusal.PREVIOUS),
            (self.recipient, header.recipient, Refusal.RECIPIENT),
        ):
            if expected != found:
                raise RecordError(refusal)

    def header(self, kind: Kind, writer: "Writer", length: int, *, attachments: tuple[Attachment, ...] = ()) -> Header:
        """Give the header of a record that stands here, with a body of `length` bytes and these files."""
        return Header(
            case=self.case,
            gen=self.gen,
            stream=self.stream,
            epoch=self.epoch,
            kind=kind,
            seq=self.seq,
            prev=self.prev,
            recipient=self.recipient,
            author=writer.author,
            sealed_by=writer.sealed_by,
            at=writer.at,
            length=length,
            attachments=attachments,
        )


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a record, with which key, where, and on which date (Stockholm).

    :ivar author: ``source``, a pseudonym, ``staff`` in the dialogue, or for an epoch a trustee
    """

    author: str
    key: SigningKey = field(repr=False)
    sealed_by: SealedBy
    at: date


@dataclass(frozen=True, slots=True)
class Chain:
    """One stream as far as it has been read: knows where the next record must stand.

    :ivar next_seq: the sequence number that comes next
    :ivar prev: hex digest of the newest age file of the stream, or of the genesis age file before the first
    """

    case: str
    gen: str
    stream: Stream
    next_seq: int
    prev: str

    @classmethod
    def start(cls, *, case: str, gen: str, stream: Stream, genesis_file: bytes) -> "Chain":
        """Begin the stream of a case at its genesis age file."""
        return cls(case, gen, stream, 0, digest(genesis_file))

    def place(self, *, epoch: int, recipient: HybridRecipient) -> Place:
        """Give the next place, for a record sealed to this recipient in this epoch."""
        return Place(
            case=self.case,
            gen=self.gen,
            stream=self.stream,
            epoch=epoch,
            seq=self.next_seq,
            prev=self.prev,
            recipient=recipient_hash(recipient),
        )

    def after(self, file: bytes) -> "Chain":
        """Give the chain with this age file at its end."""
        return Chain(self.case, self.gen, self.stream, self.next_seq + 1, digest(file))


def write_record(header: Header, body: bytes, key: SigningKey) -> bytes:
    """Give the padded plaintext of a record: ``u32 header length | header | signature | body | zeros``.

    :raises RecordError: if the header tells another length than the body has, or a kind foreign to its stream.
    :raises ShapeError: for a header that no reader would take.
    """
    header_bytes = header.encode()
    # What is written must be readable: a record that nobody takes would be a report lost in silence.
    if parse_header(header_bytes).length != len(body):
        raise RecordError(Refusal.BODY_LENGTH)
    signature = key.sign(_signed_bytes(header_bytes, body))
    return pad(len(header_bytes).to_bytes(_LENGTH_SIZE, "big") + header_bytes + signature + body)


def read_record(plaintext: bytes) -> Record:
    """Read the padded plaintext of a record, strictly. The signature is not looked at: see `Record.verify`.

    :raises RecordError: if it is cut, padded in another way than ours, or its header contradicts itself.
    :raises ShapeError: if the header is not the canonical JSON of the protocol.
    """
    size = int.from_bytes(plaintext[:_LENGTH_SIZE], "big")
    body_start = _LENGTH_SIZE + size + SIGNATURE_SIZE
    if len(plaintext) < body_start:
        raise RecordError(Refusal.RECORD_TRUNCATED)
    header_bytes = plaintext[_LENGTH_SIZE : _LENGTH_SIZE + size]
    header = parse_header(header_bytes)
    try:
        content = unpad(plaintext, body_start + header.length)
    except PaddingError:
        raise RecordError(Refusal.RECORD_PADDING) from None
    return Record(header, header_bytes, content[_LENGTH_SIZE + size : body_start], content[body_start:])


def parse_header(data: bytes) -> Header:
    """Read the canonical JSON of a header.

    :raises ShapeError: for other JSON, members or values.
    :raises RecordError: for another version, a kind foreign to its stream, or files on a kind that carries none.
    """
    members = Members(parse_canonical(data, max_size=MAX_HEADER_SIZE), _NAMES)
    if members.integer("v") != RECORD_VERSION:
        raise RecordError(Refusal.VERSION)
    try:
        stream = Stream(members.text("stream", _WORD_PATTERN))
        kind = Kind(members.text("kind", _WORD_PATTERN))
        sealed_by = SealedBy(members.text("sealed_by", _WORD_PATTERN))
    except ValueError:
        raise ShapeError(Refusal.VALUE) from None
    if kind not in KINDS[stream]:
        raise RecordError(Refusal.KIND)
    attached = members.items("attachments", most=MAX_ATTACHMENTS)
    if attached and kind not in ATTACHING_KINDS:
        raise RecordError(Refusal.ATTACHMENTS)
    return Header(
        case=members.text("case", REFERENCE_PATTERN),
        gen=members.digest("gen"),
        stream=stream,
        epoch=members.integer("epoch", most=_MAX_COUNT),
        kind=kind,
        seq=members.integer("seq", most=_MAX_COUNT),
        prev=members.digest("prev"),
        recipient=members.digest("recipient"),
        author=members.text("from", _AUTHOR_PATTERN),
        sealed_by=sealed_by,
        at=members.day("at"),
        length=members.integer("len", most=_MAX_COUNT),
        attachments=tuple(_parse_attachment(value) for value in attached),
    )


def seal_record(
    header: Header,
    body: bytes,
    key: SigningKey,
    recipients: Sequence[HybridRecipient],
    *,
    random: RandomBytes,
) -> bytes:
    """Give the age file of a record.

    :raises RecordError: as `write_record`, and if the header names other recipients than these.
    :raises EnvelopeError: as `tipportal.envelope.seal`.
    """
    # A reader refuses a file that somebody else was also sealed to; it must be refused here, while there is a text.
    if header.recipient != recipient_hash(*recipients):
        raise RecordError(Refusal.RECIPIENT)
    return seal(write_record(header, body, key), recipients, random=random)


def _parse_attachment(value: Json) -> Attachment:
    members = Members(value, _ATTACHMENT_NAMES)
    size = members.integer("size", most=MAX_INTEGER)
    # An empty file has nothing to tell, and "nothing" must not pass for a file that came through.
    if size == 0:
        raise ShapeError(Refusal.VALUE)
    return Attachment(
        name=members.text("name", _FILE_NAME_PATTERN),
        type=members.text("type", MEDIA_TYPE_PATTERN),
        size=size,
        sha256=members.digest("sha256"),
        key=members.octets("key", SEED_SIZE),
        cleaned=members.flag("cleaned"),
    )


def _signed_bytes(header_bytes: bytes, body: bytes) -> bytes:
    # The body's digest has one length, so header and body cannot be divided in another way.
    return _CONTEXT + header_bytes + sha256(body).digest()
