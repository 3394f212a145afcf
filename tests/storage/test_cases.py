from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path

import pytest

from tests.storage import samples
from tipportal.domain.accounts import SourceSession
from tipportal.domain.cases import CaseState, EpochState, GrantKind, Outcome, RecordKind, StoredRecord, Stream
from tipportal.domain.errors import CaseExists, Conflict, EpochClosed, EpochExists, SequenceConflict
from tipportal.storage import Database, StorageFault


def _message(of: object, prev: StoredRecord, author: str = "source", **options: int) -> StoredRecord:
    return samples.record(of, Stream.DIALOGUE, RecordKind.MESSAGE, prev, author=author, **options)  # type: ignore[arg-type]


def test_a_submission_is_read_back_as_it_was(town: Database) -> None:
    case = samples.case()
    epoch = samples.epoch(case)
    granted = samples.grants(case)
    with town.write() as uow:
        uow.cases.add(case)
        uow.cases.add_epoch(epoch)
        for grant in granted:
            uow.cases.add_grant(grant)
        kept = samples.first_records(case)
        for record in kept:
            uow.cases.add_record(record)
    with town.read() as uow:
        assert uow.cases.by_lookup(case.lookup_digest) == case
        assert uow.cases.by_lookup(bytes(32)) is None
        assert uow.cases.epochs(case.id) == [epoch]
        assert uow.cases.grants(case.id) == granted
        assert uow.cases.grants(case.id, 1) == []
        assert uow.cases.records(case.id, list(Stream)) == [kept[1], kept[0], kept[2]]
        assert uow.cases.records(case.id, [Stream.WORK]) == [kept[2]]
        assert uow.cases.last_record(case.id, Stream.DIALOGUE) == kept[1]
        assert uow.cases.last_record("nobody", Stream.DIALOGUE) is None


def test_a_reference_and_a_code_belong_to_one_case(town: Database) -> None:
    case = samples.case(1)
    with town.write() as uow:
        uow.cases.add(case)
        with pytest.raises(CaseExists):
            uow.cases.add(samples.case(2, lookup_digest=case.lookup_digest))
        with pytest.raises(Conflict, match="upptaget"):
            uow.cases.add(samples.case(3, reference=case.reference))
        # A refusal leaves the transaction usable, so that it can be logged.
        uow.cases.add(samples.case(4))
    with town.read() as uow:
        assert uow.cases.by_lookup(samples.case(4).lookup_digest) is not None


def test_nothing_of_a_failed_act_stays(town: Database) -> None:
    def fail_late() -> None:
        with town.write() as uow:
            samples.submit(uow, samples.case())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    with town.read() as uow:
        assert uow.cases.by_lookup(samples.case().lookup_digest) is None
        assert uow.cases.records("case-1", list(Stream)) == []


def test_only_a_holder_of_the_newest_epoch_finds_a_case(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        samples.submit(uow, case)
    with town.read() as uow:
        for finder in ("anna", "bo"):
            assert uow.cases.for_holder(case.reference, finder, samples.DAY) == case
            assert uow.cases.by_id_for_holder(case.id, finder, samples.DAY) == case
        # Withheld, stranger, the source's own grant, and an unknown reference: the same nothing.
        for stranger in ("cilla", "nobody", "source"):
            assert uow.cases.for_holder(case.reference, stranger, samples.DAY) is None
            assert uow.cases.by_id_for_holder(case.id, stranger, samples.DAY) is None
        assert uow.cases.for_holder("AAA-999999", "anna", samples.DAY) is None
    with town.write() as uow:
        uow.cases.close_epoch(case.id, 0)
        uow.cases.add_epoch(samples.epoch(case, 1, "bo"))
        uow.cases.add_grants(samples.grants(case, 1, panel=("bo", "cilla"), standby="dan"))
        uow.cases.advance(case, epoch=1)
    with town.read() as uow:
        assert uow.cases.for_holder(case.reference, "anna", samples.DAY) is None
        assert uow.cases.for_holder(case.reference, "cilla", samples.DAY) is not None
        assert [row.case.id for row in uow.cases.rows_for("anna", after=None, limit=9, now=samples.NOW)] == []
        assert [row.case.id for row in uow.cases.rows_for("cilla", after=None, limit=9, now=samples.NOW)] == [case.id]
        assert [grant.epoch for grant in uow.cases.grants_of(case.id, "bo")] == [0, 1]
        assert uow.cases.grants_of(case.id, "dan") == []


def test_grants_come_by_epoch_then_member_number(town: Database) -> None:
    case = samples.case()
    holders = tuple(f"handler-{number}" for number in range(1, 12))
    with town.write() as uow:
        for name in holders:
            uow.accounts.add(samples.account(name))
        uow.cases.add(case)
        uow.cases.add_epoch(samples.epoch(case))
        uow.cases.add_grants(list(reversed(samples.grants(case, panel=holders))))
    with town.read() as uow:
        members = [grant.member for grant in uow.cases.grants(case.id, 0)]
    assert members == [*(f"h{number}" for number in range(1, 13)), "source"]


def test_a_holder_gets_one_key_of_a_kind_in_an_epoch(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        samples.submit(uow, case)
        again = samples.grants(case)[0]
        with pytest.raises(Conflict):
            uow.cases.add_grant(again)
        with pytest.raises(Conflict):
            uow.cases.add_grant(dataclasses.replace(again, holder="cilla"))
        with pytest.raises(StorageFault, match="source_is_source"):
            uow.cases.add_grant(dataclasses.replace(again, holder="source", member="h9"))
        with pytest.raises(StorageFault):
            uow.cases.add_grant(dataclasses.replace(again, epoch=7))


def test_an_epoch_begins_once_and_closes_the_one_before(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        uow.cases.add(case)
        uow.cases.add_epoch(samples.epoch(case))
        with pytest.raises(EpochExists):
            uow.cases.add_epoch(samples.epoch(case))
        uow.cases.add_epoch(samples.epoch(case, 1, "anna"))
        with pytest.raises(EpochExists):
            uow.cases.add_epoch(samples.epoch(case, 1, "bo"))
        states = [epoch.state for epoch in uow.cases.epochs(case.id)]
    assert states == [EpochState.CLOSED, EpochState.OPEN]


def test_records_stand_in_one_unbroken_chain(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        genesis, report, _ = samples.submit(uow, case)
        message = _message(case, report)
        wrong = [
            dataclasses.replace(message, seq=0),  # taken
            dataclasses.replace(message, seq=2),  # a gap
            dataclasses.replace(message, prev=os.urandom(32)),  # not the newest
            dataclasses.replace(message, prev=genesis.digest),  # the wrong stream
            dataclasses.replace(message, stream=Stream.WORK, kind=RecordKind.NOTE),  # the other stream's
            dataclasses.replace(message, seq=-1),
            dataclasses.replace(genesis, id="again", seq=1),  # a second genesis
        ]
        for record in wrong:
            with pytest.raises(SequenceConflict):
                uow.cases.add_record(record)
        uow.cases.add_record(message)
        with pytest.raises(SequenceConflict):
            uow.cases.add_record(_message(case, report))
        assert uow.cases.last_record(case.id, Stream.DIALOGUE) == message


def test_a_chain_is_kept_whole_or_not_at_all(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        first = _message(case, report)
        with pytest.raises(SequenceConflict):
            uow.cases.add_records([first, _message(case, report)])
        assert uow.cases.last_record(case.id, Stream.DIALOGUE) == report


def test_a_closed_epoch_takes_no_records(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        uow.cases.close_epoch(case.id, 0)
        for author in ("source", "h1"):
            with pytest.raises(EpochClosed):
                uow.cases.add_record(_message(case, report, author))
        with pytest.raises(EpochClosed):
            uow.cases.add_record(_message(case, report, number=1))
        uow.cases.add_epoch(samples.epoch(case, 1, "anna"))
        uow.cases.add_record(_message(case, report, "h1", number=1))


def test_of_two_writers_at_once_one_is_told_to_write_again(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
    start = threading.Barrier(2)
    results: list[str] = []

    def write() -> None:
        record = _message(case, report)
        start.wait()
        try:
            with town.write() as uow:
                uow.cases.add_record(record)
            results.append("kept")
        except SequenceConflict:
            results.append("conflict")

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["conflict", "kept"]


def test_what_a_source_writes_has_no_instant(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        with pytest.raises(StorageFault, match="source_without_instant"):
            uow.cases.add_record(dataclasses.replace(_message(case, report), written_at=samples.NOW))


def test_large_records_lie_in_files(town: Database, tmp_path: Path) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        edge = _message(case, report, size=65_536)
        large = _message(case, edge, size=65_537)
        uow.cases.add_records([edge, large])
        with pytest.raises(SequenceConflict):
            uow.cases.add_record(_message(case, edge, size=70_000))
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [large.file]

    def fail_late() -> None:
        with town.write() as uow:
            uow.cases.add_record(_message(case, large, size=80_000))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == files
    with town.read() as uow:
        assert uow.cases.records(case.id, [Stream.DIALOGUE]) == [report, edge, large]


def test_the_newest_of_a_kind(town: Database) -> None:
    with town.write() as uow:
        titles = {}
        for number in (1, 2, 3):
            case = samples.case(number)
            _, _, facts = samples.submit(uow, case)
            prev = facts
            for _ in range(number - 1):
                prev = samples.record(case, Stream.WORK, RecordKind.TITLE, prev, author="h1")
                uow.cases.add_record(prev)
                titles[case.id] = prev
            uow.cases.add_record(samples.record(case, Stream.WORK, RecordKind.NOTE, prev, author="h1"))
    with town.read() as uow:
        assert uow.cases.newest(["case-1", "case-2", "case-3"], RecordKind.TITLE) == titles
        assert uow.cases.newest(["case-2"], RecordKind.TITLE) == {"case-2": titles["case-2"]}
        assert uow.cases.newest([], RecordKind.TITLE) == {}


def test_a_case_advances_from_what_was_read(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        samples.submit(uow, case)
        assert uow.cases.advance(case) is case
        moved = uow.cases.advance(case, state=CaseState.UNDER_FOLLOW_UP)
        assert moved == dataclasses.replace(case, state=CaseState.UNDER_FOLLOW_UP)
        with pytest.raises(Conflict):
            uow.cases.advance(case, state=CaseState.CLOSED)
        closed = uow.cases.advance(
            moved, state=CaseState.CLOSED, closed_on=samples.DAY, outcome=Outcome.UNFOUNDED, covered=False
        )
    with town.read() as uow:
        assert uow.cases.by_lookup(case.lookup_digest) == closed
        assert closed.outcome is Outcome.UNFOUNDED
        assert closed.covered is False


def test_grants_are_released_by_kind_only(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        samples.submit(uow, case)
    with town.read() as uow:
        assert [grant.kind for grant in uow.cases.grants_of(case.id, "anna")] == [GrantKind.PANEL]
        assert [grant.kind for grant in uow.cases.grants_of(case.id, "source")] == [GrantKind.SOURCE]
        assert uow.cases.grants_of(case.id, "cilla") == []


def test_a_source_session_lives_with_its_case(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        samples.submit(uow, case)
        uow.accounts.add_source_session(SourceSession(b"digest", "o1", case.id, b"sealed", 10))
        uow.accounts.touch_source_session(b"digest", 12)
        assert uow.accounts.source_session(b"digest") == SourceSession(b"digest", "o1", case.id, b"sealed", 12)
        assert uow.accounts.delete_source_sessions_before(12) == 0
        assert uow.accounts.delete_source_sessions_before(13) == 1
        uow.accounts.add_source_session(SourceSession(b"digest", "o1", case.id, b"sealed", 10))
        uow.accounts.delete_source_session(b"digest")
        assert uow.accounts.source_session(b"digest") is None
