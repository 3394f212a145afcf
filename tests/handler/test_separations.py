"""Leaving a case over HTTP, and that whoever has left sees pages as if the case had never been."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest

from tests.handler.conftest import Desk, b64, record_json
from tests.support.members import next_epoch, propose_excluding, view_of
from tests.support.story import Story
from tipportal.cli.demo_playing import PlayedCase, reply, seal_text
from tipportal.cli.demo_staffing import Member
from tipportal.domain.handlinglog import Entry, EntryKind
from tipportal.domain.separations import Ground, Separation, SeparationKind
from tipportal.envelope import HybridIdentity
from tipportal.envelope.acts import parse_act, sign_act
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.records import Kind
from tipportal.usecases import auditing, handle, separating
from tipportal.usecases.epochs import NewEpoch

Sit = Callable[[Member], Desk]
PAGES = ("/", "/arenden", "/arenden?lage=acknowledged", "/arenden?kanal=report", "/godkannanden", "/konto")
TOKENS = re.compile(rb'(value|content|nonce|integrity|data-[a-z-]*csrf[a-z-]*)="[^"]{20,}"')


def test_pages_of_who_has_left_are_the_bytes_they_would_be_without_the_case(at_desk: Sit, story: Story) -> None:
    desks = {member.account.id: at_desk(member) for member in story.municipality.handlers()}
    before = {account: _pages(desk) for account, desk in desks.items()}
    case = story.report()
    leaving, h1 = case.members["h2"].account, case.members["h1"].account
    assert _pages(desks[leaving.id]) != before[leaving.id]

    separating.recuse(story.handler, leaving, case.reference, Ground.CONCERNED)
    assert _pages(desks[leaving.id]) == before[leaving.id]
    # The case lives on without them: its keys changed, read, written in, decided about.
    assert _begin(desks[h1.id], case, next_epoch(story, case)) == 201
    propose_excluding(story, case, "h3")
    reply(story.public, case, "Ett svar.")

    assert _pages(desks[leaving.id]) == before[leaving.id]
    assert _pages(desks[h1.id]) != before[h1.id]


@pytest.mark.parametrize("path", ["open", "log", "candidates", "follow-up", "recuse"])
def test_a_left_and_an_unknown_case_get_the_same_answer(at_desk: Sit, story: Story, path: str) -> None:
    case = story.report()
    desk = at_desk(case.members["h2"])
    body = {"ground": "other"} if path == "recuse" else None
    assert desk.post(f"cases/{case.reference}/recuse", {"ground": "close_person"}).status_code == 204

    left, unknown = (desk.post(f"cases/{reference}/{path}", body) for reference in (case.reference, "AAA-AAA-AAA"))

    assert (left.status_code, left.data) == (unknown.status_code, unknown.data)
    assert left.status_code == 404
    pages = [desk.get(f"/arenden/{reference}") for reference in (case.reference, "AAA-AAA-AAA")]
    assert [page.status_code for page in pages] == [404, 404]
    shown = [TOKENS.sub(b"", page.data).replace(case.reference.encode(), b"AAA-AAA-AAA") for page in pages]
    assert shown[0] == shown[1]
    assert desk.post("titles", {"references": [case.reference]}).json == {"cases": []}


def test_those_who_stay_are_told_who_left_and_can_open_why(at_desk: Sit, story: Story) -> None:
    case = story.report()
    at_desk(case.members["h2"]).post(f"cases/{case.reference}/recuse", {"ground": "close_person"})

    answer = at_desk(case.members["h1"]).post(f"cases/{case.reference}/open").json

    (gone,) = answer["separations"]
    assert (gone["member"], gone["kind"], gone["on"], gone["epoch"]) == ("h2", "recused", "2026-11-23", 0)
    (grant,) = [one.file for one in view_of(story, case, "h1").grants]
    identity = case.members["h1"].identity
    assert identity is not None
    seed = open_sealed(grant, [identity.identity])
    plain = open_sealed(base64.b64decode(gone["reasons"]), [HybridIdentity(seed)])
    said = parse_canonical(plain[4 : 4 + int.from_bytes(plain[:4], "big")])
    assert isinstance(said, dict)
    assert said["ground"] == "close_person"
    assert answer["needs_epoch"] is True
    assert [(one["id"], one["role"]) for one in answer["next_members"]][:2] == [("h1", "panel"), ("h3", "panel")]
    assert answer["stuck"] is None
    with story.database.read() as uow:
        assert b"close_person" not in b"".join(uow.log.entries_of_case(case.reference))


def test_where_nobody_is_left_to_step_in_that_is_told_and_stops_nothing(at_desk: Sit, story: Story) -> None:
    case = story.report()
    for member in case.members.keys() - {"h1", "h2"}:
        person = case.members[member].account.id
        story.change("UPDATE designations SET valid_to = :day WHERE account_id = :id", day="2026-11-01", id=person)

    answer = at_desk(case.members["h1"]).post(f"cases/{case.reference}/open").json

    assert "Föreslå att någon släpps in" in answer["advice"]
    assert answer["stuck"] is None


def test_an_unknown_ground_is_refused(at_desk: Sit, story: Story) -> None:
    case = story.report()
    answer = at_desk(case.members["h2"]).post(f"cases/{case.reference}/recuse", {"ground": "trött"})
    assert (answer.status_code, answer.json["field"]) == (422, "ground")


def test_the_next_epoch_is_begun_over_http(at_desk: Sit, story: Story) -> None:
    case = story.report()
    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.OTHER)
    desk = at_desk(case.members["h3"])
    note = record_json(seal_text(story.handler, case, Kind.NOTE, "För tidigt.", by="h3"))
    early = desk.post(f"cases/{case.reference}/records", {"record": note})
    assert (early.status_code, early.json["code"]) == (409, "epoch_closed")

    assert _begin(desk, case, next_epoch(story, case, by="h3")) == 201
    assert desk.post(f"cases/{case.reference}/open").json["needs_epoch"] is False


def test_a_standby_decides_about_a_colleague_and_sees_the_reference_and_the_reason_only(
    at_desk: Sit, story: Story
) -> None:
    case = story.report()
    proposal = propose_excluding(story, case, "h2")
    desk = at_desk(case.members["h3"])

    (shown,) = desk.post("deciding").json["deciding"]

    assert sorted(shown) == [
        "act",
        "expires",
        "id",
        "payload",
        "proposer",
        "proposer_signature",
        "reasons",
        "reference",
        "verification_key",
    ]
    identity = case.members["h3"].identity
    assert identity is not None
    assert b"Syskon" in open_sealed(base64.b64decode(shown["reasons"]), [identity.identity])
    assert desk.post(f"cases/{case.reference}/open").status_code == 404
    act = parse_act(parse_canonical(proposal.act))
    signature = b64(sign_act(act, identity.signing_key))
    assert desk.post(f"proposals/{proposal.id}/approve", {"signature": signature}).status_code == 200
    assert desk.post(f"cases/{case.reference}/open").status_code == 200
    assert desk.post("deciding").json == {"deciding": []}


def test_the_members_see_a_proposal_about_a_colleague_with_its_reason(at_desk: Sit, story: Story) -> None:
    case = story.report()
    propose_excluding(story, case, "h2")

    mine = at_desk(case.members["h1"]).post(f"cases/{case.reference}/open").json
    theirs = at_desk(case.members["h2"]).post(f"cases/{case.reference}/open").json

    assert [one["reasons"] is None for one in mine["proposals"]] == [False]
    assert theirs["proposals"] == []
    assert mine["deciders"]["h2"] == ["h1", "h3"]


def test_an_auditor_who_is_kept_out_of_a_case_sees_a_log_without_it(story: Story, auditor: Member) -> None:
    case, kept = story.report(), story.report()
    other = auditor.account
    handle.open_case(story.handler, kept.members["h1"].account, kept.reference)
    before = auditing.audit_page(story.handler, auditor.account)
    # In the same second, so that only the case itself could tell.
    handle.open_case(story.handler, case.members["h1"].account, case.reference)
    handle.open_case(story.handler, kept.members["h1"].account, kept.reference)
    seen = auditing.audit_page(story.handler, auditor.account)
    with story.database.write() as uow:
        found = uow.cases.for_holder(case.reference, case.members["h1"].account.id, story.handler.today())
        assert found is not None
        uow.separations.separate(
            Separation(found.organisation_id, found.id, other.id, "h9", SeparationKind.EXCLUDED, 0, story.clock())
        )
    without = auditing.audit_page(story.handler, auditor.account)

    hidden = auditing.case_pseudonym(story.handler, auditor.account, case.reference)
    assert hidden in {line.case for line in seen.lines}
    assert hidden not in {line.case for line in without.lines}
    assert without.size == before.size + 1
    newest = without.size - 1
    assert [line.index for line in without.lines] == list(range(newest, newest - len(without.lines), -1))
    assert [line for line in seen.lines if line.case != hidden and line.index >= before.size]
    entry = Entry(EntryKind.SIGNED_OUT, story.clock(), other.id, None, None, {})
    with story.database.write() as uow:
        uow.log.append(entry)
    assert auditing.audit_page(story.handler, auditor.account).size == without.size + 1


def test_two_auditors_know_a_case_by_different_names(story: Story, auditor: Member) -> None:
    case = story.report()
    names = {
        auditing.case_pseudonym(story.handler, reader, case.reference)
        for reader in (auditor.account, case.members["h1"].account)
    }
    assert len(names) == 2


def _pages(desk: Desk) -> list[bytes]:
    got = [desk.get(path) for path in PAGES]
    shown = [b"%d %s" % (page.status_code, TOKENS.sub(b"", page.data)) for page in got]
    return [*shown, desk.post("deciding").data, desk.post("titles", {"references": []}).data]


def _begin(desk: Desk, case: PlayedCase, new: NewEpoch) -> int:
    return desk.post(
        f"cases/{case.reference}/epochs",
        {
            "epoch": new.epoch,
            "work": b64(new.work),
            "dialogue": b64(new.dialogue),
            "records": [record_json(record) for record in new.records],
            "grants": [{"holder": one.holder, "kind": one.kind.value, "file": b64(one.file)} for one in new.grants],
        },
    ).status_code
