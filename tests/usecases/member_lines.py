"""The lines of a case's members: who leaves, who steps in, who is let in, and the keys that follow."""

from __future__ import annotations

from tests.support.members import agree_adding, decide, next_epoch, notice, propose_adding, propose_excluding, seat_for
from tests.support.story import DAY
from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.cli.demo_playing import propose, seal_text
from tipportal.cli.demo_staffing import Member
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.separations import Ground
from tipportal.envelope.bodies import NoticeBody, NoticeKind
from tipportal.envelope.payloads import EndExclusionPayload
from tipportal.envelope.records import SOURCE, Kind
from tipportal.usecases import epochs, letting_in, releasing, scheduled, separating

PARTS = {"source_epochs.make_epoch"}
"""Parts of use cases: they open no transaction."""


@line("separating.recuse", E.DUTY_DONE, E.RECUSED, E.STANDBY_RELEASED)
def _recuse(world: World) -> Act:
    case = world.story.report()
    account = case.members["h2"].account
    return lambda: separating.recuse(world.story.handler, account, case.reference, Ground.OTHER)


@line("epochs.begin_epoch_as_source", E.EPOCH_BEGUN)
def _begin_as_source(world: World) -> Act:
    case = world.story.report()
    separating.recuse(world.story.handler, case.members["h2"].account, case.reference, Ground.OTHER)
    new = next_epoch(world.story, case, author=SOURCE)
    return lambda: epochs.begin_epoch_as_source(world.story.public, case.keys.lookup_token, new)


@line("approve.approve keeping a colleague out", E.APPROVED, E.MEMBER_EXCLUDED, E.STANDBY_RELEASED)
def _exclude(world: World) -> Act:
    case = world.story.report()
    proposal = propose_excluding(world.story, case, "h2")
    return lambda: decide(world.story, case, proposal, by="h3")


@line("approve.approve letting somebody in", E.OPENED, E.APPROVED, E.MEMBER_ADDED, E.EPOCH_BEGUN)
def _let_in(world: World) -> Act:
    case, new, seat = seat_for(world.story)
    proposal, made, signed = propose_adding(world.story, case, new, seat)
    return lambda: agree_adding(world.story, case, proposal, made, signed)


@line("approve.approve ending an exclusion", E.APPROVED, E.EXCLUSION_ENDING, E.MESSAGE_SENT)
def _end_exclusion(world: World) -> Act:
    case = world.story.report()
    reasons = seal_text(world.story.handler, case, Kind.ASSESSMENT, "Inte berörd.", by="h1")
    proposal = propose(world.story.handler, case, EndExclusionPayload("a" * 64, reasons.digest.hex()), reasons)
    told = notice(world.story, case, NoticeBody("En utestängning upphör.", NoticeKind.EXCLUSION_ENDS), by="h2")
    return lambda: decide(world.story, case, proposal, by="h2", records=[told])


@line("releasing.release_due", E.STANDBY_RELEASED)
def _release(world: World) -> Act:
    story = world.story
    # So that only one case calls for a standby: in all others everybody has stepped in by then.
    for member in story.municipality.handlers():
        _away(world, member)
    story.clock.advance(DAY)
    while scheduled.tick(story.handler).standbys_released:
        pass
    story.change("DELETE FROM absences")
    _away(world, story.report().members["h2"])
    story.clock.advance(DAY)
    return lambda: releasing.release_due(story.handler)


def _away(world: World, member: Member) -> None:
    world.story.change(
        "INSERT INTO absences (id, organisation_id, person_id, first, last)"
        " VALUES (:id, :organisation, :id, '2026-11-01', NULL)",
        id=member.account.id,
        organisation=member.account.organisation_id,
    )


reads(
    "letting_in.candidates",
    lambda world: letting_in.candidates(world.story.handler, world.handler, world.tip.reference),
)
reads("separating.deciding", lambda world: separating.deciding(world.story.handler, world.handler))
