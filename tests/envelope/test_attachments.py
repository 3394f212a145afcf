"""What a record says of its attached files is signed, whole and of the protocol's form, or the record fails."""

import contextlib
import secrets
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import (
    OFFER,
    fixed_random,
    handler_writes,
    opened_row,
    sealed_case,
)
from tipportal.envelope import pad, seal
from tipportal.envelope.bodies import TextBody
from tipportal.envelope.canonical import Json, canonical, digest, encode_b64, parse_canonical
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.keys import SigningKey
from tipportal.envelope.reading import FailedRecord, OpenedRecord, VerifiedRecord, read_stream
from tipportal.envelope.records import (
    KINDS,
    MAX_HEADER_SIZE,
    Attachment,
    Chain,
    Header,
    Kind,
    SealedBy,
    Stream,
    parse_header,
    read_record,
    write_record,
)
from tipportal.envelope.refusals import RecordError, Refusal, ShapeError, SignatureError
from tipportal.envelope.submission import Next, build_dialogue_record, seal_next

QUIET = settings(derandomize=True, deadline=None, max_examples=200)
KEY = SigningKey(fixed_random("writer")(32))
BODY = TextBody("Se bilagorna.").encode()
PHOTO = Attachment(
    name="Foto från bygget \U0001f477.jpg",
    type="image/jpeg",
    size=3_141_592,
    sha256=digest(b"photo"),
    key=fixed_random("photo")(32),
    cleaned=True,
)
LIST = Attachment(name="lista", type="", size=1, sha256=digest(b"1"), key=fixed_random("list")(32))

PHOTO_JSON: dict[str, Json] = {
    "name": "Foto från bygget \U0001f477.jpg",
    "type": "image/jpeg",
    "size": 3_141_592,
    "sha256": digest(b"photo"),
    "key": encode_b64(PHOTO.key),
    "cleaned": True,
}
LIST_JSON: dict[str, Json] = {
    "name": "lista",
    "type": "",
    "size": 1,
    "sha256": digest(b"1"),
    "key": encode_b64(LIST.key),
    "cleaned": False,
}


def header_of(*attachments: Attachment, kind: Kind = Kind.MESSAGE, stream: Stream = Stream.DIALOGUE) -> Header:
    return Header(
        case="SKG-7K2M-9QXD",
        gen=digest(b"genesis"),
        stream=stream,
        epoch=0,
        kind=kind,
        seq=3,
        prev=digest(b"before"),
        recipient=digest(b"recipient"),
        author="h1",
        sealed_by=SealedBy.SERVER,
        at=OFFER.at,
        length=len(BODY),
        attachments=attachments,
    )


def members(*attachments: Attachment) -> dict[str, Json]:
    parsed = parse_canonical(header_of(*attachments).encode())
    assert isinstance(parsed, dict)
    return parsed


def test_round_trip() -> None:
    record = read_record(write_record(header_of(PHOTO, LIST), BODY, KEY))
    record.verify(KEY.verification_key)
    assert record.header.attachments == (PHOTO, LIST)
    assert parse_canonical(record.header_bytes) == {
        **members(),
        "attachments": [PHOTO_JSON, LIST_JSON],
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "another.jpg"),
        ("type", "image/png"),
        ("size", 3_141_593),
        ("sha256", digest(b"another photo")),
        ("key", fixed_random("another")(32)),
        ("cleaned", False),
    ],
)
def test_every_member_is_signed(name: str, value: object) -> None:
    changes: dict[str, Any] = {name: value}
    record = read_record(write_record(header_of(PHOTO), BODY, KEY))
    changed = replace(record, header_bytes=header_of(replace(PHOTO, **changes)).encode())
    with pytest.raises(SignatureError):
        changed.verify(KEY.verification_key)


def test_every_member_was_tried() -> None:
    """The list above is whole."""
    (marker,) = (mark for mark in getattr(test_every_member_is_signed, "pytestmark", []) if mark.name == "parametrize")
    assert {name for name, _ in marker.args[1]} == PHOTO_JSON.keys()


@pytest.mark.parametrize("others", [(LIST, PHOTO), (PHOTO,), (PHOTO, LIST, LIST), ()])
def test_number_and_order_are_signed(others: tuple[Attachment, ...]) -> None:
    record = read_record(write_record(header_of(PHOTO, LIST), BODY, KEY))
    with pytest.raises(SignatureError):
        replace(record, header_bytes=header_of(*others).encode()).verify(KEY.verification_key)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "x" * 256),
        ("name", 1),
        ("type", "Image/jpeg"),
        ("type", "image"),
        ("type", "image/jpeg; q=1"),
        ("type", "image/jpeg\n"),
        ("type", None),
        ("size", 0),
        ("size", -1),
        ("size", True),
        ("size", "1"),
        ("sha256", "A" * 64),
        ("sha256", "a" * 63),
        ("key", encode_b64(bytes(31))),
        ("key", encode_b64(bytes(33))),
        ("key", "A" * 43),
        ("key", "A" * 42 + "B="),
        ("key", None),
        ("cleaned", 0),
        ("cleaned", None),
        ("cleaned", "false"),
    ],
)
def test_malformed(name: str, value: Json) -> None:
    with pytest.raises(ShapeError) as refused:
        parse_header(canonical({**members(), "attachments": [{**LIST_JSON, name: value}]}))
    assert refused.value.reason == Refusal.VALUE


@pytest.mark.parametrize("value", [2**53, 1.5])
def test_sizes_that_are_no_sizes(value: float) -> None:
    text = header_of(LIST).encode().replace(b'"size":1,', f'"size":{value},'.encode())
    with pytest.raises(ShapeError):
        parse_header(text)


def test_members_are_all_and_only_these() -> None:
    lacking = [{key: LIST_JSON[key] for key in LIST_JSON if key != name} for name in LIST_JSON]
    for wrong in (*lacking, {**LIST_JSON, "more": 1}, [], "a"):
        with pytest.raises(ShapeError) as refused:
            parse_header(canonical({**members(), "attachments": [wrong]}))
        assert refused.value.reason == Refusal.MEMBERS


def test_bounds_are_taken() -> None:
    """Twenty files with the longest names, in the characters that take most room, stay within a header."""
    longest = Attachment(
        name="\x01" * 255,
        type=f"{'a' * 127}/{'b' * 127}",
        size=2**53 - 1,
        sha256=digest(b""),
        key=bytes(32),
    )
    header = header_of(*(replace(longest, key=bytes([place]) * 32) for place in range(20)))
    assert len(header.encode()) < MAX_HEADER_SIZE
    assert read_record(write_record(header, BODY, KEY)).header == header
    with pytest.raises(ShapeError):
        parse_header(header_of(*[LIST] * 21).encode())
    # Characters count, not the bytes or the halves that they are written as.
    wide = header_of(replace(LIST, name="\U0001f477" * 255))
    assert parse_header(wide.encode()) == wide


@pytest.mark.parametrize(("stream", "kind"), [(stream, kind) for stream in Stream for kind in sorted(KINDS[stream])])
def test_only_some_kinds_carry_files(stream: Stream, kind: Kind) -> None:
    header = header_of(LIST, kind=kind, stream=stream)
    if kind in {Kind.REPORT, Kind.MESSAGE, Kind.FEEDBACK, Kind.NOTE, Kind.FORM}:
        assert parse_header(header.encode()) == header
        return
    for refuse in (lambda: parse_header(header.encode()), lambda: write_record(header, BODY, KEY)):
        with pytest.raises(RecordError) as refused:
            refuse()
        assert refused.value.reason == Refusal.ATTACHMENTS


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "\ud800"},
        {"type": "Text"},
        {"size": 0},
        {"size": 2**53},
        {"sha256": ""},
        {"key": bytes(16)},
    ],
)
def test_writing_refuses_what_reading_would(changes: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        write_record(header_of(replace(PHOTO, **changes)), BODY, KEY)


@QUIET
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["name", "type", "size", "sha256", "key", "cleaned", "more"]),
            st.none() | st.booleans() | st.integers() | st.text(max_size=70) | st.lists(st.integers(), max_size=2),
            max_size=7,
        )
        | st.text(max_size=3),
        max_size=3,
    )
)
def test_any_attachments(values: list[Json]) -> None:
    """Members replaced by anything: taken whole, or refused with our error only."""
    attached: list[Json] = [{**LIST_JSON, **value} if isinstance(value, dict) else value for value in values]
    with contextlib.suppress(EnvelopeError):
        data = canonical({**members(), "attachments": attached})
        assert parse_header(data).encode() == data


def test_readers_find_the_files_of_a_report_and_of_an_answer() -> None:
    case = sealed_case(attachments=(PHOTO, LIST))
    report = case.submission.records[1]
    start = Chain.start(
        case=OFFER.reference, gen=case.submission.gen, stream=Stream.DIALOGUE, genesis_file=case.genesis_file
    )
    answer = build_dialogue_record(
        at=Next(start.after(report.file), 0, case.submission.dialogue),
        writer=handler_writes("h1"),
        text="Tack",
        random=secrets.token_bytes,
        kind=Kind.FEEDBACK,
        attachments=(LIST,),
    )
    rows = [opened_row(record, case.work_seed) for record in (report, answer)]
    read = read_stream(case.genesis(), case.genesis_file, Stream.DIALOGUE, [case.epoch], rows).records
    assert [one.header.attachments for one in read if isinstance(one, VerifiedRecord)] == [(PHOTO, LIST), (LIST,)]


def test_a_record_with_files_where_none_belong_fails_and_the_rest_is_read() -> None:
    """A handler's own client could sign a title with a file: it is shown as failed, and what follows still holds."""
    case = sealed_case()
    facts = case.submission.records[2]
    work = case.submission.work
    start = Chain.start(
        case=OFFER.reference, gen=case.submission.gen, stream=Stream.WORK, genesis_file=case.genesis_file
    ).after(facts.file)
    writer = handler_writes("h1")
    header = start.place(epoch=0, recipient=work).header(Kind.TITLE, writer, len(BODY), attachments=(LIST,)).encode()
    signature = writer.key.sign(b"tipportal/record/v1\0" + header + bytes.fromhex(digest(BODY)))
    title = pad(len(header).to_bytes(4, "big") + header + signature + BODY)
    file = seal(title, [work])
    after = Next(start.after(file), 0, work)
    note = seal_next(after, Kind.NOTE, BODY, writer, random=secrets.token_bytes, attachments=(LIST,))
    rows = [opened_row(facts, case.work_seed), OpenedRecord(0, 1, file, title), opened_row(note, case.work_seed)]
    read = read_stream(case.genesis(), case.genesis_file, Stream.WORK, [case.epoch], rows).records
    assert [isinstance(record, VerifiedRecord) for record in read] == [True, False, True]
    assert read[1] == FailedRecord(0, 1, Refusal.ATTACHMENTS)
