"""The auditor's pages: the log by kind and days, and checkpoints that are kept, given back and acknowledged."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.handler.conftest import FACE, SAME_ORIGIN, Desk
from tests.support.story import DAY, Story
from tests.usecases.test_checkpoints import signer_of
from tipportal.cli.demo_playing import write
from tipportal.cli.demo_staffing import Member
from tipportal.domain.checkpoints import KeptCheckpoint
from tipportal.envelope.records import Kind
from tipportal.usecases import auditing, checkpoints, handle, logbook

Sit = Callable[[Member], Desk]
PAGE = "/logg/kontrollpunkter"


@pytest.fixture
def kept(story: Story) -> KeptCheckpoint:
    return checkpoints.make(story.handler, signer_of(story))


def send(desk: Desk, path: str, page: str, **fields: str) -> tuple[int, str]:
    token = desk.form_token(page)
    answer = desk.client.post(f"{FACE}{path}", data={"csrf_token": token, **fields}, headers=SAME_ORIGIN)
    return answer.status_code, answer.text


def rows(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+)</th>', page)


def test_the_log_is_chosen_by_kind_and_days(at_desk: Sit, story: Story, auditor: Member) -> None:
    case = story.tip()
    for _ in range(3):
        handle.open_case(story.handler, case.members["h1"].account, case.reference)
    story.clock.advance(2 * DAY)
    write(story.handler, case, Kind.NOTE, "Läst.")
    desk = at_desk(auditor)
    assert rows(desk.get("/logg?kind=opened").text) == ["Öppnade ärendet"] * 3
    assert rows(desk.get("/logg?kind=note_added").text) == ["Skrev en anteckning"]
    on = "first=2026-11-23&last=2026-11-23"
    assert rows(desk.get(f"/logg?kind=opened&{on}").text) == ["Öppnade ärendet"] * 3
    assert rows(desk.get(f"/logg?kind=note_added&{on}").text) == []
    assert "Ingen post passar urvalet." in desk.get(f"/logg?kind=note_added&{on}").text
    assert rows(desk.get("/logg?last=2026-11-22").text) == []
    assert rows(desk.get("/logg?first=2026-11-25&kind=note_added").text) == ["Skrev en anteckning"]
    for query in ("kind=gossip", "first=x", "last=2026-13-01", "last=0001-01-01", "first=9999-01-01"):
        assert desk.get(f"/logg?{query}").status_code == 404


def test_a_choice_looks_through_a_bounded_part_at_a_time(
    at_desk: Sit, story: Story, auditor: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "SCAN", 10)
    monkeypatch.setattr(auditing, "STEP", 4)
    monkeypatch.setattr(auditing, "PAGE", 3)
    case = story.tip()
    for _ in range(5):
        handle.open_case(story.handler, case.members["h1"].account, case.reference)
    desk = at_desk(auditor)
    seen: list[int] = []
    address: str | None = "/logg?kind=account_enrolled"
    steps = 0
    while address is not None:
        page = desk.get(address).text
        seen += [int(index) for index in re.findall(r"<tr>\s*<td>\s*(\d+)\s*</td>", page)]
        following = re.search(r'rel="next" href="/handlaggare([^"]+)"', page)
        address = unescape(following.group(1)) if following else None
        steps += 1
    with story.database.read() as uow:
        expected = [index for index, data in uow.log.entries() if b'"kind":"account_enrolled"' in data]
    assert seen == expected[::-1]
    assert steps > 2


def test_a_checkpoint_is_kept_given_back_and_stands_as_acknowledged(
    at_desk: Sit, story: Story, auditor: Member, kept: KeptCheckpoint
) -> None:
    desk = at_desk(auditor)
    assert "Ingen kontrollpunkt är bekräftad än." in desk.get(PAGE).text
    saved = desk.get(f"{PAGE}/{kept.size}.txt")
    assert saved.get_data(as_text=True) == kept.note
    assert saved.headers["Content-Disposition"] == f'attachment; filename="kontrollpunkt-{kept.size}.txt"'
    assert kept.note.strip() in unescape(desk.get(f"{PAGE}/{kept.size}").text)

    assert send(desk, PAGE, PAGE, checkpoint=kept.note.replace("\n", "\r\n"))[0] == 303
    assert "Senast bekräftad för 0 dagar sedan" in desk.get(PAGE).text
    status, page = send(desk, PAGE, PAGE, checkpoint=kept.note)
    assert status == 409
    assert "Texten stämmer med loggen. Du har redan bekräftat den kontrollpunkten." in page
    assert kept.note.strip() in unescape(page)
    # The button says what is so already: the list tells when.
    assert send(desk, f"{PAGE}/{kept.size}", PAGE)[0] == 303
    assert logbook.verify(story.handler, [kept.note]).findings == ()


def test_a_checkpoint_is_acknowledged_by_a_button(
    at_desk: Sit, story: Story, auditor: Member, kept: KeptCheckpoint
) -> None:
    desk = at_desk(auditor)
    assert send(desk, f"{PAGE}/{kept.size}", f"{PAGE}/{kept.size}")[0] == 303
    with story.database.read() as uow:
        assert [each.way for each in uow.checkpoints.acknowledgements()] == ["button"]


def test_a_text_that_does_not_agree_is_refused_and_stays_in_the_form(
    at_desk: Sit, story: Story, auditor: Member, kept: KeptCheckpoint
) -> None:
    desk = at_desk(auditor)
    altered = kept.note.replace(f"\n{kept.size}\n", f"\n{kept.size + 1}\n")
    for text, words in ((altered, "stämmer inte med loggen"), ("hej", "ingen kontrollpunkt"), ("", "ingen kontroll")):
        status, page = send(desk, PAGE, PAGE, checkpoint=text)
        assert status == 422
        assert words in page
        assert text.strip() in unescape(page)
    with story.database.read() as uow:
        assert uow.checkpoints.last_acknowledged() is None


def test_pages_without_a_checkpoint_and_after_too_long(at_desk: Sit, story: Story, auditor: Member) -> None:
    desk = at_desk(auditor)
    assert "Det finns ingen kontrollpunkt än." in desk.get(PAGE).text
    assert desk.get(f"{PAGE}/7").status_code == 404
    assert desk.get(f"{PAGE}/7.txt").status_code == 404
    story.clock.advance(36 * DAY)
    desk = at_desk(auditor)
    assert "Ingen revisor har bekräftat en kontrollpunkt på 36 dagar" in desk.get("/logg").text
    assert "på 36 dagar" in desk.get(PAGE).text


def test_nobody_else_sees_checkpoints(at_desk: Sit, story: Story, administrator: Member, kept: KeptCheckpoint) -> None:
    for member in (administrator, story.municipality.handlers()[0]):
        desk = at_desk(member)
        for path in (PAGE, f"{PAGE}/{kept.size}", f"{PAGE}/{kept.size}.txt"):
            assert desk.get(path).status_code == 403
