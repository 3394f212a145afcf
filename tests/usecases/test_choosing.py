"""The draw at work: what it depends on, what is kept of it, and who learns why."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.support import setting_up
from tests.support.playing import open_or_none
from tests.support.story import Story
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_playing import ask
from tipportal.cli.demo_trustees import appoint
from tipportal.domain.errors import NoPanel
from tipportal.domain.organisations import Absence, Channel, DeclaredConflict, Unit
from tipportal.envelope import HybridIdentity
from tipportal.envelope.canonical import canonical
from tipportal.usecases import handle, offers
from tipportal.usecases.boards import LaidOut


def test_asking_tells_nothing_of_cases_that_came_in_between(story: Story) -> None:
    concerns = [
        [],
        *([party.value] for party in offers.channel_page(story.public, "bjorkvik", Channel.TIP).parties[:2]),
    ]
    before = [ask(story.public, Channel.TIP, form_nonce="a", concerns=each).members for each in concerns]

    for _ in range(3):
        story.tip()
    story.report()

    assert [ask(story.public, Channel.TIP, form_nonce="a", concerns=each).members for each in concerns] == before


def test_the_decision_opens_for_the_members_and_is_what_the_log_committed_to(story: Story) -> None:
    case = story.tip()
    with story.database.read() as uow:
        row = uow.cases.for_holder(case.reference, case.members["h1"].account.id, story.handler.today())
        assert row is not None
        sealed = uow.cases.decision(row.id)
    assert sealed is not None
    view = handle.open_case(story.handler, case.members["h1"].account, case.reference)
    grant = next(grant for grant in view.grants if grant.holder == case.members["h1"].account.id)
    identity = case.members["h1"].identity
    assert identity is not None
    seed = open_or_none(grant.file, identity.identity)
    assert seed is not None

    opened = open_or_none(sealed, HybridIdentity(seed))

    assert opened is not None
    body = json.loads(opened.rstrip(b"\0"))
    assert [seat["member"] for seat in body["panel"] + body["standby"]] == [*case.members]
    assert [seat["person"] for seat in body["panel"]] == [case.members[h].account.id for h in ("h1", "h2")]
    assert (body["channel"], body["area"], body["rule"], body["firm_alone"]) == ("tip", "hemtjanst", None, False)
    entries = [json.loads(entry["data"]) for entry in story.contents()["log_entries"]]
    entries += [json.loads(entry["data"]) for entry in story.contents()["pending_entries"]]
    received = next(entry for entry in entries if entry["kind"] == "case_received")
    assert received["facts"]["decision"] == hashlib.sha256(canonical(body)).hexdigest()
    # Everybody's decision has one size unless there is a great deal to say.
    assert len(opened) == 4096


def test_a_panel_drawn_from_changes_that_were_rolled_back_is_never_drawn_again(story: Story) -> None:
    away = story.municipality.handlers()[0].account
    organisation = setting_up.organisation(story).id

    inside = _laid_out_and_taken_back(story, Absence("a", organisation, away.id, story.handler.today()))
    with story.database.write() as uow:
        uow.register.add_conflict(DeclaredConflict("c", organisation, away.id, "area:inkop", story.handler.today()))
    with story.database.read() as uow:
        after = story.public.boards.of(uow, organisation, story.public.today())
        again = story.public.boards.of(uow, organisation, story.public.today())

    assert away.id not in inside.board.handlers
    assert after is not None
    # The same number of changes as inside, and another register.
    assert after.register_version == inside.register_version
    assert away.id in after.board.handlers
    assert again is after


def test_a_directory_and_trustees_that_were_rolled_back_are_never_offered(story: Story) -> None:
    two, today = setting_up.two(story), story.public.today()
    organisation = setting_up.organisation(story).id
    before = ask(story.public, Channel.TIP)
    with suppress(_TakenBack), story.database.write() as uow:
        newest, those = uow.directory.snapshot(1), uow.trustees.current()
        assert newest is not None
        assert those is not None
        other = next(change_id for change_id, _ in uow.changes.approved() if change_id != newest.change_id)
        uow.directory.add_snapshot(
            replace(newest, version=2, previous=newest.digest, digest="ab" * 32, expires=today, change_id=other)
        )
        uow.trustees.add_set(replace(those, version=2, threshold=3, acknowledged_on=None))
        uow.trustees.acknowledge(2, today)
        inside = story.public.boards.of(uow, organisation, today)
        assert inside is not None
        assert inside.directory is not None
        assert (inside.directory.version, inside.directory.expires) == (2, today)
        raise _TakenBack
    assert ask(story.public, Channel.TIP).trustees == before.trustees
    # The same numbers once more, by two.
    appoint(two, setting_up.decided(story))
    publish(two)
    with story.database.read() as uow:
        after = story.public.boards.of(uow, organisation, today)
    assert after is not None
    assert after.directory is not None
    assert after.trustees is not None
    assert (after.directory.version, after.trustees.version, after.trustees.threshold) == (2, 2, 2)
    assert after.directory.expires > today
    offered = ask(story.public, Channel.TIP)
    assert offered.directory_version == before.directory_version + 1
    assert {one.recipient for one in offered.trustees}.isdisjoint(one.recipient for one in before.trustees)


def test_what_two_have_changed_is_in_the_next_offer(story: Story) -> None:
    first = _panel(story)
    member = next(each.account for each in story.municipality.handlers() if each.account.recipient in first)
    assert _panel(story) == first
    today = story.public.today().isoformat()
    away = {"do": "add_absence", "id": story.handler.new_id(), "person": member.id, "first": today, "last": None}
    setting_up.two(story).register([away])
    assert member.recipient not in _panel(story)


def _panel(story: Story) -> set[bytes]:
    return {
        member.recipient for member in ask(story.public, Channel.TIP, form_nonce="a").members if member.role == "panel"
    }


def test_a_declared_conflict_with_the_area_keeps_out_of_its_cases_alone(story: Story) -> None:
    handler = story.municipality.handlers()[0].account
    with story.database.write() as uow:
        declared = DeclaredConflict("c", handler.organisation_id, handler.id, "area:inkop", story.handler.today())
        uow.register.add_conflict(declared)
    with_it, without = ask(story.public, Channel.TIP, area="inkop"), ask(story.public, Channel.TIP, area="hemtjanst")
    assert handler.recipient not in {member.recipient for member in with_it.members}
    assert handler.recipient in {member.recipient for member in without.members}


def test_whoever_leads_the_concerned_unit_is_kept_out_with_it(story: Story) -> None:
    first, *_ = story.municipality.handlers()
    with story.database.write() as uow:
        unit = next(unit for unit in uow.register.units() if unit.name == "Ekonomienheten")
        uow.register.change_unit(replace(unit, head_id=first.account.id))
    offer = ask(story.public, Channel.TIP, concerns=[f"unit:{unit.id}"])
    assert first.account.recipient not in {member.recipient for member in offer.members}


def test_the_form_names_the_units_of_the_organisation_and_its_functions(story: Story) -> None:
    page = offers.channel_page(story.public, "bjorkvik", Channel.TIP)
    names = [party.name.partition(",")[0] for party in page.parties]
    assert {"Ekonomienheten", "Kommunkansliet", page.function_name} <= set(names)
    assert not {"Kansliet i Älvnäs", "Advokatbyrån Norra"} & set(names)
    functions = [party.value for party in page.parties if party.value.startswith("function:")]
    with pytest.raises(NoPanel, match="polisen"):
        ask(story.public, Channel.REPORT, concerns=functions)


@pytest.mark.parametrize(("below", "shown"), [(17, 18 + 2), (18, 1 + 2)])
def test_of_many_units_the_form_names_the_upper_ones(story: Story, below: int, shown: int) -> None:
    organisation = setting_up.organisation(story).id
    with story.database.write() as uow:
        uow.register.add_unit(Unit("top", organisation, "Förvaltningen", external=False))
        for number in range(below):
            uow.register.add_unit(Unit(f"below-{number}", organisation, "Enhet", external=False, parent_id="top"))
    page = offers.channel_page(story.public, "bjorkvik", Channel.TIP)
    assert len([party for party in page.parties if party.value.startswith("unit:")]) == shown
    assert "unit:top" in {party.value for party in page.parties}
    # Named by somebody who knows it all the same, it counts.
    ask(story.public, Channel.TIP, concerns=["unit:below-0"])


class _TakenBack(Exception):
    pass


def _laid_out_and_taken_back(story: Story, absence: Absence) -> LaidOut:
    laid_out = None
    with suppress(_TakenBack), story.database.write() as uow:
        uow.register.add_absence(absence)
        laid_out = story.public.boards.of(uow, absence.organisation_id, story.public.today())
        raise _TakenBack
    assert laid_out is not None
    return laid_out
