"""The end of a case: alarms, the lock, openings by two for the archive, and disposal that leaves nothing but a stub."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.setting_up import organisation, two
from tests.support.story import DAY, Story
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import PlayedCase, agree, propose, reply, seal_text, stored
from tipportal.cli.demo_work import take_measure
from tipportal.domain.cases import Case, CaseState, Stream
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import AlreadyDecided, CaseLocked, IllegalTransition, Invalid, NotEntitled, NotFound
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.measures import MeasureKind
from tipportal.domain.registration import is_feed_day
from tipportal.domain.retention import Purpose, Stage
from tipportal.envelope.payloads import ActKind, ClosePayload, Outcome, ReasonsPayload, RetainPayload, Retention
from tipportal.envelope.records import Kind
from tipportal.storage.retention import belonging
from tipportal.storage.rows import metadata
from tipportal.usecases import alarms, dialogue, handle, logbook, registration, retention

NUMBER = "KS 2026/77"
GONE = "Grannens hemliga namn är Tvättbjörn"


def on(story: Story, day: date, hour: int = 11) -> None:
    """Move the clock to a day; everybody's sessions and proposals are as old as that makes them."""
    story.clock.now = int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp())


def close(story: Story, case: PlayedCase) -> Case:
    """Begin what has not begun, and close a tip, by two."""
    if stored(story.handler, case).state is CaseState.ACKNOWLEDGED:
        handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Klart.", by="h1")
    payload = ClosePayload(Outcome.CONFIRMED, reasons.digest.hex())
    return agree(story.handler, case, propose(story.handler, case, payload, reasons))


def disposal_decision(story: Story, *, months: int = 0, subject: str = "disposal_tip") -> None:
    """Two administrators record a disposal decision."""
    two(story).make(
        ChangeKind.DECISION,
        {
            "subject": subject,
            "organisation": organisation(story).id,
            "number": NUMBER,
            "decided_on": story.handler.today().isoformat(),
            "months": months,
        },
    )


def decide_to(story: Story, case: PlayedCase, what: Retention, number: str = NUMBER) -> Case:
    """Preserve or dispose, by two."""
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Enligt beslut.", by="h1")
    proposal = propose(story.handler, case, RetainPayload(what, number, reasons.digest.hex()), reasons)
    return agree(story.handler, case, proposal)


def retain(story: Story, case: PlayedCase, what: Retention, number: str = NUMBER) -> Case:
    """The same; of what the diary has had, if it is to be disposed of."""
    if what is Retention.DISPOSE:
        story.clock.advance(DAY)
        while not is_feed_day(story.handler.today()):
            story.clock.advance(DAY)
        registration.feed_due(story.handler)
    return decide_to(story, case, what, number)


def reopen(story: Story, case: PlayedCase) -> Case:
    """Open a closed case again, by two."""
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Något nytt.", by="h1")
    payload = ReasonsPayload(ActKind.REOPEN, reasons.digest.hex())
    return agree(story.handler, case, propose(story.handler, case, payload, reasons))


def alarmed(story: Story, case: PlayedCase) -> list[tuple[object, object]]:
    """The steps of a case's end that the log tells of, with the day that each is about."""
    with story.handler.storage.read() as uow:
        logged = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    return [
        (entry["facts"]["step"], entry["facts"]["due"])
        for entry in logged
        if entry["kind"] == EntryKind.ALARM_RAISED.value and entry["facts"]["watch"] == "retention"
    ]


def test_a_disposed_case_leaves_a_stub_and_nothing_else(story: Story) -> None:
    case = story.tip()
    other = story.tip()
    big = MadeFile("bild.png", "image/png", b"\x89PNG" + bytes(90_000))
    reply(story.public, case, GONE, files=[big])
    take_measure(story.handler, case, MeasureKind.POLICE_REPORT, "Anmält.")
    close(story, case)
    disposal_decision(story)
    kept = stored(story.handler, case)
    with story.handler.storage.read() as uow:
        files = [record.file for record in uow.cases.records(kept.id, list(Stream))]
        grants = [grant.file for grant in uow.cases.grants(kept.id)]

    before = b"".join(path.read_bytes() for path in _files(story))
    assert story.kind == "postgresql" or all(sealed[-64:] in before for sealed in (*files, *grants))

    retain(story, case, Retention.DISPOSE)

    with pytest.raises(LookupError):
        stored(story.handler, case)
    for rows in (rows for name, rows in story.contents().items() if name in belonging()):
        assert not [row for row in rows if kept.id in (row.get("case_id"), row.get("other_case_id"))]
    [stub] = retention.disposed(story.handler)
    assert (stub.reference, stub.decision_number, stub.disposed_on) == (case.reference, NUMBER, story.handler.today())
    assert stored(story.handler, other).state is CaseState.ACKNOWLEDGED
    assert logbook.verify(story.handler).findings == ()
    # On the disk too: in no page of the database, no journal and no file.
    if story.kind == "sqlite":
        on_disk = b"".join(path.read_bytes() for path in _files(story))
        for sealed in (*files, *grants):
            assert sealed[-64:] not in on_disk


def test_every_table_that_names_a_case_goes_with_it() -> None:
    naming = {table.name for table in metadata.sorted_tables if {"case_id", "other_case_id"} & set(table.c.keys())}
    assert naming <= belonging()
    # Of what only names a row that goes.
    assert {"reasons", "deciders", "approvals", "prepared_epochs", "prepared_grants"} <= belonging()
    assert not {"cases", "log_entries", "log_nodes", "pending_entries", "accounts", "disposed_cases"} & belonging()


def test_a_disposed_case_is_to_its_source_as_an_unknown_code(story: Story) -> None:
    case = story.tip()
    close(story, case)
    disposal_decision(story)
    retain(story, case, Retention.DISPOSE)
    told = []
    for token in (case.keys.lookup_token, b"\x00" * len(case.keys.lookup_token)):
        with pytest.raises(NotFound) as refusal:
            dialogue.open_by_token(story.public, token)
        told.append((type(refusal.value), refusal.value.reason))
    assert told[0] == told[1]


def test_nothing_is_disposed_of_without_a_decision_that_covers_it(story: Story) -> None:
    case = story.tip()
    close(story, case)
    with pytest.raises(Invalid):
        retain(story, case, Retention.DISPOSE)
    disposal_decision(story, subject="disposal_report")
    with pytest.raises(Invalid):
        retain(story, case, Retention.DISPOSE)
    disposal_decision(story, months=1)
    with pytest.raises(IllegalTransition):
        retain(story, case, Retention.DISPOSE)
    assert stored(story.handler, case).state is CaseState.CLOSED


def test_nothing_is_disposed_of_before_the_diary_has_had_it(story: Story) -> None:
    case = story.tip()
    close(story, case)
    disposal_decision(story)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Enligt beslut.", by="h1")
    payload = RetainPayload(Retention.DISPOSE, NUMBER, reasons.digest.hex())
    with pytest.raises(IllegalTransition, match="diariet"):
        propose(story.handler, case, payload, reasons)
    story.clock.advance(DAY)
    registration.feed_due(story.handler)
    proposal = propose(story.handler, case, payload, reasons)
    reply(story.public, case, "Mer.")
    with pytest.raises(IllegalTransition, match="diariet"):
        agree(story.handler, case, proposal)
    assert stored(story.handler, case).state is CaseState.CLOSED


def test_an_open_case_is_neither_preserved_nor_disposed_of(story: Story) -> None:
    case = story.tip()
    disposal_decision(story)
    for what in Retention:
        with pytest.raises(IllegalTransition):
            retain(story, case, what)


def test_the_panels_access_ends_after_two_years_and_comes_back_by_two_for_the_archive(story: Story) -> None:
    case = story.tip()
    take_measure(story.handler, case, MeasureKind.POLICE_REPORT, "Anmält.")
    on(story, date(2028, 2, 29))
    close(story, case)
    one, another = (case.members[name].account for name in ("h1", "h2"))
    on(story, date(2029, 8, 28))
    assert retention.due_for(story.handler, one) == ()
    on(story, date(2029, 8, 29))
    assert [due.stage for due in retention.due_for(story.handler, one)] == [Stage.FIRST_ALARM]
    on(story, date(2029, 12, 29))
    assert [due.stage for due in retention.due_for(story.handler, one)] == [Stage.SECOND_ALARM]
    on(story, date(2030, 2, 27))
    assert retention.lock_due(story.handler) == 0
    handle.open_case(story.handler, one, case.reference)
    # The day ends it, whether ``tick`` has run or not.
    on(story, date(2030, 2, 28), hour=0)
    with pytest.raises(CaseLocked):
        handle.open_case(story.handler, one, case.reference)
    assert retention.lock_due(story.handler) == 1
    assert retention.lock_due(story.handler) == 0
    assert stored(story.handler, case).state is CaseState.LOCKED
    assert handle.titles(story.handler, one, [case.reference]) == ()

    asked = retention.ask_opening(story.handler, one, case.reference, Purpose.RETENTION)
    with pytest.raises(NotEntitled):
        retention.allow_opening(story.handler, one, case.reference, asked.id)
    with pytest.raises(CaseLocked):
        handle.open_case(story.handler, another, case.reference)
    allowed = retention.allow_opening(story.handler, another, case.reference, asked.id)
    assert allowed.until == date(2030, 3, 6)
    with pytest.raises(AlreadyDecided):
        retention.allow_opening(story.handler, another, case.reference, asked.id)
    handle.open_case(story.handler, one, case.reference)
    retain(story, case, Retention.PRESERVE, "ARK 2030/1")
    assert retention.due_for(story.handler, one) == ()
    on(story, date(2030, 3, 7))
    with pytest.raises(CaseLocked):
        handle.open_case(story.handler, one, case.reference)
    assert logbook.verify(story.handler).findings == ()


def test_the_end_of_a_case_is_alarmed_about_once_at_each_step_and_logged(story: Story) -> None:
    case, decided, reopened = story.tip(), story.tip(), story.tip()
    on(story, date(2028, 2, 29))
    for one in (case, decided, reopened):
        close(story, one)
    retain(story, decided, Retention.PRESERVE, "ARK 2028/1")
    counted = []
    for day in (date(2029, 8, 28), date(2029, 8, 29), date(2029, 8, 30), date(2029, 12, 28), date(2029, 12, 29)):
        on(story, day)
        counted += [alarms.raise_alarms(story.handler), alarms.raise_alarms(story.handler)]
        if day == date(2029, 8, 30):
            reopen(story, reopened)
            close(story, reopened)
    assert counted == [0, 0, 2, 0, 0, 0, 0, 0, 1, 0]
    assert alarmed(story, case) == [("panel_early", "2030-02-28"), ("panel", "2030-02-28")]
    assert alarmed(story, decided) == []
    # Closed anew: two years from then, and both alarms once more, of which a late ``tick`` misses none.
    on(story, date(2031, 7, 1))
    assert retention.lock_due(story.handler) == 2
    assert alarms.raise_alarms(story.handler) == 2
    assert alarmed(story, reopened)[1:] == [("panel_early", "2031-08-30"), ("panel", "2031-08-30")]
    assert logbook.verify(story.handler).findings == ()


def test_whoever_does_not_hold_a_case_learns_nothing_of_its_end(story: Story) -> None:
    case = story.tip()
    close(story, case)
    stranger = story.outsider(case).account
    told = set()
    for reference in (case.reference, "ABC-DEF-GHJ"):
        with pytest.raises(NotFound) as looking:
            retention.of_case(story.handler, stranger, reference)
        with pytest.raises(NotFound) as asking:
            retention.ask_opening(story.handler, stranger, reference, Purpose.EXPORT)
        with pytest.raises(NotFound) as allowing:
            retention.allow_opening(story.handler, stranger, reference, "0" * 32)
        told |= {refusal.value.reason for refusal in (looking, asking, allowing)}
    assert len(told) == 1


def test_a_stub_taken_away_or_a_case_brought_back_is_found(story: Story) -> None:
    case = story.tip()
    close(story, case)
    disposal_decision(story)
    retain(story, case, Retention.DISPOSE)
    story.change("UPDATE disposed_cases SET decision_number = 'KS 1'")
    assert [found.what for found in logbook.verify(story.handler).findings] == [
        f"Det gallrade ärendet {case.reference} står på ett annat sätt i databasen än i loggen."
    ]
    story.change("DELETE FROM disposed_cases")
    assert len(logbook.verify(story.handler).findings) == 1


def test_a_case_that_somebody_deletes_by_hand_is_missed(story: Story) -> None:
    case = story.tip()
    close(story, case)
    row = stored(story.handler, case)
    with story.sql() as connection:
        if story.kind == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for table in reversed(metadata.sorted_tables):
            if "case_id" in table.c and story.kind == "sqlite":
                connection.execute(sa.delete(table).where(table.c.case_id == row.id))
        if story.kind == "sqlite":
            connection.execute(sa.text("DELETE FROM cases WHERE id = :id"), {"id": row.id})
        else:
            connection.execute(sa.text("UPDATE cases SET state = 'locked' WHERE id = :id"), {"id": row.id})
    assert any(case.reference in found.what for found in logbook.verify(story.handler).findings)


def _files(story: Story) -> list[Path]:
    directory = story.blobs.parent
    return [path for path in directory.rglob("*") if path.is_file()]
