"""Trustees in the browser: a paper is made and typed back, a drill is held, and one case gets a new panel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.support.browser_fixtures import NewSource
from tests.support.desk import Desks
from tests.support.founders import founders
from tests.support.servers import Server
from tipportal.cli.demo_trustees import DemoTrustee
from tipportal.domain.changes.change import ChangeKind
from tipportal.envelope.canonical import decode_b64, encode_b64
from tipportal.envelope.changes import verify_change
from tipportal.envelope.paper import read_paper
from tipportal.envelope.trustees import trustee_identity
from tipportal.usecases import changes

pytestmark = pytest.mark.browser

At = Callable[[Server], Desks]


def _paper(trustee: DemoTrustee) -> str:
    return "\n".join(trustee.paper)


def test_a_paper_is_typed_back_and_only_public_keys_are_left(https_server: Server, desks: At) -> None:
    desk = desks(https_server).of(https_server.person("administrator", 0))
    page = desk.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.goto(f"{desk.staff_url}administration/nyckelforvaltare")
    page.locator("#make").click()
    rows = page.locator("#rows li").all_text_contents()
    assert len(rows) == 6
    # Printed, it is one sheet that says what it is, with nothing else of the screen on it.
    expect(page.locator("#paper-made h2")).to_be_hidden()
    page.emulate_media(media="print")
    for shown in ("Nyckelförvaltarens papper", "Varje rad har fyra ord", "Ceremonin leddes av"):
        expect(page.locator("#paper-made").get_by_text(shown)).to_be_visible()
    for hidden in (".masthead", ".desk-nav", "#make", "#print", "#propose", "h1"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.emulate_media(media="screen")
    page.locator("#on-paper").click()
    expect(page.locator("#rows li")).to_have_count(0)
    wrong = str((int(rows[5][-1]) + 1) % 10)
    page.locator("#typed").fill("\n".join([*rows[:5], rows[5][:-1] + wrong]))
    page.locator("#typed-back button").click()
    expect(page.locator("#ceremony-status")).to_contain_text("rad 6")
    page.locator("#typed").fill("\n".join(rows))
    page.locator("#typed-back button").click()
    expect(page.locator("#ceremony-status")).to_contain_text("Papperet stämmer")
    keys = trustee_identity(read_paper("\n".join(rows)))
    public = decode_b64(page.locator("#public").input_value()).decode()
    assert json.loads(public)["verification_key"] == encode_b64(keys.signing_key.verification_key.raw)
    assert not [body for body in sent if rows[0].split()[0] in body]
    assert page.locator("#typed").input_value() == ""


def test_four_are_named_by_their_units_in_the_register(https_server: Server, desks: At) -> None:
    desk = desks(https_server).of(https_server.person("administrator", 0))
    page = desk.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    address = f"{desk.staff_url}administration/nyckelforvaltare"
    page.goto(f"{address}?antal=5")
    expect(page.locator("[data-trustee]")).to_have_count(5)
    page.goto(address)
    desk.unlock()
    page.locator("#name-3").fill("Cecilia Ask")
    page.locator("#unit_id-3").select_option(index=2)
    page.get_by_role("link", name="Lägg till en nyckelförvaltare").click()
    expect(page.locator("[data-trustee]")).to_have_count(4)
    assert [page.locator(f"#name-{number}").input_value() for number in (3, 4)] == ["Cecilia Ask", ""]
    assert page.locator("#unit_id-4").input_value() == ""
    chosen = []
    for number, name in enumerate(("Alva Ek", "Bo Ry", "Cecilia Ask", "Disa Lo"), start=1):
        keys = DemoTrustee(name, "", "", None, bytes([number]) * 32).keys
        public = {
            "recipient": encode_b64(keys.identity.recipient.raw),
            "verification_key": encode_b64(keys.signing_key.verification_key.raw),
        }
        page.get_by_label("Namn", exact=True).nth(number - 1).fill(name)
        page.locator(f"#public-{number}").fill(encode_b64(json.dumps(public).encode()))
        page.locator(f"#unit_id-{number}").select_option(index=number)
        chosen.append(page.locator(f"#unit_id-{number}").input_value())
    page.locator("#decision-number").fill("KS 2026/9")
    page.locator("#decided-on").fill("2026-01-05")
    page.locator("#propose button").click()
    expect(page.locator("#propose-status")).to_contain_text("väntar")
    (payload,) = [json.loads(body)["payload"] for body in sent if '"payload":{' in body]
    assert [one["name"] for one in payload["trustees"]] == ["Alva Ek", "Bo Ry", "Cecilia Ask", "Disa Lo"]
    assert [one["unit_id"] for one in payload["trustees"]] == chosen
    assert all(chosen)
    assert all(one["unit"] and one["organisation"] for one in payload["trustees"])


def test_a_drill_and_the_recovery_of_one_case(https_server: Server, desks: At, new_source: NewSource) -> None:
    source = new_source(https_server)
    reference = source.submit("tip", {"what_happened": https_server.canary()}).reference
    t1, t2, t3 = https_server.trustees
    at = desks(https_server)
    one, other = (at.of(https_server.person("administrator", number)) for number in (0, 1))

    page = one.page
    page.goto(f"{one.staff_url}administration/nyckelforvaltare")
    one.unlock()
    for typed, said in ((_paper(t2), "1 till"), (_paper(t2), "redan"), (_paper(t3), "Övningen är gjord")):
        page.locator("#drill-paper").fill(typed)
        page.locator("#drill-form button").click()
        expect(page.locator("#drill-status")).to_contain_text(said)
    page.locator("#reference").fill(reference)
    page.locator("#why").fill("Nycklarna är borta")
    page.locator("#recover-form button").click()
    expect(page.locator("#recover-status")).to_contain_text("väntar")

    page = other.page
    page.goto(f"{other.staff_url}administration/")
    page.locator("section[aria-labelledby=to-approve] [data-change] a").first.click()
    other.unlock()
    page.get_by_role("button", name="Skriv under och godkänn").click()
    expect(page.locator("#change")).to_have_attribute("data-decided", "change-approved")
    page.goto(f"{other.staff_url}administration/nyckelforvaltare")
    page.get_by_role("link", name=reference).click()
    for typed, said in ((_paper(t1), "1 till"), (_paper(t3), "Klart")):
        page.locator("#paper").fill(typed)
        page.locator("#paper-form button").click()
        expect(page.locator("#paper-status")).to_contain_text(said)
    reader, _ = at.panel(reference)
    reader.open_case(reference)
    expect(reader.page.locator("#doubts > *")).to_have_count(0)


def test_trustees_sign_for_a_lost_administrator(https_server: Server, desks: At) -> None:
    desk = desks(https_server).of(https_server.person("administrator", 0))
    t1, t2, t3 = https_server.trustees
    stranger = DemoTrustee("Ingen", "Ingenstans", "Ingen", None, bytes(32))
    with founders(https_server) as two:
        change_id, act = two.propose(ChangeKind.RESTORE, {"account": two.approver.account.id})
        page, sent = desk.page, list[Any]()

        def answer(route: Route) -> None:
            # What it does to the account is tested without a browser: here the other administrator is still needed.
            sent.append(route.request.post_data_json)
            route.fulfill(status=200, json={"answer": {}})

        page.route(f"**/api/changes/{change_id}/trustees", answer)
        page.goto(f"{desk.staff_url}administration/andringar/{change_id}")
        page.get_by_role("link", name="Låt nyckelförvaltarna skriva under").click()
        expect(page.locator("#replacing [data-slot=verdict]")).to_have_attribute("data-mood", "good")
        for typed, said in (
            (_paper(stranger), "hör inte till"),
            (_paper(t3), "1 till"),
            (_paper(t3), "redan"),
            (_paper(t1), "Godkänd"),
        ):
            page.locator("#paper").fill(typed)
            page.locator("#paper-form button").click()
            expect(page.locator("#paper-status")).to_contain_text(said)
        assert page.locator("#paper").input_value() == ""
        (body,) = sent
        assert [each["trustee"] for each in body["signatures"]] == [t3.id, t1.id]
        for each, trustee in zip(body["signatures"], (t3, t1), strict=True):
            verify_change(act, decode_b64(each["signature"]), trustee.keys.signing_key.verification_key)
        assert not [word for trustee in (t1, t2, t3) for word in trustee.paper if word in json.dumps(body)]
        changes.decline(two.ctx, two.proposer.account, change_id)
