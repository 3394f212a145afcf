"""Promise 4: whoever is concerned learns nothing by mail, for no letter follows on a case or says anything of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.letters import MORNING_AFTER, empty, outgoing, text
from tests.support.mail import Running, Taken, mail_server
from tests.support.playing import server_sealed
from tests.support.story import Story, staffed
from tests.usecases import test_entries
from tests.usecases.entry_lines import LINES, World
from tipportal.cli.demo_playing import PlayedCase, reply, seal_text, write
from tipportal.domain.notices import NoticeKind
from tipportal.envelope.records import Kind
from tipportal.usecases import dialogue, handle, notices, posting, scheduled, source_session

OF_SOURCES = {"dialogue", "offers", "source_session", "submit", "uploads"}


@pytest.fixture
def running() -> Iterator[Running]:
    with mail_server() as served:
        yield served


def test_nothing_that_a_source_does_puts_a_letter_there(story: Story) -> None:
    before = story.contents()["outbox"]

    case = story.report()
    story.tip()
    reply(story.public, case, "Ett tillägg.")
    _, visitor = server_sealed(story)
    source_session.send_message(story.public, visitor, "Mer.", form_nonce="a")
    dialogue.open_by_token(story.public, case.keys.lookup_token)

    assert story.contents()["outbox"] == before


def test_no_use_case_of_the_public_face_puts_a_letter_there(tmp_path: Path) -> None:
    # Those that the test of the log's entries plays; that test looks at the handlers' acts in the same way.
    assert test_entries.REGISTERED
    (tmp_path / "other").mkdir()
    with staffed("sqlite", tmp_path) as story, staffed("sqlite", tmp_path / "other") as other:
        world = World(story, other, story.report(), story.tip())
        played = [name for name in LINES if name.partition(".")[0] in OF_SOURCES]
        for name in played:
            act = LINES[name][0](world)
            before = story.contents()["outbox"]
            act()
            assert story.contents()["outbox"] == before, name
    assert len(played) > 10


def test_everybodys_letter_is_the_same_byte_for_byte_whatever_waits_for_them(
    database_kind: str, tmp_path: Path, running: Running
) -> None:
    received = []
    for name, live in (("quiet", False), ("busy", True)):
        (tmp_path / name).mkdir()
        running.mailbox.taken.clear()
        with staffed(database_kind, tmp_path / name) as story:
            empty(story)
            if live:
                _a_life(story)
            story.clock.advance(MORNING_AFTER)
            scheduled.tick(story.handler, None, outgoing(running))
        received.append({taken.to: _without_id(taken) for taken in running.mailbox.taken})

    quiet, busy = received
    assert quiet == busy
    assert len({content.replace(to, "") for to, content in busy.items()}) == 1
    assert len(busy) > 5


def test_every_letter_to_a_person_is_as_long(story: Story, running: Running) -> None:
    person = story.municipality.handlers()[0].account
    with story.database.write() as uow:
        for kind in (NoticeKind.INVITED, NoticeKind.SIGN_IN, NoticeKind.ACCESS):
            notices.tell(story.handler, uow, person, kind)
    posting.post(story.handler, outgoing(running))

    mine = [taken for taken in running.mailbox.taken if taken.to == person.email]
    assert len({text(taken) for taken in mine}) == 4
    assert len({len(taken.content) for taken in mine}) == 1


def test_letters_go_in_an_order_that_tells_nothing(story: Story, running: Running) -> None:
    orders = set()
    for _ in range(4):
        running.mailbox.taken.clear()
        story.clock.advance(MORNING_AFTER + 2 * 3600)
        posting.post(story.handler, outgoing(running))
        orders.add(tuple(taken.to for taken in running.mailbox.taken))
    orders.discard(())

    assert len(orders) >= 3


def test_no_reference_no_number_and_no_word_of_a_case_leaves(story: Story, running: Running) -> None:
    cases = _a_life(story)
    story.clock.advance(MORNING_AFTER)
    scheduled.tick(story.handler, None, replace(outgoing(running), auditors="revision@b.example"))

    told = "\n".join(taken.headers + text(taken) for taken in running.mailbox.taken)
    for case in cases:
        assert case.reference not in told
    assert "rende" not in told.replace("avsändare", "")
    rows = json.dumps(story.contents()["outbox"], default=str)
    assert not any(case.reference in rows for case in cases)


def test_work_goes_on_while_the_mail_server_is_down(story: Story) -> None:
    with mail_server() as gone:
        pass
    case = story.tip()
    story.clock.advance(MORNING_AFTER)

    done = scheduled.tick(story.handler, None, outgoing(gone))
    write(story.handler, case, Kind.NOTE, "Läst.")
    reply(story.public, case, "Mer.")

    assert done.mail_down
    assert done.entries_joined == 2
    assert done.rows_settled > 0


def _a_life(story: Story) -> list[PlayedCase]:
    """Cases, messages, a note and an opening: something waits for some and not for others."""
    cases = [story.tip(), story.report(), story.tip()]
    reply(story.public, cases[0], "Ett tillägg.")
    member = cases[1].members["h1"].account
    handle.open_case(story.handler, member, cases[1].reference)
    record = seal_text(story.handler, cases[1], Kind.MESSAGE, "Hej.", by="h1")
    handle.add_record(story.handler, member, cases[1].reference, record)
    return cases


def _without_id(taken: Taken) -> str:
    """A letter without the one line that tells it from all others, and which is random."""
    return "\n".join(line for line in taken.content.decode().splitlines() if not line.startswith("Message-ID:"))
