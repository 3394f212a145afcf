"""Files on reports, messages, notes and feedback: kept with their record or not at all, opened by who may read it."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.support.playing import new_epoch, server_sealed
from tests.support.story import TIP, Story
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import (
    PlayedCase,
    SentFile,
    act_on,
    ask,
    leave_case,
    members_of,
    offered_proposal,
    reply,
    seal_case,
    seal_text,
    send_files,
    write,
)
from tipportal.domain.cases import Stream
from tipportal.domain.errors import (
    CaseFull,
    CaseNotFound,
    EpochClosed,
    FileNotFound,
    FileTooLarge,
    Invalid,
    MalformedAgeFile,
    NotFound,
    Refusal,
    SequenceConflict,
    TooManyFiles,
    UploadUnknown,
)
from tipportal.domain.files import AttachedFile, FileLimits, Upload
from tipportal.domain.organisations import Channel
from tipportal.envelope.opening import open_file
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Attachment, Kind
from tipportal.usecases import approve, dialogue, handle, logbook
from tipportal.usecases.submit import Submission, submit_case

PICTURE = MadeFile("schemat.png", "image/png", os.urandom(70_000))
LIST = MadeFile("lista.csv", "text/csv", b"datum;timmar\n2026-03-02;4\n")


def case_with_files(story: Story) -> PlayedCase:
    return leave_case(story.public, story.municipality, story.source(), Channel.TIP, TIP, files=(PICTURE, LIST))


def submission(story: Story, files: tuple[SentFile, ...]) -> tuple[Submission, Callable[[], PlayedCase]]:
    """A sealed case that has not been handed in, and what it is when it has been."""
    offer, keys = ask(story.public, Channel.TIP), story.source()
    members = members_of(story.municipality, offer)
    sealed = seal_case(story.public, offer, keys, TIP, files=files)
    return sealed, lambda: PlayedCase(offer.reference, keys, members)


def waiting(story: Story) -> int:
    return len(list((story.blobs / "uploads").glob("*")))


def blobs(story: Story) -> list[Path]:
    return sorted(story.blobs.glob("??/*"))


def read_all(answer: tuple[AttachedFile, BinaryIO]) -> bytes:
    file, stream = answer
    with stream:
        content = stream.read()
    assert len(content) == file.size
    return content


def in_clear(sealed: bytes, attachment: Attachment) -> bytes:
    content = io.BytesIO()
    open_file(io.BytesIO(sealed), content, attachment)
    return content.getvalue()


def entries(story: Story, kind: str) -> list[dict[str, object]]:
    found = [json.loads(row["data"]) for table in ("log_entries", "pending_entries") for row in story.contents()[table]]
    return [entry["facts"] for entry in found if entry["kind"] == kind]


def test_a_tip_s_files_are_there_for_its_source_and_its_handlers(story: Story) -> None:
    sent = send_files(story.public, (PICTURE, LIST))
    assert waiting(story) == 2
    sealed, case = submission(story, sent)
    assert submit_case(story.public, sealed).created
    assert waiting(story) == 0
    token, member = case().keys.lookup_token, case().members["h1"].account

    view = dialogue.open_by_token(story.public, token)
    shown = handle.open_case(story.handler, member, case().reference)

    assert view.attachments == shown.attachments
    assert [(file.stream, file.seq, file.position) for file in view.attachments] == [
        (Stream.DIALOGUE, 0, 0),
        (Stream.DIALOGUE, 0, 1),
    ]
    for place, (made, file) in enumerate(zip((PICTURE, LIST), sent, strict=True)):
        for answer in (
            dialogue.open_file(story.public, token, 0, place),
            handle.open_file(story.handler, member, case().reference, Stream.DIALOGUE, 0, place),
        ):
            assert in_clear(read_all(answer), file.attachment) == made.content
    assert [facts["files"] for facts in entries(story, "case_received")] == [2]
    assert entries(story, "file_opened") == [
        {"stream": "dialogue", "seq": 0, "position": 0},
        {"stream": "dialogue", "seq": 0, "position": 1},
    ]
    assert logbook.verify(story.handler).findings == ()


def test_every_record_that_may_have_files_takes_them(story: Story) -> None:
    case = story.tip()
    reply(story.public, case, "Här är bilden.", files=(PICTURE,))
    for kind in (Kind.MESSAGE, Kind.NOTE, Kind.FEEDBACK):
        write(story.handler, case, kind, "Se bilagan.", files=(LIST, PICTURE))
        write(story.handler, case, kind, "Utan.")
    view = handle.open_case(story.handler, case.members["h2"].account, case.reference)
    assert [(file.stream.value, file.seq, file.position) for file in view.attachments] == [
        ("dialogue", 1, 0), ("dialogue", 2, 0), ("dialogue", 2, 1), ("dialogue", 4, 0), ("dialogue", 4, 1),
        ("work", 1, 0), ("work", 1, 1),
    ]  # fmt: skip
    assert dialogue.open_by_token(story.public, case.keys.lookup_token).attachments == view.attachments[:5]
    for entry in ("source_message_received", "message_sent", "note_added", "feedback_given"):
        facts = entries(story, entry)
        assert sum("files" in fact for fact in facts) == 1
        assert {fact.get("files", 0) for fact in facts} <= {0, 1, 2}
    assert not any("files" in fact for fact in entries(story, "case_received"))
    assert logbook.verify(story.handler).findings == ()


def test_nobody_else_gets_a_file_and_the_log_tells_no_more_than_of_a_case(story: Story) -> None:
    case = case_with_files(story)
    write(story.handler, case, Kind.NOTE, "Internt.", files=(LIST,))
    other = story.outsider(case).account
    with pytest.raises(NotFound) as refused:
        handle.open_file(story.handler, other, case.reference, Stream.DIALOGUE, 0, 0)
    assert refused.value.code == "not_found"
    assert len(entries(story, "access_refused")) == 1
    for token in (None, bytes(32), story.source().lookup_token):
        with pytest.raises(CaseNotFound):
            dialogue.open_file(story.public, token, 0, 0)
    # What stands in the work stream has no place in the dialogue.
    with pytest.raises(FileNotFound):
        dialogue.open_file(story.public, case.keys.lookup_token, 1, 0)
    assert entries(story, "file_opened") == []


def test_a_place_without_a_file_is_not_found_and_not_logged(story: Story) -> None:
    case = case_with_files(story)
    for seq, position in ((0, 2), (1, 0), (-1, 0), (0, -1), (2**70, 0), (0, 2**70), (0, 20)):
        with pytest.raises(FileNotFound):
            dialogue.open_file(story.public, case.keys.lookup_token, seq, position)
        for stream in Stream:
            with pytest.raises(FileNotFound):
                handle.open_file(story.handler, case.members["h1"].account, case.reference, stream, seq, position)
    assert entries(story, "file_opened") == []


def test_a_file_that_is_gone_from_the_disk_is_said_to_be_missing(story: Story) -> None:
    case = case_with_files(story)
    for blob in blobs(story):
        blob.unlink()
    with pytest.raises(FileNotFound):
        dialogue.open_file(story.public, case.keys.lookup_token, 0, 0)
    with pytest.raises(FileNotFound):
        handle.open_file(story.handler, case.members["h1"].account, case.reference, Stream.DIALOGUE, 0, 0)
    assert len(dialogue.open_by_token(story.public, case.keys.lookup_token).records) == 1


def test_sent_again_a_case_and_a_message_are_answered_as_before(story: Story) -> None:
    sealed, case = submission(story, send_files(story.public, (PICTURE,)))
    first = submit_case(story.public, sealed)
    message = seal_text(
        story.public, case(), Kind.MESSAGE, "Mer.", by="source", files=send_files(story.public, (LIST,))
    )
    written = dialogue.add_message(story.public, case().keys.lookup_token, message)
    before = story.contents(), blobs(story)

    assert submit_case(story.public, sealed) == replace(first, created=False)
    again = dialogue.add_message(story.public, case().keys.lookup_token, message)
    assert again == replace(written, created=False)
    assert (story.contents(), blobs(story)) == before
    assert waiting(story) == 0


def test_a_handler_s_record_sent_again_meets_itself(story: Story) -> None:
    case = story.tip()
    account = case.members["h1"].account
    record = seal_text(story.handler, case, Kind.NOTE, "En gång.", by="h1", files=send_files(story.handler, (LIST,)))
    handle.add_record(story.handler, account, case.reference, record)
    before = story.contents()
    with pytest.raises(SequenceConflict):
        handle.add_record(story.handler, account, case.reference, record)
    assert story.contents() == before


def test_the_same_case_four_times_at_once_is_kept_once(story: Story) -> None:
    sealed, _ = submission(story, send_files(story.public, (PICTURE, LIST)))
    together = threading.Barrier(4)

    def send(_: int) -> bool:
        together.wait()
        return submit_case(story.public, sealed).created

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, False, False, True]
    assert len(blobs(story)) == len(story.contents()["attachments"]) == 2
    assert waiting(story) == 0


def test_refused_the_files_wait_and_go_with_the_next_attempt(story: Story) -> None:
    case, _ = server_sealed(story)
    account = case.members["h1"].account
    files = send_files(story.handler, (PICTURE,))
    early = seal_text(story.handler, case, Kind.NOTE, "För tidigt.", by="h1", files=files)
    before = story.contents()
    with pytest.raises(EpochClosed):
        handle.add_record(story.handler, account, case.reference, early)
    assert story.contents() == before
    assert (blobs(story), waiting(story)) == ([], 1)

    new_epoch(story, case).begin(story, case)
    sealed_again = seal_text(story.handler, case, Kind.NOTE, "Nu.", by="h1", files=files)
    handle.add_record(story.handler, account, case.reference, sealed_again)
    assert (len(blobs(story)), waiting(story)) == (1, 0)


def _misnamed(sent: Upload) -> list[tuple[tuple[Upload, ...], type[Refusal]]]:
    return [
        ((sent, Upload("0" * 32, sent.size)), UploadUnknown),
        ((replace(sent, size=sent.size + 1),), UploadUnknown),
        ((replace(sent, size=sent.size - 1),), UploadUnknown),
        ((replace(sent, size=0),), UploadUnknown),
        ((replace(sent, size=-sent.size),), UploadUnknown),
        ((replace(sent, size=10**12),), FileTooLarge),
        ((sent,) * 2, UploadUnknown),
        ((sent,) * 21, TooManyFiles),
    ]


def test_uploads_that_are_not_what_was_said_are_refused_and_nothing_is_kept(story: Story) -> None:
    case = story.tip()
    (sent,) = send_files(story.public, (LIST,))
    sealed, _ = submission(story, ())
    genesis, report, facts = sealed.records
    message = seal_text(story.public, case, Kind.MESSAGE, "Hej.", by="source")
    note = seal_text(story.handler, case, Kind.NOTE, "Hej.", by="h1")
    before = story.contents()
    account = case.members["h1"].account

    for files, refusal in _misnamed(sent.upload):
        with pytest.raises(refusal):
            submit_case(story.public, replace(sealed, records=(genesis, replace(report, files=files), facts)))
        with pytest.raises(refusal):
            dialogue.add_message(story.public, case.keys.lookup_token, replace(message, files=files))
        with pytest.raises(refusal):
            handle.add_record(story.handler, account, case.reference, replace(note, files=files))
    assert story.contents() == before
    assert (blobs(story), waiting(story)) == ([], 1)


def test_an_upload_that_was_handed_in_cannot_be_handed_in_with_another_case(story: Story) -> None:
    files = send_files(story.public, (PICTURE,))
    submit_case(story.public, submission(story, files)[0])
    with pytest.raises(UploadUnknown):
        submit_case(story.public, submission(story, files)[0])


def test_files_hang_on_no_other_kind_of_record(story: Story) -> None:
    case = story.report()
    account = case.members["h1"].account
    uploads = tuple(file.upload for file in send_files(story.handler, (LIST,)))
    sealed, _ = submission(story, ())
    before = story.contents()
    for place in (0, 2):
        records = list(sealed.records)
        records[place] = replace(records[place], files=uploads)
        with pytest.raises(Invalid):
            submit_case(story.public, replace(sealed, records=tuple(records)))
    title = replace(seal_text(story.handler, case, Kind.TITLE, "Rubrik", by="h1"), files=uploads)
    with pytest.raises(Invalid):
        handle.add_record(story.handler, account, case.reference, title)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    act = act_on(story.handler, case, payload)
    offered = offered_proposal(case.members["h1"], act, payload, replace(reasons, files=uploads))
    with pytest.raises(Invalid):
        approve.propose(story.handler, account, case.reference, offered)
    assert story.contents() == before
    assert waiting(story) == 1


def test_a_case_takes_no_more_than_its_quota(story: Story) -> None:
    case = case_with_files(story)
    kept = sum(file.size for file in dialogue.open_by_token(story.public, case.keys.lookup_token).attachments)
    more = send_files(story.public, (LIST,))
    message = seal_text(story.public, case, Kind.MESSAGE, "Mer.", by="source", files=more)
    before = story.contents()
    full = replace(story.public, files=FileLimits(case_quota=kept + more[0].upload.size - 1))
    with pytest.raises(CaseFull):
        dialogue.add_message(full, case.keys.lookup_token, message)
    assert story.contents() == before
    assert (len(blobs(story)), waiting(story)) == (2, 1)
    room = replace(story.public, files=FileLimits(case_quota=kept + more[0].upload.size))
    assert dialogue.add_message(room, case.keys.lookup_token, message).created


def test_what_is_no_sealed_file_when_it_is_handed_in_is_refused(story: Story) -> None:
    """Somebody changed the waiting file behind the program's back."""
    files = send_files(story.public, (PICTURE,))
    (path,) = (story.blobs / "uploads").iterdir()
    content, was = path.read_bytes(), path.stat()
    path.write_bytes(b"x" + content[1:])
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    sealed, _ = submission(story, files)
    with pytest.raises(MalformedAgeFile):
        submit_case(story.public, sealed)
    assert blobs(story) == []
