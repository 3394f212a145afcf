"""What is done at once, what holds a case back, the reporter's identity and junk: pages, and what of it is for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.handler.conftest import Desk
from tests.support.story import REPORT, Story
from tipportal.cli.demo_playing import PlayedCase, leave_case, propose, seal_text, stored
from tipportal.cli.demo_staffing import Member
from tipportal.domain.duties import DutyKind, Restriction, RestrictionKind
from tipportal.domain.organisations import Channel
from tipportal.envelope.payloads import ClosePayload, Outcome
from tipportal.envelope.records import Kind
from tipportal.envelope.vault import VaultBody
from tipportal.usecases import duties

Sit = Callable[[Member], Desk]


def propose_junk(story: Story, case: PlayedCase) -> None:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Reklam.", by="h1")
    propose(story.handler, case, ClosePayload(Outcome.JUNK, reasons.digest.hex()), reasons)


def test_what_another_did_waits_on_the_first_screen_with_its_day(at_desk: Sit, story: Story) -> None:
    case = story.report()
    done = duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_SARAH)

    asked = f"Granskning (Lex Sarah) senast {done.review_by.day} "
    page = at_desk(case.members["h2"]).get("/").text
    assert asked in page
    assert f'/arenden/{case.reference}#duties-heading"' in page
    assert asked not in at_desk(case.members["h1"]).get("/").text
    assert asked not in at_desk(story.outsider(case)).get("/").text


def test_a_restriction_is_looked_at_again_and_late_ones_stand_out(at_desk: Sit, story: Story) -> None:
    case = story.report()
    today = story.handler.today()
    with story.handler.storage.write() as uow:
        uow.duties.restrict(
            Restriction(
                id="a" * 32,
                organisation_id=stored(story.handler, case).organisation_id,
                case_id=stored(story.handler, case).id,
                kind=RestrictionKind.DIALOGUE,
                begun_on=today,
                review_on=today + timedelta(days=1),
            )
        )
    member = case.members["h1"]
    page = at_desk(member).get("/").text
    assert f'/arenden/{case.reference}#step-restrict_dialogue"' in page
    assert "chip--soon" in page
    story.clock.advance(3 * 24 * 3600)
    late = at_desk(member).get("/").text.split(f'data-reference="{case.reference}"')[1]
    assert "chip--late" in late.split('class="case-row__end"')[1].split("</div>")[0]


def test_the_answer_in_quarantine_tells_where_the_dialogue_goes_on(at_desk: Sit, story: Story) -> None:
    case = story.report()
    desk = at_desk(case.members["h1"])
    before = desk.post(f"cases/{case.reference}/open").json
    assert before is not None
    assert before["dialogue_next"] is None
    assert desk.post(f"cases/{case.reference}/duties", {"kind": "quarantine"}).status_code == 201
    answer = desk.post(f"cases/{case.reference}/open").json
    assert answer is not None
    assert [record for record in answer["records"] if record["stream"] == "dialogue"] == []
    assert answer["dialogue_next"]["seq"] == len([one for one in before["records"] if one["stream"] == "dialogue"])


def test_the_case_page_has_every_duty_and_no_name(at_desk: Sit, story: Story) -> None:
    told = VaultBody("Eva Exempel", "070-000 00 00")
    case = leave_case(story.public, story.municipality, story.source(), Channel.REPORT, REPORT, identity=told)
    page = at_desk(case.members["h1"]).get(f"/arenden/{case.reference}").text
    for kind in DutyKind:
        assert (f'data-duty="{kind}"' in page) == (kind is not DutyKind.RECUSAL)
    assert "Rapportörens identitet" in page
    assert told.name not in page


def test_tips_may_be_ticked_as_junk_and_reports_may_not(at_desk: Sit, story: Story) -> None:
    tip = story.tip()
    handler = tip.members["h1"]
    report = story.report()
    page = at_desk(handler).get("/arenden").text
    assert f'data-may-be-junk="{tip.reference}"' in page
    assert f'data-may-be-junk="{report.reference}"' not in page


def test_junk_is_approved_together_only_by_the_other(at_desk: Sit, story: Story) -> None:
    tip = story.tip()
    propose_junk(story, tip)
    assert f'data-may-be-junk="{tip.reference}"' in at_desk(tip.members["h2"]).get("/godkannanden").text
    assert tip.reference not in at_desk(tip.members["h1"]).get("/godkannanden").text


def test_the_page_for_the_threatened_needs_no_case_and_no_script(at_desk: Sit, story: Story) -> None:
    page = at_desk(story.tip().members["h1"]).get("/hot").text
    assert "Ring 112" in page
    assert "<script" not in page
