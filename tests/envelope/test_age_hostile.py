"""Hostile files: whatever is changed, cut, added or made up, one kind of error comes out and no plaintext."""

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.classic_recipients import X25519Identity
from tipportal.envelope import (
    EnvelopeError,
    HeaderError,
    HeaderMacError,
    HybridIdentity,
    PayloadError,
    Stanza,
    inspect,
    parse_header,
    seal,
)
from tipportal.envelope.age import wrap_file_key
from tipportal.envelope.header import MAX_HEADER_SIZE, make_header, read_header
from tipportal.envelope.hybrid import read_stanza
from tipportal.envelope.opening import open_sealed, open_stream
from tipportal.envelope.stanza import encode_base64

ALICE, BO = HybridIdentity(b"\1" * 32), HybridIdentity(b"\2" * 32)
CHUNK = 65_536
FILE = seal(b"Det som inte ska synas", [ALICE.recipient, BO.recipient])
HEADER = len(parse_header(FILE).encode())
LONG = seal(bytes(2 * CHUNK), [ALICE.recipient])
LONG_PAYLOAD = len(parse_header(LONG).encode()) + 16
VERSION = b"age-encryption.org/v1\n"
MAC_LINE = b"--- " + b"A" * 43 + b"\n"
QUIET = settings(derandomize=True, deadline=None, max_examples=300)


def refused(data: bytes) -> None:
    """Assert that it does not open for Alice and that no other error than ours comes of any way in."""
    with pytest.raises(EnvelopeError):
        open_sealed(data, [ALICE])
    for look in (parse_header, inspect):
        # What merely does not open may well have the right shape; any other kind of error fails the test by itself.
        with contextlib.suppress(EnvelopeError):
            look(data)


@QUIET
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_changed_byte(place: int, change: int) -> None:
    """Any byte of header, nonce and payload."""
    refused(FILE[:place] + bytes([FILE[place] ^ change]) + FILE[place + 1 :])


@QUIET
@given(st.integers(0, len(FILE) - 1))
def test_cut(end: int) -> None:
    """Anywhere."""
    refused(FILE[:end])


@QUIET
@given(st.binary(min_size=1, max_size=100), st.integers(0, len(FILE)))
def test_inserted(extra: bytes, place: int) -> None:
    """Anywhere, also after the end."""
    changed = FILE[:place] + extra + FILE[place:]
    if changed != FILE:
        refused(changed)


@QUIET
@given(st.integers(0, HEADER - 1), st.integers(1, 40))
def test_removed(place: int, size: int) -> None:
    """From the header."""
    refused(FILE[:place] + FILE[place + size :])


GRAMMAR = st.lists(
    st.sampled_from(
        [
            b"-> ",
            b"--- ",
            b"---",
            b"->",
            b"\n",
            b"\r\n",
            b" ",
            b"=",
            b"A" * 64 + b"\n",
            b"AAAA",
            b"mlkem768x25519",
            b"scrypt",
        ]
    )
    | st.binary(max_size=8),
    max_size=30,
).map(b"".join)


@QUIET
@given(GRAMMAR)
def test_made_up_headers(content: bytes) -> None:
    """Random pieces of the grammar, with and without the frame."""
    for data in (content, VERSION + content, VERSION + b"-> x\n" + content + b"\n" + MAC_LINE):
        refused(data)


@QUIET
@given(
    st.lists(
        st.builds(
            Stanza,
            st.lists(
                st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1), min_size=1, max_size=4
            ).map(tuple),
            st.binary(max_size=200),
        ).filter(lambda stanza: stanza.kind != "scrypt"),
        min_size=1,
        max_size=4,
    )
)
def test_every_header_is_read_as_it_was_written(stanzas: list[Stanza]) -> None:
    """Stanzas of any kind and length survive, and encoding what was read gives the same bytes."""
    header = make_header(bytes(16), tuple(stanzas))
    encoded = header.encode()
    parsed = parse_header(encoded + b"payload")
    assert parsed == header
    assert parsed.encode() == encoded
    assert parsed.is_vouched_for_by(bytes(16))
    assert not parsed.is_vouched_for_by(b"\1" * 16)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"", "version"),
        (b"age-encryption.org/v2\n" + MAC_LINE, "version"),
        (b"age-encryption.org/v1", "version"),
        (b"age-encryption.org/v1\r\n" + MAC_LINE, "version"),
        (VERSION, "header_truncated"),
        (VERSION + b"-> x\n\n--- " + b"A" * 43, "header_truncated"),
        (VERSION + MAC_LINE, "stanza_none"),
        (VERSION + b"\n" + MAC_LINE, "stanza"),
        (VERSION + b"->x\n\n" + MAC_LINE, "stanza"),
        (VERSION + b"->\n\n" + MAC_LINE, "stanza_arguments"),
        (VERSION + b"-> \n\n" + MAC_LINE, "stanza_arguments"),
        (VERSION + b"-> x \n\n" + MAC_LINE, "stanza_arguments"),
        (VERSION + b"->  x\n\n" + MAC_LINE, "stanza_arguments"),
        (VERSION + b"-> x\ty\n\n" + MAC_LINE, "stanza_arguments"),
        (VERSION + "-> å\n\n".encode() + MAC_LINE, "stanza_arguments"),
        (VERSION + b"-> x\n" + MAC_LINE, "stanza_body"),
        (VERSION + b"-> x\n" + b"A" * 64 + b"\n" + MAC_LINE, "stanza_body"),
        (VERSION + b"-> x\n" + b"A" * 68 + b"\n" + MAC_LINE, "stanza_body"),
        (VERSION + b"-> x\nAA==\n" + MAC_LINE, "base64"),
        (VERSION + b"-> x\nAB\n" + MAC_LINE, "base64"),
        (VERSION + b"-> x\nA\n" + MAC_LINE, "base64"),
        (VERSION + b"-> x\nA-_A\n" + MAC_LINE, "base64"),
        (VERSION + b"-> x\nAA AA\n" + MAC_LINE, "base64"),
        (VERSION + b"-> x\n\n---" + b"A" * 43 + b"\n", "mac_line"),
        (VERSION + b"-> x\n\n--- " + b"A" * 42 + b"\n", "mac_line"),
        (VERSION + b"-> x\n\n---  " + b"A" * 43 + b"\n", "base64"),
        (VERSION + b"-> x\n\n--- " + b"A" * 43 + b"\r\n", "base64"),
        (VERSION + b"-> scrypt\n\n-> x\n\n" + MAC_LINE, "scrypt_not_alone"),
    ],
)
def test_header_grammar(header: bytes, reason: str) -> None:
    """Each rule has its own code."""
    with pytest.raises(HeaderError) as refusal:
        parse_header(header)
    assert refusal.value.reason == reason
    refused(header)


def test_endless_header_is_not_read() -> None:
    """Who sends does not decide how much is read."""

    class Endless(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            self.given += size
            start = VERSION if self.given == size else b""
            return (start + b"-> x\n\n" * size)[:size]

    endless = Endless()
    with pytest.raises(HeaderError) as refusal:
        open_stream(endless, io.BytesIO(), [ALICE])
    assert refusal.value.reason == "header_too_long"
    assert endless.given <= 2 * MAX_HEADER_SIZE
    whole = VERSION + b"-> x\n\n" * (MAX_HEADER_SIZE // 6) + MAC_LINE
    with pytest.raises(HeaderError, match="header_too_long"):
        parse_header(whole)
    refused(whole)


ENC = encode_base64(bytes(1120)).decode()


@pytest.mark.parametrize(
    ("stanza", "reason"),
    [
        (Stanza(("mlkem768x25519",), bytes(32)), "stanza_arguments"),
        (Stanza(("mlkem768x25519", ENC, "x"), bytes(32)), "stanza_arguments"),
        (Stanza(("mlkem768x25519", encode_base64(bytes(1119)).decode()), bytes(32)), "stanza_arguments"),
        (Stanza(("mlkem768x25519", encode_base64(bytes(1121)).decode()), bytes(32)), "stanza_arguments"),
        (Stanza(("mlkem768x25519", ENC + "="), bytes(32)), "base64"),
        (Stanza(("mlkem768x25519", ENC), bytes(31)), "stanza_body"),
        (Stanza(("mlkem768x25519", ENC), bytes(33)), "stanza_body"),
    ],
)
def test_misshapen_hybrid_stanza(stanza: Stanza, reason: str) -> None:
    """Refused by who opens and by who only stores."""
    data = make_header(bytes(16), (stanza,)).encode() + bytes(32)
    for refuse in (lambda: open_sealed(data, [ALICE]), lambda: inspect(data)):
        with pytest.raises(HeaderError) as refusal:
            refuse()
        assert refusal.value.reason == reason


def test_low_order_share_is_malformed() -> None:
    """Not just somebody else's stanza."""
    data = make_header(bytes(16), (Stanza(("mlkem768x25519", ENC), bytes(32)),)).encode() + bytes(32)
    with pytest.raises(HeaderError) as refusal:
        open_sealed(data, [ALICE])
    assert refusal.value.reason == "low_order"


def test_identity_with_a_file_key_of_another_length() -> None:
    """The header code trusts no kind of identity with the length of the key."""

    class Long:
        def unwrap(self, _stanzas: object) -> bytes:
            return bytes(32)

    with pytest.raises(HeaderError) as refusal:
        open_sealed(FILE, [Long()])
    assert refusal.value.reason == "file_key_length"


def test_stanzas_of_another_file() -> None:
    """Stanzas taken over from elsewhere open to a key that does not vouch for the header."""
    header = parse_header(FILE)
    changed = make_header(b"\7" * 16, header.stanzas).encode() + FILE[HEADER:]
    with pytest.raises(HeaderMacError) as refusal:
        open_sealed(changed, [ALICE])
    assert refusal.value.reason == "mac_mismatch"
    without_bo = FILE.replace(header.stanzas[1].encode(), b"")
    with pytest.raises(HeaderMacError):
        open_sealed(without_bo, [ALICE])


@pytest.mark.parametrize(
    ("data", "released", "reason"),
    [
        pytest.param(LONG[: LONG_PAYLOAD - 1], 0, "nonce_truncated", id="nonce"),
        pytest.param(LONG[:LONG_PAYLOAD], 0, "chunk", id="no chunk"),
        pytest.param(LONG[: LONG_PAYLOAD + 15], 0, "chunk", id="less than a tag"),
        pytest.param(LONG[: LONG_PAYLOAD + CHUNK + 16], CHUNK, "payload_truncated", id="cut between chunks"),
        pytest.param(LONG[: LONG_PAYLOAD + CHUNK + 17], CHUNK, "chunk", id="cut in the second chunk"),
        pytest.param(LONG[:-1], CHUNK, "chunk", id="cut by one byte"),
        pytest.param(LONG + b"x", 2 * CHUNK, "payload_trailing", id="one byte more"),
        pytest.param(LONG + LONG[LONG_PAYLOAD:], 2 * CHUNK, "payload_trailing", id="chunks more"),
        pytest.param(
            LONG[:LONG_PAYLOAD] + LONG[-CHUNK - 16 :] + LONG[LONG_PAYLOAD : LONG_PAYLOAD + CHUNK + 16],
            0,
            "chunk",
            id="chunks in another order",
        ),
    ],
)
def test_payload(data: bytes, released: int, reason: str) -> None:
    """What is released before the error is authentic and never the whole of a changed file; in memory it is nothing."""
    plaintext = io.BytesIO()
    with pytest.raises(PayloadError if reason != "nonce_truncated" else HeaderError) as refusal:
        open_stream(io.BytesIO(data), plaintext, [ALICE])
    assert refusal.value.reason == reason
    assert plaintext.getvalue() == bytes(released)
    with pytest.raises(EnvelopeError):
        open_sealed(data, [ALICE])


def test_inspect_refuses_other_kinds_of_age_files() -> None:
    """Classic and grease stanzas, alone and beside hybrid ones, and one stanza twice."""
    file_key = bytes(16)
    hybrid = ALICE.recipient.wrap(file_key)
    classic = wrap_file_key(file_key, [X25519Identity(b"\3" * 32).recipient]).stanzas[0]
    grease = Stanza(("x-grease", "abc"), b"body")
    payload = bytes(16 + 16)
    for stanzas, reason in (
        ((classic,), "stanza_kind"),
        ((hybrid, classic), "stanza_kind"),
        ((hybrid, grease), "stanza_kind"),
        ((hybrid, hybrid), "stanza_duplicate"),
    ):
        with pytest.raises(HeaderError) as refusal:
            inspect(make_header(file_key, stanzas).encode() + payload)
        assert refusal.value.reason == reason
    many = make_header(file_key, tuple(Stanza(("mlkem768x25519",), b"") for _ in range(129)))
    with pytest.raises(HeaderError, match="recipients_too_many"):
        inspect(many.encode() + payload)
    assert inspect(make_header(file_key, (hybrid,)).encode() + payload).payload_size == 0


@pytest.mark.parametrize("payload", [0, 15, CHUNK + 16 + 1, CHUNK + 16 + 16, 2 * (CHUNK + 16) + 16])
def test_inspect_refuses_impossible_sizes(payload: int) -> None:
    """No age file has a payload of less than a tag, or of whole chunks and at most a tag."""
    start = FILE[:HEADER]
    with pytest.raises(PayloadError) as refusal:
        inspect(start + bytes(16 + payload))
    assert refusal.value.reason == "payload_size"
    with pytest.raises(PayloadError):
        inspect(start, size=HEADER + 16 + payload)


def _shape_in_full(data: bytes) -> int | None:
    """How many recipients the header has by its grammar, None where it is not one; nothing repeated here."""
    try:
        stanzas = read_header(data)[0].stanzas
        return len({read_stanza(stanza)[0] for stanza in stanzas})
    except EnvelopeError:
        return None


@pytest.mark.parametrize("instead", [b"A", b"B", b"/", b"=", b"\n", b" ", b"-", b"\xff"])
def test_inspect_takes_what_the_grammar_takes(instead: bytes) -> None:
    """The short way through a header agrees with the long one, whichever byte of it is another."""
    for place in range(HEADER):
        data = FILE[:place] + instead + FILE[place + 1 :]
        try:
            seen: int | None = inspect(data).recipients
        except EnvelopeError:
            seen = None
        assert seen == _shape_in_full(data), place


def test_inspect_needs_only_the_beginning() -> None:
    """A long file in parts is judged by its header and its size."""
    shape = inspect(LONG[:3000], size=len(LONG))
    assert (shape.recipients, shape.payload_size) == (1, 2 * CHUNK)
    with pytest.raises(PayloadError):
        inspect(FILE, size=0)
