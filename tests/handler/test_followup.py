"""The follow-up's pages: an administrator drafts, rewords and proposes; everybody reads what two have published."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Sequence

import pytest

from tests.handler.conftest import FACE, SAME_ORIGIN, Desk
from tests.support.followed_up import document_of, draft_of, end_year, publish
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.report import ReportKind
from tipportal.reporting import document
from tipportal.usecases import publishing
from tipportal.web import report_pages

Sit = Callable[[Member], Desk]
PAGE = "/uppfoljning"


@pytest.fixture
def over(story: Story) -> Story:
    end_year(story)
    return story


def send(desk: Desk, path: str, page: str, **fields: str) -> tuple[int, str, str]:
    token = desk.form_token(page)
    answer = desk.client.post(f"{FACE}{path}", data={"csrf_token": token, **fields}, headers=SAME_ORIGIN)
    return answer.status_code, answer.text, answer.headers.get("Location", "")


@pytest.mark.usefixtures("over")
def test_an_administrator_drafts_rewords_and_proposes(at_desk: Sit, administrator: Member) -> None:
    desk = at_desk(administrator)
    page = desk.get(PAGE).text
    assert "Ingen rapport är publicerad än." in page
    assert "årliga uppföljningen av 2026" in page
    wanted = {"kind": "annual", "period": "2026", "organisation": ""}
    for wrong, words in (
        ({**wanted, "period": "2027"}, "Perioden är inte slut än."),
        ({**wanted, "period": "i fjol"}, "Skriv ett år (2026) eller ett halvår (2026-1)."),
        ({**wanted, "period": "2026-1"}, "Skriv ett helt år, till exempel 2026."),
        ({**wanted, "kind": ""}, "Välj rapport."),
    ):
        status, text, _ = send(desk, f"{PAGE}/underlag", PAGE, **wrong)
        assert (status, words in text) == (422, True), wrong
        assert f'value="{wrong["period"]}"' in text
    status, _, address = send(desk, f"{PAGE}/underlag", PAGE, **wanted)
    assert status == 303
    draft = address.removeprefix(FACE)
    page = desk.get(draft).text
    assert "Utkast" in page
    assert "<table" in page
    assert send(desk, f"{PAGE}/underlag", PAGE, **wanted)[2] == address
    texts = desk.get(f"{draft}/texter").text
    assert re.search(r'<textarea[^>]* dir="ltr" lang="sv"', texts)
    fields = dict(re.findall(r'<textarea[^>]*name="(text_\d+)"[^>]*>\s*([^<]*)</textarea>', texts))
    assert send(desk, f"{draft}/texter", f"{draft}/texter", **fields)[2] == address
    status, _, edited = send(desk, f"{draft}/texter", f"{draft}/texter", **{**fields, "text_0": "Så här <gick> det."})
    assert (status, edited != address) == (303, True)
    assert "Så här &lt;gick&gt; det." in desk.get(edited.removeprefix(FACE)).text
    status, text, _ = send(desk, f"{draft}/texter", f"{draft}/texter", **{**fields, "text_0": "x" * 4_001})
    assert (status, "Texten får ha högst 4 000 tecken." in text) == (422, True)
    form = f"/administration/forslag/publicera?for={edited.rsplit('/', 1)[1]}"
    status, text, _ = send(desk, form, form, registry_number="KS 2027/12")
    assert status == 200
    assert "Rapporten syns för alla" in text


@pytest.mark.usefixtures("over")
def test_an_administrator_drafts_for_everybody_and_proposes_all_or_some(at_desk: Sit, administrator: Member) -> None:
    desk = at_desk(administrator)
    wanted = {"kind": "bra", "period": "2026", "organisation": "*"}
    status, text, _ = send(desk, f"{PAGE}/underlag", PAGE, **{**wanted, "period": "2027"})
    assert (status, "Perioden är inte slut än." in text) == (422, True)
    status, _, address = send(desk, f"{PAGE}/underlag", PAGE, **wanted)
    assert status == 303
    assert send(desk, f"{PAGE}/underlag", PAGE, **wanted)[2] == address
    page = desk.get(address.removeprefix(FACE)).text
    links = re.findall(r'href="([^"]*/underlag/[0-9a-f]{32})">([^<]+)<', page)
    assert [name for _, name in links][:1] == ["Hela portalen"]
    assert "Björkviks kommun" in [name for _, name in links]
    overview = desk.get(PAGE).text
    assert overview.count(f'href="{address}"') == 1
    assert "/uppfoljning/underlag/" not in overview.replace(f'action="{FACE}{PAGE}/underlag"', "")
    draft = links[1][0].removeprefix(FACE)
    shown = desk.get(draft).text
    assert (f'href="{address}"' in shown, "Föreslå publicering" in shown) == (True, False)
    texts = desk.get(f"{draft}/texter").text
    fields = dict(re.findall(r'<textarea[^>]*name="(text_\d+)"[^>]*>\s*([^<]*)</textarea>', texts))
    _, _, edited = send(desk, f"{draft}/texter", f"{draft}/texter", **{**fields, "text_0": "Så gick det hos oss."})
    page = desk.get(address.removeprefix(FACE)).text
    assert (edited in page, links[1][0] in page, "med ändrade texter" in page) == (True, False, True)

    (form,) = {html.unescape(found) for found in re.findall(r'href="([^"]*publicera-flera[^"]*)"', page)}
    form = form.removeprefix(FACE)
    asked = desk.get(form).text
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', asked)
    assert len(boxes) == len(links)
    assert all(" checked" in box for box in boxes)
    ids = [found.group(1) for box in boxes if (found := re.search(r'value="([0-9a-f]{32})"', box))]
    for chosen, number, words in (
        ([], "KS 2027/12", "Välj minst en rapport."),
        (ids[:1], "", "Skriv diarienumret"),
        (ids[:1], "x" * 61, "Högst 60 tecken."),
        (["0" * 32], "KS 2027/12", "error-summary"),
    ):
        status, text = propose(desk, form, chosen, number)
        assert (status, words in text) == (422, True), words
    status, text = propose(desk, form, ids, "KS 2027/12")
    assert status == 200
    assert f"publiceras i {len(ids)} rapporter, diarienummer KS 2027/12." in text
    assert "Så gick det hos oss." in text
    found = re.search(r'data-payload="([^"]*)"', text)
    assert found is not None
    payload = json.loads(html.unescape(found.group(1)))
    assert [one["draft"] for one in payload["drafts"]] == ids
    status, text = propose(desk, form, ids[1:2], "KS 2027/12")
    assert (status, f"för {links[1][1]} publiceras" in text) == (200, True)
    assert desk.get(f"{PAGE}/samling/{'0' * 32}").status_code == 404


def propose(desk: Desk, form: str, chosen: Sequence[str], number: str) -> tuple[int, str]:
    data = {"csrf_token": desk.form_token(form), "registry_number": number, "step": "", "reports": chosen}
    answer = desk.client.post(f"{FACE}{form}", data=data, headers=SAME_ORIGIN)
    return answer.status_code, answer.text


def test_whoever_approves_reads_each_report_first(over: Story, at_desk: Sit) -> None:
    two = over.municipality.administrators(over.handler)
    made = publishing.make_set(over.handler, two.proposer.account, ReportKind.BRA, Period(2026))
    drafts = publishing.draft_set(over.handler, two.proposer.account, made).drafts
    change_id, act = two.propose(ChangeKind.PUBLISH, publishing.proposal(drafts, "KS 2027/12"))
    desk = at_desk(next(each for each in over.municipality.members if each.account.id == two.approver.account.id))
    page = f"/administration/andringar/{change_id}"
    text = desk.get(page).text
    for one in drafts:
        assert f'/uppfoljning/underlag/{one.id}"' in text
        assert one.digest.hex() in text
    two.approve(change_id, act)
    assert "/uppfoljning/underlag/" not in desk.get(page).text
    listed = desk.get(PAGE).text
    assert len(re.findall(r"<td>KS 2027/12</td>", listed)) == len(drafts)
    assert "En annan rapport har publicerats" in desk.get(f"{PAGE}/samling/{made}").text


def test_a_draft_is_given_out_in_every_format_and_says_that_it_is_one(
    over: Story, at_desk: Sit, administrator: Member
) -> None:
    made, desk = draft_of(over), at_desk(administrator)
    for form, kind in (("json", "application/json"), ("csv", "text/csv"), ("pdf", "application/pdf")):
        answer = desk.get(f"{PAGE}/underlag/{made.id}/{form}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="utkast-')
    assert json.loads(desk.get(f"{PAGE}/underlag/{made.id}/json").data) == json.loads(document_of(over, made))
    assert desk.get(f"{PAGE}/underlag/{made.id}/exe").status_code == 404
    assert desk.get(f"{PAGE}/underlag/{'0' * 32}").status_code == 404


def test_what_takes_long_has_two_places_and_whoever_only_reads_needs_none(
    over: Story, at_desk: Sit, administrator: Member, auditor: Member
) -> None:
    made, desk = draft_of(over), at_desk(administrator)
    draft = f"{PAGE}/underlag/{made.id}"
    wanted = {"kind": "bra", "period": "2026", "organisation": ""}
    with report_pages.place():
        assert desk.get(f"{draft}/csv").status_code == 200
        with report_pages.place():
            answer = desk.get(f"{draft}/csv")
            assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
            assert "Just nu tas andra rapporter fram." in answer.text
            assert send(desk, f"{PAGE}/underlag", PAGE, **wanted)[0] == 503
            assert desk.get(draft).status_code == 200
            others = at_desk(auditor)
            assert others.get(f"{PAGE}/revision?kind=annual&period=2026&organisation=").status_code == 503
            assert others.get(PAGE).status_code == 200
    assert desk.get(f"{draft}/csv").status_code == 200
    assert desk.get(f"{draft}/html").status_code == 404
    assert desk.get(f"{draft}/csv").status_code == 200


def test_everybody_reads_what_two_have_published(over: Story, at_desk: Sit) -> None:
    publication = publish(over, draft_of(over))
    assert (
        "Filerna att ladda ner görs just nu." in at_desk(over.municipality.members[0]).get(f"{PAGE}/{publication}").text
    )
    publishing.make_files(over.handler)
    roles: dict[str, Member] = {member.account.role.value: member for member in over.municipality.members}
    for member in roles.values():
        desk = at_desk(member)
        assert "KS 2027/12" in desk.get(PAGE).text
        page = desk.get(f"{PAGE}/{publication}")
        assert (page.status_code, "<table" in page.text) == (200, True)
        assert "KS 2027/12" in page.text
        found = publishing.publication(over.handler, publication)
        given = desk.get(f"{PAGE}/{publication}/json").data
        assert document.decode(given) == found.report
        assert desk.get(f"{PAGE}/{'0' * 32}").status_code == 404
        assert desk.get(f"{PAGE}/{publication}/exe").status_code == 404


@pytest.mark.usefixtures("over")
def test_an_auditor_sees_every_figure_at_an_address(at_desk: Sit, auditor: Member) -> None:
    desk = at_desk(auditor)
    page = f"{PAGE}/revision"
    assert desk.get(page).status_code == 200
    shown = desk.get(f"{page}?kind=annual&period=2026&organisation=")
    assert (shown.status_code, "<table" in shown.text) == (200, True)
    for query in ("kind=annual&period=x", "kind=nothing&period=2026", "kind=half_year&period=2026"):
        answer = desk.get(f"{page}?{query}&organisation=")
        assert (answer.status_code, "error-summary" in answer.text) == (422, True)
