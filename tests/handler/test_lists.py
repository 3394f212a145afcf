"""First screen, list and approvals: own cases only, in the order of what needs doing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.handler.conftest import SAME_ORIGIN, Desk
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, propose, reply, seal_text, write
from tipportal.cli.demo_staffing import SLUG, Member
from tipportal.domain.deadlines import feedback_by
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import handle
from tipportal.usecases.firstscreen import received_by

Sit = Callable[[Member], Desk]
COVERED = True


def sections(page: str) -> dict[str, list[str]]:
    """References by the id of the heading that they stand under."""
    parts = re.split(r'aria-labelledby="([\w-]+)"', page)[1:]
    return {
        heading: re.findall(r'class="case-row"\s+data-reference="([^"]+)"', body)
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
    }


def numbers(page: str) -> dict[str, int]:
    found = re.findall(r'data-number="(\w+)".*?<dd>\s*(\d+)\s*</dd>', page, re.DOTALL)
    return {name: int(count) for name, count in found}


def panel_of(case: PlayedCase) -> Member:
    return case.members["h1"]


def organisation_of(story: Story) -> str:
    with story.handler.storage.read() as uow:
        organisation = uow.register.organisation(SLUG)
    assert organisation is not None
    return organisation.name


def test_a_new_case_is_new_and_nobody_elses(at_desk: Sit, story: Story) -> None:
    case = story.tip()
    page = at_desk(panel_of(case)).get("/").text
    assert sections(page) == {"needs-action": [], "new": [case.reference], "mine": []}
    assert numbers(page) == {"new": 1, "mine": 1, "unread": 0, "waiting": 0}
    # A handler may serve several organisations.
    assert f"<li>{organisation_of(story)}</li>" in page
    stranger = at_desk(story.outsider(case)).get("/").text
    assert case.reference not in stranger
    assert numbers(stranger) == {"new": 0, "mine": 0, "unread": 0, "waiting": 0}


def test_an_answer_a_date_and_a_proposal_need_action(at_desk: Sit, story: Story) -> None:
    tip = story.tip()
    anna = panel_of(tip)
    desk = at_desk(anna)
    handle.begin_follow_up(story.handler, anna.account, tip.reference)
    handle.open_case(story.handler, anna.account, tip.reference)
    assert sections(desk.get("/").text) == {"needs-action": [], "new": [], "mine": [tip.reference]}
    reply(story.public, tip, "Det har hänt igen.")
    assert sections(desk.get("/").text)["needs-action"] == [tip.reference]
    handle.open_case(story.handler, anna.account, tip.reference)
    write(story.handler, tip, Kind.FEEDBACK, "Tack, vi har tagit det vidare.")
    story.clock.advance(120 * DAY)
    # Feedback has been given: no date asks for anything more.
    assert sections(at_desk(anna).get("/").text)["needs-action"] == []


def test_a_proposal_waits_for_the_other(at_desk: Sit, story: Story) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Därför.", by="h1")
    proposal = propose(story.handler, case, AssessPayload(COVERED, "public_interest", reasons.digest.hex()), reasons)
    second = at_desk(case.members["h2"])
    page = second.get("/").text
    assert sections(page)["needs-action"] == [case.reference]
    assert numbers(page)["waiting"] == 1
    cards = second.get("/godkannanden").text
    assert f'data-proposal="{proposal.id}"' in cards
    assert case.members["h1"].person.name in cards
    assert f'<span class="quiet">{organisation_of(story)}</span>' in cards
    assert "Rapporten omfattas av lagen" in cards
    assert proposal.id not in at_desk(case.members["h1"]).get("/godkannanden").text
    assert proposal.id not in at_desk(story.outsider(case)).get("/godkannanden").text


@pytest.mark.parametrize(
    ("day", "tone", "words"),
    [
        # Received 2026-11-23: strict and target 2027-02-23, a Tuesday.
        (date(2026, 11, 23), "quiet", "Återkoppling senast 23 feb. 2027, 92 dagar kvar"),
        (date(2027, 2, 9), "near", "14 dagar kvar"),
        (date(2027, 2, 21), "soon", "2 dagar kvar"),
        (date(2027, 2, 22), "soon", "1 dag kvar"),
        (date(2027, 2, 23), "soon", "Återkoppling senast i dag"),
        (date(2027, 2, 24), "late", "Återkoppling: 1 dag försenad"),
        (date(2027, 3, 1), "late", "Återkoppling: 6 dagar försenad"),
    ],
)
def test_the_chip_says_how_pressing_it_is(at_desk: Sit, story: Story, day: date, tone: str, words: str) -> None:
    case = story.report()
    story.clock.advance((day - story.handler.today()).days * DAY)
    desk = at_desk(panel_of(case))
    chip = re.search(r'class="chip chip--(\w+)"\s+id="due"[^>]*>([^<]*)<', desk.get(f"/arenden/{case.reference}").text)
    assert chip is not None
    assert chip.group(1) == tone
    assert words in chip.group(2)
    pressing = case.reference in sections(desk.get("/").text)["needs-action"]
    assert pressing is (tone in {"soon", "late"})
    missed = "4 kap. 7 och 9 §§" in desk.get(f"/arenden/{case.reference}").text
    assert missed is (tone == "late")


@pytest.mark.parametrize("target", [date(2027, 1, 4), date(2027, 2, 26), date(2028, 2, 29), date(2026, 12, 23)])
def test_the_date_of_receipt_that_is_due_is_exact(target: date) -> None:
    latest = received_by(target)
    assert feedback_by(latest, latest).target <= target
    after = latest.fromordinal(latest.toordinal() + 1)
    assert feedback_by(after, after).target > target


def test_pages_and_filters(at_desk: Sit, story: Story) -> None:
    made = [story.tip() for _ in range(2)]
    anna = panel_of(made[0])
    desk = at_desk(anna)
    while len(mine := [case for case in made if anna in case.members.values() and _on_panel(case, anna)]) < 28:
        story.clock.advance(DAY if len(made) % 5 == 0 else 0)
        made.append(story.report() if len(made) % 3 == 0 else story.tip())
    expected = {case.reference for case in mine}
    desk = at_desk(anna)
    first = desk.get("/arenden").text
    following = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert following is not None
    second = desk.client.get(following.group(1).replace("&amp;", "&")).text
    shown = [re.findall(r'class="case-row"\s+data-reference="([^"]+)"', page) for page in (first, second)]
    assert [len(page) for page in shown] == [25, 3]
    assert set(shown[0]) | set(shown[1]) == expected
    assert 'rel="next"' not in second
    tips = re.findall(r'class="case-row"\s+data-reference="([^"]+)"', desk.get("/arenden?channel=report").text)
    assert 0 < len(tips) < 28
    assert "Inga ärenden passar urvalet." in desk.get("/arenden?state=closed").text


def _on_panel(case: PlayedCase, member: Member) -> bool:
    return member in (case.members["h1"], case.members["h2"])


@pytest.mark.parametrize("query", ["state=gossip", "channel=å", "after=x", "after=2026-13-01.A", "after=2026-11-23"])
def test_an_address_that_means_nothing_is_not_found_or_empty(at_desk: Sit, story: Story, query: str) -> None:
    answer = at_desk(story.municipality.handlers()[0]).get(f"/arenden?{query}")
    assert answer.status_code in {200, 404}
    assert (answer.status_code == 200) is (query == "after=2026-11-23")


def test_somebody_without_cases_is_told_what_will_come(at_desk: Sit, story: Story) -> None:
    desk = at_desk(story.municipality.handlers()[0])
    assert "Du har inga ärenden än." in desk.get("/arenden").text
    assert "Inget väntar på ditt godkännande." in desk.get("/godkannanden").text


def test_titles_are_not_in_the_page(at_desk: Sit, story: Story) -> None:
    case = story.tip()
    write(story.handler, case, Kind.TITLE, "Grodsång i hemtjänsten")
    page = at_desk(panel_of(case)).get("/").text
    assert f'data-title-of="{case.reference}"' in page
    assert "Grodsång" not in page


def rows(page: str) -> list[str]:
    return re.findall(r'class="case-row"\s+data-reference="([^"]+)"', page)


def test_a_line_says_why_it_is_there_and_by_when(at_desk: Sit, story: Story) -> None:
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Därför.", by="h1")
    propose(story.handler, case, AssessPayload(COVERED, "public_interest", reasons.digest.hex()), reasons)
    page = at_desk(case.members["h2"]).get("/").text
    # The nearest of all its dates, and what that is counted from.
    assert "Beslut om förslag senast 7 dec. 2026, 14 dagar kvar" in page
    assert "Räknat från förslaget: det gäller i 14 dagar." in page
    assert f"/arenden/{case.reference}#cards" in page
    handle.open_case(story.handler, case.members["h2"].account, case.reference)
    answer = at_desk(case.members["h2"]).post(f"cases/{case.reference}/open").json
    assert answer["next"]["place"] == "cards"
    assert answer["due"]["words"].startswith("Beslut om förslag")
    # Whoever proposed waits for the other.
    assert at_desk(case.members["h1"]).post(f"cases/{case.reference}/open").json["next"]["words"].startswith("Någon")


def test_filters_narrow_the_list_and_are_taken_away_one_by_one(at_desk: Sit, story: Story) -> None:
    tip, report = story.tip(), story.report()
    desk = at_desk(panel_of(tip))
    both = {tip.reference, report.reference} & set(rows(desk.get("/arenden").text))
    handle.open_case(story.handler, panel_of(tip).account, tip.reference)
    assert tip.reference not in rows(desk.get("/arenden?unread=1").text)
    page = desk.get("/arenden?channel=tip&unread=1").text
    assert 'href="/handlaggare/arenden?unread=1"' in page
    assert 'href="/handlaggare/arenden?channel=tip"' in page
    assert rows(desk.get("/arenden?due=late").text) == []
    story.clock.advance(95 * DAY)
    desk = at_desk(panel_of(tip))
    assert set(rows(desk.get("/arenden?due=late").text)) == both
    assert set(rows(desk.get("/arenden?due=near").text)) == both


@pytest.mark.parametrize("query", ["due=yesterday", "unread=2", "organisation=ingenstans", "area=grodor"])
def test_a_filter_that_means_nothing_is_not_found(at_desk: Sit, story: Story, query: str) -> None:
    assert at_desk(story.municipality.handlers()[0]).get(f"/arenden?{query}").status_code == 404


def test_a_page_learns_that_somebody_else_has_changed_the_case(at_desk: Sit, story: Story) -> None:
    case = story.tip()
    one, two = at_desk(case.members["h1"]), case.members["h2"]

    def revision() -> str:
        answer = one.client.get(f"/handlaggare/api/cases/{case.reference}/revision").get_json()
        return str(answer["revision"])

    before = str(one.post(f"cases/{case.reference}/open").json["revision"])
    handle.open_case(story.handler, two.account, case.reference)
    assert revision() == before
    reply(story.public, case, "Det har hänt igen.")
    after = revision()
    assert after != before
    handle.begin_follow_up(story.handler, two.account, case.reference)
    assert revision() not in {before, after}
    stranger = at_desk(story.outsider(case)).client
    assert stranger.get(f"/handlaggare/api/cases/{case.reference}/revision").status_code == 404


def test_shortcuts_are_switched_off_for_the_account(at_desk: Sit, story: Story) -> None:
    desk = at_desk(story.municipality.handlers()[0])
    assert 'id="key-help"' in desk.get("/arenden").text
    token = re.search(r'name="csrf_token"\s+value="([^"]+)"', desk.get("/konto").text)
    assert token is not None
    sent = {"csrf_token": token.group(1), "shortcuts": "off"}
    assert desk.client.post("/handlaggare/konto/kortkommandon", data=sent, headers=SAME_ORIGIN).status_code == 303
    assert 'id="key-help"' not in desk.get("/arenden").text
    assert "De är avstängda." in desk.get("/konto").text
