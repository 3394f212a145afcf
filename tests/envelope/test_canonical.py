"""One JSON value has one byte string, and nothing else is read."""

import json
from datetime import date
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.envelope.canonical import (
    MAX_DEPTH,
    MAX_INTEGER,
    Json,
    Members,
    canonical,
    decode_b64,
    encode_b64,
    parse_canonical,
)
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.refusals import Refusal, ShapeError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "canonical.json").read_text())
QUIET = settings(derandomize=True, deadline=None, max_examples=300)
TEXTS = st.text(st.characters(codec="utf-8"))
KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@QUIET
@given(VALUES)
def test_round_trip(value: Json) -> None:
    assert parse_canonical(canonical(value)) == value


@QUIET
@given(VALUES)
def test_it_is_what_an_implementation_of_the_rfc_writes(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("text", VECTORS["taken"])
def test_taken(text: str) -> None:
    assert canonical(parse_canonical(text.encode())) == text.encode()


@pytest.mark.parametrize("text", VECTORS["refused"])
def test_refused(text: str) -> None:
    with pytest.raises(ShapeError):
        parse_canonical(text.encode())


@QUIET
@given(st.binary() | st.text(alphabet='{}[]",:0123456789-.eE\\u truefalsn\n').map(str.encode))
def test_any_bytes(data: bytes) -> None:
    """What is taken is canonical; what is not is refused with our error only."""
    try:
        value = parse_canonical(data)
    except EnvelopeError:
        return
    assert canonical(value) == data


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
        b"9" * 5000,
        b'"\xed\xa0\x80"',
    ],
    ids=["not UTF-8", "UTF-16", "UTF-32", "huge number", "encoded surrogate"],
)
def test_other_encodings(data: bytes) -> None:
    with pytest.raises(ShapeError):
        parse_canonical(data)


def test_deep_nesting() -> None:
    """Neither our bound nor Python's own lets an error of another kind out."""
    for depth in (MAX_DEPTH + 2, 100_000):
        with pytest.raises(ShapeError) as refusal:
            parse_canonical(b"[" * depth + b"]" * depth)
        assert refusal.value.reason == Refusal.TOO_DEEP


def test_size_bound() -> None:
    with pytest.raises(ShapeError) as refusal:
        parse_canonical(b'"' + b"a" * 100 + b'"', max_size=101)
    assert refusal.value.reason == Refusal.TOO_LARGE
    assert parse_canonical(b'"' + b"a" * 99 + b'"', max_size=101) == "a" * 99


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), b"bytes", {1: 2}, {"å": 1}, {"": 1}, {"a"}, object(), 2**53, "\ud800", {"\x7f": 0}]
)
def test_what_cannot_be_written(value: object) -> None:
    with pytest.raises(ShapeError):
        canonical(value)


@pytest.mark.parametrize("text", ["QUI", "QUI=\n", "QUJ=", "QU I=", "QUI-", "å", "QUI=="])
def test_base64_is_strict(text: str) -> None:
    with pytest.raises(ShapeError):
        decode_b64(text)
    assert decode_b64(encode_b64(b"AB")) == b"AB"


def test_members_are_all_and_only_these() -> None:
    names = frozenset({"a", "b"})
    values: list[Json] = [{"a": 1}, {"a": 1, "b": 1, "c": 1}, [], "a", None]
    for value in values:
        with pytest.raises(ShapeError) as refusal:
            Members(value, names)
        assert refusal.value.reason == Refusal.MEMBERS


@pytest.mark.parametrize(
    "value", [None, True, -1, 2**31, "1", "2026-02-30", "20261122", "2026-11-22 ", [1], {"x": 1}, "å" * 64, "A" * 64]
)
def test_values_have_their_types(value: Json) -> None:
    """Each reader refuses what the others take: a boolean is no integer, a date is a day that exists."""
    members = Members({"a": value}, frozenset({"a"}))
    for read in (
        lambda: members.digest("a"),
        lambda: members.day("a"),
        lambda: members.integer("a", most=2**31 - 1),
        lambda: members.octets("a", 32),
        lambda: members.texts("a", most=3),
    ):
        with pytest.raises(ShapeError):
            read()


def test_values_that_are_read() -> None:
    members = Members(
        {"day": "2028-02-29", "count": 7, "yes": True, "bytes": "QUI=", "list": ["a", "b"], "text": ""},
        frozenset({"day", "count", "yes", "bytes", "list", "text"}),
    )
    assert members.day("day") == date(2028, 2, 29)
    assert members.integer("count") == 7
    assert members.flag("yes") is True
    assert members.octets("bytes", 2) == b"AB"
    assert members.texts("list", most=2) == ("a", "b")
    assert members.free_text("text") == ""
    for refused in (lambda: members.texts("list", most=1), lambda: members.flag("count")):
        with pytest.raises(ShapeError):
            refused()
