"""Sealed files before their record: in parts from whoever sealed them, or sealed here while they arrive."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.story import Story, staffed
from tests.support.traces import found_below, spellings
from tests.usecases.test_malformed_files import hostile_files
from tipportal.domain.errors import FileTooLarge, Invalid, MalformedAgeFile, PartMissing, Refusal, StorageFull
from tipportal.domain.files import PART_SIZE, FileLimits
from tipportal.envelope.files import seal_file, sealed_file_size
from tipportal.envelope.opening import open_file
from tipportal.envelope.records import Attachment
from tipportal.usecases import uploads
from tipportal.usecases.context import Context
from tipportal.usecases.uploads import SealedUpload, SealingUpload

ID = "0123456789abcdef" * 2
CONTENT = os.urandom(PART_SIZE)
SEALED, _ = seal_file(CONTENT, random=os.urandom)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """None of this asks the database anything: one of them will do."""
    with staffed("sqlite", tmp_path) as made:
        return made


def send(ctx: Context, offset: int, *, file: bytes = SEALED, upload: str = ID) -> int:
    part = file[offset : offset + PART_SIZE]
    read = io.BytesIO(part).read
    return uploads.receive_part(ctx, upload, offset=offset, total=len(file), length=len(part), read=read)


def left(story: Story) -> list[Path]:
    return [path for path in story.blobs.rglob("*") if path.is_file()]


def waiting(story: Story, upload: str = ID) -> bytes:
    """What an upload holds."""
    blob_id = story.database.uploads.take(upload, story.public.today())
    with story.database.uploads.open(blob_id) as stream:
        content = stream.read()
    story.database.uploads.release(blob_id)
    return content


def opened(story: Story, sealed: SealedUpload) -> bytes:
    """What a reader of the record gets from the upload."""
    attachment = Attachment(name="x", type="", size=sealed.size, sha256=sealed.sha256, key=sealed.key)
    content = io.BytesIO()
    open_file(io.BytesIO(waiting(story, sealed.upload.id)), content, attachment)
    return content.getvalue()


def test_a_file_comes_in_parts_from_either_face_and_can_be_given_up(story: Story) -> None:
    for ctx in (story.public, story.handler):
        assert uploads.received(ctx, ID) == 0
        assert send(ctx, 0) == PART_SIZE == uploads.received(ctx, ID)
        assert send(ctx, PART_SIZE) == len(SEALED)
        assert waiting(story) == SEALED
        uploads.discard(ctx, ID)
        uploads.discard(ctx, ID)
        assert left(story) == []


def test_parts_out_of_order_and_again_still_make_the_file(story: Story) -> None:
    with pytest.raises(PartMissing):
        send(story.public, PART_SIZE)
    for offset in (0, 0, PART_SIZE, 0, PART_SIZE):
        send(story.public, offset)
    assert waiting(story) == SEALED


@pytest.mark.parametrize("upload", ["", "0" * 31, "0" * 33, "G" * 32, "A" * 32, "../" * 10 + "aa", "0" * 31 + "\n"])
def test_an_id_is_32_hex_digits(story: Story, upload: str) -> None:
    for act in (
        lambda: send(story.public, 0, upload=upload),
        lambda: uploads.received(story.public, upload),
        lambda: uploads.discard(story.public, upload),
    ):
        with pytest.raises(Invalid):
            act()
    assert left(story) == []


@pytest.mark.parametrize(
    ("offset", "total", "length"),
    [
        (0, len(SEALED), PART_SIZE - 1),
        (0, len(SEALED), len(SEALED)),
        (0, len(SEALED), 0),
        (0, 0, 0),
        (1, len(SEALED), PART_SIZE),
        (PART_SIZE, len(SEALED), len(SEALED) - PART_SIZE - 1),
        (2 * PART_SIZE, len(SEALED), 1),
        (-PART_SIZE, len(SEALED), PART_SIZE),
        (0, -1, -1),
    ],
)
def test_parts_have_their_size_and_their_place(story: Story, offset: int, total: int, length: int) -> None:
    with pytest.raises(Invalid):
        uploads.receive_part(
            story.public, ID, offset=offset, total=total, length=length, read=io.BytesIO(SEALED[offset:]).read
        )
    assert left(story) == []


def test_what_is_no_sealed_padded_file_is_refused_at_its_beginning(story: Story) -> None:
    for file in hostile_files():
        if file:
            with pytest.raises(MalformedAgeFile):
                send(story.public, 0, file=file)
    with pytest.raises(MalformedAgeFile):
        send(story.public, 0, file=CONTENT)
    assert left(story) == []


def test_the_largest_file_fits_and_one_that_seals_larger_does_not(story: Story) -> None:
    limits = FileLimits(max_file=20_000)
    ctx = replace(story.public, files=limits)
    largest, _ = seal_file(bytes(20_000), random=os.urandom)
    assert send(ctx, 0, file=largest) == len(largest) == sealed_file_size(20_000)
    larger, _ = seal_file(bytes(21_000), random=os.urandom)
    with pytest.raises(FileTooLarge):
        send(ctx, 0, file=larger, upload="f" * 32)
    assert len(left(story)) == 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.sampled_from([1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 300_000]), piece=st.integers(1, 70_000))
def test_what_arrives_in_any_pieces_is_sealed_and_padded(story: Story, size: int, piece: int) -> None:
    content, piece = CONTENT[:size], max(piece, size // 50)
    sink = SealingUpload.begin(story.public)
    for start in range(0, size, piece):
        assert sink.write(content[start : start + piece]) == len(content[start : start + piece])
    sealed = sink.finish()

    assert sealed is not None
    assert sealed.upload.size == sealed_file_size(size) == uploads.received(story.public, sealed.upload.id)
    assert opened(story, sealed) == content
    sink.discard()
    assert left(story) == []


def test_nothing_in_clear_is_on_the_disk_at_any_moment(story: Story) -> None:
    marker = "Kalle Anka i Björkvik "
    sink = SealingUpload.begin(story.public)
    for _ in range(40):
        sink.write(marker.encode() * 500)
        assert found_below(story.blobs, spellings(marker)) == {}
    sealed = sink.finish()
    assert found_below(story.blobs, spellings(marker)) == {}
    assert sealed is not None
    assert sealed.key.hex() not in repr(sealed)
    assert sealed.sha256 not in repr(sealed)


def test_a_field_without_a_file_leaves_nothing(story: Story) -> None:
    sink = SealingUpload.begin(story.public)
    sink.write(b"")
    assert sink.finish() is None
    sink.discard()
    assert not story.blobs.exists()


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        (FileLimits(max_file=100_000), FileTooLarge),
        (FileLimits(uploads_quota=1), StorageFull),
        (FileLimits(uploads_quota=PART_SIZE), StorageFull),
    ],
)
def test_too_much_is_dropped_while_the_rest_of_the_request_is_read(
    story: Story, limits: FileLimits, refusal: type[Refusal]
) -> None:
    sink = SealingUpload.begin(replace(story.public, files=limits))
    for _ in range(100):
        sink.write(CONTENT[:50_000])
    assert left(story) == []
    for _ in range(2):
        with pytest.raises(refusal):
            sink.finish()
    sink.discard()
    assert left(story) == []


def test_a_file_of_exactly_the_limit_is_taken(story: Story) -> None:
    sink = SealingUpload.begin(replace(story.public, files=FileLimits(max_file=5000)))
    sink.write(CONTENT[:4000])
    sink.write(CONTENT[4000:5000])
    assert sink.finish() is not None
