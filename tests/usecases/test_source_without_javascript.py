from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.playing import new_epoch, read, server_sealed
from tests.support.story import Story
from tipportal.cli.demo_playing import act_on, offered_proposal, seal_text, write
from tipportal.domain.cases import Stream
from tipportal.domain.errors import CaseNotFound, EpochClosed, EpochExists, GrantsMismatch, Invalid, NotFound
from tipportal.domain.organisations import Channel
from tipportal.envelope.casecode import CaseCode
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import approve, handle, scheduled, source_session

QUARTER = 15 * 60


def test_handlers_write_nothing_until_the_keys_are_new(story: Story) -> None:
    case, _ = server_sealed(story, Channel.REPORT)
    account = case.members["h1"].account
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    proposal = offered_proposal(case.members["h1"], act_on(story.handler, case, payload), payload, reasons)
    before = story.contents()

    for kind in (Kind.MESSAGE, Kind.NOTE, Kind.TITLE):
        with pytest.raises(EpochClosed):
            write(story.handler, case, kind, "Hej.")
    with pytest.raises(EpochClosed):
        approve.propose(story.handler, account, case.reference, proposal)
    assert story.contents() == before

    assert handle.open_case(story.handler, account, case.reference).standing.needs_epoch
    new_epoch(story, case).begin(story, case)
    view = handle.open_case(story.handler, account, case.reference)
    assert (view.standing.needs_epoch, view.case.epoch) == (False, 1)
    assert write(story.handler, case, Kind.MESSAGE, "Hej.").seq == 2


def test_source_reads_and_writes_before_and_after_the_keys_change(story: Story) -> None:
    case, visitor = server_sealed(story)
    source_session.send_message(story.public, visitor, "Ett tillägg.", form_nonce="a")
    new_epoch(story, case, by="h2").begin(story, case, by="h2")
    write(story.handler, case, Kind.MESSAGE, "Tack.", by="h2")
    write(story.handler, case, Kind.NOTE, "Intern anteckning.", by="h1")
    source_session.send_message(story.public, visitor, "Varsågod.", form_nonce="b")

    opened = source_session.read_case(story.public, visitor)
    view = handle.open_case(story.handler, case.members["h1"].account, case.reference)
    shown = read(view, case.members["h1"], view.case.source_recipient)

    assert [record.text for record in opened.records] == [None, "Ett tillägg.", None, "Tack.", "Varsågod."]
    assert opened.records[0].answers == {"what_happened": "Kvitton saknas."}
    assert {record.failed for record in opened.records} == {None}
    assert [record.record.epoch for record in opened.records] == [0, 0, 1, 1, 1]
    assert shown[Stream.DIALOGUE] == ["Kvitton saknas.", "Ett tillägg.", "epoch", "Tack.", "Varsågod."]
    assert shown[Stream.WORK] == ["facts", "epoch", "Intern anteckning."]


def test_new_epoch_goes_to_exactly_the_members_there_were(story: Story) -> None:
    case, _ = server_sealed(story)
    epoch = new_epoch(story, case)
    first, *rest = epoch.grants
    before = story.contents()

    for grants in (
        tuple(rest),
        epoch.grants[:-1],
        (*epoch.grants, replace(first, holder="h9")),
        (*epoch.grants, first),
        (replace(first, holder="h9"), *rest),
        (replace(first, kind=epoch.grants[2].kind), *rest),
        (),
    ):
        with pytest.raises(GrantsMismatch):
            replace(epoch, grants=grants).begin(story, case)
    assert story.contents() == before

    epoch.begin(story, case)
    with story.database.read() as uow:
        case_id = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest)).id  # type: ignore[union-attr] # there is
        members = [
            [(grant.member, grant.kind, grant.holder) for grant in uow.cases.grants(case_id, number)]
            for number in (0, 1)
        ]
    assert members[0] == members[1]


def test_only_one_new_epoch_and_only_by_a_holder(story: Story) -> None:
    case, _ = server_sealed(story)
    epoch, other = new_epoch(story, case), new_epoch(story, case, by="h2")
    for number in (0, 2):
        with pytest.raises(Invalid):
            replace(epoch, epoch=number).begin(story, case)
    case.members["h9"] = story.outsider(case)  # type: ignore[index] # a dict, and this test's own
    with pytest.raises(NotFound):
        epoch.begin(story, case, by="h9")
    epoch.begin(story, case)
    before = story.contents()

    with pytest.raises(EpochExists):
        other.begin(story, case, by="h2")

    assert story.contents() == before


def test_new_epoch_with_keys_that_were_used_before_is_refused(story: Story) -> None:
    case, _ = server_sealed(story)
    epoch = new_epoch(story, case)
    with story.database.read() as uow:
        found = uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest))
        assert found is not None
        first = uow.cases.epochs(found.id)[0]
    before = story.contents()

    for reused in (
        replace(epoch, work=first.work_recipient),
        replace(epoch, dialogue=first.dialogue_recipient),
        replace(epoch, work=first.dialogue_recipient),
        replace(epoch, dialogue=epoch.work),
        replace(epoch, work=found.source_recipient),
    ):
        with pytest.raises(Invalid):
            reused.begin(story, case)

    assert story.contents() == before


def test_same_form_sent_again_adds_no_second_message(story: Story) -> None:
    _, visitor = server_sealed(story)
    first = source_session.send_message(story.public, visitor, "En gång.", form_nonce="a")
    before = story.contents()

    again = source_session.send_message(story.public, visitor, "En gång.", form_nonce="a")

    assert again == replace(first, created=False)
    assert story.contents() == before


def test_same_form_sent_four_times_at_once_adds_one_message(story: Story) -> None:
    _, visitor = server_sealed(story)
    together = threading.Barrier(4)

    def send(_: int) -> bool:
        together.wait()
        return source_session.send_message(story.public, visitor, "En gång.", form_nonce="a").created

    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(send, range(4)))

    assert created.count(True) == 1
    assert [record.text for record in source_session.read_case(story.public, visitor).records] == [None, "En gång."]


def test_case_sealed_in_a_browser_is_read_without_javascript_too(story: Story) -> None:
    case = story.tip()
    visitor = source_session.Visitor(case.keys)
    write(story.handler, case, Kind.MESSAGE, "Vilka tider?")

    source_session.send_message(story.public, visitor, "Mitt på dagen.", form_nonce="a")

    opened = source_session.read_case(story.public, visitor)
    assert [record.text for record in opened.records] == [None, "Vilka tider?", "Mitt på dagen."]
    assert not handle.open_case(story.handler, case.members["h1"].account, case.reference).standing.needs_epoch


def test_record_that_was_tampered_with_is_shown_as_failed_and_the_rest_still_read(story: Story) -> None:
    _, visitor = server_sealed(story)
    source_session.send_message(story.public, visitor, "Äkta.", form_nonce="a")
    kept = next(row for row in story.contents()["records"] if row["kind"] == "message")
    flipped = bytes([*kept["body"][:-1], kept["body"][-1] ^ 1])
    story.change("UPDATE records SET body = :body WHERE id = :id", body=flipped, id=kept["id"])

    opened = source_session.read_case(story.public, visitor)

    assert opened.records[0].answers is not None
    assert opened.records[1].text is None
    assert opened.records[1].failed is not None


def test_session_ends_after_half_an_hour_without_use(story: Story) -> None:
    case, _ = server_sealed(story)
    story.clock.now -= story.clock.now % QUARTER
    secret = source_session.enter(story.public, case.keys).secret

    for _ in range(4):
        story.clock.advance(2 * QUARTER - 1)
        found = source_session.visitor(story.public, secret)
        assert found is not None
        assert found.keys.lookup_token == case.keys.lookup_token
        story.clock.now -= story.clock.now % QUARTER
    story.clock.advance(2 * QUARTER)

    assert source_session.visitor(story.public, secret) is None
    story.clock.advance(QUARTER)
    assert scheduled.tick(story.public).sessions_ended == 1
    assert story.contents()["source_sessions"] == []


def test_leaving_deletes_the_session(story: Story) -> None:
    case, _ = server_sealed(story)
    secret = source_session.enter(story.public, case.keys).secret
    other = source_session.enter(story.public, case.keys).secret

    source_session.leave(story.public, secret)
    source_session.leave(story.public, None)

    assert source_session.visitor(story.public, secret) is None
    assert source_session.visitor(story.public, other) is not None
    assert len(story.contents()["source_sessions"]) == 1


def test_session_row_is_worth_nothing_without_the_cookie_or_the_faces_secret(story: Story) -> None:
    case, _ = server_sealed(story)
    secret = source_session.enter(story.public, case.keys).secret
    row = story.contents()["source_sessions"][0]

    kept = b"".join(value for value in row.values() if isinstance(value, bytes))
    for hidden in (secret, case.keys.identity.seed, case.keys.lookup_token, case.keys.signing_key.seed):
        assert hidden not in kept
    assert row["id_digest"] == hashlib.sha256(secret).digest()
    assert source_session.visitor(story.handler, secret) is None
    for wrong in (None, b"", bytes(32), row["id_digest"], secret[::-1]):
        assert source_session.visitor(story.public, wrong) is None
    # Somebody who moves the row under a secret of their own still cannot open it.
    story.change("UPDATE source_sessions SET id_digest = :id", id=hashlib.sha256(b"mine").digest())
    assert source_session.visitor(story.public, b"mine") is None


def test_wrong_code_enters_nowhere_and_leaves_nothing(story: Story) -> None:
    server_sealed(story)
    before = story.contents()

    with pytest.raises(CaseNotFound):
        source_session.enter(story.public, story.source())
    with pytest.raises(CaseNotFound):
        source_session.read_case(story.public, source_session.Visitor(story.source()))

    assert story.contents() == before


def test_code_of_a_form_is_the_same_each_time_and_another_at_the_other_face(story: Story) -> None:
    code, keys = source_session.keys_for_form(story.public, bytes(16))

    again, _ = source_session.keys_for_form(story.public, bytes(16))
    foreign, _ = source_session.keys_for_form(story.handler, bytes(16))

    assert code == again == source_session.read_code(f"  {code.text.upper()} ")
    assert code != foreign
    assert isinstance(code, CaseCode)
    assert source_session.keys_for_code(story.public, code).lookup_token == keys.lookup_token
