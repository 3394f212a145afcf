"""Cases that staff enter: a panel drawn as for a source, clocks and log that follow what was stated."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.story import REPORT, Story
from tipportal.domain.accounts import Account
from tipportal.domain.cases import AckException, CaseState, SealedBy
from tipportal.domain.errors import Invalid, NotEntitled, NotFound
from tipportal.domain.intake import Code, Documented, Stated
from tipportal.domain.organisations import Channel
from tipportal.domain.triage import Origin
from tipportal.envelope.casecode import SourceKeys
from tipportal.usecases import dialogue, handle, intake, logbook, offers
from tipportal.usecases.handing_in import seal_on_arrival, sealed_submission
from tipportal.usecases.offers import Offer
from tipportal.usecases.submit import Submission


@pytest.fixture
def typist(story: Story) -> Account:
    return story.municipality.handlers()[0].account


def stated(story: Story, **changes: object) -> Stated:
    day = story.handler.today() - timedelta(days=3)
    made = Stated(
        origin=Origin.ORAL,
        received_on=day,
        acknowledged_on=day,
        ack_left_out=None,
        documented=Documented.MINUTES,
        code=Code.GIVEN,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the test names real fields


def slug_of(story: Story) -> str:
    return offers.organisations(story.handler)[0].slug


def offered(story: Story, typist: Account, channel: Channel = Channel.REPORT, concerns: tuple[str, ...] = ()) -> Offer:
    return intake.offer(
        story.handler, typist, slug_of(story), channel, area=REPORT["area"], subject_role="unknown", concerns=concerns
    )


def sealed(story: Story, offer: Offer, keys: SourceKeys) -> Submission:
    made = seal_on_arrival(story.handler, offer, {"what_happened": "Hon ringde."}, "sv", keys, ())
    return sealed_submission(offer, made, sealed_by=SealedBy.BROWSER, content_digest=b"c" * 32)


def pending(story: Story) -> list[dict[str, Any]]:
    return [json.loads(row["data"]) for row in story.contents()["pending_entries"]]


def test_what_staff_enter_is_a_case_of_its_source_with_its_true_dates(story: Story, typist: Account) -> None:
    keys, facts = story.source(), stated(story)
    submission = sealed(story, offered(story, typist), keys)
    receipt = intake.enter(story.handler, typist, submission, facts)
    again = intake.enter(story.handler, typist, submission, facts)

    assert again == replace(receipt, created=False)
    view = dialogue.open_by_token(story.public, keys.lookup_token)
    assert view.case.state is CaseState.ACKNOWLEDGED
    assert (view.case.received_on, view.case.acknowledged_on) == (facts.received_on, facts.acknowledged_on)
    assert view.intake is not None
    assert (view.intake.origin, view.intake.code, view.intake.entered_by) == (Origin.ORAL, Code.GIVEN, typist.id)
    # What is kept of the act itself bears the day on which it was done.
    assert {record.written_on for record in view.records} == {story.handler.today()}


def test_the_log_names_staff_for_the_source_and_nobody(story: Story, typist: Account) -> None:
    intake.enter(story.handler, typist, sealed(story, offered(story, typist), story.source()), stated(story))
    lines = {line["kind"]: line for line in pending(story)}
    assert {line["actor"] for line in lines.values()} == {"staff_for_source"}
    assert {line["time"] for line in lines.values()} == {story.handler.today().isoformat()}
    received = lines["case_received"]["facts"]
    assert (received["origin"], received["received_on"]) == ("oral", stated(story).received_on.isoformat())
    assert lines["case_acknowledged"]["facts"] == {"by": "staff", "on": stated(story).received_on.isoformat()}
    assert typist.id not in json.dumps(list(lines.values()))


def test_an_acknowledgement_that_is_left_out_says_why_and_counts_from_receipt(story: Story, typist: Account) -> None:
    facts = stated(story, acknowledged_on=None, ack_left_out=AckException.REVEALS)
    receipt = intake.enter(story.handler, typist, sealed(story, offered(story, typist), story.source()), facts)
    lines = {line["kind"]: line["facts"] for line in pending(story)}
    assert lines["acknowledgement_left_out"] == {"reason": "reveals"}
    assert "case_acknowledged" not in lines
    assert receipt.feedback_by.replace(day=1) > facts.received_on


def test_whoever_types_is_not_in_the_panel_by_that_and_cannot_open_it(story: Story) -> None:
    offer = offered(story, story.municipality.handlers()[0].account)
    panel = {member.recipient for member in offer.members}
    outside = next((one.account for one in story.municipality.handlers() if one.account.recipient not in panel), None)
    if outside is None:
        drawn = {member.recipient for member in offer.members if member.role == "panel"}
        outside = next(one.account for one in story.municipality.handlers() if one.account.recipient not in drawn)
    mine = offered(story, outside)
    receipt = intake.enter(story.handler, outside, sealed(story, mine, story.source()), stated(story))
    if outside.recipient not in {member.recipient for member in mine.members if member.role == "panel"}:
        with pytest.raises(NotFound):
            handle.open_case(story.handler, outside, receipt.reference)


def test_a_case_of_reprisals_begins_as_the_one_it_follows_and_is_linked_with_it(story: Story) -> None:
    first = story.report()
    member = first.members["h1"].account
    begins = intake.followed(story.handler, member, first.reference)
    assert (begins.slug, begins.channel, begins.origin) == (slug_of(story), Channel.REPORT, Origin.WRITTEN)

    submission = sealed(story, offered(story, member), story.source())
    receipt = intake.enter(story.handler, member, submission, stated(story), follows=first.reference)
    again = intake.enter(story.handler, member, submission, stated(story), follows=first.reference)
    assert again == replace(receipt, created=False)
    assert {row["kind"] for row in story.contents()["case_links"]} == {"related"}
    assert len(story.contents()["case_links"]) == 2
    (told,) = [line for line in pending(story) if line["kind"] == "cases_linked"]
    assert (told["actor"], told["time"]) == ("staff_for_source", story.handler.today().isoformat())
    with story.database.read() as uow:
        one = uow.cases.for_holder(first.reference, member.id, story.handler.today())
        assert one is not None
        linked = [other.reference for _, other in uow.links.standing(one.id, member.id, story.handler.today())]
        new = uow.cases.for_holder(receipt.reference, member.id, story.handler.today())
    # Shown to whoever may see both, and to nobody by having typed it.
    assert linked == ([] if new is None else [receipt.reference])
    assert logbook.verify(story.handler).findings == ()


def test_a_case_of_reprisals_follows_only_from_a_case_of_ones_own(story: Story) -> None:
    first = story.report()
    outsider = story.outsider(first).account
    with pytest.raises(NotFound):
        intake.followed(story.handler, outsider, first.reference)
    submission = sealed(story, offered(story, outsider), story.source())
    with pytest.raises(NotFound):
        intake.enter(story.handler, outsider, submission, stated(story), follows=first.reference)
    assert len(story.contents()["cases"]) == 1


def test_asking_again_the_same_day_gives_the_same_panel(story: Story, typist: Account) -> None:
    first, second = offered(story, typist), offered(story, typist)
    assert first.members == second.members
    assert first.reference != second.reference


def test_whoever_is_concerned_types_nothing_in(story: Story, typist: Account) -> None:
    concerns = (f"unit:{typist.unit_id}",)
    submission = sealed(story, offered(story, typist, concerns=concerns), story.source())
    with pytest.raises(NotEntitled):
        intake.enter(story.handler, typist, submission, stated(story))


def test_only_who_is_designated_enters_cases(story: Story, typist: Account) -> None:
    story.change("UPDATE designations SET valid_to = '2020-01-01', valid_from = '2019-01-01'")
    with pytest.raises(NotEntitled):
        intake.page(story.handler, typist, slug_of(story), Channel.TIP)


def test_what_cannot_be_is_refused_before_anything_is_kept(story: Story, typist: Account) -> None:
    submission = sealed(story, offered(story, typist), story.source())
    for wrong in (
        {"received_on": story.handler.today() + timedelta(days=1)},
        {"origin": Origin.OWN_CONTROL, "documented": None},
        {"documented": None},
    ):
        with pytest.raises(Invalid):
            intake.enter(story.handler, typist, submission, stated(story, **wrong))
    assert not story.contents()["cases"]


def test_own_control_is_a_case_without_a_reporter(story: Story, typist: Account) -> None:
    own = stated(
        story,
        origin=Origin.OWN_CONTROL,
        documented=None,
        acknowledged_on=None,
        ack_left_out=AckException.NO_REPORTER,
        code=Code.NOT_WANTED,
    )
    submission = sealed(story, offered(story, typist, Channel.TIP), story.source())
    intake.enter(story.handler, typist, submission, own)
    row = story.contents()["cases"][0]
    assert (row["ack_left_out"], row["acknowledged_on"]) == ("no_reporter", None)
    assert logbook.verify(story.handler).findings == ()
