"""Files that are not the one kind of age file that is taken: refused wherever a file can be handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.classic_recipients import X25519Identity
from tests.support.playing import new_epoch, server_sealed
from tests.support.story import TIP, Story
from tipportal.cli.demo_playing import act_on, ask, offered_proposal, seal_case, seal_text
from tipportal.domain.errors import Invalid, MalformedAgeFile
from tipportal.domain.organisations import Channel
from tipportal.envelope import HybridIdentity, seal
from tipportal.envelope.header import make_header
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.envelope.stanza import Stanza
from tipportal.usecases import approve, dialogue, handle
from tipportal.usecases.submit import Submission, submit_case

RECIPIENTS = tuple(HybridIdentity(hashlib.sha256(bytes([number])).digest()).recipient for number in range(3))
BLOCK = bytes(4096)


def hostile_files(plaintext: bytes = BLOCK, *, recipients: int = 1) -> Iterator[bytes]:
    """Files that look ever more like a record for so many recipients, and are none."""
    good = seal(plaintext, RECIPIENTS[:recipients])
    header_end = good.index(b"\n---") + 1
    yield b""
    yield b"age-encryption.org/v1\n"
    yield b"-----BEGIN AGE ENCRYPTED FILE-----\n"
    yield plaintext
    yield good[:-1]
    yield good[: header_end + 40]
    yield good + b"\0"
    yield good.replace(b"/v1", b"/v2", 1)
    yield good.replace(b"\n", b"\r\n", 1)
    yield seal(plaintext, RECIPIENTS[: recipients + 1])
    yield seal(plaintext + b"\0", RECIPIENTS[:recipients])
    yield seal(plaintext[:-1], RECIPIENTS[:recipients])
    yield _with_stanzas(plaintext, recipients, classic_only=True)
    yield _with_stanzas(plaintext, recipients, classic_only=False)


def test_no_hostile_file_becomes_a_case(story: Story) -> None:
    submission = seal_case(story.public, ask(story.public, Channel.TIP), story.source(), TIP)
    before = story.contents()

    for place, recipients in enumerate((2, 1, 1)):
        for file in hostile_files(recipients=recipients):
            with pytest.raises(MalformedAgeFile):
                submit_case(story.public, _with_record(submission, place, file))
    for file in hostile_files(bytes(32)):
        grants = (replace(submission.grants[0], file=file), *submission.grants[1:])
        with pytest.raises(MalformedAgeFile):
            submit_case(story.public, replace(submission, grants=grants))

    assert story.contents() == before
    assert submit_case(story.public, submission).created


def test_no_hostile_file_becomes_a_message_a_note_or_reasons(story: Story) -> None:
    case = story.report()
    answer = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    note = seal_text(story.handler, case, Kind.NOTE, "Ringt banken.", by="h1")
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    account = case.members["h1"].account
    before = story.contents()

    for file in hostile_files():
        with pytest.raises(MalformedAgeFile):
            dialogue.add_message(story.public, case.keys.lookup_token, replace(answer, file=file))
        with pytest.raises(MalformedAgeFile):
            handle.add_record(story.handler, account, case.reference, replace(note, file=file))
        hostile = replace(reasons, file=file)
        payload = AssessPayload(covered=True, ground="public_interest", reasons=hostile.digest.hex())
        offered = offered_proposal(case.members["h1"], act_on(story.handler, case, payload), payload, hostile)
        with pytest.raises(MalformedAgeFile):
            approve.propose(story.handler, account, case.reference, offered)

    assert story.contents() == before


def test_no_hostile_file_begins_an_epoch(story: Story) -> None:
    case, _ = server_sealed(story)
    epoch = new_epoch(story, case)
    before = story.contents()

    for file in hostile_files():
        for records in (
            (replace(epoch.records[0], file=file), epoch.records[1]),
            (epoch.records[0], replace(epoch.records[1], file=file)),
        ):
            with pytest.raises(MalformedAgeFile):
                replace(epoch, records=records).begin(story, case)
    for file in hostile_files(bytes(32)):
        with pytest.raises(MalformedAgeFile):
            replace(epoch, grants=(replace(epoch.grants[0], file=file), *epoch.grants[1:])).begin(story, case)

    assert story.contents() == before


def test_text_above_two_mebibytes_is_refused_by_size(story: Story) -> None:
    case = story.tip()
    answer = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    before = story.contents()

    with pytest.raises(MalformedAgeFile):
        dialogue.add_message(
            story.public, case.keys.lookup_token, replace(answer, file=seal(bytes(4 << 20), RECIPIENTS[:1]))
        )

    assert story.contents() == before


def test_records_in_another_order_or_place_are_refused(story: Story) -> None:
    submission = seal_case(story.public, ask(story.public, Channel.TIP), story.source(), TIP)
    genesis, report, facts = submission.records
    before = story.contents()

    for records in (
        (),
        (genesis, report),
        (genesis, facts, report),
        (genesis, report, facts, facts),
        (genesis, report, replace(facts, seq=1)),
        (genesis, replace(report, epoch=1), facts),
        (replace(genesis, prev=genesis.digest), report, facts),
        (genesis, replace(report, prev=bytes(32)), facts),
        (genesis, report, replace(facts, prev=report.digest)),
    ):
        with pytest.raises(Invalid) as refused:
            submit_case(story.public, replace(submission, records=records))
        assert refused.value.field == "records"

    assert story.contents() == before


def test_keys_that_are_none_or_stand_for_two_purposes_are_refused(story: Story) -> None:
    submission = seal_case(story.public, ask(story.public, Channel.TIP), story.source(), TIP)
    before = story.contents()

    for change in (
        {"source_recipient": b""},
        {"work_recipient": bytes(1216)},
        {"dialogue_recipient": submission.dialogue_recipient[:-1]},
        {"work_recipient": submission.dialogue_recipient},
        {"work_recipient": submission.source_recipient},
        {"source_verification_key": bytes(32)},
        {"source_verification_key": b"\xff" * 31},
        {"genesis": "A" * 64},
        {"genesis": "ab"},
        {"genesis": "åäö" * 30},
        {"lookup_digest": b""},
        {"lookup_digest": bytes(33)},
    ):
        with pytest.raises(Invalid):
            submit_case(story.public, replace(submission, **change))

    assert story.contents() == before


def _with_record(submission: Submission, place: int, file: bytes) -> Submission:
    records = list(submission.records)
    records[place] = replace(records[place], file=file)
    # What follows hangs on the file as it is now, so that nothing but the file is wrong.
    records[1:] = [replace(record, prev=records[0].digest) for record in records[1:]]
    return replace(submission, records=tuple(records))


def _with_stanzas(plaintext: bytes, recipients: int, *, classic_only: bool) -> bytes:
    file_key, classic = bytes(range(16)), X25519Identity(bytes(range(32))).recipient
    stanzas: list[Stanza] = [classic.wrap(file_key)]
    wanted = recipients if not classic_only else 1
    stanzas += [recipient.wrap(file_key) for recipient in RECIPIENTS[: wanted - 1]]
    header = make_header(file_key, tuple(stanzas)).encode()
    good = seal(plaintext, RECIPIENTS[:1])
    return header + good[-(16 + len(plaintext) + 16) :]
