from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event

from tests.storage import samples
from tests.storage.raw import execute, rows, statements
from tipportal.domain.cases import Case, CaseState, RecordKind, Stream
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.organisations import Absence, Channel, Function
from tipportal.domain.policies import register as snapshots
from tipportal.domain.ports import Row, UnitOfWork
from tipportal.domain.selection import Selection
from tipportal.storage import Database

STATES = (CaseState.ACKNOWLEDGED, CaseState.UNDER_FOLLOW_UP, CaseState.CLOSED)


def _fill(town: Database, count: int) -> None:
    with town.write() as uow:
        for number in range(count):
            case = samples.case(
                number,
                received_on=samples.DAY + timedelta(days=number // 3),
                channel=Channel.REPORT if number % 2 else Channel.TIP,
                state=STATES[number % 3],
            )
            uow.cases.add(case)
            uow.cases.add_epoch(samples.epoch(case))
            uow.cases.add_grants(samples.grants(case, panel=("anna", "bo") if number % 4 else ("bo", "cilla"),
                                                standby="cilla" if number % 4 else "anna"))  # fmt: skip


def _pages(town: Database, account: str, limit: int, **which: Any) -> list[Row]:  # noqa: ANN401 - filters of a page
    found: list[Row] = []
    after: tuple[date, str] | None = None
    while True:
        with town.read() as uow:
            page = uow.cases.rows_for(account, after=after, limit=limit, **which, now=samples.NOW)
        assert len(page) <= limit
        if not page:
            return found
        found.extend(page)
        after = (page[-1].case.received_on, page[-1].case.reference)


def test_the_list_comes_in_pages_without_gap_or_repetition(town: Database) -> None:
    _fill(town, 40)
    for limit in (1, 3, 7, 100):
        found = [(row.case.received_on, row.case.reference) for row in _pages(town, "anna", limit)]
        assert found == sorted(found, reverse=True)
        assert {reference for _, reference in found} == {f"AAA-{n:06d}" for n in range(40) if n % 4}
    assert _pages(town, "nobody", 5) == []


def test_the_list_is_filtered(town: Database) -> None:
    _fill(town, 40)
    reports = _pages(town, "bo", 4, selection=Selection(channel=Channel.REPORT))
    assert {row.case.channel for row in reports} == {Channel.REPORT}
    assert len(reports) == 20
    closed = _pages(town, "bo", 4, selection=Selection(CaseState.CLOSED))
    assert {row.case.state for row in closed} == {CaseState.CLOSED}
    assert len(closed) == 13
    assert len(_pages(town, "bo", 4, selection=Selection(CaseState.CLOSED, Channel.TIP))) == 7


def test_a_row_names_the_panel_in_the_order_of_the_draw(town: Database) -> None:
    _fill(town, 2)
    with town.read() as uow:
        by_id = {row.case.id: row.panel for row in uow.cases.rows_for("bo", after=None, limit=9, now=samples.NOW)}
    assert by_id == {"case-0": ("Bo", "Cilla"), "case-1": ("Anna", "Bo")}


def test_counts_are_of_own_cases(town: Database) -> None:
    _fill(town, 12)
    with town.read() as uow:
        assert uow.cases.counts_for("bo", samples.NOW) == {"new": 4, "mine": 8, "unread": 0, "waiting": 0}
        assert uow.cases.counts_for("anna", samples.NOW) == {"new": 3, "mine": 6, "unread": 0, "waiting": 0}
        assert uow.cases.counts_for("nobody", samples.NOW) == {"new": 0, "mine": 0, "unread": 0, "waiting": 0}


def test_counts_follow_the_state(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
        # What nobody has opened is new: unread are messages that came after.
        assert uow.cases.counts_for("anna", samples.NOW) == {"new": 1, "mine": 1, "unread": 0, "waiting": 0}
        uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, report))
        assert uow.cases.counts_for("anna", samples.NOW) == {"new": 1, "mine": 1, "unread": 1, "waiting": 0}
        moved = uow.cases.advance(case, state=CaseState.UNDER_FOLLOW_UP)
        assert uow.cases.counts_for("anna", samples.NOW) == {"new": 0, "mine": 1, "unread": 1, "waiting": 0}
        uow.cases.advance(moved, state=CaseState.CLOSED)
        assert uow.cases.counts_for("anna", samples.NOW) == {"new": 0, "mine": 0, "unread": 1, "waiting": 0}


def test_what_a_source_wrote_is_unread_until_each_has_opened_it(town: Database) -> None:
    case = samples.case()

    def unread() -> list[bool]:
        with town.read() as uow:
            return [uow.cases.rows_for(name, after=None, limit=1, now=samples.NOW)[0].unread for name in ("anna", "bo")]

    with town.write() as uow:
        _, report, _ = samples.submit(uow, case)
    assert unread() == [False, False]
    with town.write() as uow:
        uow.cases.mark_read(case.id, "anna", 0)
        answer = samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, report, author="h2")
        uow.cases.add_record(answer)
    assert unread() == [False, False]
    with town.write() as uow:
        message = samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, answer)
        uow.cases.add_record(message)
    assert unread() == [True, True]
    with town.write() as uow:
        uow.cases.mark_read(case.id, "bo", message.seq)
    assert unread() == [True, False]
    with town.write() as uow:
        # Never back: an older page that is still open does not make it unread again.
        uow.cases.mark_read(case.id, "bo", 0)
        uow.cases.mark_read(case.id, "anna", message.seq)
    assert unread() == [False, False]
    with town.read() as uow:
        assert uow.cases.counts_for("anna", samples.NOW)["unread"] == 0


def test_who_joins_later_has_not_read(town: Database) -> None:
    case = samples.case()
    with town.write() as uow:
        # That they have read another case to its end says nothing about this one.
        samples.submit(uow, samples.case(9))
        uow.cases.mark_read("case-9", "cilla", 99)
        _, report, _ = samples.submit(uow, case)
        uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, report))
        uow.cases.mark_read(case.id, "anna", 1)
        uow.cases.add_epoch(samples.epoch(case, 1, "anna"))
        uow.cases.add_grants(samples.grants(case, 1, panel=("anna", "cilla"), standby="dan"))
        uow.cases.advance(case, epoch=1)
        assert [uow.cases.counts_for(name, samples.NOW)["unread"] for name in ("anna", "cilla", "bo")] == [0, 1, 0]
        assert [uow.cases.counts_for(name, samples.NOW)["mine"] for name in ("anna", "cilla", "bo")] == [2, 1, 1]


def test_what_needs_doing_comes_oldest_first(town: Database) -> None:
    def on(day: int) -> date:
        return samples.DAY + timedelta(days=day)

    with town.write() as uow:
        for number, (day, state) in enumerate([
            (9, CaseState.ACKNOWLEDGED),  # 0: answered, but new: it stands elsewhere
            (8, CaseState.UNDER_FOLLOW_UP),  # 1: answered
            (7, CaseState.CLOSED),  # 2: answered
            (6, CaseState.UNDER_FOLLOW_UP),  # 3: nothing
            (5, CaseState.FEEDBACK_GIVEN),  # 4: waits
            (1, CaseState.ASSESSED),  # 5: due, answered and waits
            (0, CaseState.ACKNOWLEDGED),  # 6: due
            (0, CaseState.FEEDBACK_GIVEN),  # 7: feedback given in time
            (0, CaseState.CLOSED),  # 8: closed
        ]):  # fmt: skip
            case = samples.case(number, received_on=on(day), state=state)
            _, report, _ = samples.submit(uow, case)
            uow.cases.mark_read(case.id, "bo", 0)
            if number in (0, 1, 2, 5):
                uow.cases.add_record(samples.record(case, Stream.DIALOGUE, RecordKind.MESSAGE, report))
            if number in (4, 5):
                uow.proposals.add(samples.proposal(case, f"p{number}"))
        # Somebody else's.
        stranger = samples.case(99, received_on=on(0))
        uow.cases.add(stranger)
        uow.cases.add_epoch(samples.epoch(stranger))
        uow.cases.add_grants(samples.grants(stranger, panel=("anna", "cilla"), standby="bo"))
    with town.read() as uow:
        rows_ = _needing(uow, "bo", on(1))
        assert [row.case.id for row in rows_] == ["case-6", "case-5", "case-4", "case-2", "case-1"]
        assert [row.waits_for_me for row in rows_] == [False, True, True, False, False]
        assert [row.unread for row in rows_] == [False, True, False, True, True]
        assert {row.case.id for row in _needing(uow, "bo", on(1), limit=1)} <= {row.case.id for row in rows_}
        later = _needing(uow, "bo", on(0), now=samples.NOW + 10_000)
        assert [row.case.id for row in later] == ["case-6", "case-5", "case-2", "case-1"]
        assert _needing(uow, "nobody", on(1)) == []


def _needing(uow: UnitOfWork, account: str, day: date, *, limit: int = 9, now: int = samples.NOW) -> Sequence[Row]:
    """The rows of whatever may need action, where feedback is near for what was received by a day."""
    states = (CaseState.ACKNOWLEDGED, CaseState.ASSESSED, CaseState.UNDER_FOLLOW_UP)
    near = dict.fromkeys(states, day)
    found = uow.pressing.needing(account, received_by=near, alarmed_by=day, limit=limit, now=now)
    return uow.cases.rows_of(account, found, now)


@contextmanager
def _counted(town: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own list
        seen.append(str(arguments[2]))

    event.listen(town._reader, "before_cursor_execute", note)  # noqa: SLF001 - a test counts
    yield seen
    event.remove(town._reader, "before_cursor_execute", note)  # noqa: SLF001 - as above


def test_a_page_takes_as_many_statements_however_long_it_is(town: Database) -> None:
    _fill(town, 30)
    taken = []
    for limit in (1, 30):
        with _counted(town) as seen, town.read() as uow:
            uow.cases.rows_for("bo", after=None, limit=limit, now=samples.NOW)
        taken.append(len([sql for sql in seen if sql.startswith("SELECT")]))
    assert taken == [3, 3]


def test_a_page_is_found_by_index_and_not_by_sorting(town: Database) -> None:
    if statements(town) != "sqlite":
        return
    _fill(town, 3)
    for state in (None, CaseState.CLOSED):
        with _counted(town) as seen, town.read() as uow:
            after = (samples.DAY, "AAA-000009")
            uow.cases.rows_for("bo", after=after, limit=3, selection=Selection(state), now=samples.NOW)
        listed = next(sql for sql in seen if "FROM holdings" in sql)
        plan = " | ".join(row[3] for row in _plan(town, listed, [None] * listed.count("?")))
        index = f"ix_holdings_by_{'date' if state is None else 'state'} (account_id=?"
        assert f"SEARCH holdings USING INDEX {index}" in plan.replace("COVERING ", ""), plan
        assert "received_on,reference" in plan.replace("(received_on", "received_on").replace(" ", ""), plan
        assert "USE TEMP B-TREE" not in plan, plan


def _plan(town: Database, sql: str, values: list[Any]) -> list[Any]:
    with town._reader.connect() as connection:  # noqa: SLF001 - as above
        return list(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values)))


def test_a_case_is_listed_once_for_each_who_holds_it(town: Database) -> None:
    with town.write() as uow:
        samples.submit(uow, samples.case())
    listed = rows(town, "SELECT account_id FROM holdings ORDER BY account_id")
    assert [row.account_id for row in listed] == ["anna", "bo"]


def _other_function(town: Database, number: int, **changes: object) -> Case:
    """A case that bo has by another function, to which he is designated as ``changes`` say."""
    case = samples.case(number)
    with town.write() as uow:
        uow.register.add_function(Function("f2", "o1", "Tipsfunktionen"))
        uow.register.add_designation(
            samples.designation("bo", "u2", **{"id": "d-bo-2", "function_id": "f2", **changes})
        )
        samples.submit(uow, samples.case(1))
        uow.cases.add(case)
        uow.cases.add_epoch(samples.epoch(case))
        uow.cases.add_grants([replace(grant, function_id="f2") for grant in samples.grants(case)])
    return case


def _seen(town: Database, account: str, now: int = samples.NOW) -> tuple[bool, list[str], int, int]:
    """Whether the case is found by reference, the list, and the number of those under way; what waits for bo."""
    with town.read() as uow:
        found = uow.cases.for_holder("AAA-000002", account, stockholm_date(now))
        listed = [row.case.id for row in uow.cases.rows_for(account, after=None, limit=9, now=now)]
        due = _needing(uow, account, samples.DAY, now=now)
        return found is not None, sorted(listed), uow.cases.counts_for(account, now)["mine"], len(due)


def test_a_case_is_reached_by_a_designation_to_its_own_function_only(town: Database) -> None:
    _other_function(town, 2, valid_to=samples.DAY)
    day = 86_400
    assert _seen(town, "bo") == (True, ["case-1", "case-2"], 2, 2)
    # The last second of the last day in Stockholm, and the first of the next.
    midnight = next(t for t in range(samples.NOW, samples.NOW + day) if stockholm_date(t) > samples.DAY)
    assert _seen(town, "bo", midnight - 1) == (True, ["case-1", "case-2"], 2, 2)
    assert _seen(town, "bo", midnight) == (False, ["case-1"], 1, 1)
    # And whoever was never designated to it, is to another.
    assert _seen(town, "anna") == (False, ["case-1"], 1, 1)


def test_a_long_absence_pauses_what_a_short_one_does_not(town: Database) -> None:
    _other_function(town, 2)
    for number, (first, last, reaches) in enumerate([
        (0, 29, True),
        (0, 30, False),
        (-40, 0, False),
        (-40, -1, True),
        (1, None, True),
        (0, None, False),
    ]):  # fmt: skip
        on = [None if each is None else samples.DAY + timedelta(days=each) for each in (first, last)]
        away = Absence(f"a{number}", "o1", "bo", on[0] or samples.DAY, on[1])
        with town.write() as uow:
            uow.register.add_absence(away)
        assert _seen(town, "bo")[0] is reaches, away
        assert snapshots.Absence("bo", away.first, away.last).pauses(samples.DAY) is not reaches
        execute(town, "DELETE FROM absences")
