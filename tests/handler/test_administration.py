"""The administrators' pages: each answers, is well formed, keeps what was written, and changes nothing by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from tests.handler.conftest import FACE, SAME_ORIGIN, Desk
from tests.support.setting_up import organisation, two, unit_operation
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Unit
from tipportal.handler.administration_policy import TEMPLATES
from tipportal.handler.administration_register import FORMS
from tipportal.usecases import changes

Sit = Callable[[Member], Desk]
PAGES = ("", "andringar", "organisationer", "personer", "policy", "konton", "franvaro", "jav", "policy/import")
SUBJECTS = {
    "andra-organisation": "organisations",
    "andra-enhet": "units",
    "andra-funktion": "functions",
    "andra-person": "accounts",
    "avsluta-organisation": "organisations",
    "avsluta-enhet": "units",
    "avsluta-funktion": "functions",
    "avsluta-person": "accounts",
    "avsluta-utseende": "designations",
    "bekrafta-nycklar": "accounts",
    "avsluta-konto": "accounts",
    "oppna-konto": "accounts",
    "aterstall-konto": "accounts",
}
"""The forms about something that the story has, and the table where an id of such a thing stands."""
NOTHING_YET = {"avsluta-franvaro", "avsluta-jav", "avsluta-byra", "avsluta-avtal", "publicera", "publicera-flera"}
"""The forms about something that the story has not."""


class _Reader(HTMLParser):
    """Headings, controls without a name that is heard, and what the policy of scripts forbids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[str] = []
        self.faults: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "label":
            self.labelled.add(given.get("for") or "")
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden" and "hidden" not in given:
            self.controls.append(given.get("id") or "")
        if "style" in given or any(name.startswith("on") for name in given) or tag == "style":
            self.faults.append(self.get_starttag_text() or tag)
        if tag == "script" and "src" not in given:
            self.faults.append(tag)


def well_formed(page: str) -> None:
    """Headings in order, one of the first, ids once, every control labelled, nothing inline."""
    read = _Reader(page)
    assert read.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(read.headings, read.headings[1:], strict=False))
    assert len(read.ids) == len(set(read.ids)), sorted(read.ids)
    assert set(read.controls) <= read.labelled
    assert read.faults == []


def send(desk: Desk, path: str, **fields: str) -> TestResponse:
    """Send a form of the page at a path."""
    sent = {"csrf_token": desk.form_token(path), **fields}
    return desk.client.post(f"{FACE}{path}", data=sent, headers=SAME_ORIGIN)


def drafted(answer: TestResponse) -> dict[str, object]:
    """The payload that a page lets its reader sign."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'data-payload="([^"]*)"', answer.text)
    assert found is not None, answer.text
    payload: dict[str, object] = json.loads(unescape(found[1]))
    return payload


def value(story: Story, statement: str, **values: str) -> object:
    """The one value that a query gives."""
    with story.sql() as connection:
        return connection.execute(sa.text(statement), values).scalar_one()


def one_id(story: Story, table: str, where: str = "1 = 1") -> str:
    """The id of any row."""
    return str(value(story, f"SELECT id FROM {table} WHERE {where} ORDER BY id LIMIT 1"))  # noqa: S608 - our own words


@pytest.mark.parametrize("language", ["", "/en"])
def test_each_page_is_well_formed(at_desk: Sit, story: Story, administrator: Member, language: str) -> None:
    desk = at_desk(administrator)
    forms = [f"forslag/{what}" for what in FORMS if what not in {*SUBJECTS, *NOTHING_YET}]
    forms += [f"forslag/{what}?for={one_id(story, table)}" for what, table in SUBJECTS.items()]
    forms += [f"policy/mall/{word}" for word in TEMPLATES]
    forms += [f"avstangning?for={one_id(story, 'accounts')}"]
    for path in (*PAGES, *forms):
        answer = desk.client.get(f"{language}{FACE}/administration/{path}")
        assert answer.status_code == 200, path
        well_formed(answer.text)


def test_what_is_not_there_has_no_form(at_desk: Sit, administrator: Member) -> None:
    desk = at_desk(administrator)
    paths = [f"forslag/{what}?for={'0' * 32}" for what in (*SUBJECTS, *NOTHING_YET)]
    paths += [f"forslag/{what}" for what in (*SUBJECTS, *NOTHING_YET)]
    for path in (*paths, "forslag/finns-inte", "policy/mall/finns-inte", f"andringar/{'0' * 32}", "avstangning?for=0"):
        assert desk.get(f"/administration/{path}").status_code == 404, path


def test_an_empty_form_says_what_is_missing_at_each_field(at_desk: Sit, administrator: Member) -> None:
    desk = at_desk(administrator)
    for what in FORMS:
        if what in {*SUBJECTS, *NOTHING_YET, "katalog"}:
            continue
        answer = send(desk, f"/administration/forslag/{what}")
        assert answer.status_code == 422, what
        assert 'id="error-summary"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        well_formed(answer.text)


def test_a_unit_is_drafted_and_nothing_is_changed(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    owner = one_id(story, "organisations", "slug = 'bjorkvik'")
    before = value(story, "SELECT count(*) FROM units")
    fields = {"name": "Kansliet <1>", "owner": owner, "decision_number": "KS 2026/1", "decided_on": "2026-11-02"}
    answer = send(desk, "/administration/forslag/enhet", **fields)
    payload = drafted(answer)
    operations = payload["operations"]
    assert isinstance(operations, list)
    operation = dict(operations[0])
    assert re.fullmatch("[0-9a-f]{32}", operation.pop("id"))
    assert operation == {
        "do": "add_unit",
        "organisation": owner,
        "name": "Kansliet <1>",
        "external": False,
        "parent": None,
        "head": None,
    }
    assert payload["decision"] == {"organisation": owner, "number": "KS 2026/1", "decided_on": "2026-11-02"}
    assert "Ny enhet i Björkviks kommun: Kansliet &lt;1&gt;." in answer.text
    assert value(story, "SELECT count(*) FROM units") == before
    assert value(story, "SELECT count(*) FROM changes WHERE state = 'open'") == 0
    # Back to the form with all that was written.
    again = send(desk, "/administration/forslag/enhet", **fields, step="edit").text
    assert 'value="Kansliet &lt;1&gt;"' in again
    assert f'value="{owner}" selected' in again
    assert 'value="KS 2026/1"' in again


def test_what_was_written_stays_when_it_cannot_be_taken(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    person, function = one_id(story, "accounts", "role = 'handler'"), one_id(story, "functions")
    fields = {"person": person, "function": function, "ground": "employment", "decision_number": "KS 2026/1"}
    fields |= {"decided_on": "2026-11-02", "valid_from": "i morgon", "rank": "1"}
    answer = send(desk, "/administration/forslag/utse", **fields)
    assert answer.status_code == 422
    assert "Skriv datumet som år-månad-dag" in answer.text
    assert 'value="i morgon"' in answer.text
    # Faults that only the whole register shows come back in the same way.
    fields |= {"valid_from": "2026-12-01", "valid_to": "2026-11-20"}
    answer = send(desk, "/administration/forslag/utse", **fields)
    assert answer.status_code == 422
    assert 'id="error-summary"' in answer.text
    assert 'value="2026-11-20"' in answer.text


def test_a_number_without_a_date_is_no_decision(at_desk: Sit, story: Story, administrator: Member) -> None:
    owner = one_id(story, "organisations", "slug = 'bjorkvik'")
    answer = send(
        at_desk(administrator), "/administration/forslag/enhet", name="Kansliet", owner=owner, decision_number="KS 1"
    )
    assert answer.status_code == 422
    assert "Ange både beslutets diarienummer och datum" in answer.text


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("[policy", "policy.toml, rad 1: "),
        ("[policy]\norganisations = []\n", "policy.toml, rad "),
        ("x = 1\n" * 2, "policy.toml, rad 2: "),
    ],
)
def test_faults_of_an_imported_policy_have_their_lines(
    at_desk: Sit, story: Story, administrator: Member, policy: str, told: str
) -> None:
    owner = one_id(story, "organisations", "slug = 'bjorkvik'")
    answer = send(
        at_desk(administrator),
        "/administration/policy/import",
        policy=policy,
        owner=owner,
        decision_number="KS 1",
        decided_on="2026-11-02",
    )
    assert answer.status_code == 422
    assert told in answer.text
    assert policy.split("\n", maxsplit=1)[0] in answer.text


def exported(desk: Desk) -> str:
    """The policy in force."""
    answer = desk.get("/api/policies/bjorkvik.toml")
    assert answer.status_code == 200
    return answer.text


def imported(desk: Desk, story: Story, policy: str) -> TestResponse:
    """Try a policy."""
    owner = one_id(story, "organisations", "slug = 'bjorkvik'")
    fields = {"policy": policy.replace("\n", "\r\n"), "owner": owner}
    return send(desk, "/administration/policy/import", **fields, decision_number="KS 1", decided_on="2026-11-02")


def test_a_policy_that_contradicts_itself_is_refused(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    policy = exported(desk)
    assert drafted(imported(desk, story, policy))["policy"] == policy
    function = re.search(r'\[\[policy\.function\]\]\nid = "([^"]+)"', policy)
    assert function is not None
    rule = f'\n[[policy.rule]]\nwhen = {{ area = ["hemtjanst"] }}\nto = ["{function[1]}"]\nbecause = "Prov"\n'
    answer = imported(desk, story, policy + rule + rule)
    assert answer.status_code == 422
    assert "Regeln motsäger regel" in answer.text


def test_a_template_makes_a_policy_of_those_who_are_designated(
    at_desk: Sit, story: Story, administrator: Member
) -> None:
    desk = at_desk(administrator)
    owner = one_id(story, "organisations", "slug = 'bjorkvik'")
    functions = re.findall(r'\[\[policy\.function\]\]\nid = "([^"]+)"', exported(desk))
    fields = {"organisation": owner, "owner": owner, "decision_number": "KS 1", "decided_on": "2026-11-02"}
    same = send(desk, "/administration/policy/mall/grannkommun", **fields, function=functions[0], counsel=functions[0])
    assert same.status_code == 422
    assert "Välj en annan funktion än den som tar emot." in same.text
    fields |= {"function": functions[0], "counsel": functions[1]}
    made = str(drafted(send(desk, "/administration/policy/mall/grannkommun", **fields))["policy"])
    assert f'to = ["{functions[0]}"]' in made
    assert f'ladder = [["{functions[1]}"]]' in made
    # A company has its cases received by somebody else.
    alone = send(desk, "/administration/policy/mall/bolag", **fields)
    assert alone.status_code == 422
    assert "Ange kommunen eller nämnden" in alone.text


def test_more_rules_than_anybody_can_read_are_refused(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    rule = '\n[[policy.rule]]\nwhen = { area = ["hemtjanst"] }\nto = ["x"]\nbecause = "y"\n'
    answer = imported(desk, story, exported(desk) + rule * 10_000)
    assert answer.status_code == 422
    assert 'id="error-summary"' in answer.text


def test_somebody_is_away_from_today_at_once(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    person = one_id(story, "accounts", "role = 'handler'")
    answer = send(desk, "/administration/franvaro", person=person, last="2026-13-01")
    assert answer.status_code == 422
    assert send(desk, "/administration/franvaro", person=person).status_code == 303
    assert value(story, "SELECT count(*) FROM absences WHERE person_id = :id", id=person) == 1
    assert "tills vidare" in desk.get("/administration/personer").text


def test_an_account_is_suspended_at_once_and_asks_for_review(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    suspended = one_id(story, "accounts", "role = 'handler'")
    assert send(desk, f"/administration/avstangning?for={suspended}").status_code == 303
    assert value(story, "SELECT state FROM accounts WHERE id = :id", id=suspended) == "suspended"
    # Nobody reviews what they did themselves.
    assert 'data-alert="review"' not in desk.get("/administration/").text
    both = [member for member in story.municipality.members if member.account.role is administrator.account.role]
    other = at_desk(next(member for member in both if member.account.id != administrator.account.id))
    page = other.get("/administration/").text
    assert 'data-alert="review"' in page
    review = re.search(r'name="review"\s+value="([^"]+)"', page)
    assert review is not None
    token = other.form_token("/administration/")
    fields = {"csrf_token": token, "review": review[1], "outcome": "lifted"}
    assert other.client.post(f"{FACE}/administration/granskning", data=fields, headers=SAME_ORIGIN).status_code == 303
    assert value(story, "SELECT state FROM accounts WHERE id = :id", id=suspended) == "active"
    assert 'data-alert="review"' not in other.get("/administration/").text


def test_designations_that_end_are_warned_of(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    assert 'data-alert="designation"' not in desk.get("/administration/").text
    story.change("UPDATE designations SET valid_to = :soon WHERE rank = 1", soon="2026-12-01")
    assert 'data-alert="designation"' in desk.get("/administration/").text


def test_what_a_channel_lacks_stands_with_where_to_do_it(at_desk: Sit, story: Story, administrator: Member) -> None:
    desk = at_desk(administrator)
    owner = one_id(story, "organisations", "slug = 'bjorkvik'")
    story.drop_guards()
    story.change("DELETE FROM decisions WHERE subject = 'trial'")
    story.change("DELETE FROM openings WHERE channel = 'tip'")
    page = desk.get("/administration/").text
    assert re.search(rf'href="[^"]+/forslag/beslut\?organisation={owner}&amp;subject=trial"', page)
    link = re.search(rf'href="{FACE}([^"]+/forslag/kanal\?organisation={owner}&amp;channel=tip&amp;open=trial)"', page)
    assert link is not None
    chosen = desk.get(unescape(link[1])).text
    assert re.search(r'value="trial"\s+selected', chosen)
    path = "/administration/forslag/kanal"
    fields = {"organisation": owner, "channel": "tip", "decision_number": "KS 1", "decided_on": "2026-11-02"}
    assert drafted(send(desk, path, **fields, open="trial"))["trial"] is True
    # Without the trial nobody opens it to everybody.
    refused = send(desk, path, **fields, open="yes")
    assert refused.status_code == 422
    assert "prov av kanalen från början till slut" in refused.text


def test_what_was_decided_says_what_who_and_when(at_desk: Sit, story: Story, administrator: Member) -> None:
    both = two(story)
    made = Unit(story.handler.new_id(), organisation(story).id, "Arkivet", external=False)
    payload: dict[str, Json] = {"operations": [unit_operation(made)], "decision": None}
    change_id, act = both.propose(ChangeKind.REGISTER, payload)
    both.approve(change_id, act)
    other, _ = both.propose(
        ChangeKind.REGISTER, {**payload, "operations": [unit_operation(replace(made, id="f" * 32))]}
    )
    changes.decline(story.handler, both.approver.account, other)

    desk = at_desk(administrator)
    for found, verb in ((change_id, "Godkändes av"), (other, "Avgjordes av")):
        card = desk.get("/administration/andringar").text.split(f'data-change="{found}"')[1].split("</li>")[0]
        assert "Ny enhet i Björkviks kommun: Arkivet." in card
        assert f"{both.proposer.account.name}, 23 november" in card
        assert verb in card
        assert f"{both.approver.account.name}, 23 november" in card
        assert "Ny enhet i Björkviks kommun: Arkivet." in desk.get(f"/administration/andringar/{found}").text
    english = desk.client.get(f"/en{FACE}/administration/andringar").text
    assert "New unit in Björkviks kommun: Arkivet." in english
