"""Promise 3: nothing that is kept of a source's act tells more than its date."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.playing import server_sealed
from tests.support.story import REPORT, Story, staffed
from tipportal.cli.demo_playing import leave_case, reply, write
from tipportal.domain.organisations import Channel
from tipportal.envelope.records import Kind
from tipportal.usecases import scheduled, source_session

LATER = 8 * 3600
"""Another hour of the same Stockholm date."""
QUARTER = 15 * 60
LONG = "Det här har pågått länge. " * 4000
"""Too long for a row: sealed, it lies in a file of its own."""


def test_no_value_that_a_source_leaves_is_near_the_clock(story: Story) -> None:
    before = story.contents()
    _everything_a_source_does(story)

    found = [
        (table, column, value)
        for table, row in _new(before, story.contents())
        for column, value in row.items()
        for value in _instants(value, story.clock())
        if (table, column) != ("source_sessions", "expires_quarter")
    ]

    assert found == []


def test_search_finds_what_a_handler_leaves(story: Story) -> None:
    # The control: the same search over a handler's act, whose instants are kept on purpose.
    case = story.tip()
    before = story.contents()
    write(story.handler, case, Kind.NOTE, "Läst.")

    tables = {
        table
        for table, row in _new(before, story.contents())
        for value in row.values()
        for _ in _instants(value, story.clock())
    }

    assert tables >= {"records", "log_entries"}


def test_same_acts_at_another_hour_of_the_day_leave_the_same(database_kind: str, tmp_path: Path) -> None:
    left = []
    for name, later in (("morning", 0), ("evening", LATER)):
        (tmp_path / name).mkdir()
        with staffed(database_kind, tmp_path / name) as story:
            story.clock.advance(later)
            before = story.contents()
            _everything_a_source_does(story)
            left.append([(table, _told(table, row)) for table, row in _new(before, story.contents())])

    assert left[0] == left[1]
    assert len(left[0]) > 30


def test_session_of_a_source_tells_a_quarter_of_an_hour_and_no_more(story: Story) -> None:
    case = story.tip()
    quarters = set()
    for second in (0, 1, 450, QUARTER - 1):
        story.clock.now -= story.clock.now % QUARTER - second
        source_session.enter(story.public, case.keys)
        quarters |= {row["expires_quarter"] for row in story.contents()["source_sessions"]}

    assert len(quarters) == 1
    assert quarters.pop() * QUARTER - story.clock() <= 2 * QUARTER


def test_entries_of_a_sources_act_carry_its_date(story: Story) -> None:
    _everything_a_source_does(story)

    bodies = [json.loads(row["data"]) for row in story.contents()["pending_entries"]]

    assert {body["time"] for body in bodies} == {"2026-11-23"}
    assert {body["actor"] for body in bodies} == {"source", "system"}
    assert {row["on_date"] for row in story.contents()["pending_entries"]} == {date(2026, 11, 23)}


def test_log_of_the_day_does_not_tell_in_which_order_sources_came(story: Story) -> None:
    references = [story.tip().reference for _ in range(8)]
    story.clock.advance(24 * 3600)
    scheduled.tick(story.handler)

    rows = sorted(story.contents()["log_entries"], key=lambda row: row["position"])
    bodies = [json.loads(row["data"]) for row in rows if row["case_reference"]]
    received = [body["case"] for body in bodies if body["kind"] == "case_received"]

    assert sorted(received) == sorted(references)
    assert received != references
    assert {body["time"] for body in bodies} == {"2026-11-23"}


def test_files_of_a_source_carry_its_date(story: Story) -> None:
    _everything_a_source_does(story)
    files = [path for path in story.blobs.rglob("*") if path.is_file()]
    midnight = datetime(2026, 11, 23, tzinfo=UTC).timestamp()

    assert files
    assert {(path.stat().st_mtime, path.stat().st_atime) for path in files} == {(midnight, midnight)}


@pytest.mark.parametrize("order", [1, -1])
def test_keys_of_rows_say_nothing_of_their_order(story: Story, order: int) -> None:
    cases = [story.tip() for _ in range(8)]
    with story.database.read() as uow:
        ids = [uow.cases.by_lookup(bytes.fromhex(case.keys.lookup_digest)).id for case in cases]  # type: ignore[union-attr] # there is

    assert ids != sorted(ids, reverse=order < 0)
    assert [case.reference for case in cases] != sorted((case.reference for case in cases), reverse=order < 0)


def _everything_a_source_does(story: Story) -> None:
    leave_case(story.public, story.municipality, story.source(), Channel.REPORT, {**REPORT, "what_happened": LONG})
    browser = story.tip()
    reply(story.public, browser, "Ett tillägg.")
    _, visitor = server_sealed(story)
    source_session.send_message(story.public, visitor, "Ett till.", form_nonce="a")
    secret = source_session.enter(story.public, visitor.keys).secret
    assert source_session.visitor(story.public, secret) is not None


def _new(
    before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, rows in after.items():
        for row in rows:
            if row not in before[table]:
                yield table, row


def _instants(value: object, now: int) -> Iterator[object]:
    """What in a value is an instant within a day and a half of now, in any unit, spelling or byte order."""
    match value:
        case bool() | None:
            return
        case int():
            yield from _in_number(value, now)
        case str():
            yield from _in_text(value, now)
        case bytes() if _is_json(value):
            yield from _in_text(value.decode(), now)
        case bytes():
            # Sealed and hashed bytes: the very second in any of the layouts that programs write.
            yield from (value[:8] for layout in (">I", "<I", ">Q", "<Q") if struct.pack(layout, now) in value)
        case _:
            assert type(value) is date
            assert abs(value.toordinal() - date(2026, 11, 23).toordinal()) < 365


def _in_number(value: int, now: int) -> Iterator[object]:
    near = range(now - 36 * 3600, now + 36 * 3600)
    scaled = [value // unit for unit in (1, 1000, 10**6, 10**9)] + [value * unit for unit in (60, QUARTER, 3600)]
    if any(seconds in near for seconds in scaled):
        yield value


def _is_json(value: bytes) -> bool:
    return value.startswith(b'{"') and value.endswith(b"}")


def _in_text(value: str, now: int) -> Iterator[object]:
    # Identifiers that begin with a time (UUIDv7, ULID and their like), which is in seconds or milliseconds.
    for identifier in re.findall(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", value):
        yield from _in_number(int(identifier[:8], 16), now)
        yield from _in_number(int(identifier[:12], 16), now)
    value = re.sub(r"[0-9a-f]{32,}", "#", value)
    if re.search(r"\d{1,2}:\d\d|T\d\d", value):
        yield value
    for digits in re.findall(r"\d{8,}", value):
        yield from _in_number(int(digits), now)


def _told(table: str, row: dict[str, Any]) -> str:
    """A row without what is random in it: sealed bytes, and digests of them."""
    plain = {
        name: re.sub(rb"[0-9a-f]{64}", b"#", value) if isinstance(value, bytes) and _is_json(value) else value
        for name, value in row.items()
        if not isinstance(value, bytes) or _is_json(value)
    }
    plain.pop("genesis_hash", None)
    if table == "source_sessions":
        plain.pop("expires_quarter")
    return repr(plain)
