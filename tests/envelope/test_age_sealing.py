"""Sealing and opening: what goes in comes out, at every edge, and nothing is sealed to the wrong people."""

import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.classic_recipients import ScryptIdentity, ScryptRecipient, X25519Identity
from tipportal.envelope import (
    MAX_RECIPIENTS,
    HybridIdentity,
    HybridRecipient,
    NoMatchingIdentity,
    PayloadError,
    RecipientError,
    SealingWriter,
    inspect,
    parse_header,
    seal,
    seal_stream,
    sealed_size,
)
from tipportal.envelope.age import wrap_file_key
from tipportal.envelope.opening import open_sealed, open_stream
from tipportal.envelope.stanza import Recipient

ALICE, BO, CILLA = (HybridIdentity(bytes([number]) * 32) for number in range(3))
CHUNK = 65_536
QUIET = settings(derandomize=True, deadline=None, max_examples=50)


class Trickle:
    """A reader that gives a few bytes at a time, as a network does."""

    def __init__(self, content: bytes, step: int) -> None:
        """Take what to give, and the most bytes to give at once."""
        self._file = io.BytesIO(content)
        self._step = step

    def read(self, size: int, /) -> bytes:
        """Give at most `step` bytes."""
        return self._file.read(min(size, self._step))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5, 5 * 1024 * 1024])
@pytest.mark.parametrize("people", [1, 3])
def test_roundtrip(size: int, people: int) -> None:
    """Each recipient opens; the size is the one foretold; the shape is told without a key."""
    plaintext = os.urandom(size)
    identities = [ALICE, BO, CILLA][:people]
    sealed = seal(plaintext, [identity.recipient for identity in identities])
    assert len(sealed) == sealed_size(size, people)
    shape = inspect(sealed)
    assert (shape.recipients, shape.payload_size) == (people, size)
    for identity in identities:
        assert open_sealed(sealed, [identity]) == plaintext


def test_any_of_several_identities_opens() -> None:
    """The first that fits is used; foreign ones do no harm; without a fitting one it is said so."""
    sealed = seal(b"hej", [CILLA.recipient])
    assert open_sealed(sealed, [ALICE, BO, CILLA]) == b"hej"
    for strangers in ([ALICE, BO], []):
        with pytest.raises(NoMatchingIdentity) as refusal:
            open_sealed(sealed, strangers)
        assert refusal.value.reason == "no_match"


def test_buffers_of_any_kind() -> None:
    """Bytes, bytearrays and memory views seal alike, and an item of a view may be wider than a byte."""
    wide = memoryview(bytes(range(200))).cast("I")
    for content in (bytearray(range(200)), memoryview(bytes(range(200))), wide):
        sealed = seal(content, [ALICE.recipient])
        assert open_sealed(memoryview(sealed), [ALICE]) == bytes(range(200))
        assert len(sealed) == sealed_size(200, 1)


@QUIET
@given(st.lists(st.sampled_from([0, 1, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK]), max_size=6), st.data())
def test_pieces_make_no_difference(sizes: list[int], data: st.DataObject) -> None:
    """However the plaintext is cut on its way in and the file on its way out."""
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    sink = io.BytesIO()
    with SealingWriter(sink, [ALICE.recipient]) as writer:
        for piece in pieces:
            assert writer.write(piece) == len(piece)
        assert writer.plaintext_size == sum(sizes)
    assert len(sink.getvalue()) == sealed_size(sum(sizes), 1)
    plaintext = io.BytesIO()
    step = data.draw(st.sampled_from([100, 4096, CHUNK + 15, CHUNK + 16, 1 << 20]))
    assert open_stream(Trickle(sink.getvalue(), step), plaintext, [ALICE]) == sum(sizes)
    assert plaintext.getvalue() == b"".join(pieces)


def test_streams() -> None:
    """A reader that trickles is sealed to its end, and the size is told."""
    content = os.urandom(200_000)
    sealed = io.BytesIO()
    assert seal_stream(Trickle(content, 7_001), sealed, [ALICE.recipient, BO.recipient]) == len(content)
    assert open_sealed(sealed.getvalue(), [BO]) == content


def test_every_file_has_its_own_key() -> None:
    """Two sealings of one text share nothing but the format."""
    one, other = (seal(b"samma text", [ALICE.recipient]) for _ in range(2))
    assert parse_header(one).mac != parse_header(other).mac
    assert one[-26:] != other[-26:]


def test_random_bytes_come_from_the_argument() -> None:
    """Exactly a file key and a nonce are drawn, and they are what is used."""
    drawn: list[int] = []

    def counting(size: int) -> bytes:
        drawn.append(size)
        return bytes([len(drawn)]) * size

    sealed = seal(b"text", [ALICE.recipient], random=counting)
    assert drawn == [16, 16]
    header = parse_header(sealed)
    assert ALICE.unwrap(header.stanzas) == b"\1" * 16
    assert sealed[len(header.encode()) :].startswith(b"\2" * 16)


class Foreign(HybridRecipient):
    """A subclass, which might wrap the file key for somebody else as well."""


@pytest.mark.parametrize(
    ("recipients", "reason"),
    [
        ([], "recipients_none"),
        ([ALICE.recipient, BO.recipient, HybridRecipient(ALICE.recipient.raw)], "recipients_duplicate"),
        ([ALICE.recipient, ALICE], "recipient_kind"),
        ([ALICE.recipient.to_bech32()], "recipient_kind"),
        ([ALICE.recipient.raw], "recipient_kind"),
        ([X25519Identity(bytes(32)).recipient], "recipient_kind"),
        ([ScryptRecipient("lösenord")], "recipient_kind"),
        ([Foreign(ALICE.recipient.raw)], "recipient_kind"),
        ([ALICE.recipient] * (MAX_RECIPIENTS + 1), "recipients_too_many"),
    ],
)
def test_refuses_what_is_no_list_of_recipients(recipients: list[HybridRecipient], reason: str) -> None:
    """Nobody, the same twice, another kind: refused before a byte is read or written."""
    source, sink = io.BytesIO(b"text"), io.BytesIO()
    for refuse in (
        lambda: SealingWriter(sink, recipients),
        lambda: seal_stream(source, sink, recipients),
        lambda: seal(b"text", recipients),
    ):
        with pytest.raises(RecipientError) as refusal:
            refuse()
        assert refusal.value.reason == reason
    assert (source.tell(), sink.getvalue()) == (0, b"")


def test_labels_keep_kinds_apart() -> None:
    """Classic keys beside hybrid ones, or two passphrases, are refused where headers are made."""
    classic = X25519Identity(b"\1" * 32)
    hybrid: Recipient = ALICE.recipient
    for mixed in ([hybrid, classic.recipient], [classic.recipient, hybrid], [ScryptRecipient("a"), hybrid]):
        with pytest.raises(RecipientError) as refusal:
            wrap_file_key(bytes(16), mixed)
        assert refusal.value.reason == "recipients_mixed"
    with pytest.raises(RecipientError):
        wrap_file_key(bytes(16), [ScryptRecipient("a"), ScryptRecipient("a")])


def test_generic_recipients_plug_in() -> None:
    """Other kinds of the age format fit the same header, though no door lets them in."""
    file_key = os.urandom(16)
    classic, other = X25519Identity(b"\1" * 32), X25519Identity(b"\2" * 32)
    header = wrap_file_key(file_key, [classic.recipient, other.recipient])
    assert other.unwrap(header.stanzas) == file_key
    assert parse_header(wrap_file_key(file_key, [ScryptRecipient("ord")]).encode()).is_vouched_for_by(file_key)
    assert ScryptIdentity("ord").unwrap(wrap_file_key(file_key, [ScryptRecipient("ord")]).stanzas) == file_key


def test_the_most_recipients_can_be_opened() -> None:
    """The limits of sealing and reading agree."""
    identities = [HybridIdentity(number.to_bytes(32, "big")) for number in range(MAX_RECIPIENTS)]
    sealed = seal(b"till alla", [identity.recipient for identity in identities])
    assert inspect(sealed).recipients == MAX_RECIPIENTS
    assert open_sealed(sealed, identities[-1:]) == b"till alla"


@pytest.mark.parametrize("size", [0, 10, CHUNK, CHUNK + 10])
def test_after_an_exception_the_file_is_not_whole(size: int) -> None:
    """Half an upload can never be taken for a whole one."""
    sink = io.BytesIO()
    writer = SealingWriter(sink, [ALICE.recipient])
    with pytest.raises(OSError, match="cable"):
        _break_off(writer, bytes(size))
    assert writer.closed
    with pytest.raises(PayloadError):
        open_sealed(sink.getvalue(), [ALICE])


def _break_off(writer: SealingWriter, content: bytes) -> None:
    with writer:
        writer.write(content)
        msg = "cable"
        raise OSError(msg)


def test_closing() -> None:
    """Closing twice does nothing more; writing afterwards is an error and changes nothing."""
    sink = io.BytesIO()
    writer = SealingWriter(sink, [ALICE.recipient])
    writer.write(b"klart")
    assert not writer.closed
    writer.close()
    writer.close()
    assert writer.closed
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"mer")
    assert open_sealed(sink.getvalue(), [ALICE]) == b"klart"


def test_nothing_is_held_back_but_a_chunk() -> None:
    """Memory stays constant: all but the last chunk is out before closing."""
    sink = io.BytesIO()
    writer = SealingWriter(sink, [ALICE.recipient])
    header = len(sink.getvalue())
    for _ in range(100):
        writer.write(bytes(10_000))
    assert len(sink.getvalue()) - header == 15 * (CHUNK + 16)


def test_errors_of_reader_and_writer_pass_through() -> None:
    """A full disk is not a malformed file."""

    class Full(io.BytesIO):
        def write(self, _content: object, /) -> int:
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        seal_stream(io.BytesIO(b"text"), Full(), [ALICE.recipient])
    with pytest.raises(OSError, match="full"):
        open_stream(io.BytesIO(seal(b"text", [ALICE.recipient])), Full(), [ALICE])
