"""Rows that were altered behind the portal's back, seen by both sides' browsers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect

from tests.support.browser import Source
from tests.support.desk import Desks
from tests.support.servers import Server

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]
NewSource = Callable[..., Source]


def change(server: Server, statement: str, *values: object) -> list[tuple[object, ...]]:
    """What somebody with the database file can do: no constraint between tables holds them up."""
    file = server.folder / "data" / "tipportal.sqlite3"
    with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as database:
        return database.execute(statement, values).fetchall()


@contextmanager
def without(server: Server, reference: str, kind: str) -> Iterator[None]:
    """Take a record of a case away, and put it back."""
    ((case,),) = change(server, "SELECT id FROM cases WHERE reference = ?", reference)
    change(server, "UPDATE records SET case_id = 'away' WHERE case_id = ? AND kind = ?", case, kind)
    try:
        yield
    finally:
        change(server, "UPDATE records SET case_id = ? WHERE case_id = 'away'", case)


def test_a_report_that_is_gone_is_told_to_both_sides(http_server: Server, desks: At, new_source: NewSource) -> None:
    source = new_source(http_server)
    receipt = source.submit("tip", {"what_happened": http_server.canary()})
    desk = desks(http_server).panel(receipt.reference)[0]
    desk.open_case(receipt.reference)
    expect(desk.page.locator("#report-faults")).to_be_empty()
    for kind in ("report", "facts"):
        with without(http_server, receipt.reference, kind):
            desk.page.goto(desk.case_address(receipt.reference))
            desk.unlock()
            expect(desk.page.locator(f"#report-faults [data-kind={kind}]")).to_contain_text("missing")
    with without(http_server, receipt.reference, "report"):
        source.open_case(receipt.code)
        expect(source.page.locator(".record")).to_have_count(1)
        expect(source.page.locator(".record--failed")).to_have_count(1)


def test_with_keys_that_the_server_made_nothing_is_written_whatever_the_database_says(
    http_server: Server, desks: At, new_source: NewSource
) -> None:
    receipt = new_source(http_server, script=False).submit("tip", {"what_happened": http_server.canary()})
    ((case,),) = change(http_server, "SELECT id FROM cases WHERE reference = ?", receipt.reference)
    change(http_server, "UPDATE epochs SET opened_by = 'source' WHERE case_id = ?", case)
    change(http_server, "UPDATE cases SET sealed_by = 'browser' WHERE reference = ?", receipt.reference)
    try:
        desk = desks(http_server).panel(receipt.reference)[0]
        desk.page.goto(desk.case_address(receipt.reference))
        desk.unlock()
        # The signed beginning says who sealed, the row denies it: the keys stay, and nothing is sealed to them.
        expect(desk.page.get_by_text("Ärendets nycklar är redan handläggarnas egna")).to_be_visible()
        for button in desk.page.locator("#dialogue button[type=submit], #notes button[type=submit]").all():
            expect(button).to_be_disabled()
        told = change(http_server, "SELECT epoch FROM epochs WHERE case_id = ? ORDER BY epoch", case)
        assert told == [(0,)]
        source = new_source(http_server)
        source.open_case(receipt.code)
        expect(source.page.locator("#sealed-by")).to_have_attribute("data-by", "server")
    finally:
        change(http_server, "UPDATE epochs SET opened_by = 'server' WHERE case_id = ? AND epoch = 0", case)
        change(http_server, "UPDATE cases SET sealed_by = 'server' WHERE reference = ?", receipt.reference)
