"""Junk closed by two in their lists: the second reads the whole text there, and whoever opens first splits anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desks
from tests.support.servers import Server
from tipportal.storage.engines import normalised, reader_engine

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]


def makers(server: Server, reference: str) -> list[str]:
    """The member who made a case's shares for trustees, if any has."""
    engine = reader_engine(normalised(server.settings.database_url))
    query = "SELECT member FROM renewed_shares WHERE case_id = (SELECT id FROM cases WHERE reference = :reference)"
    with engine.connect() as connection:
        found = connection.execute(sa.text(query), {"reference": reference}).scalars().all()
    engine.dispose()
    return [str(member) for member in found]


def test_the_second_reads_all_of_it_before_approving(http_server: Server, new_source: NewSource, desks: At) -> None:
    beginning, end = http_server.canary("Billiga klockor! "), http_server.canary("Sist: ")
    told = f"{beginning} {'Köp nu. ' * 40}{end}"
    taken = new_source(http_server).submit("tip", {"what_happened": told})
    one, other = desks(http_server).panel(taken.reference)
    one.page.goto(f"{one.staff_url}arenden")
    one.unlock()
    row = one.page.locator(f"[data-may-be-junk='{taken.reference}']")
    row.locator("[data-slot=tick]").check()
    expect(row.locator("[data-slot=text]")).to_contain_text(beginning)
    one.page.locator("#junk-why").fill("Reklam.")
    one.page.locator("#junk [data-slot=send]").click()
    expect(row).to_have_attribute("data-settled", "")

    other.page.goto(f"{other.staff_url}godkannanden")
    other.unlock()
    card = other.page.locator(f"[data-may-be-junk='{taken.reference}']")
    card.locator("[data-slot=tick]").check()
    expect(card.locator("[data-slot=text]")).to_contain_text(beginning)
    expect(card.locator("[data-slot=text]")).not_to_contain_text(end)
    expect(card.locator("[data-slot=whole]")).to_be_hidden()
    card.get_by_text("Läs hela texten").click()
    expect(card.locator("[data-slot=whole]")).to_be_visible()
    expect(card.locator("[data-slot=whole]")).to_contain_text(end)
    expect(card.locator("[data-slot=files]")).to_be_hidden()
    # Unticked, nothing of it is left on the page.
    card.locator("[data-slot=tick]").uncheck()
    expect(card.locator("[data-slot=whole]")).to_be_empty()
    card.locator("[data-slot=tick]").check()
    expect(card.locator("[data-slot=whole]")).to_contain_text(end)
    other.page.locator("#junk [data-slot=send]").click()
    expect(card).to_have_attribute("data-settled", "")

    assert makers(http_server, taken.reference) == []
    other.open_case(taken.reference)
    expect(other.page.locator("#case-state")).to_contain_text("Avslutat")
    other.page.wait_for_function("performance.getEntriesByType('resource').some(({name}) => name.endsWith('/shares'))")
    assert len(makers(http_server, taken.reference)) == 1
