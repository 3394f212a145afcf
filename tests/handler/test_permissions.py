"""Who may ask what: every endpoint of the face against nobody, every other role, and a missing or foreign token."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.handler.conftest import FACE, SAME_ORIGIN, Desk
from tests.support.story import Story
from tipportal.cli.demo_staffing import Member
from tipportal.domain.accounts import Permission, Role, allows
from tipportal.web.guard import SIGNED_IN, rule_of

EXPECTED = {
    "handler.account_challenge": Permission.ACCOUNT,
    "handler.account_page": Permission.ACCOUNT,
    "handler.add_record": Permission.HANDLE,
    "handler.add_way": Permission.HOLD_KEYS,
    "handler.administration": Permission.ADMINISTER,
    "handler.administration_absence": Permission.ADMINISTER,
    "handler.administration_accounts": Permission.ADMINISTER,
    "handler.administration_change": Permission.ADMINISTER,
    "handler.administration_changes": Permission.ADMINISTER,
    "handler.administration_conflict": Permission.ADMINISTER,
    "handler.administration_form": Permission.ADMINISTER,
    "handler.administration_link": Permission.ADMINISTER,
    "handler.administration_organisations": Permission.ADMINISTER,
    "handler.administration_people": Permission.ADMINISTER,
    "handler.administration_policy": Permission.ADMINISTER,
    "handler.administration_policy_import": Permission.ADMINISTER,
    "handler.administration_policy_template": Permission.ADMINISTER,
    "handler.administration_recovery": Permission.ADMINISTER,
    "handler.administration_replacing": Permission.ADMINISTER,
    "handler.administration_review": Permission.ADMINISTER,
    "handler.administration_suspension": Permission.ADMINISTER,
    "handler.administration_trustees": Permission.ADMINISTER,
    "handler.allow_opening": Permission.HANDLE,
    "handler.approvals": Permission.HANDLE,
    "handler.archive_bundle": Permission.HANDLE,
    "handler.approve_change": Permission.ADMINISTER,
    "handler.approve_proposal": Permission.HANDLE,
    "handler.approve_with_trustees": Permission.ADMINISTER,
    "handler.ask_opening": Permission.HANDLE,
    "handler.begin_epoch": Permission.HANDLE,
    "handler.begin_follow_up": Permission.HANDLE,
    "handler.candidates": Permission.HANDLE,
    "handler.case_file": Permission.HANDLE,
    "handler.case_list": Permission.HANDLE,
    "handler.case_log": Permission.HANDLE,
    "handler.case_page": Permission.HANDLE,
    "handler.case_revision": Permission.HANDLE,
    "handler.change_password": Permission.ACCOUNT,
    "handler.choose_shortcuts": Permission.ACCOUNT,
    "handler.confirm_account": Permission.ACCOUNT,
    "handler.correct_measure": Permission.HANDLE,
    "handler.decide_disclosure": Permission.HANDLE,
    "handler.deciding": Permission.HANDLE,
    "handler.deciding_page": Permission.HANDLE,
    "handler.declare_conflict": Permission.ACCOUNT,
    "handler.decline_change": Permission.ADMINISTER,
    "handler.decline_proposal": Permission.HANDLE,
    "handler.decline_reopening": Permission.HANDLE,
    "handler.disclosure_page": Permission.HANDLE,
    "handler.disclosures_page": Permission.HANDLE,
    "handler.do_after_care": Permission.HANDLE,
    "handler.do_at_once": Permission.HANDLE,
    "handler.drill_done": Permission.ADMINISTER,
    "handler.drill_keys": Permission.ADMINISTER,
    "handler.end_other_sessions": Permission.ACCOUNT,
    "handler.end_session": Permission.ACCOUNT,
    "handler.enrolment": Permission.ENROL,
    "handler.enrolment_page": Permission.ENROL,
    "handler.enrolment_welcome": Permission.ENROL,
    "handler.enter_case": Permission.HANDLE,
    "handler.export_policy": Permission.ADMINISTER,
    "handler.export_register": Permission.ADMINISTER,
    "handler.fill_form": Permission.HANDLE,
    "handler.first_screen": Permission.ACCOUNT,
    "handler.followup": Permission.ACCOUNT,
    "handler.followup_draft": Permission.ADMINISTER,
    "handler.followup_draft_file": Permission.ADMINISTER,
    "handler.followup_file": Permission.ACCOUNT,
    "handler.followup_internal": Permission.AUDIT,
    "handler.followup_make": Permission.ADMINISTER,
    "handler.followup_report": Permission.ACCOUNT,
    "handler.followup_set": Permission.ADMINISTER,
    "handler.followup_texts": Permission.ADMINISTER,
    "handler.fresh_token": Permission.ACCOUNT,
    "handler.handle_right": Permission.HANDLE,
    "handler.handler_directory": Permission.HOLD_KEYS,
    "handler.intake_page": Permission.HANDLE,
    "handler.intake_panel": Permission.HANDLE,
    "handler.lend_share": Permission.HANDLE,
    "handler.link_cases": Permission.HANDLE,
    "handler.linkable_cases": Permission.HANDLE,
    "handler.report_panel": Permission.HANDLE,
    "handler.list_changes": Permission.ADMINISTER,
    "handler.lock": Permission.HOLD_KEYS,
    "handler.log": Permission.AUDIT,
    "handler.log_checkpoint": Permission.AUDIT,
    "handler.log_checkpoint_text": Permission.AUDIT,
    "handler.log_checkpoints": Permission.AUDIT,
    "handler.make_handover_link": Permission.HANDLE,
    "handler.meeting_held": Permission.HANDLE,
    "handler.my_references": Permission.HANDLE,
    "handler.note_absence": Permission.ACCOUNT,
    "handler.note_reprisal": Permission.HANDLE,
    "handler.open_case": Permission.HANDLE,
    "handler.open_vault": Permission.HANDLE,
    "handler.passkey_challenge": Permission.SIGN_IN,
    "handler.passkey_sign_in": Permission.SIGN_IN,
    "handler.preview_change": Permission.ADMINISTER,
    "handler.propose": Permission.HANDLE,
    "handler.propose_change": Permission.ADMINISTER,
    "handler.record_measure": Permission.HANDLE,
    "handler.recover_case": Permission.ADMINISTER,
    "handler.recovery_bundle": Permission.ADMINISTER,
    "handler.recovery_panel": Permission.ADMINISTER,
    "handler.recuse": Permission.HANDLE,
    "handler.remove_way": Permission.HOLD_KEYS,
    "handler.review_at_once": Permission.ADMINISTER,
    "handler.review_duty": Permission.HANDLE,
    "handler.set_registry_number": Permission.HANDLE,
    "handler.shares_wanted": Permission.HANDLE,
    "handler.sign_in_page": Permission.SIGN_IN,
    "handler.sign_out": Permission.ACCOUNT,
    "handler.split_shares_anew": Permission.HANDLE,
    "handler.split_vault_anew": Permission.HANDLE,
    "handler.storage_key": Permission.HOLD_KEYS,
    "handler.suspend_account": Permission.ADMINISTER,
    "handler.threat_page": Permission.HANDLE,
    "handler.titles": Permission.HANDLE,
    "handler.triage_case": Permission.HANDLE,
    "handler.unlink_cases": Permission.HANDLE,
    "handler.unlock": Permission.HOLD_KEYS,
    "handler.update_checklist": Permission.HANDLE,
    "handler.upload_discard": Permission.HANDLE,
    "handler.upload_part": Permission.HANDLE,
    "handler.upload_standing": Permission.HANDLE,
    "handler.vault_renewal": Permission.HANDLE,
    "handler.viewer": Permission.PUBLIC,
}
PARTS = f"{FACE}/api/uploads"


def addresses(portal: Flask) -> Iterator[tuple[str, str, Permission]]:
    """Every address of the face for signed-in people: method, path, permission."""
    for route in portal.url_map.iter_rules():
        rule = rule_of(portal, route.endpoint)
        if not route.endpoint.startswith("handler.") or rule is None or rule.permission not in SIGNED_IN:
            continue
        path = route.rule.replace("<reference>", "ABC-DEF-GHJ").replace("<proposal_id>", "0" * 32)
        for method in sorted((route.methods or set()) & {"GET", "POST", "DELETE"}):
            yield method, path, rule.permission


def ask(desk: Desk, method: str, path: str, headers: dict[str, str]) -> TestResponse:
    """A request with a body of the kind that its address takes."""
    if (method, path) == ("POST", PARTS):
        return desk.client.post(path, data=b"x", content_type="application/octet-stream", headers=headers)
    return desk.client.open(path, method=method, headers=headers, json={} if method == "POST" else None)


def test_each_endpoint_demands_what_it_should(portal: Flask) -> None:
    found = {
        route.endpoint: rule.permission
        for route in portal.url_map.iter_rules()
        if route.endpoint.startswith("handler.") and (rule := rule_of(portal, route.endpoint)) is not None
    }
    assert found == EXPECTED


def test_nobody_gets_in_without_signing_in(portal: Flask, desk: Desk) -> None:
    for method, path, _ in addresses(portal):
        answer = ask(desk, method, path, SAME_ORIGIN)
        if method == "GET" and "/api/" not in path:
            assert (answer.status_code, answer.headers["Location"]) == (303, f"{FACE}/logga-in"), path
        else:
            assert answer.status_code == 401, path


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_its_own_pages_only(
    portal: Flask, story: Story, at_desk: Callable[[Member], Desk], role: Role
) -> None:
    member = next(member for member in story.municipality.members if member.account.role is role)
    desk = at_desk(member)
    token = desk.form_token("/" if role is Role.HANDLER else desk.get("/").headers["Location"].removeprefix(FACE))
    for method, path, permission in addresses(portal):
        if path.endswith("logga-ut"):
            continue
        headers = {**SAME_ORIGIN, "Tipportal-CSRF": token}
        status = ask(desk, method, path, headers).status_code
        if allows(role, permission):
            assert status != 403, path
        else:
            assert status == 403, path


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Tipportal-CSRF": ""}, "token_invalid"),
        ({"Tipportal-CSRF": "å"}, "token_invalid"),
        ({"Tipportal-CSRF": "A" * 88}, "token_invalid"),
        ({"Sec-Fetch-Site": "cross-site"}, "cross_site"),
        ({"Sec-Fetch-Site": "same-site"}, "cross_site"),
        ({"Sec-Fetch-Site": "none"}, "cross_site"),
    ],
)
def test_a_request_of_somebody_elses_page_is_refused(
    portal: Flask, story: Story, at_desk: Callable[[Member], Desk], headers: dict[str, str], code: str
) -> None:
    desk = at_desk(story.municipality.handlers()[0])
    for method, path, permission in addresses(portal):
        if method != "GET" and permission is Permission.HANDLE:
            answer = ask(desk, method, path, {**SAME_ORIGIN, "Tipportal-CSRF": desk.token, **headers})
            assert (answer.status_code, answer.get_json()["code"]) == (403, code), path


def test_a_token_of_another_session_is_refused(story: Story, at_desk: Callable[[Member], Desk]) -> None:
    one, other = (at_desk(member) for member in story.municipality.handlers()[:2])
    assert one.post("lock", headers={"Tipportal-CSRF": other.token}).status_code == 403
    assert one.post("lock").status_code == 204


def test_a_page_goes_on_with_the_token_of_a_later_session(story: Story, at_desk: Callable[[Member], Desk]) -> None:
    anna, johan = story.municipality.handlers()[:2]
    desk = at_desk(anna)
    owner = desk.get("/api/csrf-token").json
    old = desk.token
    desk.client.delete_cookie("tipportal-session")
    desk.sign_in(anna)
    again = desk.get("/api/csrf-token").json
    assert owner is not None
    assert again is not None
    assert owner["who"] == again["who"]
    assert desk.post("lock", headers={"Tipportal-CSRF": old}).status_code == 403
    assert desk.post("lock", headers={"Tipportal-CSRF": again["csrf_token"]}).status_code == 204
    other = at_desk(johan).get("/api/csrf-token").json
    assert other is not None
    assert other["who"] != owner["who"]


def test_a_suspended_account_is_out_at_once(story: Story, at_desk: Callable[[Member], Desk]) -> None:
    member = story.municipality.handlers()[0]
    desk = at_desk(member)
    story.change("UPDATE accounts SET state = 'suspended' WHERE id = :id", id=member.account.id)
    assert desk.get("/arenden").status_code == 303
    assert desk.post("unlock").status_code == 401
