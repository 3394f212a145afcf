"""Promise 4: each invariant is held by code. Take its rule away, and what checks the invariant says so.

Without these tests nobody would know whether the checks of the state machine see anything.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.support.machine.world import World
from tests.support.setting_up import organisation, person_operation, two
from tests.support.story import DAY, Story
from tipportal.cli.demo_playing import propose, seal_text
from tipportal.domain import separations as rules
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.duties import DutyKind
from tipportal.domain.errors import BadSignature, NotEntitled
from tipportal.domain.independence.choosing import Chooser
from tipportal.domain.organisations import Channel, Unit
from tipportal.domain.releases import ReleaseReason
from tipportal.domain.separations import Ground
from tipportal.envelope.payloads import AssessPayload
from tipportal.envelope.records import Kind
from tipportal.storage.cases import Cases
from tipportal.storage.mapping import values_of
from tipportal.storage.rows import separations
from tipportal.storage.separations import Separations
from tipportal.usecases import approve, changes, duties, releasing, separating

Broken = pytest.MonkeyPatch


def test_1_a_panel_of_one_is_seen(story: Story, monkeypatch: Broken) -> None:
    world = World(story)
    case = story.report()
    # Whoever leaves no longer closes the epoch: those who are left go on by themselves.
    monkeypatch.setattr(Cases, "close_epoch", lambda *_: None)

    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.OTHER)

    with pytest.raises(AssertionError, match="a panel of fewer than two"):
        world.judge()


def test_2_a_concerned_handler_with_a_key_is_seen(story: Story, monkeypatch: Broken) -> None:
    world = World(story)
    concerned = f"function:{story.municipality.counsel.id}"
    world.submit(Channel.REPORT, "fakturahantering", "unknown", (concerned,))
    world.judge()
    # A draw that looks at nobody who is concerned.
    monkeypatch.setattr(Chooser, "eligible", lambda self, facts: (pool := self.pool(facts, None), pool.people))

    world.submit(Channel.REPORT, "fakturahantering", "unknown", (concerned,))

    with pytest.raises(AssertionError, match="somebody excluded holds"):
        world.judge()


def test_2_keys_that_somebody_keeps_after_leaving_are_seen(story: Story, monkeypatch: Broken) -> None:
    world = World(story)
    case = story.report()

    def keep_all(self: Separations, separation: rules.Separation) -> None:
        self._connection.execute(sa.insert(separations), values_of(separation))

    monkeypatch.setattr(Separations, "separate", keep_all)

    separating.recuse(story.handler, case.members["h2"].account, case.reference, Ground.OTHER)

    with pytest.raises(AssertionError, match="somebody excluded holds"):
        world.judge()


def test_3_an_act_with_one_true_signature_is_seen(story: Story, monkeypatch: Broken) -> None:
    world = World(story)
    case = story.report()
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Skäl.", by="h1")
    proposal = propose(
        story.handler,
        case,
        AssessPayload(covered=True, ground="public_interest", reasons=reasons.digest.hex()),
        reasons,
    )
    world.judge()
    with pytest.raises(BadSignature):
        approve.approve(story.handler, case.members["h2"].account, proposal.id, proposal.proposer_signature)
    monkeypatch.setattr(approve, "_verify", lambda *_: None)

    approve.approve(story.handler, case.members["h2"].account, proposal.id, proposal.proposer_signature)

    with pytest.raises(AssertionError, match=r"underskrift|signature"):
        world.judge()


def test_4_a_review_that_is_due_too_late_is_seen(story: Story, monkeypatch: Broken) -> None:
    world = World(story)
    case = story.report()
    duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.ACUTE_DANGER)
    world.judge()
    monkeypatch.setattr("tipportal.domain.duties.REVIEW_WORKING_DAYS", 4)

    duties.do_at_once(story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_SARAH)

    with pytest.raises(AssertionError, match="later than in two working days"):
        world.judge()


def test_5_two_with_the_same_nearest_manager_are_seen(story: Story, monkeypatch: Broken) -> None:
    both = two(story)
    unit = Unit(story.handler.new_id(), organisation(story).id, "Kansliet", external=False)
    chief = story.handler.new_id()
    both.register([
        {"do": "add_unit", "id": unit.id, "organisation": unit.organisation_id, "name": unit.name, "external": False,
         "parent": None, "head": None},
        person_operation(chief, unit, "Chefen"),
        *[person_operation(one.account.id, unit, one.account.name) for one in (both.proposer, both.approver)],
        {"do": "change_unit", "id": unit.id, "head": chief},
    ])  # fmt: skip
    world = World(story)
    payload = world.register({"do": "change_unit", "id": unit.id, "name": "Staben"})
    with pytest.raises(NotEntitled):
        both.make(ChangeKind.REGISTER, payload)
    monkeypatch.setattr(changes, "check_together", lambda *_: None)

    both.make(ChangeKind.REGISTER, payload)

    with pytest.raises(AssertionError, match="same nearest manager"):
        world.judge()


@pytest.mark.parametrize(
    ("breaks", "days", "said"),
    [
        (
            lambda broken: broken.setattr(releasing, "release_reason", lambda *_: ReleaseReason.IDLE),
            1,
            "which was not so",
        ),
        (lambda broken: broken.setattr(releasing, "clock_doubted", lambda *_: False), 9, "while the clock is doubted"),
    ],
    ids=["reason", "clock"],
)
def test_6_a_release_without_its_condition_is_seen(
    story: Story, monkeypatch: Broken, breaks: Callable[[Broken], None], days: int, said: str
) -> None:
    world = World(story)
    story.report()
    world.tick()
    world.judge()
    breaks(monkeypatch)
    story.clock.advance(days * DAY)
    world.tick()
    with pytest.raises(AssertionError, match=said):
        world.judge()
