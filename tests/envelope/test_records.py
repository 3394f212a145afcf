"""A record says who wrote what and where it stands; nothing of that can be changed, cut or moved unnoticed."""

import contextlib
import json
import secrets
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import seed
from tipportal.envelope import inspect
from tipportal.envelope.canonical import Json, canonical, digest, parse_canonical
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import SigningKey, VerificationKey, recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.padding import pad, padded_length
from tipportal.envelope.records import (
    MAX_HEADER_SIZE,
    Chain,
    Header,
    Kind,
    Place,
    SealedBy,
    Stream,
    parse_header,
    read_record,
    seal_record,
    write_record,
)
from tipportal.envelope.refusals import RecordError, Refusal, ShapeError, SignatureError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "records.json").read_text())
QUIET = settings(derandomize=True, deadline=None, max_examples=200)
KEY = SigningKey(seed("writer"))
READER = HybridIdentity(seed("reader"))
BODY = canonical({"text": "Tack. Vi återkommer."})
HEADER = Header(
    case="2026-0001",
    gen=digest(b"genesis"),
    stream=Stream.DIALOGUE,
    epoch=2,
    kind=Kind.MESSAGE,
    seq=5,
    prev=digest(b"before"),
    recipient=recipient_hash(READER.recipient),
    author="h1",
    sealed_by=SealedBy.BROWSER,
    at=date(2026, 11, 22),
    length=len(BODY),
)
PLAINTEXT = write_record(HEADER, BODY, KEY)
PLACE = Place(
    case=HEADER.case,
    gen=HEADER.gen,
    stream=HEADER.stream,
    epoch=HEADER.epoch,
    seq=HEADER.seq,
    prev=HEADER.prev,
    recipient=HEADER.recipient,
)


def _assembled(header: bytes, *, signature: bytes = bytes(64), body: bytes = BODY) -> bytes:
    return pad(len(header).to_bytes(4, "big") + header + signature + body)


def _members() -> dict[str, Json]:
    members = parse_canonical(HEADER.encode())
    assert isinstance(members, dict)
    return members


@pytest.mark.parametrize("vector", VECTORS["records"])
def test_vectors(vector: dict[str, object]) -> None:
    """Written from the header's JSON by hand, against what `write_record` makes and `read_record` takes."""
    header, body = str(vector["header"]).encode(), str(vector["body"]).encode()
    key = SigningKey(bytes.fromhex(str(vector["signing_seed"])))
    signed = b"tipportal/record/v1\0" + header + bytes.fromhex(digest(body))
    assert key.sign(signed).hex() == vector["signature"]
    plaintext = _assembled(header, signature=bytes.fromhex(str(vector["signature"])), body=body)
    assert (len(plaintext), digest(plaintext)) == (vector["plaintext_length"], vector["plaintext_sha256"])
    assert write_record(parse_header(header), body, key) == plaintext
    record = read_record(plaintext)
    record.verify(VerificationKey(bytes.fromhex(str(vector["verification_key"]))))
    assert record.digest == vector["digest"] == digest(header + record.signature + body)


@QUIET
@given(
    st.binary(max_size=9000),
    st.fixed_dictionaries(
        {
            "epoch": st.integers(0, 2**31 - 1),
            "seq": st.integers(0, 2**31 - 1),
            "at": st.dates(),
            "author": st.sampled_from(["source", "staff", "h1", "h999"]),
            "sealed_by": st.sampled_from(SealedBy),
            "kind": st.sampled_from([Kind.REPORT, Kind.MESSAGE, Kind.FEEDBACK, Kind.EPOCH]),
        }
    ),
)
def test_round_trip(body: bytes, changes: dict[str, Any]) -> None:
    header = replace(HEADER, length=len(body), **changes)
    plaintext = write_record(header, body, KEY)
    record = read_record(plaintext)
    record.verify(KEY.verification_key)
    assert (record.header, record.body) == (header, body)
    assert len(plaintext) == padded_length(4 + len(header.encode()) + 64 + len(body))


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("case", "2026-0002", Refusal.CASE),
        ("gen", digest(b"another"), Refusal.GENESIS),
        ("stream", Stream.WORK, Refusal.STREAM),
        ("epoch", 1, Refusal.EPOCH),
        ("seq", 6, Refusal.SEQUENCE),
        ("prev", digest(b"another"), Refusal.PREVIOUS),
        ("recipient", digest(b"another"), Refusal.RECIPIENT),
    ],
)
def test_another_place(name: str, value: object, refusal: Refusal) -> None:
    """A record that was signed for another place is refused by what tells them apart."""
    changes: dict[str, Any] = {name: value, "kind": Kind.EPOCH}
    changed = replace(HEADER, **changes)
    record = read_record(write_record(changed, BODY, KEY))
    record.verify(KEY.verification_key)
    with pytest.raises(RecordError) as refused:
        PLACE.check(record.header)
    assert refused.value.reason == refusal


def test_its_own_place() -> None:
    PLACE.check(read_record(PLAINTEXT).header)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("case", "2026-0002"),
        ("gen", digest(b"another")),
        ("stream", "work"),
        ("epoch", 1),
        ("kind", "feedback"),
        ("seq", 6),
        ("prev", digest(b"another")),
        ("recipient", digest(b"another")),
        ("from", "h2"),
        ("sealed_by", "server"),
        ("at", "2026-11-23"),
        ("v", 2),
        ("len", len(BODY) - 1),
        (
            "attachments",
            [{"name": "a", "type": "", "size": 1, "sha256": "a" * 64, "key": "A" * 43 + "=", "cleaned": False}],
        ),
    ],
)
def test_every_member_is_signed(name: str, value: Json) -> None:
    """Changing any member of the header under the old signature is refused, while reading or while verifying."""
    assert _members().keys() >= {name}
    changed = canonical({**_members(), name: value})
    with pytest.raises((RecordError, SignatureError)):
        read_record(_assembled(changed, signature=read_record(PLAINTEXT).signature)).verify(KEY.verification_key)


def test_every_member_was_tried() -> None:
    """The list above is whole."""
    (marker,) = (mark for mark in getattr(test_every_member_is_signed, "pytestmark", []) if mark.name == "parametrize")
    assert {name for name, _ in marker.args[1]} == _members().keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("case", ""),
        ("case", "två"),
        ("case", 1),
        ("gen", "A" * 64),
        ("prev", "0" * 63),
        ("recipient", None),
        ("stream", "other"),
        ("kind", "rumour"),
        ("epoch", -1),
        ("epoch", True),
        ("seq", 2**31),
        ("seq", "5"),
        ("from", "h0"),
        ("from", "h1000"),
        ("from", "Source"),
        ("sealed_by", "printer"),
        ("at", "2026-02-30"),
        ("at", "22 november"),
        ("len", 1.5),
        ("attachments", {}),
    ],
)
def test_malformed_members(name: str, value: Json) -> None:
    with pytest.raises(EnvelopeError):
        parse_header(json.dumps({**_members(), name: value}, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(("stream", "kind"), [("genesis", "message"), ("dialogue", "note"), ("work", "report")])
def test_kind_belongs_to_stream(stream: str, kind: str) -> None:
    with pytest.raises(RecordError) as refusal:
        parse_header(canonical({**_members(), "stream": stream, "kind": kind}))
    assert refusal.value.reason == Refusal.KIND


def test_members_are_all_and_only_these() -> None:
    for name in _members():
        with pytest.raises(ShapeError):
            parse_header(canonical({key: value for key, value in _members().items() if key != name}))
    with pytest.raises(ShapeError):
        parse_header(canonical({**_members(), "more": 1}))


def test_header_is_bounded() -> None:
    with pytest.raises(ShapeError) as refusal:
        read_record(_assembled(b" " * (MAX_HEADER_SIZE + 1)))
    assert refusal.value.reason == Refusal.TOO_LARGE


@QUIET
@given(st.integers(0, 4 + len(HEADER.encode()) + 64 + len(BODY) - 1), st.integers(1, 255))
def test_changed_byte(place: int, change: int) -> None:
    changed = PLAINTEXT[:place] + bytes([PLAINTEXT[place] ^ change]) + PLAINTEXT[place + 1 :]
    with pytest.raises(EnvelopeError):
        read_record(changed).verify(KEY.verification_key)


@QUIET
@given(st.integers(0, len(PLAINTEXT) - 1))
def test_cut(end: int) -> None:
    with pytest.raises(EnvelopeError):
        read_record(PLAINTEXT[:end])


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 4096, b"x"])
def test_longer(tail: bytes) -> None:
    """More zeros are refused too: one record has one plaintext."""
    with pytest.raises(RecordError) as refusal:
        read_record(PLAINTEXT + tail)
    assert refusal.value.reason == Refusal.RECORD_PADDING


def test_nothing_hides_in_the_padding() -> None:
    with pytest.raises(RecordError) as refusal:
        read_record(PLAINTEXT[:-1] + b"\1")
    assert refusal.value.reason == Refusal.RECORD_PADDING


@QUIET
@given(st.binary(max_size=6000) | st.binary(max_size=300).map(pad))
def test_any_bytes(data: bytes) -> None:
    """Only our error comes out."""
    with pytest.raises(EnvelopeError):
        read_record(data)


@QUIET
@given(
    st.dictionaries(
        st.sampled_from(sorted(_members())),
        st.none() | st.booleans() | st.integers() | st.text(max_size=70) | st.lists(st.integers(), max_size=2),
        max_size=3,
    )
)
def test_any_header(changes: dict[str, Json]) -> None:
    """With some members replaced by anything: taken whole, or refused with our error only."""
    with contextlib.suppress(EnvelopeError):
        data = canonical({**_members(), **changes})
        assert parse_header(data).encode() == data


def test_another_key() -> None:
    with pytest.raises(SignatureError):
        read_record(PLAINTEXT).verify(SigningKey(seed("another")).verification_key)


def test_writing_refuses_what_reading_would() -> None:
    for header in (
        replace(HEADER, length=len(BODY) + 1),
        replace(HEADER, author="h0"),
        replace(HEADER, kind=Kind.NOTE),
        replace(HEADER, case="x" * 65),
    ):
        with pytest.raises(EnvelopeError):
            write_record(header, BODY, KEY)


def test_sealed_to_whom_the_header_names() -> None:
    file = seal_record(HEADER, BODY, KEY, [READER.recipient], random=secrets.token_bytes)
    assert inspect(file).payload_size == 4096
    assert open_sealed(file, [READER]) == PLAINTEXT
    other = HybridIdentity(seed("other")).recipient
    for recipients in ([other], [READER.recipient, other], []):
        with pytest.raises(RecordError) as refusal:
            seal_record(HEADER, BODY, KEY, recipients, random=secrets.token_bytes)
        assert refusal.value.reason == Refusal.RECIPIENT


def test_chain() -> None:
    chain = Chain.start(case="c", gen=digest(b"g"), stream=Stream.WORK, genesis_file=b"genesis file")
    place = chain.place(epoch=0, recipient=READER.recipient)
    assert (place.seq, place.prev, place.recipient) == (0, digest(b"genesis file"), HEADER.recipient)
    place = chain.after(b"one").after(b"two").place(epoch=1, recipient=READER.recipient)
    assert (place.seq, place.prev, place.epoch, place.stream) == (2, digest(b"two"), 1, Stream.WORK)


def test_text_does_not_show() -> None:
    record = read_record(PLAINTEXT)
    assert "Tack" not in repr(record)
    assert KEY.seed.hex() not in repr(record)
