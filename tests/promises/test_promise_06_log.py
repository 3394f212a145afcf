"""Promise 6: every act stands in a log that cannot be edited, cut in the middle, reordered or forged unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, agree, propose, reply, seal_text, write
from tipportal.domain.handlinglog import entry_bytes, leaf_hash
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, logbook, scheduled


def test_log_of_a_whole_story_verifies(story: Story) -> None:
    _assessed(story)

    verified = logbook.verify(story.handler)

    assert verified.findings == ()
    assert verified.size == len(story.contents()["log_entries"])
    with story.database.read() as uow:
        assert verified.root == uow.log.root().hex()


def test_root_changes_with_every_entry(story: Story) -> None:
    case = story.tip()
    roots = set()
    for text in ("ett", "två", "tre"):
        write(story.handler, case, Kind.NOTE, text)
        roots.add(logbook.verify(story.handler).root)

    assert len(roots) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entries SET data = data",
        "UPDATE log_entries SET case_reference = NULL WHERE position = 3",
        "DELETE FROM log_entries WHERE position = 3",
        "DELETE FROM log_entries",
        "INSERT INTO log_entries (position, leaf, data) SELECT 900, leaf, data FROM log_entries WHERE position = 1",
        "INSERT INTO log_entries (position, leaf, data) SELECT -1, leaf, data FROM log_entries WHERE position = 1",
        "INSERT INTO log_entries (position, leaf, data) SELECT 1, leaf, data FROM log_entries WHERE position = 1",
        "UPDATE log_nodes SET hash = hash",
        "DELETE FROM log_nodes",
        "INSERT INTO log_nodes (level, position, hash) SELECT level, position, hash FROM log_nodes",
    ],
)
def test_database_refuses_to_change_the_log(story: Story, statement: str) -> None:
    before = story.contents()

    with pytest.raises(sa.exc.DBAPIError):
        story.change(statement)

    assert story.contents() == before


def test_database_refuses_to_replace_or_empty_the_log(story: Story) -> None:
    refused = (
        ["TRUNCATE log_entries", "TRUNCATE log_nodes"]
        if story.kind == "postgresql"
        else [
            "INSERT OR REPLACE INTO log_entries (position, leaf, data) SELECT position, leaf, data FROM log_entries",
            "REPLACE INTO log_nodes (level, position, hash) SELECT level, position, hash FROM log_nodes",
        ]
    )
    before = story.contents()

    for statement in refused:
        with pytest.raises(sa.exc.DBAPIError):
            story.change(statement)

    assert story.contents() == before


Tamper = Callable[[Story], None]


def _edit_actor(story: Story) -> None:
    _rewrite(story, _index(story, "opened"), actor="somebody else")


def _edit_time(story: Story) -> None:
    _rewrite(story, _index(story, "case_assessed"), time="2026-11-24T00:00:00Z")


def _edit_fact(story: Story) -> None:
    index = _index(story, "case_assessed")
    body = _body(story, index)
    _rewrite(story, index, facts={**body["facts"], "covered": False})


def _edit_and_hash_again(story: Story) -> None:
    index = _index(story, "note_added")
    data = entry_bytes({**_body(story, index), "actor": "x"}, index)
    story.change("UPDATE log_entries SET data = :d, leaf = :l WHERE position = :p", d=data, l=leaf_hash(data), p=index)


def _same_in_other_bytes(story: Story) -> None:
    index = _index(story, "opened")
    data = json.dumps(_body(story, index)).encode()
    story.change("UPDATE log_entries SET data = :d WHERE position = :p", d=data, p=index)


def _no_json(story: Story) -> None:
    story.change("UPDATE log_entries SET data = :d WHERE position = 2", d=b"\xff")


def _unknown_kind(story: Story) -> None:
    _rewrite(story, _index(story, "opened"), kind="never_heard_of")


def _extra_member(story: Story) -> None:
    _rewrite(story, _index(story, "opened"), note="hello")


def _remove_one(story: Story) -> None:
    story.change("DELETE FROM log_entries WHERE position = :p", p=_index(story, "opened"))


def _remove_and_close_the_gap(story: Story) -> None:
    index = _index(story, "opened")
    story.change("DELETE FROM log_entries WHERE position = :p", p=index)
    for position in range(index + 1, len(story.contents()["log_entries"]) + 1):
        story.change("UPDATE log_entries SET position = :to WHERE position = :p", to=position - 1, p=position)


def _swap_two(story: Story) -> None:
    first, second = _index(story, "opened"), _index(story, "note_added")
    for position, to in ((first, 900), (second, first), (900, second)):
        story.change("UPDATE log_entries SET position = :to WHERE position = :p", to=to, p=position)


def _edit_the_top_of_the_tree(story: Story) -> None:
    story.change("UPDATE log_nodes SET hash = :h WHERE level = (SELECT max(level) FROM log_nodes)", h=bytes(32))


def _cut_the_decision(story: Story) -> None:
    story.change("DELETE FROM log_entries WHERE position >= :p", p=_index(story, "case_assessed"))


@pytest.mark.parametrize(
    "tamper",
    [
        _edit_actor, _edit_time, _edit_fact, _edit_and_hash_again, _same_in_other_bytes, _no_json, _unknown_kind,
        _extra_member, _remove_one, _remove_and_close_the_gap, _swap_two, _edit_the_top_of_the_tree, _cut_the_decision,
    ],
)  # fmt: skip
def test_tampering_by_somebody_who_owns_the_database_is_found(story: Story, tamper: Tamper) -> None:
    _assessed(story)
    story.drop_guards()
    assert logbook.verify(story.handler).findings == ()

    tamper(story)

    findings = logbook.verify(story.handler).findings
    assert findings
    assert all(finding.what for finding in findings)


def test_entries_of_a_sources_act_wait_and_join_right_before_the_first_act_of_a_handler_on_the_case(
    story: Story,
) -> None:
    case, other = story.tip(), story.tip()
    size = len(story.contents()["log_entries"])
    reply(story.public, case, "Ett tillägg.")
    assert len(story.contents()["log_entries"]) == size
    assert len(story.contents()["pending_entries"]) == 5

    handle.open_case(story.handler, case.members["h1"].account, case.reference)

    joined = [_body(story, index) for index in range(size, size + 4)]
    assert {body["kind"] for body in joined[:3]} == {"case_received", "case_acknowledged", "source_message_received"}
    assert joined[3]["kind"] == "opened"
    assert {body["case"] for body in joined} == {case.reference}
    assert {row["case_reference"] for row in story.contents()["pending_entries"]} == {other.reference}
    # In the order of their hashes, which nobody chose.
    waiting = [leaf_hash(_without_index(body)) for body in joined[:3]]
    assert waiting == sorted(waiting)


def test_act_that_is_refused_joins_nothing(story: Story) -> None:
    case = story.report()
    size = len(story.contents()["log_entries"])

    with pytest.raises(Exception, match="Uppföljningen"):
        handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)

    assert len(story.contents()["log_entries"]) == size


def test_tick_joins_what_is_older_than_today_and_nothing_of_today(story: Story) -> None:
    story.tip()
    assert scheduled.tick(story.handler).entries_joined == 0
    story.clock.now = 1_795_474_799  # 23:59:59 in Stockholm
    assert scheduled.tick(story.handler).entries_joined == 0

    story.clock.advance(1)
    later = story.tip()

    assert scheduled.tick(story.handler).entries_joined == 2
    assert {row["case_reference"] for row in story.contents()["pending_entries"]} == {later.reference}
    assert logbook.verify(story.handler).findings == ()


def _assessed(story: Story) -> PlayedCase:
    case = story.report()
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    write(story.handler, case, Kind.NOTE, "Läst.")
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    agree(story.handler, case, propose(story.handler, case, payload, reasons))
    return case


def _index(story: Story, kind: str) -> int:
    return next(
        int(row["position"]) for row in story.contents()["log_entries"] if json.loads(row["data"])["kind"] == kind
    )


def _body(story: Story, index: int) -> dict[str, Any]:
    row = next(row for row in story.contents()["log_entries"] if row["position"] == index)
    body: dict[str, Any] = json.loads(row["data"])
    return body


def _rewrite(story: Story, index: int, **members: object) -> None:
    data = json.dumps({**_body(story, index), **members}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    story.change("UPDATE log_entries SET data = :d WHERE position = :p", d=data.encode(), p=index)


def _without_index(body: dict[str, Any]) -> bytes:
    return json.dumps(
        {name: body[name] for name in body if name != "index"},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
