"""Facts in versions, links between own cases, alarms by tick, and a tip that becomes a report: each told by the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.members import begin, decide, next_epoch, notice, view_of
from tests.support.story import DAY, START, Story
from tests.usecases.triaged import RAW, sees
from tipportal.cli.demo_playing import PlayedCase, propose, reply, seal_text, stored, write
from tipportal.domain.approvals import Proposal
from tipportal.domain.cases import CaseState
from tipportal.domain.errors import IllegalTransition, Invalid, NotFound, TriageChanged
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.links import LinkKind
from tipportal.domain.organisations import Channel, Function
from tipportal.domain.policies.policy import PolicyFunction, Route
from tipportal.domain.separations import Ground
from tipportal.domain.triage import read_facts
from tipportal.envelope.bodies import NoticeBody, NoticeKind
from tipportal.envelope.payloads import ActKind, AssessPayload, ReasonsPayload
from tipportal.envelope.records import Kind
from tipportal.usecases import alarms, letting_in, links, logbook, separating, triage


def test_the_second_of_two_who_correct_at_once_is_told_and_both_stand_in_the_log(story: Story) -> None:
    case = story.tip()
    h1, h2 = (case.members[one].account for one in ("h1", "h2"))
    triage.triage_case(story.handler, h1, case.reference, 0, RAW)
    corrected = {**RAW, "types": ["welfare_crime"], "areas": []}
    assert triage.triage_case(story.handler, h2, case.reference, 1, corrected).version == 2
    with pytest.raises(TriageChanged):
        triage.triage_case(story.handler, h1, case.reference, 1, RAW)
    triage.triage_case(story.handler, h1, case.reference, 2, {**RAW, "areas": ["upphandling"]})

    shown = view_of(story, case, "h2").triaged
    assert shown.triage is not None
    assert (shown.triage.version, shown.triage.member, shown.triage.facts.areas) == (3, "h1", ("upphandling",))
    entries = list(_entries(story, case, EntryKind.CASE_TRIAGED))
    # Each is complete, and so bears being the newest.
    assert [facts["version"] for facts in entries] == [1, 2, 3]
    assert entries[1] == {"version": 2, **read_facts(corrected).as_json()}
    assert logbook.verify(story.handler).findings == ()


def test_facts_of_a_foreign_case_are_not_found_and_wrong_ones_not_kept(story: Story) -> None:
    case = story.tip()
    with pytest.raises(NotFound):
        triage.triage_case(story.handler, story.outsider(case).account, case.reference, 0, RAW)
    for wrong in ({**RAW, "origin": "report"}, {**RAW, "origin": "own_control"}, {**RAW, "types": []}):
        with pytest.raises(Invalid):
            triage.triage_case(story.handler, case.members["h1"].account, case.reference, 0, wrong)
    assert view_of(story, case, "h1").triaged.triage is None


def test_links_are_told_on_both_cases_under_names_that_do_not_lead_to_each_other(story: Story) -> None:
    one, two = story.tip(), story.tip()
    both = next(m for m in one.members.values() if sees(story, one, m.account.id) and sees(story, two, m.account.id))
    account = both.account
    assert [case.reference for case in links.linkable(story.handler, account, one.reference)] == [two.reference]
    made = links.link(story.handler, account, one.reference, two.reference, LinkKind.SAME_PROVIDER)

    (told,), (told_there,) = (list(_entries(story, case, EntryKind.CASES_LINKED)) for case in (one, two))
    assert told == {"link": made.mark, "kind": "same_provider"}
    assert told_there["link"] != told["link"]
    with story.database.read() as uow:
        standing = uow.links.standing(made.other_case_id, account.id, story.handler.today())
        assert [(link.mark, case.reference) for link, case in standing] == [(told_there["link"], one.reference)]
    with pytest.raises(IllegalTransition):
        links.link(story.handler, account, two.reference, one.reference, LinkKind.DUPLICATE)

    # From the other side; whoever does not see both meets the same nothing as for a link that never was.
    with pytest.raises(NotFound):
        links.unlink(story.handler, account, two.reference, made.mark)
    links.unlink(story.handler, account, two.reference, str(told_there["link"]))
    assert [len(list(_entries(story, case, EntryKind.CASES_UNLINKED))) for case in (one, two)] == [1, 1]
    assert logbook.verify(story.handler).findings == ()


def test_a_link_says_nothing_to_whoever_has_left_one_of_the_cases(story: Story) -> None:
    one, two = story.tip(), story.tip()
    both = next(m for m in one.members.values() if sees(story, one, m.account.id) and sees(story, two, m.account.id))
    links.link(story.handler, both.account, one.reference, two.reference, LinkKind.RELATED)
    separating.recuse(story.handler, both.account, two.reference, Ground.CONCERNED)

    member = next(name for name, known in one.members.items() if known.account.id == both.account.id)
    assert view_of(story, one, member).triaged.links == ()
    assert links.linkable(story.handler, both.account, one.reference) == ()
    for other in (two.reference, "AAA-AAA-AAA"):
        with pytest.raises(NotFound):
            links.link(story.handler, both.account, one.reference, other, LinkKind.RELATED)
    with pytest.raises(Invalid):
        links.link(story.handler, both.account, one.reference, one.reference, LinkKind.RELATED)


def test_alarms_are_raised_once_each_and_end_with_feedback(story: Story) -> None:
    case, quiet = story.report(), story.report()
    # Received and acknowledged on 23 November: feedback by Tuesday 23 February.
    assert alarms.raise_alarms(story.handler) == 0
    steps = []
    for day in (77, 78, 78, 87, 92, 93):
        story.clock.now = START + day * DAY
        steps.append(alarms.raise_alarms(story.handler))
        if steps == [0, 2]:
            _give_feedback(story, quiet)
    assert steps == [0, 2, 0, 1, 2, 0]
    raised = list(_entries(story, case, EntryKind.ALARM_RAISED))
    assert [facts["step"] for facts in raised] == ["panel_early", "panel", "standby", "ladder"][: len(raised)]
    assert {facts["due"] for facts in raised} == {"2027-02-23"}
    assert [facts["step"] for facts in _entries(story, quiet, EntryKind.ALARM_RAISED)] == ["panel_early"]


def test_a_tip_whose_members_all_receive_reports_becomes_one_and_is_assessed(story: Story) -> None:
    case = story.tip()
    received, seated = stored(story.handler, case).received_on, view_of(story, case, "h2").members[0]
    story.clock.advance(3 * DAY)
    _reclassify(story, case)

    now = stored(story.handler, case)
    assert (now.channel, now.state, now.covered, now.epoch) == (Channel.REPORT, CaseState.ACKNOWLEDGED, None, 0)
    assert (now.received_on, now.acknowledged_on) == (received, received)
    assert view_of(story, case, "h2").members[0] == seated
    triage.triage_case(story.handler, case.members["h1"].account, case.reference, 0, RAW)
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Allmänintresse.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    decide(story, case, propose(story.handler, case, payload, reasons), by="h2")
    assert stored(story.handler, case).covered is True
    with pytest.raises(IllegalTransition, match="blir aldrig ett tips"):
        _propose(story, case)
    assert logbook.verify(story.handler).findings == ()


def test_who_does_not_receive_reports_loses_every_key_and_the_next_epoch_is_without_them(story: Story) -> None:
    case = story.tip()
    staying = _only_some_receive_reports(story, case)
    _reclassify(story, case)

    now = stored(story.handler, case)
    assert now.channel is Channel.REPORT
    with story.database.read() as uow:
        assert {grant.holder for grant in uow.cases.grants(now.id)} & _ids(case) == staying
    for name, member in case.members.items():
        if member.account.id in staying:
            assert view_of(story, case, name).standing.needs_epoch
        else:
            with pytest.raises(NotFound):
                view_of(story, case, name)
    (first, *_) = sorted(name for name, member in case.members.items() if member.account.id in staying)
    # None of those who left can be let in again: they do not receive reports.
    chosen = letting_in.candidates(story.handler, case.members[first].account, case.reference)
    assert not {one.person.account_id for one in chosen.people} & (_ids(case) - staying)
    assert begin(story, case, next_epoch(story, case, by=first), by=first) == 1
    write(story.handler, case, Kind.NOTE, "Nu är det en rapport.", by=first)
    reply(story.public, case, "Ett svar.")
    # The register was changed behind the log's back here; of the case it finds nothing.
    assert not [finding for finding in logbook.verify(story.handler).findings if case.reference in finding.what]


def test_where_too_few_receive_reports_others_come_in_with_the_act_or_the_tip_stays_one(story: Story) -> None:
    case = story.tip()
    _only_some_receive_reports(story, case, how_many=1)
    shown = view_of(story, case, "h1").triaged
    assert (shown.not_reclassified, shown.needs_panel) == (None, True)
    with pytest.raises(IllegalTransition, match="Hämta ärendet igen"):
        _propose(story, case)
    assert stored(story.handler, case).channel is Channel.TIP


def _propose(story: Story, case: PlayedCase) -> Proposal:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Hen är anställd hos oss.", by="h1")
    return propose(story.handler, case, ReasonsPayload(ActKind.RECLASSIFY, reasons.digest.hex()), reasons)


def _reclassify(story: Story, case: PlayedCase) -> None:
    proposal = _propose(story, case)
    told = notice(story, case, NoticeBody("Ditt tips är nu en rapport.", NoticeKind.RECLASSIFIED), by="h2")
    decide(story, case, proposal, by="h2", records=(told,))


def _only_some_receive_reports(story: Story, case: PlayedCase, how_many: int = 2) -> set[str]:
    """Reports go to a function of their own from now on: its members, of the case's own, from two units."""
    now = stored(story.handler, case)
    with story.database.write() as uow:
        seats = uow.separations.seats(now.id)
        first = seats[0]
        second = next(seat for seat in seats if not seat.panel and seat.unit_id != first.unit_id)
        in_force = uow.register.policy(now.organisation_id)
        assert in_force is not None
        policy = in_force.policy
        uow.register.add_function(Function("f-reports", now.organisation_id, "Rapportfunktionen"))
        chosen = [first, second][:how_many]
        for seat in chosen:
            known = uow.register.designations(seat.function_id)
            mine = next(one for one in known if one.account_id == seat.holder)
            uow.register.add_designation(replace(mine, id=f"r-{seat.member}", function_id="f-reports"))
        function = PolicyFunction("f-reports", "Rapportfunktionen", now.authority_id, tuple(s.holder for s in chosen))
        uow.register.add_policy(
            replace(
                policy,
                functions=(*policy.functions, function),
                defaults={**policy.defaults, Channel.REPORT: Route(("f-reports",), "Rapporter för sig.")},
                ladder=(("f-reports",),),
            ),
            story.clock(),
        )
    return {seat.holder for seat in chosen}


def _ids(case: PlayedCase) -> set[str]:
    return {member.account.id for member in case.members.values()}


def _give_feedback(story: Story, case: PlayedCase) -> None:
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Allmänintresse.", by="h1")
    payload = AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex())
    decide(story, case, propose(story.handler, case, payload, reasons), by="h2")
    write(story.handler, case, Kind.FEEDBACK, "Vi har kontrollerat fakturorna.", by="h1")


def _entries(story: Story, case: PlayedCase, kind: EntryKind) -> Iterator[dict[str, object]]:
    with story.database.read() as uow:
        bodies = [json.loads(data) for data in uow.log.entries_of_case(case.reference)]
    return (body["facts"] for body in bodies if body["kind"] == kind)
