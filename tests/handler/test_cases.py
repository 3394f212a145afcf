"""A case over the JSON API: everything sealed comes and goes as it is, own cases only, and each act in its order."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.handler.conftest import Answer, Desk, b64, record_json
from tests.support.playing import NewEpoch, new_epoch, server_sealed
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, act_on, offered_proposal, reply, seal_text, sign, stored
from tipportal.cli.demo_staffing import Member
from tipportal.domain.cases import CaseState, RecordKind, Stream
from tipportal.domain.handlinglog import EntryKind
from tipportal.envelope import HybridIdentity, HybridRecipient
from tipportal.envelope.acts import parse_act
from tipportal.envelope.genesis import ExpectedGenesis, verify_genesis
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.payloads import AssessPayload, ClosePayload, Outcome, Payload
from tipportal.envelope.records import Kind

COVERED = True
Sit = Callable[[Member], Desk]


@pytest.fixture
def case(story: Story) -> PlayedCase:
    return story.report()


@pytest.fixture
def first(at_desk: Sit, case: PlayedCase) -> Desk:
    return at_desk(case.members["h1"])


@pytest.fixture
def second(at_desk: Sit, case: PlayedCase) -> Desk:
    return at_desk(case.members["h2"])


def write(desk: Desk, case: PlayedCase, kind: Kind, text: str, *, by: str = "h1") -> Answer:
    record = seal_text(desk.story.handler, case, kind, text, by=by)
    return desk.post(f"cases/{case.reference}/records", {"record": record_json(record)})


def propose(desk: Desk, case: PlayedCase, payload_of: Callable[[str], Payload], *, by: str = "h1") -> Answer:
    story = desk.story
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Därför.", by=by)
    payload = payload_of(reasons.digest.hex())
    member = case.members[by]
    offered = offered_proposal(member, act_on(story.handler, case, payload), payload, reasons)
    body = {
        "act": offered.act,
        "payload": offered.payload,
        "signature": b64(offered.signature),
        "record": record_json(reasons),
    }
    return desk.post(f"cases/{case.reference}/proposals", body)


def approve(desk: Desk, case: PlayedCase, proposal: str, *, by: str = "h2") -> Answer:
    act = next(one for one in opened(desk, case)["proposals"] if one["id"] == proposal)["act"]
    return desk.post(f"proposals/{proposal}/approve", {"signature": b64(sign(case.members[by], parse_act(act)))})


def opened(desk: Desk, case: PlayedCase) -> dict[str, Any]:
    answer = desk.post(f"cases/{case.reference}/open")
    assert answer.status_code == 200, answer.data
    return answer.json


def assessed(reasons: str) -> Payload:
    return AssessPayload(COVERED, "public_interest", reasons)


def closed(reasons: str) -> Payload:
    return ClosePayload(Outcome.CONFIRMED, reasons)


def kinds(story: Story, case: PlayedCase) -> list[str]:
    with story.database.read() as uow:
        return [json.loads(data)["kind"] for data in uow.log.entries_of_case(case.reference)]


def epoch_json(new: NewEpoch) -> dict[str, Any]:
    return {
        "epoch": new.epoch,
        "work": b64(new.work),
        "dialogue": b64(new.dialogue),
        "records": [record_json(record) for record in new.records],
        "grants": [{"holder": g.holder, "kind": g.kind.value, "file": b64(g.file)} for g in new.grants],
    }


def test_what_is_opened_can_be_verified_from_genesis(first: Desk, case: PlayedCase) -> None:
    answer = opened(first, case)
    epoch = answer["epochs"][0]
    identity = case.members["h1"].identity
    assert identity is not None
    seed = open_sealed(base64.b64decode(epoch["grant"]), [identity.identity])
    genesis = verify_genesis(
        open_sealed(base64.b64decode(answer["genesis"]), [HybridIdentity(seed)]),
        ExpectedGenesis(
            case=case.reference,
            installation=answer["installation"],
            source=HybridRecipient.from_bytes(base64.b64decode(answer["source"]["recipient"])),
            work=HybridRecipient.from_bytes(base64.b64decode(epoch["work"])),
            source_key=VerificationKey(base64.b64decode(answer["source"]["verification_key"])),
        ),
    )
    assert answer["me"] == "h1"
    mine = next(member for member in genesis.genesis.members if member.id == "h1")
    assert b64(mine.verification_key.raw) == epoch["members"][0]["verification_key"]
    assert answer["names"]["h2"] == case.members["h2"].person.name
    assert {record["stream"] for record in answer["records"]} == {"dialogue", "work"}
    assert answer["steps"]["assess"] is None
    assert answer["steps"]["follow_up"] is not None


UNREAD = '<span class="chip chip--new">Oläst</span>'


def test_opening_is_logged_and_marks_as_read(first: Desk, story: Story, case: PlayedCase) -> None:
    opened(first, case)
    assert UNREAD not in first.get("/arenden").text
    reply(story.public, case, "Det hände igen i går.")
    assert UNREAD in first.get("/arenden").text
    opened(first, case)
    assert kinds(story, case)[-1] == EntryKind.OPENED
    assert UNREAD not in first.get("/arenden").text


REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cases/{ref}/open", {}),
    ("cases/{ref}/log", {}),
    ("cases/{ref}/follow-up", {}),
    ("cases/{ref}/records", {"record": ...}),
    ("cases/{ref}/epochs", {"epoch": ...}),
    ("cases/{ref}/proposals", {"act": ...}),
)


@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_unknown_and_foreign_are_one_answer(at_desk: Sit, story: Story, case: PlayedCase, number: int) -> None:
    outsider = at_desk(story.outsider(case))
    path, body = REQUESTS[number]
    bodies: dict[str, dict[str, Any]] = {
        "record": {"record": record_json(seal_text(story.handler, case, Kind.NOTE, "Hej", by="h1"))},
        "epoch": epoch_json(new_epoch(story, case)),
        "act": {
            "act": {"kind": "assess"},
            "payload": {},
            "signature": b64(bytes(64)),
            "record": record_json(seal_text(story.handler, case, Kind.ASSESSMENT, "Hej", by="h1")),
        },
    }
    sent = next((bodies[name] for name in body), {})
    before = story.contents()
    foreign = outsider.post(path.format(ref=case.reference), sent)
    unknown = outsider.post(path.format(ref="ZZZ-ZZZ-ZZZ"), sent)
    odd = outsider.post(path.format(ref="åäö"), sent)
    assert foreign.status_code == 404
    assert foreign.data == unknown.data == odd.data
    assert {name: rows for name, rows in story.contents().items() if not name.startswith("log")} == {
        name: rows for name, rows in before.items() if not name.startswith("log")
    }


def test_pages_of_unknown_and_foreign_cases_are_one_page(at_desk: Sit, story: Story, case: PlayedCase) -> None:
    outsider = at_desk(story.outsider(case))
    foreign = outsider.get(f"/arenden/{case.reference}")
    unknown = outsider.get("/arenden/ZZZ-ZZZ-ZZZ")
    assert foreign.status_code == 404
    # But for the address of the same page in English.
    assert foreign.text.replace(case.reference, "ZZZ-ZZZ-ZZZ") == unknown.text
    with story.database.read() as uow:
        entries = [json.loads(data) for _, data in uow.log.entries()][-2:]
    assert [entry["kind"] for entry in entries] == [EntryKind.ACCESS_REFUSED] * 2
    assert [entry["case"] for entry in entries] == [None, None]


def test_somebody_elses_titles_are_left_out(first: Desk, at_desk: Sit, story: Story, case: PlayedCase) -> None:
    assert write(first, case, Kind.TITLE, "Fakturor").status_code == 201
    mine = first.post("titles", {"references": [case.reference, "ZZZ-ZZZ-ZZZ"]}).json["cases"]
    assert [one["reference"] for one in mine] == [case.reference]
    assert mine[0]["title"]["kind"] == "title"
    outsider = at_desk(story.outsider(case))
    assert outsider.post("titles", {"references": [case.reference]}).json == {"cases": []}
    assert first.post("titles", {"references": ["A"] * 51}).status_code == 422


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.NOTE, Kind.TITLE])
def test_writes_are_taken_once_and_in_order(first: Desk, story: Story, case: PlayedCase, kind: Kind) -> None:
    record = seal_text(story.handler, case, kind, "Grodsång", by="h1")
    path, body = f"cases/{case.reference}/records", {"record": record_json(record)}
    assert first.post(path, body).json == {"seq": record.seq, "date": story.handler.today().isoformat()}
    again = first.post(path, body)
    assert (again.status_code, again.json["code"]) == (412, "sequence_conflict")


def test_two_writers_at_once(first: Desk, second: Desk, story: Story, case: PlayedCase) -> None:
    mine = seal_text(story.handler, case, Kind.MESSAGE, "Jag först", by="h1")
    theirs = seal_text(story.handler, case, Kind.MESSAGE, "Nej, jag", by="h2")
    path = f"cases/{case.reference}/records"
    assert first.post(path, {"record": record_json(mine)}).status_code == 201
    assert second.post(path, {"record": record_json(theirs)}).json["code"] == "sequence_conflict"
    assert write(second, case, Kind.MESSAGE, "Nej, jag", by="h2").status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "report"}, "kind"),
        ({"kind": "epoch", "stream": "work"}, "kind"),
        ({"kind": "assessment", "stream": "work"}, "kind"),
        ({"kind": "note"}, "kind"),
        ({"kind": "gossip"}, "kind"),
        ({"stream": "genesis"}, "kind"),
        ({"seq": -1}, "record.seq"),
        ({"seq": True}, "record.seq"),
        ({"epoch": "0"}, "record.epoch"),
        ({"prev": "00"}, "record.prev"),
        ({"file": "?"}, "record.file"),
        ({"file": ""}, "file"),
        ({"file": b64(b"age-encryption.org/v1\n")}, "file"),
        ({"more": 1}, "record.more"),
    ],
)
def test_a_malformed_record_is_refused_by_name(
    first: Desk, story: Story, case: PlayedCase, change: dict[str, Any], field: str
) -> None:
    record = record_json(seal_text(story.handler, case, Kind.MESSAGE, "Hej", by="h1"))
    answer = first.post(f"cases/{case.reference}/records", {"record": {**record, **change}})
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_a_record_sealed_to_more_than_its_stream_is_refused(first: Desk, story: Story, case: PlayedCase) -> None:
    genesis = opened(first, case)["genesis"]
    record = record_json(seal_text(story.handler, case, Kind.MESSAGE, "Hej", by="h1"))
    answer = first.post(f"cases/{case.reference}/records", {"record": {**record, "file": genesis}})
    assert answer.json["code"] == "malformed_age_file"


def test_a_case_that_the_server_sealed_gets_new_keys_first(at_desk: Sit, story: Story) -> None:
    case, _ = server_sealed(story)
    desk = at_desk(case.members["h1"])
    assert opened(desk, case)["needs_epoch"] is True
    assert write(desk, case, Kind.NOTE, "För tidigt").json["code"] == "epoch_closed"
    new = epoch_json(new_epoch(story, case))
    answer = desk.post(f"cases/{case.reference}/epochs", new)
    assert (answer.status_code, answer.json) == (201, {"epoch": 1})
    assert desk.post(f"cases/{case.reference}/epochs", new).json["code"] == "epoch_exists"
    now = opened(desk, case)
    assert now["needs_epoch"] is False
    assert [epoch["epoch"] for epoch in now["epochs"]] == [0, 1]
    assert write(desk, case, Kind.NOTE, "Nu går det").status_code == 201


def test_new_keys_go_to_the_same_people_and_the_source(at_desk: Sit, story: Story) -> None:
    case, _ = server_sealed(story)
    desk = at_desk(case.members["h1"])
    new = epoch_json(new_epoch(story, case))
    for grants in (new["grants"][1:], new["grants"][:-1], [*new["grants"], new["grants"][0]]):
        answer = desk.post(f"cases/{case.reference}/epochs", {**new, "grants": grants})
        assert (answer.status_code, answer.json["code"]) == (422, "grants_mismatch")


def test_a_whole_report(first: Desk, second: Desk, story: Story, case: PlayedCase) -> None:
    proposal = propose(first, case, assessed).json["id"]
    shown = {one["id"]: one for one in opened(first, case)["proposals"]}[proposal]
    assert (shown["may_approve"], shown["may_decline"], shown["proposer"]) == (False, True, "h1")
    assert "själv" in shown["why_not"]
    assert approve(first, case, proposal, by="h1").json["code"] == "not_entitled"
    assert approve(second, case, proposal).json == {"state": "assessed"}
    assert approve(second, case, proposal).json["code"] == "already_decided"
    assert first.post(f"cases/{case.reference}/follow-up").json == {"state": "under_follow_up"}
    assert first.post(f"cases/{case.reference}/follow-up").json["code"] == "illegal_transition"
    reply(story.public, case, "Jag har mer att berätta.")
    assert write(second, case, Kind.FEEDBACK, "Vi har sett över attesten.", by="h2").status_code == 201
    assert opened(first, case)["due"] is None
    ending = propose(second, case, closed, by="h2").json["id"]
    assert approve(first, case, ending, by="h1").json == {"state": "closed"}
    assert stored(story.handler, case).state is CaseState.CLOSED
    assert EntryKind.CASE_CLOSED in kinds(story, case)
    words = [line["what"] for line in first.post(f"cases/{case.reference}/log").json["entries"]]
    assert words[-1] == "Ärendet avslutades"


def test_a_proposal_can_be_taken_back_and_declined(first: Desk, second: Desk, case: PlayedCase) -> None:
    mine = propose(first, case, assessed).json["id"]
    assert propose(second, case, assessed, by="h2").json["code"] == "proposal_open"
    assert first.post(f"proposals/{mine}/decline").status_code == 200
    again = propose(first, case, assessed).json["id"]
    assert second.post(f"proposals/{again}/decline").status_code == 200
    assert [one["state"] for one in opened(first, case)["proposals"]] == ["declined", "declined"]


def test_a_signature_of_somebody_else_approves_nothing(first: Desk, second: Desk, case: PlayedCase) -> None:
    proposal = propose(first, case, assessed).json["id"]
    assert approve(second, case, proposal, by="h1").json["code"] == "bad_signature"
    assert opened(second, case)["state"] == "acknowledged"


def test_proposals_of_foreign_cases_are_not_found(at_desk: Sit, first: Desk, story: Story, case: PlayedCase) -> None:
    proposal = propose(first, case, assessed).json["id"]
    outsider = at_desk(story.outsider(case))
    signature = {"signature": b64(bytes(64))}
    foreign = outsider.post(f"proposals/{proposal}/approve", signature)
    unknown = outsider.post("proposals/unknown/approve", signature)
    assert foreign.status_code == 404
    assert foreign.data == unknown.data
    assert outsider.post(f"proposals/{proposal}/decline").data == unknown.data


@pytest.mark.parametrize(
    "change",
    [
        {"act": {}},
        {"act": "assess"},
        {"payload": {"covered": "yes"}},
        {"payload": {"covered": True, "reasons": "00"}},
        {"signature": "AA=="},
        {"extra": 1},
    ],
)
def test_a_malformed_proposal_is_refused(first: Desk, story: Story, case: PlayedCase, change: dict[str, Any]) -> None:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Därför.", by="h1")
    payload = assessed(reasons.digest.hex())
    offered = offered_proposal(case.members["h1"], act_on(story.handler, case, payload), payload, reasons)
    body: dict[str, Any] = {
        "act": offered.act,
        "payload": offered.payload,
        "signature": b64(offered.signature),
        "record": record_json(reasons),
    }
    answer = first.post(f"cases/{case.reference}/proposals", {**body, **change})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    with story.database.read() as uow:
        rows = uow.cases.records(stored(story.handler, case).id, [Stream.WORK])
    assert RecordKind.ASSESSMENT not in {row.kind for row in rows}


def test_the_page_shows_dates_and_nothing_of_the_content(first: Desk, story: Story, case: PlayedCase) -> None:
    page = first.get(f"/arenden/{case.reference}").text
    assert 'id="due"' in page
    assert 'data-strict="2027-02-23"' in page
    assert 'data-target="2027-02-23"' in page
    assert 'data-by="browser"' in page
    assert "faktureras två gånger" not in page
    assert story.municipality.handlers()[0].account.id not in page
