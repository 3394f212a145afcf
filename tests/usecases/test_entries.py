"""Each use case has its line here: what it does, and which entries of the log it leaves. One without a line fails."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.support.entries import added as new_entries
from tests.support.entries import watched
from tests.support.folded import agrees, of_log
from tests.support.playing import choose, new_epoch, new_form, send, server_sealed
from tests.support.setting_up import invite_person
from tests.support.story import TIP, Story, staffed, unstaffed
from tests.usecases import (
    care_lines,
    change_lines,
    checkpoint_lines,
    dialogue_lines,
    directory_lines,
    member_lines,
    posting_lines,
    publishing_lines,
    record_lines,
    triage_lines,
    trustee_lines,
    way_lines,
    work_lines,
)
from tests.usecases.entry_lines import LINES, Act, World, line, reads
from tipportal import usecases
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import (
    act_on,
    ask,
    offered_proposal,
    reply,
    seal_case,
    seal_text,
    send_files,
    sign,
)
from tipportal.cli.demo_staffing import enrol_person
from tipportal.domain.accounts import Role
from tipportal.domain.errors import NotFound
from tipportal.domain.files import AttachedFile
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.organisations import Channel
from tipportal.envelope.acts import parse_act
from tipportal.envelope.canonical import parse_canonical
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import (
    approve,
    auditing,
    desk,
    dialogue,
    enrol,
    firstscreen,
    handle,
    logbook,
    offers,
    scheduled,
    sign_in,
    source_session,
    submit,
    uploads,
)

REGISTERED = (
    care_lines,
    change_lines,
    checkpoint_lines,
    dialogue_lines,
    directory_lines,
    member_lines,
    posting_lines,
    publishing_lines,
    record_lines,
    triage_lines,
    trustee_lines,
    way_lines,
    work_lines,
)
"""Modules whose lines are registered by being imported."""
PARTS = care_lines.PARTS | directory_lines.PARTS | member_lines.PARTS | way_lines.PARTS | {
    # Pieces of use cases: values in, values out. They open no transaction of their own.
    "attaching.taken", "auditing.case_pseudonym", "chosenfiles.discard", "entries.account_entry",
    "entries.system_entry",
    "handing_in.seal_on_arrival",
    "handle.case_entry",
    "handle.stored_record",
    "secrets.open_secret", "secrets.seal_secret",
    "tickets.issue", "tickets.must_be_fresh", "tickets.redeem",
}  # fmt: skip
SESSIONS = care_lines.SESSIONS | way_lines.SESSIONS | {
    # They move a session or what has been done already, and are no acts: a log of them would tell when a source reads.
    "sign_in.lock", "sign_in.storage_key", "source_session.enter", "source_session.leave", "source_session.visitor",
    "scheduled.tick",
    # Files of what is published, made from it.
    "publishing.make_files",
}  # fmt: skip


@line("enrol.enrol", E.ACCOUNT_ENROLLED)
def _enrol(world: World) -> Act:
    invited = invite_person(world.story, name="Rev", email="rev@b.example", role=Role.AUDITOR)
    return lambda: enrol_person(world.story.handler, invited, "revisor")


@line("sign_in.sign_in", E.SIGNED_IN)
def _sign_in(world: World) -> Act:
    return world.entered


@line("sign_in.sign_out", E.SIGNED_OUT)
def _sign_out(world: World) -> Act:
    member, session = world.entered()
    return lambda: sign_in.sign_out(world.story.handler, member.account, session)


@line("sign_in.unlock", E.IDENTITY_UNLOCKED)
def _unlock(world: World) -> Act:
    member, session = world.entered()
    return lambda: sign_in.unlock(world.story.handler, member.account, session)


@line("sign_in.storage_key")
def _storage_key(world: World) -> Act:
    member, session = world.entered()
    sign_in.unlock(world.story.handler, member.account, session)
    with world.story.database.read() as uow:
        unlocked = uow.accounts.session(session.id_digest)
    assert unlocked is not None
    return lambda: sign_in.storage_key(world.story.handler, unlocked)


@line("sign_in.lock")
def _lock(world: World) -> Act:
    _, session = world.entered()
    return lambda: sign_in.lock(world.story.handler, session)


@line("submit.submit_case", E.CASE_RECEIVED, E.CASE_ACKNOWLEDGED)
def _submit(world: World) -> Act:
    sealed = seal_case(world.story.public, ask(world.story.public, Channel.TIP), world.story.source(), TIP)
    return lambda: submit.submit_case(world.story.public, sealed)


@line("source_session.submit_for_source", E.CASE_RECEIVED, E.CASE_ACKNOWLEDGED)
def _submit_for_source(world: World) -> Act:
    form = new_form(world.story)
    return lambda: send(world.story, form)


@line("source_session.send_message", E.SOURCE_MESSAGE_RECEIVED)
def _send_message(world: World) -> Act:
    _, visitor = server_sealed(world.story)
    return lambda: source_session.send_message(world.story.public, visitor, "Mer.", form_nonce="a")


@line("dialogue.add_message", E.SOURCE_MESSAGE_RECEIVED)
def _add_message(world: World) -> Act:
    message = seal_text(world.story.public, world.tip, Kind.MESSAGE, "Mer.", by="source")
    return lambda: dialogue.add_message(world.story.public, world.tip.keys.lookup_token, message)


@line("handle.open_case", E.OPENED)
def _open_case(world: World) -> Act:
    return lambda: handle.open_case(world.story.handler, world.handler, world.tip.reference)


def _writes(kind: Kind) -> Callable[[World], Act]:
    def ready(world: World) -> Act:
        record = seal_text(world.story.handler, world.tip, kind, "Text.", by="h1")
        return lambda: handle.add_record(world.story.handler, world.handler, world.tip.reference, record)

    return ready


for _kind, _entry in (
    (Kind.MESSAGE, E.MESSAGE_SENT),
    (Kind.NOTE, E.NOTE_ADDED),
    (Kind.TITLE, E.TITLE_SET),
    (Kind.FEEDBACK, E.FEEDBACK_GIVEN),
):
    line(f"handle.add_record {_kind.value}", _entry)(_writes(_kind))


@line("handle.begin_follow_up", E.FOLLOW_UP_BEGUN)
def _follow_up(world: World) -> Act:
    case = world.story.tip()
    handle.open_case(world.story.handler, case.members["h1"].account, case.reference)
    return lambda: handle.begin_follow_up(world.story.handler, case.members["h1"].account, case.reference)


@line("epochs.begin_epoch", E.EPOCH_BEGUN)
def _begin_epoch(world: World) -> Act:
    case, _ = server_sealed(world.story)
    handle.open_case(world.story.handler, case.members["h1"].account, case.reference)
    epoch = new_epoch(world.story, case)
    return lambda: epoch.begin(world.story, case)


@line("handle.refused", E.ACCESS_REFUSED)
def _refused(world: World) -> Act:
    return lambda: handle.refused(world.story.handler, world.handler)


@line("approve.propose", E.PROPOSED)
def _propose(world: World) -> Act:
    case = world.story.report()
    handle.open_case(world.story.handler, case.members["h1"].account, case.reference)
    reasons = seal_text(world.story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    offered = offered_proposal(case.members["h1"], act_on(world.story.handler, case, payload), payload, reasons)
    return lambda: approve.propose(world.story.handler, case.members["h1"].account, case.reference, offered)


@line("approve.approve", E.APPROVED, E.CASE_ASSESSED)
def _approve(world: World) -> Act:
    proposal = world.proposal()
    member = world.report.members["h2"]
    signature = sign(member, parse_act(parse_canonical(proposal.act)))
    return lambda: approve.approve(world.story.handler, member.account, proposal.id, signature)


@line("approve.decline", E.DECLINED)
def _decline(world: World) -> Act:
    proposal = world.proposal()
    return lambda: approve.decline(world.story.handler, world.report.members["h2"].account, proposal.id)


@line("source_session.enter")
def _enter(world: World) -> Act:
    case, _ = server_sealed(world.story)
    return lambda: source_session.enter(world.story.public, case.keys)


@line("source_session.leave")
def _leave(world: World) -> Act:
    secret = source_session.enter(world.story.public, world.tip.keys).secret
    return lambda: source_session.leave(world.story.public, secret)


@line("source_session.visitor")
def _visitor(world: World) -> Act:
    secret = source_session.enter(world.story.public, world.tip.keys).secret
    world.story.clock.advance(15 * 60)
    return lambda: source_session.visitor(world.story.public, secret)


@line("scheduled.tick")
def _tick(world: World) -> Act:
    # What waited since yesterday has its place in the log already when the tick that is counted begins.
    world.story.clock.advance(24 * 3600)
    scheduled.tick(world.story.handler)
    return lambda: scheduled.tick(world.story.handler)


@line("sign_in.account_of")
def _account_of(world: World) -> Act:
    return lambda: sign_in.account_of(world.story.handler, bytes(32))


@line("enrol.welcome")
def _welcome(world: World) -> Act:
    invited = invite_person(world.story, name="Gäst", email="gast@b.example", role=Role.AUDITOR)
    return lambda: enrol.welcome(world.story.handler, invited.token)


def _read(answer: tuple[AttachedFile, BinaryIO]) -> bytes:
    with answer[1] as content:
        return content.read()


@line("handle.open_file", E.FILE_OPENED)
def _open_file(world: World) -> Act:
    reply(world.story.public, world.tip, "Bilden.", files=(MadeFile("bild.png", "image/png", b"bild"),))
    handle.open_case(world.story.handler, world.handler, world.tip.reference)
    newest = handle.open_case(world.story.handler, world.handler, world.tip.reference).attachments[-1]
    where = (newest.stream, newest.seq, newest.position)
    return lambda: _read(handle.open_file(world.story.handler, world.handler, world.tip.reference, *where))


@line("source_session.open_file")
def _open_file_as_source(world: World) -> Act:
    _, visitor = server_sealed(world.story, files=[choose(world.story, "bild.png", b"bild")])
    return lambda: list(source_session.open_file(world.story.public, visitor, 0, 0).chunks)


@line("dialogue.open_file")
def _open_sealed_file(world: World) -> Act:
    case, _ = server_sealed(world.story, files=[choose(world.story, "bild.png", b"bild")])
    return lambda: _read(dialogue.open_file(world.story.public, case.keys.lookup_token, 0, 0))


@line("uploads.receive_part")
def _receive_part(world: World) -> Act:
    file = MadeFile("bild.png", "image/png", b"bild")
    return lambda: send_files(world.story.public, [file])


reads("approve.waiting", lambda world: approve.waiting(world.story.handler, world.handler))
reads("auditing.audit_page", lambda world: auditing.audit_page(world.story.handler, world.handler))
reads("desk.approvals", lambda world: desk.approvals(world.story.handler, world.handler))
reads("desk.case_frame", lambda world: desk.case_frame(world.story.handler, world.handler, world.tip.reference))
reads("desk.case_log", lambda world: desk.case_log(world.story.handler, world.handler, world.tip.reference))
reads("desk.revision", lambda world: desk.revision(world.story.handler, world.handler, world.tip.reference))
reads("firstscreen.first_screen", lambda world: firstscreen.first_screen(world.story.handler, world.handler))
reads("firstscreen.my_organisations", lambda world: firstscreen.my_organisations(world.story.handler, world.handler))
reads("firstscreen.with_claims", lambda world: firstscreen.with_claims(world.story.handler, world.handler, ()))
reads("dialogue.open_by_token", lambda world: dialogue.open_by_token(world.story.public, world.tip.keys.lookup_token))
reads("handle.counts", lambda world: handle.counts(world.story.handler, world.handler))
reads("handle.is_mine", lambda world: handle.is_mine(world.story.handler, world.handler, world.tip.reference))
reads("handle.my_cases", lambda world: handle.my_cases(world.story.handler, world.handler))
reads("handle.titles", lambda world: handle.titles(world.story.handler, world.handler, [world.tip.reference]))
reads("logbook.verify", lambda world: logbook.verify(world.story.handler))
reads("offers.channel_page", lambda world: offers.channel_page(world.story.public, "bjorkvik", Channel.TIP))
reads("offers.offer_panel", lambda world: ask(world.story.public, Channel.TIP))
reads("offers.organisations", lambda world: offers.organisations(world.story.public))
reads("offers.start_page", lambda world: offers.start_page(world.story.public, "bjorkvik"))
reads("uploads.received", lambda world: uploads.received(world.story.public, "0" * 32))
reads("uploads.discard", lambda world: uploads.discard(world.story.public, "0" * 32))
reads(
    "source_session.keys_for_code",
    lambda world: source_session.keys_for_code(world.story.public, new_form(world.story).code),
)
reads("source_session.keys_for_form", lambda world: source_session.keys_for_form(world.story.public, bytes(16)))
reads(
    "source_session.read_case",
    lambda world: source_session.read_case(world.story.public, source_session.Visitor(world.tip.keys)),
)


line("replacing.asked")(care_lines.asks)
line("replacing.may_ask")(care_lines.may_ask)
line("replacing.approve", E.CHANGE_APPROVED, E.ACCOUNT_RESTORED)(care_lines.replaces)


def test_every_use_case_has_its_line() -> None:
    lines = {name.partition(" ")[0] for name in LINES}

    assert set(_use_cases()) == lines | PARTS


def test_every_use_case_leaves_exactly_its_entries_and_writes_nothing_without_one(tmp_path: Path) -> None:
    # On one kind of database: each use case's own tests run on both, and this one reads every row for each.
    (tmp_path / "empty").mkdir()
    with (
        staffed("sqlite", tmp_path) as story,
        unstaffed("sqlite", tmp_path / "empty") as empty,
        watched(story) as rows,
        watched(empty) as rows_of_empty,
    ):
        world = World(story, empty, story.report(), story.tip())
        handle.open_case(story.handler, world.handler, world.tip.reference)
        for name, (ready, kinds) in LINES.items():
            act = ready(world)
            before = (rows(), rows_of_empty())
            act()
            after = (rows(), rows_of_empty())
            added = [kind for old, new in zip(before, after, strict=True) for kind in new_entries(old, new)]
            assert sorted(added) == sorted(kind.value for kind in kinds), name
            # No letter by mail is put into the outbox by an act of a case (04, invariant 2).
            if after[0]["outbox"] != before[0]["outbox"]:
                assert name == "posting.post" or posting_lines.ABOUT_ACCOUNTS.intersection(added), name
            if not kinds and name not in SESSIONS:
                assert after == before, name
        assert logbook.verify(story.handler).findings == ()
        # What the follow-up makes of all these entries is how the cases stand.
        agrees(story, of_log(story))


def test_every_kind_of_entry_is_left_by_something() -> None:
    left_by_refusals = {
        E.SIGN_IN_REFUSED,
        E.ENROLMENT_REFUSED,
        E.POLICY_REFUSED,
        E.ACCESS_REFUSED,
        E.APPROVAL_REFUSED,
    }
    by_two = {  # as assessing and opening the name: approve.approve of other kinds of acts
        E.CASE_CLOSED,
        E.IDENTITY_DISCLOSED,
        E.DIALOGUE_RESTRICTED,
        E.RESTRICTION_LIFTED,
        E.QUARANTINE_LIFTED,
        E.SUSPENSION_LIFTED,  # as an absence is withdrawn
        E.CASE_RECLASSIFIED,
        E.RETENTION_DECIDED,
        E.CASE_DISPOSED,
        E.CASE_EXPORTED,
    }
    by_what_has_become = {  # what the program finds: a proof that no longer holds, a clock that leapt, a seat left
        E.PROOF_LAPSED,
        E.CLOCK_DOUBTED,
        E.SEAT_VACATED,
        E.TRUSTEES_LEFT,
        E.SUSPENSION_LAPSED,
        E.REVIEW_OVERDUE,
        E.ALARM_RAISED,
    }

    assert {
        kind for _, kinds in LINES.values() for kind in kinds
    } | left_by_refusals | by_two | by_what_has_become == set(E)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_parts_of_use_cases_open_no_transaction(name: str) -> None:
    module, _, function = name.partition(".")
    source = inspect.getsource(getattr(importlib.import_module(f"tipportal.usecases.{module}"), function))

    assert "ctx.storage.read" not in source
    assert "ctx.storage.write" not in source


def test_refused_handler_gets_an_entry_although_the_request_failed(story: Story) -> None:
    entries = len(story.contents()["log_entries"])

    with pytest.raises(NotFound):
        handle.open_case(story.handler, story.municipality.handlers()[0].account, "AAA-AAA-AAA")

    assert len(story.contents()["log_entries"]) == entries + 1


def _use_cases() -> Iterator[str]:
    """Every public function that takes the world outside and no transaction that somebody else has begun."""
    for found in pkgutil.iter_modules(usecases.__path__):
        module = importlib.import_module(f"tipportal.usecases.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(function).parameters)
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and parameters[:1] == ["ctx"] and "uow" not in parameters:
                yield f"{found.name}.{name}"
