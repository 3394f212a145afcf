"""Triage over HTTP: facts in versions, links, what a date is counted from, and what an assessment rests on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.handler.conftest import Desk
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase
from tipportal.cli.demo_staffing import Member
from tipportal.usecases import alarms

Sit = Callable[[Member], Desk]
FACTS = {
    "origin": "report",
    "types": ["improper_payment"],
    "areas": [],
    "relation": "active",
    "named": "anonymous",
    "reprisals": "no",
    "heard_how": "intranet",
    "reasons": [],
}


@pytest.fixture
def case(story: Story) -> PlayedCase:
    """A report."""
    return story.report()


def test_facts_come_back_with_who_and_when_and_a_late_one_is_told_so(at_desk: Sit, case: PlayedCase) -> None:
    one, two = at_desk(case.members["h1"]), at_desk(case.members["h2"])
    path = f"cases/{case.reference}/triage"
    before = one.post(f"cases/{case.reference}/open").json
    assert (before["triage"], before["origin"], before["links"]) == (None, "report", [])
    assert before["reclassify"].startswith("Ärendet är en rapport")
    assert one.post(path, {"version": 0, "facts": FACTS}).json == {"version": 1}
    late = two.post(path, {"version": 0, "facts": {**FACTS, "types": ["bribery"]}})
    assert (late.status_code, late.json["code"]) == (409, "triage_changed")
    known = two.post(f"cases/{case.reference}/open").json["triage"]
    assert known == {"version": 1, "member": "h1", "on": "2026-11-23", "facts": FACTS}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": -1}, "version"),
        ({"facts": {**FACTS, "types": ["gossip"]}}, "types"),
        ({"facts": {**FACTS, "origin": "tip", "types": "bribery"}}, "facts.types"),
        ({"facts": {**FACTS, "more": "x"}}, "facts.more"),
        ({"facts": {**FACTS, "origin": "oral"}}, "origin"),
    ],
)
def test_wrong_facts_are_refused_by_name(at_desk: Sit, case: PlayedCase, change: dict[str, object], field: str) -> None:
    answer = at_desk(case.members["h1"]).post(
        f"cases/{case.reference}/triage", {"version": 0, "facts": FACTS, **change}
    )
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_cases_are_linked_and_parted_and_foreign_ones_are_not_found(
    at_desk: Sit, story: Story, case: PlayedCase
) -> None:
    other = story.report()
    desk = next(
        sitting
        for sitting in map(at_desk, case.members.values())
        if all(sitting.get(f"/arenden/{one.reference}").status_code == 200 for one in (case, other))
    )
    path = f"cases/{case.reference}"
    (offered,) = desk.post(f"{path}/linkable").json["cases"]
    assert (offered["reference"], offered["received_on"]) == (other.reference, "2026-11-23")
    made = desk.post(f"{path}/links", {"other": other.reference, "kind": "duplicate"})
    assert made.status_code == 201
    (shown,) = desk.post(f"{path}/open").json["links"]
    assert (shown["reference"], shown["kind"], shown["link"]) == (other.reference, "duplicate", made.json["link"])
    assert desk.post(f"{path}/links", {"other": other.reference, "kind": "enemy"}).json["field"] == "kind"
    assert desk.post(f"{path}/links", {"other": "AAA-AAA-AAA", "kind": "related"}).status_code == 404
    assert desk.post(f"{path}/links/{made.json['link']}/remove").status_code == 204
    assert desk.post(f"{path}/links/{made.json['link']}/remove").status_code == 404
    outsider = at_desk(story.outsider(case))
    for foreign in ("linkable", "links", "triage"):
        body = {"links": {"other": other.reference, "kind": "related"}, "triage": {"version": 0, "facts": FACTS}}
        assert outsider.post(f"{path}/{foreign}", body.get(foreign)).status_code == 404


def test_a_date_says_what_it_is_counted_from_and_what_it_opens(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    tip = story.tip()
    desk = at_desk(case.members["h1"])
    due = desk.post(f"cases/{case.reference}/open").json["due"]
    assert (due["strict"], due["target"]) == ("2027-02-23", "2027-02-23")
    assert due["reason"] == "Räknat från bekräftelsen 23 november 2026: tre månader."
    assert "Om lag 1930:173 förlänger tiden: 23 februari 2027." in due["readings"]
    aim = at_desk(tip.members["h1"]).post(f"cases/{tip.reference}/open").json["due"]
    assert aim["words"].startswith("Mål för återkoppling")
    assert "Lagen sätter ingen tid" in aim["reason"]
    assert "1930" not in aim["readings"]


def test_an_alarm_stands_on_the_first_screen_until_its_date_is_another(
    at_desk: Sit, story: Story, case: PlayedCase
) -> None:
    story.clock.advance(88 * DAY)
    assert alarms.raise_alarms(story.handler) == 2
    page = at_desk(case.members["h1"]).get("/").get_data(as_text=True)
    assert "Larm: högst fem dagar kvar till återkopplingen" in page
    assert "högst två veckor" not in page


def test_the_form_has_every_gate_with_its_criteria_and_a_draft_for_each_ground(at_desk: Sit, case: PlayedCase) -> None:
    page = at_desk(case.members["h1"]).get(f"/arenden/{case.reference}").get_data(as_text=True)
    for words in ("1 kap. 8 § 2", "arbetsrelaterat", "Allmänintresse", "2019/1937", "säkerhetsskyddschefen"):
        assert words in page
    assert page.count("data-draft-text=") == 2 * 9
    assert 'id="reclassify-form"' not in page
