"""Attached files: whatever is changed, cut, added, swapped or said wrongly of one, it does not come out as whole."""

import io
import secrets
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import fixed_random
from tipportal.envelope import EnvelopeError, HybridIdentity, inspect, padded_length, seal
from tipportal.envelope.canonical import digest
from tipportal.envelope.errors import Reason
from tipportal.envelope.files import FileSealer, SealedContent, media_type, seal_file, sealed_file_size
from tipportal.envelope.opening import open_file
from tipportal.envelope.records import Attachment
from tipportal.envelope.refusals import FileError, Refusal

QUIET = settings(derandomize=True, deadline=None, max_examples=200)
CHUNK = 65_536
SIZES = [1, 4095, 4096, 4097, CHUNK - 1, CHUNK, CHUNK + 1, 5 * 1024 * 1024]
CONTENT = b"Faktura 4711 " * 400
FILE, SEALED = seal_file(CONTENT, random=secrets.token_bytes)


def attached(sealed: SealedContent) -> Attachment:
    return Attachment(name="faktura.pdf", type="", size=sealed.size, sha256=sealed.sha256, key=sealed.key)


ATTACHMENT = attached(SEALED)


def opened(file: bytes, attachment: Attachment = ATTACHMENT) -> bytes:
    out = io.BytesIO()
    open_file(io.BytesIO(file), out, attachment)
    return out.getvalue()


def refusal(file: bytes, attachment: Attachment = ATTACHMENT) -> str:
    """Give the reason; and whatever is wrong, no more than the file's own length was let out."""
    out = io.BytesIO()
    with pytest.raises(EnvelopeError) as refused:
        open_file(io.BytesIO(file), out, attachment)
    assert len(out.getvalue()) <= attachment.size
    return refused.value.reason


def sealed_as(plaintext: bytes) -> bytes:
    """Give a file that the attachment's key opens, with any plaintext."""
    return seal(plaintext, [HybridIdentity(ATTACHMENT.key).recipient])


@pytest.mark.parametrize("size", SIZES)
def test_round_trip(size: int) -> None:
    content = secrets.token_bytes(size)
    file, sealed = seal_file(content, random=secrets.token_bytes)
    assert (sealed.size, sealed.sha256) == (size, digest(content))
    assert len(file) == sealed.sealed_size == sealed_file_size(size)
    assert (inspect(file).recipients, inspect(file).payload_size) == (1, padded_length(size))
    assert opened(file, attached(sealed)) == content


@QUIET
@given(st.lists(st.binary(max_size=9000), max_size=12).filter(any))
def test_sealed_as_it_comes(pieces: list[bytes]) -> None:
    sink = io.BytesIO()
    sealer = FileSealer(sink, random=secrets.token_bytes)
    for piece in pieces:
        assert sealer.write(memoryview(piece)) == len(piece)
    content = b"".join(pieces)
    assert sealer.size == len(content)
    sealed = sealer.finish()
    assert (sealed.size, sealed.sha256, sealed.sealed_size) == (len(content), digest(content), len(sink.getvalue()))
    assert opened(sink.getvalue(), attached(sealed)) == content


def test_each_file_has_a_key_of_its_own() -> None:
    files = [seal_file(CONTENT, random=secrets.token_bytes) for _ in range(3)]
    assert len({sealed.key for _, sealed in files}) == 3
    assert refusal(files[0][0], attached(files[1][1])) == Reason.NO_MATCH


def test_an_empty_file_is_not_sealed() -> None:
    with pytest.raises(FileError) as refused:
        seal_file(b"", random=secrets.token_bytes)
    assert refused.value.reason == Refusal.FILE_SIZE


def test_an_unfinished_file_does_not_open() -> None:
    """Whoever cannot finish leaves nothing that passes for a file, also where the padding would have been right."""
    sink = io.BytesIO()
    sealer = FileSealer(sink, random=fixed_random("unfinished"))
    sealer.write(bytes(2 * CHUNK))
    said = Attachment(
        name="a", type="", size=2 * CHUNK, sha256=digest(bytes(2 * CHUNK)), key=fixed_random("unfinished")(32)
    )
    refusal(sink.getvalue(), said)
    sealer.finish()
    assert opened(sink.getvalue(), said) == bytes(2 * CHUNK)
    with pytest.raises(ValueError, match="closed"):
        sealer.write(b"more")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"size": len(CONTENT) - 1}, Refusal.FILE_PADDING),
        ({"size": len(CONTENT) + 1}, Refusal.FILE_DIGEST),
        ({"size": 1}, Refusal.FILE_SIZE),
        ({"size": 2**53 - 1}, Refusal.FILE_SIZE),
        ({"sha256": digest(CONTENT[:-1])}, Refusal.FILE_DIGEST),
        ({"sha256": digest(CONTENT.ljust(padded_length(len(CONTENT)), b"\0"))}, Refusal.FILE_DIGEST),
        ({"key": bytes(32)}, Reason.NO_MATCH),
    ],
)
def test_what_the_record_says_must_hold(changes: dict[str, Any], reason: str) -> None:
    assert refusal(FILE, replace(ATTACHMENT, **changes)) == reason


PADDED = padded_length(len(CONTENT))
OTHERS = {
    "not padded": (sealed_as(CONTENT), Refusal.FILE_SIZE),
    "padded too little": (sealed_as(CONTENT.ljust(PADDED - 1, b"\0")), Refusal.FILE_SIZE),
    "padded too much": (sealed_as(CONTENT.ljust(PADDED + 1, b"\0")), Refusal.FILE_SIZE),
    "much longer": (sealed_as(CONTENT + bytes(5 * CHUNK)), Refusal.FILE_SIZE),
    "something in the padding": (sealed_as(CONTENT.ljust(PADDED - 1, b"\0") + b"x"), Refusal.FILE_PADDING),
    "a byte less": (sealed_as(CONTENT[:-1].ljust(PADDED, b"\0")), Refusal.FILE_DIGEST),
    "empty inside": (sealed_as(b""), Refusal.FILE_SIZE),
    "cut": (FILE[:-1], Reason.CHUNK),
    "extended": (FILE + b"\0", Reason.CHUNK),
    "twice": (FILE + FILE, Reason.CHUNK),
    "nothing": (b"", Reason.VERSION),
    "not sealed": (b"%PDF-1.7\n" + CONTENT, Reason.VERSION),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_file(name: str) -> None:
    file, reason = OTHERS[name]
    assert refusal(file) == reason


def test_cut_or_extended_at_a_chunk() -> None:
    content = secrets.token_bytes(3 * CHUNK)
    file, sealed = seal_file(content, random=secrets.token_bytes)
    cut = file[: len(file) - (padded_length(3 * CHUNK) - 2 * CHUNK) - 16]
    assert refusal(cut, attached(sealed)) == Reason.PAYLOAD_TRUNCATED
    assert refusal(file + file[-CHUNK:], attached(sealed)) in {Reason.PAYLOAD_TRAILING, Reason.CHUNK}


def test_nobody_else_may_open_it() -> None:
    """A second stanza would let somebody read along whom the record does not name."""
    plaintext = CONTENT.ljust(padded_length(len(CONTENT)), b"\0")
    both = [HybridIdentity(ATTACHMENT.key).recipient, HybridIdentity(bytes(32)).recipient]
    for recipients in (both, both[::-1]):
        assert refusal(seal(plaintext, recipients)) == Refusal.RECIPIENTS


@QUIET
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_changed_byte(place: int, change: int) -> None:
    refusal(FILE[:place] + bytes([FILE[place] ^ change]) + FILE[place + 1 :])


@QUIET
@given(st.integers(0, len(FILE) - 1))
def test_cut(end: int) -> None:
    refusal(FILE[:end])


@QUIET
@given(st.binary(max_size=3000), st.integers(0, len(FILE)), st.integers(0, len(FILE)))
def test_any_bytes(inserted: bytes, start: int, end: int) -> None:
    """A stretch of the file replaced by anything: the same file again, or refused with our error only."""
    file = FILE[:start] + inserted + FILE[end:]
    if file != FILE:
        refusal(file)


@QUIET
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "size": st.integers(1, 2**53 - 1) | st.integers(len(CONTENT) - 200, len(CONTENT) + 200),
            "sha256": st.binary(min_size=32, max_size=32).map(bytes.hex),
            "key": st.binary(min_size=32, max_size=32),
        },
    ).filter(bool)
)
def test_any_attachment(changes: dict[str, Any]) -> None:
    said = replace(ATTACHMENT, **changes)
    if said != ATTACHMENT:
        refusal(FILE, said)


class Dribbling:
    """Gives at most some bytes at a time, as a socket does."""

    def __init__(self, content: bytes, most: int) -> None:
        self._content = io.BytesIO(content)
        self._most = most

    def read(self, size: int) -> bytes:
        return self._content.read(min(size, self._most))


@pytest.mark.parametrize("most", [1, 100, 65_553])
def test_opened_as_it_comes(most: int) -> None:
    out = io.BytesIO()
    open_file(Dribbling(FILE, most), out, ATTACHMENT)
    assert out.getvalue() == CONTENT


class Nowhere:
    """Takes any amount and keeps nothing."""

    def write(self, content: bytes) -> None:
        del content


def test_memory_stays_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sealing and opening 24 MB takes no more than a few chunks."""
    piece = secrets.token_bytes(100_000)
    path = tmp_path_factory.mktemp("files") / "sealed"
    tracemalloc.start()
    try:
        with path.open("wb") as sink:
            sealer = FileSealer(sink, random=secrets.token_bytes)
            for _ in range(240):
                sealer.write(piece)
            sealed = sealer.finish()
        with path.open("rb") as source:
            open_file(source, Nowhere(), attached(sealed))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1024 * 1024


def test_nothing_secret_shows() -> None:
    for shown in (repr(SEALED), repr(ATTACHMENT)):
        assert repr(SEALED.key) not in shown
        assert SEALED.key.hex() not in shown
        assert SEALED.sha256 not in shown
        assert "faktura" not in shown


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("audio/webm;codecs=opus", "audio/webm"),
        (" text/plain ; charset=utf-8", "text/plain"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("", ""),
        ("image", ""),
        ("image/", ""),
        ("image/png/x", ""),
        ("bild/åäö", ""),
        ("a/b\n", "a/b"),
        ("a\n/b", ""),
        (f"{'a' * 128}/b", ""),
    ],
)
def test_media_type(said: str, kept: str) -> None:
    assert media_type(said) == kept
