"""The follow-up's pages: an administrator drafts, rewords and proposes; everybody reads what two have published."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.handler.conftest import FACE, SAME_ORIGIN, Desk
from tests.support.followed_up import document_of, draft_of, end_year, publish
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
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
