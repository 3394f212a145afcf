"""What administrators and auditors see: never a case, and no reference of one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.handler.conftest import Desk
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.cases import CaseState, Outcome
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.organisations import Channel
from tipportal.handler import wording
from tipportal.usecases import handle, proving
from tipportal.usecases.auditing import PAGE, case_pseudonym

Sit = Callable[[Member], Desk]


def test_the_checklist_shows_open_channels_and_people(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    assert desk.get("/administration/").text.count('data-open="yes"') == 2
    accounts = desk.get("/administration/konton").text
    for member in story.municipality.members:
        assert member.person.name in accounts


def test_the_checklist_says_what_is_missing(at_desk: Sit, story: Story, administrator: Member) -> None:
    story.change("UPDATE designations SET valid_to = :gone", gone="2026-11-01")
    with story.database.write() as uow:
        proving.renew(story.handler, uow)
    page = at_desk(administrator).get("/administration/").text
    assert "Öppen, men något brister" in page
    assert 'data-alert="proof"' in page
    assert "Det räcker inte till en ärendegrupp" in page


def test_no_case_shows_in_administration(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    before = desk.get("/administration/").text
    case = story.tip()
    after = desk.get("/administration/").text
    assert case.reference not in after
    token = re.compile(r'name="csrf_token"\s+value="[^"]+"')
    assert token.sub("", before) == token.sub("", after)


def test_the_log_names_cases_by_pseudonym_only(at_desk: Sit, story: Story, auditor: Member) -> None:
    case = story.tip()
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    page = at_desk(auditor).get("/logg").text
    assert case.reference not in page
    assert page.count(case_pseudonym(story.handler, auditor.account, case.reference)) == 3
    assert case.members["h1"].person.name not in page.partition("<main")[2]


def test_the_log_has_pages(at_desk: Sit, story: Story, auditor: Member) -> None:
    case = story.tip()
    for _ in range(PAGE):
        handle.open_case(story.handler, case.members["h1"].account, case.reference)
    desk = at_desk(auditor)
    seen: list[int] = []
    address: str | None = "/logg"
    while address is not None:
        page = desk.get(address).text
        seen += [int(index) for index in re.findall(r"<tr>\s*<td>\s*(\d+)\s*</td>", page)]
        following = re.search(r'rel="next"\s+href="/handlaggare([^"]+)"', page)
        address = following.group(1) if following else None
    with story.database.read() as uow:
        size = uow.log.size()
    assert seen == list(range(size - 1, -1, -1))


@pytest.mark.parametrize(
    ("before", "status"), [("0", 200), ("1", 200), ("999999", 200), ("-1", 404), ("å", 404), ("9" * 40, 404)]
)
def test_any_place_in_the_log_can_be_asked_for(at_desk: Sit, auditor: Member, before: str, status: int) -> None:
    assert at_desk(auditor).get(f"/logg?before={before}").status_code == status


def test_every_kind_of_entry_has_its_words() -> None:
    for enumeration, words in (
        (EntryKind, wording.ENTRIES),
        (CaseState, wording.STATES),
        (Outcome, wording.OUTCOMES),
        (Channel, wording.CHANNELS),
        (Role, wording.ROLES),
        (AccountState, wording.ACCOUNT_STATES),
    ):
        assert set(enumeration) == set(words)
