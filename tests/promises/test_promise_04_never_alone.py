"""Promise 4: two designated people of two units, or more, read each case, and nobody known to be concerned."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.support.playing import new_form, send
from tests.support.story import TIP, Story
from tipportal.cli.demo_playing import ask, seal_case
from tipportal.domain.cases import GrantKind
from tipportal.domain.errors import NoPanel, NotFound
from tipportal.domain.organisations import Channel
from tipportal.envelope import EnvelopeError
from tipportal.envelope.opening import open_sealed
from tipportal.usecases import desk, firstscreen, handle, offers, submit


def test_whoever_is_concerned_two_others_of_two_units_receive_or_nobody(story: Story) -> None:
    # Whatever the form offers: whose unit it is only decides what is easy to name.
    parties = [f"unit:{member.account.unit_id}" for member in story.municipality.handlers()]
    assert len(parties) == 5
    turned_away = 0
    for size in range(len(parties) + 1):
        for concerns in combinations(parties, size):
            try:
                offer = ask(story.public, Channel.REPORT, concerns=concerns)
            except NoPanel:
                turned_away += 1
                assert size >= 4
                continue
            panel = [member for member in offer.members if member.role == "panel"]
            assert len({member.recipient for member in panel}) >= 2
            assert len({member.unit for member in panel}) >= 2
            assert {f"unit:{member.unit}" for member in offer.members}.isdisjoint(concerns)

    assert turned_away == 5 + 1
    offered = [party.value for party in offers.channel_page(story.public, "bjorkvik", Channel.REPORT).parties]
    with pytest.raises(NoPanel):
        ask(story.public, Channel.REPORT, concerns=[value for value in offered if value.startswith("function:")])


def test_own_handler_is_joined_by_a_neighbour_and_the_external_lawyer_is_asked_last(story: Story) -> None:
    parties = {party.name: party.value for party in offers.channel_page(story.public, "bjorkvik", Channel.TIP).parties}
    for number in range(8):
        offer = ask(story.public, Channel.TIP, form_nonce=str(number))
        titles = [story.municipality.by_recipient(member.recipient).person.title for member in offer.members]
        assert {titles[0]} <= {"kommunjurist", "controller"}
        assert "grannkommunen" in titles[1]
        assert titles[-1] == "advokat, externt ombud"
    own = [value for name, value in parties.items() if "Björkvik" in name]
    offer = ask(story.public, Channel.TIP, concerns=own)
    titles = [story.municipality.by_recipient(member.recipient).person.title for member in offer.members[:2]]
    assert all("grannkommunen" in title for title in titles)


def test_only_holders_of_a_grant_can_open_and_standbys_are_given_none(story: Story) -> None:
    case = story.report()
    contents = story.contents()["grants"]
    files = {row["member"]: row["file"] for row in contents}

    for pseudonym, member in case.members.items():
        assert member.identity is not None
        for holder, file in files.items():
            if holder == pseudonym:
                assert len(open_sealed(file, [member.identity.identity])) == 32
                continue
            with pytest.raises(EnvelopeError):
                open_sealed(file, [member.identity.identity])
    withheld = {row["member"] for row in contents if row["kind"] is GrantKind.STANDBY}
    assert withheld == {"h3", "h4", "h5"}
    assert {row["released"] for row in contents if row["member"] in withheld} == {False}
    with story.database.read() as uow:
        assert all(not uow.cases.grants_of(contents[0]["case_id"], case.members[who].account.id) for who in withheld)


def test_excluded_handler_learns_nothing_of_the_case(story: Story) -> None:
    parties = {party.name: party.value for party in offers.channel_page(story.public, "bjorkvik", Channel.TIP).parties}
    concerned = next(value for name, value in parties.items() if "Ekonomienheten" in name)
    johan = next(member for member in story.municipality.handlers() if member.person.title == "controller")
    before = firstscreen.first_screen(story.handler, johan.account)
    offer = ask(story.public, Channel.TIP, concerns=[concerned])
    submit.submit_case(story.public, seal_case(story.public, offer, story.source(), TIP))
    form = new_form(story)
    send(story, form, concerns=(concerned,))

    assert johan.account.recipient not in {member.recipient for member in offer.members}
    assert firstscreen.first_screen(story.handler, johan.account) == before
    assert handle.my_cases(story.handler, johan.account).rows == ()
    assert handle.titles(story.handler, johan.account, [offer.reference]) == ()
    assert desk.approvals(story.handler, johan.account) == ()
    refusals = set()
    for reference in (offer.reference, "AAA-AAA-AAA"):
        for ask_for in (desk.case_frame, desk.case_log, handle.open_case, handle.is_mine):
            with pytest.raises(NotFound) as refused:
                ask_for(story.handler, johan.account, reference)
            refusals.add((refused.value.reason, refused.value.code))
    assert len(refusals) == 1
