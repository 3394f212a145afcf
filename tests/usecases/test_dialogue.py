from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.playing import new_epoch, read, server_sealed
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, reply, seal_text, stored, write
from tipportal.domain.cases import Stream
from tipportal.domain.errors import (
    CaseLocked,
    CaseNotFound,
    EpochClosed,
    EpochExists,
    Invalid,
    NotFound,
    SequenceConflict,
)
from tipportal.envelope.records import Kind
from tipportal.usecases import dialogue, handle
from tipportal.usecases.sealedfiles import SealedFile


def test_both_sides_write_and_each_reads_the_other(story: Story) -> None:
    case = story.tip()
    write(story.handler, case, Kind.MESSAGE, "Vilka tider?", by="h1")
    story.clock.advance(DAY)
    written = reply(story.public, case, "Mitt på dagen.")
    write(story.handler, case, Kind.MESSAGE, "Tack.", by="h2")
    write(story.handler, case, Kind.NOTE, "Ringt bolaget.", by="h1")

    view = handle.open_case(story.handler, case.members["h2"].account, case.reference)
    shown = read(view, case.members["h2"], view.case.source_recipient)
    mine = dialogue.open_by_token(story.public, case.keys.lookup_token)

    assert (written.seq, written.date, written.created) == (2, story.public.today(), True)
    assert shown[Stream.DIALOGUE][1:] == ["Vilka tider?", "Mitt på dagen.", "Tack."]
    assert shown[Stream.WORK] == ["facts", "Ringt bolaget."]
    assert [(row.seq, row.author) for row in mine.records] == [(0, "source"), (1, "h1"), (2, "source"), (3, "h2")]
    assert {row.stream for row in mine.records} == {Stream.DIALOGUE}
    assert [grant.holder for grant in mine.grants] == ["source"]


def test_same_message_again_is_answered_as_before_and_kept_once(story: Story) -> None:
    case = story.tip()
    message = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    first = dialogue.add_message(story.public, case.keys.lookup_token, message)
    write(story.handler, case, Kind.MESSAGE, "Tack.")
    before = story.contents()

    story.clock.advance(DAY)
    again = dialogue.add_message(story.public, case.keys.lookup_token, message)

    assert again == replace(first, created=False)
    assert story.contents() == before


def test_second_of_two_writers_is_refused_and_keeps_the_first(story: Story) -> None:
    case = story.tip()
    answer = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    question = seal_text(story.handler, case, Kind.MESSAGE, "Är det så?", by="h1")
    dialogue.add_message(story.public, case.keys.lookup_token, answer)
    before = story.contents()

    with pytest.raises(SequenceConflict):
        handle.add_record(story.handler, case.members["h1"].account, case.reference, question)
    other = seal_text(story.public, case, Kind.MESSAGE, "Nej.", by="source")
    with pytest.raises(SequenceConflict):
        dialogue.add_message(story.public, case.keys.lookup_token, replace(other, seq=answer.seq, prev=answer.prev))

    assert story.contents() == before


def test_handlers_file_that_comes_twice_is_a_conflict_and_kept_once(story: Story) -> None:
    case = story.tip()
    note = seal_text(story.handler, case, Kind.NOTE, "Ringt bolaget.", by="h1")
    handle.add_record(story.handler, case.members["h1"].account, case.reference, note)
    before = story.contents()

    with pytest.raises(SequenceConflict):
        handle.add_record(story.handler, case.members["h1"].account, case.reference, note)

    assert story.contents() == before


def test_of_six_who_write_at_once_exactly_one_is_taken(story: Story) -> None:
    case = story.tip()
    files = [seal_text(story.public, case, Kind.MESSAGE, f"Nummer {n}", by="source") for n in range(6)]
    together = threading.Barrier(6)

    def send(file: SealedFile) -> bool:
        together.wait()
        try:
            return dialogue.add_message(story.public, case.keys.lookup_token, file).created
        except SequenceConflict:
            return False

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(send, files))

    assert taken.count(True) == 1
    kept = dialogue.open_by_token(story.public, case.keys.lookup_token).records
    assert [row.digest for row in kept[1:]] == [files[taken.index(True)].digest]


def test_replayed_or_reordered_place_is_refused_and_leaves_nothing(story: Story) -> None:
    case = story.tip()
    message = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    before = story.contents()

    for elsewhere in (*(replace(message, seq=seq) for seq in (0, 2, -1, 2**31 - 1)), replace(message, prev=bytes(32))):
        with pytest.raises(SequenceConflict):
            dialogue.add_message(story.public, case.keys.lookup_token, elsewhere)
    with pytest.raises(Invalid):
        dialogue.add_message(story.public, case.keys.lookup_token, replace(message, prev=b""))

    assert story.contents() == before


def test_only_keys_that_the_server_has_seen_are_changed_by_one_member(story: Story) -> None:
    case = story.tip()
    before = story.contents()
    with pytest.raises(EpochExists):
        new_epoch(story, case).begin(story, case)
    assert story.contents() == before

    sealed_on_arrival, _ = server_sealed(story)
    new_epoch(story, sealed_on_arrival).begin(story, sealed_on_arrival)
    with pytest.raises(EpochExists):
        new_epoch(story, sealed_on_arrival, by="h2").begin(story, sealed_on_arrival)


def test_epoch_that_is_closed_or_never_was_takes_nothing(story: Story) -> None:
    case, _ = server_sealed(story)
    before_epoch = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    new_epoch(story, case).begin(story, case)
    late = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    note = seal_text(story.handler, case, Kind.NOTE, "Hm.", by="h1")
    before = story.contents()

    for epoch in (0, 2, 2**31 - 1):
        with pytest.raises(EpochClosed):
            dialogue.add_message(story.public, case.keys.lookup_token, replace(late, epoch=epoch))
        with pytest.raises(EpochClosed):
            handle.add_record(story.handler, case.members["h1"].account, case.reference, replace(note, epoch=epoch))
    with pytest.raises(SequenceConflict):
        dialogue.add_message(story.public, case.keys.lookup_token, before_epoch)

    assert story.contents() == before


def test_every_wrong_token_gets_the_same_answer(story: Story) -> None:
    case = story.tip()
    message = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    right = case.keys.lookup_token
    before = story.contents()

    answers = set()
    for token in (None, b"", bytes(32), right[:-1], right + b"\0", hashlib.sha256(right).digest(), right[::-1]):
        for ask in (
            lambda: dialogue.open_by_token(story.public, token),  # noqa: B023 - called at once
            lambda: dialogue.add_message(story.public, token, message),  # noqa: B023
        ):
            with pytest.raises(CaseNotFound) as refused:
                ask()
            answers.add((refused.value.code, refused.value.reason, refused.value.field, refused.value.status))

    assert len(answers) == 1
    assert story.contents() == before


def test_source_writes_messages_and_nothing_else(story: Story) -> None:
    case = story.tip()
    before = story.contents()

    for kind in (Kind.FEEDBACK, Kind.NOTE, Kind.TITLE, Kind.ASSESSMENT):
        record = seal_text(story.public, case, kind, "Klart.", by="h1")
        with pytest.raises(Invalid):
            dialogue.add_message(story.public, case.keys.lookup_token, record)
    message = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    with pytest.raises(Invalid):
        dialogue.add_message(story.public, case.keys.lookup_token, replace(message, stream=Stream.WORK))

    assert story.contents() == before


def test_handler_writes_no_record_that_belongs_to_an_act_of_its_own(story: Story) -> None:
    case = story.tip()
    account = case.members["h1"].account
    message = seal_text(story.handler, case, Kind.MESSAGE, "Hej.", by="h1")
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    before = story.contents()

    for record in (reasons, replace(message, stream=Stream.WORK)):
        with pytest.raises(Invalid):
            handle.add_record(story.handler, account, case.reference, record)

    assert story.contents() == before


def test_locked_case_takes_no_more_from_anybody(story: Story) -> None:
    case = story.tip()
    message = seal_text(story.public, case, Kind.MESSAGE, "Ja.", by="source")
    note = seal_text(story.handler, case, Kind.NOTE, "Hm.", by="h1")
    # No act locks a case yet; what holds then is held already.
    story.change("UPDATE cases SET state = 'locked'")

    with pytest.raises(CaseLocked):
        dialogue.add_message(story.public, case.keys.lookup_token, message)
    with pytest.raises(CaseLocked):
        handle.add_record(story.handler, case.members["h1"].account, case.reference, note)


def test_not_found_is_one_answer_with_one_entry_for_unknown_foreign_and_withheld(story: Story) -> None:
    case = story.tip()
    standby = story.outsider(case).account
    message = seal_text(story.handler, case, Kind.MESSAGE, "Hej.", by="h1")
    administrator = story.municipality.members[0].account
    seen = set()

    for account, reference in ((standby, case.reference), (standby, "AAA-AAA-AAA"), (standby, "åäö"), (standby, "")):
        for ask in (
            lambda: handle.open_case(story.handler, account, reference),  # noqa: B023 - called at once
            lambda: handle.is_mine(story.handler, account, reference),  # noqa: B023
            lambda: handle.begin_follow_up(story.handler, account, reference),  # noqa: B023
            lambda: handle.add_record(story.handler, account, reference, message),  # noqa: B023
        ):
            entries = len(story.contents()["log_entries"])
            with pytest.raises(NotFound) as refused:
                ask()
            added = sorted(story.contents()["log_entries"], key=lambda row: row["position"])[entries:]
            seen.add((refused.value.code, refused.value.reason, len(added), _without_index(added[0]["data"])))
    assert len(seen) == 1
    with pytest.raises(NotFound):
        handle.open_case(story.handler, administrator, case.reference)

    assert handle.my_cases(story.handler, standby).rows == ()
    assert handle.titles(story.handler, standby, [case.reference]) == ()
    assert set(handle.counts(story.handler, standby).values()) == {0}
    assert stored(story.handler, case).reference not in repr(seen)


def test_list_shows_own_cases_page_by_page_newest_first(story: Story) -> None:
    cases = []
    for _ in range(3):
        cases += [story.tip() for _ in range(10)]
        story.clock.advance(DAY)
    accounts = {member.account.id: member.account for case in cases for member in case.members.values()}

    for account in accounts.values():
        mine = [case for case in cases if account.id in _panel(case)]
        pages, after = [], None
        while True:
            page = handle.my_cases(story.handler, account, after=after)
            pages += [row.case for row in page.rows]
            after = page.next_after
            if after is None:
                break
        assert sorted(row.reference for row in pages) == sorted(case.reference for case in mine)
        assert pages == sorted(pages, key=lambda row: (row.received_on, row.reference), reverse=True)
        assert handle.counts(story.handler, account)["new"] == len(mine)
    assert max(sum(account_id in _panel(case) for case in cases) for account_id in accounts) < len(cases)


def _panel(case: PlayedCase) -> set[str]:
    return {case.members["h1"].account.id, case.members["h2"].account.id}


def _without_index(data: bytes) -> bytes:
    head, _, tail = data.partition(b'"index":')
    return head + tail.partition(b",")[2]
