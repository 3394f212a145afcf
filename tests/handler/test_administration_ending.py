"""What is in the register is ended by a form: on a day that has come, and not while it is used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any, cast

import pytest

from tests.handler.conftest import Desk
from tests.handler.test_administration import drafted, send, well_formed
from tests.support.setting_up import add_function, add_organisation, add_unit, organisation, two
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.organisations import OrganisationKind

Sit = Callable[[Member], Desk]


@pytest.fixture
def company(story: Story) -> str:
    """A company that nothing uses, with a unit."""
    made = add_organisation(story, slug="badhuset", name="Badhuset AB", kind=OrganisationKind.COMPANY, listed=False)
    add_unit(story, organisation_id=made.id, name="Kassan")
    return made.id


def form(what: str, subject: str) -> str:
    """The address of the form that ends something."""
    return f"/administration/forslag/avsluta-{what}?for={subject}"


def refused(desk: Desk, path: str, **fields: str) -> str:
    """What a form says that is not taken; what was written is still there."""
    answer = send(desk, path, **fields)
    assert answer.status_code == 422
    well_formed(answer.text)
    assert f'value="{fields["ended_on"]}"' in answer.text
    return unescape(answer.text)


def let_end(story: Story, desk: Desk, path: str, **fields: str) -> dict[str, Any]:
    """Draft an end, let two make it, and give its operation."""
    payload = drafted(send(desk, path, **fields))
    operations = cast("list[dict[str, Any]]", payload["operations"])
    two(story).register(operations)
    (operation,) = operations
    return operation


def test_an_organisation_ends_with_its_units_before_it(
    at_desk: Sit, story: Story, administrator: Member, company: str
) -> None:
    desk, today = at_desk(administrator), story.handler.today().isoformat()
    page = desk.get("/administration/organisationer").text
    assert f"forslag/avsluta-organisation?for={company}" in page
    unit = page.partition("Kassan")[2].partition("avsluta-enhet?for=")[2][:32]
    said = refused(desk, form("organisation", company), ended_on=today)
    assert "Badhuset AB kan inte upphöra medan den har enheter: Kassan. Låt dem upphöra först." in said

    assert let_end(story, desk, form("enhet", unit), ended_on=today) == {
        "do": "change_unit",
        "id": unit,
        "ended_on": today,
    }
    successor = organisation(story, "alvnas").id
    checked = send(desk, form("organisation", company), ended_on=today, succeeded_by=successor)
    assert "Badhuset AB" in checked.text
    assert f"upphör: {today}, efterträds av: Älvnäs kommun" in checked.text
    assert let_end(story, desk, form("organisation", company), ended_on=today, succeeded_by=successor) == {
        "do": "change_organisation",
        "id": company,
        "ended_on": today,
        "succeeded_by": successor,
    }

    page = desk.get("/administration/organisationer").text
    well_formed(page)
    assert "upphörde " in page
    assert "efterträdd av Älvnäs kommun" in page
    assert f"?for={company}" not in page
    ended = organisation(story, "badhuset")
    assert (ended.ended_on, ended.succeeded_by) == (story.handler.today(), successor)
    # What has ended does not end again.
    assert "finns inte" in refused(desk, form("organisation", company), ended_on=today)


def test_a_day_is_one_that_has_come_since_the_founding(
    at_desk: Sit, story: Story, administrator: Member, company: str
) -> None:
    desk, path = at_desk(administrator), form("organisation", company)
    tomorrow = story.handler.today() + timedelta(days=1)
    for ended, said in (
        (tomorrow.isoformat(), f"Det kan inte upphöra {tomorrow.isoformat()}, som inte har kommit än"),
        (date(2019, 12, 31).isoformat(), "Det kan inte ha upphört 2019-12-31, före "),
        ("i går", "Skriv datumet som år-månad-dag"),
        ("", "Skriv dagen då det upphör."),
    ):
        assert said in refused(desk, path, ended_on=ended)
    assert organisation(story, "badhuset").ended_on is None


def test_what_is_used_does_not_end(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk, today = at_desk(administrator), story.handler.today().isoformat()
    anna = story.municipality.named("Anna").account
    assert anna.unit_id is not None
    for what, subject, said in (
        ("organisation", organisation(story).id, "Björkviks kommun kan inte upphöra medan den har enheter: "),
        (
            "funktion",
            story.municipality.function.id,
            "kan inte upphöra medan policyn för Björkviks kommun använder den",
        ),
        ("enhet", anna.unit_id, "kan inte upphöra medan människor hör till den: "),
    ):
        assert said in refused(desk, form(what, subject), ended_on=today)


def test_a_function_and_a_person_end(at_desk: Sit, story: Story, administrator: Member, company: str) -> None:
    desk, today = at_desk(administrator), story.handler.today().isoformat()
    function = add_function(story, organisation_id=company, name="Tipsfunktionen")
    assert let_end(story, desk, form("funktion", function.id), ended_on=today)["do"] == "change_function"
    page = desk.get("/administration/organisationer").text
    assert f"?for={function.id}" not in page
    who = story.municipality.named("Maria").account
    assert let_end(story, desk, form("person", who.id), ended_on=today)["do"] == "change_person"
    assert (
        f"?for={who.id}" not in desk.get("/administration/personer").text.partition('aria-labelledby="designations"')[0]
    )
