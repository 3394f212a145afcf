"""The reporter's name in the browser: two open it, one of them alone does not, and the source is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desk, Desks
from tests.support.servers import Server
from tipportal.cli.demo_playing import ask, seal_case
from tipportal.contexts import context_for
from tipportal.domain.organisations import Channel
from tipportal.envelope.casecode import derive, normalise, words_from_entropy
from tipportal.envelope.vault import VaultBody
from tipportal.storage.database import Database
from tipportal.usecases import submit
from tipportal.usecases.context import Context

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]


@pytest.fixture
def public(http_server: Server) -> Iterator[Context]:
    """The public face's context beside the running server."""
    database = Database(http_server.settings.database_url, http_server.settings.blobs_dir)
    try:
        yield context_for(http_server.settings, database, "public")
    finally:
        database.close()


def report(public: Context, told: str, identity: VaultBody) -> tuple[str, str]:
    """Hand in a report with a name, as a source's browser does: its reference and code."""
    with public.storage.read() as uow:
        installation_id = uow.installation_id() or b""
    code = " ".join(words_from_entropy(public.random(16), 9))
    keys = derive(normalise(code), installation_id)
    offer = ask(public, Channel.REPORT)
    submit.submit_case(public, seal_case(public, offer, keys, {"what_happened": told}, identity=identity))
    return offer.reference, code


def propose(desk: Desk, reference: str, kind: str, reasons: str) -> None:
    """Propose an act of a form that asks for reasons alone."""
    desk.open_case(reference)
    desk.tab_of(f"#{kind}-form")
    desk.page.locator(f"#{kind}-form [data-slot=reasons]").fill(reasons)
    desk.send(f"{kind}-form")
    desk.taken(f"{kind}-form")


def test_two_open_a_name_and_the_source_is_told(
    http_server: Server, public: Context, new_source: NewSource, desks: At
) -> None:
    name, why = http_server.canary("Eva "), http_server.canary("Skäl: ")
    reference, code = report(public, http_server.canary("Det hände: "), VaultBody(name, "070-000 00 00"))
    http_server.codes.append(code)
    one, other = desks(http_server).panel(reference)
    propose(one, reference, "open_identity", why)
    opener = one.page.locator("#identity [data-slot=open]")
    expect(opener).to_be_hidden()
    other.open_case(reference)
    told = http_server.canary("Vi har öppnat ditt namn: ")
    other.tab_of("#cards")
    other.page.locator("#cards [data-slot=notice] textarea").fill(told)
    other.approve()
    for desk in (other, one):
        desk.open_case(reference)
        desk.tab_of("#identity")
        desk.page.locator("#identity [data-slot=open]").click()
        expect(desk.page.locator("#identity [data-slot=name]")).to_have_text(name)
        expect(desk.page.locator("#identity [data-slot=contact]")).to_have_text("070-000 00 00")
    one.page.locator("#lock").click()
    expect(opener).to_be_hidden()
    assert name not in one.page.content()
    source = new_source(http_server)
    source.open_case(code)
    expect(source.bodies("staff").last).to_have_text(told)
