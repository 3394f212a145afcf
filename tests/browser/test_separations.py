"""Leaving a case in the browser: keys go, a standby steps in, and whoever writes next makes keys for those who stay."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.support.browser import Source
from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk, Desks
from tests.support.servers import Server
from tipportal.envelope.errors import NoMatchingIdentity
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import PassphraseIdentity, parse_identity_file
from tipportal.envelope.stanza import Identity

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]


def test_who_leaves_reads_nothing_that_follows(http_server: Server, new_source: NewSource, desks: At) -> None:
    source, plain = new_source(http_server), new_source(http_server, script=False)
    receipt = source.submit("report", {"what_happened": http_server.canary("Det hände: ")})
    at_work = desks(http_server)
    one, leaving = at_work.panel(receipt.reference)
    one.open_case(receipt.reference)
    knows_why_it_is_them(one)
    leave(leaving, receipt.reference)
    stepped_in = the_standby(at_work, receipt.reference, one)
    told = begin_anew_and_write(http_server, one, receipt.reference)
    assert keys_that_open(http_server, one, receipt.reference, epoch=1) == 1
    assert keys_that_open(http_server, leaving, receipt.reference, epoch=1) == 0
    answer = read_and_answer(http_server, source, plain, receipt.code, told)
    stepped_in.open_case(receipt.reference)
    expect(stepped_in.page.locator("#doubts")).to_be_empty()
    assert stepped_in.bodies(author="source").all_text_contents() == answer
    leave(stepped_in, receipt.reference)
    source_begins_anew(http_server, source, one, receipt.reference)
    assert keys_that_open(http_server, stepped_in, receipt.reference, epoch=1) == 0
    assert keys_that_open(http_server, stepped_in, receipt.reference, epoch=2) == 0


def knows_why_it_is_them(desk: Desk) -> None:
    """The page names the members and the reasons for them, and these agree with the log."""
    desk.tab_of("#members")
    expect(desk.page.locator("#members [data-role=panel]")).to_have_count(2)
    expect(desk.page.locator("#why")).to_have_attribute("data-fault", "")
    assert desk.page.locator("#why p").count() > 1


def leave(desk: Desk, reference: str) -> None:
    """Leave the case: nothing happens before it is meant, and then the list says that it is done."""
    desk.open_case(reference)
    desk.tab_of("#recuse-form")
    form = desk.page.locator("#recuse-form")
    form.locator("[data-slot=choice]").select_option("concerned")
    desk.send("recuse-form")
    expect(form.locator("[data-slot=status]")).to_have_attribute("data-mood", "bad")
    form.locator("#recuse-sure").check(force=True)
    desk.send("recuse-form")
    expect(desk.page.locator("#lamnat")).to_be_visible()
    expect(desk.page.locator(f"[data-reference='{reference}']")).to_have_count(0)
    assert desk.status(reference) == 404


def the_standby(desks: Desks, reference: str, staying: Desk) -> Desk:
    """The one who has stepped in."""
    handlers = [desks.of(person) for person in desks.server.people if person.role == "handler"]
    (found,) = [desk for desk in handlers if desk is not staying and desk.status(reference) == 200]
    return found


def begin_anew_and_write(server: Server, desk: Desk, reference: str) -> str:
    """Whoever stays opens the case, whose browser makes the next keys, and writes to the source."""
    desk.page.goto(f"{desk.staff_url}arenden")
    desk.open_case(reference)
    expect(desk.page.locator("#case-status")).to_be_visible()
    expect(desk.page.locator("#doubts")).to_be_empty()
    desk.tab_of("#left")
    expect(desk.page.locator("#left p")).to_have_count(1)
    told = server.canary("Från oss: ")
    desk.write("message-form", "message", told)
    return told


def keys_that_open(server: Server, desk: Desk, reference: str, *, epoch: int) -> int:
    """How many of the epoch's keys open with what the person has, were the server to hand them all over."""
    with closing(sqlite3.connect(server.settings.data_dir / "tipportal.sqlite3")) as database:
        grants = database.execute(
            "SELECT g.file FROM grants g JOIN cases c ON c.id = g.case_id WHERE c.reference = ? AND g.epoch = ?",
            (reference, epoch),
        ).fetchall()
        ways = database.execute(
            "SELECT w.file FROM key_ways w JOIN accounts a ON a.id = w.account_id WHERE a.email = ?",
            (desk.person.email,),
        ).fetchall()
    passphrase = PassphraseIdentity(desk.person.passphrase)
    # A person has several ways to the same identity; the passphrase opens one of them.
    (plain,) = [opened for (file,) in ways if (opened := opened_or_none(file, passphrase)) is not None]
    identity = parse_identity_file(plain).identity
    return sum(opened_or_none(file, identity) is not None for (file,) in grants)


def opened_or_none(file: bytes, identity: Identity) -> bytes | None:
    """What is in a sealed file, None when it is sealed to others."""
    try:
        return open_sealed(file, [identity])
    except NoMatchingIdentity:
        return None


def read_and_answer(server: Server, source: Source, plain: Source, code: str, told: str) -> list[str]:
    """The source sees that somebody has left, and who reads now; writes both ways. Gives the texts."""
    texts = [server.canary("Svar: "), server.canary("Utan skript: ")]
    source.open_case(code)
    assert source.bodies("staff").all_text_contents()[-1] == told
    assert "h1" in source.page.locator("#readers").inner_text() or "h2" in source.page.locator("#readers").inner_text()
    source.write(texts[0])
    plain.open_case(code)
    expect(plain.bodies("staff").last).to_have_text(told)
    plain.write(texts[1])
    source.open_case(code)
    return texts


def source_begins_anew(server: Server, source: Source, desk: Desk, reference: str) -> None:
    """The next message of the source goes to those who stay, with keys that the source's browser has made."""
    text = server.canary("Till er som är kvar: ")
    epochs = source.page.locator(".record", has_text="h")
    before = epochs.count()
    source.write(text)
    assert source.faults == []
    assert epochs.count() > before
    desk.page.goto(f"{desk.staff_url}arenden")
    desk.open_case(reference)
    expect(desk.page.locator("#doubts")).to_be_empty()
    assert desk.bodies(author="source").last.text_content() == text
