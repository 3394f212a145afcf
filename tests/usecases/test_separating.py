"""Leaving a case, being kept out of one, and being let in: at once, by two, and never below two from two units."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.members import (
    agree_adding,
    begin,
    decide,
    make,
    next_epoch,
    notice,
    propose_adding,
    propose_excluding,
    seat_for,
    state_of,
    view_of,
)
from tests.support.playing import read, server_sealed
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import PlayedCase, propose, reply, seal_text, stored, write
from tipportal.domain.cases import GrantKind, Stream
from tipportal.domain.errors import (
    AlreadyDecided,
    CasesLeft,
    EpochClosed,
    EpochExists,
    GrantsMismatch,
    IllegalTransition,
    Invalid,
    NotEntitled,
    NotFound,
    ProposalOpen,
    SequenceConflict,
)
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.separations import Ground, SeparationKind
from tipportal.envelope.bodies import NoticeBody, NoticeKind
from tipportal.envelope.payloads import EndExclusionPayload
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import (
    approve,
    desk,
    epochs,
    firstscreen,
    handle,
    letting_in,
    logbook,
    scheduled,
    separating,
    source_session,
)

TEXT = "Handläggaren är min svåger."


def test_whoever_recuses_loses_every_key_at_once_and_a_standby_steps_in(story: Story) -> None:
    case = story.report()
    _recuse(story, case, "h2")

    now = stored(story.handler, case)
    with story.database.read() as uow:
        grants = uow.cases.grants(now.id)
        seats = {seat.member: seat for seat in uow.separations.seats(now.id)}
        gone, *more = uow.separations.of_case(now.id)
    assert "h2" not in {grant.member for grant in grants}
    assert (seats["h3"].released, seats["h3"].panel) == (True, False)
    assert not seats["h4"].released
    assert (gone.member, gone.kind, more) == ("h2", SeparationKind.RECUSED, [])
    handle.is_mine(story.handler, case.members["h3"].account, case.reference)
    assert read(view_of(story, case, "h3"), case.members["h3"], _source(case))[Stream.WORK] == ["facts"]
    rows = handle.my_cases(story.handler, case.members["h3"].account).rows
    assert [row.case.reference for row in rows] == [case.reference]
    assert logbook.verify(story.handler).findings == ()


def test_who_has_left_meets_not_found_everywhere(story: Story) -> None:
    case = story.report()
    write(story.handler, case, Kind.NOTE, "Anteckning.", by="h1")
    account = case.members["h2"].account
    _recuse(story, case, "h2")
    record = seal_text(story.handler, case, Kind.NOTE, "Till.", by="h2")

    attempts: tuple[Callable[[], object], ...] = (
        lambda: handle.open_case(story.handler, account, case.reference),
        lambda: handle.is_mine(story.handler, account, case.reference),
        lambda: handle.add_record(story.handler, account, case.reference, record),
        lambda: handle.begin_follow_up(story.handler, account, case.reference),
        lambda: handle.open_file(story.handler, account, case.reference, Stream.DIALOGUE, 0, 0),
        lambda: desk.case_frame(story.handler, account, case.reference),
        lambda: desk.case_log(story.handler, account, case.reference),
        lambda: separating.recuse(story.handler, account, case.reference, Ground.OTHER),
        lambda: letting_in.candidates(story.handler, account, case.reference),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert handle.my_cases(story.handler, account).rows == ()
    assert set(handle.counts(story.handler, account).values()) == {0}
    assert handle.titles(story.handler, account, [case.reference]) == ()
    assert desk.approvals(story.handler, account) == ()


def test_no_use_case_can_give_somebody_who_left_a_key_again(story: Story) -> None:
    case = story.report()
    with story.database.read() as uow:
        before = uow.cases.grants(stored(story.handler, case).id, 0)[1]
    _recuse(story, case, "h2")

    with pytest.raises(Exception, match="not_separated"), story.database.write() as uow:
        uow.cases.add_grant(before)


def test_nothing_is_written_until_the_next_epoch_and_then_to_keys_that_they_never_had(story: Story) -> None:
    case = story.report()
    left = case.members["h2"]
    had = view_of(story, case, "h2").grants
    _recuse(story, case, "h2")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: write(story.handler, case, Kind.NOTE, "Sen.", by="h1"),
        lambda: reply(story.public, case, TEXT),
    )
    for attempt in attempts:
        with pytest.raises(EpochClosed):
            attempt()
    assert view_of(story, case, "h1").standing.needs_epoch

    begin(story, case, next_epoch(story, case))
    write(story.handler, case, Kind.NOTE, "Om den som lämnat.", by="h3")
    reply(story.public, case, TEXT)

    view = view_of(story, case, "h3")
    assert not view.standing.needs_epoch
    assert [grant.kind for grant in view.grants if grant.epoch == 1] == [GrantKind.PANEL]
    assert read(view, case.members["h3"], _source(case))[Stream.DIALOGUE][-1] == TEXT
    # With all keys that they ever had, and everything that the server keeps, they read nothing of it.
    theirs = read(replace(view, grants=had), left, _source(case))
    assert theirs[Stream.WORK] == ["facts", "[not_opened]", "[not_opened]"]
    assert theirs[Stream.DIALOGUE][1:] == ["[not_opened]", "[not_opened]"]


def test_the_source_begins_the_next_epoch_from_a_browser(story: Story) -> None:
    case = story.report()
    _recuse(story, case, "h2")
    new = next_epoch(story, case, author=SOURCE)

    assert epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, new) == 1
    with pytest.raises(EpochExists):
        epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, new)
    reply(story.public, case, TEXT)

    shown = read(view_of(story, case, "h3"), case.members["h3"], _source(case))
    assert shown == {
        Stream.DIALOGUE: ["Samma timmar faktureras två gånger.", "epoch", TEXT],
        Stream.WORK: ["facts", "epoch"],
    }
    assert not view_of(story, case, "h1").standing.needs_epoch


def test_without_javascript_the_next_epoch_is_begun_before_the_message(story: Story) -> None:
    case, visitor = server_sealed(story)
    begin(story, case, next_epoch(story, case))
    _recuse(story, case, "h2")

    source_session.send_message(story.public, visitor, TEXT, form_nonce="1" * 32)

    view = view_of(story, case, "h3")
    assert view.case.epoch == 2
    # The server has seen these keys, so a member changes them once more before anything is written.
    assert view.standing.needs_epoch
    assert read(view, case.members["h3"], _source(case))[Stream.DIALOGUE][-1] == TEXT
    begin(story, case, next_epoch(story, case, by="h3"), by="h3")
    assert [opened.text for opened in source_session.read_case(story.public, visitor).records][-2] == TEXT


def test_an_epoch_has_exactly_the_members_that_stay(story: Story) -> None:
    case = story.report()
    before = view_of(story, case, "h1")
    _, state = state_of(story, case, "h1")
    _recuse(story, case, "h2")
    right = next_epoch(story, case)
    with story.database.read() as uow:
        standby = next(seat for seat in uow.separations.seats(before.case.id) if seat.member == "h4")
    wrong = make(
        story, case, state, [*(view_of(story, case, "h1").standing.next_members or ()), replace(standby, member="h2")]
    )

    for grants in (right.grants[1:], wrong.grants, (*right.grants, right.grants[0])):
        with pytest.raises(GrantsMismatch):
            begin(story, case, replace(right, grants=grants))
    with pytest.raises(EpochExists):
        begin(story, case, replace(right, epoch=2, records=tuple(replace(one, epoch=2) for one in right.records)))
    begin(story, case, right)


def test_of_a_recusal_and_a_write_at_once_no_record_lands_under_closed_keys(story: Story) -> None:
    case = story.report()
    note = seal_text(story.handler, case, Kind.NOTE, "Samtidigt.", by="h1")
    together = threading.Barrier(2)

    def leave() -> str:
        together.wait()
        _recuse(story, case, "h2")
        return "left"

    def add() -> str:
        together.wait()
        try:
            handle.add_record(story.handler, case.members["h1"].account, case.reference, note)
        except EpochClosed:
            return "closed"
        return "written"

    with ThreadPoolExecutor(2) as pool:
        results = [future.result() for future in [pool.submit(leave), pool.submit(add)]]

    events = [json.loads(data)["kind"] for data in _entries(story, case)]
    assert results[0] == "left"
    assert results[1] == ("written" if "note_added" in events else "closed")
    if "note_added" in events:
        assert events.index("note_added") < events.index("recused")


def test_of_two_who_begin_the_next_epoch_at_once_one_does(story: Story) -> None:
    case = story.report()
    _recuse(story, case, "h2")
    made = [next_epoch(story, case, by=by) for by in ("h1", "h3")]
    by_source = next_epoch(story, case, author=SOURCE)
    together = threading.Barrier(3)

    def try_it(number: int) -> str:
        together.wait()
        try:
            if number == 2:
                epochs.begin_epoch_as_source(story.public, case.keys.lookup_token, by_source)
            else:
                begin(story, case, made[number], by=("h1", "h3")[number])
        except (EpochExists, SequenceConflict):
            return "late"
        return "begun"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(try_it, range(3))) == ["begun", "late", "late"]
    assert stored(story.handler, case).epoch == 1
    assert "[" not in str(read(view_of(story, case, "h1"), case.members["h1"], _source(case))).replace("['", "")


def test_two_others_keep_a_colleague_out_who_learns_nothing_of_it(story: Story) -> None:
    case = story.report()
    concerned = case.members["h2"].account
    # Looking leaves the day on which the group had the dialogue open.
    view_of(story, case, "h2")
    before = _seen(story, case, "h2")

    proposal = propose_excluding(story, case, "h2")

    assert _seen(story, case, "h2") == before
    attempts: tuple[Callable[[], object], ...] = (
        lambda: approve.approve(story.handler, concerned, proposal.id, bytes(64)),
        lambda: approve.decline(story.handler, concerned, proposal.id),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(ProposalOpen):
        propose_excluding(story, case, "h2")
    # What the concerned one may propose of another is not held up by it either, which would tell.
    assert propose_excluding(story, case, "h1", by="h2").id != proposal.id

    # The panel has two: the first standby decides, shown the reference and the sealed reason.
    shown = separating.deciding(story.handler, case.members["h3"].account)
    assert [one.case.reference for one in shown] == [case.reference] * 2
    assert proposal.id in {one.proposal.id for one in shown}
    with pytest.raises(NotFound):
        handle.open_case(story.handler, case.members["h3"].account, case.reference)
    assert separating.deciding(story.handler, case.members["h4"].account) == ()
    decide(story, case, proposal, by="h3")

    with pytest.raises(NotFound):
        handle.open_case(story.handler, concerned, case.reference)
    handle.is_mine(story.handler, case.members["h3"].account, case.reference)
    assert logbook.verify(story.handler).findings == ()
    begin(story, case, next_epoch(story, case))


def test_nobody_decides_alone_about_a_colleague_and_only_deciders_do(story: Story) -> None:
    case = story.report()
    proposal = propose_excluding(story, case, "h2")

    for by, refusal in (("h1", NotEntitled), ("h4", NotFound)):
        with pytest.raises(refusal):
            decide(story, case, proposal, by=by)
    _recuse(story, case, "h1")
    # Whoever proposed has left, and with them the proposal.
    with pytest.raises(NotEntitled):
        decide(story, case, proposal, by="h3")


def test_of_two_approvals_at_once_one_takes_effect(story: Story) -> None:
    case = story.report()
    separating.recuse(story.handler, case.members["h1"].account, case.reference, Ground.OTHER)
    begin(story, case, next_epoch(story, case, by="h2"), by="h2")
    proposal = propose_excluding(story, case, "h4", by="h2")
    together = threading.Barrier(4)

    def approve_it(_: int) -> str:
        together.wait()
        try:
            decide(story, case, proposal, by="h3")
        except (AlreadyDecided, NotEntitled):
            return "late"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(approve_it, range(4))) == ["done", "late", "late", "late"]


def test_two_let_somebody_in_who_reads_all_from_the_beginning(story: Story) -> None:
    case, new, seat = seat_for(story)
    write(story.handler, case, Kind.NOTE, "Före.", by="h1")
    proposal, made, signed = propose_adding(story, case, new, seat)
    before = stored(story.handler, case).epoch
    with pytest.raises(NotFound):
        handle.open_case(story.handler, new.account, case.reference)
    with pytest.raises(Invalid):
        decide(story, case, proposal, by="h2")

    agree_adding(story, case, proposal, made, signed)

    view = view_of(story, case, seat.member)
    assert view.case.epoch == before + 1
    assert view.me == seat.member
    shown = read(view, new, _source(case))
    assert shown[Stream.WORK][-2:] == ["Vi behöver vara fler.", "epoch"]
    assert "Före." in shown[Stream.WORK]
    assert "[" not in "".join(shown[Stream.WORK] + shown[Stream.DIALOGUE])
    write(story.handler, case, Kind.NOTE, "Tack.", by=seat.member)
    assert logbook.verify(story.handler).findings == ()


def test_an_added_person_is_designated_today_under_a_new_name_and_has_not_left(story: Story) -> None:
    case, new, seat = seat_for(story)

    for wrong in (replace(seat, member="h9"), replace(seat, unit_id="annan"), replace(seat, function_id="annan")):
        attempt = PlayedCase(case.reference, case.keys, {**case.members, wrong.member: new})
        with pytest.raises((Invalid, NotEntitled)):
            propose_adding(story, attempt, new, wrong)
    proposal, made, signed = propose_adding(story, case, new, seat)
    story.change("UPDATE designations SET valid_to = :day WHERE account_id = :id", day="2026-11-01", id=new.account.id)
    # Judged again when it takes effect.
    with pytest.raises(NotEntitled):
        agree_adding(story, case, proposal, made, signed)

    left = case.members["h3"]
    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.OTHER)
    separating.recuse(story.handler, left.account, case.reference, Ground.OTHER)
    begin(story, case, next_epoch(story, case))
    found = letting_in.candidates(story.handler, case.members["h1"].account, case.reference)
    assert [one.person.account_id for one in found.people] == []


def test_after_an_exclusion_is_ended_nobody_is_let_in_for_seven_days(story: Story) -> None:
    case, new, seat = seat_for(story)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Enheten är inte berörd.", by="h1")
    payload = EndExclusionPayload("a" * 64, reasons.digest.hex())
    proposal = propose(story.handler, case, payload, reasons)
    told = notice(story, case, NoticeBody("En utestängning upphör.", NoticeKind.EXCLUSION_ENDS), by="h2")
    with pytest.raises(Invalid):
        decide(story, case, proposal, by="h2")
    decide(story, case, proposal, by="h2", records=[told])

    story.clock.advance(6 * DAY)
    with pytest.raises(IllegalTransition):
        propose_adding(story, case, new, seat)
    story.clock.advance(DAY)
    agree_adding(story, case, *propose_adding(story, case, new, seat))
    assert logbook.verify(story.handler).findings == ()


def test_with_fewer_than_two_units_nobody_writes_and_the_one_who_stays_is_told_what_to_do(story: Story) -> None:
    case = story.report()
    for member in list(case.members)[1:]:
        with story.database.read() as uow:
            acts = {seat.member for seat in uow.separations.seats(stored(story.handler, case).id) if seat.acts}
        if member in acts:
            separating.recuse(story.handler, case.members[member].account, case.reference, Ground.OTHER)

    view = view_of(story, case, "h1")
    assert view.standing.next_members is None
    assert view.standing.stuck is not None
    with pytest.raises(EpochClosed):
        reply(story.public, case, TEXT)


def test_an_account_is_not_closed_before_its_cases_have_new_keys(story: Story) -> None:
    case = story.report()
    account = case.members["h2"].account
    with story.database.write() as uow, pytest.raises(CasesLeft) as refused:
        separating.must_have_no_case(uow, account.id)
    assert refused.value.left == 1
    story.change("UPDATE accounts SET state = 'suspended' WHERE id = :id", id=account.id)
    assert not view_of(story, case, "h1").standing.needs_epoch
    story.clock.advance(DAY)
    assert scheduled.tick(story.handler).standbys_released == 1
    assert view_of(story, case, "h1").standing.needs_epoch
    begin(story, case, next_epoch(story, case))

    with story.database.write() as uow:
        separating.must_have_no_case(uow, account.id)
        kept = uow.cases.grants(stored(story.handler, case).id)
    assert account.id not in {grant.holder for grant in kept}


def _recuse(story: Story, case: PlayedCase, by: str) -> None:
    separating.recuse(story.handler, case.members[by].account, case.reference, Ground.CLOSE_PERSON)


def _source(case: PlayedCase) -> bytes:
    return case.keys.identity.recipient.raw


def _entries(story: Story, case: PlayedCase) -> list[bytes]:
    with story.database.read() as uow:
        return list(uow.log.entries_of_case(case.reference))


def _seen(story: Story, case: PlayedCase, by: str) -> tuple[object, ...]:
    account = case.members[by].account
    view = view_of(story, case, by)
    # Who has opened the case is known to the server alone, and shown to nobody.
    view = replace(view, standing=replace(view.standing, next_members=None))
    log = [line for line in desk.case_log(story.handler, account, case.reference) if line.kind is not EntryKind.OPENED]
    return (
        handle.counts(story.handler, account),
        approve.waiting(story.handler, account),
        desk.approvals(story.handler, account),
        separating.deciding(story.handler, account),
        handle.my_cases(story.handler, account),
        firstscreen.first_screen(story.handler, account),
        log,
        desk.revision(story.handler, account, case.reference),
        view,
    )
