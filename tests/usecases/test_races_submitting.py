"""Changes of who may receive, against submissions drawn before them: nobody receives what they may not any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.playing import new_form, send
from tests.support.races import Meanwhile, Witness, at_once, codes, in_turn
from tests.support.setting_up import decided, two
from tests.support.story import TIP, Story
from tipportal.cli.demo_playing import ask, seal_case
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import PanelChanged, Refusal
from tipportal.domain.handlinglog import Json
from tipportal.domain.organisations import Channel
from tipportal.usecases import at_once as by_one
from tipportal.usecases import changes, logbook
from tipportal.usecases.submit import Receipt, Submission, submit_case

Deed = Callable[[], object]
PERSON = "Johan"


@pytest.mark.parametrize("what", ["policy", "designation", "suspension", "conflict"])
def test_each_case_has_the_panel_of_what_was_in_force_when_it_was_kept(story: Story, what: str) -> None:
    change = _ready(story, what)
    early = _sealed(story)
    senders = [[_sealed(story) for _ in range(3)] for _ in range(2)]
    late = _sealed(story)
    before, witness = _register(story), Witness(story)
    submit_case(story.public, early)

    _, *results = at_once(change, *(in_turn(*(_sending(story, one) for one in sender)) for sender in senders))

    with pytest.raises(PanelChanged):
        submit_case(story.public, late)
    ends: list[Receipt | Refusal] = [end for sender in results if isinstance(sender, list) for end in sender]
    assert len(ends) == 6
    assert set(codes(ends)) <= {"done", "panel_changed"}
    # Whoever was refused asks once more, seals once more, and is received.
    for end in ends:
        if isinstance(end, Refusal):
            submit_case(story.public, _sealed(story))
    kept = witness.of("case")
    assert len(kept) == 7
    assert {row.register for row in kept} >= {before}
    for row in kept:
        _is_allowed(story, row.case_id, row.policy, what, changed=row.register > before)
    assert logbook.verify(story.handler).findings == ()


@pytest.mark.parametrize("what", ["policy", "designation", "suspension"])
def test_what_was_decided_ahead_of_a_change_is_decided_again(story: Story, what: str) -> None:
    # A first one, so that everything is laid out: the next is then decided before its turn to be kept.
    submit_case(story.public, _sealed(story))
    sealed = _sealed(story)
    change = _ready(story, what)
    meanwhile = Meanwhile(story.public.random, change)

    with pytest.raises(PanelChanged):
        submit_case(replace(story.public, random=meanwhile), sealed)

    assert len(story.contents()["cases"]) == 1


def test_a_form_without_javascript_is_sealed_again_for_those_who_are_left(story: Story) -> None:
    form = new_form(story)
    send(story, form, "En annan först.")
    form = new_form(story)
    meanwhile = Meanwhile(story.public.random, _ready(story, "suspension"))

    confirmation = send(replace(story, public=replace(story.public, random=meanwhile)), form)

    grants = story.contents()["grants"]
    case = next(row for row in story.contents()["cases"] if row["reference"] == confirmation.receipt.reference)
    assert _person(story) not in {grant["holder"] for grant in grants if grant["case_id"] == case["id"]}
    assert len(story.contents()["cases"]) == 2


def _ready(story: Story, what: str) -> Deed:
    """A change that only waits for its last word, with all proofs found."""
    administrators, ctx = two(story), story.handler
    if what == "suspension":
        return lambda: by_one.suspend(ctx, administrators.proposer.account, _person(story))
    if what == "conflict":
        person = next(each for each in story.municipality.handlers() if each.account.id == _person(story))
        return lambda: by_one.declare_conflict(ctx, person.account, "area:hemtjanst")
    if what == "policy":
        newest = max(story.contents()["policies"], key=lambda row: row["version"])
        text = newest["document"].replace("Det här gäller", "Numera gäller", 1)
        payload: dict[str, Json] = {"policy": text, "register": None, "decision": decided(story)}
        kind = ChangeKind.POLICY
    else:
        mine = [row for row in story.contents()["designations"] if row["account_id"] == _person(story)]
        operations: list[Json] = [{"do": "end_designation", "id": row["id"], "valid_to": "2026-11-22"} for row in mine]
        payload = {"operations": operations, "decision": decided(story)}
        kind = ChangeKind.REGISTER
    change_id, act = administrators.propose(kind, payload)
    changes.overview(ctx, administrators.approver.account)
    return lambda: administrators.approve(change_id, act)


def _is_allowed(story: Story, case_id: str, policy: int, what: str, *, changed: bool) -> None:
    contents = story.contents()
    case = next(row for row in contents["cases"] if row["id"] == case_id)
    seats = [row for row in contents["grants"] if row["case_id"] == case_id and row["kind"] in {"panel", "standby"}]
    panel = [row for row in seats if row["kind"] == "panel"]
    assert case["policy_version"] == policy
    assert len({row["holder"] for row in panel}) == 2 == len({row["unit_id"] for row in panel})
    # Everybody is drawn, as long as they may be.
    assert (_person(story) in {row["holder"] for row in seats}) == (what == "policy" or not changed)


def _sealed(story: Story) -> Submission:
    return seal_case(story.public, ask(story.public, Channel.TIP, area="hemtjanst"), story.source(), TIP)


def _sending(story: Story, sealed: Submission) -> Callable[[], Receipt]:
    return lambda: submit_case(story.public, sealed)


def _person(story: Story) -> str:
    return story.municipality.named(PERSON).account.id


def _register(story: Story) -> int:
    with story.database.read() as uow:
        return uow.register.version()
