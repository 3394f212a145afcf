"""Files of a source without JavaScript: sealed while they arrive, known when they come again, opened in memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.playing import choose, new_form, send, server_sealed
from tests.support.story import TIP, Story
from tests.support.traces import found_below, spellings
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import leave_case, write
from tipportal.domain.errors import CaseExists, CaseUnreadable, FileNotFound, StorageFull, TooManyFiles
from tipportal.domain.files import FileLimits
from tipportal.domain.organisations import Channel
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, source_session
from tipportal.usecases.source_session import OpenedFile, Visitor
from tipportal.usecases.uploads import SealingUpload

INVOICE = b"Faktura 4711, Nordvik Konsult AB " * 5000


def waiting(story: Story) -> int:
    return len(list((story.blobs / "uploads").glob("*")))


def blobs(story: Story) -> list[Path]:
    return sorted(story.blobs.glob("??/*"))


def content(opened: OpenedFile) -> bytes:
    joined = b"".join(opened.chunks)
    assert len(joined) == opened.size
    return joined


def test_what_was_attached_is_read_again_whole_and_never_lies_in_clear(story: Story) -> None:
    files = [
        choose(story, "C:\\Skrivbord\\faktura\u202efdp.pdf", INVOICE, "Application/PDF; charset=x"),
        choose(story, "noll.bin", b"\0" * 4096, "inte en typ"),
    ]
    case, visitor = server_sealed(story, files=files)

    opened = source_session.read_case(story.public, visitor)
    named = [(file.name, file.type, file.size, file.cleaned) for file in opened.records[0].attachments]
    assert named == [
        ("fakturafdp.pdf", "application/pdf", len(INVOICE), False),
        ("noll.bin", "", 4096, False),
    ]
    first = source_session.open_file(story.public, visitor, 0, 0)
    assert (first.name, content(first)) == ("fakturafdp.pdf", INVOICE)
    assert content(source_session.open_file(story.public, visitor, 0, 1)) == b"\0" * 4096
    assert "faktura" not in repr((opened.records[0], first, files))
    assert found_below(story.blobs.parent, spellings("Nordvik Konsult")) == {}
    assert waiting(story) == 0
    view = handle.open_case(story.handler, case.members["h1"].account, case.reference)
    assert [file.position for file in view.attachments] == [0, 1]


def test_files_from_a_browser_and_from_handlers_are_opened_too(story: Story) -> None:
    made = MadeFile("schema.png", "image/png", INVOICE)
    case = leave_case(story.public, story.municipality, story.source(), Channel.TIP, TIP, files=(made,))
    write(story.handler, case, Kind.MESSAGE, "Är det den här?", files=(replace(made, name="svar.png"),))
    visitor = Visitor(case.keys)
    for seq, name in enumerate(("schema.png", "svar.png")):
        opened = source_session.open_file(story.public, visitor, seq, 0)
        assert (opened.name, content(opened)) == (name, INVOICE)
    for seq, position in ((0, 1), (2, 0), (-1, 0), (0, -1), (2**70, 2**70)):
        with pytest.raises(FileNotFound):
            source_session.open_file(story.public, visitor, seq, position)


def test_the_same_form_again_keeps_the_files_that_came_first(story: Story) -> None:
    form = new_form(story)
    first = send(story, form, files=[choose(story, "a.txt", b"ett")])
    before = story.contents(), blobs(story)

    again = send(story, form, files=[choose(story, "a.txt", b"ett")])

    assert again == replace(first, receipt=replace(first.receipt, created=False))
    assert (story.contents(), blobs(story)) == before
    assert waiting(story) == 0


def test_other_files_under_the_same_code_are_another_case(story: Story) -> None:
    form = new_form(story)
    send(story, form, files=[choose(story, "a.txt", b"ett")])
    before = story.contents(), blobs(story)
    for files in ([], [("a.txt", b"tre")], [("b.txt", b"ett")], [("a.txt", b"ett"), ("b.txt", b"ett")]):
        with pytest.raises(CaseExists):
            send(story, form, files=[choose(story, *file) for file in files])
    assert (story.contents(), blobs(story)) == before


def test_a_message_is_known_by_its_text_and_its_files(story: Story) -> None:
    _, visitor = server_sealed(story)

    def message(*files: tuple[str, bytes]) -> bool:
        chosen = [choose(story, *file) for file in files]
        return source_session.send_message(story.public, visitor, "Se här.", form_nonce="a", files=chosen).created

    assert [message(), message()] == [True, False]
    assert [message(("a.txt", b"ett")), message(("a.txt", b"ett"))] == [True, False]
    assert [message(("a.txt", b"tre")), message(("b.txt", b"ett"))] == [True, True]
    records = source_session.read_case(story.public, visitor).records
    assert [[file.name for file in record.attachments] for record in records] == [
        [], [], ["a.txt"], ["a.txt"], ["b.txt"],
    ]  # fmt: skip
    assert waiting(story) == 0


def test_a_form_with_a_file_four_times_at_once_is_one_case(story: Story) -> None:
    form = new_form(story)
    together = threading.Barrier(4)

    def one(_: int) -> bool:
        files = [choose(story, "a.txt", INVOICE)]
        together.wait()
        return send(story, form, files=files).receipt.created

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]
    assert (len(blobs(story)), waiting(story)) == (len(story.contents()["attachments"]), 0) == (1, 0)


def _flipped(sealed: bytes, place: int) -> bytes:
    changed = bytearray(sealed)
    changed[place] ^= 1
    return bytes(changed)


def test_a_file_that_was_changed_or_exchanged_gives_nothing_of_itself(story: Story) -> None:
    _, visitor = server_sealed(story, files=[choose(story, "a.txt", INVOICE), choose(story, "b.txt", INVOICE)])
    whole = {path: path.read_bytes() for path in blobs(story)}
    one, other = whole
    for changed in (_flipped(whole[one], 90_000), _flipped(whole[one], -1), whole[one][:-1], whole[other]):
        one.write_bytes(changed)
        results = []
        for position in (0, 1):
            try:
                results.append(content(source_session.open_file(story.public, visitor, 0, position)))
            except CaseUnreadable:
                results.append(b"")
        assert sorted(results) == [b"", INVOICE]
    one.write_bytes(whole[one])
    assert content(source_session.open_file(story.public, visitor, 0, 0)) == INVOICE


def test_too_many_files_and_a_full_disk_are_refused_before_anything_is_kept(story: Story) -> None:
    files = [choose(story, f"{number}.txt", b"x") for number in range(21)]
    before = story.contents()
    with pytest.raises(TooManyFiles):
        send(story, new_form(story), files=files)
    with pytest.raises(TooManyFiles):
        source_session.send_message(story.public, Visitor(story.source()), "Hej", form_nonce="a", files=files)
    sink = SealingUpload.begin(replace(story.public, files=FileLimits(uploads_quota=4096)))
    sink.write(INVOICE)
    with pytest.raises(StorageFull):
        sink.finish()
    assert story.contents() == before
    assert (blobs(story), waiting(story)) == ([], 21)
