"""Facts, links and alarms in the tables: versions follow one another, links are whole, alarms are found in pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.storage import samples
from tipportal.domain.alarms import Alarm, AlarmStep, Watch
from tipportal.domain.cases import CaseState
from tipportal.domain.errors import IllegalTransition, TriageChanged
from tipportal.domain.irregularities import IrregularityType
from tipportal.domain.links import Link, LinkKind
from tipportal.domain.organisations import Channel
from tipportal.domain.retention import Keeping, Kept
from tipportal.domain.selection import Selection
from tipportal.domain.triage import Facts, HeardHow, Named, Origin, Reason, RelationGroup, ReprisalConcern, Triage
from tipportal.storage import Database

ONE, TWO = samples.case(1), samples.case(2)
FACTS = Facts(
    origin=Origin.TIP,
    types=(IrregularityType.BRIBERY, IrregularityType.OTHER),
    areas=("hemtjanst", "upphandling"),
    relation=RelationGroup.OUTSIDE,
    named=Named.ANONYMOUS,
    reprisals=ReprisalConcern.UNKNOWN,
    heard_how=HeardHow.NEWS,
    reasons=(Reason.TOO_VAGUE,),
)
TRIAGE = Triage(ONE.id, "o1", 1, FACTS, "h1", samples.NOW)
LINKS = (
    Link("m1", "o1", ONE.id, TWO.id, LinkKind.DUPLICATE, samples.DAY),
    Link("m2", "o1", TWO.id, ONE.id, LinkKind.DUPLICATE, samples.DAY),
)


@pytest.fixture
def town_with_cases(town: Database) -> Database:
    with town.write() as uow:
        for case in (ONE, TWO):
            samples.submit(uow, case)
    return town


def test_the_newest_version_counts_and_each_follows_on_the_one_before(town_with_cases: Database) -> None:
    corrected = replace(TRIAGE, version=2, facts=replace(FACTS, areas=(), reasons=()), member="h2")
    with town_with_cases.write() as uow:
        assert uow.triages.of_case(ONE.id) is None
        uow.triages.keep(TRIAGE)
        assert uow.triages.of_case(ONE.id) == TRIAGE
        uow.triages.keep(corrected)
        assert uow.triages.of_case(ONE.id) == corrected
        # Whoever saw version 1, and whoever saw none, comes too late.
        for late in (replace(corrected, member="h3"), replace(TRIAGE, member="h3")):
            with pytest.raises(TriageChanged):
                uow.triages.keep(late)
        assert uow.triages.of_case(ONE.id) == corrected
        assert uow.triages.of_case(TWO.id) is None


def test_a_link_is_seen_from_both_cases_and_ends_in_both(town_with_cases: Database) -> None:
    with town_with_cases.write() as uow:
        uow.links.add(LINKS)
        with pytest.raises(IllegalTransition):
            uow.links.add([replace(LINKS[0], mark="m3"), replace(LINKS[1], mark="m4")])
        assert uow.links.standing(ONE.id, "anna", samples.DAY) == [(LINKS[0], TWO)]
        assert uow.links.standing(TWO.id, "bo", samples.DAY) == [(LINKS[1], ONE)]
        # Somebody without a key to the other case sees no link, not even that there is one.
        assert uow.links.standing(ONE.id, "nobody", samples.DAY) == []
        ended = uow.links.end(LINKS[1], samples.DAY)
        assert {link.mark for link in ended} == {"m1", "m2"}
        assert uow.links.standing(ONE.id, "anna", samples.DAY) == []
        with pytest.raises(IllegalTransition):
            uow.links.end(LINKS[0], samples.DAY)
        uow.links.add([replace(LINKS[0], mark="m3"), replace(LINKS[1], mark="m4")])


def test_only_own_cases_of_the_same_authority_can_be_linked(town_with_cases: Database) -> None:
    with town_with_cases.read() as uow:
        assert uow.links.linkable(ONE, "anna", samples.DAY, 10) == [TWO]
        assert uow.links.linkable(replace(ONE, authority_id="o2"), "anna", samples.DAY, 10) == []
        assert uow.links.linkable(ONE, "nobody", samples.DAY, 10) == []


def test_cases_that_await_are_found_in_pages_until_their_last_alarm(town_with_cases: Database) -> None:
    later = samples.DAY + timedelta(days=200)
    last = Alarm(Watch.FEEDBACK, AlarmStep.LADDER, date(2026, 6, 2))
    with town_with_cases.write() as uow:
        assert not uow.alarms.awaiting(samples.DAY, None, 10)
        first = uow.alarms.awaiting(later, None, 1)
        rest = uow.alarms.awaiting(later, (first[0].case.received_on, first[0].case.id), 10)
        assert [one.case for one in (*first, *rest)] == [ONE, TWO]
        uow.alarms.raise_all([(ONE, Alarm(Watch.FEEDBACK, AlarmStep.PANEL, date(2026, 6, 2))), (TWO, last)], later)
        (one,) = uow.alarms.awaiting(later, None, 10)
        assert one.case == ONE
        assert [alarm.step for alarm in one.raised] == [AlarmStep.PANEL]
        assert uow.alarms.of_cases([ONE.id, TWO.id])[TWO.id] == (last,)


def test_closed_cases_await_their_end_until_their_last_alarm_or_a_decision(town_with_cases: Database) -> None:
    day = samples.DAY
    last = Alarm(Watch.RETENTION, AlarmStep.PANEL, date(2028, 11, 1))
    with town_with_cases.write() as uow:
        one, two = (uow.cases.advance(case, state=CaseState.CLOSED, closed_on=day) for case in (ONE, TWO))
        assert not uow.alarms.awaiting_end(day - timedelta(days=1), None, 10)
        first = uow.alarms.awaiting_end(day, None, 1)
        rest = uow.alarms.awaiting_end(day, (day, first[0].case.id), 10)
        assert [each.case for each in (*first, *rest)] == [one, two]
        # Raised before this closing, and after it.
        uow.alarms.raise_all([(one, last)], day)
        uow.alarms.raise_all([(two, last)], day + timedelta(days=1))
        (left,) = uow.alarms.awaiting_end(day, None, 10)
        assert (left.case, left.raised) == (one, frozenset({last}))
        uow.proposals.add(samples.proposal(one))
        uow.retention.keep(Kept(one.id, one.organisation_id, Keeping.PRESERVE, "KS 1", day, "p1"))
        assert not uow.alarms.awaiting_end(day, None, 10)


def test_an_alarm_is_kept_once(town_with_cases: Database) -> None:
    alarm = Alarm(Watch.FEEDBACK, AlarmStep.PANEL, date(2026, 6, 2))
    with town_with_cases.write() as uow:
        uow.alarms.raise_all([], samples.DAY)
        uow.alarms.raise_all([(ONE, alarm)], samples.DAY)
    with pytest.raises(Exception, match=r"pk_alarms|UNIQUE|duplicate"), town_with_cases.write() as uow:
        uow.alarms.raise_all([(ONE, alarm)], samples.DAY)


def test_a_tip_that_becomes_a_report_begins_anew(town_with_cases: Database) -> None:
    with town_with_cases.write() as uow:
        given = uow.cases.advance(ONE, state=CaseState.FEEDBACK_GIVEN, feedback_on=samples.DAY)
        changed = uow.cases.reclassify(given)
        assert (changed.channel.value, changed.state, changed.feedback_on) == ("report", CaseState.ACKNOWLEDGED, None)
        assert changed.received_on == ONE.received_on
        assert uow.cases.by_lookup(ONE.lookup_digest) == changed
        (row,) = uow.cases.rows_for(
            "anna", after=None, limit=9, selection=Selection(channel=Channel.REPORT), now=samples.NOW
        )
        assert row.case == changed
