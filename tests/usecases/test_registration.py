"""The diary feed: once each working day, of days that are over, in an order that tells nothing; nothing of a case."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest

from tests.support.story import DAY, TIP, Story
from tests.usecases.test_retention import close, disposal_decision, on, retain
from tipportal.cli.demo_playing import reply, write
from tipportal.domain.errors import Invalid, NotFound
from tipportal.envelope.payloads import Retention
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, logbook, registration

MONDAY = date(2026, 11, 23)


def _lines(story: Story) -> list[dict[str, str]]:
    return [
        line
        for file in registration.files(story.handler, MONDAY)
        for line in json.loads(file.json)["lines"]
    ]  # fmt: skip


def test_each_document_stands_in_the_file_of_the_next_working_day_once(story: Story) -> None:
    case = story.tip()
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    reply(story.public, case, "Det händer fortfarande.")
    write(story.handler, case, Kind.MESSAGE, "Tack. När såg du det?", by="h1")
    write(story.handler, case, Kind.NOTE, "Ring avdelningen.", by="h1")
    report = story.report()
    # Today is not over.
    assert registration.feed_due(story.handler) == 0
    story.clock.advance(DAY)
    assert registration.feed_due(story.handler) == 4
    assert registration.feed_due(story.handler) == 0

    lines = _lines(story)
    assert len(lines) == 4
    assert [line["number"] for line in lines] == sorted(line["number"] for line in lines)
    assert sorted((line["subject"], line["direction"]) for line in lines) == [
        ("Meddelande: Tips om felaktig utbetalning", "in"),
        ("Meddelande: Tips om felaktig utbetalning", "out"),
        ("Rapport enligt lag (2021:890)", "in"),
        ("Tips om felaktig utbetalning", "in"),
    ]
    assert {line["date"] for line in lines} == {"2026-11-23"}
    assert {line["sender"] for line in lines if line["direction"] == "in"} == {"skyddad uppgift"}
    assert {line["recipient"] for line in lines if line["direction"] == "out"} == {"skyddad uppgift"}
    marked = {line["subject"]: line["secrecy_provision"] for line in lines}
    assert "32 kap. 3 b §" in marked["Rapport enligt lag (2021:890)"]
    assert marked["Tips om felaktig utbetalning"] == ""
    assert len({line["case_number"] for line in lines}) == 2
    for file in registration.files(story.handler, MONDAY):
        for secret in (case.reference, report.reference, case.keys.lookup_digest, TIP["what_happened"], "hemtjanst"):
            assert secret.encode() not in file.csv + file.json
        [header, *rows] = csv.reader(io.StringIO(file.csv.decode()))
        assert tuple(header) == registration.COLUMNS
        assert [dict(zip(header, row, strict=True)) for row in rows] == json.loads(file.json)["lines"]
    assert logbook.verify(story.handler).findings == ()


def test_a_weekend_and_a_holiday_are_told_of_on_the_next_working_day(story: Story) -> None:
    on(story, date(2026, 12, 23))
    registration.feed_due(story.handler)
    story.tip()
    for day in (24, 25, 26, 27):
        on(story, date(2026, 12, day))
        assert registration.feed_due(story.handler) == 0
    story.tip()
    on(story, date(2026, 12, 28), hour=0)
    assert registration.feed_due(story.handler) == 2
    assert sorted(line["date"] for line in _lines(story)) == ["2026-12-23", "2026-12-27"]


def test_the_night_when_clocks_change_belongs_to_its_swedish_day(story: Story) -> None:
    case = story.tip()
    on(story, date(2027, 3, 25))
    registration.feed_due(story.handler)
    # 23:30 UTC on Saturday is Sunday in Sweden; on Sunday 22:30 UTC it is Monday already, by summer time.
    on(story, date(2027, 3, 27), hour=23)
    reply(story.public, case, "Natten då klockan ställs om.")
    on(story, date(2027, 3, 28), hour=22)
    assert story.handler.today() == date(2027, 3, 29)
    # Easter Monday: no working day.
    assert registration.feed_due(story.handler) == 0
    on(story, date(2027, 3, 30))
    assert registration.feed_due(story.handler) == 1
    assert sorted(line["date"] for line in _lines(story)) == ["2026-11-23", "2027-03-28"]


def test_registry_numbers_come_back_by_hand_and_by_file(story: Story) -> None:
    case = story.tip()
    reply(story.public, case, "Mer.")
    story.clock.advance(DAY)
    registration.feed_due(story.handler)
    one = case.members["h1"].account
    first, second = registration.of_case(story.handler, one, case.reference)
    registration.set_registry_number(story.handler, one, case.reference, first.number, " KS  2026/812 ")
    with pytest.raises(Invalid):
        registration.set_registry_number(story.handler, one, case.reference, first.number, "Olsson; 070-1")
    with pytest.raises(NotFound):
        registration.set_registry_number(
            story.handler, story.outsider(case).account, case.reference, first.number, "KS 1"
        )
    taken = f"number,registry_number\r\n{second.number},KS 2026/813\r\n"
    assert registration.take_registry_numbers(story.handler, io.StringIO(taken)) == 1
    assert registration.take_registry_numbers(story.handler, io.StringIO(taken)) == 0
    for bad in ("a,b\n", "number,registry_number\nTP-1,KS 1\n", f"{taken}{first.number},\n"):
        with pytest.raises(Invalid):
            registration.take_registry_numbers(story.handler, io.StringIO(bad))
    lines = registration.of_case(story.handler, one, case.reference)
    assert [line.registry_number for line in lines] == ["KS 2026/812", "KS 2026/813"]
    assert logbook.verify(story.handler).findings == ()


def test_the_register_outlives_the_case(story: Story) -> None:
    case = story.tip()
    close(story, case)
    story.clock.advance(DAY)
    registration.feed_due(story.handler)
    before = _lines(story)
    disposal_decision(story)
    retain(story, case, Retention.DISPOSE)
    assert _lines(story) == before
