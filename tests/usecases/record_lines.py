"""Lines of the end of a case, its registration, and requests for release."""

from __future__ import annotations

from datetime import date

from tests.support.story import DAY
from tests.usecases.entry_lines import Act, World, line, reads
from tests.usecases.test_retention import close
from tipportal.cli.demo_playing import PlayedCase, stored
from tipportal.domain.disclosures import Answered, Asked
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.registration import is_feed_day
from tipportal.domain.retention import Purpose
from tipportal.usecases import disclosing, registration, retention


def _closed(world: World) -> PlayedCase:
    """A case closed more than two years ago. The clock stays: others' lines are of today."""
    case = world.story.tip()
    close(world.story, case)
    row = stored(world.story.handler, case)
    world.story.change(
        "UPDATE cases SET received_on = '2020-01-01', acknowledged_on = '2020-01-01', closed_on = '2020-02-01'"
        " WHERE id = :id",
        id=row.id,
    )
    return case


def _asked(world: World) -> tuple[PlayedCase, str]:
    case = _closed(world)
    account = case.members["h1"].account
    return case, retention.ask_opening(world.story.handler, account, case.reference, Purpose.EXPORT).id


@line("retention.lock_due", E.CASE_LOCKED)
def _lock(world: World) -> Act:
    _closed(world)
    return lambda: retention.lock_due(world.story.handler)


@line("retention.ask_opening", E.ARCHIVE_OPENING_ASKED)
def _ask(world: World) -> Act:
    case = _closed(world)
    account = case.members["h1"].account
    return lambda: retention.ask_opening(world.story.handler, account, case.reference, Purpose.RELEASE)


@line("retention.allow_opening", E.CASE_OPENED_FOR_ARCHIVE)
def _allow(world: World) -> Act:
    case, opening = _asked(world)
    account = case.members["h2"].account
    return lambda: retention.allow_opening(world.story.handler, account, case.reference, opening)


def _fed(world: World) -> tuple[PlayedCase, str]:
    """A case with its line, drawn up as if yesterday had been the day."""
    case = world.story.tip()
    row = stored(world.story.handler, case)
    world.story.change("INSERT INTO diary_days (fed_on, upto) VALUES ('2020-01-02', '2020-01-01')"
                       " ON CONFLICT DO NOTHING")  # fmt: skip
    number = f"TP-{case.reference}"
    world.story.change(
        "INSERT INTO diary_entries (number, case_number, organisation_id, authority_id, channel, document, direction,"
        " dated, fed_on, reference, seq) VALUES (:number, :number, :organisation, :organisation, 'tip', 'case', 'in',"
        " '2020-01-01', '2020-01-02', :reference, 0)",
        number=number,
        organisation=row.organisation_id,
        reference=case.reference,
    )
    return case, number


@line("registration.feed_due", E.REGISTERED)
def _feed(world: World) -> Act:
    case = world.story.tip()
    row = stored(world.story.handler, case)
    # Whether another line has let ``tick`` run before or not.
    world.story.change("DELETE FROM diary_entries")
    world.story.change("DELETE FROM diary_days")
    world.story.change("UPDATE records SET written_on = '2020-01-01' WHERE case_id = :id", id=row.id)
    world.story.change("DELETE FROM clock_watch")
    clock = world.story.clock

    def act() -> None:
        # Other lines may have left the clock at a weekend, and those after this one find it where it was.
        before = clock.now
        while not is_feed_day(world.story.handler.today()):
            clock.advance(DAY)
        registration.feed_due(world.story.handler)
        clock.now = before

    return act


@line("registration.set_registry_number", E.REGISTRY_NUMBER_SET)
def _set(world: World) -> Act:
    case, number = _fed(world)
    account = case.members["h1"].account
    return lambda: registration.set_registry_number(world.story.handler, account, case.reference, number, "KS 1")


@line("registration.take_registry_numbers", E.REGISTRY_NUMBER_SET)
def _take(world: World) -> Act:
    _, number = _fed(world)
    lines = ["number,registry_number\n", f"{number},KS 2\n"]
    return lambda: registration.take_registry_numbers(world.story.handler, lines)


@line("disclosing.receive", E.RELEASE_REQUESTED)
def _receive(world: World) -> Act:
    return lambda: disclosing.receive(world.story.handler, world.handler, Asked.OTHER)


@line("disclosing.decide", E.RELEASE_DECIDED)
def _decide(world: World) -> Act:
    request = disclosing.receive(world.story.handler, world.handler, Asked.OTHER)
    return lambda: disclosing.decide(
        world.story.handler, world.handler, request.id, Answered.GRANTED, frozenset()
    )  # fmt: skip


@line("disclosing.one_of_mine")
def _one(world: World) -> Act:
    request = disclosing.receive(world.story.handler, world.handler, Asked.OTHER)
    return lambda: disclosing.one_of_mine(world.story.handler, world.handler, request.id)


reads("retention.of_case", lambda world: retention.of_case(world.story.handler, world.handler, world.tip.reference))
reads("retention.due", lambda world: list(retention.due(world.story.handler)))
reads("retention.due_for", lambda world: retention.due_for(world.story.handler, world.handler))
reads("retention.disposed", lambda world: list(retention.disposed(world.story.handler)))
reads("registration.files", lambda world: list(registration.files(world.story.handler, date(2026, 1, 1))))
reads(
    "registration.of_case",
    lambda world: registration.of_case(world.story.handler, world.handler, world.tip.reference),
)
reads("disclosing.mine", lambda world: disclosing.mine(world.story.handler, world.handler))
reads("disclosing.authority_of", lambda world: disclosing.authority_of(world.story.handler, "0" * 32))
reads("disclosing.delegation_of", lambda world: disclosing.delegation_of(world.story.handler, "0" * 32))
