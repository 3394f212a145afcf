"""A tip becomes a report although none of its members receives reports: a panel is drawn and let in with the act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from tests.support.members import (
    Made,
    begin,
    decide,
    identity,
    make,
    next_epoch,
    notice,
    offered_member,
    records_of,
    signing_key,
    state_of,
    view_of,
)
from tests.support.playing import verified
from tests.support.setting_up import two
from tests.support.story import DAY, Story
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import PlayedCase, act_on, offered_proposal, reply, seal_text, stored, write
from tipportal.cli.demo_staffing import Member
from tipportal.domain.approvals import Proposal
from tipportal.domain.errors import GrantsMismatch, IllegalTransition, Invalid, NotFound
from tipportal.domain.organisations import Channel, Function
from tipportal.domain.policies.policy import PolicyFunction, Route
from tipportal.envelope import HybridRecipient
from tipportal.envelope.bodies import NoticeBody, NoticeKind
from tipportal.envelope.epochs import Epoch
from tipportal.envelope.grants import seal_grant
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.payloads import ReclassifyPayload
from tipportal.envelope.reading import VerifiedRecord
from tipportal.envelope.records import Kind
from tipportal.usecases import approve, at_once, logbook, new_panels, scheduled
from tipportal.usecases.effects.effect import OfferedEpoch, OlderGrant, RawFacts
from tipportal.usecases.letting_in import NewMember

NAMES = ("Erik", "Maria", "Sara")
FACTS = RawFacts("", "unknown", ())


def test_where_too_few_receive_reports_a_panel_is_drawn_and_comes_in_with_the_act(story: Story) -> None:
    case = _tip(story)
    assert view_of(story, case, "h1").triaged.needs_panel
    write(story.handler, case, Kind.NOTE, "Vi tror att hen är anställd.", by="h1")
    drawn = _drawn(story, case)
    assert drawn == _drawn(story, case)
    assert [one.panel for one in drawn] == [True, True, False]
    before = _ids(case)
    proposal, made, signed = _propose_with_panel(story, case, drawn)
    told = notice(story, case, NoticeBody("Ditt tips är nu en rapport.", NoticeKind.RECLASSIFIED), by="h2")
    gen, _ = state_of(story, case, "h2")
    both = signed.signed_by("h2", signing_key(case.members["h2"]), case=case.reference, gen=gen)
    work, dialogue = records_of(story, case, made, both, "h2", after=told)
    decide(story, case, proposal, by="h2", records=(told, work, dialogue))

    now = stored(story.handler, case)
    assert (now.channel, now.epoch) == (Channel.REPORT, 1)
    with story.database.read() as uow:
        holders = {grant.holder for grant in uow.cases.grants(now.id) if grant.member.startswith("h")}
    assert holders == {one.candidate.account_id for one in drawn}
    assert not holders & before
    for name in ("h1", "h2"):
        with pytest.raises(NotFound):
            view_of(story, case, name)
    # Who came in reads all that has been, and begins the epoch that nobody else has keys of.
    first, second, standby = (one.member for one in drawn)
    _, readings = verified(view_of(story, case, first), case.members[first], now.source_recipient)
    for reading in readings.values():
        assert all(isinstance(record, VerifiedRecord) for record in reading.records)
    assert begin(story, case, next_epoch(story, case, by=first), by=first) == 2
    write(story.handler, case, Kind.NOTE, "Nu är det en rapport.", by=second)
    reply(story.public, case, "Ett svar.")
    # Who stands by reads nothing before they are needed, and then all of it.
    with pytest.raises(NotFound):
        view_of(story, case, standby)
    away = case.members[second].account
    story.clock.advance(DAY)
    at_once.note_absence(story.handler, away, away.id, story.handler.today())
    scheduled.tick(story.handler)
    _, readings = verified(view_of(story, case, standby), case.members[standby], now.source_recipient)
    for reading in readings.values():
        assert all(isinstance(record, VerifiedRecord) for record in reading.records)
    # Genesis does not name them: no client would take them onto the panel unsigned.
    with story.database.read() as uow:
        assert not any(seat.first_standby for seat in uow.separations.seats(now.id))
    assert not [finding for finding in logbook.verify(story.handler).findings if case.reference in finding.what]


def test_nobody_but_those_who_are_drawn_comes_in_and_with_all_that_was_written(story: Story) -> None:
    case = _tip(story)
    drawn = _drawn(story, case)
    with pytest.raises(IllegalTransition):
        _propose_with_panel(story, case, drawn[:1])
    with pytest.raises(Invalid):
        _propose_with_panel(story, case, [replace(drawn[0], member="h9"), *drawn[1:]])
    with pytest.raises(IllegalTransition):
        _propose_with_panel(story, case, [*drawn[:2], replace(drawn[2], panel=True)])
    with pytest.raises(GrantsMismatch):
        _propose_with_panel(story, case, drawn, older=False)
    assert stored(story.handler, case).channel is Channel.TIP


def _drawn(story: Story, case: PlayedCase) -> list[NewMember]:
    account = case.members["h1"].account
    return [
        *new_panels.draw_panel(story.handler, account, case.reference, area="", subject_role="unknown", concerns=())
    ]


def _propose_with_panel(
    story: Story, case: PlayedCase, drawn: Sequence[NewMember], *, older: bool = True
) -> tuple[Proposal, Made, Epoch]:
    """As a member's browser does: an epoch of who is there and who comes in, and the act that names them."""
    view = view_of(story, case, "h1")
    coming = view.standing.next_members
    assert coming is not None
    seats = [one.seat() for one in drawn]
    for one in drawn:
        member = story.municipality.by_recipient(one.candidate.recipient)
        cast("dict[str, Member]", case.members)[one.member] = member
    gen, state = state_of(story, case, "h1")
    made = make(story, case, state, [*coming, *seats])
    signed = made.body.signed_by("h1", signing_key(case.members["h1"]), case=case.reference, gen=gen)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Hen är anställd hos oss.", by="h1")
    panel = tuple(offered_member(seat.member, case.members[seat.member], seat).named() for seat in seats)
    payload = ReclassifyPayload(panel, reasons.digest.hex())
    seeds = {grant.epoch: open_sealed(grant.file, [identity(case.members["h1"])]) for grant in view.grants}
    past = tuple(
        OlderGrant(
            epoch,
            seal_grant(seed, HybridRecipient.from_bytes(one.candidate.recipient), random=story.handler.random),
            one.member,
        )
        for one in drawn
        for epoch, seed in seeds.items()
        if older
    )
    epoch = OfferedEpoch(
        epoch=made.recipients.epoch,
        work=made.recipients.work.raw,
        dialogue=made.recipients.dialogue.raw,
        signature=signed.signatures[0].signature,
        grants=made.grants,
        older=past,
    )
    base = offered_proposal(case.members["h1"], act_on(story.handler, case, payload), payload, reasons)
    offered = replace(base, epoch=epoch, facts=FACTS)
    return approve.propose(story.handler, case.members["h1"].account, case.reference, offered), made, signed


def _tip(story: Story) -> PlayedCase:
    """A tip that three people of three units have no seat in, who alone are designated to receive reports."""
    people = [story.municipality.named(name) for name in NAMES]
    ended = "UPDATE designations SET valid_to = :day WHERE account_id = :id"
    for one in people:
        story.change(ended, day="2026-11-01", id=one.account.id)
    case = story.tip()
    for one in people:
        story.change(ended, day=None, id=one.account.id)
    assert not {one.account.id for one in people} & _ids(case)
    now = stored(story.handler, case)
    with story.database.write() as uow:
        in_force = uow.register.policy(now.organisation_id)
        assert in_force is not None
        uow.register.add_function(Function("f-reports", now.organisation_id, "Rapportfunktionen"))
        for one in people:
            known = next(each for each in uow.register.designations() if each.account_id == one.account.id)
            uow.register.add_designation(replace(known, id=f"r-{one.account.id}", function_id="f-reports"))
        holders = tuple(one.account.id for one in people)
        function = PolicyFunction("f-reports", "Rapportfunktionen", now.authority_id, holders)
        uow.register.add_policy(
            replace(
                in_force.policy,
                functions=(*in_force.policy.functions, function),
                defaults={**in_force.policy.defaults, Channel.REPORT: Route(("f-reports",), "Rapporter för sig.")},
                ladder=(("f-reports",),),
            ),
            activated_at=story.clock(),
        )
    # Read anew, and listed: every client would refuse others.
    story.change(ended, day=None, id=people[0].account.id)
    publish(two(story))
    return case


def _ids(case: PlayedCase) -> set[str]:
    return {member.account.id for member in case.members.values()}
