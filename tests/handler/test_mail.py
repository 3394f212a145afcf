"""What people see of mail and of who is away: a faulty address, letters that wait, absences."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.handler.conftest import Desk
from tests.support.letters import empty, outgoing
from tests.support.mail import mail_server
from tests.support.setting_up import two
from tests.support.story import DAY, Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import Role
from tipportal.domain.notices import NoticeKind
from tipportal.usecases import at_once, notices, posting

Sit = Callable[[Member], Desk]


def member(story: Story, role: Role = Role.HANDLER) -> Member:
    return next(each for each in story.municipality.members if each.account.role is role)


def words(page: str, mark: str) -> list[str]:
    found = re.findall(rf"<p[^>]*{mark}[^>]*>(.*?)</p>", page, re.DOTALL)
    return [" ".join(each.split()) for each in found]


def test_a_faulty_address_stands_on_its_owners_page_and_on_the_administrators(at_desk: Sit, story: Story) -> None:
    empty(story)
    mine, other = story.municipality.handlers()[:2]
    with mail_server() as running:
        running.mailbox.refusals[mine.account.email] = "550 5.1.1 nobody here"
        posting.post(story.handler, outgoing(running))

    assert 'id="address-fault"' in at_desk(mine).get("/konto").text
    assert 'id="address-fault"' not in at_desk(other).get("/konto").text
    page = at_desk(member(story, Role.ADMINISTRATOR)).get("/administration/").text
    assert "Brev kommer inte fram" in page
    assert f"({mine.account.email}): e-postservern tog inte emot brevet 2026-11-23 (kod 550)." in page
    assert (
        "Mail does not arrive"
        in at_desk(member(story, Role.ADMINISTRATOR)).client.get("/en/handlaggare/administration/").text
    )


def test_administrators_see_that_mail_waits(at_desk: Sit, story: Story) -> None:
    empty(story)
    desk = at_desk(member(story, Role.ADMINISTRATOR))
    with story.database.write() as uow:
        notices.tell(story.handler, uow, member(story).account, NoticeKind.SIGN_IN)
    assert "Brev har väntat" not in desk.get("/administration/").text
    story.clock.advance(DAY)
    desk = at_desk(member(story, Role.ADMINISTRATOR))
    assert "Brev har väntat i mer än ett dygn" in desk.get("/administration/").text


@pytest.mark.parametrize(
    ("last", "until"), [(None, "tills vidare"), (date(2026, 12, 4), "till och med 4 december 2026")]
)
def test_who_is_away_and_who_is_there_stands_on_the_first_screen(
    at_desk: Sit, story: Story, last: date | None, until: str
) -> None:
    mine, other = story.municipality.handlers()[:2]
    assert 'id="cover"' not in at_desk(mine).get("/").text
    at_once.note_absence(story.handler, other.account, other.account.id, last)

    page = at_desk(mine).get("/").text
    assert words(page, 'data-away="colleague"') == [f"{other.person.name} är borta {until}."]
    present = words(page, "data-present")
    assert len(present) == 1
    assert mine.person.name in present[0]
    assert other.person.name not in present[0]
    if last is not None:
        (said,) = words(at_desk(other).get("/").text, 'data-away="mine"')
        assert said == f"Du är antecknad som borta {until}. Under tiden får du inga brev."
    story.clock.advance(30 * DAY)
    assert ('id="cover"' in at_desk(mine).get("/").text) is (last is None)


def test_whoever_is_suspended_does_not_cover(at_desk: Sit, story: Story) -> None:
    mine, away, suspended = story.municipality.handlers()[:3]
    at_once.note_absence(story.handler, away.account, away.account.id, date(2026, 12, 4))
    at_once.suspend(story.handler, two(story).proposer.account, suspended.account.id)
    (present,) = words(at_desk(mine).get("/").text, "data-present")
    assert suspended.person.name not in present
