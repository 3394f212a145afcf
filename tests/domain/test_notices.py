from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tipportal.delivery import translator
from tipportal.domain.accounts import Account, AccountState, Role
from tipportal.domain.letters import TEST_TEXT, TEXT_SIZE, TEXTS, filled, subject, text_of
from tipportal.domain.notices import NoticeKind, digest_due, gets_digest, is_away, retry_after, whole_hour
from tipportal.domain.organisations import Absence

AT = time(7, 30)
BOTH = ("sv", "en")
ADDRESS = "https://handlaggare.en-kommun-med-langt-namn.example/handlaggare/"


def seconds(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Stockholm")).timestamp())


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (seconds(2026, 11, 23, 7, 29), None),
        (seconds(2026, 11, 23, 7, 30), (date(2026, 11, 23), seconds(2026, 11, 23, 7, 30))),
        (seconds(2026, 11, 23, 23, 59), (date(2026, 11, 23), seconds(2026, 11, 23, 7, 30))),
        (seconds(2026, 11, 22, 12), None),  # a Sunday
        (seconds(2026, 12, 24, 12), None),  # julafton, a Thursday
        (seconds(2026, 6, 1, 8), (date(2026, 6, 1), 1_780_291_800)),  # 05:30 UTC in summer
    ],
)
def test_the_daily_letter_is_due_from_its_hour_on_working_days(now: int, due: tuple[date, int] | None) -> None:
    assert digest_due(now, AT) == due


@pytest.mark.parametrize(
    ("role", "state", "gets"),
    [
        (Role.HANDLER, AccountState.ACTIVE, True),
        (Role.ADMINISTRATOR, AccountState.ACTIVE, True),
        (Role.AUDITOR, AccountState.ACTIVE, False),
        *[(Role.HANDLER, state, False) for state in AccountState if state is not AccountState.ACTIVE],
    ],
)
def test_everybody_who_works_there_gets_it(role: Role, state: AccountState, *, gets: bool) -> None:
    assert gets_digest(Account("a", "o", role, "Anna", "anna@exempel.se", state, None)) is gets


@pytest.mark.parametrize(
    ("first", "last", "away"),
    [
        (date(2026, 11, 1), None, True),
        (date(2026, 11, 23), date(2026, 11, 23), True),
        (date(2026, 11, 24), None, False),
        (date(2026, 11, 1), date(2026, 11, 22), False),
    ],
)
def test_who_is_away(first: date, last: date | None, *, away: bool) -> None:
    absences = [Absence("x", "o", "anna", first, last)]
    assert is_away(absences, "anna", date(2026, 11, 23)) is away
    assert not is_away(absences, "bo", date(2026, 11, 23))


def test_a_letter_waits_longer_each_time_and_never_longer_than_six_hours() -> None:
    waits = [retry_after(attempts) for attempts in range(1, 40)]
    assert waits[:3] == [15 * 60, 30 * 60, 60 * 60]
    assert all(before <= after for before, after in pairwise(waits))
    assert waits[-1] == 6 * 3600
    assert retry_after(10**9) == 6 * 3600


def test_the_date_of_a_letter_about_an_account_tells_the_hour_alone() -> None:
    assert datetime.fromtimestamp(whole_hour(1_795_425_451), UTC).isoformat() == "2026-11-23T09:00:00+00:00"


@pytest.mark.parametrize("languages", [("sv",), BOTH])
def test_letters_to_people_are_of_one_length_and_one_subject(languages: tuple[str, ...]) -> None:
    translate = translator(languages)
    texts = [text_of(paragraphs, ADDRESS, languages, translate) for paragraphs in (*TEXTS.values(), TEST_TEXT)]
    assert {len(text.replace("\n", "\r\n").encode()) for text in texts} == {TEXT_SIZE}
    assert len(set(texts)) == len(texts)
    assert set(TEXTS) == set(NoticeKind) - {NoticeKind.CHECKPOINT}
    assert subject(languages, translate)


def test_every_text_is_there_in_english_too() -> None:
    translate = translator(BOTH)
    for paragraphs in (*TEXTS.values(), TEST_TEXT):
        for paragraph in paragraphs:
            assert translate("en", paragraph) != paragraph == translate("sv", paragraph)


@pytest.mark.parametrize("length", range(2040, 2056))
def test_a_text_of_any_length_is_filled_up_to_a_whole_one(length: int) -> None:
    text = "å" * (length // 2) + "a" * (length % 2) + "\n"
    full = filled(text)
    assert full.startswith(text)
    assert full[len(text) :].strip() == ""
    assert len(full.replace("\n", "\r\n").encode()) in (TEXT_SIZE, 2 * TEXT_SIZE)


def test_the_only_address_that_stands_there_is_the_handler_faces() -> None:
    for paragraphs in (*TEXTS.values(), TEST_TEXT):
        text = text_of(paragraphs, ADDRESS, BOTH, translator(BOTH))
        assert "://" not in text.replace(ADDRESS, "")
        assert "@" not in text
